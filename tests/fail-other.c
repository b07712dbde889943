// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls that fail for want of something else than mappings. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"

#ifndef __NR_mseal
#define __NR_mseal 462
#endif

enum { MIB = 1 << 20 };
static const size_t gib = (size_t)1 << 30;

static int map(size_t length, int prot, int flags)
{
	return fail_errno((long)mmap(NULL, length, prot,
				     MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
				     0));
}

static int grow(size_t length)
{
	char *area = fail_area(PROT_READ | PROT_WRITE);

	return fail_errno((long)mremap(area, FAIL_AREA * fail_page, length,
				       MREMAP_MAYMOVE));
}

static int grow_heap(intptr_t length)
{
	char *end = sbrk(0);

	return fail_errno(brk(end + length));
}

static int run_as_mmap(void)
{
	fail_rlimit(RLIMIT_AS, gib);
	return map(2 * gib, PROT_NONE, 0);
}

static int run_as_brk(void)
{
	fail_rlimit(RLIMIT_AS, gib);
	return grow_heap((intptr_t)(2 * gib));
}

static int run_as_mremap(void)
{
	fail_rlimit(RLIMIT_AS, gib);
	return grow(2 * gib);
}

static int run_data_mmap(void)
{
	fail_rlimit(RLIMIT_DATA, 64 * MIB);
	return map(128 * MIB, PROT_READ | PROT_WRITE, 0);
}

static int run_data_brk(void)
{
	fail_rlimit(RLIMIT_DATA, 64 * MIB);
	return grow_heap(128 * MIB);
}

static int run_data_mprotect(void)
{
	char *area = mmap(NULL, 128 * MIB, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	fail_rlimit(RLIMIT_DATA, 64 * MIB);
	return fail_errno(mprotect(area, 128 * MIB, PROT_READ | PROT_WRITE));
}

static int run_memlock_mlock(void)
{
	char *area = fail_area(PROT_READ);

	fail_rlimit(RLIMIT_MEMLOCK, 16 * fail_page);
	fail_drop();
	return fail_errno(mlock(area, FAIL_AREA * fail_page));
}

static int run_memlock_mlockall(void)
{
	fail_rlimit(RLIMIT_MEMLOCK, 16 * fail_page);
	fail_drop();
	return fail_errno(mlockall(MCL_CURRENT));
}

static int run_memlock_mmap(void)
{
	fail_rlimit(RLIMIT_MEMLOCK, 16 * fail_page);
	fail_drop();
	return map(FAIL_AREA * fail_page, PROT_READ, MAP_LOCKED);
}

static int run_memlock_mremap(void)
{
	char *area = fail_area(PROT_READ);

	munmap(area + 8 * fail_page, (FAIL_AREA - 8) * fail_page);
	fail_rlimit(RLIMIT_MEMLOCK, 16 * fail_page);
	fail_drop();
	if (mlock(area, 8 * fail_page))
		return 0;
	return fail_errno((long)mremap(area, 8 * fail_page, 32 * fail_page,
				       MREMAP_MAYMOVE));
}

/* More than memory and swap together, where the kernel looks at that. */
static size_t too_much(void)
{
	char mode = 0;
	int fd = open("/proc/sys/vm/overcommit_memory", O_RDONLY);

	if (fd < 0 || read(fd, &mode, 1) != 1 || mode != '0')
		return 0;
	close(fd);
	return 64 * (size_t)sysconf(_SC_PHYS_PAGES) * fail_page;
}

static int run_overcommit_mmap(void)
{
	size_t bytes = too_much();

	return bytes ? map(bytes, PROT_READ | PROT_WRITE, 0) : 0;
}

static int run_overcommit_mprotect(void)
{
	size_t bytes = too_much();
	char *area = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (!bytes || area == MAP_FAILED)
		return 0;
	return fail_errno(mprotect(area, bytes, PROT_READ | PROT_WRITE));
}

static int run_overcommit_mremap(void)
{
	size_t bytes = too_much();
	char *area = mmap(NULL, fail_page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (!bytes || area == MAP_FAILED)
		return 0;
	return fail_errno((long)mremap(area, fail_page, bytes, MREMAP_MAYMOVE));
}

static int run_address_space(void)
{
	return map((size_t)1 << 62, PROT_NONE, MAP_NORESERVE);
}

/* do_mmap() finds that nothing is left of it once it is rounded up */
static int run_wrap(void)
{
	return map(SIZE_MAX, PROT_NONE, MAP_NORESERVE);
}

/* More than there can be, where the pool does not grow when it is asked. */
static int run_huge(void)
{
	int fd = open("/proc/sys/vm/nr_overcommit_hugepages", O_RDONLY);
	char most = 0;
	int error;

	if (fd < 0 || read(fd, &most, 1) != 1 || most != '0')
		return 0;
	close(fd);
	error = map(4 * (size_t)sysconf(_SC_PHYS_PAGES) * fail_page, PROT_READ,
		    MAP_HUGETLB);
	return error == ENOMEM ? error : 0;
}

static char *with_hole(void)
{
	char *area = fail_area(PROT_READ);

	munmap(area + 2 * fail_page, fail_page);
	return area;
}

static int run_hole_mprotect(void)
{
	return fail_errno(mprotect(with_hole(), 4 * fail_page, PROT_NONE));
}

static int run_hole_madvise(void)
{
	return fail_errno(madvise(with_hole(), 4 * fail_page, MADV_DONTDUMP));
}

static int run_hole_mlock(void)
{
	return fail_errno(mlock(with_hole(), 4 * fail_page));
}

static int run_hole_mseal(void)
{
	int error =
		fail_errno(syscall(__NR_mseal, with_hole(), 4 * fail_page, 0));

	return error == ENOSYS ? 0 : error;
}

static int run_room_mremap(void)
{
	char *area = fail_area(PROT_READ);

	return fail_errno((long)mremap(area, FAIL_AREA * fail_page,
				       2 * FAIL_AREA * fail_page, 0));
}

/* The range is a part of its mapping: what follows it is in the way. */
static int run_room_inside(void)
{
	char *area = fail_area(PROT_READ);

	return fail_errno((long)mremap(area, fail_page, 2 * fail_page, 0));
}

static int run_room_brk(void)
{
	char *end = sbrk(0);
	char *next = (char *)(((uintptr_t)end + 16 * fail_page) &
			      ~(uintptr_t)(fail_page - 1));

	if (mmap(next, fail_page, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return 0;
	return grow_heap((intptr_t)(32 * fail_page));
}

static void *do_nothing(void *unused)
{
	return unused;
}

static int run_nproc(void)
{
	pthread_t thread;

	fail_rlimit(RLIMIT_NPROC, 0);
	fail_drop();
	return pthread_create(&thread, NULL, do_nothing, NULL);
}

const struct fail_row fail_other_rows[] = {
	{ "as-mmap", "mmap", "rlimit-as", run_as_mmap },
	{ "as-brk", "brk", "rlimit-as", run_as_brk },
	{ "as-mremap", "mremap", "rlimit-as", run_as_mremap },
	{ "data-mmap", "mmap", "rlimit-data", run_data_mmap },
	{ "data-brk", "brk", "rlimit-data", run_data_brk },
	{ "data-mprotect", "mprotect", "rlimit-data", run_data_mprotect },
	{ "memlock-mlock", "mlock", "rlimit-memlock", run_memlock_mlock },
	{ "memlock-mlockall", "mlockall", "rlimit-memlock",
	  run_memlock_mlockall },
	{ "memlock-mmap", "mmap", "rlimit-memlock", run_memlock_mmap },
	{ "memlock-mremap", "mremap", "rlimit-memlock", run_memlock_mremap },
	{ "overcommit-mmap", "mmap", "overcommit", run_overcommit_mmap },
	{ "overcommit-mprotect", "mprotect", "overcommit",
	  run_overcommit_mprotect },
	{ "overcommit-mremap", "mremap", "overcommit", run_overcommit_mremap },
	{ "address-space", "mmap", "address-space", run_address_space },
	{ "wrap", "mmap", "address-space", run_wrap },
	{ "huge", "mmap", "huge-pages", run_huge },
	{ "hole-mprotect", "mprotect", "unmapped-range", run_hole_mprotect },
	{ "hole-madvise", "madvise", "unmapped-range", run_hole_madvise },
	{ "hole-mlock", "mlock", "unmapped-range", run_hole_mlock },
	{ "hole-mseal", "mseal", "unmapped-range", run_hole_mseal },
	{ "room-mremap", "mremap", "no-room", run_room_mremap },
	{ "room-inside", "mremap", "no-room", run_room_inside },
	{ "room-brk", "brk", "no-room", run_room_brk },
	{ "nproc", "clone3", "rlimit-nproc", run_nproc },
};

const size_t fail_other_row_count =
	sizeof(fail_other_rows) / sizeof(fail_other_rows[0]);
