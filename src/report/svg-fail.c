// SPDX-License-Identifier: GPL-2.0-or-later
/* Marks the failed calls in the picture of a run, and labels the first ones. */
#include <string.h>

#include "report/svg-chart.h"

enum {
	ROW_HEIGHT = 180,
	TICKS_HEIGHT = 240,
	TICKS_ABOVE = 150, /* the plot: their middle */
	LETTER = 74,	   /* of a label, in bold */
	MARKS_APART = 120, /* closer ones would hide one another */
	TICK_WIDTH = 16
};

static bool is_mixed(const struct vmp_step_result *step)
{
	for (size_t i = 0; i < step->failure_count; i++)
		if (step->failures[i].error != step->first.error)
			return true;
	return false;
}

/* What became of the calls: "leaked", "failed, ENOMEM". */
static const char *outcome(const struct vmp_step_result *step, char *buffer,
			   size_t size)
{
	const char *name = vmp_errno_name(step->first.error);
	const char *first = is_mixed(step) ? " first" : "";

	if (step->first.error == VMP_ERROR_LEAK)
		snprintf(buffer, size, "leaked%s", first);
	else if (name)
		snprintf(buffer, size, "failed, %s%s", name, first);
	else
		snprintf(buffer, size, "failed, errno %d%s", step->first.error,
			 first);
	return buffer;
}

void vmp_svg_failure_text(const struct vmp_run *run, size_t step, char *text,
			  size_t size)
{
	const struct vmp_step_result *result = &run->steps[step];
	char failed[32], calls[32], kept[32], how[64];
	size_t marked = result->failure_count ? result->failure_count : 1;
	int n;

	n = snprintf(text, size, "%s: %s of %s calls %s",
		     vmp_verbs[run->scenario->steps[step].verb].call,
		     vmp_svg_digits(result->failed, failed),
		     vmp_svg_digits(result->calls, calls),
		     outcome(result, how, sizeof(how)));
	if (n > 0 && (size_t)n < size && result->failed > marked)
		snprintf(text + n, size - (size_t)n, "; first %s marked",
			 vmp_svg_digits(marked, kept));
}

/* How far to the right the rows are taken, by labels and by poles. */
struct rows {
	int label[SVG_FLAG_ROWS], pole[SVG_FLAG_ROWS];
};

/* Free for a label, and all rows below it free for its pole? */
static bool is_free(const struct rows *rows, unsigned int row, int from, int x)
{
	if (from <= rows->label[row] || from <= rows->pole[row])
		return false;
	for (unsigned int i = row + 1; i < SVG_FLAG_ROWS; i++)
		if (x <= rows->label[i])
			return false;
	return true;
}

/*
 * Labels that hang to the right of their poles go down like stairs, those to
 * the left go up: so no pole crosses a label.
 */
static bool find_row(const struct rows *rows, struct vmp_flag *flag, int from)
{
	for (unsigned int i = 0; i < SVG_FLAG_ROWS; i++) {
		flag->row = flag->before ? SVG_FLAG_ROWS - 1 - i : i;
		if (is_free(rows, flag->row, from, flag->x))
			return true;
	}
	return false;
}

static bool place_flag(struct rows *rows, struct vmp_flag *flag)
{
	int width = 160 + (int)strlen(flag->text) * LETTER;
	int from;

	flag->before = flag->x + width > SVG_EDGE;
	from = flag->before ? flag->x - width : flag->x;
	if (from < SVG_MARGIN || !find_row(rows, flag, from))
		return false;
	rows->label[flag->row] = from + width;
	for (unsigned int i = flag->row + 1; i < SVG_FLAG_ROWS; i++)
		rows->pole[i] = flag->x;
	return true;
}

/* Give back the rows that hold no label. */
static void close_rows(struct vmp_flags *flags)
{
	bool used[SVG_FLAG_ROWS] = { 0 };
	unsigned int row[SVG_FLAG_ROWS];

	for (size_t i = 0; i < flags->count; i++)
		used[flags->flag[i].row] = true;
	flags->rows = 0;
	for (unsigned int i = 0; i < SVG_FLAG_ROWS; i++) {
		row[i] = flags->rows;
		flags->rows += used[i];
	}
	for (size_t i = 0; i < flags->count; i++)
		flags->flag[i].row = row[flags->flag[i].row];
}

void vmp_svg_place_flags(struct vmp_chart *c, struct vmp_flags *flags)
{
	struct rows rows = { 0 };
	uint64_t before = 0;

	flags->count = flags->failing = 0;
	for (size_t i = 0; i < c->steps; i++) {
		const struct vmp_step_result *step = &c->run->steps[i];
		struct vmp_flag *flag = &flags->flag[flags->count];

		if (step->failed && flags->count < SVG_FLAGS) {
			flag->step = i;
			flag->x = vmp_svg_x(c, before + step->first.index);
			vmp_svg_failure_text(c->run, i, flag->text,
					     sizeof(flag->text));
			flags->count += place_flag(&rows, flag);
		}
		flags->failing += step->failed > 0;
		before += step->calls;
	}
	close_rows(flags);
	if (flags->failing)
		c->top += (int)flags->rows * ROW_HEIGHT + TICKS_HEIGHT;
}

static void draw_tick(const struct vmp_chart *c, int from, int to)
{
	int left = from - TICK_WIDTH / 2; /* its middle on the call */

	fprintf(c->out, "\nM" SVG_PX " " SVG_PX "h" SVG_PX, SVG_PX_OF(left),
		SVG_PX_OF(c->top - TICKS_ABOVE), SVG_PX_OF(to - from));
}

/* Ticks of one step; those that touch are drawn as one. */
static void draw_step_ticks(const struct vmp_chart *c, uint64_t before,
			    const struct vmp_step_result *step)
{
	int from = vmp_svg_x(c, before + step->first.index);
	int to = from + TICK_WIDTH;

	for (size_t i = 0; i < step->failure_count; i++) {
		int x = vmp_svg_x(c, before + step->failures[i].index);

		if (x < from || x > to + TICK_WIDTH / 2) {
			draw_tick(c, from, to);
			from = x;
		}
		to = x + TICK_WIDTH;
	}
	draw_tick(c, from, to);
}

static void draw_ticks(const struct vmp_chart *c)
{
	uint64_t before = 0;

	vmp_svg_label(c->out, "failure end", c->left - 80,
		      c->top - TICKS_ABOVE + 40, "failures", SVG_WHOLE);
	fputs("<path class=\"tick\" d=\"", c->out);
	for (size_t i = 0; i < c->steps; i++) {
		if (c->run->steps[i].failed)
			draw_step_ticks(c, before, &c->run->steps[i]);
		before += c->run->steps[i].calls;
	}
	fputs("\"/>\n", c->out);
}

static void draw_flag(const struct vmp_chart *c, const struct vmp_flag *flag)
{
	uint64_t mappings = c->run->steps[flag->step].first_mappings;
	int foot = mappings ? vmp_svg_y(c, mappings) : c->top;
	int top = SVG_STEPS + SVG_STEPS_HEIGHT + (int)flag->row * ROW_HEIGHT;
	const char *class = flag->before ? "failure flag end" : "failure flag";

	fprintf(c->out,
		"<path class=\"pole\" d=\"M" SVG_PX " " SVG_PX "V" SVG_PX
		"\"/>\n",
		SVG_PX_OF(flag->x), SVG_PX_OF(top + 20), SVG_PX_OF(foot));
	vmp_svg_label(c->out, class, flag->x + (flag->before ? -60 : 60),
		      top + 130, flag->text, SVG_WHOLE);
}

/* A cross for a call that failed, a diamond for one that leaked. */
static void draw_mark(const struct vmp_chart *c, int x, int y, int error)
{
	static const char cross[] = "m-5-5l10 10m0-10l-10 10";
	static const char diamond[] = "m0-6.5l6.5 6.5l-6.5 6.5l-6.5-6.5z";
	const char *shape = error == VMP_ERROR_LEAK ? diamond : cross;

	fprintf(c->out,
		"<path class=\"mark halo\" d=\"M" SVG_PX " " SVG_PX
		"%s\"/><path class=\"mark\" d=\"M" SVG_PX " " SVG_PX "%s\"/>\n",
		SVG_PX_OF(x), SVG_PX_OF(y), shape, SVG_PX_OF(x), SVG_PX_OF(y),
		shape);
}

static void draw_marks(const struct vmp_chart *c)
{
	uint64_t before = 0;
	int last = -MARKS_APART;

	for (size_t i = 0; i < c->steps; i++) {
		const struct vmp_step_result *step = &c->run->steps[i];
		int x = vmp_svg_x(c, before + step->first.index);

		before += step->calls;
		if (!step->failed || !step->first_mappings ||
		    x < last + MARKS_APART)
			continue;
		draw_mark(c, x, vmp_svg_y(c, step->first_mappings),
			  step->first.error);
		last = x;
	}
}

void vmp_svg_failures(const struct vmp_chart *c, const struct vmp_flags *flags)
{
	if (!flags->failing)
		return;
	draw_ticks(c);
	for (size_t i = 0; i < flags->count; i++)
		draw_flag(c, &flags->flag[i]);
	draw_marks(c);
}
