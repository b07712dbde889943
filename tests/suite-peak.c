// SPDX-License-Identifier: GPL-2.0-or-later
/* The highest map count of a process, which nobody else gets to see. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "served.h"
#include "trace/peak.h"

enum {
	PAGES = 403,
	MOST = 200, /* cuts */
	ROUNDS = 1000,
	YIELDS = 200,
	THREADS = 4,
	NOBODY = 65534,
	NO_PROCESS = INT32_MAX,
	STACK = 64 * 1024,
};

static struct vmp_peak *peak;
static char reason[256];

static void open_peak(pid_t pid)
{
	int rc = vmp_peak_open(&peak, pid, reason, sizeof(reason));

	ck_assert_msg(rc == 0, "%d: %s", rc, reason);
}

static int64_t read_peak(void)
{
	int64_t mappings = -1;

	ck_assert_int_eq(vmp_peak_read(peak, &mappings), 0);
	return mappings;
}

/* There and back: what is left tells nothing. */
static int spike(int cuts)
{
	return served_cut(cuts) - served_mend(cuts);
}

static struct served start(serve *act)
{
	struct served child;

	served_reserve(PAGES);
	child = served_start(act);
	open_peak(child.pid);
	return child;
}

static void stop(struct served *child)
{
	served_stop(child);
	vmp_peak_close(peak);
	peak = NULL;
}

START_TEST(sees_each_spike)
{
	struct served child = start(spike);
	int64_t base = served_count_lines(child.pid);

	for (int i = 0; i < ROUNDS; i++) {
		int cuts = 1 + i * 37 % MOST;

		ck_assert_int_eq(served_ask(&child, cuts), 0);
		ck_assert_int_eq(read_peak(), base + 2 * cuts);
		/* nothing is left of it; that of its answer may be late */
		if (i % 2)
			ck_assert_int_le(read_peak(), base);
	}
	stop(&child);
}
END_TEST

/* Read as often as can be while it rises: it is in one of the readings. */
START_TEST(loses_nothing_between_readings)
{
	struct served child = start(spike);
	int64_t base = served_count_lines(child.pid);
	size_t readings = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int cuts = 1 + i * 37 % MOST;
		int64_t highest = 0, now;

		served_tell(&child, cuts);
		for (bool done = false; !done; readings++) {
			done = served_answers(&child);
			now = read_peak();
			highest = now > highest ? now : highest;
		}
		ck_assert_int_eq(served_wait(&child), 0);
		ck_assert_int_eq(highest, base + 2 * cuts);
	}
	ck_assert_uint_gt(readings, ROUNDS);
	stop(&child);
}
END_TEST

START_TEST(sees_nothing_where_nothing_is)
{
	struct served child = start(spike);

	/* of this process, and of others, there is much */
	ck_assert_int_eq(served_cut(MOST), MOST);
	ck_assert_int_le(read_peak(), served_count_lines(child.pid));
	ck_assert_int_eq(read_peak(), 0);
	stop(&child);
}
END_TEST

static void *move(void *unused)
{
	for (int i = 0; i < YIELDS; i++)
		sched_yield();
	return unused;
}

/* Others of the process end calls all the while, on other processors. */
static int spike_among_threads(int cuts)
{
	pthread_t threads[THREADS];
	int left;

	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, move, NULL))
			return -1;
	left = spike(cuts);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return left;
}

START_TEST(sees_spikes_among_threads)
{
	struct served child = start(spike_among_threads);
	int64_t without, high;

	/* stacks are kept for the next ones */
	ck_assert_int_eq(served_ask(&child, 1), 0);
	read_peak();
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(served_ask(&child, 1), 0);
		without = read_peak();
		ck_assert_int_eq(served_ask(&child, MOST), 0);
		high = read_peak();
		ck_assert_int_ge(high - without, 2 * MOST - 2 - 2 * THREADS);
	}
	stop(&child);
}
END_TEST

static int borrow(void *cuts)
{
	return spike(*(int *)cuts) != 0;
}

/* A process of its own makes the spike, in the memory of this one or not. */
static int spike_in_child(int cuts, int flags)
{
	static char stack[STACK] __attribute__((aligned(16)));
	pid_t child = clone(borrow, stack + STACK, flags | SIGCHLD, &cuts);
	int status;

	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return status;
}

static int spike_by_vfork(int cuts)
{
	return spike_in_child(cuts, CLONE_VM | CLONE_VFORK);
}

static int spike_by_fork(int cuts)
{
	return spike_in_child(cuts, 0);
}

START_TEST(sees_spikes_of_borrowers)
{
	struct served child = start(spike_by_vfork);
	int64_t base = served_count_lines(child.pid);

	for (int cuts = 1; cuts <= MOST; cuts += 7) {
		ck_assert_int_eq(served_ask(&child, cuts), 0);
		ck_assert_int_eq(read_peak(), base + 2 * cuts);
	}
	stop(&child);
}
END_TEST

START_TEST(sees_no_spikes_of_copies)
{
	struct served child = start(spike_by_fork);
	int64_t base = served_count_lines(child.pid);

	ck_assert_int_eq(served_ask(&child, MOST), 0);
	ck_assert_int_eq(read_peak(), base);
	stop(&child);
}
END_TEST

static int become_other(void *unused)
{
	(void)unused;
	execlp("true", "true", NULL);
	return 1;
}

/* From its execve() on it is a stranger, and the memory is the parent's. */
static int run_and_spike(int cuts)
{
	static char stack[STACK] __attribute__((aligned(16)));
	pid_t child = clone(become_other, stack + STACK,
			    CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);

	if (child < 0 || waitpid(child, NULL, 0) != child)
		return -1;
	return spike_by_vfork(cuts);
}

START_TEST(tells_borrowers_that_leave)
{
	struct served child = start(run_and_spike);
	int64_t base = served_count_lines(child.pid);

	for (int i = 1; i <= 20; i++) {
		ck_assert_int_eq(served_ask(&child, i), 0);
		ck_assert_int_eq(read_peak(), base + 2 * i);
	}
	stop(&child);
}
END_TEST

static int become_cat(int cuts)
{
	served_cut(cuts);
	execlp("cat", "cat", NULL);
	return errno;
}

/* With its ends as standard input and output. */
static struct served start_on_standard(serve *act)
{
	struct served child;
	int in = dup(0), out = dup(1), ends[2][2];

	ck_assert_int_eq(pipe(ends[0]), 0);
	ck_assert_int_eq(pipe(ends[1]), 0);
	fflush(stdout);
	child.pid = fork();
	ck_assert_int_ge(child.pid, 0);
	if (!child.pid) {
		int number;

		dup2(ends[0][0], 0);
		dup2(ends[1][1], 1);
		for (int i = 0; i < 4; i++)
			close(ends[i / 2][i % 2]);
		_exit(read(0, &number, sizeof(number)) < 0 || act(number));
	}
	close(ends[0][0]);
	close(ends[1][1]);
	close(in);
	close(out);
	child.to = ends[0][1];
	child.from = ends[1][0];
	return child;
}

START_TEST(goes_on_after_exec)
{
	struct served child;
	int64_t before, after;

	served_reserve(PAGES);
	child = start_on_standard(become_cat);
	open_peak(child.pid);
	before = served_count_lines(child.pid);
	served_tell(&child, MOST);
	ck_assert_int_eq(served_ask(&child, 5), 5);
	ck_assert_int_eq(read_peak(), before + 2 * MOST);
	/* of that which it has become */
	ck_assert_int_eq(served_ask(&child, 6), 6);
	after = read_peak();
	ck_assert_int_eq(after, served_count_lines(child.pid));
	ck_assert_int_lt(after, before + 2 * MOST);
	stop(&child);
}
END_TEST

START_TEST(survives_its_end)
{
	struct served child = start(spike);
	struct vmp_peak *late = NULL;
	siginfo_t info;

	ck_assert_int_eq(served_ask(&child, 1), 0);
	kill(child.pid, SIGKILL);
	ck_assert_int_eq(
		waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_gt(read_peak(), 0);
	ck_assert_int_eq(read_peak(), 0);
	/* a zombie has no mappings */
	ck_assert_int_eq(vmp_peak_open(&late, child.pid, reason,
				       sizeof(reason)),
			 -ESRCH);
	ck_assert_ptr_null(late);
	stop(&child);
}
END_TEST

START_TEST(misses_process)
{
	ck_assert_int_eq(vmp_peak_open(&peak, NO_PROCESS, reason,
				       sizeof(reason)),
			 -ESRCH);
	assert_holds(reason, "no process 2147483647");
	ck_assert_ptr_null(peak);
	vmp_peak_close(peak);
}
END_TEST

/* Asserts nothing: it is a child of a test. Returns: 0, as expected. */
static int watch_in_namespace(void)
{
	int64_t base = served_count_lines(0), first = 0, second = 0;
	pid_t child;

	if (getpid() != 1)
		return 2;
	child = fork();
	if (!child)
		for (;;)
			spike(MOST);
	if (child != 2 || vmp_peak_open(&peak, 2, reason, sizeof(reason)))
		return 3;
	/* it is busy with it */
	while (first < base + 2 * MOST)
		if (vmp_peak_read(peak, &first))
			return 4;
	vmp_peak_close(peak);
	/* nothing is heard of its parent */
	if (vmp_peak_open(&peak, 1, reason, sizeof(reason)) ||
	    vmp_peak_read(peak, &second))
		return 5;
	vmp_peak_close(peak);
	return second < base + 2 * MOST ? 0 : 6;
}

START_TEST(knows_numbers_of_its_namespace)
{
	served_reserve(PAGES);
	served_in_namespace(watch_in_namespace);
}
END_TEST

START_TEST(says_why_not)
{
	ck_assert_int_lt(vmp_peak_open(&peak, getpid(), reason, sizeof(reason)),
			 0);
	ck_assert_str_ne(reason, "");
	ck_assert_ptr_null(peak);
	vmp_peak_close(peak);
}
END_TEST

static int open_unprivileged(int number)
{
	(void)number;
	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	if (vmp_peak_open(&peak, getpid(), reason, sizeof(reason)) != -EPERM)
		return 2;
	return strstr(reason, "CAP_BPF and CAP_PERFMON") ? 0 : 3;
}

START_TEST(needs_privilege)
{
	struct served child = served_start(open_unprivileged);

	if (!geteuid())
		ck_assert_int_eq(served_ask(&child, 0), 0);
	served_stop(&child);
}
END_TEST

static void add_tests(TCase *tests)
{
	tcase_add_test(tests, sees_each_spike);
	tcase_add_test(tests, loses_nothing_between_readings);
	tcase_add_test(tests, sees_nothing_where_nothing_is);
	tcase_add_test(tests, sees_spikes_among_threads);
	tcase_add_test(tests, sees_spikes_of_borrowers);
	tcase_add_test(tests, sees_no_spikes_of_copies);
	tcase_add_test(tests, tells_borrowers_that_leave);
	tcase_add_test(tests, goes_on_after_exec);
	tcase_add_test(tests, survives_its_end);
	tcase_add_test(tests, misses_process);
	tcase_add_test(tests, knows_numbers_of_its_namespace);
	tcase_add_test(tests, needs_privilege);
}

/* Where it cannot be seen there is one thing to test: that it says so. */
Suite *suite_peak(void)
{
	Suite *suite = suite_create("peak");
	TCase *tests = tcase_create("peak");

	suite_add_tcase(suite, tests);
	if (in_valgrind())
		return suite;
	if (vmp_peak_open(&peak, getpid(), reason, sizeof(reason)) < 0) {
		tcase_add_test(tests, says_why_not);
		return suite;
	}
	vmp_peak_close(peak);
	peak = NULL;
	add_tests(tests);
	return suite;
}
