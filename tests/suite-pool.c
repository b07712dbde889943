// SPDX-License-Identifier: GPL-2.0-or-later
/* Pools: what slices are like, what they cost in mappings, and misuse. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "unit.h"

static size_t page;

static struct vmp_pool *make_pool(size_t slice_bytes, size_t slices)
{
	struct vmp_pool *pool = NULL;

	page = (size_t)sysconf(_SC_PAGESIZE);
	ck_assert_int_eq(vmp_pool_new(slice_bytes, slices, &pool), 0);
	return pool;
}

static char *get(struct vmp_pool *pool)
{
	char *slice = vmp_pool_get(pool);

	ck_assert_ptr_nonnull(slice);
	ck_assert_uint_eq((uintptr_t)slice % page, 0);
	return slice;
}

static int64_t mappings(struct vmp_ctx *ctx)
{
	int64_t count = vmp_count(ctx, 0);

	ck_assert_int_gt(count, 0);
	return count;
}

enum { MOST = 600 };

/* Bytes in a slice, in pages and a half; slices in a chunk; slices to get. */
static const struct {
	size_t half_pages, slices;
	int count;
} shapes[] = {
	{ 2, 1, 5 },	 { 2, 4, 9 },  { 1, 64, 200 },	{ 2, 65, 200 },
	{ 2, 128, 129 }, { 5, 3, 20 }, { 64, 0, MOST }, { 6000, 2, 5 },
};

/* Whole slices, all different, of zeroes each time. */
START_TEST(gives_slices)
{
	char *slices[MOST];
	struct vmp_pool *pool = make_pool(1, 1);
	size_t bytes = shapes[_i].half_pages * page / 2;
	size_t last = (bytes + page - 1) / page * page - 1;
	int count = shapes[_i].count;

	vmp_pool_free(pool);
	pool = make_pool(bytes, shapes[_i].slices);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < count; i++) {
			slices[i] = get(pool);
			ck_assert(!slices[i][0] && !slices[i][last]);
			slices[i][0] = (char)(i % 100 + 1);
			slices[i][last] = (char)(i % 90 + 2);
		}
		for (int i = 0; i < count; i++) {
			int n = round == 1 ? count - 1 - i : i;

			ck_assert_int_eq(slices[n][0], n % 100 + 1);
			ck_assert_int_eq(slices[n][last], n % 90 + 2);
			vmp_pool_put(pool, slices[n]);
		}
	}
	vmp_pool_free(pool);
}
END_TEST

/* Two mappings a chunk, whatever is taken; an empty one is kept. */
START_TEST(counts_mappings)
{
	enum { CHUNKS = 10, EACH = 8, OTHERS = SANITIZED ? 16 : 0 };
	struct vmp_pool *pool = make_pool(1, EACH);
	struct vmp_ctx *ctx = vmp_new();
	int64_t before = mappings(ctx) + OTHERS;
	char *slices[CHUNKS * EACH];

	for (int i = 0; i < CHUNKS * EACH; i++)
		slices[i] = get(pool);
	ck_assert_int_le(mappings(ctx), before + 2 * CHUNKS);
	for (int i = 0; i < CHUNKS * EACH; i += 2)
		vmp_pool_put(pool, slices[i]);
	ck_assert_int_le(mappings(ctx), before + 2 * CHUNKS);
	for (int i = 1; i < CHUNKS * EACH; i += 2)
		vmp_pool_put(pool, slices[i]);
	ck_assert_int_le(mappings(ctx), before + 2);
	vmp_pool_free(pool);
	ck_assert_int_le(mappings(ctx), before);
	vmp_free(ctx);
}
END_TEST

/* Slices that are put back are taken again before more is mapped. */
START_TEST(fills_gaps)
{
	struct vmp_pool *pool = make_pool(1, 100);
	char *slices[300], *gap;

	for (int i = 0; i < 300; i++)
		slices[i] = get(pool);
	vmp_pool_put(pool, slices[150]);
	vmp_pool_put(pool, slices[20]);
	gap = get(pool);
	ck_assert(gap == slices[20] || gap == slices[150]);
	gap = get(pool);
	ck_assert(gap == slices[20] || gap == slices[150]);
	vmp_pool_free(pool);
}
END_TEST

START_TEST(gives_memory_back)
{
	struct vmp_pool *pool = make_pool(1, 4);
	char *first = get(pool), *second = get(pool);
	unsigned char resident[2];

	first[0] = second[0] = 1;
	vmp_pool_put(pool, first);
	ck_assert_int_eq(mincore(first, page, &resident[0]), 0);
	ck_assert_int_eq(mincore(second, page, &resident[1]), 0);
	ck_assert(!(resident[0] & 1) && resident[1] & 1);
	vmp_pool_free(pool);
}
END_TEST

START_TEST(zeroes_locked)
{
	struct vmp_pool *pool = make_pool(1, 1);
	char *slice = get(pool);

	if (mlock(slice, page) == 0) {
		memset(slice, 1, page);
		vmp_pool_put(pool, slice);
		ck_assert_ptr_eq(get(pool), slice);
		ck_assert(!slice[0] && !slice[page - 1]);
	}
	vmp_pool_free(pool);
}
END_TEST

static const struct {
	size_t bytes, slices;
} too_large[] = {
	{ 0, 0 },	 { 0, 10 },
	{ SIZE_MAX, 0 }, { SIZE_MAX / 4, 0 },
	{ 1, SIZE_MAX }, { 4096, SIZE_MAX / 4096 },
	{ SIZE_MAX, 1 }, { 1 << 20, 1UL << 60 },
};

START_TEST(refuses_sizes)
{
	struct vmp_pool *pool = (void *)1;

	ck_assert_int_eq(vmp_pool_new(too_large[_i].bytes, too_large[_i].slices,
				      &pool),
			 -EINVAL);
	ck_assert_ptr_eq(pool, (void *)1);
}
END_TEST

/* No memory: NULL and errno; what is there stays good, and it can go on. */
START_TEST(has_no_memory)
{
	struct vmp_pool *pool = make_pool(1, 2);
	char *first = get(pool), *second = get(pool), *none;
	struct rlimit limit, low;
	int error;

	getrlimit(RLIMIT_AS, &limit);
	low = limit;
	low.rlim_cur = page;
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &low), 0);
	none = vmp_pool_get(pool);
	error = errno;
	setrlimit(RLIMIT_AS, &limit);
	ck_assert_ptr_null(none);
	ck_assert_int_eq(error, ENOMEM);
	first[0] = second[0] = 1;
	get(pool)[0] = 1;
	vmp_pool_free(pool);
	vmp_pool_free(NULL);
}
END_TEST

/* Each ends in abort(). */
static void put_nothing(struct vmp_pool *pool, char *slice)
{
	(void)slice;
	vmp_pool_put(pool, NULL);
}

static void put_twice(struct vmp_pool *pool, char *slice)
{
	vmp_pool_put(pool, slice);
	vmp_pool_put(pool, slice);
}

static void put_inside(struct vmp_pool *pool, char *slice)
{
	vmp_pool_put(pool, slice + page);
}

static void put_unaligned(struct vmp_pool *pool, char *slice)
{
	vmp_pool_put(pool, slice + 8);
}

static void put_never_given(struct vmp_pool *pool, char *slice)
{
	vmp_pool_put(pool, slice + 2 * page);
}

static void put_below(struct vmp_pool *pool, char *slice)
{
	vmp_pool_put(pool, slice - page);
}

static void put_behind(struct vmp_pool *pool, char *slice)
{
	vmp_pool_put(pool, slice + 10 * 2 * page);
}

static void put_of_other_pool(struct vmp_pool *pool, char *slice)
{
	struct vmp_pool *other = make_pool(2 * page, 10);

	(void)slice;
	vmp_pool_put(pool, get(other));
}

static void put_from_stack(struct vmp_pool *pool, char *slice)
{
	vmp_pool_put(pool, &slice);
}

static void (*const misuses[])(struct vmp_pool *pool, char *slice) = {
	put_nothing,   put_twice,	  put_inside,
	put_unaligned, put_never_given,	  put_below,
	put_behind,    put_of_other_pool, put_from_stack,
};

START_TEST(ends_the_process)
{
	struct vmp_pool *pool = make_pool(1, 1);

	vmp_pool_free(pool);
	pool = make_pool(2 * page, 10);
	misuses[_i](pool, get(pool));
}
END_TEST

Suite *suite_pool(void)
{
	Suite *suite = suite_create("pool");
	TCase *slices = tcase_create("slices");
	TCase *misuse = tcase_create("misuse");

	tcase_add_loop_test(slices, gives_slices, 0, VMP_COUNT(shapes));
	tcase_add_test(slices, counts_mappings);
	tcase_add_test(slices, fills_gaps);
	tcase_add_test(slices, gives_memory_back);
	tcase_add_test(slices, zeroes_locked);
	tcase_add_loop_test(slices, refuses_sizes, 0, VMP_COUNT(too_large));
	tcase_add_test(slices, has_no_memory);
	suite_add_tcase(suite, slices);
	tcase_add_loop_test_raise_signal(misuse, ends_the_process, SIGABRT, 0,
					 VMP_COUNT(misuses));
	suite_add_tcase(suite, misuse);
	return suite;
}
