/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges that processes asked to give back and that are still mapped, each
 * with the sum that it counts in.
 */
#ifndef VMP_LEAKS_H
#define VMP_LEAKS_H

#include <stdint.h>
#include <sys/types.h>

struct vmp_leaks {
	void *ranges; /* a tree of them, by process and address */
	uint64_t bytes;
};

/*
 * Add what of a range is not in it yet: who asked first has leaked it.
 * In: sum, to which its bytes are added; it must outlive the range.
 * Returns: 0 or -ENOMEM.
 */
int vmp_leaks_add(struct vmp_leaks *leaks, pid_t pid, uint64_t start,
		  uint64_t end, uint64_t *sum);

/*
 * The range is mapped no longer, or by somebody else: subtract what of it is
 * there. Returns: 0 or -ENOMEM.
 */
int vmp_leaks_remove(struct vmp_leaks *leaks, pid_t pid, uint64_t start,
		     uint64_t end);

/* Forget the ranges of a process, and leave them in their sums. */
void vmp_leaks_settle(struct vmp_leaks *leaks, pid_t pid);

void vmp_leaks_fini(struct vmp_leaks *leaks);

#endif
