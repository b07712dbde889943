// SPDX-License-Identifier: GPL-2.0-or-later
/* vmp_explain_errno() at the limit: a table of calls that fail there. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "limit.h"

enum { PAGES = 8 };

static char *group; /* readable and writable, between pages without access */

static char *page_at(int index)
{
	return group + (ptrdiff_t)index * (ptrdiff_t)limit_page;
}

static int unmap_middle(void)
{
	return munmap(page_at(3), limit_page) ? errno : 0;
}

static int unmap_odd(void)
{
	return munmap(page_at(3) + 1, limit_page) ? errno : 0;
}

static int protect_middle(void)
{
	return mprotect(page_at(3), limit_page, PROT_READ) ? errno : 0;
}

/* From the group's end on, where a whole mapping and then a hole is. */
static int protect_hole(void)
{
	return mprotect(page_at(PAGES), 2 * limit_page, PROT_READ) ? errno : 0;
}

static int advise_middle(void)
{
	return madvise(page_at(3), limit_page, MADV_DONTFORK) ? errno : 0;
}

static int map_one(void)
{
	void *p = mmap(NULL, limit_page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int map_over_middle(void)
{
	void *p = mmap(page_at(3), limit_page, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int lock_middle(void)
{
	return mlock(page_at(3), limit_page) ? errno : 0;
}

static int move_middle(void)
{
	void *p = mremap(page_at(3), limit_page, limit_page,
			 MREMAP_MAYMOVE | MREMAP_FIXED, page_at(5));

	return p == MAP_FAILED ? errno : 0;
}

static int grow_break(void)
{
	return sbrk((intptr_t)limit_page * 64) == (void *)-1 ? errno : 0;
}

static void *do_nothing(void *data)
{
	return data;
}

static int start_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, do_nothing, NULL);

	if (!error)
		pthread_join(thread, NULL);
	return error;
}

#define EITHER_ERRNO (-1)

/* Each fails at this headroom; page and pages: the range that is told. */
static const struct {
	int (*make)(void);
	int leave;
	int error;
	enum vmp_call call;
	int page, pages; /* page -1: no address */
	enum vmp_cause cause;
	enum vmp_certainty certainty, map_limit;
} rows[] = {
	{ unmap_middle, 0, ENOMEM, VMP_CALL_UNMAP, 3, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ unmap_middle, -1, ENOMEM, VMP_CALL_UNMAP, 3, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ unmap_odd, 0, EINVAL, VMP_CALL_UNMAP, 3, 1, VMP_CAUSE_UNKNOWN,
	  VMP_UNCERTAIN, VMP_EXCLUDED },
	{ protect_middle, 0, ENOMEM, VMP_CALL_CHANGE, 3, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	/* the first cut is made, and the second has no room */
	{ protect_middle, 1, ENOMEM, VMP_CALL_CHANGE, 3, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ protect_hole, 0, ENOMEM, VMP_CALL_CHANGE, PAGES, 2,
	  VMP_CAUSE_UNMAPPED_RANGE, VMP_CERTAIN, VMP_EXCLUDED },
	{ advise_middle, 0, EITHER_ERRNO, VMP_CALL_CHANGE, 3, 1,
	  VMP_CAUSE_MAP_COUNT, VMP_CERTAIN, VMP_CERTAIN },
	{ lock_middle, 0, ENOMEM, VMP_CALL_LOCK, 3, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ map_one, -1, ENOMEM, VMP_CALL_MAP, -1, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ map_over_middle, 0, ENOMEM, VMP_CALL_MAP, 3, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ move_middle, 0, ENOMEM, VMP_CALL_MOVE, 3, 1, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ grow_break, -1, ENOMEM, VMP_CALL_BREAK, -1, 64, VMP_CAUSE_MAP_COUNT,
	  VMP_CERTAIN, VMP_CERTAIN },
	{ start_thread, 0, EAGAIN, VMP_CALL_THREAD, -1, 0, VMP_CAUSE_MAP_COUNT,
	  VMP_LIKELY, VMP_LIKELY },
};

static struct vmp_diagnosis d;

/* With the oracles' pages reserved early (odd _i), and without. */
START_TEST(explains)
{
	int row = _i / 2, error, rc;
	struct vmp_ctx *ctx = vmp_new();
	unsigned int mallocs;
	char *address = NULL;

	group = mmap(NULL, (PAGES + 3) * limit_page, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	group += limit_page;
	munmap(page_at(PAGES + 1), limit_page);
	mprotect(group, PAGES * limit_page, PROT_READ | PROT_WRITE);
	if (rows[row].page >= 0)
		address = page_at(rows[row].page);
	if (_i % 2)
		ck_assert_int_eq(vmp_can_map(ctx), 1);
	limit_fill(ctx, rows[row].leave);
	error = rows[row].make();
	limit_forbid_malloc();
	rc = vmp_explain_errno(ctx, rows[row].call, address,
			       (size_t)rows[row].pages * limit_page, error, &d);
	mallocs = limit_mallocs();
	limit_end();
	/* guards of glibc 2.43 are no mappings: a thread can start */
	if (rows[row].call == VMP_CALL_THREAD && !error) {
		vmp_free(ctx);
		return;
	}
	if (rows[row].error == EITHER_ERRNO)
		ck_assert(error == EAGAIN || error == ENOMEM);
	else
		ck_assert_int_eq(error, rows[row].error);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(mallocs, 0);
	ck_assert_msg(d.cause == rows[row].cause, "row %d: %s: %s", row,
		      vmp_cause_name(d.cause), d.explanation);
	ck_assert_msg(d.certainty == rows[row].certainty, "row %d: %s: %s", row,
		      vmp_certainty_name(d.certainty), d.explanation);
	ck_assert_msg(d.map_limit == rows[row].map_limit,
		      "row %d: map limit %s: %s", row,
		      vmp_certainty_name(d.map_limit), d.explanation);
	vmp_free(ctx);
}
END_TEST

/* With a heap that is used up: where libc might, the library does not. */
START_TEST(explains_again)
{
	struct vmp_ctx *ctx = vmp_new();
	int rc = 0;

	limit_fill(ctx, -1);
	limit_forbid_malloc();
	for (int i = 0; i < 3 && rc == 0; i++)
		rc = vmp_explain_errno(ctx, VMP_CALL_MAP, NULL, limit_page,
				       map_one(), &d);
	limit_end();
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(limit_mallocs(), 0);
	ck_assert_int_eq(d.map_limit, VMP_CERTAIN);
	vmp_free(ctx);
}
END_TEST

TCase *limit_explains(void)
{
	TCase *explain = tcase_create("explain");

	tcase_add_loop_test(explain, explains, 0, 2 * (int)VMP_COUNT(rows));
	tcase_add_test(explain, explains_again);
	return explain;
}
