// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts a command under ptrace and waits until it is at its exec. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/start.h"

enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127, BY_SIGNAL = 128 };

struct channels {
	int go[2];     /* to the child: it has been seized */
	int failed[2]; /* from the child: why there was no exec */
};

void vmp_signals_save(struct vmp_signals *s)
{
	sigprocmask(SIG_BLOCK, NULL, &s->mask);
	for (int i = 1; i < NSIG; i++)
		if (sigaction(i, NULL, &s->action[i]))
			s->action[i].sa_handler = SIG_DFL;
}

/*
 * Blocked until the dispositions are in place, so that none is lost. A handler
 * of ours becomes the default by the exec itself; what was ignored stays so.
 */
static void restore_signals(const struct vmp_signals *s)
{
	for (int i = 1; i < NSIG; i++)
		sigaction(i, &s->action[i], NULL);
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

static void close_pair(const int *pair)
{
	vmp_cleanup_fd(&pair[0]);
	vmp_cleanup_fd(&pair[1]);
}

static void run_child(const struct vmp_start *start,
		      const struct vmp_signals *signals, struct channels *c)
{
	char byte;
	int error = 0;

	/* its end is ours: without us it must not run */
	close(c->go[1]);
	if (read(c->go[0], &byte, 1) != 1)
		_exit(VMP_OWN_FAILURE);
	restore_signals(signals);
	if (start->prepare)
		error = -start->prepare(start->argument);
	if (!error) {
		execvp(start->command[0], start->command);
		error = errno;
	}
	_exit(write(c->failed[1], &error, sizeof(error)) < 0 ? VMP_OWN_FAILURE
							     : NOT_FOUND);
}

/* Why the child ended before it ran the command. */
static int read_failure(int fd)
{
	int error = 0;

	if (read(fd, &error, sizeof(error)) != sizeof(error) || error <= 0)
		return -EINTR;
	return -error;
}

/* How it goes on after a stop that is not the exec. */
static void pass_over(pid_t pid, int status)
{
	int event = status >> 16, number = WSTOPSIG(status);
	bool group_stop = event == PTRACE_EVENT_STOP && number != SIGTRAP;

	if (group_stop)
		ptrace(PTRACE_LISTEN, pid, NULL, NULL);
	else
		ptrace(PTRACE_CONT, pid, NULL,
		       (void *)(uintptr_t)(event ? 0 : number));
}

static int wait_for_exec(pid_t pid, int failed)
{
	int status;

	for (;;) {
		if (waitpid(pid, &status, __WALL) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (!WIFSTOPPED(status))
			return read_failure(failed);
		if (status >> 16 == PTRACE_EVENT_EXEC)
			return 0;
		pass_over(pid, status);
	}
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

static int seize(const struct vmp_start *start, pid_t pid, int go)
{
	uintptr_t options = (uintptr_t)start->options | PTRACE_O_TRACEEXEC;

	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options))
		return errno == EIO ? -ENOTSUP : -errno;
	return write(go, "", 1) == 1 ? 0 : -errno;
}

static int say(int rc, const struct vmp_start *start, char *reason, size_t size)
{
	const char *detail = rc == -EPERM || rc == -ENOTSUP
				     ? " (ptrace is refused: by Yama, a "
				       "container, or another tracer)"
				     : "";

	if (rc == -EINTR)
		snprintf(reason, size, "%s was killed before it began",
			 start->command[0]);
	else if (rc < 0)
		snprintf(reason, size, "cannot run %s: %s%s", start->command[0],
			 strerror(-rc), detail);
	return rc;
}

static int start_child(const struct vmp_start *start,
		       const struct vmp_signals *signals, struct channels *c,
		       pid_t *pid)
{
	sigset_t all, mask;
	int rc;

	fflush(NULL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	*pid = fork();
	if (*pid == 0)
		run_child(start, signals, c);
	rc = *pid < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return rc;
}

static int start_through(const struct vmp_start *start, struct channels *c,
			 pid_t *pid)
{
	struct vmp_signals now;
	int rc;

	vmp_signals_save(&now);
	if (pipe2(c->go, O_CLOEXEC) || pipe2(c->failed, O_CLOEXEC))
		return -errno;
	rc = start_child(start, start->signals ? start->signals : &now, c, pid);
	if (rc < 0)
		return rc;
	/* what is read from it ends with the child */
	close(c->failed[1]);
	c->failed[1] = -1;
	rc = seize(start, *pid, c->go[1]);
	if (rc < 0) {
		end_child(*pid);
		return rc;
	}
	return wait_for_exec(*pid, c->failed[0]);
}

int vmp_start(const struct vmp_start *start, pid_t *pid, char *reason,
	      size_t size)
{
	struct channels c = { { -1, -1 }, { -1, -1 } };
	int rc = start_through(start, &c, pid);

	close_pair(c.go);
	close_pair(c.failed);
	return say(rc, start, reason, size);
}

int vmp_start_status(int rc)
{
	static const struct {
		int error, status;
	} rows[] = {
		{ ENOENT, NOT_FOUND },
		{ EACCES, NOT_EXECUTABLE },
		{ ENOEXEC, NOT_EXECUTABLE },
		{ E2BIG, NOT_EXECUTABLE },
		{ ETXTBSY, NOT_EXECUTABLE },
		{ ENOTDIR, NOT_EXECUTABLE },
		{ ELOOP, NOT_EXECUTABLE },
		{ EISDIR, NOT_EXECUTABLE },
		{ ENAMETOOLONG, NOT_EXECUTABLE },
	};

	for (size_t i = 0; i < VMP_COUNT(rows); i++)
		if (rc == -rows[i].error)
			return rows[i].status;
	return VMP_OWN_FAILURE;
}

int vmp_exit_status(int status)
{
	return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
