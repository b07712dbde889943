// SPDX-License-Identifier: GPL-2.0-or-later
/* Ballast: where it is put, and how a command that is started ends. */
#include <errno.h>
#include <signal.h>

#include "trace/ballast-place.h"
#include "trace/start.h"
#include "unit.h"

#define GIB (UINT64_C(1) << 30)

enum { PAGE = 4096 };

static const struct {
	uint64_t start, end, bytes;
	uint64_t from, to; /* it lies within; 0: there is no room */
} gaps[] = {
	/* far below what is mapped above, far above what grows upwards */
	{ 4 * GIB, 90000 * GIB, GIB, 80000 * GIB, 90000 * GIB - 256 * GIB },
	{ 4 * GIB, 1000 * GIB, GIB, 700 * GIB, 1000 * GIB - 256 * GIB },
	/* the middle of what is not as large */
	{ 4 * GIB, 104 * GIB, 2 * GIB, 53 * GIB, 55 * GIB },
	{ 4 * GIB, 4 * GIB + 10 * PAGE, 4 * PAGE, 4 * GIB + 3 * PAGE,
	  4 * GIB + 7 * PAGE },
	{ 4 * GIB, 4 * GIB + 3 * PAGE, 2 * PAGE, 4 * GIB, 4 * GIB + 3 * PAGE },
	{ 4 * GIB, 4 * GIB + 2 * PAGE, 2 * PAGE, 0, 0 },
	{ 4 * GIB, 5 * GIB, 2 * GIB, 0, 0 },
	{ 0, 0, PAGE, 0, 0 },
};

START_TEST(lies_apart)
{
	struct vmp_ballast_survey s = { 0, gaps[_i].start, gaps[_i].end };
	uint64_t at = vmp_ballast_address(&s, gaps[_i].bytes, PAGE);

	ck_assert_uint_eq(at % PAGE, 0);
	if (!gaps[_i].to) {
		ck_assert_uint_eq(at, 0);
		return;
	}
	ck_assert_uint_ge(at, gaps[_i].from);
	ck_assert_uint_le(at + gaps[_i].bytes, gaps[_i].to);
}
END_TEST

START_TEST(surveys_this_process)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_ballast_survey s;
	struct vmp_mapping m;
	struct vmp_maps *maps;

	ck_assert_int_eq(vmp_ballast_survey(ctx, getpid(), &s), 0);
	ck_assert_int_gt(s.count, 5);
	ck_assert_int_eq(vmp_maps_open(ctx, 0, &maps), 0);
	while (vmp_maps_next(maps, &m) == 1)
		ck_assert(m.end <= s.gap_start || m.start >= s.gap_end);
	vmp_maps_close(maps);
	ck_assert_int_lt(vmp_ballast_survey(ctx, INT32_MAX, &s), 0);
	vmp_free(ctx);
}
END_TEST

START_TEST(knows_its_entry)
{
	uint64_t entry = 0;

	ck_assert_int_eq(vmp_ballast_entry(getpid(), &entry), 0);
	ck_assert_uint_ne(entry, 0);
	ck_assert_int_lt(vmp_ballast_entry(INT32_MAX, &entry), 0);
}
END_TEST

static int take_note(void *argument)
{
	*(int *)argument = 1;
	return -EPROTO;
}

START_TEST(says_why_it_did_not_start)
{
	char *const none[] = { (char *)"/nonexistent/command", NULL };
	char *const some[] = { (char *)"/proc/self/exe", NULL };
	int called = 0;
	struct vmp_start start = { .command = none };
	char reason[200] = "";
	pid_t pid;
	int rc = vmp_start(&start, &pid, reason, sizeof(reason));

	if (rc == -EPERM)
		return; /* no ptrace here */
	ck_assert_int_eq(rc, -ENOENT);
	ck_assert_str_eq(reason, "cannot run /nonexistent/command: "
				 "No such file or directory");
	start = (struct vmp_start){ .command = some,
				    .prepare = take_note,
				    .argument = &called };
	ck_assert_int_eq(vmp_start(&start, &pid, reason, sizeof(reason)),
			 -EPROTO);
	ck_assert_int_eq(called, 0); /* it ran in the child */
}
END_TEST

START_TEST(makes_an_exit_status)
{
	ck_assert_int_eq(vmp_exit_status(7 << 8), 7);
	ck_assert_int_eq(vmp_exit_status(SIGKILL), 137);
	ck_assert_int_eq(vmp_exit_status(SIGSEGV | 0x80), 139);
	ck_assert_int_eq(vmp_start_status(-ENOENT), 127);
	ck_assert_int_eq(vmp_start_status(-EACCES), 126);
	ck_assert_int_eq(vmp_start_status(-ENOEXEC), 126);
	ck_assert_int_eq(vmp_start_status(-EPERM), 125);
}
END_TEST

Suite *suite_ballast(void)
{
	Suite *s = suite_create("ballast");
	TCase *t = tcase_create("place");

	tcase_add_loop_test(t, lies_apart, 0, VMP_COUNT(gaps));
	tcase_add_test(t, surveys_this_process);
	tcase_add_test(t, knows_its_entry);
	suite_add_tcase(s, t);
	t = tcase_create("start");
	tcase_add_test(t, says_why_it_did_not_start);
	tcase_add_test(t, makes_an_exit_status);
	suite_add_tcase(s, t);
	return s;
}
