// SPDX-License-Identifier: GPL-2.0-or-later
/* A process between the one that was called and the program that is traced. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/follow.h"
#include "trace/start.h"
#include "trace/threads.h"

/* Keyboard's or not: nobody else is there to pass them on to the tracer. */
static const int passed[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };

/* In the tracer: takes the status with which the parent shall end. */
static int to_parent = -1;

/* End as the tracer, or its reporter, did: with its status, or its signal. */
static void end_like(int status)
{
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

/* Returns: false where it ended without one; then its own is to be had. */
static bool read_status(int fd, int *status)
{
	ssize_t length;

	do
		length = read(fd, status, sizeof(*status));
	while (length < 0 && errno == EINTR);
	return length == sizeof(*status);
}

static void wait_for_tracer(pid_t tracer, int fd, const sigset_t *mask)
{
	struct sigaction pass = { .sa_handler = vmp_pass_on,
				  .sa_flags = SA_RESTART };
	struct sigaction before;
	int status;

	vmp_pass_on_to(tracer);
	for (size_t i = 0; i < VMP_COUNT(passed); i++)
		if (sigaction(passed[i], NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaction(passed[i], &pass, NULL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (read_status(fd, &status))
		end_like(status);
	while (waitpid(tracer, &status, 0) < 0)
		if (errno != EINTR)
			_exit(EXIT_FAILURE);
	end_like(status);
}

static int fork_tracer(const sigset_t *before)
{
	VMP_CLOSE int from_tracer = -1;
	int ends[2];
	pid_t tracer;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	from_tracer = ends[0];
	tracer = fork();
	if (tracer)
		close(ends[1]);
	if (tracer < 0)
		return -errno;
	if (tracer)
		wait_for_tracer(tracer, from_tracer, before);
	to_parent = ends[1];
	return 0;
}

int vmp_follow_shield(void)
{
	sigset_t set, before;
	int rc;

	/* a parent that ignores it would have the status thrown away */
	signal(SIGCHLD, SIG_DFL);
	/* what comes while there are two of us is for the parent to pass on */
	sigemptyset(&set);
	for (size_t i = 0; i < VMP_COUNT(passed); i++)
		sigaddset(&set, passed[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	fflush(NULL);
	rc = fork_tracer(&before);
	if (rc == 0)
		prctl(PR_SET_NAME, "vmaprobe-tracer");
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

void vmp_shield_end(int status)
{
	/* the parent was killed: nobody wants to know */
	if (write(to_parent, &status, sizeof(status)) < 0)
		errno = 0;
	close(to_parent);
	to_parent = -1;
}

/* Who reads from a pipe that the command wrote to waits for all of us. */
static void close_files(void)
{
	VMP_CLOSEDIR DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd > STDERR_FILENO &&
		    fd != to_parent && fd != dirfd(dir))
			close(fd);
	}
}

/* Its end comes with that of what it serves, and not before. */
static void go_to_background(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < VMP_COUNT(passed); i++)
		signal(passed[i], SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setsid();
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			close(fd);
	close_files();
	/* it may be a file system that is to be unmounted */
	if (chdir("/"))
		errno = 0;
}

int vmp_follow_leave(struct vmp_follow *f)
{
	pid_t reporter;

	fflush(NULL);
	reporter = fork();
	if (reporter == 0)
		return 0;
	f->serving = true;
	if (reporter < 0)
		return vmp_follow_run(f, NULL);
	f->reporter = reporter;
	go_to_background();
	vmp_follow_run(f, NULL);
	_exit(EXIT_SUCCESS);
}
