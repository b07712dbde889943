// SPDX-License-Identifier: GPL-2.0-or-later
/* Draws mappings one by one, all equally wide, so that patterns are seen. */
#include <inttypes.h>

#include "report/explain-svg.h"

enum {
	HEADING = 120, /* its baseline, below the top */
	TOP = 190,     /* of the owners */
	OWNER = 220,
	LANES = TOP + OWNER + 40,
	LANE = 145,
	BAR = 90,
	LEFT = SPACE_LEFT + 540, /* the lanes' names are before it */
	WIDEST = 400,		 /* a mapping, where there are few */
	SEAM = 8,		 /* between two of them */
};

/* What there is to see of a mapping, a bit each. */
static const char *const lanes[] = { "read", "write", "execute", "shared",
				     "gap" };

struct cell {
	unsigned int key, seen;
	int x, width;
};

static unsigned int see(const struct vmp_mapping *m, uint64_t below)
{
	return (unsigned int)m->readable | (unsigned int)m->writable << 1 |
	       (unsigned int)m->executable << 2 | (unsigned int)m->shared << 3 |
	       (unsigned int)(m->start != below) << 4;
}

static void draw_owner(const struct vmp_space *s, const struct cell *cell,
		       const struct vmp_mapping *m, int y)
{
	char size[32], rights[5];

	vmp_space_box(s, cell->key, cell->x, y + TOP, cell->width, OWNER);
	fprintf(s->out, "<title>%c 0x%" PRIx64 ", %s, %s ",
		vmp_space_letter(cell->key), m->start,
		vmp_human_bytes(m->end - m->start, size),
		vmp_rights_text(m, rights));
	vmp_svg_text(s->out, m->name, 80);
	fputs("</title></rect>\n", s->out);
}

static void draw_cells(const struct vmp_space *s, struct cell *cells, int y)
{
	int count = (int)s->lens.count, width = SPACE_RIGHT - LEFT;
	struct vmp_mapping m = { .end = 0 };

	if (s->lens.first)
		vmp_space_mapping(s, s->lens.first - 1, &m);
	if (width > count * WIDEST)
		width = count * WIDEST;
	for (int i = 0; i < count; i++) {
		uint64_t below = m.end;

		cells[i].key =
			vmp_space_mapping(s, s->lens.first + (size_t)i, &m);
		cells[i].seen = see(&m, below);
		cells[i].x = LEFT + i * width / count;
		cells[i].width = width / count - SEAM;
		draw_owner(s, &cells[i], &m, y);
	}
}

/* A key's letter in the middle of those that have it. */
static void draw_letters(const struct vmp_space *s, const struct cell *cells,
			 int y)
{
	for (size_t i = 0, end; i < s->lens.count; i = end) {
		int right;

		for (end = i; end < s->lens.count; end++)
			if (cells[end].key != cells[i].key)
				break;
		right = cells[end - 1].x + cells[end - 1].width;
		if (right - cells[i].x >= SPACE_LETTER_ROOM)
			vmp_space_mark(s, cells[i].key,
				       (cells[i].x + right) / 2,
				       y + TOP + OWNER / 2 + 43, "");
	}
}

static void draw_lane(const struct vmp_space *s, const struct cell *cells,
		      size_t lane, int y)
{
	vmp_svg_label(s->out, "end", LEFT - 70, y + 83, lanes[lane], SVG_WHOLE);
	vmp_svg_rect(s->out, "shaded", LEFT, y, SPACE_RIGHT - LEFT, BAR);
	fputs("</rect>\n<path class=\"seen\" d=\"", s->out);
	for (size_t i = 0; i < s->lens.count; i++)
		if (cells[i].seen & 1u << lane)
			fprintf(s->out, "M" SVG_PX " " SVG_PX "h" SVG_PX,
				SVG_PX_OF(cells[i].x), SVG_PX_OF(y + BAR / 2),
				SVG_PX_OF(cells[i].width));
	fputs("\"/>\n", s->out);
}

void vmp_space_lens(const struct vmp_space *s, int y)
{
	struct cell cells[SPACE_LENS];
	char text[160], size[32];

	snprintf(text, sizeof(text),
		 "0x%" PRIx64 ", %s: %zu mappings one by one", s->lens.start,
		 vmp_human_bytes(s->lens.end - s->lens.start, size),
		 s->lens.count);
	vmp_svg_label(s->out, "", LEFT, y + HEADING, text, SVG_WHOLE);
	vmp_space_tally(s, &s->lens, y + HEADING);
	draw_cells(s, cells, y);
	draw_letters(s, cells, y);
	for (size_t i = 0; i < VMP_COUNT(lanes); i++)
		draw_lane(s, cells, i, y + LANES + (int)i * LANE);
}
