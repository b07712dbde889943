// SPDX-License-Identifier: GPL-2.0-or-later
/* What has to be there before an operation of the truth table is tried. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>

#include "worker/cell.h"
#include "worker/uffd.h"

enum { HEAP_PAGES = 16, STACK_STEP = 16 * 1024 };

static int map_at(const struct cell *c, char *at, size_t pages, int rights,
		  int flags)
{
	size_t bytes = pages * c->w->page_bytes;

	return mmap(at, bytes, rights, MAP_ANONYMOUS | MAP_FIXED | flags, -1,
		    0) == MAP_FAILED
		       ? errno
		       : 0;
}

static int make_empty(struct cell *c)
{
	(void)c;
	return 0;
}

static int make_area(struct cell *c)
{
	return map_at(c, c->area, AREA_PAGES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE);
}

static int make_touched(struct cell *c)
{
	int error = make_area(c);

	if (!error)
		memset(c->area, 1, AREA_PAGES * c->w->page_bytes);
	return error;
}

static int make_pair(struct cell *c)
{
	int error = make_area(c);

	return error ? error
		     : map_at(c, c->area + AREA_PAGES * c->w->page_bytes,
			      AREA_PAGES, PROT_READ, MAP_PRIVATE);
}

static int make_shared(struct cell *c)
{
	return map_at(c, c->area, AREA_PAGES, PROT_READ | PROT_WRITE,
		      MAP_SHARED);
}

/* Shared, so that it merges with nothing where it is moved to. */
static int make_blocked(struct cell *c)
{
	int error = make_shared(c);

	return error ? error
		     : map_at(c, c->area + AREA_PAGES * c->w->page_bytes, 1,
			      PROT_NONE, MAP_PRIVATE);
}

static int make_locked(struct cell *c)
{
	int error = make_area(c);

	if (error)
		return error;
	return mlock(c->area, AREA_PAGES * c->w->page_bytes) ? errno : 0;
}

/* Where the machine has no keys -1 stands for none: a mere mprotect(). */
static int make_key(struct cell *c)
{
	c->key = (int)syscall(SYS_pkey_alloc, 0, 0);
	return make_area(c);
}

static void undo_key(struct cell *c)
{
	if (c->key >= 0)
		syscall(SYS_pkey_free, c->key);
}

/* Half of a window is as large, and as aligned, as a huge page. */
static int make_huge(struct cell *c)
{
	size_t pages = c->window_bytes / 2 / c->w->page_bytes;
	int error;

	c->area = c->window + c->window_bytes / 2;
	error = map_at(c, c->area, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	if (!error)
		*(volatile char *)c->area = 1;
	return error;
}

/* Faults of the kernel may only be caught by the privileged since 5.11. */
static int make_uffd(struct cell *c)
{
	struct uffd_api api = { .api = UFFD_VERSION };

	c->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (c->fd < 0)
		c->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (c->fd < 0 || ioctl(c->fd, UFFD_IOC_API, &api))
		return errno;
	return make_area(c);
}

static void undo_fd(struct cell *c)
{
	if (c->fd >= 0)
		close(c->fd);
}

static int make_heap(struct cell *c)
{
	size_t more = HEAP_PAGES * c->w->page_bytes;

	c->heap = vmp_pointer((uint64_t)syscall(SYS_brk, 0));
	return syscall(SYS_brk, c->heap + more) == (long)(c->heap + more)
		       ? 0
		       : ENOMEM;
}

static void undo_heap(struct cell *c)
{
	syscall(SYS_brk, c->heap);
}

/*
 * Some way below the stack's mapping, as far as it has come: it never shrinks,
 * and a worker has but so many cells of this row in it. Arguments and
 * environment above take a quarter of what it may be, at most.
 */
static int make_stack(struct cell *c)
{
	size_t page = c->w->page_bytes;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	char *at = vmp_pointer(here & ~(uint64_t)(page - 1));
	struct rlimit most;

	while (vmp_is_mapped(at, page))
		at -= page;
	c->at = at - STACK_STEP;
	if (getrlimit(RLIMIT_STACK, &most))
		return errno;
	c->worn_out = here - (uintptr_t)c->at >= most.rlim_cur / 4 * 3;
	return c->worn_out ? ENOMEM : 0;
}

/*
 * Attached and removed at once it is gone when this process is, whatever ends
 * it. Linux attaches it again by its number as long as it is attached.
 */
static int attach_segment(struct cell *c, char *at)
{
	int error = 0;

	c->segment = shmget(IPC_PRIVATE, c->length, IPC_CREAT | 0600);
	if (c->segment < 0)
		return errno;
	if (shmat(c->segment, at, 0) == (void *)-1)
		error = errno;
	shmctl(c->segment, IPC_RMID, NULL);
	return error;
}

/* Elsewhere in the window: where the call attaches it there is nothing. */
static int make_segment(struct cell *c)
{
	return attach_segment(c, c->target);
}

static int make_attached(struct cell *c)
{
	return attach_segment(c, c->area);
}

/*
 * Where the kernel would put so much: the upper end of that gap is taken by a
 * page of a file, and with a file nothing merges that is none.
 */
static int make_apart(struct cell *c)
{
	size_t page = c->w->page_bytes;
	char *at = mmap(NULL, c->length, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, c->length);
	at = mmap(at + c->length - page, page, PROT_NONE,
		  MAP_PRIVATE | MAP_FIXED_NOREPLACE, VMP_WORKER_FILE,
		  (off_t)(16 * page));
	if (at == MAP_FAILED)
		return errno;
	c->apart = at;
	return 0;
}

static void undo_apart(struct cell *c)
{
	if (c->apart)
		munmap(c->apart, c->w->page_bytes);
}

static int make_thread(struct cell *c)
{
	int error = make_apart(c);

	return error ? error : vmp_thread_start(c, c->length);
}

static void undo_thread(struct cell *c)
{
	if (c->thread_runs) {
		sem_post(&c->thread_may_end);
		pthread_join(c->thread, NULL);
	}
	undo_apart(c);
}

/* libc places them, so that the first ones may lie in small gaps. */
static int make_blocks(struct cell *c)
{
	size_t apart;

	for (int i = 0; i < MOST_BLOCKS; i++) {
		c->block[i] = malloc(c->length);
		if (!c->block[i])
			return errno;
		if (i < 2)
			continue;
		apart = (size_t)(c->block[i - 2] - c->block[i - 1]);
		c->at = c->block[i - 1];
		if (apart == (size_t)(c->block[i - 1] - c->block[i]) &&
		    apart < c->length + 4 * c->w->page_bytes)
			return 0;
	}
	return EADDRNOTAVAIL;
}

static void undo_blocks(struct cell *c)
{
	for (int i = 0; i < MOST_BLOCKS; i++)
		free(c->block[i]);
}

static const struct {
	cell_call *make;
	cell_undo *undo; /* NULL: all lies in the window */
} scenes[SCENES] = {
	[SCENE_EMPTY] = { make_empty, NULL },
	[SCENE_AREA] = { make_area, NULL },
	[SCENE_TOUCHED] = { make_touched, NULL },
	[SCENE_PAIR] = { make_pair, NULL },
	[SCENE_SHARED] = { make_shared, NULL },
	[SCENE_BLOCKED] = { make_blocked, NULL },
	[SCENE_LOCKED] = { make_locked, NULL },
	[SCENE_KEY] = { make_key, undo_key },
	[SCENE_HUGE] = { make_huge, NULL },
	[SCENE_UFFD] = { make_uffd, undo_fd },
	[SCENE_HEAP] = { make_heap, undo_heap },
	[SCENE_STACK] = { make_stack, NULL },
	[SCENE_SEGMENT] = { make_segment, NULL },
	[SCENE_ATTACHED] = { make_attached, NULL },
	[SCENE_APART] = { make_apart, undo_apart },
	[SCENE_THREAD] = { make_thread, undo_thread },
	[SCENE_BLOCKS] = { make_blocks, undo_blocks },
};

int vmp_scene_make(struct cell *c)
{
	return scenes[c->row->scene].make(c);
}

void vmp_scene_undo(struct cell *c)
{
	if (scenes[c->row->scene].undo)
		scenes[c->row->scene].undo(c);
}
