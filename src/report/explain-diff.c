// SPDX-License-Identifier: GPL-2.0-or-later
/* Two censuses side by side: which owners have more mappings, which fewer. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "lib/internal.h"
#include "report/csv.h"
#include "report/explain.h"
#include "report/json.h"
#include "report/table.h"

/* An owner in one of them or in both. */
struct change {
	enum vmp_owner owner;
	const char *label; /* the later one */
	uint64_t size_class;
	uint64_t before, after;
};

struct changes {
	struct change *rows;
	size_t count;
};

static int64_t growth(const struct change *c)
{
	return (int64_t)c->after - (int64_t)c->before;
}

/* Labels that count or size what they name differ without being others. */
static bool has_one_row(enum vmp_owner owner)
{
	return owner == VMP_OWNER_PROGRAM || owner == VMP_OWNER_LIBRARY ||
	       owner == VMP_OWNER_ARENA || owner == VMP_OWNER_ANON ||
	       owner == VMP_OWNER_THREAD_STACK;
}

static int by_owner(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (x->size_class != y->size_class)
		return x->size_class < y->size_class ? -1 : 1;
	return has_one_row(x->owner) ? 0 : strcmp(x->label, y->label);
}

static int by_growth(const void *a, const void *b)
{
	int64_t x = llabs(growth(a)), y = llabs(growth(b));

	if (x != y)
		return x < y ? 1 : -1;
	return by_owner(a, b);
}

static size_t add_rows(struct change *rows, const struct vmp_census *c,
		       bool later)
{
	const struct vmp_owner_row *owners;
	size_t count = vmp_census_owners(c, &owners);

	for (size_t i = 0; i < count; i++)
		rows[i] = (struct change){
			.owner = owners[i].owner,
			.label = owners[i].label,
			.size_class = owners[i].size_class,
			.before = later ? 0 : owners[i].mappings,
			.after = later ? owners[i].mappings : 0,
		};
	return count;
}

static void join(struct change *into, const struct change *row)
{
	into->before += row->before;
	into->after += row->after;
	if (row->after)
		into->label = row->label;
}

/* Rows of one owner are one. Returns: how many are left. */
static size_t join_equal(struct change *rows, size_t count)
{
	size_t kept = 0;

	qsort(rows, count, sizeof(*rows), by_owner);
	for (size_t i = 0; i < count; i++) {
		if (kept && by_owner(&rows[kept - 1], &rows[i]) == 0)
			join(&rows[kept - 1], &rows[i]);
		else
			rows[kept++] = rows[i];
	}
	return kept;
}

enum { MOST_GLOBS = 1000 }; /* that are compared with one another */

/* Does a glob, whose only marks are stars, stand for this text? */
static bool is_match(const char *glob, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*glob == '*') {
			star = ++glob;
			from = text;
		} else if (*glob == *text) {
			glob++;
			text++;
		} else if (star) {
			glob = star;
			text = ++from;
		} else
			return false;
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

/* What one glob stands for may have been under a wider one, or have become. */
static bool is_within(const struct change *row, const struct change *wider)
{
	return row != wider && row->owner == wider->owner && !row->size_class &&
	       (!row->before || !row->after) &&
	       strcmp(row->label, wider->label) != 0 &&
	       is_match(wider->label, row->label);
}

static size_t join_globs(struct change *rows, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count && count <= MOST_GLOBS; i++)
		for (size_t k = 0; k < count; k++) {
			const char *label = rows[k].label;

			if (!is_within(&rows[i], &rows[k]))
				continue;
			join(&rows[k], &rows[i]);
			rows[k].label = label;
			rows[i].before = rows[i].after = 0;
			break;
		}
	for (size_t i = 0; i < count; i++)
		if (growth(&rows[i]))
			rows[kept++] = rows[i];
	return kept;
}

/* The owners whose mappings are more or fewer. Owns: the caller frees rows. */
static struct changes compare(const struct vmp_census *a,
			      const struct vmp_census *b)
{
	const struct vmp_owner_row *owners;
	size_t count =
		vmp_census_owners(a, &owners) + vmp_census_owners(b, &owners);
	struct change *rows = calloc(count + 1, sizeof(*rows));

	if (!rows)
		return (struct changes){ NULL, 0 };
	count = add_rows(rows, a, false);
	count += add_rows(rows + count, b, true);
	count = join_globs(rows, join_equal(rows, count));
	qsort(rows, count, sizeof(*rows), by_growth);
	return (struct changes){ rows, count };
}

static const char *signed_digits(int64_t value, char *text)
{
	text[0] = '+';
	vmp_group_digits(value, value > 0 ? text + 1 : text);
	return text;
}

static void print_table(const struct changes *c, size_t top,
			const struct vmp_style *style, FILE *out)
{
	static const struct vmp_column columns[] = {
		{ "CHANGE", VMP_TABLE_RIGHT }, { "BEFORE", VMP_TABLE_RIGHT },
		{ "AFTER", VMP_TABLE_RIGHT },  { "OWNER", 0 },
		{ "WHAT", VMP_TABLE_WRAP },
	};
	struct vmp_table *t =
		vmp_table_new(style, out, columns, VMP_COUNT(columns));
	char label[VMP_NAME_SIZE], text[40];

	for (size_t i = 0; i < c->count && (!top || i < top); i++) {
		const struct change *row = &c->rows[i];

		vmp_table_row(t);
		vmp_table_text(t, 0, signed_digits(growth(row), text));
		vmp_table_number(t, 1, row->before);
		vmp_table_number(t, 2, row->after);
		vmp_table_text(t, 3, vmp_owner_name(row->owner));
		vmp_escape(row->label, label, sizeof(label));
		vmp_table_wrapped(t, 4, label,
				  style->width > 60 ? style->width - 44 : 16);
	}
	vmp_table_print(t);
	if (top && c->count > top)
		fprintf(out, "... and %zu more; --top=0 shows all\n",
			c->count - top);
}

void vmp_explain_diff(const struct vmp_census *a, const struct vmp_census *b,
		      size_t top, const struct vmp_style *style, FILE *out)
{
	const struct vmp_subject *x = vmp_census_subject(a);
	const struct vmp_subject *y = vmp_census_subject(b);
	struct changes c = compare(a, b);
	char before[32], after[32], change[40];

	fprintf(out, "%s%s mappings before, %s after: %s.%s\n\n",
		vmp_accent(style, VMP_STRONG),
		vmp_group_digits((int64_t)x->mappings, before),
		vmp_group_digits((int64_t)y->mappings, after),
		signed_digits((int64_t)y->mappings - (int64_t)x->mappings,
			      change),
		vmp_accent(style, VMP_PLAIN));
	if (c.count)
		print_table(&c, top, style, out);
	else
		fputs("No owner has more or fewer.\n", out);
	free(c.rows);
}

static struct json_object *change_object(const struct change *c)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "owner", vmp_json_text(vmp_owner_name(c->owner)));
	vmp_json_add(o, "label", vmp_json_text(c->label));
	vmp_json_add(o, "before", vmp_json_number(c->before));
	vmp_json_add(o, "after", vmp_json_number(c->after));
	vmp_json_add(o, "change", json_object_new_int64(growth(c)));
	return o;
}

int vmp_explain_diff_json(const struct vmp_census *a,
			  const struct vmp_census *b, FILE *out)
{
	struct json_object *o = json_object_new_object();
	struct json_object *array = json_object_new_array();
	struct changes c = compare(a, b);

	for (size_t i = 0; i < c.count; i++)
		json_object_array_add(array, change_object(&c.rows[i]));
	free(c.rows);
	vmp_json_add(o, "schema",
		     json_object_new_string("vmaprobe.explain-diff/1"));
	vmp_json_add(o, "before",
		     vmp_json_number(vmp_census_subject(a)->mappings));
	vmp_json_add(o, "after",
		     vmp_json_number(vmp_census_subject(b)->mappings));
	vmp_json_add(o, "owners", array);
	return vmp_json_print(o, out);
}

void vmp_explain_diff_csv(const struct vmp_census *a,
			  const struct vmp_census *b, FILE *out)
{
	struct changes c = compare(a, b);

	fputs("owner,label,before,after,change\r\n", out);
	for (size_t i = 0; i < c.count; i++) {
		fprintf(out, "%s,", vmp_owner_name(c.rows[i].owner));
		vmp_csv_name(out, c.rows[i].label);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRId64 "\r\n",
			c.rows[i].before, c.rows[i].after, growth(&c.rows[i]));
	}
	free(c.rows);
}
