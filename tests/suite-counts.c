// SPDX-License-Identifier: GPL-2.0-or-later
/* The map counts of all processes, against those of /proc. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "served.h"
#include "trace/counts.h"

enum {
	CHILDREN = 200,
	PAGES = 2 * CHILDREN + 3,
	NOBODY = 65534,
	READINGS = 2000,
};

static struct vmp_counter *counter;
static const struct vmp_counted *rows;
static size_t count;

static void begin(void)
{
	char reason[256] = "";
	int rc = vmp_counter_open(&counter, reason, sizeof(reason));

	ck_assert_msg(rc == 0, "%d: %s", rc, reason);
	ck_assert_str_eq(reason, "");
}

static void end(void)
{
	vmp_counter_close(counter);
	counter = NULL;
}

static void read_counts(void)
{
	ck_assert_int_eq(vmp_counter_read(counter, &rows, &count), 0);
}

/* Returns: NULL where there is none; two would be a mistake. */
static const struct vmp_counted *find(pid_t pid)
{
	const struct vmp_counted *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].pid != pid)
			continue;
		ck_assert_ptr_null(found);
		found = &rows[i];
	}
	return found;
}

static int64_t mappings_of(pid_t pid)
{
	const struct vmp_counted *row = find(pid);

	ck_assert_msg(row, "no row for process %d", (int)pid);
	return row->mappings;
}

START_TEST(counts_what_maps_lists)
{
	static struct served children[CHILDREN];

	served_reserve(PAGES);
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = served_start(served_cut);
		ck_assert_int_eq(served_ask(&children[i], i), i);
	}
	read_counts();
	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = children[i].pid;

		ck_assert_int_eq(mappings_of(pid), served_count_lines(pid));
		ck_assert(SANITIZED ||
			  mappings_of(pid) - mappings_of(children->pid) ==
				  2 * i);
	}
	for (int i = 0; i < CHILDREN; i++)
		served_stop(&children[i]);
	read_counts();
	for (int i = 0; i < CHILDREN; i++)
		ck_assert_ptr_null(find(children[i].pid));
}
END_TEST

START_TEST(counts_itself)
{
	int64_t before;

	served_reserve(PAGES);
	read_counts();
	before = mappings_of(getpid());
	ck_assert_int_eq(served_cut(7), 7);
	read_counts();
	ck_assert_int_eq(mappings_of(getpid()), before + 14);
}
END_TEST

/* Field 22, behind a name that may hold anything. */
static unsigned long long start_ticks(pid_t pid)
{
	char path[32], text[1024];
	unsigned long long start;
	const char *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	ck_assert_int_gt(vmp_read_file(path, text, sizeof(text)), 0);
	p = strrchr(text, ')') + 1;
	for (int field = 3; field < 22; field++)
		p = strchr(p + 1, ' ');
	ck_assert_int_eq(sscanf(p, "%llu", &start), 1);
	return start;
}

static const char strange[16] = "a) \n\"\\\x1b[2J\xff{}";

static int change(int number)
{
	(void)number;
	prctl(PR_SET_NAME, strange);
	return geteuid() ? 0 : seteuid(NOBODY);
}

START_TEST(tells_start_user_and_command)
{
	struct served child = served_start(change);
	const struct vmp_counted *row;

	ck_assert_int_eq(served_ask(&child, 0), 0);
	read_counts();
	row = find(child.pid);
	ck_assert_ptr_nonnull(row);
	ck_assert_uint_eq(row->start, start_ticks(child.pid));
	ck_assert_uint_eq(row->user, geteuid() ? geteuid() : NOBODY);
	ck_assert_mem_eq(row->command, strange, sizeof(strange));
	row = find(getpid());
	ck_assert_ptr_nonnull(row);
	ck_assert_uint_eq(row->start, start_ticks(getpid()));
	ck_assert_uint_eq(row->user, geteuid());
	served_stop(&child);
}
END_TEST

static pthread_t first;
static int answer_to;

static void *go_on(void *unused)
{
	int tid = (int)syscall(SYS_gettid);

	/* it has not given its memory away by then, but will */
	pthread_join(first, NULL);
	if (write(answer_to, &tid, sizeof(tid)) == sizeof(tid))
		pause();
	_exit(1);
	return unused;
}

static void lose_leader(void)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	first = pthread_self();
	if (pthread_create(&thread, NULL, go_on, NULL))
		_exit(1);
	pthread_exit(NULL);
}

START_TEST(counts_process_without_leader)
{
	int answer[2], tid;
	pid_t child;

	ck_assert_int_eq(pipe(answer), 0);
	answer_to = answer[1];
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child)
		lose_leader();
	close(answer[1]);
	ck_assert_int_eq(read(answer[0], &tid, sizeof(tid)), sizeof(tid));
	ck_assert_int_ne(tid, child);
	while (served_count_lines(child))
		sched_yield();
	read_counts();
	ck_assert_int_gt(mappings_of(child), 5);
	ck_assert_int_eq(mappings_of(child), served_count_lines(tid));
	ck_assert_uint_eq(find(child)->start, start_ticks(child));
	ck_assert_ptr_null(find(tid));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(answer[0]);
}
END_TEST

/* Ended, but held by a tracer, threads stay where the kernel lists them. */
enum { HELD = 70 };

static int started_to, go_from;

static void *announce(void *last)
{
	int tid = (int)syscall(SYS_gettid);
	char byte;

	if (write(started_to, &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	if (last)
		pause();
	return read(go_from, &byte, 1) == 1 ? NULL : last;
}

/* Its first thread ends with all the others but the last. */
static void lose_most(void)
{
	pthread_t thread;
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i <= HELD; i++)
		if (pthread_create(&thread, NULL, announce,
				   i < HELD ? NULL : &thread))
			_exit(1);
	if (read(go_from, &byte, 1) == 1)
		syscall(SYS_exit, 0);
	_exit(1);
}

/* Out: tids. */
static pid_t start_losing(int tids[HELD + 1], int *go)
{
	int started[2], ends[2];
	pid_t child;

	ck_assert_int_eq(pipe(started), 0);
	ck_assert_int_eq(pipe(ends), 0);
	started_to = started[1];
	go_from = ends[0];
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child)
		lose_most();
	for (int i = 0; i <= HELD; i++)
		ck_assert_int_eq(read(started[0], &tids[i], sizeof(*tids)),
				 sizeof(*tids));
	close(started[0]);
	close(started[1]);
	close(ends[0]);
	*go = ends[1];
	return child;
}

static bool is_zombie(pid_t pid, pid_t tid)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid,
		 (int)tid);
	ck_assert_int_gt(vmp_read_file(path, text, sizeof(text)), 0);
	return strrchr(text, ')')[2] == 'Z';
}

static int compare_tids(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Too many to look at: it is said that there is one. */
START_TEST(tells_what_it_cannot_count)
{
	int tids[HELD + 1], go;
	pid_t child = start_losing(tids, &go);
	char bytes[HELD + 1] = { 0 };

	qsort(tids, HELD + 1, sizeof(*tids), compare_tids);
	for (int i = 0; i < HELD; i++)
		ck_assert_int_eq(ptrace(PTRACE_SEIZE, tids[i], 0, 0), 0);
	read_counts();
	ck_assert_int_gt(mappings_of(child), 5);
	ck_assert_int_eq(write(go, bytes, sizeof(bytes)), sizeof(bytes));
	for (int i = 0; i < HELD; i++)
		while (!is_zombie(child, tids[i]))
			sched_yield();
	while (!is_zombie(child, child))
		sched_yield();
	read_counts();
	ck_assert_int_eq(mappings_of(child), -1);
	kill(child, SIGKILL);
	for (int i = 0; i < HELD; i++)
		waitpid(tids[i], NULL, __WALL);
	waitpid(child, NULL, 0);
	close(go);
}
END_TEST

static int nothing(int number)
{
	return number;
}

START_TEST(leaves_zombies_out)
{
	struct served child = served_start(nothing);
	siginfo_t info;

	ck_assert_int_eq(served_ask(&child, 1), 1);
	read_counts();
	ck_assert_ptr_nonnull(find(child.pid));
	kill(child.pid, SIGKILL);
	ck_assert_int_eq(
		waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT), 0);
	read_counts();
	ck_assert_ptr_null(find(child.pid));
	served_stop(&child);
}
END_TEST

/* Whoever has mappings; a moment later some have ended, or given them away. */
START_TEST(leaves_kernel_threads_out)
{
	size_t empty = 0;
	char path[32], text[32];

	read_counts();
	for (size_t i = 0; i < count; i++) {
		ck_assert_int_ne(rows[i].mappings, 0);
		ck_assert_int_gt(rows[i].pid, i ? rows[i - 1].pid : 0);
		ck_assert_int_eq(rows[i].command[15], 0);
		snprintf(path, sizeof(path), "/proc/%d/statm",
			 (int)rows[i].pid);
		if (vmp_read_file(path, text, sizeof(text)) > 0)
			empty += !strncmp(text, "0 ", 2);
	}
	ck_assert_uint_le(empty, count / 4);
	if (vmp_read_file("/proc/2/comm", text, sizeof(text)) > 0 &&
	    !strcmp(text, "kthreadd\n"))
		ck_assert_ptr_null(find(2));
}
END_TEST

/* Page for page, where nothing else allocates. */
START_TEST(keeps_its_memory)
{
	const struct vmp_counted *place;
	unsigned int before;
	int64_t mappings;

	before = open_descriptors();
	read_counts();
	place = rows;
	mappings = mappings_of(getpid());
	for (int i = 0; i < READINGS; i++)
		read_counts();
	ck_assert_ptr_eq(rows, place);
	ck_assert(SANITIZED || mappings_of(getpid()) == mappings);
	ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

/* Asserts nothing: it is a child of a test. Returns: 0, as expected. */
static int count_in_namespace(void)
{
	char reason[256];
	pid_t child;
	int rc = 1;

	if (getpid() != 1)
		return 2;
	child = fork();
	if (!child)
		for (;;)
			pause();
	if (child != 2 || vmp_counter_open(&counter, reason, sizeof(reason)))
		return 3;
	if (vmp_counter_read(counter, &rows, &count))
		return 4;
	if (count == 2 && rows[0].pid == 1 && rows[1].pid == 2 &&
	    rows[0].mappings > 5 && rows[1].mappings > 5)
		rc = 0;
	vmp_counter_close(counter);
	return rc;
}

/* Only those in it are seen, under their numbers there. */
START_TEST(sees_its_namespace)
{
	served_in_namespace(count_in_namespace);
}
END_TEST

START_TEST(says_why_not)
{
	struct vmp_counter *none = NULL;
	char reason[256] = "";

	ck_assert_int_lt(vmp_counter_open(&none, reason, sizeof(reason)), 0);
	ck_assert_str_ne(reason, "");
	ck_assert_ptr_null(none);
	vmp_counter_close(none);
}
END_TEST

static int open_unprivileged(int number)
{
	char reason[256] = "";

	(void)number;
	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	if (vmp_counter_open(&counter, reason, sizeof(reason)) != -EPERM)
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
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, counts_what_maps_lists);
	tcase_add_test(tests, counts_itself);
	tcase_add_test(tests, tells_start_user_and_command);
	tcase_add_test(tests, counts_process_without_leader);
	tcase_add_test(tests, tells_what_it_cannot_count);
	tcase_add_test(tests, leaves_zombies_out);
	tcase_add_test(tests, leaves_kernel_threads_out);
	tcase_add_test(tests, keeps_its_memory);
	tcase_add_test(tests, sees_its_namespace);
	tcase_add_test(tests, needs_privilege);
}

/* Where they cannot be read there is one thing to test: that it says so. */
Suite *suite_counts(void)
{
	Suite *suite = suite_create("counts");
	TCase *tests = tcase_create("counts");
	char reason[256];

	suite_add_tcase(suite, tests);
	if (in_valgrind())
		return suite;
	if (vmp_counter_open(&counter, reason, sizeof(reason)) < 0) {
		tcase_add_test(tests, says_why_not);
		return suite;
	}
	end();
	add_tests(tests);
	return suite;
}
