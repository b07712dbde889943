/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An ordered set of ranges of addresses that neither overlap nor touch: what
 * vmp_release() could not unmap yet. It lives in one mapping of its own, which
 * takes memory as it fills, and allocates nothing after it was made.
 */
#ifndef VMP_RANGES_H
#define VMP_RANGES_H

#include "lib/internal.h"

enum { VMP_MOST_RANGES = 65536 };

struct vmp_range {
	uint64_t start, end;
};

/* A tree: by address from left to right, by priority from the root down. */
struct vmp_range_node {
	struct vmp_range range;
	uint32_t left, right; /* indices; 0 for none */
};

struct vmp_ranges {
	uint32_t root;
	uint32_t unused;      /* a list through `left` */
	uint32_t ever_used;   /* nodes above it were never written */
	size_t count;	      /* of ranges */
	size_t bytes;	      /* in them */
	uint64_t next_to_try; /* where vmp_release() looks for one to unmap */
	struct vmp_range_node nodes[1 + VMP_MOST_RANGES];
};

/* One mapping. Returns: NULL with errno when there is none to be had. */
struct vmp_ranges *vmp_ranges_new(void);

/*
 * Find the lowest range that ends at `address` or beyond. Out: *found, if so.
 * Notes: the next one is found at found->end + 1; a NULL set is empty.
 */
bool vmp_ranges_find(const struct vmp_ranges *ranges, uint64_t address,
		     struct vmp_range *found);

/*
 * Add one that touches none. Returns: false when the set is full.
 * Remove the one that starts at `start`, if there is one.
 */
bool vmp_ranges_add(struct vmp_ranges *ranges, struct vmp_range range);
void vmp_ranges_remove(struct vmp_ranges *ranges, uint64_t start);

#endif
