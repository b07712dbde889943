// SPDX-License-Identifier: GPL-2.0-or-later
/* The sums of a trace: rows, sites, and what was leaked. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "trace-sample.h"
#include "unit.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define BASE UINT64_C(0x7f0000000000)

static struct vmp_tally *tally;
static uint64_t page;

static void begin(void)
{
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	tally = vmp_tally_new();
	ck_assert_ptr_nonnull(tally);
}

static void end(void)
{
	vmp_tally_free(tally);
}

static int add(struct vmp_trace_call call)
{
	return vmp_tally_add(tally, &call, sample_stack, 3);
}

static int add_from(struct vmp_trace_call call, const struct vmp_frame *stack)
{
	return vmp_tally_add(tally, &call, stack, 3);
}

static uint64_t at(uint64_t pages)
{
	return BASE + pages * page;
}

/* munmap() of a part of what begins at BASE, in pages. */
static struct vmp_trace_call refused(uint64_t first, uint64_t pages)
{
	return failed("munmap", at(first), pages * page, 0);
}

static struct vmp_trace_call unmapped(uint64_t first, uint64_t pages)
{
	return worked("munmap", at(first), pages * page, 0);
}

static uint64_t leaked_pages(void)
{
	return vmp_tally_leaked_bytes(tally) / page;
}

static const struct vmp_site *site(enum vmp_site_order order, size_t index)
{
	size_t count;
	const struct vmp_site *const *sites =
		vmp_tally_sites(tally, order, &count);

	ck_assert_uint_lt(index, count);
	return sites[index];
}

START_TEST(counts_rows)
{
	struct vmp_trace_call other = failed("mmap", 0, page, 3);
	struct vmp_trace_call advice = failed("madvise", BASE, page, 10);
	const struct vmp_tally_row *rows;
	size_t count;

	other.diagnosis.cause = VMP_CAUSE_RLIMIT_AS;
	advice.error = EAGAIN;
	ck_assert_int_eq(add(refused(1, 1)), 1);
	ck_assert_int_eq(add(other), 1);
	ck_assert_int_eq(add(advice), 1);
	for (uint64_t i = 3; i < 100; i += 2)
		ck_assert_int_eq(add(refused(i, 1)), 0);
	ck_assert_int_eq(add(other), 0);
	other.diagnosis.cause = VMP_CAUSE_MAP_COUNT;
	ck_assert_int_eq(add(other), 1);
	rows = vmp_tally_rows(tally, &count);
	ck_assert_uint_eq(count, 4);
	ck_assert_str_eq(rows[0].row->name, "munmap");
	ck_assert_uint_eq(rows[0].failures, 50);
	ck_assert_str_eq(rows[1].row->name, "mmap");
	ck_assert_int_eq(rows[1].cause, VMP_CAUSE_RLIMIT_AS);
	ck_assert_uint_eq(rows[1].failures, 2);
	ck_assert_uint_eq(vmp_tally_failures(tally), 54);
}
END_TEST

START_TEST(tells_sites_apart)
{
	struct vmp_trace_call call = refused(9, 1);
	struct vmp_frame moved[3];
	size_t count;

	ck_assert_int_eq(add(refused(1, 1)), 1);
	ck_assert_int_eq(add_from(refused(3, 1), other_stack), 1);
	/* the same program, loaded elsewhere, is the same place */
	memcpy(moved, sample_stack, sizeof(moved));
	for (size_t i = 0; i < 3; i++)
		moved[i].address += 0x10000;
	ck_assert_int_eq(add_from(refused(5, 1), moved), 0);
	/* the same offsets in another program are not */
	moved[1].module = "/opt/hog2";
	ck_assert_int_eq(add_from(refused(7, 1), moved), 1);
	/* nor are fewer frames, or another call */
	ck_assert_int_eq(vmp_tally_add(tally, &call, sample_stack, 2), 1);
	ck_assert_int_eq(add(failed("mprotect", BASE, page, 0)), 1);
	vmp_tally_sites(tally, VMP_BY_FAILURES, &count);
	ck_assert_uint_eq(count, 5);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->failures, 2);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->leaked_bytes, 2 * page);
	ck_assert_str_eq(site(VMP_BY_FAILURES, 4)->row->name, "mprotect");
}
END_TEST

START_TEST(keeps_first_failure)
{
	struct vmp_trace_call later = refused(3, 1);

	later.diagnosis.cause = VMP_CAUSE_UNKNOWN;
	ck_assert_int_eq(add(refused(1, 1)), 1);
	ck_assert_int_eq(add(later), 1);
	ck_assert_int_eq(site(VMP_BY_FAILURES, 0)->first.cause,
			 VMP_CAUSE_MAP_COUNT);
	ck_assert_str_eq(site(VMP_BY_FAILURES, 0)->command, "hog");
}
END_TEST

START_TEST(orders_by_mappings)
{
	struct vmp_trace_call map = worked("mmap", 0, page, 3);
	struct vmp_trace_call unmap = unmapped(1, 1);

	map.change = 1;
	unmap.change = -1;
	ck_assert_int_eq(add(unmap), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(add_from(map, other_stack), 0);
	map.change = VMP_CHANGE_UNKNOWN;
	ck_assert_int_eq(add_from(map, other_stack), 0);
	ck_assert_int_eq(site(VMP_BY_MAPPINGS, 0)->mappings, 3);
	ck_assert_uint_eq(site(VMP_BY_MAPPINGS, 0)->calls, 4);
	ck_assert_uint_eq(site(VMP_BY_MAPPINGS, 0)->counted, 3);
	ck_assert_int_eq(site(VMP_BY_MAPPINGS, 1)->mappings, -1);
	ck_assert_uint_eq(vmp_tally_failures(tally), 0);
}
END_TEST

/* Calls that worked and have no stack are no site. */
START_TEST(counts_no_site_without_stack)
{
	struct vmp_trace_call call = worked("mmap", 0, page, 3);
	struct vmp_trace_call bad = refused(1, 1);
	size_t count;

	ck_assert_int_eq(vmp_tally_add(tally, &call, NULL, 0), 0);
	vmp_tally_sites(tally, VMP_BY_FAILURES, &count);
	ck_assert_uint_eq(count, 0);
	ck_assert_int_eq(vmp_tally_add(tally, &bad, NULL, 0), 1);
	ck_assert_int_eq(vmp_tally_add(tally, &bad, NULL, 0), 0);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->frame_count, 0);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->failures, 2);
}
END_TEST

START_TEST(counts_retry_once)
{
	add(refused(1, 1));
	add_from(refused(1, 1), other_stack);
	ck_assert_uint_eq(leaked_pages(), 1);
	/* what is new of a longer range is counted, in three pieces */
	add(refused(5, 2));
	add_from(refused(0, 10), other_stack);
	ck_assert_uint_eq(leaked_pages(), 10);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->leaked_bytes, 7 * page);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 1)->leaked_bytes, 3 * page);
	ck_assert_uint_eq(vmp_tally_failures(tally), 4);
}
END_TEST

START_TEST(takes_out_what_is_unmapped)
{
	add(refused(0, 10));
	add(unmapped(4, 2)); /* a hole */
	ck_assert_uint_eq(leaked_pages(), 8);
	add(unmapped(3, 2)); /* the end of the first piece */
	ck_assert_uint_eq(leaked_pages(), 7);
	add(unmapped(5, 2)); /* the start of the second one */
	ck_assert_uint_eq(leaked_pages(), 6);
	add(unmapped(100, 2)); /* elsewhere */
	ck_assert_uint_eq(leaked_pages(), 6);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->leaked_bytes, 6 * page);
	add(unmapped(0, 50));
	ck_assert_uint_eq(leaked_pages(), 0);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->leaked_bytes, 0);
	ck_assert_uint_eq(site(VMP_BY_FAILURES, 0)->failures, 1);
}
END_TEST

START_TEST(takes_out_what_is_mapped_over)
{
	struct vmp_trace_call over = worked("mmap", at(2), 3 * page, 3);

	add(refused(0, 10));
	over.arguments[3] = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	over.result = (int64_t)at(2);
	add(over);
	ck_assert_uint_eq(leaked_pages(), 7);
	/* one that failed has not */
	over = failed("mmap", at(0), 10 * page, 3);
	add(over);
	ck_assert_uint_eq(leaked_pages(), 7);
}
END_TEST

/* mremap(old, before, after) of what begins at BASE, to a page. */
static const struct move {
	uint64_t before, after, to;
	uint64_t flags, left; /* of 10 pages that are leaked from page 5 on */
} moves[] = {
	{ 10, 3, 0, 0, 5 },	    /* 5..9 is unmapped */
	{ 5, 8, 0, 0, 7 },	    /* 5..7 is new */
	{ 10, 10, 100, 1, 5 },	    /* 0..9 is gone */
	{ 10, 10, 100, 1 | 4, 10 }, /* 0..9 is mapped still */
	{ 3, 3, 5, 1 | 2, 7 },	    /* 5..7 is new */
};

START_TEST(takes_out_what_is_moved)
{
	const struct move *m = &moves[_i];
	struct vmp_trace_call call =
		worked("mremap", at(0), m->before * page, m->after * page);

	call.arguments[3] = m->flags;
	call.result = (int64_t)at(m->to);
	add(refused(5, 10));
	add(call);
	ck_assert_uint_eq(leaked_pages(), m->left);
}
END_TEST

/* The tail that mremap() was to cut off. */
START_TEST(counts_refused_shrink)
{
	add(failed("mremap", at(0), 10 * page, 4 * page));
	ck_assert_uint_eq(leaked_pages(), 6);
	add(unmapped(0, 4));
	ck_assert_uint_eq(leaked_pages(), 6);
	add(unmapped(4, 6));
	ck_assert_uint_eq(leaked_pages(), 0);
	/* to grow gives nothing back */
	add(failed("mremap", at(0), 4 * page, 10 * page));
	ck_assert_uint_eq(leaked_pages(), 0);
}
END_TEST

START_TEST(counts_whole_pages)
{
	add(failed("munmap", at(1), 1, 0));
	ck_assert_uint_eq(vmp_tally_leaked_bytes(tally), page);
	add(worked("munmap", at(1), 1, 0));
	ck_assert_uint_eq(vmp_tally_leaked_bytes(tally), 0);
}
END_TEST

/* What one process does is nothing to the others, and settled is settled. */
START_TEST(keeps_processes_apart)
{
	struct vmp_trace_call other = refused(0, 4);

	other.pid = 2;
	add(refused(0, 4));
	add(other);
	ck_assert_uint_eq(leaked_pages(), 8);
	add(unmapped(0, 4));
	ck_assert_uint_eq(leaked_pages(), 4);
	vmp_tally_settle(tally, 2);
	ck_assert_uint_eq(leaked_pages(), 4);
	/* a new program, and one with the same number */
	other = unmapped(0, 4);
	other.pid = 2;
	add(other);
	ck_assert_uint_eq(leaked_pages(), 4);
	other = refused(0, 4);
	other.pid = 2;
	add(other);
	ck_assert_uint_eq(leaked_pages(), 8);
}
END_TEST

/* As a program at the limit does it, in an order that sorts nothing. */
START_TEST(is_quick)
{
	enum { RANGES = 100000 };
	const uint64_t step = 61; /* has no divisor in common */

	for (uint64_t i = 0; i < RANGES; i++)
		add(refused(2 * (i * step % RANGES), 1));
	ck_assert_uint_eq(leaked_pages(), RANGES);
	add_from(refused(0, UINT64_C(2) * RANGES), other_stack);
	ck_assert_uint_eq(leaked_pages(), UINT64_C(2) * RANGES);
	add(unmapped(0, RANGES));
	ck_assert_uint_eq(leaked_pages(), RANGES);
	vmp_tally_settle(tally, 1);
	ck_assert_uint_eq(leaked_pages(), RANGES);
}
END_TEST

static const struct {
	const char *functions[3], *modules[3];
	size_t place;
} places[] = {
	{ { "munmap", "munmap_chunk", "drop" },
	  { "/lib/libc.so.6", "/lib/libc.so.6", "/opt/hog" },
	  2 },
	{ { "__munmap", "je_free", "drop" },
	  { "/lib/libc-2.31.so", "/usr/lib/libjemalloc.so.2", "/opt/hog" },
	  2 },
	/* a static program has the names alone */
	{ { "__munmap", "__libc_free", "drop" },
	  { "/opt/hog", "/opt/hog", "/opt/hog" },
	  2 },
	/* no names, or a JIT's code */
	{ { "mmap", NULL, "main" },
	  { "/lib/libc.so.6", "/opt/libx.so", "/opt/hog" },
	  1 },
	{ { "mmap", NULL, "main" }, { "/lib/libc.so.6", NULL, "/opt/hog" }, 1 },
	/* the loader alone */
	{ { "__mmap", "__minimal_malloc", "dl_main" },
	  { "/lib/ld-linux-x86-64.so.2", "/lib/ld-linux-x86-64.so.2",
	    "/lib/ld-linux-x86-64.so.2" },
	  2 },
	{ { "__mmap", "malloc", NULL },
	  { "/lib/libc.so.6", "/lib/libc.so.6", "/lib/libc.so.6" },
	  0 },
};

START_TEST(finds_place)
{
	struct vmp_frame frames[3] = { { 0 } };

	for (size_t i = 0; i < 3; i++) {
		frames[i].function = places[_i].functions[i];
		frames[i].module = places[_i].modules[i];
	}
	ck_assert_uint_eq(vmp_place_of(frames, 3), places[_i].place);
	ck_assert_uint_eq(vmp_place_of(frames, 0), 0);
}
END_TEST

Suite *suite_tally(void)
{
	Suite *suite = suite_create("tally");
	TCase *sums = tcase_create("sums");
	TCase *leaks = tcase_create("leaks");

	tcase_add_checked_fixture(sums, begin, end);
	tcase_add_test(sums, counts_rows);
	tcase_add_test(sums, tells_sites_apart);
	tcase_add_test(sums, keeps_first_failure);
	tcase_add_test(sums, orders_by_mappings);
	tcase_add_test(sums, counts_no_site_without_stack);
	tcase_add_loop_test(sums, finds_place, 0, VMP_COUNT(places));
	suite_add_tcase(suite, sums);
	tcase_add_checked_fixture(leaks, begin, end);
	tcase_add_test(leaks, counts_retry_once);
	tcase_add_test(leaks, takes_out_what_is_unmapped);
	tcase_add_test(leaks, takes_out_what_is_mapped_over);
	tcase_add_loop_test(leaks, takes_out_what_is_moved, 0,
			    VMP_COUNT(moves));
	tcase_add_test(leaks, counts_refused_shrink);
	tcase_add_test(leaks, counts_whole_pages);
	tcase_add_test(leaks, keeps_processes_apart);
	tcase_add_test(leaks, is_quick);
	suite_add_tcase(suite, leaks);
	return suite;
}
