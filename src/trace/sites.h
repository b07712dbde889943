/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places that call, found by their stacks: what tally.c counts by. */
#ifndef VMP_SITES_H
#define VMP_SITES_H

#include "trace/tally.h"

struct vmp_place {
	struct vmp_site site; /* first, so that one is the other */
	uint64_t hash;
	uint64_t kinds; /* of its failures, a bit each */
	size_t number;	/* in the order of their coming */
	struct vmp_frame frames[];
};

struct vmp_sites {
	void *tree; /* of places */
	const struct vmp_site **list;
	size_t count, room;
};

/* The place that calls, made where it is new. Returns: NULL: no memory. */
struct vmp_place *vmp_sites_find(struct vmp_sites *s,
				 const struct vmp_trace_call *call,
				 const struct vmp_frame *frames, size_t count);

void vmp_sites_sort(struct vmp_sites *s, enum vmp_site_order order);
void vmp_sites_fini(struct vmp_sites *s);

/* -1, 0 or 1, as a < b, a == b or a > b. */
static inline int vmp_order_of(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

#endif
