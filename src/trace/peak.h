/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With privilege and BPF: the highest map count of one process. */
#ifndef VMP_TRACE_PEAK_H
#define VMP_TRACE_PEAK_H

#include "lib/vmaprobe.h"

struct vmp_peak;

/*
 * Look at the map count of a process whenever one of its system calls ends, or
 * one of another process that has its memory (vfork(), clone(CLONE_VM)), from
 * now on. In: pid, in the PID namespace of this process.
 * Out: *peak; reason, in words, where it cannot be had.
 * Returns: 0, or a negative errno, as vmp_counter_open(); -ESRCH.
 * Owns: the caller; vmp_peak_close() takes it back (NULL is fine).
 * Notes: costs each system call of the whole machine two comparisons. Of a
 *   process whose first thread has ended the calls of others are not seen.
 */
int vmp_peak_open(struct vmp_peak **peak, pid_t pid, char *reason, size_t size);
void vmp_peak_close(struct vmp_peak *peak);

/*
 * The highest map count since the last reading. Out: *mappings, 0 where no call
 * has ended since.
 * Returns: 0, or a negative errno.
 * Notes: nothing falls between two readings. With several threads a peak may
 *   be undone before the call that made it ends: then it is not seen.
 */
int vmp_peak_read(struct vmp_peak *peak, int64_t *mappings);

#endif
