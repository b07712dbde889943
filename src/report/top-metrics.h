/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which series a sample has, before they are printed as metrics. */
#ifndef VMP_REPORT_TOP_METRICS_H
#define VMP_REPORT_TOP_METRICS_H

#include "report/top.h"

struct vmp_series_row {
	const struct vmp_watched *process;
	char *labels; /* {pid="1",comm="init",cgroup="/init.scope"} */
};

/* The processes of one name that have no row. */
struct vmp_series_sum {
	char command[sizeof(((struct vmp_watched *)NULL)->command)];
	int64_t mappings;
	int64_t processes;
};

struct vmp_series {
	const struct vmp_sample *sample;
	struct vmp_series_row *rows; /* by PID */
	size_t row_count;
	struct vmp_series_sum *sums; /* by command */
	size_t sum_count;
	struct vmp_series_sum rest;
};

/*
 * The series of a report. Out: *m; without memory those of the machine alone.
 * Owns: the caller; vmp_series_free().
 */
void vmp_series_gather(struct vmp_series *m, const struct vmp_top_report *r);
void vmp_series_free(struct vmp_series *m);

/* name="text", of text that is harmless (top-series.c). */
void vmp_put_label(FILE *out, const char *name, const char *text);

#endif
