/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in a program, and where in its address space, ballast is made. */
#ifndef VMP_BALLAST_PLACE_H
#define VMP_BALLAST_PLACE_H

#include "lib/vmaprobe.h"
#include "trace/ballast-tracee.h"

/*
 * The first instruction of the program itself: where the kernel or, behind all
 * shared libraries, the dynamic loader enters it. Returns: 0 or -errno.
 */
int vmp_ballast_entry(pid_t pid, uint64_t *entry);

/*
 * The address of main(), of a program that is stopped at its entry. It moves on
 * to where the C library's start code is called.
 * Returns: 0; -ENOEXEC, it does not begin as C programs do; -errno.
 */
int vmp_ballast_main(struct vmp_tracee *t, uint64_t *address);

/* The mappings of a process, before ballast. */
struct vmp_ballast_survey {
	int64_t count;
	uint64_t gap_start, gap_end; /* the largest that is free */
};

int vmp_ballast_survey(struct vmp_ctx *ctx, pid_t pid,
		       struct vmp_ballast_survey *survey);

/*
 * Where ballast is out of the way: not near what grows.
 * Returns: an address, 0 where there is no room.
 */
uint64_t vmp_ballast_address(const struct vmp_ballast_survey *survey,
			     uint64_t bytes, uint64_t page_bytes);

#endif
