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
	uint64_t fill_base;    /* where fill puts its pages */
	uint64_t ballast;      /* pages that it holds */
	uint64_t calls_before; /* this step, for the samples */
	uint64_t mappings;     /* map count at the last look */
	uint64_t bytes;	       /* VmSize at the last look */
	double deadline;       /* 0: none */
	size_t step;	       /* under way */
};

/* Look at the worker before its first step. Returns: 0 or -errno. */
int vmp_observe_start(struct vmp_observer *o);

/*
 * Have one step made, and fill in its result as far as it came.
 * Returns: 0; -EPIPE the worker ended, -ETIMEDOUT, -EINTR by
 *   vmp_interrupt(); -EINVAL with *error; others with the context's words.
 */
int vmp_observe_step(struct vmp_observer *o, size_t step,
		     struct vmp_scenario_error *error);

/* The moment, on the monotonic clock, that lies so far ahead; 0 for 0. */
double vmp_deadline(double seconds);

/* "SIGKILL" */
const char *vmp_signal_name(int number);

#endif
