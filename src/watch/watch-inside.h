/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of keeping watch share: choice, rows, the two back ends. */
#ifndef VMP_WATCH_INSIDE_H
#define VMP_WATCH_INSIDE_H

#include <time.h>

#include "trace/counts.h"
#include "watch/history.h"
#include "watch/proc.h"
#include "watch/watch.h"

struct vmp_watch {
	struct vmp_ctx *ctx;
	struct vmp_watch_request request;
	struct vmp_counter *counter; /* BPF, or NULL: maps */
	char reason[256];	     /* why not BPF */
	bool hides;		     /* /proc does not list all */
	struct vmp_pids asked;	     /* ascending, once each */
	struct vmp_pids found;	     /* in /proc */
	struct vmp_pids unshown;     /* in /proc, and not shown to BPF */
	struct vmp_history history;
	struct vmp_watched *rows;
	size_t count, room;
	int64_t limit;	/* of the sample before */
	double seconds; /* when it was taken */
};

double vmp_clock_seconds(clockid_t clock);

/* Copy the PIDs that were asked for, in order. Returns: 0 or -ENOMEM. */
int vmp_watch_copy_asked(struct vmp_watch *w);

/* Is it among those that were asked for? */
bool vmp_watch_wants_pid(const struct vmp_watch *w, pid_t pid);
bool vmp_watch_wants(const struct vmp_watch *w, uid_t user,
		     const char *command);

/*
 * A row of the sample, as far as what was seen before tells it.
 * Returns: 0 or -ENOMEM.
 */
int vmp_watch_add_row(struct vmp_watch *w, const struct vmp_past *past,
		      uid_t user, const char *command);

/*
 * Get ready for BPF. Returns: 0, or a negative errno and why not in w->reason.
 */
int vmp_watch_open_bpf(struct vmp_watch *w);

/*
 * Count all that were asked for, by BPF or by maps.
 * Returns: 0 or a negative errno; words in vmp_error(), but for -ENOMEM.
 */
int vmp_watch_by_bpf(struct vmp_watch *w, struct vmp_sample *s);
int vmp_watch_by_maps(struct vmp_watch *w, struct vmp_sample *s);

/*
 * The same of these alone: what does not exist is nothing that vanished, and a
 * thread is no process.
 */
int vmp_watch_these(struct vmp_watch *w, const struct vmp_pids *pids,
		    struct vmp_sample *s);

#endif
