/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys beside a view that stands in the terminal's usual screen: they are not
 * shown, and q is obeyed. Unlike screen.h it goes on in the background.
 */
#ifndef VMP_CLI_WATCH_KEYS_H
#define VMP_CLI_WATCH_KEYS_H

#include <signal.h>
#include <stdbool.h>

/*
 * Take the modes of the terminal, where standard input is one, and give them
 * back. Closing what is not open is fine; exit() does it.
 * Returns: open: can there be keys? Notes: one for a process. Until it is closed
 *   SIGTSTP and SIGCONT are blocked but for vmp_keys_mask(). What ends the
 *   process is to be handled by others.
 */
bool vmp_keys_open(void);
void vmp_keys_close(void);

/* For ppoll(): to be read while in front, else -1; NULL where it is not open. */
int vmp_keys_fd(void);
const sigset_t *vmp_keys_mask(void);

/* Read what was typed. Returns: was there a q? */
bool vmp_keys_quit(void);

/*
 * After ppoll() was interrupted: is it to stop? Then take away what is shown,
 * and stop, as the shell expects it. Continued: is all to be shown anew? Either
 * is said once.
 */
bool vmp_keys_stopped(void);
void vmp_keys_stop(void);
bool vmp_keys_continued(void);

#endif
