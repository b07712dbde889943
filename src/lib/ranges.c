// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An ordered set of ranges, in one mapping. A treap: programs give memory back
 * in every order, and a sorted array would be quadratic in most of them.
 */
#include <sys/mman.h>

#include "lib/ranges.h"

struct vmp_ranges *vmp_ranges_new(void)
{
	void *p = mmap(NULL, sizeof(struct vmp_ranges), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Scattered, and the same for an index at all times. */
static uint32_t priority(uint32_t index)
{
	index *= 0x9e3779b1;
	index ^= index >> 15;
	return index * 0x85ebca77;
}

/* Cut a tree in two: what starts below `start`, and the rest. */
static void split(struct vmp_ranges *r, uint32_t tree, uint64_t start,
		  uint32_t *low, uint32_t *high)
{
	while (tree) {
		struct vmp_range_node *n = &r->nodes[tree];

		if (n->range.start < start) {
			*low = tree;
			low = &n->right;
			tree = n->right;
		} else {
			*high = tree;
			high = &n->left;
			tree = n->left;
		}
	}
	*low = *high = 0;
}

/* Put two trees together: all of the first lies below the second. */
static uint32_t join(struct vmp_ranges *r, uint32_t low, uint32_t high)
{
	uint32_t root = 0, *place = &root;

	while (low && high) {
		if (priority(low) > priority(high)) {
			*place = low;
			place = &r->nodes[low].right;
			low = *place;
		} else {
			*place = high;
			place = &r->nodes[high].left;
			high = *place;
		}
	}
	*place = low ? low : high;
	return root;
}

bool vmp_ranges_find(const struct vmp_ranges *r, uint64_t address,
		     struct vmp_range *found)
{
	uint32_t at = r ? r->root : 0, best = 0;

	while (at) {
		const struct vmp_range_node *n = &r->nodes[at];

		if (n->range.end >= address)
			best = at;
		at = n->range.end >= address ? n->left : n->right;
	}
	if (best)
		*found = r->nodes[best].range;
	return best;
}

static uint32_t take_node(struct vmp_ranges *r)
{
	uint32_t index = r->unused;

	if (index) {
		r->unused = r->nodes[index].left;
		return index;
	}
	return r->ever_used < VMP_MOST_RANGES ? ++r->ever_used : 0;
}

bool vmp_ranges_add(struct vmp_ranges *r, struct vmp_range range)
{
	uint32_t low, high, index = take_node(r);

	if (!index)
		return false;
	r->nodes[index] = (struct vmp_range_node){ .range = range };
	split(r, r->root, range.start, &low, &high);
	r->root = join(r, join(r, low, index), high);
	r->count++;
	r->bytes += range.end - range.start;
	return true;
}

void vmp_ranges_remove(struct vmp_ranges *r, uint64_t start)
{
	uint32_t low, one, high;

	split(r, r->root, start, &low, &high);
	split(r, high, start + 1, &one, &high);
	r->root = join(r, low, high);
	if (!one)
		return;
	r->count--;
	r->bytes -= r->nodes[one].range.end - r->nodes[one].range.start;
	r->nodes[one].left = r->unused;
	r->unused = one;
}
