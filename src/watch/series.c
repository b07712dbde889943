// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps readings: the last ones as they are, older ones merged. */
#include <string.h>

#include "watch/series.h"

/* Rather less than VMP_TREND_LEAST_SECONDS / VMP_TREND_POINTS would be short. */
static const double LEAST_GAP = 0.045;

static void merge(struct vmp_piece *into, const struct vmp_piece *next)
{
	into->to_seconds = next->to_seconds;
	into->last = next->last;
	if (next->least < into->least)
		into->least = next->least;
	if (next->most > into->most)
		into->most = next->most;
	if (next->limit < into->limit)
		into->limit = next->limit;
}

/* All pieces are whole: VMP_SERIES_PIECES is even. */
static void merge_pairs(struct vmp_series *s)
{
	for (size_t i = 0; i < s->count / 2; i++) {
		s->pieces[i] = s->pieces[2 * i];
		merge(&s->pieces[i], &s->pieces[2 * i + 1]);
	}
	s->count /= 2;
	s->each *= 2;
	s->in_last = s->each;
}

static void add_piece(struct vmp_series *s, const struct vmp_piece *piece)
{
	if (!s->each)
		s->each = 1;
	if (s->count && s->in_last < s->each) {
		merge(&s->pieces[s->count - 1], piece);
		s->in_last++;
		return;
	}
	if (s->count == VMP_SERIES_PIECES)
		merge_pairs(s);
	s->pieces[s->count++] = *piece;
	s->in_last = 1;
}

/* Of readings in quick succession some: as many shall span a time. */
static void add_recent(struct vmp_series *s, double seconds, int64_t mappings)
{
	if (s->recent_count &&
	    seconds - s->recent[s->recent_count - 1].seconds < LEAST_GAP)
		return;
	if (s->recent_count == VMP_TREND_POINTS)
		memmove(s->recent, s->recent + 1,
			--s->recent_count * sizeof(s->recent[0]));
	s->recent[s->recent_count++] =
		(struct vmp_point){ seconds, (double)mappings };
}

void vmp_series_add(struct vmp_series *s, double seconds, int64_t mappings,
		    int64_t most, int64_t limit)
{
	const struct vmp_piece piece = { seconds, seconds,  mappings,
					 most,	  mappings, limit };

	if (!s->readings++) {
		s->first = mappings;
		s->least = mappings;
	}
	if (mappings < s->least)
		s->least = mappings;
	if (most > s->most) {
		s->most = most;
		s->most_seconds = seconds;
	}
	add_piece(s, &piece);
	add_recent(s, seconds, mappings);
}

void vmp_series_peak(struct vmp_series *s, int64_t most)
{
	struct vmp_piece *last = s->count ? &s->pieces[s->count - 1] : NULL;

	if (!last || most <= last->most)
		return;
	last->most = most;
	if (most > s->most) {
		s->most = most;
		s->most_seconds = last->to_seconds;
	}
}

/* The last pieces as points, those that are whole. */
static size_t gather(const struct vmp_series *s, struct vmp_point *points)
{
	size_t whole = s->count - (s->in_last < s->each), count = whole;

	if (count > VMP_TREND_POINTS)
		count = VMP_TREND_POINTS;
	for (size_t i = 0; i < count; i++) {
		const struct vmp_piece *p = &s->pieces[whole - count + i];

		points[i] =
			(struct vmp_point){ p->to_seconds, (double)p->last };
	}
	return count;
}

void vmp_series_trend(const struct vmp_series *s, int64_t limit,
		      struct vmp_trend *trend)
{
	struct vmp_point points[VMP_TREND_POINTS];
	struct vmp_trend longer;

	vmp_trend_fit(s->recent, s->recent_count, limit, trend);
	if (trend->kind != VMP_TREND_NONE || s->each < 2)
		return;
	vmp_trend_fit(points, gather(s, points), limit, &longer);
	if (longer.kind == VMP_TREND_RISING || longer.kind == VMP_TREND_FALLING)
		*trend = longer;
}

double vmp_series_seconds(const struct vmp_series *s)
{
	if (!s->count)
		return 0;
	return s->pieces[s->count - 1].to_seconds - s->pieces[0].from_seconds;
}
