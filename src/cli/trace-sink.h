/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done with the calls that a trace catches. */
#ifndef VMP_TRACE_SINK_H
#define VMP_TRACE_SINK_H

#include "report/trace.h"
#include "trace/record.h"

struct vmp_trace_watch {
	struct vmp_trace_sink sink; /* first: what the back end is given */
	const struct vmp_trace_report *report;
	struct vmp_trace_view view;
	bool each; /* print failures that are like those before them, too */
	bool until_first;
	bool progress;		     /* count the others on the terminal */
	const char *exec_on_failure; /* for sh -c; NULL: nothing is run */
	pid_t pid;	     /* the process that is traced; 0: not one alone */
	const char *command; /* its first word; NULL: none is traced */
	char target[64]; /* what is said to be traced; "": nothing is said */
	struct vmp_unwinder *unwinder;
	struct vmp_tally *tally;
	struct vmp_recorder *recorder; /* NULL: nothing is recorded */
	int error;		       /* what ended it early: -ENOMEM */
	bool progress_shown;
	double next_progress; /* seconds since the start */
	struct vmp_frame frames[VMP_MOST_FRAMES];
};

/*
 * Make what it needs. In: recorded, and all above that is no pointer to it.
 * Returns: 0 or -ENOMEM; vmp_trace_watch_end() in either case.
 */
int vmp_trace_watch_begin(struct vmp_trace_watch *w, bool recorded);
void vmp_trace_watch_end(struct vmp_trace_watch *w);

/* Lines of JSON on the same stream stay alone. */
bool vmp_trace_may_warn(const struct vmp_trace_watch *w);

/* Take the line of progress off the terminal. */
void vmp_trace_watch_clear(struct vmp_trace_watch *w);

#endif
