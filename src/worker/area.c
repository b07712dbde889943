// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs that work in an area: addresses that the scenario chooses. */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "lib/newer.h"
#include "worker/worker.h"

static void merge_pages(const struct worker *w, uint64_t start, uint64_t end,
			int rights)
{
	uint64_t mask = ~(uint64_t)(w->page_bytes - 1);

	/* one that is refused leaves a mapping more, and nothing else */
	if ((start & mask) < end)
		(void)mprotect(vmp_pointer(start & mask), end - (start & mask),
			       rights);
}

/*
 * The segments of a program or library, in as few mappings as they can be: its
 * constants and its code are neighbours in the file too, and differ in rights
 * alone; so do the data that are read-only once they are relocated (RELRO) and
 * the rest.
 */
static int merge_segments(struct dl_phdr_info *object, size_t size, void *data)
{
	const struct worker *w = data;
	uint64_t mask = ~(uint64_t)(w->page_bytes - 1);

	(void)size;
	/* the vdso is no file: there is nothing to merge it with */
	if (object->dlpi_addr == getauxval(AT_SYSINFO_EHDR))
		return 0;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		uint64_t start = object->dlpi_addr + p->p_vaddr;
		uint64_t end = start + p->p_memsz;

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W))
			merge_pages(w, start, end, PROT_READ | PROT_EXEC);
		else if (p->p_type == PT_GNU_RELRO)
			merge_pages(w, start, end & mask,
				    PROT_READ | PROT_WRITE);
	}
	return 0;
}

/*
 * A recorded program had mappings that the scenario does not need. This one
 * has some too, and gives away those that it can do without, so that as much
 * headroom is left as the program had.
 */
int call_area(struct worker *w, const struct vmp_step_order *s,
	      struct target *t)
{
	dl_iterate_phdr(merge_segments, w);
	t->address = s->base;
	*t->region = (struct vmp_region){ s->base, t->length };
	return 0;
}

/* As far as the last call of the step maps it. */
static uint64_t file_length(const struct vmp_step_order *s, uint64_t length)
{
	int64_t first = s->key[VMP_KEY_file_offset];
	int64_t last =
		first + (int64_t)(s->calls - 1) * s->key[VMP_KEY_file_stride];

	return (uint64_t)(first > last ? first : last) + length;
}

int call_place(struct worker *w, const struct vmp_step_order *s,
	       struct target *t)
{
	int64_t offset = s->key[VMP_KEY_file_offset] +
			 (int64_t)t->index * s->key[VMP_KEY_file_stride];
	int flags = vmp_map_flags(s), fd = -1, error = 0;
	void *at;

	flags |= s->key[VMP_KEY_replace] ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	if (!(flags & MAP_ANONYMOUS)) {
		if (!t->index)
			error = vmp_open_file(w, file_length(s, t->length));
		/* what lies behind the end of the file is mapped as well */
		if (error && w->file < 0)
			return error;
		fd = w->file;
	}
	at = mmap(vmp_pointer(t->address), t->length, (int)s->key[VMP_KEY_prot],
		  flags, fd, fd < 0 ? 0 : (off_t)offset);
	return at == MAP_FAILED ? errno : 0;
}

static int move_onto(const struct vmp_step_order *s, const struct target *t,
		     int flags)
{
	uint64_t size = (uint64_t)s->key[VMP_KEY_size];
	void *at = mremap(vmp_pointer(t->address), t->length, size,
			  MREMAP_MAYMOVE | flags, vmp_pointer(t->onto));

	return at == MAP_FAILED ? errno : 0;
}

int call_relocate(struct worker *w, const struct vmp_step_order *s,
		  struct target *t)
{
	(void)w;
	/* without FIXED the new address is a wish, which is granted if free */
	return move_onto(
		s, t, s->key[VMP_KEY_keep] ? MREMAP_DONTUNMAP : MREMAP_FIXED);
}

/* MREMAP_FIXED demands so many more than a move by the kernel's choice. */
enum { LENT = 2 };

/*
 * A move whose target the kernel chose, made to the same target. From 5.1 to
 * 7.0 MREMAP_FIXED wants two mappings more to be free than such a move does
 * (commit ea2c3f6f5545): two pages of fill are taken away while it runs.
 */
int vmp_resize_onto(struct worker *w, const struct vmp_step_order *s,
		    const struct target *t)
{
	int error = move_onto(s, t, MREMAP_FIXED);

	if (error != ENOMEM || w->ballast < LENT)
		return error;
	for (uint64_t i = 1; i <= LENT; i++)
		munmap(vmp_ballast_place(w, w->ballast - i), w->page_bytes);
	error = move_onto(s, t, MREMAP_FIXED);
	for (uint64_t i = 1; i <= LENT; i++)
		vmp_ballast_map(w, w->ballast - i);
	return error;
}

/*
 * What has been mapped in an area is not known here, and a page without the
 * right to be written would end this process; the kernel answers EFAULT where
 * it cannot write, and such a page is passed over.
 */
int vmp_touch_area(const struct worker *w, const struct target *t)
{
	for (uint64_t i = 0; i < t->length; i += w->page_bytes)
		(void)syscall(SYS_getcpu, vmp_pointer(t->address + i), NULL,
			      NULL);
	return 0;
}

int call_seal(struct worker *w, const struct vmp_step_order *s,
	      struct target *t)
{
	(void)w, (void)s;
	return syscall(SYS_mseal, vmp_pointer(t->address), t->length, 0) ? errno
									 : 0;
}
