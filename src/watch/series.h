/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The readings of one process, for as long as it takes, in bounded memory. */
#ifndef VMP_SERIES_H
#define VMP_SERIES_H

#include "watch/trend.h"

enum { VMP_SERIES_PIECES = 480 };

/* Readings that follow each other: one, and more the longer it takes. */
struct vmp_piece {
	double from_seconds, to_seconds;
	int64_t least, most; /* most with peaks between readings */
	int64_t last;
	int64_t limit; /* the lowest meanwhile */
};

/* All zero to begin with. Times are CLOCK_MONOTONIC. */
struct vmp_series {
	struct vmp_piece pieces[VMP_SERIES_PIECES];
	size_t count;
	size_t each;	/* readings in a piece: a power of two */
	size_t in_last; /* in the last one, which may be fewer */
	struct vmp_point recent[VMP_TREND_POINTS]; /* 45 ms apart at least */
	size_t recent_count;
	uint64_t readings;
	int64_t first, least, most;
	double most_seconds; /* when it was first seen */
};

/*
 * Add a reading. In: most, the highest since the one before, at least mappings.
 * Notes: pure. Where there is no room, pieces are merged two by two: least and
 *   most stay what they were.
 */
void vmp_series_add(struct vmp_series *series, double seconds, int64_t mappings,
		    int64_t most, int64_t limit);

/* Add a peak that came after the last reading. */
void vmp_series_peak(struct vmp_series *series, int64_t most);

/*
 * Where it is going: by the last VMP_TREND_POINTS readings, and where these
 * show no trend, by as many pieces, a quarter of the whole time at least.
 */
void vmp_series_trend(const struct vmp_series *series, int64_t limit,
		      struct vmp_trend *trend);

/* From the first reading to the last. */
double vmp_series_seconds(const struct vmp_series *series);

#endif
