// SPDX-License-Identifier: GPL-2.0-or-later
/* The survey: counts of a process, and what one range in it is like. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "unit.h"

/* Many lines: each end of the buffer falls somewhere into one. */
START_TEST(counts_many_lines)
{
	enum { LINES = 20000 };
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_survey survey;
	char path[160];
	FILE *f;

	scratch_text("2/maps", "");
	snprintf(path, sizeof(path), "%s/2/maps", scratch_root());
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	for (unsigned int i = 1; i <= LINES; i++)
		fprintf(f, "%x000-%x000 rw-p 00000000 00:00 %u %.*s\n", 2 * i,
			2 * i + 1, i, (int)(i % 50),
			"/a/name/that/has/many/lengths/so/that/lines/differ");
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(vmp_survey(ctx, 2, 0, 0, &survey), 0);
	ck_assert_uint_eq(survey.mappings, LINES);
	ck_assert_uint_eq(survey.bytes, LINES * 0x1000);
	ck_assert_uint_eq(survey.gap_end - survey.gap_start, 0x1000);
	vmp_free(ctx);
}
END_TEST

START_TEST(surveys_counts)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_survey s;

	ck_assert_int_eq(vmp_survey(ctx, 110, 0, 0, &s), 0);
	ck_assert_uint_eq(s.mappings, 4);
	ck_assert_uint_eq(s.bytes, 0x20000 + 0x20000 + 0x10000 + 0x100000);
	ck_assert_uint_eq(s.gap_end - s.gap_start, 0x170000);
	ck_assert_uint_eq(s.gap_start, 0x90000);
	ck_assert_uint_eq(s.gap_end, 0x200000);
	ck_assert(!s.covered && !s.next_is_adjacent);
	ck_assert_uint_eq(s.touched, 0);
	ck_assert_uint_eq(s.splits, 0);
	vmp_free(ctx);
}
END_TEST

/* What lies below the first mapping is free too, but for the lowest 64 KiB. */
START_TEST(surveys_gap_below)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_survey s;

	ck_assert_int_eq(vmp_survey(ctx, 100, 0, 0, &s), 0);
	ck_assert_uint_eq(s.mappings, 13);
	ck_assert_uint_eq(s.gap_start, 0x10000);
	ck_assert_uint_eq(s.gap_end, 0x55d0c8a00000);
	vmp_free(ctx);
}
END_TEST

/* In process 110: [10000 30000)[30000 50000) [80000 90000) [200000 300000) */
static const struct {
	uint64_t start, end;
	bool covered, adjacent;
	unsigned int touched, splits;
	uint64_t first;
} ranges[] = {
	{ 0x10000, 0x30000, true, true, 1, 0, 0x10000 },  /* one whole */
	{ 0x10000, 0x50000, true, false, 2, 0, 0x10000 }, /* two whole */
	{ 0x18000, 0x20000, true, false, 1, 2, 0x10000 }, /* inside */
	{ 0x10000, 0x20000, true, false, 1, 1, 0x10000 }, /* its head */
	{ 0x20000, 0x30000, true, true, 1, 1, 0x10000 },  /* its tail */
	{ 0x20000, 0x40000, true, false, 2, 2, 0x10000 }, /* tail and head */
	{ 0x20000, 0x50000, true, false, 2, 1, 0x10000 },
	{ 0x40000, 0x60000, false, false, 1, 1, 0x30000 }, /* over its end */
	{ 0x40000, 0x80000, false, true, 1, 1, 0x30000 },
	{ 0x40000, 0x90000, false, false, 2, 1, 0x30000 }, /* over a hole */
	{ 0x60000, 0x70000, false, false, 0, 0, 0 },	   /* in a hole */
	{ 0x60000, 0x80000, false, true, 0, 0, 0 },
	{ 0x60000, 0x88000, false, false, 1, 1, 0x80000 },
	{ 0, 0x400000, false, false, 2, 0, 0x10000 }, /* all of them */
	{ 0, 0x1000, false, false, 0, 0, 0 },
	{ 0x10000, 0x10001, true, false, 1, 1, 0x10000 },
	{ 0x2fffff, 0x300000, true, false, 1, 1, 0x200000 },
	/* KNOWN BUG: the end of the address space */
	{ 0xfffffffffffff000, 0x1000, false, false, 0, 0, 0 },
	/* the gate line is no mapping of the process */
	{ 0xffffffffff600000, 0xffffffffff601000, false, false, 0, 0, 0 },
	{ 0xffffffffff5ff000, 0xffffffffff600000, false, false, 0, 0, 0 },
};

START_TEST(surveys_range)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	uint64_t start = ranges[_i].start;
	struct vmp_survey s;

	ck_assert_int_eq(
		vmp_survey(ctx, 110, start, ranges[_i].end - start, &s), 0);
	ck_assert_int_eq(s.covered, ranges[_i].covered);
	ck_assert_int_eq(s.next_is_adjacent, ranges[_i].adjacent);
	ck_assert_uint_eq(s.touched, ranges[_i].touched);
	ck_assert_uint_eq(s.splits, ranges[_i].splits);
	ck_assert_uint_eq(s.first.start, ranges[_i].first);
	ck_assert_ptr_null(s.first.name);
	ck_assert_uint_eq(s.first.name_length, 0);
	ck_assert_uint_eq(s.mappings, 4);
	vmp_free(ctx);
}
END_TEST

START_TEST(surveys_this_process)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_survey s;

	ck_assert_int_eq(
		vmp_survey(ctx, 0, (uint64_t)(uintptr_t)&s, sizeof(s), &s), 0);
	ck_assert(s.covered);
	ck_assert(s.first.readable && s.first.writable && !s.first.shared);
	ck_assert_uint_gt(s.mappings, 1);
	ck_assert_uint_ge(s.bytes, s.mappings * 4096);
	vmp_free(ctx);
}
END_TEST

/* Asked one by one the kernel says what its list says. */
START_TEST(surveys_one_range)
{
	struct vmp_ctx *ctx = vmp_new();
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, 8 * page, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vmp_survey list, asked = { 0 };
	uint64_t start = (uint64_t)(uintptr_t)area + (unsigned)_i * page;
	int rc;

	munmap(area + 3 * page, page);
	mprotect(area + 5 * page, page, PROT_NONE);
	rc = vmp_survey_range(ctx, 0, start, 2 * page, &asked);
	if (rc != -ENOTTY) { /* before 6.11 */
		ck_assert_int_eq(rc, 0);
		ck_assert_int_eq(vmp_survey(ctx, 0, start, 2 * page, &list), 0);
		ck_assert_int_eq(asked.covered, list.covered);
		ck_assert_int_eq(asked.next_is_adjacent, list.next_is_adjacent);
		ck_assert_uint_eq(asked.touched, list.touched);
		ck_assert_uint_eq(asked.splits, list.splits);
		ck_assert_uint_eq(asked.first.start, list.first.start);
		ck_assert_uint_eq(asked.first.end, list.first.end);
		ck_assert_int_eq(asked.first.readable, list.first.readable);
		ck_assert_int_eq(asked.first.shared, list.first.shared);
	}
	munmap(area, 8 * page);
	vmp_free(ctx);
}
END_TEST

/* What a call did is the difference around it, whatever lies elsewhere. */
START_TEST(counts_near)
{
	struct vmp_ctx *ctx = vmp_new();
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, 8 * page, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t at = (uint64_t)(uintptr_t)area + 4 * page;
	int64_t before, after;

	mprotect(area + page, 6 * page, PROT_READ);
	before = vmp_count_near(ctx, 0, at, at + page);
	munmap(area + 4 * page, page);
	after = vmp_count_near(ctx, 0, at, at + page);
	if (before != -ENOTTY) {
		ck_assert_int_eq(before, 1);
		ck_assert_int_eq(after, 2);
	}
	munmap(area, 8 * page);
	vmp_free(ctx);
}
END_TEST

Suite *suite_survey(void)
{
	Suite *suite = suite_create("survey");
	TCase *survey = tcase_create("survey");

	tcase_add_unchecked_fixture(survey, scratch_begin, scratch_end);
	tcase_add_test(survey, counts_many_lines);
	tcase_add_test(survey, surveys_counts);
	tcase_add_test(survey, surveys_gap_below);
	tcase_add_loop_test(survey, surveys_range, 0, VMP_COUNT(ranges));
	tcase_add_test(survey, surveys_this_process);
	tcase_add_loop_test(survey, surveys_one_range, 0, 7);
	tcase_add_test(survey, counts_near);
	suite_add_tcase(suite, survey);
	return suite;
}
