// SPDX-License-Identifier: GPL-2.0-or-later
/* Which processes `vmaprobe top` shows, and in which order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "report/top-inside.h"

enum { SORTED_BY = 64 }; /* bytes of a text that rows are sorted by */

/* What a row is sorted by, so that the lesser one comes first. */
struct sort_key {
	bool unknown; /* last */
	double number;
	char text[SORTED_BY];
	size_t order; /* in the sample */
	const struct vmp_watched *process;
};

static void make_key(const struct vmp_top_report *r, enum vmp_top_column sort,
		     struct sort_key *key)
{
	const struct vmp_top_column_row *c = &vmp_top_columns[sort];
	struct vmp_top_cell cell;

	vmp_top_read(r, key->process, sort, &cell);
	key->unknown = cell.kind == VMP_TOP_UNKNOWN;
	if (cell.kind == VMP_TOP_TEXT)
		memcpy(key->text, cell.text, strnlen(cell.text, SORTED_BY - 1));
	else
		key->number = cell.kind == VMP_TOP_REAL ? cell.real
							: (double)cell.integer;
	if (!c->ascending)
		key->number = -key->number;
}

static int compare_keys(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;
	int text;

	if (x->unknown != y->unknown)
		return x->unknown - y->unknown;
	if (!x->unknown && x->number != y->number)
		return x->number < y->number ? -1 : 1;
	text = strcmp(x->text, y->text);
	if (text)
		return text;
	return x->order < y->order ? -1 : 1;
}

/* In: rows, as the sample has them: the fullest first. */
static int sort_rows(struct vmp_top_report *r, enum vmp_top_column sort)
{
	VMP_FREE struct sort_key *keys =
		calloc(r->row_count + 1, sizeof(*keys));

	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < r->row_count; i++) {
		keys[i].order = i;
		keys[i].process = r->rows[i];
		make_key(r, sort, &keys[i]);
	}
	qsort(keys, r->row_count, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < r->row_count; i++)
		r->rows[i] = keys[i].process;
	return 0;
}

static bool is_order_of_sample(enum vmp_top_column sort)
{
	return sort == VMP_TOP_MAPPINGS || sort == VMP_TOP_PERCENT ||
	       sort == VMP_TOP_HEADROOM;
}

int vmp_top_choose(struct vmp_top_report *r, enum vmp_top_column sort,
		   size_t most, double threshold)
{
	const struct vmp_sample *s = r->sample;

	r->rows = malloc((s->count + 1) * sizeof(*r->rows));
	r->row_count = 0;
	r->sort = sort;
	if (!r->rows)
		return -ENOMEM;
	for (size_t i = 0; i < s->count; i++)
		if (vmp_map_percent(s->processes[i].mappings, s->limit) >=
		    threshold)
			r->rows[r->row_count++] = &s->processes[i];
	if (!is_order_of_sample(sort) && sort_rows(r, sort) < 0)
		return -ENOMEM;
	if (most && r->row_count > most)
		r->row_count = most;
	r->left_out = s->count - r->row_count;
	return 0;
}

int vmp_top_choose_series(struct vmp_top_report *r, size_t most,
			  double threshold)
{
	const struct vmp_sample *s = r->sample;
	size_t least = most && most < VMP_TOP_SERIES ? most : VMP_TOP_SERIES;
	size_t rows = 0;

	while (rows < s->count && rows < VMP_TOP_SERIES &&
	       (rows < least || vmp_map_percent(s->processes[rows].mappings,
						s->limit) >= threshold))
		rows++;
	r->rows = malloc((rows + 1) * sizeof(*r->rows));
	r->row_count = r->rows ? rows : 0;
	r->left_out = s->count - r->row_count;
	r->sort = VMP_TOP_MAPPINGS;
	for (size_t i = 0; i < r->row_count; i++)
		r->rows[i] = &s->processes[i];
	return r->rows ? 0 : -ENOMEM;
}
