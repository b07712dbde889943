// SPDX-License-Identifier: GPL-2.0-or-later
/* Draws one process over time: counts, peak, limit, and what is to come. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "lib/internal.h"
#include "report/watch-svg.h"

static const char style[] =
	".grid,.axis,.line,.mark,.ahead,path.limit{fill:none}\n"
	".line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n"
	".dashed{stroke-dasharray:6 4}\n"
	".ahead{stroke-width:1.5;stroke-dasharray:3 3}\n"
	".mark{stroke-width:2.2}\n"
	".fan{fill:#0b62c4;fill-opacity:.15}\n"
	"text.limit,.over{paint-order:stroke;stroke-width:4px;"
	"stroke-linejoin:round}\n"
	"text.limit,.over{stroke:#fff}\n"
	".grid{stroke:#e1e5ea}.axis{stroke:#818b98}\n"
	".line,.ahead{stroke:#0b62c4}\n"
	".mark{stroke:#c4202b}.peak{fill:#b01822;font-weight:600}\n"
	"@media (prefers-color-scheme:dark){\n"
	".fan{fill:#58a6ff;fill-opacity:.2}\n"
	"text.limit,.over{stroke:#0d1117}\n"
	".grid{stroke:#2a313b}.axis{stroke:#6e7883}\n"
	".line,.ahead{stroke:#58a6ff}\n"
	".mark{stroke:#ff7b72}.peak{fill:#ff938b}\n"
	"}\n";

enum {
	LETTER = 80,
	NAME_LETTER = 120,
	PEAK_WIDTH = 2200 /* room for its text */
};

/* "27 to 5,000, last 4,000" */
static char *counts_text(const struct vmp_watch_report *r, char *text,
			 size_t size)
{
	char least[32], most[32], last[32];

	snprintf(text, size, "%s to %s mappings, last %s",
		 vmp_group_digits(r->series->least, least),
		 vmp_group_digits(r->series->most, most),
		 vmp_group_digits(r->mappings, last));
	return text;
}

static char *name_text(const struct vmp_watch_report *r, char *text,
		       size_t size)
{
	snprintf(text, size, "%s[%d]", r->command, (int)r->pid);
	return text;
}

/* For those who do not see the picture. */
static void draw_description(const struct vmp_time_chart *c)
{
	const struct vmp_watch_report *r = c->report;
	char name[100], counts[150], time[60], limit[32];

	fputs("<title>", c->out);
	vmp_svg_text(c->out, name_text(r, name, sizeof(name)), SVG_WHOLE);
	fprintf(c->out,
		": map count over time</title>\n<desc>%s, in %s. Limit "
		"%s.</desc>\n",
		counts_text(r, counts, sizeof(counts)),
		vmp_duration(c->seconds, time, sizeof(time)),
		vmp_group_digits(r->limit, limit));
}

static void draw_headings(const struct vmp_time_chart *c)
{
	const struct vmp_watch_report *r = c->report;
	char name[100], counts[150], outlook[VMP_WATCH_WORDS];
	size_t room = (SVG_RIGHT - SVG_MARGIN - 300) / LETTER, length;

	counts_text(r, counts, sizeof(counts));
	length = strlen(counts);
	vmp_svg_label(c->out, "name", SVG_MARGIN, 360,
		      name_text(r, name, sizeof(name)),
		      (room - length) * LETTER / NAME_LETTER);
	vmp_svg_label(c->out, "end", SVG_RIGHT, 360, counts, SVG_WHOLE);
	vmp_svg_label(c->out, "summary", SVG_MARGIN, 580,
		      vmp_watch_outlook(r, outlook, sizeof(outlook)), 140);
}

static void draw_point(const struct vmp_time_chart *c, double seconds,
		       double mappings)
{
	fprintf(c->out, "\n" SVG_PX " " SVG_PX,
		SVG_PX_OF(vmp_time_x(c, seconds)),
		SVG_PX_OF(vmp_time_y(c, mappings)));
}

static double since_first(const struct vmp_time_chart *c, double seconds)
{
	return seconds - c->report->series->pieces[0].from_seconds;
}

/*
 * From reading to reading, and at each an upright bar, from the lowest to the
 * highest of its piece: a spike is over by then, and was no slope.
 */
static void draw_line(const struct vmp_time_chart *c)
{
	const struct vmp_series *s = c->report->series;

	fputs("<path class=\"line\" d=\"M", c->out);
	for (size_t i = 0; i < s->count; i++) {
		const struct vmp_piece *p = &s->pieces[i];
		double at = since_first(c, p->to_seconds);

		draw_point(c, at, (double)p->last);
		if (p->most == p->least)
			continue;
		fputs("\nM", c->out);
		draw_point(c, at, (double)p->least);
		draw_point(c, at, (double)p->most);
		fputs("\nM", c->out);
		draw_point(c, at, (double)p->last);
	}
	/* one point alone is drawn as a dot: a line of no length */
	fputs("h0\"/>\n", c->out);
}

/* A slope from the last reading until the limit or the edge is met. */
static void draw_slope(const struct vmp_time_chart *c, double per_minute)
{
	const struct vmp_watch_report *r = c->report;
	double left = (double)c->range_ms / 1000 - c->seconds;
	double end = (double)r->mappings + per_minute / 60 * left;
	double over = end - (double)r->limit;

	if (over > 0 && per_minute > 0) {
		left -= over / per_minute * 60;
		end = (double)r->limit;
	}
	draw_point(c, c->seconds + left, end);
}

static void draw_forecast(const struct vmp_time_chart *c)
{
	const struct vmp_watch_report *r = c->report;
	const struct vmp_trend *t = &r->trend;

	if (!c->has_forecast)
		return;
	fputs("<path class=\"fan\" d=\"M", c->out);
	draw_point(c, c->seconds, (double)r->mappings);
	draw_slope(c, t->high_per_minute);
	draw_slope(c, t->low_per_minute);
	fputs("z\"/>\n<path class=\"ahead\" d=\"M", c->out);
	draw_point(c, c->seconds, (double)r->mappings);
	draw_slope(c, t->per_minute);
	fputs("\"/>\n", c->out);
}

static void draw_peak(const struct vmp_time_chart *c)
{
	const struct vmp_series *s = c->report->series;
	double at = since_first(c, s->most_seconds);
	int x = vmp_time_x(c, at), y = vmp_time_y(c, (double)s->most);
	char text[80], digits[32];
	bool left = x > c->left + PEAK_WIDTH;

	if (s->most == s->least)
		return;
	fprintf(c->out,
		"<path class=\"mark\" d=\"M" SVG_PX " " SVG_PX
		"m-4-4l8 8m0-8l-8 8\"/>\n",
		SVG_PX_OF(x), SVG_PX_OF(y));
	snprintf(text, sizeof(text), "%s %s",
		 c->report->exact ? "peak" : "highest reading",
		 vmp_group_digits(s->most, digits));
	vmp_svg_label(c->out, left ? "peak over end" : "peak over",
		      left ? x - 100 : x + 100, y - 60, text, SVG_WHOLE);
}

static void draw_notes(const struct vmp_time_chart *c)
{
	const struct vmp_watch_report *r = c->report;
	time_t start = (time_t)r->first_unix_seconds;
	char text[100] = "";
	struct tm tm;

	if (gmtime_r(&start, &tm))
		strftime(text, sizeof(text), "since %Y-%m-%d %H:%M:%S UTC",
			 &tm);
	vmp_svg_label(c->out, "end", SVG_RIGHT, SVG_BOTTOM + 480, text,
		      SVG_WHOLE);
}

int vmp_watch_svg(const struct vmp_watch_report *r, FILE *out)
{
	struct vmp_time_chart c;

	vmp_time_scale(&c, r, out);
	vmp_svg_page(out, SVG_HEIGHT);
	draw_description(&c);
	vmp_svg_ground(out, SVG_HEIGHT, style);
	draw_headings(&c);
	vmp_time_axes(&c);
	draw_forecast(&c);
	vmp_time_limit(&c);
	draw_line(&c);
	draw_peak(&c);
	draw_notes(&c);
	fputs("</svg>\n", out);
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
