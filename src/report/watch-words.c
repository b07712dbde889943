// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of a process's map count, in words; its past, as a line. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "lib/internal.h"
#include "report/watch.h"

static const double MINUTE = 60, DAY = 86400;
static const double SAME = 0.01; /* a range of such a share is one number */

enum { LEVELS = 8 };

/* "7 hours" */
char *vmp_about(double seconds, char *text, size_t size)
{
	static const struct {
		double below, unit;
		const char *name;
	} rows[] = {
		{ 90, 1, "second" },
		{ 90 * 60, 60, "minute" },
		{ 36 * 3600, 3600, "hour" },
		{ INFINITY, 86400, "day" },
	};
	size_t i = 0;
	double count;

	while (i < VMP_COUNT(rows) - 1 && seconds >= rows[i].below)
		i++;
	count = round(fmin(seconds, 1e15) / rows[i].unit);
	snprintf(text, size, "%s %s%s", vmp_digits((uint64_t)count),
		 rows[i].name, count == 1 ? "" : "s");
	return text;
}

/* "6 h 50 min" */
char *vmp_duration(double seconds, char *text, size_t size)
{
	static const struct {
		unsigned int unit;
		const char *name, *part_name;
		unsigned int part;
	} rows[] = {
		{ 86400, "d", "h", 3600 },
		{ 3600, "h", "min", 60 },
		{ 60, "min", "s", 1 },
	};
	uint64_t whole = (uint64_t)round(fmin(seconds, 1e15));

	if (seconds < 1)
		snprintf(text, size, "%u ms", (unsigned int)(seconds * 1000));
	else if (seconds < 10)
		snprintf(text, size, "%.1f s", seconds);
	else
		snprintf(text, size, "%u s", (unsigned int)whole);
	for (size_t i = 0; i < VMP_COUNT(rows); i++) {
		uint64_t part = whole % rows[i].unit / rows[i].part;

		if (whole < rows[i].unit)
			continue;
		if (part)
			snprintf(text, size, "%s %s %u %s",
				 vmp_digits(whole / rows[i].unit), rows[i].name,
				 (unsigned int)part, rows[i].part_name);
		else
			snprintf(text, size, "%s %s",
				 vmp_digits(whole / rows[i].unit),
				 rows[i].name);
		break;
	}
	return text;
}

char *vmp_rate(double per_minute, char *text, size_t size)
{
	double rate = fabs(per_minute);
	const char *unit = "a minute";

	if (rate < 1 && rate > 0) {
		rate *= 60;
		unit = "an hour";
	}
	if (rate < 1 && rate > 0) {
		rate *= 24;
		unit = "a day";
	}
	if (rate >= 99.95 || rate == round(rate))
		snprintf(text, size, "%s %s",
			 vmp_digits((uint64_t)round(fmin(rate, 1e15))), unit);
	else
		snprintf(text, size, "%.1f %s", rate, unit);
	return text;
}

/* "around 23:40", "on Nov 22 around 03:10", "around Nov 25" */
static char *clock_text(double from, double seconds, char *text, size_t size)
{
	time_t start = (time_t)from, end = (time_t)(from + seconds);
	struct tm today, then;
	size_t used;

	if (!localtime_r(&start, &today) || !localtime_r(&end, &then))
		used = 0;
	else if (seconds > 2 * DAY)
		used = strftime(text, size, "around %b %-d", &then);
	else if (today.tm_mday != then.tm_mday)
		used = strftime(text, size, "on %b %-d around %H:%M", &then);
	else if (seconds < 10 * MINUTE)
		used = strftime(text, size, "around %H:%M:%S", &then);
	else
		used = strftime(text, size, "around %H:%M", &then);
	if (!used)
		snprintf(text, size, "some day");
	return text;
}

bool vmp_watch_met(const struct vmp_watch_report *r)
{
	return !r->gone && r->mappings >= r->limit;
}

bool vmp_watch_foreseen(const struct vmp_watch_report *r)
{
	const struct vmp_trend *t = &r->trend;

	return !r->gone && !vmp_watch_met(r) && t->kind == VMP_TREND_RISING &&
	       t->full_seconds <= t->window_seconds * VMP_WATCH_AHEAD;
}

/*
 * "about 7 hours, between 6 h 50 min and 7 h 10 min:"; "about 6 h 50 min," where
 * both ends are as good as the same.
 */
static char *range_text(const struct vmp_trend *t, char *text, size_t size)
{
	char about[40], from[40], to[40];

	vmp_about(t->full_seconds, about, sizeof(about));
	vmp_duration(t->earliest_seconds, from, sizeof(from));
	if (t->latest_seconds > t->window_seconds * VMP_WATCH_AHEAD) {
		snprintf(text, size, "about %s, %s at the earliest:", about,
			 from);
		return text;
	}
	vmp_duration(t->latest_seconds, to, sizeof(to));
	if (t->latest_seconds - t->earliest_seconds <= SAME * t->full_seconds)
		snprintf(text, size, "about %s,",
			 vmp_duration(t->full_seconds, from, sizeof(from)));
	else
		snprintf(text, size, "about %s, between %s and %s:", about,
			 from, to);
	return text;
}

static char *forecast(const struct vmp_watch_report *r, char *text, size_t size)
{
	const struct vmp_trend *t = &r->trend;
	char rate[40], window[40], about[40], range[160], when[60];

	vmp_rate(t->per_minute, rate, sizeof(rate));
	vmp_about(t->window_seconds, window, sizeof(window));
	if (!vmp_watch_foreseen(r)) {
		vmp_about(t->window_seconds * VMP_WATCH_AHEAD, about,
			  sizeof(about));
		snprintf(text, size,
			 "At this rate (%s, over the last %s) it does not meet "
			 "the limit within %s.",
			 rate, window, about);
		return text;
	}
	range_text(t, range, sizeof(range));
	clock_text(r->unix_seconds, t->full_seconds, when, sizeof(when));
	snprintf(text, size,
		 "At this rate (%s, over the last %s) it meets the limit in "
		 "%s %s.",
		 rate, window, range, when);
	return text;
}

/* Of a process that has ended. */
static char *past_text(const struct vmp_trend *t, char *text, size_t size)
{
	bool rising = t->kind == VMP_TREND_RISING;
	char rate[40], window[40];

	*text = '\0';
	vmp_about(t->window_seconds, window, sizeof(window));
	if (t->kind == VMP_TREND_NONE)
		snprintf(text, size, "It had no trend over the last %s.",
			 window);
	else if (t->kind != VMP_TREND_SHORT)
		snprintf(text, size, "It was %s, by %s over the last %s.",
			 rising ? "rising" : "falling",
			 vmp_rate(t->per_minute, rate, sizeof(rate)), window);
	return text;
}

char *vmp_watch_outlook(const struct vmp_watch_report *r, char *text,
			size_t size)
{
	const struct vmp_trend *t = &r->trend;
	char rate[40], window[40];

	if (r->gone)
		return past_text(t, text, size);
	vmp_about(t->window_seconds, window, sizeof(window));
	if (vmp_watch_met(r))
		snprintf(text, size,
			 "It has met the limit: \"vmaprobe explain %d\" says "
			 "who owns the mappings.",
			 (int)r->pid);
	else if (t->kind == VMP_TREND_RISING)
		forecast(r, text, size);
	else if (t->kind == VMP_TREND_FALLING)
		snprintf(text, size, "It falls, by %s over the last %s.",
			 vmp_rate(t->per_minute, rate, sizeof(rate)), window);
	else if (t->kind == VMP_TREND_NONE)
		snprintf(text, size, "No trend over the last %s.", window);
	else
		snprintf(text, size,
			 "No trend yet: %zu reading%s, and it takes %d over "
			 "%d s.",
			 t->points, t->points == 1 ? "" : "s",
			 VMP_TREND_LEAST_POINTS, VMP_TREND_LEAST_SECONDS);
	return text;
}

/* Does the limit fit on the scale, so that the height is the share of it? */
static bool limit_is_near(const struct vmp_series *s, int64_t limit)
{
	return s->most * LEVELS >= limit;
}

/* The highest in one of the columns, which share the pieces. */
static const struct vmp_piece *highest(const struct vmp_series *s, size_t from,
				       size_t to)
{
	const struct vmp_piece *high = &s->pieces[from];

	for (size_t i = from + 1; i < to; i++)
		if (s->pieces[i].most > high->most)
			high = &s->pieces[i];
	return high;
}

static int level_of(const struct vmp_series *s, const struct vmp_piece *p)
{
	bool near = limit_is_near(s, p->limit);
	int64_t low = near ? 0 : s->least, high = near ? p->limit : s->most;
	int64_t level;

	if (high <= low)
		return 0;
	level = (p->most - low) * LEVELS / (high - low);
	return (int)(level < LEVELS ? level : LEVELS - 1);
}

char *vmp_sparkline(const struct vmp_series *s, size_t columns, bool unicode,
		    char *text, size_t size)
{
	static const char ascii[] = "_.:-=+*#";
	size_t used = 0;

	*text = '\0';
	if (columns > s->count)
		columns = s->count;
	for (size_t i = 0; i < columns && used + 4 <= size; i++) {
		const struct vmp_piece *p =
			highest(s, i * s->count / columns,
				(i + 1) * s->count / columns);
		int level = level_of(s, p);

		if (unicode) /* U+2581 to U+2588 */
			used += (size_t)snprintf(text + used, size - used,
						 "\xe2\x96%c", 0x81 + level);
		else
			used += (size_t)snprintf(text + used, size - used, "%c",
						 ascii[level]);
	}
	return text;
}

char *vmp_sparkline_scale(const struct vmp_series *s, int64_t limit, char *text,
			  size_t size)
{
	if (limit_is_near(s, limit))
		snprintf(text, size, "0 to %s, the limit",
			 vmp_digits((uint64_t)limit));
	else if (s->least == s->most)
		snprintf(text, size, "always %s of %s",
			 vmp_digits((uint64_t)s->least),
			 vmp_digits((uint64_t)limit));
	else
		snprintf(text, size, "%s to %s of %s",
			 vmp_digits((uint64_t)s->least),
			 vmp_digits((uint64_t)s->most),
			 vmp_digits((uint64_t)limit));
	return text;
}
