// SPDX-License-Identifier: GPL-2.0-or-later
/* Watch, by processes that may not see all: another user, other namespaces. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "watching.h"

/* The mappings of a process of the sample; -1: it is not there. */
static int64_t mappings_of(pid_t pid)
{
	const struct vmp_watched *p = find_watched(pid);

	return p ? p->mappings : -1;
}

/* What runs in a child, apart from us; it answers 0, or which step failed. */
static void run_apart(int (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(body());
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "signal %d", WTERMSIG(status));
	ck_assert_msg(!WEXITSTATUS(status), "step %d", WEXITSTATUS(status));
}

static int become_nobody(void)
{
	return setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534);
}

static int watch_parent(void)
{
	const pid_t pids[] = { getppid(), getpid() };
	struct vmp_watch_request request = { .backend = VMP_WATCH_AUTO,
					     .pids = pids,
					     .pid_count = 2 };

	ctx = vmp_new();
	if (become_nobody() || prctl(PR_SET_DUMPABLE, 1))
		return 1;
	if (vmp_watch_open(ctx, &request, &watch) ||
	    vmp_watch_sample(watch, &sample))
		return 2;
	if (sample.backend != VMP_WATCH_MAPS || !*sample.reason)
		return 3;
	if (sample.unreadable != 1 || sample.count != 1 || sample.hides)
		return 4;
	close_watch();
	return 0;
}

START_TEST(counts_unreadable)
{
	if (!geteuid())
		run_apart(watch_parent);
}
END_TEST

/* Wait for the only child. Returns: its exit status. */
static int outcome_of(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 100;
	return WEXITSTATUS(status);
}

/* The second process of a PID namespace: the first is root's. */
static int watch_hidden(void)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_AUTO };

	ctx = vmp_new();
	if (become_nobody() || prctl(PR_SET_DUMPABLE, 1))
		return 10;
	if (vmp_watch_open(ctx, &request, &watch) ||
	    vmp_watch_sample(watch, &sample))
		return 11;
	if (!sample.hides || sample.count != 1 || sample.unreadable)
		return 12;
	close_watch();
	return 0;
}

/* They are listed with hidepid=1, but not even whose they are is told. */
static int watch_locked(void)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_MAPS };

	ctx = vmp_new();
	if (become_nobody() || prctl(PR_SET_DUMPABLE, 1))
		return 20;
	if (vmp_watch_open(ctx, &request, &watch) ||
	    vmp_watch_sample(watch, &sample))
		return 21;
	if (sample.hides || sample.count != 1 || sample.unreadable != 1)
		return 22;
	close_watch();
	return 0;
}

/* Two processes, by whatever back end, with the PIDs that they have here. */
static int watch_namespace(void)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_AUTO };
	int64_t count[2];

	for (int i = 0; i < 2; i++) {
		ctx = vmp_new();
		request.backend = i ? VMP_WATCH_AUTO : VMP_WATCH_MAPS;
		if (vmp_watch_open(ctx, &request, &watch) ||
		    vmp_watch_sample(watch, &sample))
			return 30;
		if (sample.count != 2 || mappings_of(getpid()) < 0)
			return 31;
		/* our own memory changes meanwhile */
		count[i] = mappings_of(1);
		close_watch();
	}
	return count[0] > 0 && count[0] == count[1] ? 0 : 32;
}

static int mount_and_run(const char *options, int (*body)(void))
{
	pid_t pid;

	if (mount("proc", "/proc", "proc", 0, options))
		return 77;
	pid = fork();
	if (pid == 0)
		_exit(body());
	return outcome_of(pid);
}

static int look_around(void)
{
	int rc = mount_and_run(NULL, watch_namespace);

	rc = rc ? rc : mount_and_run("hidepid=2", watch_hidden);
	return rc ? rc : mount_and_run("hidepid=1", watch_locked);
}

/* /proc is still that of the namespace outside. */
static int watch_from_outside(void)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_BPF };

	ctx = vmp_new();
	if (vmp_watch_open(ctx, &request, &watch) != -ENOTSUP ||
	    !strstr(vmp_error(ctx), "another PID namespace"))
		return 40;
	request.backend = VMP_WATCH_AUTO;
	if (vmp_watch_open(ctx, &request, &watch) ||
	    vmp_watch_sample(watch, &sample) || !sample.count)
		return 41;
	if (!strstr(sample.reason, "another PID namespace"))
		return 42;
	close_watch();
	return 0;
}

/* The first process of a PID namespace with mounts of its own. */
static int look_inside(void)
{
	int rc = watch_from_outside();

	return rc ? rc : look_around();
}

static int enter_namespaces(void)
{
	pid_t pid;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 0; /* may not be done here */
	pid = fork();
	if (pid == 0)
		_exit(look_inside());
	pid = outcome_of(pid);
	return pid == 77 ? 0 : pid;
}

START_TEST(looks_into_namespaces)
{
	if (!geteuid() && !in_valgrind())
		run_apart(enter_namespaces);
}
END_TEST

Suite *suite_watch_apart(void)
{
	Suite *suite = suite_create("watch-apart");
	TCase *tests = tcase_create("apart");

	tcase_add_test(tests, counts_unreadable);
	tcase_add_test(tests, looks_into_namespaces);
	suite_add_tcase(suite, tests);
	return suite;
}
