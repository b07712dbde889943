// SPDX-License-Identifier: GPL-2.0-or-later
/* A line on the terminal for work that takes longer than half a second. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/cli.h"

static const char *line;
static volatile sig_atomic_t shown;

static void show(int signal)
{
	int error = errno;

	(void)signal;
	if (write(STDERR_FILENO, line, strlen(line)) > 0)
		shown = 1;
	errno = error;
}

static void set_timer(long microseconds)
{
	struct itimerval timer = { .it_value.tv_usec = microseconds };

	setitimer(ITIMER_REAL, &timer, NULL);
}

void vmp_progress_start(const char *text)
{
	struct sigaction action = { .sa_handler = show,
				    .sa_flags = SA_RESTART };

	if (!isatty(STDERR_FILENO))
		return;
	line = text;
	sigaction(SIGALRM, &action, NULL);
	set_timer(500000);
}

void vmp_progress_stop(void)
{
	static const char wipe[] = "\r\033[K";

	if (!line)
		return;
	set_timer(0);
	if (shown && write(STDERR_FILENO, wipe, sizeof(wipe) - 1) < 0)
		return;
	shown = 0;
	line = NULL;
}
