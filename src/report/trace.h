/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reports on a trace: each call that failed, or each call, as it comes, and
 * sums in the end. Text, JSON and folded stacks.
 */
#ifndef VMP_REPORT_TRACE_H
#define VMP_REPORT_TRACE_H

#include "report/style.h"
#include "trace/tally.h"

/* Where it goes, and how much of it. */
struct vmp_trace_view {
	const struct vmp_style *style;
	FILE *out;
	bool all;   /* calls that worked, too */
	bool sites; /* the places that made the most mappings */
	size_t top; /* rows of a table; 0: all */
};

/* How a trace ended. */
struct vmp_trace_end {
	const char *backend;
	double seconds;
	const struct vmp_trace_result *result;
	struct vmp_tally *tally;
	int status;	     /* of the command, as in a shell; -1: none */
	bool children;	     /* ballast was meant for all that it runs */
	const char *reason;  /* why there was no trace; NULL: there was */
	const char *missing; /* that stacks lack; "" */
};

/* One format. Each writes to the view's stream and leaves errors to it. */
struct vmp_trace_report {
	void (*call)(const struct vmp_trace_view *view,
		     const struct vmp_trace_call *call,
		     const struct vmp_frame *frames, size_t count);
	void (*end)(const struct vmp_trace_view *view,
		    const struct vmp_trace_end *end);
};

/* JSON is vmaprobe.trace/1, one object a line. */
extern const struct vmp_trace_report vmp_trace_text, vmp_trace_json;

/*
 * Folded stacks for flame graphs, a line a site: "hog;main;grow;mmap 123". The
 * weight is the mappings made net, or calls where these are not known.
 */
void vmp_trace_folded(struct vmp_tally *tally, FILE *out);

/* The sums in text: what vmp_trace_text.end is. */
void vmp_trace_summary(const struct vmp_trace_view *view,
		       const struct vmp_trace_end *end);

/* Calls, and failures with those of them that were lost. */
uint64_t vmp_trace_calls(const struct vmp_trace_end *end);
uint64_t vmp_trace_failures(const struct vmp_trace_end *end);

enum { VMP_FRAME_TEXT = 1024 }; /* room for the texts below; cut beyond */

/* A stack of an address alone, which nothing is known of any more; and why. */
bool vmp_stack_is_lost(const struct vmp_frame *frames, size_t count);
extern const char vmp_stack_lost[];

/* "cache_drop", of one without a name its address. Escaped. */
char *vmp_frame_name(const struct vmp_frame *frame, char *text, size_t size);

/*
 * "src/cache.c:42", without lines "libcache.so+0x1f0"; directories are left
 * out from the left where it is longer than `width`. Escaped.
 */
char *vmp_frame_location(const struct vmp_frame *frame, size_t width,
			 char *text, size_t size);

/* "cache_drop (cache.c:42) < main (main.c:17)": a stack in short. Escaped. */
char *vmp_place_text(const struct vmp_site *site, char *text, size_t size);

/* "ENOMEM"; of one without a name "errno 524", in text. */
const char *vmp_error_text(int error, char *text, size_t size);

/* "munmap(0x7f0012345000, 4096)" */
char *vmp_call_text(const struct vmp_trace_call *call, char *text, size_t size);

#endif
