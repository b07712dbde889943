/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the explain-svg*.c files share: the address space, cut into clusters.
 *
 *   hold (process 12): 65,023 of 65,530 mappings, 99.2 %      explain-svg.c
 *   [A                                            |B] |  the limit's bar
 *   A  65,000  99.9 %  anon  rw-p 4 KiB                  a row an owner
 *
 *   0x7f12a0000000, 508 MiB: 65,011 mappings       A 65,000  B 11
 *   ####__####______####                                  explain-svg-sky.c
 *        /    \
 *   [][][][][][][][]   a few of them, one by one          explain-svg-lens.c
 *
 * Lengths are tenths of a pixel, as in svg-chart.h.
 */
#ifndef VMP_EXPLAIN_SVG_H
#define VMP_EXPLAIN_SVG_H

#include "lib/internal.h"
#include "report/explain.h"
#include "report/svg-chart.h"

enum {
	SPACE_NAMED = 7, /* owners with a colour of their own */
	SPACE_OTHER = SPACE_NAMED,
	SPACE_KEYS,
	SPACE_CLUSTERS = 8,
	SPACE_COLUMNS = 456,
	SPACE_COLUMN = 20, /* wide */
	SPACE_LEFT = SVG_MARGIN,
	SPACE_WIDTH = SPACE_COLUMNS * SPACE_COLUMN,
	SPACE_RIGHT = SPACE_LEFT + SPACE_WIDTH,
	SPACE_LENS = 160, /* mappings shown one by one */
	SPACE_SKY_HEIGHT = 760,
	SPACE_FLAT_HEIGHT = 400, /* of a cluster with one mapping */
	SPACE_LENS_HEIGHT = 1300,
	SPACE_LETTER_ROOM = 130, /* a key's letter needs it */
};

/* Mappings in a row, and how many of them each key has. */
struct vmp_stretch {
	size_t first, count;
	uint64_t start, end;
	uint64_t owned[SPACE_KEYS];
};

struct vmp_space {
	const struct vmp_census *census;
	FILE *out;
	const struct vmp_owner_row *rows;
	size_t row_count;
	size_t count; /* of mappings, without the gate line */
	struct vmp_stretch clusters[SPACE_CLUSTERS];
	size_t cluster_count;
	uint64_t owned[SPACE_KEYS];
	uint64_t densest; /* mappings in a column */
	/* In the cluster that has most mappings, where most of them are: */
	size_t heavy;
	struct vmp_stretch dense; /* count 0: all over the cluster */
	struct vmp_stretch lens;
};

/* explain-svg-space.c */
void vmp_space_gather(struct vmp_space *space);
/* A mapping and its key: the number of its owner, or SPACE_OTHER. */
unsigned int vmp_space_mapping(const struct vmp_space *space, size_t index,
			       struct vmp_mapping *m);
/* The column of a cluster in which an address lies. */
size_t vmp_space_column(const struct vmp_stretch *cluster, uint64_t address);
/* How many mappings of each key are in each column. */
typedef uint32_t vmp_space_grid[SPACE_COLUMNS][SPACE_KEYS];
void vmp_space_fill(const struct vmp_space *space,
		    const struct vmp_stretch *cluster, vmp_space_grid grid);
/* The key that has most of a column, and *all that are in it. */
unsigned int vmp_space_most(const uint32_t column[SPACE_KEYS], uint64_t *all);

/* explain-svg.c */
/* "A", or "*" for all others. */
char vmp_space_letter(unsigned int key);
/* "A 65,000  B 11", to the right. */
void vmp_space_tally(const struct vmp_space *space,
		     const struct vmp_stretch *stretch, int y);
/* A <rect> in a key's colour, left open; its letter, and a name, on that. */
void vmp_space_box(const struct vmp_space *space, unsigned int key, int x,
		   int y, int width, int height);
void vmp_space_mark(const struct vmp_space *space, unsigned int key, int x,
		    int y, const char *name);

/* explain-svg-sky.c */
/* In: part, which is enlarged below; its count is 0 where none is. */
void vmp_space_sky(const struct vmp_space *space,
		   const struct vmp_stretch *cluster,
		   const struct vmp_stretch *part, int y);

/* explain-svg-lens.c */
void vmp_space_lens(const struct vmp_space *space, int y);

#endif
