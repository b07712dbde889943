// SPDX-License-Identifier: GPL-2.0-or-later
/* A process between the one that was called and the program that is traced. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/follow.h"
#include "trace/start.h"
#include "trace/threads.h"

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
	int status;

	vmp_pass_on_to(tracer);
	/* keyboard's or not: nobody else is there to pass them on */
	vmp_signals_handle(vmp_pass_on, vmp_pass_on);
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
	vmp_signals_fill(&set);
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
	/* there is no reporter any more to pass them on to */
	vmp_signals_ignore();
	/* the parent was killed: nobody wants to know */
	if (write(to_parent, &status, sizeof(status)) < 0)
		errno = 0;
	close(to_parent);
	to_parent = -1;
}

/* close_range(2) is of Linux 5.9, glibc's function of 2.34. */
static void close_from_to(unsigned first, unsigned last)
{
	enum { MOST = 1 << 20 }; /* fs.nr_open, where nobody has changed it */
	struct rlimit files = { .rlim_cur = MOST };

	if (first > last)
		return;
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, first, last, 0))
		return;
#endif
	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur > MOST)
		files.rlim_cur = MOST;
	for (unsigned fd = first; fd <= last && fd < files.rlim_cur; fd++)
		close((int)fd);
}

/* Who reads from a pipe that the command wrote to waits for all of us. */
static void close_files(void)
{
	/* it is above the standard streams: main() has filled those */
	close_from_to(STDERR_FILENO + 1, (unsigned)to_parent - 1);
	close_from_to((unsigned)to_parent + 1, ~0U);
}

/* Where the kernel keeps arguments and, right behind them, environment. */
struct words {
	unsigned long start, end, environment, environment_end;
};

/* "4090 (vmaprobe-tracer) S 1 ...": arg_start is the 48th, since Linux 3.5 */
static bool find_words(struct words *w)
{
	enum { NAME = 2, ARG_START = 48 };
	char text[2048], *at;

	if (vmp_read_file("/proc/self/stat", text, sizeof(text)) <= 0)
		return false;
	at = strrchr(text, ')');
	for (int i = NAME; at && i < ARG_START; i++)
		at = strchr(at + 1, ' ');
	return at &&
	       sscanf(at, "%lu %lu %lu %lu", &w->start, &w->end,
		      &w->environment, &w->environment_end) == 4 &&
	       w->start && w->start < w->end && w->end <= w->environment_end;
}

/*
 * What ps shows. The environment is written over too; nobody asks for it any
 * more. Where the last byte of the arguments is not 0, the kernel prints them
 * up to the first 0, and on into the environment (get_mm_cmdline()).
 */
static void set_title(const char *title)
{
	struct words w;
	size_t size;
	char *text;

	if (!find_words(&w))
		return;
	environ = NULL;
	if (w.environment != w.end)
		w.environment_end = w.end;
	text = (char *)w.start;
	size = w.environment_end - w.start;
	memset(text, 0, size);
	text[w.end - w.start - 1] = ' ';
	memcpy(text, title, strnlen(title, size - 1));
	text[strnlen(title, size - 1)] = '\0';
}

/* Whoever wonders what it is shall not kill it. */
static void name_served(const struct vmp_follow *f)
{
	char title[200], others[64] = "";
	pid_t first = 0;
	size_t count = vmp_threads_processes(f, &first);

	if (count > 1)
		snprintf(others, sizeof(others), " and %zu more", count - 1);
	snprintf(title, sizeof(title),
		 "vmaprobe-tracer: do not kill, serves process %d%s",
		 (int)first, others);
	set_title(title);
}

/* Its end comes with that of what it serves, and not before. */
static void go_to_background(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

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

int vmp_follow_leave(struct vmp_follow *f, pid_t *tracer)
{
	pid_t self = getpid(), reporter;

	fflush(NULL);
	reporter = fork();
	if (reporter == 0) {
		*tracer = self;
		return 0;
	}
	f->serving = true;
	if (reporter < 0)
		return vmp_follow_run(f, NULL);
	f->reporter = reporter;
	/* who waits for the report may wish to end that */
	vmp_pass_on_to(reporter);
	vmp_signals_handle(vmp_pass_on, vmp_pass_on);
	name_served(f);
	go_to_background();
	vmp_follow_run(f, NULL);
	_exit(EXIT_SUCCESS);
}
