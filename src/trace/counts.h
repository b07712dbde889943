/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With privilege and BPF: the map counts of all processes, in one go. */
#ifndef VMP_TRACE_COUNTS_H
#define VMP_TRACE_COUNTS_H

#include "lib/vmaprobe.h"

/* A process that has mappings: no kernel thread, no zombie. */
struct vmp_counted {
	int64_t mappings; /* mm->map_count: [vsyscall] is not among them; -1, it
			     has some, which could not be counted */
	uint64_t start;	  /* ticks, as field 22 of /proc/PID/stat */
	pid_t pid;	  /* in the PID namespace of this process */
	uid_t user;	  /* effective, as in the user namespace of the host */
	char command[16]; /* any bytes, terminated */
};

struct vmp_counter;

/*
 * Load the program that counts.
 * Out: *counter; reason, in words, where it cannot be had.
 * Returns: 0, or a negative errno.
 * Errors: -ENOTSUP, built without BPF, or this kernel cannot: older than 5.15,
 *   no BTF, or it refuses the program; -EPERM, needs CAP_BPF and CAP_PERFMON;
 *   -ENOMEM, -EMFILE, -ENFILE.
 * Owns: the caller; vmp_counter_close() takes it back (NULL is fine).
 */
int vmp_counter_open(struct vmp_counter **counter, char *reason, size_t size);
void vmp_counter_close(struct vmp_counter *counter);

/*
 * Count. Out: *rows, once for each process, by PID; *count.
 * Returns: 0, or a negative errno: -ENOMEM, or what read(2) answered.
 * Owns: the counter; *rows is valid until the next call.
 * Notes: no lock of a process is taken, and none is held up. Counts are exact,
 *   each for the moment at which it was read. A process whose first thread has
 *   ended is counted, although its /proc/PID/maps is empty; unless 64 more that
 *   have ended, and are not yet buried, come before one that has not. Memory is kept from
 *   call to call, and grows with the number of processes alone.
 */
int vmp_counter_read(struct vmp_counter *counter,
		     const struct vmp_counted **rows, size_t *count);

#endif
