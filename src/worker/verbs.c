// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs: each function makes one memory call and says how it ended. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/newer.h"
#include "worker/worker.h"

static int made(struct target *t, void *address, uint64_t length)
{
	if (address == MAP_FAILED || !address)
		return errno;
	t->address = (uint64_t)(uintptr_t)address;
	*t->region = (struct vmp_region){ t->address, length };
	return 0;
}

static void gone(struct target *t)
{
	if (t->whole)
		t->region->address = 0;
}

/* Every second page, so that none merges with another (FIXED: none moves). */
char *vmp_ballast_place(const struct worker *w, uint64_t i)
{
	return (char *)vmp_pointer(w->ballast_base) + 2 * i * w->page_bytes;
}

int vmp_ballast_map(const struct worker *w, uint64_t i)
{
	return mmap(vmp_ballast_place(w, i), w->page_bytes, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			    MAP_FIXED_NOREPLACE,
		    -1, 0) == MAP_FAILED
		       ? errno
		       : 0;
}

int call_fill(struct worker *w, const struct vmp_step_order *s,
	      struct target *t)
{
	char *place;
	int error;

	t->length = w->page_bytes;
	if (s->key[VMP_KEY_count] < 0) {
		place = vmp_ballast_place(w, --w->ballast);
		t->address = (uint64_t)(uintptr_t)place;
		return munmap(place, w->page_bytes) ? errno : 0;
	}
	w->ballast_base = s->base;
	place = vmp_ballast_place(w, w->ballast);
	t->address = (uint64_t)(uintptr_t)place;
	error = vmp_ballast_map(w, w->ballast);
	w->ballast += !error;
	return error;
}

#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1U
#endif

/* A file without a name, as long as it needs to be to be mapped. */
int vmp_open_file(struct worker *w, uint64_t bytes)
{
	struct stat file;

	if (w->file < 0)
		w->file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (w->file < 0)
		w->file = (int)syscall(SYS_memfd_create, "vmaprobe-file",
				       MFD_CLOEXEC);
	if (w->file < 0 || fstat(w->file, &file))
		return errno;
	/* never shorter: that would take pages from earlier mappings */
	if ((uint64_t)file.st_size >= bytes)
		return 0;
	return ftruncate(w->file, (off_t)bytes) ? errno : 0;
}

int vmp_map_flags(const struct vmp_step_order *s)
{
	static const int flags[] = {
		MAP_PRIVATE | MAP_ANONYMOUS, /* anon */
		MAP_SHARED | MAP_ANONYMOUS,  /* shared */
		MAP_SHARED,		     /* file */
		MAP_PRIVATE,		     /* private-file */
	};
	int more = 0;

	if (s->key[VMP_KEY_noreserve])
		more |= MAP_NORESERVE;
	if (s->key[VMP_KEY_stack])
		more |= MAP_STACK;
	if (s->key[VMP_KEY_locked])
		more |= MAP_LOCKED;
	return flags[s->key[VMP_KEY_backing]] | more;
}

int call_map(struct worker *w, const struct vmp_step_order *s, struct target *t)
{
	uint64_t offset = (uint64_t)s->key[VMP_KEY_file_offset];
	int flags = vmp_map_flags(s), fd = -1, error;

	if (!(flags & MAP_ANONYMOUS)) {
		error = t->index ? 0 : vmp_open_file(w, offset + t->length);
		if (error)
			return error;
		fd = w->file;
	}
	return made(t,
		    mmap(NULL, t->length, (int)s->key[VMP_KEY_prot], flags, fd,
			 (off_t)offset),
		    t->length);
}

int call_unmap(struct worker *w, const struct vmp_step_order *s,
	       struct target *t)
{
	(void)w, (void)s;
	if (munmap(vmp_pointer(t->address), t->length))
		return errno;
	gone(t);
	return 0;
}

int call_protect(struct worker *w, const struct vmp_step_order *s,
		 struct target *t)
{
	(void)w;
	return mprotect(vmp_pointer(t->address), t->length,
			(int)s->key[VMP_KEY_prot])
		       ? errno
		       : 0;
}

int call_advise(struct worker *w, const struct vmp_step_order *s,
		struct target *t)
{
	(void)w;
	return madvise(vmp_pointer(t->address), t->length,
		       (int)s->key[VMP_KEY_advice])
		       ? errno
		       : 0;
}

int call_lock(struct worker *w, const struct vmp_step_order *s,
	      struct target *t)
{
	(void)w, (void)s;
	return mlock(vmp_pointer(t->address), t->length) ? errno : 0;
}

int call_unlock(struct worker *w, const struct vmp_step_order *s,
		struct target *t)
{
	(void)w, (void)s;
	return munlock(vmp_pointer(t->address), t->length) ? errno : 0;
}

int call_move(struct worker *w, const struct vmp_step_order *s,
	      struct target *t)
{
	void *at = mremap(vmp_pointer(t->address), t->length, t->length,
			  MREMAP_MAYMOVE | MREMAP_FIXED,
			  vmp_pointer(t->to->address));

	(void)w, (void)s;
	if (at == MAP_FAILED)
		return errno;
	t->to->address = 0;
	if (t->whole)
		t->region->address = (uint64_t)(uintptr_t)at;
	return 0;
}

int call_resize(struct worker *w, const struct vmp_step_order *s,
		struct target *t)
{
	uint64_t size = (uint64_t)s->key[VMP_KEY_size];
	int flags = s->key[VMP_KEY_stay] ? 0 : MREMAP_MAYMOVE;
	void *at;

	if (s->has_onto)
		return vmp_resize_onto(w, s, t);
	at = mremap(vmp_pointer(t->address), t->length, size, flags);
	if (at == MAP_FAILED)
		return errno;
	return s->in_area ? 0 : made(t, at, size);
}

int call_touch(struct worker *w, const struct vmp_step_order *s,
	       struct target *t)
{
	volatile char *p = vmp_pointer(t->address);

	if (s->in_area)
		return vmp_touch_area(w, t);
	for (uint64_t i = 0; i < t->length; i += w->page_bytes)
		p[i] = 1;
	return 0;
}

/* musl's sbrk() grows nothing, so there the system call is made. */
int call_brk(struct worker *w, const struct vmp_step_order *s, struct target *t)
{
	intptr_t size = (intptr_t)s->key[VMP_KEY_size];
#ifdef __GLIBC__
	void *before = sbrk(size);

	(void)w;
	t->address = before == (void *)-1 ? (uint64_t)(uintptr_t)sbrk(0)
					  : (uint64_t)(uintptr_t)before;
	return before == (void *)-1 ? errno : 0;
#else
	long before = syscall(SYS_brk, 0);

	(void)w;
	t->address = (uint64_t)before;
	return syscall(SYS_brk, before + size) == before + size ? 0 : ENOMEM;
#endif
}

int call_malloc(struct worker *w, const struct vmp_step_order *s,
		struct target *t)
{
	uint64_t size = (uint64_t)s->key[VMP_KEY_size];

	(void)w;
	return made(t, malloc(size), size);
}

#ifdef HAVE_MALLINFO2
struct vmp_claims vmp_read_claims(void)
{
	struct mallinfo2 m = mallinfo2();

	return (struct vmp_claims){ true, m.hblks, m.hblkhd };
}
#else
struct vmp_claims vmp_read_claims(void)
{
	return (struct vmp_claims){ 0 };
}
#endif

static bool is_mapped(uint64_t page, size_t page_bytes)
{
	unsigned char resident;

	return !mincore(vmp_pointer(page), page_bytes, &resident) ||
	       errno != ENOMEM;
}

/*
 * A block whose memory is still mapped was kept for the next malloc(), or
 * leaked. glibc lowers its count of mmapped blocks before it calls munmap()
 * and does not look at the result (malloc/malloc.c, munmap_chunk): a lower
 * count with the memory still there is the leak.
 */
int call_free(struct worker *w, const struct vmp_step_order *s,
	      struct target *t)
{
	uint64_t page = t->address & ~(uint64_t)(w->page_bytes - 1);
	struct vmp_claims before = w->claims;

	(void)s;
	free(vmp_pointer(t->address));
	t->region->address = 0;
	w->claims = vmp_read_claims();
	if (!is_mapped(page, w->page_bytes))
		return 0;
	if (w->claims.blocks >= before.blocks) {
		w->progress->kept++;
		return 0;
	}
	t->address = page;
	t->length = before.bytes - w->claims.bytes;
	return VMP_ERROR_LEAK;
}

static void *wait_forever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

int call_thread(struct worker *w, const struct vmp_step_order *s,
		struct target *t)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	(void)w, (void)t;
	pthread_attr_init(&attributes);
	error = pthread_attr_setstacksize(&attributes,
					  (size_t)s->key[VMP_KEY_size]);
	if (!error)
		error = pthread_create(&thread, &attributes, wait_forever,
				       NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

int call_fork(struct worker *w, const struct vmp_step_order *s,
	      struct target *t)
{
	pid_t child = fork();

	(void)w, (void)s, (void)t;
	if (child < 0)
		return errno;
	if (child == 0)
		_exit(0);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}
