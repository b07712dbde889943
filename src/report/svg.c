// SPDX-License-Identifier: GPL-2.0-or-later
/* Draws a run as a stand-alone SVG file: map count against calls. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "report/svg-chart.h"
#include "report/svg.h"

enum {
	BAND_LEAST = 30,  /* a narrower step is not shaded */
	STEP_LETTER = 74, /* monospaced, 12 pixels */
	STEP_LETTERS_LEAST = 6
};

static const char style[] =
	".step{font-family:ui-monospace,'SF Mono','Liberation Mono',"
	"Consolas,monospace}\n"
	".grid,.axis,.line,.pole,.tick,path.limit,.mark{fill:none}\n"
	".line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}\n"
	".dashed{stroke-dasharray:6 4}\n"
	".pole{stroke-dasharray:2 2}\n"
	".tick{stroke-width:8}\n"
	".mark{stroke-width:2.2}\n"
	".mark.halo{stroke-width:5;stroke-linejoin:round;"
	"stroke-linecap:round}\n"
	"text.limit,.over{paint-order:stroke;stroke-width:4px;"
	"stroke-linejoin:round}\n"
	".flag{font-weight:600}\n"
	".mark.halo,text.limit,.over{stroke:#fff}\n"
	".step{fill:#1f2328}\n"
	".band{fill:#fff}\n"
	".grid{stroke:#e1e5ea}.axis{stroke:#818b98}\n"
	".line{stroke:#0b62c4}\n"
	".pole,.tick,.mark{stroke:#c4202b}.failure{fill:#b01822}\n"
	"@media (prefers-color-scheme:dark){\n"
	".mark.halo,text.limit,.over{stroke:#0d1117}\n"
	".step{fill:#e6edf3}\n"
	".band{fill:#0d1117}\n"
	".grid{stroke:#2a313b}.axis{stroke:#6e7883}\n"
	".line{stroke:#58a6ff}\n"
	".pole,.tick,.mark{stroke:#ff7b72}.failure{fill:#ff938b}\n"
	"}\n";

static uint64_t count_calls(const struct vmp_run *run, size_t steps)
{
	uint64_t calls = 0;

	for (size_t i = 0; i < steps; i++)
		calls += run->steps[i].calls;
	return calls;
}

static uint64_t find_peak(const struct vmp_run *run,
			  const struct vmp_line *line)
{
	uint64_t peak = run->peak;

	for (size_t i = 0; i < line->count; i++)
		if (line->points[i].mappings > peak)
			peak = line->points[i].mappings;
	return peak;
}

static size_t count_not_run(const struct vmp_chart *c)
{
	size_t count = c->run->scenario->step_count - c->steps;

	for (size_t i = 0; i < c->steps; i++)
		count += !c->run->steps[i].run;
	return count;
}

/* "start 27, peak 65,530, end 65,530", as far as it is known. */
static void counts_text(const struct vmp_chart *c, char *text, size_t size)
{
	const struct {
		const char *name;
		uint64_t count;
	} rows[] = {
		{ "start", c->run->start },
		{ "peak", c->peak },
		{ "end", c->run->end },
	};
	size_t n = 0;
	char digits[32];

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].count || n >= size)
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%s %s",
				      n ? ", " : "", rows[i].name,
				      vmp_svg_digits(rows[i].count, digits));
	}
}

/* For those who do not see the picture. */
static void draw_description(const struct vmp_chart *c, const char *counts)
{
	char digits[32], text[192];

	fputs("<title>", c->out);
	vmp_svg_text(c->out, c->run->scenario->name, 80);
	fputs(": ", c->out);
	vmp_svg_text(c->out, c->run->scenario->summary, 200);
	fprintf(c->out,
		"</title>\n<desc>Map count against calls made: "
		"%s calls in %zu of %zu steps.",
		vmp_svg_digits(count_calls(c->run, c->steps), digits),
		c->run->scenario->step_count - count_not_run(c),
		c->run->scenario->step_count);
	if (c->run->limit > 0)
		fprintf(c->out, " Limit %s.",
			vmp_group_digits(c->run->limit, digits));
	if (*counts)
		fprintf(c->out, " Mappings: %s.", counts);
	for (size_t i = 0; i < c->steps; i++) {
		if (!c->run->steps[i].failed)
			continue;
		vmp_svg_failure_text(c->run, i, text, sizeof(text));
		fprintf(c->out, "\n%s.", text);
	}
	fputs("</desc>\n", c->out);
}

/* A text to the left, as long as the one to the right leaves room for. */
static void draw_heading(FILE *out, int y, const char *class, int letter,
			 const char *left, const char *right)
{
	int room = SVG_RIGHT - SVG_MARGIN - 300;
	size_t length = strnlen(right, 64);

	room -= (int)length * SVG_LETTER;
	vmp_svg_label(out, class, SVG_MARGIN, y, left, (size_t)(room / letter));
	vmp_svg_label(out, "end", SVG_RIGHT, y, right, 64);
}

static void draw_headings(const struct vmp_chart *c, const char *counts)
{
	const struct vmp_run *run = c->run;
	char where[sizeof(run->kernel) + sizeof(run->allocator) + 2];

	snprintf(where, sizeof(where), "%s%s%s", run->kernel,
		 run->kernel[0] && run->allocator[0] ? ", " : "",
		 run->allocator);
	draw_heading(c->out, 360, "name", 120, run->scenario->name, where);
	draw_heading(c->out, 580, "summary", 80, run->scenario->summary,
		     counts);
}

/* A step's text, cut off where its band ends. */
static void draw_step_text(const struct vmp_chart *c, const char *text,
			   int left, int width)
{
	int letters = (width - 120) / STEP_LETTER;

	if (letters < STEP_LETTERS_LEAST)
		return;
	fprintf(c->out,
		"<svg x=\"" SVG_PX "\" y=\"" SVG_PX "\" width=\"" SVG_PX
		"\" height=\"24\">",
		SVG_PX_OF(left), SVG_PX_OF(SVG_STEPS), SVG_PX_OF(width));
	vmp_svg_label(c->out, "step", 60, 160, text, (size_t)letters);
	fputs("</svg>\n", c->out);
}

static void draw_band(const struct vmp_chart *c, size_t step, int left,
		      int width, bool shaded)
{
	const struct vmp_step_result *result = &c->run->steps[step];
	const char *text = c->run->scenario->steps[step].text;
	char digits[32];

	vmp_svg_rect(c->out, shaded ? "shaded" : "band", left, SVG_STEPS, width,
		     SVG_BOTTOM - SVG_STEPS);
	fputs("<title>", c->out);
	vmp_svg_text(c->out, text, 300);
	fprintf(c->out, ": %s calls</title></rect>\n",
		vmp_svg_digits(result->calls, digits));
	draw_step_text(c, text, left, width);
}

static void draw_bands(const struct vmp_chart *c)
{
	uint64_t before = 0;
	bool shaded = true;

	for (size_t i = 0; i < c->steps; i++) {
		int left = vmp_svg_x(c, before), width;

		before += c->run->steps[i].calls;
		width = vmp_svg_x(c, before) - left;
		if (width < BAND_LEAST)
			continue;
		draw_band(c, i, left, width, shaded);
		shaded = !shaded;
	}
}

static void draw_notes(const struct vmp_chart *c, const struct vmp_flags *flags)
{
	size_t not_run = count_not_run(c);

	fprintf(c->out, "<text x=\"" SVG_PX "\" y=\"" SVG_PX "\">",
		SVG_PX_OF(c->left), SVG_PX_OF(SVG_BOTTOM + 480));
	if (c->run->ended != VMP_FINISHED)
		fprintf(c->out, "Ended early: %s. ",
			vmp_ended_name(c->run->ended));
	if (not_run)
		fprintf(c->out, "%zu of %zu steps not run. ", not_run,
			c->run->scenario->step_count);
	if (!flags->failing)
		fputs("No call failed.", c->out);
	else if (flags->failing > flags->count)
		fprintf(c->out, "Calls failed in %zu steps, %zu labelled.",
			flags->failing, flags->count);
	fputs("</text>\n", c->out);
}

static void draw_nothing(const struct vmp_chart *c)
{
	int x = (c->left + SVG_RIGHT) / 2, y = (c->top + SVG_BOTTOM) / 2;

	vmp_svg_label(c->out, "summary middle over", x, y, "No call was made.",
		      SVG_WHOLE);
	vmp_svg_label(c->out, "middle over", x, y + 240, c->run->reason, 110);
}

static void draw(const struct vmp_chart *c, const struct vmp_line *line,
		 const struct vmp_flags *flags)
{
	char counts[128];

	counts_text(c, counts, sizeof(counts));
	vmp_svg_page(c->out, SVG_HEIGHT);
	draw_description(c, counts);
	vmp_svg_ground(c->out, SVG_HEIGHT, style);
	draw_bands(c);
	draw_headings(c, counts);
	vmp_svg_axes(c);
	vmp_svg_limit(c, flags);
	if (count_calls(c->run, c->steps)) {
		vmp_svg_line(c, line);
		vmp_svg_failures(c, flags);
		draw_notes(c, flags);
	} else {
		draw_nothing(c);
	}
	fputs("</svg>\n", c->out);
}

int vmp_report_svg(const struct vmp_run *run, FILE *out)
{
	struct vmp_chart c = { .run = run, .out = out };
	struct vmp_flags flags;
	struct vmp_line line;
	uint64_t calls;
	int rc;

	c.steps = run->steps ? run->scenario->step_count : 0;
	rc = vmp_svg_gather(run, c.steps, &line);
	if (rc)
		return rc;
	calls = count_calls(run, c.steps);
	vmp_svg_scale(&c, calls, find_peak(run, &line));
	vmp_svg_place_flags(&c, &flags);
	draw(&c, &line, &flags);
	free(line.points);
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
