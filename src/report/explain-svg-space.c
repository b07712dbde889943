// SPDX-License-Identifier: GPL-2.0-or-later
/* Cuts an address space into clusters, and finds the place to look at. */
#include <string.h>

#include "report/explain-svg.h"

enum {
	MOST_GAPS = 32,
	LEAST_GAP = 64 * 1024 * 1024, /* a smaller one cuts nothing */
	EIGHTH = 8,		      /* part of a row: a larger gap cuts it */
};

/* Free addresses below a mapping. */
struct gap {
	size_t index; /* of the mapping */
	uint64_t start, end;
};

struct gaps {
	struct gap row[MOST_GAPS]; /* the largest first */
	size_t count;
	uint64_t bytes; /* of all, kept or not */
};

unsigned int vmp_space_mapping(const struct vmp_space *s, size_t index,
			       struct vmp_mapping *m)
{
	const struct vmp_owner_row *row;
	unsigned int key = 0;

	vmp_census_mapping(s->census, index, m, &row);
	/* a label is its row's own, so its address tells them apart */
	while (key < SPACE_NAMED && key < s->row_count &&
	       s->rows[key].label != row->label)
		key++;
	return key < s->row_count ? key : SPACE_OTHER;
}

static void keep_gap(struct gaps *gaps, struct gap gap)
{
	size_t i = gaps->count;

	gaps->bytes += gap.end - gap.start;
	while (i && gaps->row[i - 1].end - gaps->row[i - 1].start <
			    gap.end - gap.start) {
		if (i < MOST_GAPS)
			gaps->row[i] = gaps->row[i - 1];
		i--;
	}
	if (i == MOST_GAPS)
		return;
	gaps->row[i] = gap;
	gaps->count += gaps->count < MOST_GAPS;
}

/* One cluster of all mappings below the gate line, and its gaps. */
static void survey(struct vmp_space *s, struct gaps *gaps)
{
	struct vmp_stretch *all = &s->clusters[0];
	struct vmp_mapping m;

	while (vmp_census_mapping(s->census, s->count, &m, NULL) && m.counted) {
		if (!s->count)
			all->start = m.start;
		else if (m.start - all->end >= LEAST_GAP)
			keep_gap(gaps,
				 (struct gap){ s->count, all->end, m.start });
		all->end = m.end;
		s->count++;
	}
	all->count = s->count;
	s->cluster_count = s->count > 0;
}

/*
 * Cut a cluster in two where too much of its row would be empty, or where the
 * gap is large beside all that is no gap.
 */
static void cut(struct vmp_space *s, const struct gap *gap, uint64_t content)
{
	struct vmp_stretch *c = s->clusters;
	uint64_t bytes = gap->end - gap->start;

	while (gap->index >= c->first + c->count)
		c++;
	if (bytes < (c->end - c->start) / EIGHTH && bytes < content / EIGHTH)
		return;
	memmove(c + 1, c,
		(size_t)(s->clusters + s->cluster_count++ - c) * sizeof(*c));
	c[0].count = gap->index - c[0].first;
	c[0].end = gap->start;
	c[1].first = gap->index;
	c[1].count -= c[0].count;
	c[1].start = gap->end;
}

size_t vmp_space_column(const struct vmp_stretch *cluster, uint64_t address)
{
	double part = (double)(address - cluster->start) /
		      (double)(cluster->end - cluster->start);
	size_t column = (size_t)(part * SPACE_COLUMNS);

	return column < SPACE_COLUMNS ? column : SPACE_COLUMNS - 1;
}

void vmp_space_fill(const struct vmp_space *s, const struct vmp_stretch *c,
		    vmp_space_grid grid)
{
	struct vmp_mapping m;

	memset(grid, 0, sizeof(vmp_space_grid));
	for (size_t i = c->first; i < c->first + c->count; i++) {
		unsigned int key = vmp_space_mapping(s, i, &m);
		size_t last = vmp_space_column(c, m.end - 1);

		for (size_t k = vmp_space_column(c, m.start); k <= last; k++)
			grid[k][key]++;
	}
}

unsigned int vmp_space_most(const uint32_t column[SPACE_KEYS], uint64_t *all)
{
	unsigned int most = 0;

	*all = 0;
	for (unsigned int key = 0; key < SPACE_KEYS; key++) {
		*all += column[key];
		if (column[key] > column[most])
			most = key;
	}
	return most;
}

static void count_owned(const struct vmp_space *s, struct vmp_stretch *stretch)
{
	struct vmp_mapping m;

	for (size_t i = 0; i < stretch->count; i++)
		stretch->owned[vmp_space_mapping(s, stretch->first + i, &m)]++;
}

static void find_densest(struct vmp_space *s, const struct vmp_stretch *c)
{
	vmp_space_grid grid;
	uint64_t all;

	vmp_space_fill(s, c, grid);
	for (size_t i = 0; i < SPACE_COLUMNS; i++) {
		vmp_space_most(grid[i], &all);
		if (all > s->densest)
			s->densest = all;
	}
}

/*
 * The shortest range of a stretch's addresses that holds half of its mappings,
 * and all others that an eighth of its length has room for.
 */
static struct vmp_stretch narrow(const struct vmp_space *s,
				 const struct vmp_stretch *c)
{
	struct vmp_stretch at = { .first = c->first }, best = { .count = 0 };
	uint64_t longest = (c->end - c->start) / EIGHTH;
	struct vmp_mapping first, last;

	vmp_space_mapping(s, at.first, &first);
	for (size_t i = c->first; i < c->first + c->count; i++) {
		vmp_space_mapping(s, i, &last);
		while (last.end - first.start > longest && at.first < i)
			vmp_space_mapping(s, ++at.first, &first);
		at.count = i + 1 - at.first;
		at.start = first.start;
		at.end = last.end;
		if (at.count > best.count)
			best = at;
	}
	return best;
}

/* Narrow the heaviest cluster while that leaves out less than half. */
static void find_dense(struct vmp_space *s)
{
	struct vmp_stretch at = s->clusters[s->heavy], next;

	while (at.count > SPACE_LENS) {
		next = narrow(s, &at);
		if (next.count * 2 < at.count)
			break;
		at = s->dense = next;
	}
	memset(s->dense.owned, 0, sizeof(s->dense.owned));
	count_owned(s, &s->dense);
}

/* More of the largest owner; of as many, those closer together. */
static bool is_better(const struct vmp_stretch *a, const struct vmp_stretch *b)
{
	if (a->owned[0] != b->owned[0])
		return a->owned[0] > b->owned[0];
	return !b->count || a->end - a->start < b->end - b->start;
}

/* Slide the lens along; of what it sees only the largest is counted. */
static void slide_lens(struct vmp_space *s, const struct vmp_stretch *c)
{
	struct vmp_stretch at = { .first = c->first };
	struct vmp_mapping m;

	at.count = c->count < SPACE_LENS ? c->count : SPACE_LENS;
	for (size_t i = c->first; i < c->first + c->count; i++) {
		bool is_largest = vmp_space_mapping(s, i, &m) == 0;

		at.owned[0] += is_largest;
		at.end = m.end;
		if (i + 1 < at.first + at.count)
			continue;
		is_largest = vmp_space_mapping(s, at.first, &m) == 0;
		at.start = m.start;
		if (is_better(&at, &s->lens))
			s->lens = at;
		at.owned[0] -= is_largest;
		at.first++;
	}
	memset(s->lens.owned, 0, sizeof(s->lens.owned));
	count_owned(s, &s->lens);
}

static void gather_cluster(struct vmp_space *s, size_t i)
{
	count_owned(s, &s->clusters[i]);
	find_densest(s, &s->clusters[i]);
	for (unsigned int key = 0; key < SPACE_KEYS; key++)
		s->owned[key] += s->clusters[i].owned[key];
	if (s->clusters[i].count > s->clusters[s->heavy].count)
		s->heavy = i;
}

void vmp_space_gather(struct vmp_space *s)
{
	struct gaps gaps = { .count = 0 };
	uint64_t content;

	s->row_count = vmp_census_owners(s->census, &s->rows);
	survey(s, &gaps);
	content = s->clusters->end - s->clusters->start - gaps.bytes;
	for (size_t i = 0; i < gaps.count && s->cluster_count < SPACE_CLUSTERS;
	     i++)
		cut(s, &gaps.row[i], content);
	for (size_t i = 0; i < s->cluster_count; i++)
		gather_cluster(s, i);
	find_dense(s);
	slide_lens(s, s->dense.count ? &s->dense : &s->clusters[s->heavy]);
}
