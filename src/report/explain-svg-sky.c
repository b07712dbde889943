// SPDX-License-Identifier: GPL-2.0-or-later
/* Draws a cluster as a skyline: where its mappings are, how many, and whose. */
#include <inttypes.h>
#include <string.h>

#include "report/explain-svg.h"

enum {
	HEADING = 120, /* its baseline, below the top of a cluster */
	TOP = 190,
	GROUND = 490,
	LETTERS = 610,
	LEAST = 50, /* a column with one mapping */
};

/* What is drawn in each column; height 0: nothing. */
struct sky {
	unsigned int key[SPACE_COLUMNS];
	int height[SPACE_COLUMNS];
};

/* 1024 log2(n), straight between the powers of two: enough for the eye. */
static int logarithm(uint64_t n)
{
	int power = 63 - __builtin_clzll(n);

	return power * 1024 - 1024 +
	       (int)((double)n / (double)(1ull << power) * 1024);
}

static void look(const struct vmp_space *s, const struct vmp_stretch *c,
		 struct sky *sky)
{
	int range = s->densest > 1 ? logarithm(s->densest) : 1;
	vmp_space_grid grid;
	uint64_t all;

	vmp_space_fill(s, c, grid);
	for (size_t i = 0; i < SPACE_COLUMNS; i++) {
		sky->key[i] = vmp_space_most(grid[i], &all);
		sky->height[i] = all ? LEAST + (GROUND - TOP - LEAST) *
							 logarithm(all) / range
				     : 0;
	}
}

/* The end of the columns that have the key, and, if asked, the height of i. */
static size_t run_end(const struct sky *sky, size_t i, bool same_height)
{
	size_t end = i;

	while (end < SPACE_COLUMNS && sky->height[end] &&
	       sky->key[end] == sky->key[i] &&
	       (!same_height || sky->height[end] == sky->height[i]))
		end++;
	return end;
}

static void draw_key(const struct vmp_space *s, const struct vmp_stretch *c,
		     const struct sky *sky, unsigned int key, int ground)
{
	fprintf(s->out, "<path class=\"k%u\" d=\"", key);
	for (size_t i = 0, end; i < SPACE_COLUMNS; i = end) {
		end = run_end(sky, i, true);
		if (end == i)
			end++;
		else if (sky->key[i] == key)
			fprintf(s->out,
				"M" SVG_PX " " SVG_PX "v-" SVG_PX "h%zuv" SVG_PX
				"z",
				SVG_PX_OF(SPACE_LEFT + (int)i * SPACE_COLUMN),
				SVG_PX_OF(ground), SVG_PX_OF(sky->height[i]),
				(end - i) * SPACE_COLUMN / 10,
				SVG_PX_OF(sky->height[i]));
	}
	fprintf(s->out, "\"><title>%c ", vmp_space_letter(key));
	if (key < SPACE_OTHER) {
		fprintf(s->out, "%s, ", vmp_owner_name(s->rows[key].owner));
		vmp_svg_text(s->out, s->rows[key].label, 60);
	}
	fprintf(s->out, ": %s of %s mappings here</title></path>\n",
		vmp_digits(c->owned[key]), vmp_digits(c->count));
}

/* Each key's letter below its widest run, while there is room. */
static void draw_letters(const struct vmp_space *s, const struct sky *sky,
			 int y)
{
	size_t widest[SPACE_KEYS] = { 0 }, end;
	int free = SPACE_LEFT;

	for (size_t i = 0; i < SPACE_COLUMNS; i = end + (end == i)) {
		end = run_end(sky, i, false);
		if (end - i > widest[sky->key[i]])
			widest[sky->key[i]] = end - i;
	}
	for (size_t i = 0; i < SPACE_COLUMNS; i = end + (end == i)) {
		unsigned int key = sky->key[i];
		char letter[] = { vmp_space_letter(key), '\0' };
		int x;

		end = run_end(sky, i, false);
		x = SPACE_LEFT + (int)(i + end) * SPACE_COLUMN / 2;
		if (end == i || end - i < widest[key] || x < free)
			continue;
		vmp_svg_label(s->out, "middle letter", x, y, letter, 1);
		widest[key] = SPACE_COLUMNS + 1;
		free = x + 100;
	}
}

static void draw_heading(const struct vmp_space *s, const struct vmp_stretch *c,
			 int y)
{
	char text[160], size[32], gap[32];
	int n = snprintf(text, sizeof(text), "0x%" PRIx64 ", %s: %s mapping%s",
			 c->start, vmp_human_bytes(c->end - c->start, size),
			 vmp_digits(c->count), c->count == 1 ? "" : "s");

	if (c == &s->dense)
		strcat(text, ", enlarged");
	else if (c > s->clusters && c < s->clusters + s->cluster_count)
		snprintf(text + n, sizeof(text) - (size_t)n, ", %s further up",
			 vmp_human_bytes(c->start - c[-1].end, gap));
	vmp_svg_label(s->out, "", SPACE_LEFT, y, text, SVG_WHOLE);
	vmp_space_tally(s, c, y);
}

/* A frame around what is enlarged, and the light that falls from it. */
static void draw_beam(const struct vmp_space *s, const struct vmp_stretch *c,
		      const struct vmp_stretch *part, int y)
{
	int left = (int)vmp_space_column(c, part->start) * SPACE_COLUMN +
		   SPACE_LEFT - 10;
	int right = (int)vmp_space_column(c, part->end - 1) * SPACE_COLUMN +
		    SPACE_LEFT + SPACE_COLUMN + 10;

	fprintf(s->out,
		"<path class=\"beam\" d=\"M" SVG_PX " " SVG_PX "H" SVG_PX
		"L%d %dH%dz\"/>\n",
		SVG_PX_OF(left), SVG_PX_OF(y + GROUND), SVG_PX_OF(right),
		SPACE_RIGHT / 10, (y + SPACE_SKY_HEIGHT) / 10, SPACE_LEFT / 10);
	vmp_svg_rect(s->out, "frame", left, y + TOP - 20, right - left,
		     GROUND - TOP + 30);
	fputs("</rect>\n", s->out);
}

void vmp_space_sky(const struct vmp_space *s, const struct vmp_stretch *c,
		   const struct vmp_stretch *part, int y)
{
	int top = c->count > 1 ? TOP : GROUND - LEAST;
	struct sky sky;

	draw_heading(s, c, y + HEADING);
	y -= top - TOP;
	vmp_svg_rect(s->out, "shaded", SPACE_LEFT, y + top, SPACE_WIDTH,
		     GROUND - top);
	fputs("</rect>\n", s->out);
	look(s, c, &sky);
	for (unsigned int key = 0; key < SPACE_KEYS; key++)
		if (c->owned[key])
			draw_key(s, c, &sky, key, y + GROUND);
	if (part->count > 1)
		draw_beam(s, c, part, y);
	if (c->count > 1)
		draw_letters(s, &sky, y + LETTERS);
}
