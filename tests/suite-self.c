// SPDX-License-Identifier: GPL-2.0-or-later
/* A process asks about itself, and explains failures that need no limit. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "unit.h"

static struct vmp_diagnosis explain(enum vmp_call call, const void *address,
				    size_t length, int error)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_diagnosis d;

	memset(&d, 0x5a, sizeof(d));
	ck_assert_int_eq(
		vmp_explain_errno(ctx, call, address, length, error, &d), 0);
	ck_assert_ptr_nonnull(
		memchr(d.explanation, '\0', sizeof(d.explanation)));
	vmp_free(ctx);
	return d;
}

static void assert_diagnosis(struct vmp_diagnosis d, enum vmp_cause cause,
			     enum vmp_certainty certainty)
{
	ck_assert_msg(d.cause == cause, "%s: %s", vmp_cause_name(d.cause),
		      d.explanation);
	ck_assert_msg(d.certainty == certainty, "%s: %s",
		      vmp_certainty_name(d.certainty), d.explanation);
	ck_assert_msg(d.map_limit == VMP_EXCLUDED, "%s: %s",
		      vmp_certainty_name(d.map_limit), d.explanation);
}

START_TEST(can)
{
	struct vmp_ctx *ctx = vmp_new();
	int64_t before = vmp_count(ctx, 0);
	int move;

	ck_assert_int_eq(vmp_can_map(ctx), 1);
	ck_assert_int_eq(vmp_can_split(ctx), 1);
	move = vmp_can_move(ctx);
	ck_assert(move == 1 || move == -ENOTSUP);
	ck_assert_int_eq(vmp_count(ctx, 0), before + 1);
	vmp_free(ctx);
}
END_TEST

static void *map_and_look(void *stop)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t lost = 0;
	unsigned char in_core;

	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
		char *p = mmap(NULL, page, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (int i = 0; i < 20; i++)
			lost += mincore(p, page, &in_core) != 0;
		munmap(p, page);
	}
	return (void *)lost;
}

/* Other threads map meanwhile, and keep what they have. */
START_TEST(asks_beside_threads)
{
	struct vmp_ctx *ctx = vmp_new();
	bool stop = false;
	pthread_t thread;
	void *lost;

	ck_assert_int_eq(pthread_create(&thread, NULL, map_and_look, &stop), 0);
	for (int i = 0; i < 20000; i++)
		if (vmp_can_split(ctx) != 1)
			break;
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, &lost);
	ck_assert_ptr_null(lost);
	ck_assert_int_eq(vmp_can_split(ctx), 1);
	vmp_free(ctx);
}
END_TEST

/* Mapped whatever the rlimits are: what a failed call was about. */
static char *map_three(size_t page)
{
	char *p = mmap(NULL, 3 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	return p;
}

START_TEST(explains_hole)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = map_three(page);
	int error;

	munmap(p + page, page);
	error = mprotect(p, 3 * page, PROT_NONE) ? errno : 0;
	ck_assert_int_eq(error, ENOMEM);
	assert_diagnosis(explain(VMP_CALL_CHANGE, p, 3 * page, error),
			 VMP_CAUSE_UNMAPPED_RANGE, VMP_CERTAIN);
	munmap(p, 3 * page);
}
END_TEST

/* An rlimit for one call. Returns: its errno. */
static int with_limit(int resource, rlim_t soft, int (*call)(size_t page))
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct rlimit limit, low;
	int error;

	getrlimit(resource, &limit);
	low = limit;
	low.rlim_cur = soft;
	ck_assert_int_eq(setrlimit(resource, &low), 0);
	error = call(page);
	/* the limit stays: it is what there is to explain */
	return error;
}

static int map_writable(size_t page)
{
	void *p = mmap(NULL, page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static void lift(int resource)
{
	struct rlimit limit;

	getrlimit(resource, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit);
}

START_TEST(explains_rlimit_as)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_diagnosis d;
	int error = with_limit(RLIMIT_AS, page, map_writable);

	vmp_explain_errno(ctx, VMP_CALL_MAP, NULL, page, error, &d);
	lift(RLIMIT_AS);
	ck_assert_int_eq(error, ENOMEM);
	assert_diagnosis(d, VMP_CAUSE_RLIMIT_AS, VMP_CERTAIN);
	vmp_free(ctx);
}
END_TEST

/* It may have been readable or shared memory, for which it would not count. */
START_TEST(explains_rlimit_data)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_diagnosis d;
	int error = with_limit(RLIMIT_DATA, page, map_writable);

	vmp_explain_errno(ctx, VMP_CALL_MAP, NULL, page, error, &d);
	lift(RLIMIT_DATA);
	/* valgrind has such a limit of its own */
	if (error)
		assert_diagnosis(d, VMP_CAUSE_RLIMIT_DATA, VMP_LIKELY);
	vmp_free(ctx);
}
END_TEST

START_TEST(explains_absurd_length)
{
	size_t length = SIZE_MAX / 2 + 1 - (1UL << 20);
	void *p = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	int error = errno;
	struct vmp_diagnosis d = explain(VMP_CALL_MAP, NULL, length, error);

	ck_assert_ptr_eq(p, MAP_FAILED);
	/* EINVAL is what valgrind answers in the kernel's place */
	if (error != EINVAL)
		assert_diagnosis(d, VMP_CAUSE_ADDRESS_SPACE, VMP_LIKELY);
}
END_TEST

/* Not the limit, whatever it was: errnos and calls that it has none of. */
static const struct {
	enum vmp_call call;
	int error;
	const char *words;
} excluded[] = {
	{ VMP_CALL_UNMAP, EINVAL, "munmap() does not answer this for want" },
	{ VMP_CALL_CHANGE, EACCES, "(Permission denied)" },
	{ VMP_CALL_MAP, EBADF, "mmap() does not answer this" },
	{ VMP_CALL_MAP, 99999, "mmap() does not answer this" },
	{ VMP_CALL_PROCESS, EAGAIN, "" },
	{ VMP_CALL_PROCESS, ENOMEM, "" },
	{ VMP_CALL_TOUCH, ENOMEM, "" },
	{ VMP_CALL_UNMAP, ENOMEM, "" },
	{ VMP_CALL_LOCK, EPERM, "" },
	{ VMP_CALL_MOVE, ENOMEM, "" },
	{ VMP_CALL_RESIZE, ENOMEM, "" },
	{ VMP_CALL_RESIZE, EAGAIN, "" },
	{ VMP_CALL_BREAK, ENOMEM, "" },
	{ VMP_CALL_THREAD, EAGAIN, "" },
	{ VMP_CALL_ALLOCATE, ENOMEM, "" },
	{ VMP_CALL_FREE, 0, "" },
};

START_TEST(excludes_limit)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = map_three(page);
	struct vmp_diagnosis d =
		explain(excluded[_i].call, p + page, page, excluded[_i].error);

	ck_assert_int_ne(d.cause, VMP_CAUSE_MAP_COUNT);
	ck_assert_int_eq(d.map_limit, VMP_EXCLUDED);
	assert_holds(d.explanation, excluded[_i].words);
	munmap(p, 3 * page);
}
END_TEST

START_TEST(cannot_explain)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_diagnosis d = { 0 };

	ck_assert_int_eq(vmp_explain_errno(ctx, VMP_CALLS, NULL, 1, ENOMEM, &d),
			 -EINVAL);
	ck_assert_int_eq(d.cause, VMP_CAUSE_UNKNOWN);
	ck_assert_int_eq(vmp_explain_errno(ctx, (enum vmp_call) - 1, NULL, 1,
					   ENOMEM, &d),
			 -EINVAL);
	ck_assert_int_eq(vmp_set_procfs(ctx, "/nowhere"), 0);
	ck_assert_int_eq(vmp_explain_errno(ctx, VMP_CALL_MAP, NULL, 1, ENOMEM,
					   &d),
			 -ENOENT);
	ck_assert_int_eq(d.cause, VMP_CAUSE_UNKNOWN);
	ck_assert_int_eq(d.certainty, VMP_UNCERTAIN);
	ck_assert_int_eq(d.map_limit, VMP_UNCERTAIN);
	assert_holds(d.explanation, "/nowhere/sys/vm/max_map_count");
	vmp_free(ctx);
}
END_TEST

/* More groups than a window holds: what stands behind them is found. */
START_TEST(reads_long_status)
{
	enum { GROUPS = 20000 };
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_diagnosis d;
	char path[160];
	FILE *f;

	scratch_text("sys/vm/max_map_count", "1000\n");
	scratch_text("self/maps", "100000-130000 rw-p 00000000 00:00 0\n");
	scratch_text("self/limits", "Max address space 4096 4096 bytes\n");
	scratch_text("self/status", "");
	snprintf(path, sizeof(path), "%s/self/status", scratch_root());
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs("Name:\tx\nGroups:\t", f);
	for (int i = 0; i < GROUPS; i++)
		fprintf(f, "%d ", 100000 + i);
	fputs("\nVmPeak:\t 1 kB\nVmSize:\t 4 kB\n"
	      "VmLck:\t 0 kB\nVmData:\t 0 kB\nCapEff:\t0000000000000000\n",
	      f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(vmp_explain_errno(ctx, VMP_CALL_MAP, NULL, 4096,
					   ENOMEM, &d),
			 0);
	assert_diagnosis(d, VMP_CAUSE_RLIMIT_AS, VMP_CERTAIN);
	vmp_free(ctx);
}
END_TEST

Suite *suite_self(void)
{
	Suite *suite = suite_create("self");
	TCase *answers = tcase_create("answers");
	TCase *explains = tcase_create("explains");
	TCase *files = tcase_create("files");

	tcase_add_test(answers, can);
	tcase_add_test(answers, asks_beside_threads);
	suite_add_tcase(suite, answers);
	tcase_add_test(explains, explains_hole);
	tcase_add_test(explains, explains_rlimit_as);
	tcase_add_test(explains, explains_rlimit_data);
	tcase_add_test(explains, explains_absurd_length);
	tcase_add_loop_test(explains, excludes_limit, 0, VMP_COUNT(excluded));
	tcase_add_test(explains, cannot_explain);
	suite_add_tcase(suite, explains);
	tcase_add_unchecked_fixture(files, scratch_begin, scratch_end);
	tcase_add_test(files, reads_long_status);
	suite_add_tcase(suite, files);
	return suite;
}
