// SPDX-License-Identifier: GPL-2.0-or-later
/* Tells a trend from a step, a saw, a wave, a plateau and a random walk. */
#include <math.h>

#include "watch/trend-doubt.h"

enum {
	MOST_BLOCKS = 12,
	LEAST_IN_BLOCK = 2,
	PAUSE_PART = 8, /* a pause is that part of the window */
};

/* Measured on seeded series, see tests/suite-trend.c. */
static const double STEADY = 6;	      /* deviations that a rise is above 0 */
static const double MOST_FALL = 0.4;  /* of the net rise */
static const double LAST_THIRD = 0.6; /* as steep as the one before it */

/* A rise; what falls is looked at upside down. */
struct look {
	const struct vmp_point *points;
	size_t count;
	double sign;
};

static double value(const struct look *l, size_t i)
{
	return l->sign * l->points[i].mappings;
}

/* The mean of some readings. */
static struct vmp_point mean(const struct look *l, size_t from, size_t to)
{
	struct vmp_point sum = { 0, 0 };

	for (size_t i = from; i < to; i++) {
		sum.seconds += l->points[i].seconds;
		sum.mappings += value(l, i);
	}
	sum.seconds /= (double)(to - from);
	sum.mappings /= (double)(to - from);
	return sum;
}

/*
 * Is the rise small against how it varies from block to block? Of a random walk
 * it is: its blocks rise and fall. Of a step one block alone rises.
 */
static bool is_unsteady(const struct look *l)
{
	size_t blocks = l->count / LEAST_IN_BLOCK;
	double sum = 0, squares = 0, n, variance;
	struct vmp_point before, now;

	if (blocks > MOST_BLOCKS)
		blocks = MOST_BLOCKS;
	before = mean(l, 0, l->count / blocks);
	for (size_t i = 1; i < blocks; i++) {
		double rate;

		now = mean(l, i * l->count / blocks,
			   (i + 1) * l->count / blocks);
		rate = (now.mappings - before.mappings) /
		       (now.seconds - before.seconds);
		sum += rate;
		squares += rate * rate;
		before = now;
	}
	n = (double)(blocks - 1);
	variance = fmax(squares - sum * sum / n, 0) / (n - 1);
	return sum < STEADY * sqrt(variance * n);
}

/* The largest fall from a reading to a later one. */
static double largest_fall(const struct look *l)
{
	double top = value(l, 0), fall = 0;

	for (size_t i = 1; i < l->count; i++) {
		top = fmax(top, value(l, i));
		fall = fmax(fall, top - value(l, i));
	}
	return fall;
}

static bool falls_back(const struct look *l, double slope)
{
	double seconds = l->points[l->count - 1].seconds - l->points[0].seconds;

	return largest_fall(l) > MOST_FALL * fabs(slope) * seconds;
}

/* By least squares, of a part of the readings. */
static double slope_of(const struct look *l, size_t from, size_t to)
{
	struct vmp_point middle = mean(l, from, to);
	double products = 0, squares = 0;

	for (size_t i = from; i < to; i++) {
		double seconds = l->points[i].seconds - middle.seconds;

		products += seconds * (value(l, i) - middle.mappings);
		squares += seconds * seconds;
	}
	return squares > 0 ? products / squares : 0;
}

/* Does it level off: is the last third much less steep than what was before? */
static bool levels_off(const struct look *l, double slope)
{
	size_t third = l->count / 3;
	double middle = slope_of(l, third, l->count - third);
	double last = slope_of(l, l->count - third, l->count);

	return last < LAST_THIRD * fmax(middle, fabs(slope));
}

/* Is it longer since the last new height than between any two before? */
static bool has_stopped(const struct look *l)
{
	size_t at = 0, longest = 0, pause;

	for (size_t i = 1; i < l->count; i++) {
		if (value(l, i) <= value(l, at))
			continue;
		if (i - at > longest)
			longest = i - at;
		at = i;
	}
	pause = l->count - at;
	return pause >= l->count / PAUSE_PART && 2 * pause > 3 * longest;
}

bool vmp_trend_doubtful(const struct vmp_point *points, size_t count,
			double slope)
{
	const struct look l = { points, count, slope > 0 ? 1 : -1 };

	return is_unsteady(&l) || falls_back(&l, slope) ||
	       levels_off(&l, slope) || has_stopped(&l);
}
