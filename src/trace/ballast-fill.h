/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ballast that is being made: what ballast.c plans and ballast-fill.c does. */
#ifndef VMP_BALLAST_FILL_H
#define VMP_BALLAST_FILL_H

#include "trace/ballast-place.h"
#include "trace/ballast.h"

struct vmp_ballast_work {
	struct vmp_tracee tracee;
	struct vmp_ctx *ctx;
	const struct vmp_ballast *wanted;
	uint64_t page_bytes;
	int64_t count, limit, headroom; /* before; what shall be left */
	int64_t made;
	uint64_t code;	    /* the page with the loop; 0: none */
	uint64_t at, bytes; /* of the mapping that is cut; bytes 0: none */
	uint64_t cut;	    /* pages that are mappings of their own, and 1 */
	uint64_t dropped;   /* pages taken off again at its start */
	char *reason;
	size_t size;
};

/* Put the reason into words. Returns: rc. */
int vmp_ballast_fail(struct vmp_ballast_work *b, int rc, const char *format,
		     ...) __attribute__((format(printf, 3, 4)));

/* A call of the kernel in the program was refused. Returns: rc. */
int vmp_ballast_fail_call(struct vmp_ballast_work *b, int64_t rc,
			  const char *call);

/*
 * Make as many mappings in the program, which is held, as leave the headroom.
 * In: survey, of before. Returns: 0, or a negative errno with the reason.
 */
int vmp_ballast_fill(struct vmp_ballast_work *b,
		     const struct vmp_ballast_survey *survey);

/* Unmap what there is. */
void vmp_ballast_take_back(struct vmp_ballast_work *b);

#endif
