// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals that were sent to us and are meant for what we run. */
#include <errno.h>

#include "trace/start.h"
#include "trace/trace.h"

static volatile sig_atomic_t target; /* 0: there is none yet */
static volatile sig_atomic_t early;  /* a signal that came before */
static volatile sig_atomic_t ended;  /* the target; its number is free */

void vmp_pass_on(int number)
{
	int saved = errno;

	if (ended)
		vmp_trace_interrupt();
	else if (target)
		kill(target, number);
	else
		early = number;
	errno = saved;
}

void vmp_leave_to_command(int number)
{
	(void)number;
	if (ended)
		vmp_trace_interrupt();
}

void vmp_pass_on_to(pid_t pid)
{
	target = pid;
	if (early)
		kill(pid, early);
}

void vmp_pass_on_end(void)
{
	ended = 1;
}
