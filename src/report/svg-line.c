// SPDX-License-Identifier: GPL-2.0-or-later
/* Draws the map count of a run as a line of at most four points a pixel. */
#include <errno.h>
#include <stdlib.h>

#include "report/svg-chart.h"

static int compare_points(const void *a, const void *b)
{
	const struct vmp_line_point *p = a, *q = b;

	if (p->calls != q->calls)
		return p->calls < q->calls ? -1 : 1;
	return (p->mappings > q->mappings) - (p->mappings < q->mappings);
}

static void add_point(struct vmp_line *line, uint64_t calls, uint64_t mappings)
{
	if (!mappings)
		return; /* not known: every process has some */
	line->points[line->count].calls = calls;
	line->points[line->count++].mappings = mappings;
}

/*
 * The samples may be far apart: what was read at a step's end and at its first
 * failure puts that failure's mark on the line.
 */
int vmp_svg_gather(const struct vmp_run *run, size_t steps,
		   struct vmp_line *line)
{
	uint64_t before = 0;

	line->count = 0;
	line->points = calloc(run->sample_count + 2 * steps + 1,
			      sizeof(*line->points));
	if (!line->points)
		return -ENOMEM;
	add_point(line, 0, run->start);
	for (size_t i = 0; i < run->sample_count; i++)
		add_point(line, run->samples[i].calls,
			  run->samples[i].mappings);
	for (size_t i = 0; i < steps; i++) {
		const struct vmp_step_result *step = &run->steps[i];

		if (step->failed)
			add_point(line, before + step->first.index,
				  step->first_mappings);
		before += step->calls;
		if (step->run)
			add_point(line, before, step->mappings_after);
	}
	qsort(line->points, line->count, sizeof(*line->points), compare_points);
	return 0;
}

static void draw_point(const struct vmp_chart *c,
		       const struct vmp_line_point *p)
{
	fprintf(c->out, "\n" SVG_PX " " SVG_PX,
		SVG_PX_OF(vmp_svg_x(c, p->calls)),
		SVG_PX_OF(vmp_svg_y(c, p->mappings)));
}

/*
 * Draw the points of one column of pixels: first, lowest, highest and last
 * look like all of them. Returns: how many points these stand for.
 */
static size_t draw_column(const struct vmp_chart *c,
			  const struct vmp_line_point *p, size_t count)
{
	int column = vmp_svg_x(c, p->calls) / 10;
	size_t low = 0, high = 0, i;

	for (i = 1; i < count; i++) {
		if (vmp_svg_x(c, p[i].calls) / 10 != column)
			break;
		if (p[i].mappings < p[low].mappings)
			low = i;
		if (p[i].mappings > p[high].mappings)
			high = i;
	}
	draw_point(c, p);
	if (low && low < high)
		draw_point(c, &p[low]);
	if (high && high < i - 1)
		draw_point(c, &p[high]);
	if (low > high && low < i - 1)
		draw_point(c, &p[low]);
	if (i > 1)
		draw_point(c, &p[i - 1]);
	return i;
}

void vmp_svg_line(const struct vmp_chart *c, const struct vmp_line *line)
{
	size_t i = 0;

	if (!line->count)
		return;
	fputs("<path class=\"line\" d=\"M", c->out);
	while (i < line->count)
		i += draw_column(c, &line->points[i], line->count - i);
	/* One point alone is drawn as a dot: a line of no length. */
	fputs("h0\"/>\n", c->out);
}
