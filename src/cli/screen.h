/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen that refreshes: the terminal's other one, so that what was on it
 * before is there again in the end, however that comes.
 */
#ifndef VMP_CLI_SCREEN_H
#define VMP_CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Can there be one? Standard input and output are a terminal that can be
 * written over, and this process is not in its background.
 */
bool vmp_screen_possible(void);

/*
 * Take the terminal, and give it back. Signals that end the process, or stop
 * it, give it back first.
 * Returns: open: 0 or a negative errno. Closing what is not open is fine.
 * Notes: one for a process; it handles SIGINT, SIGTERM, SIGHUP, SIGQUIT,
 *   SIGTSTP, SIGCONT and SIGWINCH while it is open.
 */
int vmp_screen_open(void);
void vmp_screen_close(void);

/* The size of the terminal now. */
void vmp_screen_size(size_t *rows, size_t *columns);

/*
 * Show lines of text, and one at the bottom; what is too long, or too much, is
 * cut off.
 * Returns: 0 or a negative errno.
 */
int vmp_screen_draw(const char *text, const char *bottom);

enum {
	VMP_SCREEN_TIME = 0,	/* it is over */
	VMP_SCREEN_REDRAW = -1, /* another size, or back from a stop */
	VMP_SCREEN_GONE = -2,	/* the terminal is */
};

/* Wait for a key. Returns: it, above 0, or one of those above. */
int vmp_screen_wait(double seconds);

#endif
