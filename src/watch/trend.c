// SPDX-License-Identifier: GPL-2.0-or-later
/* Fits a slope to readings of a map count, and says when it meets the limit. */
#include <math.h>

#include "lib/internal.h"
#include "watch/trend-doubt.h"
#include "watch/trend.h"

enum {
	MOST_PAIRS = VMP_TREND_POINTS * (VMP_TREND_POINTS - 1) / 2,
};

static const double CONFIDENCE = 1.96;	/* 95 %, of a normal distribution */
static const double SIGNIFICANT = 1.96; /* 5 %; doubts come on top of it */
static const double MOST_LIKENESS = 0.9;

const char *const vmp_trend_names[] = {
	[VMP_TREND_SHORT] = "short",
	[VMP_TREND_NONE] = "none",
	[VMP_TREND_RISING] = "rising",
	[VMP_TREND_FALLING] = "falling",
};

/* The slopes of all pairs of readings, in mappings a second. */
struct slopes {
	double slope[MOST_PAIRS];
	size_t count;
	double order; /* pairs that rise less those that fall: Kendall's S */
};

static void swap(double *a, double *b)
{
	double kept = *a;

	*a = *b;
	*b = kept;
}

/* Hoare's selection: qsort() may allocate. Returns: the rank-th, from 0. */
static double pick(double *values, size_t count, size_t rank)
{
	size_t first = 0, last = count - 1;

	while (first < last) {
		double pivot = values[first + (last - first) / 2];
		size_t i = first, j = last;

		for (;;) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap(&values[i++], &values[j--]);
		}
		if (rank <= j)
			last = j;
		else
			first = j + 1;
	}
	return values[rank];
}

static double median(double *values, size_t count)
{
	double upper = pick(values, count, count / 2);

	if (count % 2)
		return upper;
	return (upper + pick(values, count, count / 2 - 1)) / 2;
}

static void find_slopes(const struct vmp_point *p, size_t count,
			struct slopes *s)
{
	s->count = 0;
	s->order = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			double seconds = p[j].seconds - p[i].seconds;
			double rise = p[j].mappings - p[i].mappings;

			if (seconds <= 0)
				continue;
			s->slope[s->count++] = rise / seconds;
			s->order += (rise > 0) - (rise < 0);
		}
	}
}

/* How many of the readings before this one, and behind it, are the same. */
static size_t count_same(const struct vmp_point *p, size_t count, size_t at,
			 bool *is_first)
{
	size_t same = 0;

	*is_first = true;
	for (size_t i = 0; i < count; i++) {
		if (p[i].mappings != p[at].mappings)
			continue;
		same++;
		if (i < at)
			*is_first = false;
	}
	return same;
}

/* The variance of Kendall's S where there is no trend, with ties. */
static double order_variance(const struct vmp_point *p, size_t count)
{
	double n = (double)count, sum = n * (n - 1) * (2 * n + 5);
	bool is_first;

	for (size_t i = 0; i < count; i++) {
		double t = (double)count_same(p, count, i, &is_first);

		if (is_first)
			sum -= t * (t - 1) * (2 * t + 5);
	}
	return sum / 18;
}

/* Of the readings less the slope: the line that goes through their middle. */
static double find_offset(const struct vmp_point *p, size_t count, double slope)
{
	double offsets[VMP_TREND_POINTS];

	for (size_t i = 0; i < count; i++)
		offsets[i] =
			p[i].mappings - slope * (p[i].seconds - p[0].seconds);
	return median(offsets, count);
}

/*
 * Readings that follow each other are alike, so that they tell less than as
 * many that do not. Returns: by how much the variance grows, for residuals of
 * first order. Source: Bayley and Hammersley 1946.
 */
static double likeness(const struct vmp_point *p, size_t count, double slope,
		       double offset)
{
	double before = 0, squares = 0, products = 0, share;

	for (size_t i = 0; i < count; i++) {
		double line = offset + slope * (p[i].seconds - p[0].seconds);
		double residual = p[i].mappings - line;

		squares += residual * residual;
		products += i ? residual * before : 0;
		before = residual;
	}
	share = squares > 0 ? products / squares : 0;
	share = fmin(fmax(share, 0), MOST_LIKENESS);
	return (1 + share) / (1 - share);
}

/* Sen's confidence interval: slopes so many ranks from the middle. */
static void find_interval(struct slopes *s, double deviation,
			  struct vmp_trend *trend)
{
	double half = CONFIDENCE * deviation / 2;
	double middle = (double)(s->count - 1) / 2;
	double low = floor(middle - half), high = ceil(middle + half);
	double last = (double)(s->count - 1);

	low = fmax(low, 0);
	high = fmin(high, last);
	trend->low_per_minute = 60 * pick(s->slope, s->count, (size_t)low);
	trend->high_per_minute = 60 * pick(s->slope, s->count, (size_t)high);
}

/* From the last reading on, as the line has it. */
static void forecast(struct vmp_trend *trend, double at, double limit)
{
	double left = fmax(limit - at, 0) * 60;

	trend->full_seconds = left / trend->per_minute;
	trend->earliest_seconds = left / trend->high_per_minute;
	trend->latest_seconds = trend->low_per_minute > 0
					? left / trend->low_per_minute
					: INFINITY;
}

static void judge(const struct vmp_point *p, size_t count, double limit,
		  struct vmp_trend *trend)
{
	struct slopes s;
	double slope, offset, deviation;

	find_slopes(p, count, &s);
	if (!s.count)
		return;
	slope = median(s.slope, s.count);
	offset = find_offset(p, count, slope);
	deviation = sqrt(order_variance(p, count) *
			 likeness(p, count, slope, offset));
	trend->per_minute = 60 * slope;
	find_interval(&s, deviation, trend);
	trend->kind = VMP_TREND_NONE;
	if (fabs(s.order) < SIGNIFICANT * deviation || slope == 0 ||
	    vmp_trend_doubtful(p, count, slope))
		return;
	trend->kind = slope > 0 ? VMP_TREND_RISING : VMP_TREND_FALLING;
	if (slope > 0)
		forecast(trend, offset + slope * trend->window_seconds, limit);
}

void vmp_trend_fit(const struct vmp_point *points, size_t count, int64_t limit,
		   struct vmp_trend *trend)
{
	if (count > VMP_TREND_POINTS) {
		points += count - VMP_TREND_POINTS;
		count = VMP_TREND_POINTS;
	}
	*trend = (struct vmp_trend){
		.kind = VMP_TREND_SHORT,
		.points = count,
		.full_seconds = -1,
		.earliest_seconds = -1,
		.latest_seconds = -1,
	};
	if (count)
		trend->window_seconds =
			points[count - 1].seconds - points[0].seconds;
	if (count >= VMP_TREND_LEAST_POINTS &&
	    trend->window_seconds >= VMP_TREND_LEAST_SECONDS)
		judge(points, count, (double)limit, trend);
}
