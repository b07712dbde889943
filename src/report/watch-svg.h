/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the watch-svg*.c files share: where things lie in the picture of one
 * process over time. Its page is that of svg-chart.h.
 */
#ifndef VMP_WATCH_SVG_H
#define VMP_WATCH_SVG_H

#include "report/svg-chart.h"
#include "report/watch.h"

enum { WATCH_SVG_TOP = 760 };

struct vmp_time_chart {
	const struct vmp_watch_report *report;
	FILE *out;
	double seconds;	   /* from the first reading to the last */
	uint64_t range_ms; /* at the right edge, with the forecast */
	uint64_t most;	   /* at the upper edge */
	bool limit_is_far; /* it would press the line flat */
	bool has_forecast;
	int left;
};

/* Fix the scales. In: report, with readings. */
void vmp_time_scale(struct vmp_time_chart *c,
		    const struct vmp_watch_report *report, FILE *out);

/* Where a time since the first reading, and a count, lie. */
int vmp_time_x(const struct vmp_time_chart *c, double seconds);
int vmp_time_y(const struct vmp_time_chart *c, double mappings);

/* Axes with their numbers; the limit with its text. */
void vmp_time_axes(const struct vmp_time_chart *c);
void vmp_time_limit(const struct vmp_time_chart *c);

#endif
