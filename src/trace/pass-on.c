// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals that were sent to us and are meant for what we run. */
#include <errno.h>
#include <time.h>

#include "lib/internal.h"
#include "trace/start.h"
#include "trace/trace.h"

static const struct {
	int number;
	bool keyboard;
} rows[] = {
	{ SIGINT, true },
	{ SIGQUIT, true },
	{ SIGTERM, false },
	{ SIGHUP, false },
};

static volatile sig_atomic_t target;  /* 0: there is none yet */
static volatile sig_atomic_t early;   /* a signal that came before */
static volatile sig_atomic_t ended;   /* the target; its number is free */
static volatile sig_atomic_t handled; /* there was one; when the last came: */
static volatile sig_atomic_t handled_at;

void vmp_signals_handle(void (*keyboard)(int number), void (*other)(int number))
{
	struct sigaction before;

	for (size_t i = 0; i < VMP_COUNT(rows); i++) {
		struct sigaction action = {
			.sa_handler = rows[i].keyboard ? keyboard : other,
			/* a report goes on behind one that is no end */
			.sa_flags = other == vmp_end_by ? SA_RESTART : 0,
		};

		if (sigaction(rows[i].number, NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaction(rows[i].number, &action, NULL);
	}
}

void vmp_signals_ignore(void)
{
	for (size_t i = 0; i < VMP_COUNT(rows); i++)
		signal(rows[i].number, SIG_IGN);
}

void vmp_signals_fill(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < VMP_COUNT(rows); i++)
		sigaddset(set, rows[i].number);
}

/* In tenths of a second: differences count, and it may wrap around. */
static sig_atomic_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (sig_atomic_t)((uint64_t)t.tv_sec * 10 +
			      (uint64_t)t.tv_nsec / 100000000);
}

static void note(void)
{
	handled_at = now();
	handled = 1;
}

void vmp_pass_on(int number)
{
	int saved = errno;

	note();
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
	note();
	if (ended)
		vmp_trace_interrupt();
}

void vmp_end_trace(int number)
{
	(void)number;
	note();
	vmp_trace_interrupt();
}

void vmp_end_by(int number)
{
	if (handled && (unsigned)now() - (unsigned)handled_at <= 10)
		return;
	signal(number, SIG_DFL);
	raise(number); /* comes when this handler has returned */
}

void vmp_pass_on_to(pid_t pid)
{
	ended = 0;
	target = pid;
	if (early)
		kill(pid, early);
	early = 0;
}

void vmp_pass_on_end(void)
{
	ended = 1;
}
