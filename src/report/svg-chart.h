/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the svg-*.c files share: text and page of any picture, and where things
 * lie in that of a run.
 *
 *   name                               kernel, allocator
 *   summary                      start, peak, end
 *            +-- steps' texts -------------------+  SVG_STEPS
 *            |   labels of failures, 0 to 4 rows |
 *            |   a tick for each failure         |
 *            +-----------------------------------+  chart->top
 *   mappings |   the line, and the limit         |
 *            +-----------------------------------+  SVG_BOTTOM
 *            chart->left                    SVG_RIGHT
 *   notes                             calls made
 *
 * All lengths are tenths of a pixel, in integers: printf()'s "%f" would write
 * a comma in some locales.
 */
#ifndef VMP_SVG_CHART_H
#define VMP_SVG_CHART_H

#include <stdio.h>

#include "engine/run.h"

enum {
	SVG_MARGIN = 240,
	SVG_RIGHT = 9200,
	SVG_EDGE = 9520, /* no text beyond */
	SVG_STEPS = 760,
	SVG_STEPS_HEIGHT = 240,
	SVG_BOTTOM = 4740,
	SVG_HEIGHT = 5400,
	SVG_DIGIT = 75, /* a digit's width, in a wide font */
	SVG_LETTER = 68 /* a letter's, on average */
};

#define SVG_PX "%d.%d"
#define SVG_PX_OF(length) (length) / 10, (length) % 10

struct vmp_chart {
	const struct vmp_run *run;
	FILE *out;
	size_t steps;	      /* with results; 0 where nothing ran */
	uint64_t calls, most; /* at the right and the upper edge */
	uint64_t peak;
	bool limit_is_far; /* it would press the line flat */
	int left, top;
};

/* Where a number of calls, and a map count, lie in the plot. */
int vmp_svg_x(const struct vmp_chart *c, uint64_t calls);
int vmp_svg_y(const struct vmp_chart *c, uint64_t mappings);

/* svg-text.c */
enum { SVG_WHOLE = 1 << 20 }; /* `most` for text that is known to fit */

/* Write text escaped; from outside, so any bytes. At most `most` characters. */
void vmp_svg_text(FILE *out, const char *text, size_t most);
/* A <text> element, its text as above. */
void vmp_svg_label(FILE *out, const char *class, int x, int y, const char *text,
		   size_t most);
/* vmp_group_digits() for counts. Returns: buffer, of at least 32 bytes. */
char *vmp_svg_digits(uint64_t count, char *buffer);

/* svg-page.c */
/* The <svg> tag; a title and a description may follow it. */
void vmp_svg_page(FILE *out, int height);
/* Styles, those of every picture and `style`; then the ground. */
void vmp_svg_ground(FILE *out, int height, const char *style);
/* A <rect> element, left open for its title. */
void vmp_svg_rect(FILE *out, const char *class, int x, int y, int width,
		  int height);

struct vmp_flags;

/* svg-axis.c */
/* The smallest of 1, 2, 5, 10, 20, ... that cuts range into so many parts. */
uint64_t vmp_svg_tick(uint64_t range, uint64_t parts);
/* Fix the scales, and what follows from them. peak: the highest count. */
void vmp_svg_scale(struct vmp_chart *c, uint64_t calls, uint64_t peak);
void vmp_svg_axes(const struct vmp_chart *c);
/* The limit, its text where no flag's pole crosses it. */
void vmp_svg_limit(const struct vmp_chart *c, const struct vmp_flags *flags);

/* svg-line.c */
/* The line through the samples. */
struct vmp_line {
	struct vmp_line_point {
		uint64_t calls, mappings;
	} * points;
	size_t count;
};

/* Gather them. Owns: the caller frees points. Returns: 0 or -ENOMEM. */
int vmp_svg_gather(const struct vmp_run *run, size_t steps,
		   struct vmp_line *line);
void vmp_svg_line(const struct vmp_chart *c, const struct vmp_line *line);

/* svg-fail.c */
enum { SVG_FLAGS = 16, SVG_FLAG_ROWS = 4 };

/* The label of a step's first failure, on a pole that ends in its mark. */
struct vmp_flag {
	size_t step;
	int x;		  /* of the pole, and of the mark */
	unsigned int row; /* from the top */
	bool before;	  /* the text is to the left of the pole */
	char text[192];
};

struct vmp_flags {
	struct vmp_flag flag[SVG_FLAGS];
	size_t count;	/* that found a place */
	size_t failing; /* steps with failures */
	unsigned int rows;
};

/* Find a place for each label. Lowers c->top to make room for them. */
void vmp_svg_place_flags(struct vmp_chart *c, struct vmp_flags *flags);
void vmp_svg_failures(const struct vmp_chart *c, const struct vmp_flags *flags);
/* A step's failures in words: "munmap: 30 of 65,530 calls failed, ENOMEM". */
void vmp_svg_failure_text(const struct vmp_run *run, size_t step, char *text,
			  size_t size);

#endif
