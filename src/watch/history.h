/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was seen of each process before. */
#ifndef VMP_WATCH_HISTORY_H
#define VMP_WATCH_HISTORY_H

#include "watch/watch.h"

struct vmp_anchor {
	double seconds;
	int64_t mappings;
};

/* A process, until it is missed in two samples. */
struct vmp_past {
	pid_t pid;
	uint64_t start;
	uint64_t turn;	   /* when it was seen last */
	uint64_t readings; /* how often its mappings were counted */
	int64_t mappings, growth, peak;
	double seconds;	      /* CLOCK_MONOTONIC of the last count */
	double every_seconds; /* the next is due that much later */
	bool has_rate;
	double per_minute;
	/* What the rate is measured from, and what will be in a minute. */
	struct vmp_anchor older, newer;
};

/* In an array, found by PID through a table of open addressing. */
struct vmp_history {
	struct vmp_past *list;
	size_t count, room;
	uint32_t *slots; /* an index + 1, or 0 */
	size_t slot_count;
	uint64_t turn;
};

/*
 * What is known of a process; one with another start time is another process,
 * of which nothing is.
 * Returns: it, valid until the next call; NULL where there is no memory.
 */
struct vmp_past *vmp_history_get(struct vmp_history *history, pid_t pid,
				 uint64_t start);

/* Its mappings were counted. In: seconds, of CLOCK_MONOTONIC. */
void vmp_past_add(struct vmp_past *past, double seconds, int64_t mappings);

/* Forget whom nobody asked for since the last call but one. */
void vmp_history_sweep(struct vmp_history *history);

void vmp_history_free(struct vmp_history *history);

#endif
