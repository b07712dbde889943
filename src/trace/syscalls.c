// SPDX-License-Identifier: GPL-2.0-or-later
/* What the arguments of memory calls ask for: the rows of syscalls.def. */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "lib/internal.h"
#include "lib/newer.h"
#include "trace/syscalls.h"

#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#define MAP_HUGE_MASK 0x3f
#endif

/* Headers may be older than these calls; all machines number them alike. */
#ifndef __NR_clone3
#define __NR_clone3 435
#endif
#ifndef __NR_set_mempolicy_home_node
#define __NR_set_mempolicy_home_node 450
#endif
#ifndef __NR_mseal
#define __NR_mseal 462
#endif

uint64_t vmp_page_align(uint64_t bytes)
{
	uint64_t below = (uint64_t)sysconf(_SC_PAGESIZE) - 1;

	return (bytes > UINT64_MAX - below ? bytes : bytes + below) & ~below;
}

static void figure_none(const uint64_t *a, struct vmp_failed_call *f)
{
	(void)a, (void)f;
}

static void figure_range(const uint64_t *a, struct vmp_failed_call *f)
{
	f->address = a[0];
	f->length = vmp_page_align(a[1]);
}

/* Huge pages: reserved at once, and never charged to the commit limit. */
static void figure_huge(uint64_t flags, struct vmp_failed_call *f)
{
	unsigned int shift = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	f->accountable = false;
	f->huge_pages = flags & MAP_ANON && !(flags & MAP_NORESERVE);
	f->pool.page_bytes = shift ? UINT64_C(1) << shift : 0;
}

static void figure_mmap(const uint64_t *a, struct vmp_failed_call *f)
{
	uint64_t flags = a[3];
	bool is_private = (flags & MAP_TYPE) == MAP_PRIVATE;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		f->address = a[0];
		f->length = vmp_page_align(a[1]);
	}
	f->more_bytes = vmp_page_align(a[1]);
	f->writable = is_private && (a[2] & PROT_WRITE);
	f->accountable = (f->writable || (!is_private && flags & MAP_ANON)) &&
			 !(flags & MAP_NORESERVE);
	/* rounded up it wraps around: none at all to the kernel */
	if (a[1] > vmp_page_align(a[1]))
		f->more_bytes = UINT64_MAX;
	if (flags & MAP_HUGETLB)
		figure_huge(flags, f);
}

static void figure_mremap(const uint64_t *a, struct vmp_failed_call *f)
{
	uint64_t before = vmp_page_align(a[1]), after = vmp_page_align(a[2]);

	if (a[3] & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		f->call = VMP_CALL_MOVE;
	f->address = a[0];
	f->length = before;
	f->in_place = !(a[3] & (MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	if (after > before)
		f->more_bytes = after - before;
	if (a[3] & MREMAP_DONTUNMAP)
		f->more_bytes = after;
	if (f->call == VMP_CALL_MOVE || after >= before)
		return;
	/* what a shrink unmaps is the tail */
	f->address += after;
	f->length -= after;
}

static void figure_protect(const uint64_t *a, struct vmp_failed_call *f)
{
	figure_range(a, f);
	f->writable = a[2] & PROT_WRITE;
}

/* From where the heap ended and, as the call failed, still ends. */
static void figure_brk(const uint64_t *a, struct vmp_failed_call *f)
{
	uint64_t end = vmp_page_align(f->address),
		 wanted = vmp_page_align(a[0]);

	f->address = end < wanted ? end : wanted;
	f->length = end < wanted ? wanted - end : end - wanted;
	f->more_bytes = end < wanted ? f->length : 0;
	f->writable = true;
	f->accountable = true;
}

static void figure_shmat(const uint64_t *a, struct vmp_failed_call *f)
{
	struct shmid_ds segment;

	if (!shmctl((int)a[0], IPC_STAT, &segment))
		f->more_bytes = vmp_page_align(segment.shm_segsz);
	if (!(a[2] & SHM_REMAP))
		return;
	f->address = a[1];
	f->length = f->more_bytes;
}

static void figure_userfault(const uint64_t *a, struct vmp_failed_call *f)
{
	f->address = a[3];
	f->length = vmp_page_align(a[4]);
}

static void figure_name(const uint64_t *a, struct vmp_failed_call *f)
{
	f->address = a[2];
	f->length = vmp_page_align(a[3]);
}

#define ARG(text, type) { #text, VMP_ARGUMENT_##type },
#define ONLY(argument, value) \
	.filtered = true, .only_argument = (argument), .only_value = (value),
#define READS(argument, from, words, to)                    \
	.read_argument = (argument), .read_offset = (from), \
	.read_words = (words), .read_to = (to),
#define SYSCALL(text, what, fill, filter, reads, ...) \
	{ .name = #text,                              \
	  .number = __NR_##text,                      \
	  .call = VMP_CALL_##what,                    \
	  .figure = figure_##fill,                    \
	  filter reads.arguments = { __VA_ARGS__ } },

const struct vmp_syscall vmp_syscalls[] = {
#include "trace/syscalls.def"
};

const size_t vmp_syscall_count = VMP_COUNT(vmp_syscalls);

const struct vmp_syscall *vmp_syscall_find(long number,
					   const uint64_t *arguments)
{
	const struct vmp_syscall *row = vmp_syscalls;
	const struct vmp_syscall *end = row + vmp_syscall_count;

	while (row < end && row->number != number)
		row++;
	if (row == end)
		return NULL;
	if (row->filtered &&
	    (uint32_t)arguments[row->only_argument] != row->only_value)
		return NULL;
	return row;
}

int vmp_syscall_error(const struct vmp_syscall *row, const uint64_t *arguments,
		      int64_t result)
{
	if (row->call == VMP_CALL_BREAK)
		return arguments[0] && (uint64_t)result != arguments[0] ? ENOMEM
									: 0;
	return result < 0 && result >= -4095 ? (int)-result : 0;
}

bool vmp_syscall_is_shortage(const struct vmp_syscall *row, int error)
{
	if (error == ENOMEM)
		return true;
	/* madvise since 5.17; locked memory; threads */
	return error == EAGAIN && row->call != VMP_CALL_UNMAP;
}

uint64_t vmp_syscall_release(const struct vmp_syscall *row,
			     const uint64_t *arguments)
{
	uint64_t before, after;

	if (row->number == __NR_munmap)
		return vmp_page_align(arguments[1]);
	if (row->number != __NR_mremap)
		return 0;
	before = vmp_page_align(arguments[1]);
	after = vmp_page_align(arguments[2]);
	return before > after ? before - after : 0;
}

void vmp_syscall_figures(const struct vmp_syscall *row,
			 const uint64_t *arguments, int64_t result,
			 struct vmp_failed_call *figures)
{
	memset(figures, 0, sizeof(*figures));
	figures->call = row->call;
	figures->name = row->name;
	figures->error = vmp_syscall_error(row, arguments, result);
	if (row->call == VMP_CALL_BREAK)
		figures->address = (uint64_t)result;
	row->figure(arguments, figures);
}

static bool is_huge(const struct vmp_syscall *row, const uint64_t *arguments)
{
	return row->number == __NR_mmap && arguments[3] & MAP_HUGETLB;
}

void vmp_syscall_refine(const struct vmp_syscall *row,
			const uint64_t *arguments, struct vmp_failed_call *f)
{
	const struct vmp_mapping *m = &f->survey.first;

	/* mlockall() means all that there is */
	if (row->number == __NR_mlockall && arguments[0] & MCL_CURRENT)
		f->length = f->process.size_bytes;
	if (!f->address && !f->survey.touched)
		f->survey.covered = true;
	if (f->limits.overcommit_memory == 2 && f->writable &&
	    !is_huge(row, arguments))
		f->accountable = true;
	if (row->number == __NR_mprotect || row->number == __NR_pkey_mprotect) {
		/* a mapping that was writable is charged already */
		f->writable &= f->survey.touched && !m->shared && !m->writable;
		f->accountable = f->writable;
		f->more_bytes = f->writable ? f->length : 0;
	} else if (row->number == __NR_mremap && f->survey.touched) {
		f->writable = m->writable && !m->shared;
		f->accountable = f->writable;
	}
}
