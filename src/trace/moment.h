/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of a process at the moment when a call of it failed. */
#ifndef VMP_MOMENT_H
#define VMP_MOMENT_H

#include "trace/trace.h"

/* Reads, and keeps what has not changed since: long lists take long. */
struct vmp_moment {
	struct vmp_ctx *ctx;
	struct vmp_limits limits;
	double limits_read; /* when; 0: never */
	pid_t pid;	    /* whose survey it is; 0: nobody's any more */
	struct vmp_survey survey;
};

/* Returns: 0 or -ENOMEM. */
int vmp_moment_start(struct vmp_moment *moment);
void vmp_moment_end(struct vmp_moment *moment);

/* Some process has changed its mappings: what is kept no longer holds. */
void vmp_moment_changed(struct vmp_moment *moment);

/*
 * Read all that the diagnosis of a call needs.
 * In: call with row, pid, arguments, result; now, in seconds.
 * Out: call's figures, mappings; where it is -1 the process is gone.
 */
void vmp_moment_read(struct vmp_moment *moment, struct vmp_trace_call *call,
		     double now);

#endif
