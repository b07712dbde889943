/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a monitoring plugin judges: a sample by two thresholds. */
#ifndef VMP_WATCH_JUDGE_H
#define VMP_WATCH_JUDGE_H

#include "watch/threshold.h"
#include "watch/watch.h"

/* The exit statuses of a plugin. */
enum vmp_status {
	VMP_OK,
	VMP_WARNING,
	VMP_CRITICAL,
	VMP_UNKNOWN,
	VMP_STATUSES
};

extern const char *const vmp_status_names[]; /* "OK", "WARNING", ... */

struct vmp_thresholds {
	struct vmp_threshold warning, critical;
};

struct vmp_verdict {
	enum vmp_status status; /* of the worst process; no process: UNKNOWN */
	const struct vmp_watched **rows; /* the worst first, then the fullest */
	size_t count;
	size_t warning, critical; /* how many are; each is in one of them */
};

/*
 * Judge each process of a sample. In: except, a process that does not count: who
 * asks can always be read, and would hide that nobody else can; or 0.
 * Out: *verdict; its rows point into the sample.
 * Returns: 0 or -ENOMEM.
 * Owns: the caller frees verdict->rows.
 */
int vmp_judge_sample(const struct vmp_sample *sample,
		     const struct vmp_thresholds *thresholds, pid_t except,
		     struct vmp_verdict *verdict);

/*
 * Which of two comes first: CRITICAL, WARNING, UNKNOWN, OK. What is known to be
 * bad is not hidden by what is not known.
 */
enum vmp_status vmp_status_worse(enum vmp_status a, enum vmp_status b);

#endif
