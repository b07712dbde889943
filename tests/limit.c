// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The library where it is meant to work: at the limit, with a malloc() that
 * answers NULL. Each test is a process of its own; it notes what happened, takes
 * its ballast down, and asserts only then, which may need memory.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "limit.h"

/* A group of adjacent pages that no neighbour merges with. */
static char *map_apart(size_t pages)
{
	char *p = mmap(NULL, (pages + 2) * limit_page, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	p += limit_page;
	ck_assert_int_eq(
		mprotect(p, pages * limit_page, PROT_READ | PROT_WRITE), 0);
	memset(p, 0x5a, pages * limit_page);
	return p;
}

static bool is_mapped(char *page)
{
	unsigned char resident;

	return mincore(page, limit_page, &resident) == 0;
}

/* What a step of a test left behind. */
struct outcome {
	size_t bytes; /* that wait */
	int rc;
	bool mapped, zero; /* the page */
};

/* Release pages of a group, and look at the first of them. */
static struct outcome release(struct vmp_ctx *ctx, char *group, size_t first,
			      size_t pages)
{
	char *at = group + first * limit_page;
	struct outcome o = { .rc = vmp_release(ctx, at, pages * limit_page) };

	o.bytes = vmp_pending_bytes(ctx);
	o.mapped = is_mapped(at);
	o.zero = o.mapped && *at == 0;
	return o;
}

static void assert_outcome(struct outcome o, int rc, size_t pages, bool mapped)
{
	ck_assert_int_eq(o.rc, rc);
	ck_assert_uint_eq(o.bytes, pages * limit_page);
	ck_assert_int_eq(o.mapped, mapped);
	ck_assert_int_eq(o.zero, mapped);
}

START_TEST(releases)
{
	struct vmp_ctx *ctx = vmp_new();
	char *group = map_apart(8), *first = map_apart(1);
	struct outcome o[5];
	size_t waiting, after;
	bool mapped;

	ck_assert_int_eq(vmp_release(ctx, first, limit_page), 0);
	limit_fill(ctx, 0);
	limit_forbid_malloc();
	o[0] = release(ctx, group, 2, 1);
	o[1] = release(ctx, group, 3, 1);
	waiting = vmp_retry(ctx);
	o[2] = release(ctx, group, 0, 2);
	o[3] = release(ctx, group, 5, 1);
	o[4] = release(ctx, group, 7, 1);
	limit_make_room(1);
	after = vmp_retry(ctx);
	mapped = is_mapped(group + 5 * limit_page);
	limit_end();
	assert_outcome(o[0], 1, 1, true);
	assert_outcome(o[1], 1, 2, true);
	ck_assert_uint_eq(waiting, 1);
	/* what waits is now at the edge of the mapping, together with this */
	assert_outcome(o[2], 0, 0, false);
	assert_outcome(o[3], 1, 1, true);
	assert_outcome(o[4], 0, 1, false);
	ck_assert_uint_eq(after, 0);
	ck_assert(!mapped);
	ck_assert_uint_eq(vmp_pending_bytes(ctx), 0);
	vmp_free(ctx);
}
END_TEST

/* One that is unmapped whole makes room for one that waits. */
START_TEST(retries_with_the_next)
{
	struct vmp_ctx *ctx = vmp_new();
	char *group = map_apart(3), *other = map_apart(2);
	struct outcome o[2];
	bool mapped;

	limit_fill(ctx, 0);
	o[0] = release(ctx, group, 1, 1);
	/* the table took the last mapping */
	limit_make_room(1);
	o[1] = release(ctx, other, 0, 2);
	mapped = is_mapped(group + limit_page);
	limit_end();
	assert_outcome(o[0], 1, 1, true);
	assert_outcome(o[1], 0, 0, false);
	ck_assert(!mapped);
	vmp_free(ctx);
}
END_TEST

/* Released in the middle, then all of it: nothing may wait for it any more. */
START_TEST(forgets_what_went)
{
	struct vmp_ctx *ctx = vmp_new();
	char *group = map_apart(64);
	struct outcome o[3], again;
	size_t waiting;

	limit_fill(ctx, 0);
	o[0] = release(ctx, group, 8, 1);
	o[1] = release(ctx, group, 40, 8);
	again = release(ctx, group, 8, 1);
	waiting = vmp_retry(ctx);
	o[2] = release(ctx, group, 0, 64);
	limit_end();
	assert_outcome(o[0], 1, 1, true);
	assert_outcome(o[1], 1, 9, true);
	assert_outcome(again, 1, 9, true);
	ck_assert_uint_eq(waiting, 2);
	assert_outcome(o[2], 0, 0, false);
	vmp_free(ctx);
}
END_TEST

START_TEST(releases_without_table)
{
	struct vmp_ctx *ctx = vmp_new();
	char *group = map_apart(3);
	struct outcome o;

	limit_fill(ctx, -1);
	o = release(ctx, group, 1, 1);
	limit_end();
	assert_outcome(o, -ENOMEM, 0, true);
	assert_holds(vmp_error(ctx), "no mapping for the table of ranges");
	vmp_free(ctx);
}
END_TEST

START_TEST(releases_locked)
{
	struct vmp_ctx *ctx = vmp_new();
	char *group = map_apart(4);
	bool locked = mlock(group, 4 * limit_page) == 0, knows;
	struct outcome o;

	limit_fill(ctx, 0);
	o = release(ctx, group, 1, 1);
	/* MADV_DONTNEED_LOCKED, since 5.18 */
	knows = madvise(group + 2 * limit_page, limit_page, 24) == 0;
	limit_end();
	ck_assert_int_eq(o.rc, 1);
	ck_assert(o.mapped);
	ck_assert(o.zero || (locked && !knows));
	vmp_free(ctx);
}
END_TEST

START_TEST(pool_stays_clear)
{
	enum { SLICES = 12, CHUNK = 4 };
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_pool *pool;
	int64_t leave = _i, before, after;
	char *slices[SLICES], *none, *again;
	bool zero;
	int error;

	ck_assert_int_eq(vmp_pool_new(4 * limit_page, CHUNK, &pool), 0);
	for (int i = 0; i < SLICES; i++) {
		slices[i] = vmp_pool_get(pool);
		ck_assert_ptr_nonnull(slices[i]);
		slices[i][0] = 1;
	}
	limit_fill(ctx, leave);
	limit_forbid_malloc();
	before = vmp_count(ctx, 0);
	none = vmp_pool_get(pool);
	error = errno;
	for (int i = 0; i < SLICES; i++)
		vmp_pool_put(pool, slices[i]);
	after = vmp_count(ctx, 0);
	again = vmp_pool_get(pool);
	zero = again && *again == 0;
	limit_end();
	ck_assert_ptr_null(none);
	ck_assert_int_eq(error, ENOMEM);
	/* three chunks of two mappings, one of which is kept */
	ck_assert_int_eq(before - after, 2 * 2);
	ck_assert(zero);
	vmp_pool_free(pool);
	vmp_free(ctx);
}
END_TEST

START_TEST(oracles_answer)
{
	struct vmp_ctx *ctx = vmp_new();
	int map = vmp_can_map(ctx), split = vmp_can_split(ctx), rc[7];
	struct vmp_ctx *late = vmp_new();

	limit_fill(ctx, 1);
	rc[5] = vmp_can_split(ctx);
	limit_fill(ctx, 0);
	limit_forbid_malloc();
	rc[0] = vmp_can_map(ctx);
	rc[1] = vmp_can_split(ctx);
	rc[2] = vmp_can_move(ctx);
	limit_allow_malloc();
	limit_fill(ctx, -1);
	rc[3] = vmp_can_map(ctx);
	rc[4] = vmp_can_split(late);
	rc[6] = vmp_can_split(ctx);
	limit_end();
	ck_assert_int_eq(map, 1);
	ck_assert_int_eq(split, 1);
	ck_assert_int_eq(rc[0], 1);
	ck_assert_int_eq(rc[1], 0);
	ck_assert(rc[2] == 0 || rc[2] == -ENOTSUP);
	ck_assert_int_eq(rc[3], 0);
	ck_assert_int_eq(rc[4], -ENOMEM);
	ck_assert_int_eq(rc[5], 1);
	ck_assert_int_eq(rc[6], 0);
	vmp_free(late);
	vmp_free(ctx);
}
END_TEST

static Suite *suite_limit(void)
{
	Suite *suite = suite_create("limit");
	TCase *at = tcase_create("release and pool");

	tcase_add_test(at, releases);
	tcase_add_test(at, retries_with_the_next);
	tcase_add_test(at, forgets_what_went);
	tcase_add_test(at, releases_without_table);
	tcase_add_test(at, releases_locked);
	tcase_add_loop_test(at, pool_stays_clear, -1, 2);
	tcase_add_test(at, oracles_answer);
	suite_add_tcase(suite, at);
	suite_add_tcase(suite, limit_explains());
	return suite;
}

int main(void)
{
	SRunner *runner;
	int failed;

	limit_check();
	setenv("CK_DEFAULT_TIMEOUT", "60", 0);
	runner = srunner_create(suite_limit());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
