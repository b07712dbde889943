/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A last word, if there is no answer in time. */
#ifndef VMP_CLI_DEADLINE_H
#define VMP_CLI_DEADLINE_H

/*
 * From now on this process writes a text to standard output and exits, unless
 * vmp_deadline_met() is called within so many seconds.
 * In: text, which must stay there. Returns: 0 or a negative errno.
 * Notes: takes a thread, not a signal: a reader of /proc/PID/maps that waits
 *   for the lock of the mappings is woken by a fatal signal alone (Linux 5.3,
 *   mmap_read_lock_killable()), and what ends all threads is one.
 */
int vmp_deadline_start(double seconds, const char *text, int status);

/*
 * The answer is there: from here on nothing is written but by the caller.
 * Notes: does not return where it came too late.
 */
void vmp_deadline_met(void);

#endif
