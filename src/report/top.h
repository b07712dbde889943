/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a sample: text, JSON, CSV, OpenMetrics. */
#ifndef VMP_REPORT_TOP_H
#define VMP_REPORT_TOP_H

#include <stdio.h>

#include "report/style.h"
#include "watch/watch.h"

/* The columns, in the order of their rows; one table for all formats. */
enum vmp_top_column {
	VMP_TOP_PID,
	VMP_TOP_USER,
	VMP_TOP_MAPPINGS,
	VMP_TOP_PERCENT,
	VMP_TOP_HEADROOM,
	VMP_TOP_GROWTH,
	VMP_TOP_RATE, /* per minute */
	VMP_TOP_PEAK,
	VMP_TOP_COMMAND,
	/* Not shown unless asked for: */
	VMP_TOP_CONTAINER,
	VMP_TOP_CGROUP,
	VMP_TOP_ARGUMENTS,
	VMP_TOP_UID,
	VMP_TOP_AGE,
	VMP_TOP_COLUMNS
};

/* "pid", "user", ... as -o and --sort take them; NULL beyond the last. */
const char *vmp_top_column_name(size_t column);

struct vmp_top_report {
	struct vmp_ctx *ctx; /* for what is read of the rows alone */
	const struct vmp_sample *sample;
	const enum vmp_top_column *columns;
	size_t column_count;
	/* The processes to show, in their order; chosen by vmp_top_choose(). */
	const struct vmp_watched **rows;
	size_t row_count;
	size_t left_out; /* that -n or --threshold leave out */
	/* For text: */
	enum vmp_top_column sort; /* set with rows */
	bool mark;		  /* that column, for the screen */
	bool brief;		  /* of the sentences the first alone */
	double interval;	  /* seconds that were asked for */
	double took, every;	  /* the sample before: where it took longer,
				     that there is one so often is said */
	unsigned int optional;	  /* bits of columns to leave out where a
				     terminal is too narrow for all */
};

/*
 * Choose rows. In: sort; most, 0 for all; threshold, percent of the limit.
 * Out: r->rows (from malloc(), the caller frees them), row_count, left_out.
 * Returns: 0 or -ENOMEM.
 */
int vmp_top_choose(struct vmp_top_report *r, enum vmp_top_column sort,
		   size_t most, double threshold);

/*
 * Choose those that get series of their own: the fullest `most`, 0 for as many
 * as there may be, and all at or over the threshold; VMP_TOP_SERIES at most.
 * Out and Returns: as above.
 */
enum { VMP_TOP_SERIES = 100 };
int vmp_top_choose_series(struct vmp_top_report *r, size_t most,
			  double threshold);

void vmp_report_top(const struct vmp_top_report *r,
		    const struct vmp_style *style, FILE *out);
/* One document; in: line, all of it in one. */
void vmp_report_top_json(const struct vmp_top_report *r, bool line, FILE *out);
/* In JSON, why there is no report. */
void vmp_report_top_refused(const char *reason, FILE *out);

/* In: header, print the names of the columns first. */
void vmp_report_top_csv(const struct vmp_top_report *r, bool header, FILE *out);

/*
 * Metrics for Prometheus: a series for each row, the rest summed up by command.
 * Notes: ends with "# EOF", as OpenMetrics has to; the textfile collector takes
 *   that for a comment.
 */
void vmp_report_top_metrics(const struct vmp_top_report *r, FILE *out);

#endif
