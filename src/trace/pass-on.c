// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals that were sent to us and are meant for what we run. */
#include <errno.h>

#include "trace/start.h"

static volatile sig_atomic_t target; /* 0: there is none yet */
static volatile sig_atomic_t early;  /* a signal that came before */

void vmp_pass_on(int number)
{
	int saved = errno;

	if (target)
		kill(target, number);
	else
		early = number;
	errno = saved;
}

void vmp_pass_on_to(pid_t pid)
{
	target = pid;
	if (pid && early)
		kill(pid, early);
}
