/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What speaks against a trend, for trend.c. */
#ifndef VMP_TREND_DOUBT_H
#define VMP_TREND_DOUBT_H

#include <stdbool.h>

#include "watch/trend.h"

/*
 * Readings are not independent, so that a test of significance alone finds
 * trends in a random walk, a step, a tooth of a saw. In: slope, in mappings a
 * second, not 0; count, 20 at least.
 * Returns: is this as likely something else? Notes: pure.
 */
bool vmp_trend_doubtful(const struct vmp_point *points, size_t count,
			double slope);

#endif
