// SPDX-License-Identifier: GPL-2.0-or-later
/* Scales of the picture of a run: its axes, their numbers, and the limit. */
#include <string.h>

#include "lib/internal.h"
#include "report/svg-chart.h"

/* A peak under this part of the limit gets a scale of its own. */
enum { FAR_LIMIT = 10 };

static int place(uint64_t value, uint64_t range, int length)
{
	double part = (double)value / (double)range;

	return (int)((part < 1 ? part : 1) * length + 0.5);
}

int vmp_svg_x(const struct vmp_chart *c, uint64_t calls)
{
	return c->left + place(calls, c->calls, SVG_RIGHT - c->left);
}

int vmp_svg_y(const struct vmp_chart *c, uint64_t mappings)
{
	return SVG_BOTTOM - place(mappings, c->most, SVG_BOTTOM - c->top);
}

uint64_t vmp_svg_tick(uint64_t range, uint64_t parts)
{
	uint64_t every = 1;

	for (;; every *= 10) {
		if (range / every <= parts)
			return every;
		if (range / (every * 2) <= parts)
			return every * 2;
		if (range / (every * 5) <= parts)
			return every * 5;
	}
}

static int digits_width(uint64_t value)
{
	char digits[32];

	return (int)strlen(vmp_svg_digits(value, digits)) * SVG_DIGIT;
}

void vmp_svg_scale(struct vmp_chart *c, uint64_t calls, uint64_t peak)
{
	uint64_t limit = c->run->limit > 0 ? (uint64_t)c->run->limit : 0;
	int width;

	c->calls = calls ? calls : 1;
	c->peak = peak;
	c->limit_is_far = peak && peak < limit / FAR_LIMIT;
	c->most = limit > peak && !c->limit_is_far ? limit : peak;
	/* Room above it for a line of text. */
	c->most += c->most / 11 + 1;
	width = digits_width(c->most);
	c->left = 460 + (width > 480 ? width : 480);
	c->top = SVG_STEPS + SVG_STEPS_HEIGHT;
}

static void x_axis(const struct vmp_chart *c)
{
	int width = digits_width(c->calls) + 400;
	uint64_t parts = (uint64_t)((SVG_RIGHT - c->left) / width);
	uint64_t every = vmp_svg_tick(c->calls, parts);
	char digits[32];

	for (uint64_t i = 0; i <= c->calls / every; i++) {
		int x = vmp_svg_x(c, i * every);
		int half = digits_width(i * every) / 2;

		fprintf(c->out,
			"<path class=\"axis\" d=\"M" SVG_PX " " SVG_PX
			"v4\"/>\n",
			SVG_PX_OF(x), SVG_PX_OF(SVG_BOTTOM));
		if (x + half > SVG_EDGE)
			x = SVG_EDGE - half;
		vmp_svg_label(c->out, "middle", x, SVG_BOTTOM + 200,
			      vmp_svg_digits(i * every, digits), SVG_WHOLE);
	}
}

static void y_axis(const struct vmp_chart *c)
{
	uint64_t every = vmp_svg_tick(c->most, 7);
	char digits[32];

	for (uint64_t i = 0; i <= c->most / every; i++) {
		int y = vmp_svg_y(c, i * every);

		fprintf(c->out,
			"<path class=\"%s\" d=\"M" SVG_PX " " SVG_PX "H" SVG_PX
			"\"/>\n",
			i ? "grid" : "axis", SVG_PX_OF(c->left), SVG_PX_OF(y),
			SVG_PX_OF(SVG_RIGHT));
		vmp_svg_label(c->out, "end", c->left - 80, y + 40,
			      vmp_svg_digits(i * every, digits), SVG_WHOLE);
	}
}

void vmp_svg_axes(const struct vmp_chart *c)
{
	int middle = (c->top + SVG_BOTTOM) / 2;

	y_axis(c);
	x_axis(c);
	fprintf(c->out,
		"<text class=\"middle\" transform=\"translate(30 " SVG_PX
		") rotate(-90)\">mappings</text>\n",
		SVG_PX_OF(middle));
	vmp_svg_label(c->out, "end", SVG_RIGHT, SVG_BOTTOM + 480,
		      "calls made, all steps together", SVG_WHOLE);
}

/* Does a pole stand between the two? */
static bool is_crossed(const struct vmp_flags *flags, int from, int to)
{
	for (size_t i = 0; i < flags->count; i++)
		if (flags->flag[i].x > from && flags->flag[i].x < to)
			return true;
	return false;
}

/* The leftmost place for a text above the limit that no pole crosses. */
static int free_place(const struct vmp_chart *c, const struct vmp_flags *flags,
		      int width)
{
	int left = c->left + 100;

	for (int x = left; x + width <= SVG_RIGHT; x += 200)
		if (!is_crossed(flags, x - 100, x + width + 100))
			return x;
	return left;
}

static void far_limit(const struct vmp_chart *c, const struct vmp_flags *flags,
		      const char *limit)
{
	char text[160], times[32];
	int x, y = c->top + 180;

	snprintf(text, sizeof(text), "limit %s is far above: %s times the peak",
		 limit,
		 vmp_svg_digits((uint64_t)c->run->limit / c->peak, times));
	x = free_place(c, flags, 160 + (int)strlen(text) * SVG_LETTER);
	fprintf(c->out,
		"<path class=\"limit\" d=\"M" SVG_PX " " SVG_PX
		"v-11m-4 4l4-4l4 4\"/>\n",
		SVG_PX_OF(x + 40), SVG_PX_OF(y + 10));
	vmp_svg_label(c->out, "limit", x + 140, y, text, SVG_WHOLE);
}

/* "65,530", and that it was changed meanwhile. */
static void limit_text(const struct vmp_run *run, char *text, size_t size)
{
	char limit[32], end[32];

	vmp_group_digits(run->limit, limit);
	if (run->limit_at_end <= 0 || run->limit_at_end == run->limit)
		snprintf(text, size, "%s", limit);
	else
		snprintf(text, size, "%s (%s at the end)", limit,
			 vmp_group_digits(run->limit_at_end, end));
}

void vmp_svg_limit(const struct vmp_chart *c, const struct vmp_flags *flags)
{
	char limit[80], text[96];
	int x, y;

	if (c->run->limit <= 0)
		return;
	limit_text(c->run, limit, sizeof(limit));
	if (c->limit_is_far) {
		far_limit(c, flags, limit);
		return;
	}
	snprintf(text, sizeof(text), "limit %s", limit);
	x = free_place(c, flags, (int)strlen(text) * SVG_LETTER);
	y = vmp_svg_y(c, (uint64_t)c->run->limit);
	fprintf(c->out,
		"<path class=\"limit dashed\" d=\"M" SVG_PX " " SVG_PX
		"H" SVG_PX "\"/>\n",
		SVG_PX_OF(c->left), SVG_PX_OF(y), SVG_PX_OF(SVG_RIGHT));
	vmp_svg_label(c->out, "limit", x, y - 80, text, SVG_WHOLE);
}
