/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a map count is going: a robust slope, and when it meets the limit. */
#ifndef VMP_TREND_H
#define VMP_TREND_H

#include <stddef.h>
#include <stdint.h>

/* One reading. */
struct vmp_point {
	double seconds; /* ascending */
	double mappings;
};

enum vmp_trend_kind {
	VMP_TREND_SHORT, /* too few readings, or over too short a time */
	VMP_TREND_NONE,	 /* noise, a sawtooth, as good as constant */
	VMP_TREND_RISING,
	VMP_TREND_FALLING,
	VMP_TRENDS
};

extern const char *const vmp_trend_names[]; /* "short", "none", ... */

struct vmp_trend {
	enum vmp_trend_kind kind;
	size_t points;	       /* it is made of */
	double window_seconds; /* that they span */
	double per_minute;     /* the slope: median of those of all pairs */
	double low_per_minute, high_per_minute; /* 95 % confidence */
	/* Until the limit is met; RISING alone, else negative. */
	double full_seconds;
	double earliest_seconds, latest_seconds; /* latest may be INFINITY */
};

enum {
	VMP_TREND_POINTS = 120,	     /* the most that are looked at */
	VMP_TREND_LEAST_POINTS = 20, /* fewer are too few */
	VMP_TREND_LEAST_SECONDS = 5,
};

/*
 * In: points, up to VMP_TREND_POINTS of them count (the last ones); limit.
 * Out: *trend.
 * Notes: pure, allocates nothing. What is not clearly a trend is none.
 * Source: Theil 1950, Sen 1968 (slope and its confidence), Mann 1945, Kendall
 *   1975 (is there a trend at all?).
 */
void vmp_trend_fit(const struct vmp_point *points, size_t count, int64_t limit,
		   struct vmp_trend *trend);

#endif
