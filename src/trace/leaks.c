// SPDX-License-Identifier: GPL-2.0-or-later
/* Ranges that were to be given back: an ordered set, in a tree of libc's. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "trace/leaks.h"

struct leak {
	pid_t pid;
	uint64_t start, end;
	uint64_t *sum;
};

/*
 * Ranges in the set do not overlap, so that there is an order. One that is
 * looked for equals each that it overlaps.
 */
static int compare(const void *a_, const void *b_)
{
	const struct leak *a = a_, *b = b_;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->end <= b->start)
		return -1;
	return a->start >= b->end;
}

/* One of those that overlap it: of them the one closest to the root. */
static struct leak *find(const struct vmp_leaks *leaks, pid_t pid,
			 uint64_t start, uint64_t end)
{
	const struct leak key = { .pid = pid, .start = start, .end = end };
	struct leak **found = NULL;

	if (start < end)
		found = tfind(&key, &leaks->ranges, compare);
	return found ? *found : NULL;
}

static int insert(struct vmp_leaks *leaks, struct leak range)
{
	struct leak *leak = malloc(sizeof(*leak));

	if (!leak)
		return -ENOMEM;
	*leak = range;
	if (tsearch(leak, &leaks->ranges, compare))
		return 0;
	free(leak);
	return -ENOMEM;
}

/*
 * Both sides of one that is there already are looked at in turn. What overlaps
 * them is below it in the tree, so that this goes as deep as the tree at most.
 */
int vmp_leaks_add(struct vmp_leaks *leaks, pid_t pid, uint64_t start,
		  uint64_t end, uint64_t *sum)
{
	const struct leak *known = find(leaks, pid, start, end);
	uint64_t known_start, known_end;
	int rc;

	if (start >= end)
		return 0;
	if (known) {
		known_start = known->start;
		known_end = known->end;
		rc = vmp_leaks_add(leaks, pid, start, known_start, sum);
		return rc ? rc : vmp_leaks_add(leaks, pid, known_end, end, sum);
	}
	rc = insert(leaks, (struct leak){ pid, start, end, sum });
	if (rc)
		return rc;
	*sum += end - start;
	leaks->bytes += end - start;
	return 0;
}

static void drop(struct vmp_leaks *leaks, struct leak *leak)
{
	tdelete(leak, &leaks->ranges, compare);
	free(leak);
}

int vmp_leaks_remove(struct vmp_leaks *leaks, pid_t pid, uint64_t start,
		     uint64_t end)
{
	struct leak *leak, tail;
	int rc = 0;

	while (!rc && (leak = find(leaks, pid, start, end)) != NULL) {
		uint64_t from = leak->start > start ? leak->start : start;
		uint64_t to = leak->end < end ? leak->end : end;

		*leak->sum -= to - from;
		leaks->bytes -= to - from;
		tail = *leak;
		tail.start = to;
		/* what is left of it keeps its place in the order */
		if (from > leak->start) {
			leak->end = from;
			if (to < tail.end)
				rc = insert(leaks, tail);
		} else if (to < leak->end) {
			leak->start = to;
		} else {
			drop(leaks, leak);
		}
	}
	return rc;
}

void vmp_leaks_settle(struct vmp_leaks *leaks, pid_t pid)
{
	struct leak *leak;

	while ((leak = find(leaks, pid, 0, UINT64_MAX)) != NULL)
		drop(leaks, leak);
}

void vmp_leaks_fini(struct vmp_leaks *leaks)
{
	tdestroy(leaks->ranges, free);
	leaks->ranges = NULL;
}
