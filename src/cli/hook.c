// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a command of the user's, with what happened in its environment. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/hook.h"
#include "lib/internal.h"
#include "trace/interrupt.h"
#include "trace/start.h"

/* Ours come first: that is what getenv() and sh take. */
static char **make_environment(char *const *values, size_t count)
{
	static char *nothing[] = { NULL };
	char **inherited = environ ? environ : nothing, **all;
	size_t others = 0, used = 0;

	while (inherited[others])
		others++;
	all = calloc(others + count + 1, sizeof(*all));
	if (!all)
		return NULL;
	for (size_t i = 0; i < count; i++)
		all[used++] = values[i];
	for (size_t i = 0; i < others; i++)
		if (strncmp(inherited[i], "VMAPROBE_", 9) != 0)
			all[used++] = inherited[i];
	return all;
}

/* With the signals of a new program: we may block some, and ignore one. */
static int spawn(const char *command, char **environment, pid_t *pid)
{
	static char shell[] = "sh", option[] = "-c";
	char *const arguments[] = { shell, option, (char *)command, NULL };
	posix_spawnattr_t attributes;
	sigset_t none, ours;
	int error;

	sigemptyset(&none);
	sigemptyset(&ours);
	sigaddset(&ours, SIGPIPE);
	if (posix_spawnattr_init(&attributes))
		return ENOMEM;
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &ours);
	error = posix_spawn(pid, "/bin/sh", NULL, &attributes, arguments,
			    environment);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static int start(const char *command, char *const *values, size_t count,
		 pid_t *pid)
{
	VMP_FREE char **environment = make_environment(values, count);

	return environment ? -spawn(command, environment, pid) : -ENOMEM;
}

int vmp_hook_run(const char *command, char *const *values, size_t count)
{
	int rc, status = 0;
	pid_t pid, got;

	rc = start(command, values, count, &pid);
	if (rc < 0)
		return rc;
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	/* where SIGCHLD is ignored nobody can tell how it ended */
	return got < 0 ? 0 : vmp_exit_status(status);
}

int vmp_pidfd_open(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

int vmp_hook_run_interruptible(const char *command, char *const *values,
			       size_t count)
{
	enum { LOOK_MS = 50 };
	VMP_CLOSE int pidfd = -1;
	int rc, status = 0;
	pid_t pid, got;

	rc = start(command, values, count, &pid);
	if (rc < 0)
		return rc;
	pidfd = vmp_pidfd_open(pid);
	while ((got = waitpid(pid, &status, WNOHANG)) == 0) {
		struct pollfd fds[] = {
			{ .fd = vmp_trace_interrupt_fd(), .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
		};

		if (vmp_trace_interrupted())
			return -EINTR;
		poll(fds, VMP_COUNT(fds), pidfd < 0 ? LOOK_MS : -1);
	}
	return got < 0 ? 0 : vmp_exit_status(status);
}
