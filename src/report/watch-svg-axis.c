// SPDX-License-Identifier: GPL-2.0-or-later
/* Scales and axes of the picture of one process over time. */
#include <math.h>
#include <string.h>

#include "lib/internal.h"
#include "report/watch-svg.h"
#include "watch/watch.h"

enum {
	FAR_LIMIT = 10,	   /* a peak under this part has a scale of its own */
	TICK_WIDTH = 1000, /* room for "12 h 30 min" */
};

/* Steps of the time axis, in ms. */
static const uint64_t steps[] = {
	100,	  200,	    500,      1000,	 2000,	    5000,
	10000,	  15000,    30000,    60000,	 120000,    300000,
	600000,	  900000,   1800000,  3600000,	 7200000,   10800000,
	21600000, 43200000, 86400000, 172800000, 604800000, 2592000000,
};

static int place(double value, double range, int length)
{
	double part = fmin(fmax(value / range, 0), 1);

	return (int)(part * length + 0.5);
}

int vmp_time_x(const struct vmp_time_chart *c, double seconds)
{
	return c->left +
	       place(seconds * 1000, (double)c->range_ms, SVG_RIGHT - c->left);
}

int vmp_time_y(const struct vmp_time_chart *c, double mappings)
{
	return SVG_BOTTOM -
	       place(mappings, (double)c->most, SVG_BOTTOM - WATCH_SVG_TOP);
}

static int digits_width(uint64_t value)
{
	char digits[32];

	return (int)strlen(vmp_svg_digits(value, digits)) * SVG_DIGIT;
}

/* How much of the time to come is shown: until it is met, where that is near. */
static double seconds_ahead(const struct vmp_time_chart *c)
{
	double full = c->report->trend.full_seconds;

	if (!c->has_forecast)
		return 0;
	return full <= 2 * c->seconds ? full * 1.1 : c->seconds / 2;
}

void vmp_time_scale(struct vmp_time_chart *c, const struct vmp_watch_report *r,
		    FILE *out)
{
	const struct vmp_trend *t = &r->trend;
	uint64_t peak = (uint64_t)r->series->most, limit = (uint64_t)r->limit;
	double ahead, end;
	int width;

	*c = (struct vmp_time_chart){ .report = r, .out = out };
	c->seconds = vmp_series_seconds(r->series);
	c->has_forecast = vmp_watch_foreseen(r) && c->seconds > 0;
	ahead = seconds_ahead(c);
	c->range_ms = (uint64_t)((c->seconds + ahead) * 1000);
	if (c->range_ms < 100)
		c->range_ms = 100;
	end = (double)r->mappings + t->high_per_minute / 60 * ahead;
	if (c->has_forecast && end > (double)peak)
		peak = end < (double)limit ? (uint64_t)end : limit;
	c->limit_is_far = peak < limit / FAR_LIMIT;
	c->most = limit > peak && !c->limit_is_far ? limit : peak;
	/* room above it for a line of text */
	c->most += c->most / 11 + 1;
	width = digits_width(c->most);
	c->left = 460 + (width > 480 ? width : 480);
}

static uint64_t time_tick(uint64_t range_ms, uint64_t parts)
{
	size_t i = 0;

	while (i < VMP_COUNT(steps) - 1 && range_ms / steps[i] > parts)
		i++;
	return range_ms / steps[i] > parts ? range_ms / parts : steps[i];
}

/* "0", "0.5 s", "90 s", "2 min", "1 h 30 min" */
static char *tick_text(uint64_t ms, uint64_t every, char *text, size_t size)
{
	if (!ms)
		snprintf(text, size, "0");
	else if (every < 1000)
		snprintf(text, size, "%u.%u s", (unsigned int)(ms / 1000),
			 (unsigned int)(ms % 1000 / 100));
	else if (ms < 60000)
		snprintf(text, size, "%u s", (unsigned int)(ms / 1000));
	else
		vmp_duration((double)ms / 1000, text, size);
	return text;
}

static void x_axis(const struct vmp_time_chart *c)
{
	uint64_t parts = (uint64_t)((SVG_RIGHT - c->left) / TICK_WIDTH);
	uint64_t every = time_tick(c->range_ms, parts);
	bool sticks_out;
	char text[60];

	for (uint64_t ms = 0; ms <= c->range_ms; ms += every) {
		int x = vmp_time_x(c, (double)ms / 1000);

		fprintf(c->out,
			"<path class=\"axis\" d=\"M" SVG_PX " " SVG_PX
			"v4\"/>\n",
			SVG_PX_OF(x), SVG_PX_OF(SVG_BOTTOM));
		tick_text(ms, every, text, sizeof(text));
		sticks_out = x + (int)strlen(text) * SVG_LETTER / 2 > SVG_RIGHT;
		vmp_svg_label(c->out, sticks_out ? "end" : "middle",
			      sticks_out ? SVG_RIGHT : x, SVG_BOTTOM + 200,
			      text, SVG_WHOLE);
	}
}

static void y_axis(const struct vmp_time_chart *c)
{
	uint64_t every = vmp_svg_tick(c->most, 7);
	char digits[32];

	for (uint64_t i = 0; i <= c->most / every; i++) {
		int y = vmp_time_y(c, (double)(i * every));

		fprintf(c->out,
			"<path class=\"%s\" d=\"M" SVG_PX " " SVG_PX "H" SVG_PX
			"\"/>\n",
			i ? "grid" : "axis", SVG_PX_OF(c->left), SVG_PX_OF(y),
			SVG_PX_OF(SVG_RIGHT));
		vmp_svg_label(c->out, "end", c->left - 80, y + 40,
			      vmp_svg_digits(i * every, digits), SVG_WHOLE);
	}
}

/* At the right, beside the counts: the share of the limit. */
static void shares(const struct vmp_time_chart *c)
{
	uint64_t every = vmp_svg_tick(c->most, 7);
	int64_t limit = c->report->limit;
	char text[32];

	if (c->limit_is_far || limit <= 0)
		return;
	for (uint64_t i = 0; i <= c->most / every; i++) {
		double share = vmp_map_percent((int64_t)(i * every), limit);

		if (share > 999)
			break;
		snprintf(text, sizeof(text), "%.0f%%", share);
		vmp_svg_label(c->out, "middle", SVG_RIGHT + 200,
			      vmp_time_y(c, (double)(i * every)) + 40, text,
			      SVG_WHOLE);
	}
}

void vmp_time_axes(const struct vmp_time_chart *c)
{
	y_axis(c);
	shares(c);
	x_axis(c);
	fprintf(c->out,
		"<text class=\"middle\" transform=\"translate(30 " SVG_PX
		") rotate(-90)\">mappings</text>\n",
		SVG_PX_OF((WATCH_SVG_TOP + SVG_BOTTOM) / 2));
}

/* It may have been changed meanwhile: a line that goes up or down. */
static void near_limit(const struct vmp_time_chart *c)
{
	const struct vmp_series *s = c->report->series;
	int64_t before = s->pieces[0].limit;

	fprintf(c->out, "<path class=\"limit dashed\" d=\"M" SVG_PX " " SVG_PX,
		SVG_PX_OF(c->left), SVG_PX_OF(vmp_time_y(c, (double)before)));
	for (size_t i = 1; i < s->count; i++) {
		const struct vmp_piece *p = &s->pieces[i];
		double at = p->from_seconds - s->pieces[0].from_seconds;

		if (p->limit == before)
			continue;
		before = p->limit;
		fprintf(c->out, "H" SVG_PX "V" SVG_PX,
			SVG_PX_OF(vmp_time_x(c, at)),
			SVG_PX_OF(vmp_time_y(c, (double)before)));
	}
	fprintf(c->out, "H" SVG_PX "\"/>\n", SVG_PX_OF(SVG_RIGHT));
}

void vmp_time_limit(const struct vmp_time_chart *c)
{
	int64_t limit = c->report->limit;
	char text[100], digits[32];
	int y;

	vmp_group_digits(limit, digits);
	if (c->limit_is_far) {
		snprintf(text, sizeof(text), "limit %s is far above", digits);
		fprintf(c->out,
			"<path class=\"limit\" d=\"M" SVG_PX " " SVG_PX
			"v-11m-4 4l4-4l4 4\"/>\n",
			SVG_PX_OF(c->left + 140),
			SVG_PX_OF(WATCH_SVG_TOP + 190));
		vmp_svg_label(c->out, "limit", c->left + 240,
			      WATCH_SVG_TOP + 180, text, SVG_WHOLE);
		return;
	}
	near_limit(c);
	snprintf(text, sizeof(text), "limit %s", digits);
	y = vmp_time_y(c, (double)limit);
	vmp_svg_label(c->out, "limit", c->left + 100, y - 80, text, SVG_WHOLE);
}
