/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads a file ahead in a thread of its own: the kernel prints the next part of
 * /proc/PID/maps on one processor while this one is parsed on another. Printing
 * takes three quarters of the time, so that parsing comes for nearly nothing.
 */
#ifndef VMP_AHEAD_H
#define VMP_AHEAD_H

#include <stddef.h>
#include <sys/types.h>

struct vmp_ahead;

/*
 * Begin to read. In: fd, which nobody else reads until it is stopped.
 * Returns: NULL where there is only one processor, no memory or no thread: the
 *   caller then reads by itself.
 * Owns: the caller; vmp_ahead_stop() ends and frees it (NULL is fine).
 * Notes: the thread takes no signals. Not to be used across a fork().
 */
struct vmp_ahead *vmp_ahead_start(int fd);

/* What read(2) of the file would answer next; an error as -errno. */
ssize_t vmp_ahead_read(struct vmp_ahead *ahead, char *buffer, size_t size);

void vmp_ahead_stop(struct vmp_ahead *ahead);

#endif
