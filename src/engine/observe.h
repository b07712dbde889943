/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The observer: lets the worker make a step, and looks while it holds still. */
#ifndef VMP_OBSERVE_H
#define VMP_OBSERVE_H

#include "engine/child.h"
#include "engine/plan.h"
#include "engine/run.h"

struct vmp_observer {
	struct vmp_ctx *ctx;
	const struct vmp_run_options *options;
	struct vmp_run *run;
	struct vmp_child child;
	struct vmp_plan plan;
	struct vmp_limits limits;
	uint64_t fill_base;	      /* where fill puts its pages */
	uint64_t area_base, area_end; /* free addresses for areas */
	uint64_t ballast;	      /* pages that it holds */
	uint64_t calls_before;	      /* this step, for the samples */
	uint64_t mappings;	      /* map count at the last look */
	uint64_t bytes;		      /* VmSize at the last look */
	double deadline;	      /* 0: none */
	size_t step;		      /* under way */
};

/* Look at the worker before its first step. Returns: 0 or -errno. */
int vmp_observe_start(struct vmp_observer *o);

/*
 * Have a step made, with those that take turns with it, and fill in their
 * results as far as they came.
 * Returns: 0; -EPIPE the worker ended, -ETIMEDOUT, -EINTR by
 *   vmp_interrupt(); -EINVAL with *error; others with the context's words.
 */
int vmp_observe_steps(struct vmp_observer *o, size_t step, size_t count,
		      struct vmp_scenario_error *error);

/*
 * The first failure of a step: say why, and note the map count.
 * Returns: 0 or -errno.
 */
int vmp_observe_failure(struct vmp_observer *o,
			const struct vmp_step_order *order,
			const struct vmp_step_progress *progress,
			struct vmp_step_result *result);

/* The moment, on the monotonic clock, that lies so far ahead; 0 for 0. */
double vmp_deadline(double seconds);

/* "SIGKILL" */
const char *vmp_signal_name(int number);

#endif
