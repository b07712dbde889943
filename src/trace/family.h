/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the programs that a command runs are given ballast. */
#ifndef VMP_FAMILY_H
#define VMP_FAMILY_H

#include "trace/ballast.h"
#include "trace/follow.h"

struct vmp_family {
	const struct vmp_ballast *ballast; /* NULL: for none of them */
	bool children; /* each program; else the command's first alone */
	/* A program that is not the first goes on without. */
	void (*without)(struct vmp_family *family, pid_t pid);
	void *owner;
	/* Out: */
	int64_t made;	  /* mappings, in the command's first program */
	int refused;	  /* it could not be had: a negative errno */
	char reason[256]; /* why not, in words */
	uint64_t lacking; /* programs that ran without, */
	char lacks[16];	  /* and the name of the first of them */
	/* private: */
	bool begun;
};

/*
 * To be called at each exec: makes the ballast, if any. A command that cannot
 * be given it is killed.
 * Returns: false where the program has ended, or will without running.
 */
bool vmp_family_exec(struct vmp_family *family, struct vmp_thread *thread);

#endif
