// SPDX-License-Identifier: GPL-2.0-or-later
/* Ends a trace from a signal handler. */
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "trace/interrupt.h"
#include "trace/trace.h"

static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t event = -1;

static void wake(void)
{
	static const uint64_t one = 1;

	/* it cannot fail, but for a counter that is full: it is readable */
	if (event >= 0 && write(event, &one, sizeof(one)) < 0)
		return;
}

void vmp_trace_interrupt(void)
{
	int saved = errno;

	interrupted = 1;
	wake();
	errno = saved;
}

bool vmp_trace_interrupted(void)
{
	return interrupted;
}

int vmp_trace_interrupt_fd(void)
{
	int fd = event;

	if (fd < 0)
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	event = fd;
	/* the signal may have come before there was a descriptor */
	if (interrupted)
		wake();
	return fd;
}
