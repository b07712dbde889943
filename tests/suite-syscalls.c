// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of memory calls: what arguments ask for, how calls ended. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "trace/syscalls.h"
#include "unit.h"

#define NONE      \
	{         \
		0 \
	}

START_TEST(finds_rows)
{
	const uint64_t uffd[6] = { 3, 0xc020aa00 }, other[6] = { 3, 0x5401 };

	for (size_t i = 0; i < vmp_syscall_count; i++) {
		const struct vmp_syscall *row = &vmp_syscalls[i];
		uint64_t arguments[6] = { 0 };

		arguments[row->only_argument] = row->only_value;
		ck_assert_ptr_eq(vmp_syscall_find(row->number, arguments), row);
		ck_assert_uint_le(row->read_to + row->read_words,
				  VMP_ARGUMENTS);
	}
	ck_assert_ptr_nonnull(vmp_syscall_find(__NR_ioctl, uffd));
	ck_assert_ptr_null(vmp_syscall_find(__NR_ioctl, other));
	ck_assert_ptr_null(vmp_syscall_find(__NR_read, other));
	ck_assert_ptr_null(vmp_syscall_find(-1, other));
}
END_TEST

static const struct {
	long number;
	uint64_t arguments[6];
	int64_t result;
	int error;
	bool shortage;
} ends[] = {
	{ __NR_mmap, NONE, 0x7f0000000000, 0, false },
	{ __NR_mmap, NONE, -ENOMEM, ENOMEM, true },
	{ __NR_mmap, NONE, -EAGAIN, EAGAIN, true },
	{ __NR_mmap, NONE, -EEXIST, EEXIST, false },
	{ __NR_mmap, NONE, -4096, 0, false }, /* no errno is so large */
	{ __NR_munmap, NONE, -EINVAL, EINVAL, false },
	{ __NR_madvise, NONE, -EAGAIN, EAGAIN, true },
	{ __NR_brk, NONE, 0x1000, 0, false }, /* it only asked */
	{ __NR_brk, { 0x2000 }, 0x2000, 0, false },
	{ __NR_brk, { 0x3000 }, 0x2000, ENOMEM, true },
};

START_TEST(tells_how_calls_ended)
{
	const struct vmp_syscall *row =
		vmp_syscall_find(ends[_i].number, ends[_i].arguments);
	int error = vmp_syscall_error(row, ends[_i].arguments, ends[_i].result);

	ck_assert_int_eq(error, ends[_i].error);
	ck_assert_int_eq(error && vmp_syscall_is_shortage(row, error),
			 ends[_i].shortage);
}
END_TEST

#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
enum { WRITABLE = 1, ACCOUNTABLE = 2, IN_PLACE = 4 };

#define RW (PROT_READ | PROT_WRITE)

static const struct {
	long number;
	uint64_t arguments[6];
	int64_t result;
	enum vmp_call call;
	uint64_t address, length, more;
	int flags;
} figures[] = {
	{ __NR_munmap, { 0x5000, 1 }, 0, VMP_CALL_UNMAP, 0x5000, 4096, 0, 0 },
	{ __NR_mmap,
	  { 0x5000, 9, RW, PRIVATE },
	  0,
	  VMP_CALL_MAP,
	  0,
	  0,
	  4096,
	  WRITABLE | ACCOUNTABLE },
	{ __NR_mmap,
	  { 0x5000, 9, RW, PRIVATE | MAP_FIXED },
	  0,
	  VMP_CALL_MAP,
	  0x5000,
	  4096,
	  4096,
	  WRITABLE | ACCOUNTABLE },
	{ __NR_mmap,
	  { 0, 9, RW, PRIVATE | MAP_NORESERVE },
	  0,
	  VMP_CALL_MAP,
	  0,
	  0,
	  4096,
	  WRITABLE },
	{ __NR_mmap,
	  { 0, 9, RW, MAP_SHARED | MAP_ANONYMOUS },
	  0,
	  VMP_CALL_MAP,
	  0,
	  0,
	  4096,
	  ACCOUNTABLE },
	{ __NR_mmap,
	  { 0, UINT64_MAX, 0, PRIVATE },
	  0,
	  VMP_CALL_MAP,
	  0,
	  0,
	  UINT64_MAX,
	  0 },
	{ __NR_mremap,
	  { 0x5000, 4096, 8192, 0 },
	  0,
	  VMP_CALL_RESIZE,
	  0x5000,
	  4096,
	  4096,
	  IN_PLACE },
	{ __NR_mremap,
	  { 0x5000, 4096, 8192, 1 },
	  0,
	  VMP_CALL_RESIZE,
	  0x5000,
	  4096,
	  4096,
	  0 },
	/* what a shrink unmaps is the tail */
	{ __NR_mremap,
	  { 0x5000, 8192, 4096, 0 },
	  0,
	  VMP_CALL_RESIZE,
	  0x6000,
	  4096,
	  0,
	  IN_PLACE },
	{ __NR_mremap,
	  { 0x5000, 4096, 4096, 3, 0x9000 },
	  0,
	  VMP_CALL_MOVE,
	  0x5000,
	  4096,
	  0,
	  0 },
	/* from where the heap ends, which the kernel answers with */
	{ __NR_brk,
	  { 0x9001 },
	  0x5001,
	  VMP_CALL_BREAK,
	  0x6000,
	  0x4000,
	  0x4000,
	  WRITABLE | ACCOUNTABLE },
	{ __NR_brk,
	  { 0x5001 },
	  0x9001,
	  VMP_CALL_BREAK,
	  0x6000,
	  0x4000,
	  0,
	  WRITABLE | ACCOUNTABLE },
	{ __NR_prctl,
	  { 0x53564d41, 0, 0x5000, 4096 },
	  0,
	  VMP_CALL_CHANGE,
	  0x5000,
	  4096,
	  0,
	  0 },
	{ __NR_ioctl,
	  { 3, 0xc020aa00, 0, 0x5000, 4096 },
	  0,
	  VMP_CALL_CHANGE,
	  0x5000,
	  4096,
	  0,
	  0 },
};

START_TEST(reads_figures)
{
	const struct vmp_syscall *row =
		vmp_syscall_find(figures[_i].number, figures[_i].arguments);
	struct vmp_failed_call f;

	vmp_syscall_figures(row, figures[_i].arguments, figures[_i].result, &f);
	ck_assert_int_eq(f.call, figures[_i].call);
	ck_assert_uint_eq(f.address, figures[_i].address);
	ck_assert_uint_eq(f.length, figures[_i].length);
	ck_assert_uint_eq(f.more_bytes, figures[_i].more);
	ck_assert_int_eq((f.writable ? WRITABLE : 0) |
				 (f.accountable ? ACCOUNTABLE : 0) |
				 (f.in_place ? IN_PLACE : 0),
			 figures[_i].flags);
}
END_TEST

/* MAP_HUGETLB, of the default size or one that is named; what is reserved. */
static const struct {
	uint64_t flags;
	bool reserved;
	uint64_t page_bytes;
} huge[] = {
	{ MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, true, 0 },
	{ MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | UINT64_C(30) << 26, true,
	  UINT64_C(1) << 30 },
	{ MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, false, 0 },
	{ MAP_SHARED | MAP_HUGETLB, false, 0 },
	{ MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | UINT64_C(63) << 26, true,
	  UINT64_C(1) << 63 },
};

START_TEST(reads_huge_pages)
{
	const uint64_t arguments[6] = { 0, 4096, PROT_WRITE, huge[_i].flags };
	const struct vmp_syscall *row = vmp_syscall_find(__NR_mmap, arguments);
	struct vmp_failed_call f;

	vmp_syscall_figures(row, arguments, -ENOMEM, &f);
	f.limits.overcommit_memory = 2;
	vmp_syscall_refine(row, arguments, &f);
	ck_assert_int_eq(f.huge_pages, huge[_i].reserved);
	ck_assert_uint_eq(f.pool.page_bytes, huge[_i].page_bytes);
	/* the commit limit is for small pages */
	ck_assert(!f.accountable);
}
END_TEST

START_TEST(knows_what_is_given_back)
{
	const uint64_t range[6] = { 0x5000, 5000 };
	const uint64_t shrink[6] = { 0x5000, 12288, 4096 };
	const uint64_t grow[6] = { 0x5000, 4096, 12288 };

	ck_assert_uint_eq(vmp_syscall_release(
				  vmp_syscall_find(__NR_munmap, range), range),
			  8192);
	ck_assert_uint_eq(
		vmp_syscall_release(vmp_syscall_find(__NR_mremap, shrink),
				    shrink),
		8192);
	ck_assert_uint_eq(
		vmp_syscall_release(vmp_syscall_find(__NR_mremap, grow), grow),
		0);
	ck_assert_uint_eq(
		vmp_syscall_release(vmp_syscall_find(__NR_mmap, range), range),
		0);
}
END_TEST

static const struct {
	enum vmp_argument_kind kind;
	uint64_t value;
	const char *text;
} words[] = {
	{ VMP_ARGUMENT_PROT, 0, "PROT_NONE" },
	{ VMP_ARGUMENT_PROT, 3, "PROT_READ|PROT_WRITE" },
	{ VMP_ARGUMENT_PROT, 0x101, "PROT_READ|0x100" },
	{ VMP_ARGUMENT_MAP_FLAGS, 0x22, "MAP_PRIVATE|MAP_ANONYMOUS" },
	{ VMP_ARGUMENT_MAP_FLAGS, 3, "MAP_SHARED_VALIDATE" },
	{ VMP_ARGUMENT_MAP_FLAGS, 0, "0" },
	{ VMP_ARGUMENT_MREMAP_FLAGS, 7,
	  "MREMAP_MAYMOVE|MREMAP_FIXED|MREMAP_DONTUNMAP" },
	{ VMP_ARGUMENT_ADVICE, 16, "MADV_DONTDUMP" },
	{ VMP_ARGUMENT_ADVICE, 102, "MADV_GUARD_INSTALL" },
	{ VMP_ARGUMENT_ADVICE, 77, "77" },
	{ VMP_ARGUMENT_CLONE_FLAGS, 17, "0x11" },
	{ VMP_ARGUMENT_IOCTL, 0xc020aa00, "UFFDIO_REGISTER" },
	{ VMP_ARGUMENT_NUMBER, 0xffffffff, "-1" },
	{ VMP_ARGUMENT_BYTES, 4096, "4096" },
	{ VMP_ARGUMENT_ADDRESS, 0x7f00, "0x7f00" },
};

START_TEST(words_arguments)
{
	struct vmp_argument argument = { "name", words[_i].kind };
	char text[200], small[8];

	ck_assert_str_eq(vmp_argument_text(&argument, words[_i].value, text,
					   sizeof(text)),
			 words[_i].text);
	vmp_argument_text(&argument, words[_i].value, small, sizeof(small));
	ck_assert_uint_lt(strlen(small), sizeof(small));
}
END_TEST

Suite *suite_syscalls(void)
{
	Suite *suite = suite_create("syscalls");
	TCase *table = tcase_create("table");

	tcase_add_test(table, finds_rows);
	tcase_add_loop_test(table, tells_how_calls_ended, 0, VMP_COUNT(ends));
	tcase_add_loop_test(table, reads_figures, 0, VMP_COUNT(figures));
	tcase_add_loop_test(table, reads_huge_pages, 0, VMP_COUNT(huge));
	tcase_add_test(table, knows_what_is_given_back);
	tcase_add_loop_test(table, words_arguments, 0, VMP_COUNT(words));
	suite_add_tcase(suite, table);
	return suite;
}
