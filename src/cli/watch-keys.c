// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys beside a view in the usual screen; the terminal as it was afterwards. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/watch-keys.h"
#include "lib/internal.h"

static struct termios before;
static bool is_open, taken;
static volatile sig_atomic_t stopped, continued;
static sigset_t usual; /* the mask while it waits; else those are blocked */

static bool in_front(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* From the background that would stop the process. */
static void take(void)
{
	struct termios quiet;

	if (!in_front() || tcgetattr(STDIN_FILENO, &quiet) < 0)
		return;
	if (!taken)
		before = quiet;
	quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	quiet.c_cc[VMIN] = 0;
	quiet.c_cc[VTIME] = 0;
	taken = true;
	tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
}

/* In the background its modes are another's by now. */
static void give_back(void)
{
	if (taken && in_front())
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	taken = false;
}

static void note(int signal)
{
	if (signal == SIGTSTP)
		stopped = 1;
	else
		continued = 1;
}

/* What is ignored, as by a shell without job control, stays so. */
static void handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler }, old;

	sigaction(signal, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(signal, &action, NULL);
}

bool vmp_keys_open(void)
{
	sigset_t held;

	is_open = true;
	sigemptyset(&held);
	sigaddset(&held, SIGTSTP);
	sigaddset(&held, SIGCONT);
	sigprocmask(SIG_BLOCK, &held, &usual);
	handle(SIGTSTP, note);
	handle(SIGCONT, note);
	atexit(vmp_keys_close);
	take();
	return isatty(STDIN_FILENO);
}

void vmp_keys_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	give_back();
	handle(SIGTSTP, SIG_DFL);
	handle(SIGCONT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &usual, NULL);
}

int vmp_keys_fd(void)
{
	/* a shell that brings what runs to the front sends no signal */
	if (is_open && !taken)
		take();
	return is_open && taken && in_front() ? STDIN_FILENO : -1;
}

const sigset_t *vmp_keys_mask(void)
{
	return is_open ? &usual : NULL;
}

/* Sequences of arrows and the like have none. */
bool vmp_keys_quit(void)
{
	char typed[64];
	ssize_t got = read(STDIN_FILENO, typed, sizeof(typed));

	/* the terminal is gone: it would be ready for ever */
	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
		vmp_keys_close();
	return got > 0 && memchr(typed, 'q', (size_t)got);
}

bool vmp_keys_stopped(void)
{
	bool was = stopped;

	stopped = 0;
	return was;
}

void vmp_keys_stop(void)
{
	const struct timespec now = { 0 };
	sigset_t set;

	give_back();
	handle(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	handle(SIGTSTP, note);
	/* which continued it, and needs no second look */
	sigemptyset(&set);
	sigaddset(&set, SIGCONT);
	sigtimedwait(&set, NULL, &now);
	continued = 1;
}

bool vmp_keys_continued(void)
{
	bool was = continued;

	continued = 0;
	/* whoever continued it may have changed the terminal's modes */
	if (was && is_open)
		take();
	return was;
}
