// SPDX-License-Identifier: GPL-2.0-or-later
/* A process between the one that was called and the program that is traced. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/follow.h"
#include "trace/start.h"

/* End as the tracer did: with its status, or by its signal. */
static void end_like(int status)
{
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

static void wait_for_tracer(pid_t tracer, const sigset_t *mask)
{
	struct sigaction pass = { .sa_handler = vmp_pass_on,
				  .sa_flags = SA_RESTART };
	int status;

	vmp_pass_on_to(tracer);
	sigaction(SIGTERM, &pass, NULL);
	sigaction(SIGHUP, &pass, NULL);
	/* the terminal sends these to all of us */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	sigprocmask(SIG_SETMASK, mask, NULL);
	while (waitpid(tracer, &status, 0) < 0)
		if (errno != EINTR)
			_exit(EXIT_FAILURE);
	end_like(status);
}

int vmp_follow_shield(void)
{
	sigset_t passed, before;
	pid_t tracer;

	/* a parent that ignores it would have the status thrown away */
	signal(SIGCHLD, SIG_DFL);
	/* what comes while there are two of us is for the parent to pass on */
	sigemptyset(&passed);
	sigaddset(&passed, SIGTERM);
	sigaddset(&passed, SIGHUP);
	sigprocmask(SIG_BLOCK, &passed, &before);
	fflush(NULL);
	tracer = fork();
	if (tracer < 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return -errno;
	}
	if (tracer)
		wait_for_tracer(tracer, &before);
	prctl(PR_SET_NAME, "vmaprobe-tracer");
	sigprocmask(SIG_SETMASK, &before, NULL);
	return 0;
}
