// SPDX-License-Identifier: GPL-2.0-or-later
/* vmp_release() where munmap() works, and the set of ranges behind it. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/ranges.h"
#include "unit.h"

static size_t page;

static char *map_pages(size_t pages)
{
	char *p;

	page = (size_t)sysconf(_SC_PAGESIZE);
	p = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
	return p;
}

static bool is_mapped(char *p)
{
	unsigned char resident;

	return mincore(p, page, &resident) == 0;
}

START_TEST(unmaps)
{
	struct vmp_ctx *ctx = vmp_new();
	char *p = map_pages(4);

	ck_assert_int_eq(vmp_release(ctx, p + page, 1), 0);
	ck_assert(is_mapped(p) && !is_mapped(p + page));
	ck_assert_int_eq(vmp_release(ctx, p, 4 * page), 0);
	ck_assert(!is_mapped(p) && !is_mapped(p + 3 * page));
	ck_assert_uint_eq(vmp_pending_bytes(ctx), 0);
	ck_assert_uint_eq(vmp_retry(ctx), 0);
	vmp_free(ctx);
}
END_TEST

/* What munmap() does not take is not taken, and nothing has happened. */
START_TEST(refuses_arguments)
{
	struct vmp_ctx *ctx = vmp_new();
	char *p = map_pages(2);

	ck_assert_int_eq(vmp_release(ctx, p, 0), -EINVAL);
	ck_assert_int_eq(vmp_release(ctx, p + 1, page), -EINVAL);
	ck_assert_int_eq(vmp_release(ctx, p, SIZE_MAX), -EINVAL);
	ck_assert_int_eq(vmp_release(ctx, p, SIZE_MAX / 2 + 1), -EINVAL);
	assert_holds(vmp_error(ctx), "release");
	ck_assert(is_mapped(p) && is_mapped(p + page));
	ck_assert_uint_eq(vmp_retry(ctx), 0);
	munmap(p, 2 * page);
	vmp_free(ctx);
}
END_TEST

START_TEST(nothing_was_released)
{
	struct vmp_ctx *ctx = vmp_new();

	ck_assert_uint_eq(vmp_retry(ctx), 0);
	ck_assert_uint_eq(vmp_pending_bytes(ctx), 0);
	vmp_free(ctx);
}
END_TEST

/* What stands in the table is unmapped, by whoever comes by. */
START_TEST(takes_up_what_waits)
{
	struct vmp_ctx *ctx = vmp_new();
	char *p = map_pages(16);
	uint64_t at = (uintptr_t)p;
	struct vmp_range first = { at, at + page };
	struct vmp_range second = { at + 4 * page, at + 6 * page };

	ck_assert_int_eq(vmp_release(ctx, p + 15 * page, page), 0);
	ck_assert(vmp_ranges_add(ctx->ranges, first));
	ck_assert(vmp_ranges_add(ctx->ranges, second));
	ck_assert_uint_eq(vmp_pending_bytes(ctx), 3 * page);
	/* one beside it goes with it, and another one in its turn */
	ck_assert_int_eq(vmp_release(ctx, p + 6 * page, page), 0);
	ck_assert(!is_mapped(p + 4 * page) && !is_mapped(p));
	ck_assert_uint_eq(vmp_pending_bytes(ctx), 0);
	first = (struct vmp_range){ at + 8 * page, at + 9 * page };
	second = (struct vmp_range){ at + 10 * page, at + 11 * page };
	ck_assert(vmp_ranges_add(ctx->ranges, first));
	ck_assert(vmp_ranges_add(ctx->ranges, second));
	ck_assert_uint_eq(vmp_retry(ctx), 0);
	ck_assert(!is_mapped(p + 8 * page) && is_mapped(p + 9 * page));
	ck_assert(vmp_ranges_add(ctx->ranges,
				 (struct vmp_range){ at + 12 * page,
						     at + 13 * page }));
	vmp_free(ctx);
	ck_assert(!is_mapped(p + 12 * page));
	munmap(p, 16 * page);
}
END_TEST

START_TEST(finds_ranges)
{
	struct vmp_ranges *r = vmp_ranges_new();
	struct vmp_range found;

	ck_assert_ptr_nonnull(r);
	ck_assert(!vmp_ranges_find(r, 0, &found));
	ck_assert(!vmp_ranges_find(NULL, 0, &found));
	ck_assert(vmp_ranges_add(r, (struct vmp_range){ 100, 200 }));
	ck_assert(vmp_ranges_add(r, (struct vmp_range){ 50, 60 }));
	ck_assert(vmp_ranges_add(r, (struct vmp_range){ 300, 301 }));
	ck_assert(vmp_ranges_find(r, 0, &found) && found.start == 50);
	ck_assert(vmp_ranges_find(r, 60, &found) && found.start == 50);
	ck_assert(vmp_ranges_find(r, 61, &found) && found.start == 100);
	ck_assert(vmp_ranges_find(r, 200, &found) && found.start == 100);
	ck_assert(vmp_ranges_find(r, 201, &found) && found.start == 300);
	ck_assert(!vmp_ranges_find(r, 302, &found));
	ck_assert_uint_eq(r->bytes, 111);
	vmp_ranges_remove(r, 99);
	ck_assert_uint_eq(r->count, 3);
	vmp_ranges_remove(r, 100);
	ck_assert_uint_eq(r->count, 2);
	ck_assert(vmp_ranges_find(r, 61, &found) && found.start == 300);
	munmap(r, sizeof(*r));
}
END_TEST

enum { SLOTS = 5000, STEPS = 40000 };

/* Against an array of flags, in an order that nobody thought of. */
START_TEST(ranges_like_a_model)
{
	static bool model[SLOTS];
	struct vmp_ranges *r = vmp_ranges_new();
	struct vmp_range found;
	uint32_t seed = 12345;
	size_t held = 0, seen = 0;

	for (int i = 0; i < STEPS; i++) {
		size_t slot = (seed = seed * 1664525 + 1013904223) >> 8;
		uint64_t start = (slot %= SLOTS) * 10 + 1;

		if (model[slot])
			vmp_ranges_remove(r, start);
		else
			ck_assert(vmp_ranges_add(
				r, (struct vmp_range){ start, start + 5 }));
		model[slot] = !model[slot];
		held += model[slot] ? 1 : (size_t)-1;
	}
	ck_assert_uint_eq(r->count, held);
	ck_assert_uint_eq(r->bytes, 5 * held);
	for (uint64_t at = 0; vmp_ranges_find(r, at, &found);
	     at = found.end + 1, seen++)
		ck_assert(model[found.start / 10] && found.start >= at);
	ck_assert_uint_eq(seen, held);
	munmap(r, sizeof(*r));
}
END_TEST

/* 65,536 of them, and no more, upwards and downwards. */
START_TEST(ranges_until_full)
{
	struct vmp_ranges *r = vmp_ranges_new();
	struct vmp_range found;

	for (uint64_t i = 0; i < VMP_MOST_RANGES; i++) {
		uint64_t start = _i ? i * 10 : (VMP_MOST_RANGES - i) * 10;

		ck_assert(vmp_ranges_add(r, (struct vmp_range){ start,
								start + 5 }));
	}
	ck_assert(!vmp_ranges_add(r, (struct vmp_range){ 6, 7 }));
	ck_assert_uint_eq(r->count, VMP_MOST_RANGES);
	vmp_ranges_remove(r, 500);
	ck_assert(vmp_ranges_add(r, (struct vmp_range){ 6, 7 }));
	while (vmp_ranges_find(r, 0, &found))
		vmp_ranges_remove(r, found.start);
	ck_assert_uint_eq(r->count, 0);
	ck_assert_uint_eq(r->bytes, 0);
	munmap(r, sizeof(*r));
}
END_TEST

Suite *suite_release(void)
{
	Suite *suite = suite_create("release");
	TCase *calls = tcase_create("calls");
	TCase *ranges = tcase_create("ranges");

	tcase_add_test(calls, unmaps);
	tcase_add_test(calls, refuses_arguments);
	tcase_add_test(calls, nothing_was_released);
	tcase_add_test(calls, takes_up_what_waits);
	suite_add_tcase(suite, calls);
	tcase_add_test(ranges, finds_ranges);
	tcase_add_test(ranges, ranges_like_a_model);
	tcase_add_loop_test(ranges, ranges_until_full, 0, 2);
	suite_add_tcase(suite, ranges);
	return suite;
}
