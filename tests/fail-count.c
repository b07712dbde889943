// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls that fail because the process holds as many mappings as it may. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"

#ifndef __NR_mseal
#define __NR_mseal 462
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

enum { FULL = 0, OVER = -1 };

/* A page of the area that has neighbours in it on both sides. */
static char *middle(int headroom)
{
	char *area = fail_area(PROT_READ);

	fail_leave(headroom);
	return area + FAIL_AREA / 2 * fail_page;
}

static int run_munmap(void)
{
	return fail_errno(munmap(middle(FULL), fail_page));
}

static int run_mprotect(void)
{
	return fail_errno(mprotect(middle(FULL), fail_page, PROT_NONE));
}

/* Room for one cut of two: the first one is made, and stays. */
static int run_mprotect_half(void)
{
	return fail_errno(mprotect(middle(1), fail_page, PROT_NONE));
}

static int run_pkey_mprotect(void)
{
	return fail_errno(syscall(__NR_pkey_mprotect, middle(FULL), fail_page,
				  PROT_NONE, -1));
}

static int run_madvise(void)
{
	return fail_errno(madvise(middle(FULL), fail_page, MADV_DONTDUMP));
}

static int run_mlock(void)
{
	return fail_errno(mlock(middle(FULL), fail_page));
}

static int run_mlock2(void)
{
	return fail_errno(mlock2(middle(FULL), fail_page, 1));
}

static int run_munlock(void)
{
	char *area = fail_area(PROT_READ);

	if (mlock(area, FAIL_AREA * fail_page))
		return 0;
	fail_leave(FULL);
	return fail_errno(munlock(area + fail_page, fail_page));
}

static int run_mbind(void)
{
	unsigned long node = 1;

	return fail_errno(syscall(__NR_mbind, middle(FULL), fail_page,
				  2 /* MPOL_BIND */, &node, 8, 0));
}

static int run_mseal(void)
{
	int error = fail_errno(syscall(__NR_mseal, middle(FULL), fail_page, 0));

	return error == ENOSYS ? 0 : error;
}

static int run_userfault(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd =
		(int)syscall(__NR_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api))
		return 0;
	reg.range.start = (uintptr_t)middle(FULL);
	reg.range.len = fail_page;
	return fail_errno(ioctl(fd, UFFDIO_REGISTER, &reg));
}

static int run_name(void)
{
	int error = fail_errno(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME,
				     middle(FULL), fail_page, "name"));

	return error == EINVAL ? 0 : error;
}

static int map(char *at, int flags)
{
	return fail_errno((long)mmap(at, fail_page, PROT_READ,
				     MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
				     0));
}

static int run_mmap(void)
{
	fail_leave(OVER);
	return map(NULL, 0);
}

static int run_mmap_fixed(void)
{
	return map(middle(FULL), MAP_FIXED);
}

static int run_brk(void)
{
	char *end;

	/* a heap of its own and, over the limit, not even more of it */
	if (sbrk((intptr_t)fail_page) == (void *)-1)
		return 0;
	fail_leave(OVER);
	end = sbrk(0);
	return fail_errno(brk(end + fail_page));
}

static int run_mremap_fixed(void)
{
	char *to = fail_area(PROT_NONE), *from = middle(3);

	return fail_errno((long)mremap(from, fail_page, fail_page,
				       MREMAP_MAYMOVE | MREMAP_FIXED, to));
}

static int run_mremap_grow(void)
{
	char *area = fail_area(PROT_READ);

	fail_leave(FULL);
	return fail_errno((long)mremap(area, FAIL_AREA * fail_page,
				       2 * FAIL_AREA * fail_page,
				       MREMAP_MAYMOVE));
}

static int run_mremap_shrink(void)
{
	return fail_errno(
		(long)mremap(middle(FULL), 2 * fail_page, fail_page, 0));
}

static int run_shmat(void)
{
	int id = shmget(IPC_PRIVATE, fail_page, 0600);
	int error;

	if (id < 0)
		return 0;
	fail_leave(OVER);
	error = fail_errno((long)shmat(id, NULL, 0));
	shmctl(id, IPC_RMID, NULL);
	return error;
}

static int run_io_setup(void)
{
	unsigned long context = 0;
	int error;

	fail_leave(OVER);
	error = fail_errno(syscall(__NR_io_setup, 1, &context));
	return error == ENOSYS ? 0 : error;
}

/* Pages of a shared file in another order: a mapping of its own inside one. */
static int run_remap(void)
{
	char *area = mmap(NULL, FAIL_AREA * fail_page, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int error;

	if (area == MAP_FAILED)
		return 0;
	fail_leave(FULL);
	error = fail_errno(syscall(__NR_remap_file_pages, area + 2 * fail_page,
				   fail_page, 0, 9, 0));
	return error == ENOSYS ? 0 : error;
}

#define ROW(name, call, function)                 \
	{                                         \
		name, call, "map-count", function \
	}

const struct fail_row fail_count_rows[] = {
	ROW("munmap", "munmap", run_munmap),
	ROW("mprotect", "mprotect", run_mprotect),
	ROW("mprotect-half", "mprotect", run_mprotect_half),
	ROW("pkey-mprotect", "pkey_mprotect", run_pkey_mprotect),
	ROW("madvise", "madvise", run_madvise),
	ROW("mlock", "mlock", run_mlock),
	ROW("mlock2", "mlock2", run_mlock2),
	ROW("munlock", "munlock", run_munlock),
	ROW("mbind", "mbind", run_mbind),
	ROW("mseal", "mseal", run_mseal),
	ROW("userfaultfd", "ioctl", run_userfault),
	ROW("anon-name", "prctl", run_name),
	ROW("mmap", "mmap", run_mmap),
	ROW("mmap-fixed", "mmap", run_mmap_fixed),
	ROW("brk", "brk", run_brk),
	ROW("mremap-fixed", "mremap", run_mremap_fixed),
	ROW("mremap-grow", "mremap", run_mremap_grow),
	ROW("mremap-shrink", "mremap", run_mremap_shrink),
	ROW("shmat", "shmat", run_shmat),
	ROW("io-setup", "io_setup", run_io_setup),
	ROW("remap-file-pages", "remap_file_pages", run_remap),
};

const size_t fail_count_row_count =
	sizeof(fail_count_rows) / sizeof(fail_count_rows[0]);
