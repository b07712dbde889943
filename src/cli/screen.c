// SPDX-License-Identifier: GPL-2.0-or-later
/* A screen that refreshes, and gives the terminal back as it was. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/screen.h"
#include "lib/internal.h"
#include "report/style.h"

enum {
	ROWS = 24, /* of a terminal that does not know */
	COLUMNS = 80,
	ESCAPE = 033,
};

enum { NOTHING, MODES, SCREEN }; /* with the modes */

/*
 * Standard ECMA-48 and the private modes of xterm, which every terminal that is
 * not dumb has for decades: other screen, cursor, wrapping at the right edge.
 * Where there is no other screen, as on older consoles of Linux, the cursor is
 * to be below what was shown.
 */
static const char enter_text[] = "\033[?1049h\033[?25l\033[?7l\033[H\033[2J";
static const char leave_text[] =
	"\033[0m\033[?7h\033[?25h\033[999H\n\033[?1049l";

static struct termios before;
static volatile sig_atomic_t taken; /* what has to be given back */
static volatile sig_atomic_t resized, stopped, continued;
static sigset_t usual; /* the mask while it waits; else those are blocked */

bool vmp_screen_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0 &&
	       tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* All of it; safe in a signal handler. Returns: 0 or a negative errno. */
static int put(const char *text, size_t length)
{
	struct pollfd ready = { STDOUT_FILENO, POLLOUT, 0 };
	ssize_t wrote;

	while (length) {
		wrote = write(STDOUT_FILENO, text, length);
		if (wrote < 0 && errno == EAGAIN)
			poll(&ready, 1, -1);
		else if (wrote < 0 && errno != EINTR)
			return -errno;
		if (wrote > 0) {
			text += wrote;
			length -= (size_t)wrote;
		}
	}
	return 0;
}

/* From the background this stops the process, until it is in front again. */
static int take(void)
{
	struct termios raw = before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	/* a signal may come when they are changed, before that is known here */
	if (!taken)
		taken = MODES;
	while (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		if (errno != EINTR)
			return -errno;
	taken = SCREEN;
	return put(enter_text, sizeof(enter_text) - 1);
}

/* Safe in a signal handler. */
static void give_back(void)
{
	if (!taken)
		return;
	if (taken == SCREEN)
		put(leave_text, sizeof(leave_text) - 1);
	/* in the background its modes are another's by now */
	if (tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	taken = 0;
}

/* SA_RESETHAND: the second time it ends the process, once this returns. */
static void end_by(int signal)
{
	give_back();
	raise(signal);
}

static void note(int signal)
{
	if (signal == SIGWINCH)
		resized = 1;
	else if (signal == SIGTSTP)
		stopped = 1;
	else
		continued = 1;
}

/* What is ignored, as by nohup(1), stays so. */
static void handle(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	struct sigaction old;

	sigaction(signal, NULL, &old);
	if (old.sa_handler != SIG_IGN)
		sigaction(signal, &action, NULL);
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int noted[] = { SIGTSTP, SIGCONT, SIGWINCH };

static void handle_signals(void)
{
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < VMP_COUNT(noted); i++)
		sigaddset(&held, noted[i]);
	sigprocmask(SIG_BLOCK, &held, &usual);
	for (size_t i = 0; i < VMP_COUNT(noted); i++)
		handle(noted[i], note, 0);
	for (size_t i = 0; i < VMP_COUNT(ending); i++)
		handle(ending[i], end_by, (int)SA_RESETHAND);
}

int vmp_screen_open(void)
{
	static bool registered;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return -errno;
	if (!registered)
		atexit(give_back);
	registered = true;
	handle_signals();
	return take();
}

void vmp_screen_close(void)
{
	if (!taken)
		return;
	give_back();
	for (size_t i = 0; i < VMP_COUNT(noted); i++)
		handle(noted[i], SIG_DFL, 0);
	for (size_t i = 0; i < VMP_COUNT(ending); i++)
		handle(ending[i], SIG_DFL, 0);
	sigprocmask(SIG_SETMASK, &usual, NULL);
}

void vmp_screen_size(size_t *rows, size_t *columns)
{
	struct winsize size = { 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : ROWS;
	*columns = size.ws_col ? size.ws_col : COLUMNS;
}

/* A line, cut to the screen; its rest is cleared where it has one. */
static void draw_line(FILE *out, const char *line, size_t length,
		      size_t columns)
{
	size_t used, fitting = vmp_fitting(line, length, columns, &used);

	fwrite(line, 1, fitting, out);
	if (fitting < length) /* and what would have ended an accent */
		fputs("\033[0m", out);
	/* at the right edge EL would clear the last character */
	if (used < columns)
		fputs("\033[K", out);
}

static void draw(FILE *out, const char *text, const char *bottom)
{
	size_t rows, columns, row, length;

	vmp_screen_size(&rows, &columns);
	fputs("\033[0m\033[H", out);
	for (row = 1; row < rows; row++) {
		length = strcspn(text, "\n");
		draw_line(out, text, length, columns);
		fputs("\r\n", out);
		text += length + (text[length] == '\n');
	}
	fputs("\033[0m", out);
	draw_line(out, bottom, strcspn(bottom, "\n"), columns);
}

int vmp_screen_draw(const char *text, const char *bottom)
{
	VMP_FREE char *frame = NULL;
	size_t size;
	FILE *memory = open_memstream(&frame, &size);

	if (!memory)
		return -errno;
	draw(memory, text, bottom);
	if (fclose(memory) != 0)
		return -ENOMEM;
	return put(frame, size);
}

static void add_signal(sigset_t *set, int signal)
{
	sigemptyset(set);
	sigaddset(set, signal);
}

/* Stop, as the shell expects it; goes on when it is continued. */
static void stop(void)
{
	struct sigaction usually = { .sa_handler = SIG_DFL }, ours;
	const struct timespec now = { 0 };
	sigset_t set;

	give_back();
	sigaction(SIGTSTP, &usually, &ours);
	raise(SIGTSTP);
	add_signal(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTSTP, &ours, NULL);
	/* which continued it, and needs no second look */
	add_signal(&set, SIGCONT);
	sigtimedwait(&set, NULL, &now);
	continued = 1;
}

/* Returns: VMP_SCREEN_REDRAW where something has to be shown again, else 0. */
static int see_to_signals(void)
{
	bool redraw = resized || stopped || continued;

	if (stopped)
		stop();
	/* whoever continued it may have changed the terminal's modes */
	if (continued && take() < 0)
		return VMP_SCREEN_GONE;
	resized = stopped = continued = 0;
	return redraw ? VMP_SCREEN_REDRAW : 0;
}

/* Pass over what an arrow, or another such key, sends behind the escape. */
static void skip_sequence(void)
{
	unsigned char next;

	if (read(STDIN_FILENO, &next, 1) != 1 || (next != '[' && next != 'O'))
		return;
	while (read(STDIN_FILENO, &next, 1) == 1)
		if (next >= '@' && next <= '~')
			return;
}

/* Returns: the key; VMP_SCREEN_REDRAW where it was none of a character. */
static int read_key(void)
{
	unsigned char key;
	ssize_t got = read(STDIN_FILENO, &key, 1);

	if (got < 0 && errno != EINTR && errno != EAGAIN)
		return VMP_SCREEN_GONE;
	if (got == 1 && key == ESCAPE)
		skip_sequence();
	return got == 1 && key && key != ESCAPE ? key : VMP_SCREEN_REDRAW;
}

int vmp_screen_wait(double seconds)
{
	struct pollfd key = { STDIN_FILENO, POLLIN, 0 };
	double rest = fmax(seconds, 0);
	struct timespec time = { (time_t)rest, 0 };
	int rc;

	time.tv_nsec = (long)((rest - floor(rest)) * 1e9);
	rc = ppoll(&key, 1, &time, &usual);
	if (rc < 0 && errno != EINTR)
		return VMP_SCREEN_GONE;
	if (rc < 0)
		return see_to_signals();
	if (!rc)
		return VMP_SCREEN_TIME;
	if (key.revents & POLLIN)
		return read_key();
	return VMP_SCREEN_GONE;
}
