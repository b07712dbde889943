/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of a process at the moment when a call of it failed. */
#ifndef VMP_FACTS_H
#define VMP_FACTS_H

#include "trace/trace.h"

/* Reads, and keeps what has not changed since: long lists take long. */
struct vmp_facts {
	struct vmp_ctx *ctx;
	struct vmp_limits limits;
	double limits_read; /* when; 0: never */
	pid_t pid;	    /* whose survey it is; 0: nobody's any more */
	struct vmp_survey survey;
};

/* Returns: 0 or -ENOMEM. */
int vmp_facts_start(struct vmp_facts *facts);
void vmp_facts_end(struct vmp_facts *facts);

/* Some process has changed its mappings: what is kept no longer holds. */
void vmp_facts_changed(struct vmp_facts *facts);

/*
 * Read all that the diagnosis of a call needs.
 * In: call with row, pid, arguments, result; now, in seconds.
 * Out: call's figures, mappings; where it is -1 the process is gone.
 */
void vmp_facts_read(struct vmp_facts *facts, struct vmp_trace_call *call,
		    double now);

#endif
