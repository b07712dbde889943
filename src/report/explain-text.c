// SPDX-License-Identifier: GPL-2.0-or-later
/* A census in words: the answer first, then tables, then what to do. */
#include <inttypes.h>
#include <string.h>

#include "lib/internal.h"
#include "report/explain.h"
#include "report/table.h"

enum { WIDE = 100 }; /* columns from which on tables have an example */

static void print_share(struct vmp_table *t, size_t column, uint64_t part,
			uint64_t whole)
{
	char text[16];

	snprintf(text, sizeof(text), "%.1f%%", vmp_percent(part, whole));
	vmp_table_text(t, column, text);
}

static void print_address(struct vmp_table *t, size_t column, uint64_t address)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, address);
	vmp_table_text(t, column, text);
}

static void print_more(const struct vmp_style *style, FILE *out, size_t left,
		       const char *what, uint64_t sum, const char *unit)
{
	if (left)
		fprintf(out,
			"%s... and %s more %s%s with %s %s%s; --top=0 shows "
			"all%s\n",
			vmp_accent(style, VMP_QUIET), vmp_digits(left), what,
			left == 1 ? "" : "s", vmp_digits(sum), unit,
			sum == 1 ? "" : "s", vmp_accent(style, VMP_PLAIN));
}

static void print_title(const struct vmp_style *style, FILE *out,
			const char *title)
{
	fprintf(out, "\n%s%s%s\n", vmp_accent(style, VMP_STRONG), title,
		vmp_accent(style, VMP_PLAIN));
}

/* What the other columns leave of a line; enough for a word. */
static size_t room_beside(const struct vmp_style *style, size_t others)
{
	return style->width > others + 16 ? style->width - others : 16;
}

static void print_owners(const struct vmp_census *c, size_t top,
			 const struct vmp_style *style, FILE *out)
{
	static const struct vmp_column columns[] = {
		{ "MAPPINGS", VMP_TABLE_RIGHT }, { "SHARE", VMP_TABLE_RIGHT },
		{ "SIZE", VMP_TABLE_RIGHT },	 { "OWNER", 0 },
		{ "WHAT", VMP_TABLE_WRAP },	 { "EXAMPLE", 0 },
	};
	const struct vmp_subject *s = vmp_census_subject(c);
	const struct vmp_owner_row *rows;
	size_t count = vmp_census_owners(c, &rows), i;
	bool wide = style->width >= WIDE;
	struct vmp_table *t =
		vmp_table_new(style, out, columns, VMP_COUNT(columns) - !wide);
	size_t room = room_beside(style, wide ? 60 : 44);
	char label[VMP_NAME_SIZE], size[32];
	uint64_t left = 0;

	print_title(style, out, "Owners");
	for (i = 0; i < vmp_shown_of(count, top); i++) {
		vmp_table_row(t);
		vmp_table_number(t, 0, rows[i].mappings);
		print_share(t, 1, rows[i].mappings, s->mappings);
		vmp_table_text(t, 2, vmp_human_bytes(rows[i].bytes, size));
		vmp_table_text(t, 3, vmp_owner_name(rows[i].owner));
		vmp_escape(rows[i].label, label, sizeof(label));
		vmp_table_wrapped(t, 4, label, room);
		if (wide)
			print_address(t, 5, rows[i].example);
	}
	for (size_t k = i; k < count; k++)
		left += rows[k].mappings;
	vmp_table_print(t);
	print_more(style, out, count - i, "owner", left, "mapping");
}

static void print_pair(struct vmp_table *t, size_t column,
		       const struct vmp_reason_row *row)
{
	char text[64];

	snprintf(text, sizeof(text), "%s | %s", vmp_owner_name(row->first),
		 vmp_owner_name(row->second));
	vmp_table_text(t, column,
		       row->first == row->second ? vmp_owner_name(row->first)
						 : text);
}

static void print_neighbours(const struct vmp_census *c, size_t top,
			     const struct vmp_style *style, FILE *out)
{
	static const struct vmp_column columns[] = {
		{ "PAIRS", VMP_TABLE_RIGHT },
		{ "SHARE", VMP_TABLE_RIGHT },
		{ "APART BY", 0 },
		{ "WHY", VMP_TABLE_WRAP },
		{ "OF", 0 },
		{ "WHERE", 0 },
	};
	const struct vmp_subject *s = vmp_census_subject(c);
	const struct vmp_reason_row *rows;
	size_t count = vmp_census_reasons(c, &rows), i;
	bool wide = style->width >= WIDE;
	struct vmp_table *t;
	uint64_t left = 0;
	char text[80];

	print_title(style, out, "Neighbours");
	snprintf(text, sizeof(text),
		 "%s %s of mappings touch and did not merge.",
		 vmp_digits(s->pairs), s->pairs == 1 ? "pair" : "pairs");
	vmp_print_wrapped(style, out, text, 0, 0);
	if (!count)
		return;
	t = vmp_table_new(style, out, columns, VMP_COUNT(columns) - !wide);
	for (i = 0; i < vmp_shown_of(count, top); i++) {
		vmp_table_row(t);
		vmp_table_number(t, 0, rows[i].pairs);
		print_share(t, 1, rows[i].pairs, s->pairs);
		vmp_table_text(t, 2, vmp_reason_name(rows[i].reason));
		vmp_table_wrapped(t, 3, rows[i].detail, style->width / 3);
		print_pair(t, 4, &rows[i]);
		if (wide)
			print_address(t, 5, rows[i].example);
	}
	for (size_t k = i; k < count; k++)
		left += rows[k].pairs;
	vmp_table_print(t);
	print_more(style, out, count - i, "row", left, "pair");
}

static void print_advice(const struct vmp_census *c,
			 const struct vmp_style *style, FILE *out)
{
	const struct vmp_advice_row *rows;
	size_t count = vmp_census_advice(c, &rows);

	if (!count)
		return;
	print_title(style, out, "What to do");
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%2zu. ", i + 1);
		vmp_print_wrapped(style, out, rows[i].text, 4, 4);
		fprintf(out, "    %s", vmp_accent(style, VMP_QUIET));
		vmp_print_wrapped(style, out, rows[i].reason, 4, 4);
		fputs(vmp_accent(style, VMP_PLAIN), out);
	}
}

/* "17 ms", "1.4 s" */
static const char *print_time(double seconds, char *text, size_t size)
{
	if (seconds < 1)
		snprintf(text, size, "%.1f ms", seconds * 1000);
	else
		snprintf(text, size, "%.1f s", seconds);
	return text;
}

/* What each kind of input cannot tell. */
static const char *const untold[VMP_KINDS] = {
	[VMP_KIND_MAPS] = "A maps file does not tell threads (stacks are "
			  "recognised by their size) nor VmFlags, which a "
			  "saved smaps tells.",
	[VMP_KIND_SMAPS] = "An smaps file does not tell threads: stacks are "
			   "recognised by their size.",
	[VMP_KIND_CORE] =
		"A core dump does not tell what is shared, devices and "
		"inodes, names of anonymous memory, nor VmFlags; "
		"one that gcore wrote leaves mappings out, and "
		"marks all as readable.",
	[VMP_KIND_HS_ERR] = "A JVM's log does not tell VmFlags.",
};

static void print_untold(const struct vmp_census *c,
			 const struct vmp_explain_view *view,
			 const struct vmp_style *style, FILE *out)
{
	const struct vmp_subject *s = vmp_census_subject(c);
	char text[400] = "", time[32];

	if (s->kind != VMP_KIND_PROCESS)
		snprintf(text, sizeof(text), "%s", untold[s->kind]);
	else if (!s->has_flags)
		snprintf(text, sizeof(text),
			 "VmFlags were not read: --why reads them from smaps, "
			 "which takes about %s; before Linux 7.2 the "
			 "process's own memory calls wait meanwhile.",
			 print_time(s->flags_seconds, time, sizeof(time)));
	else
		snprintf(text, sizeof(text),
			 "VmFlags were read from smaps in %s.%s%s",
			 print_time(s->flags_seconds, time, sizeof(time)),
			 view->hidden_reason ? " What only the kernel sees was "
					       "not: "
					     : "",
			 view->hidden_reason ? view->hidden_reason : "");
	fprintf(out, "\n%s", vmp_accent(style, VMP_QUIET));
	vmp_print_wrapped(style, out, text, 0, 0);
	fputs(vmp_accent(style, VMP_PLAIN), out);
}

/* The list itself; no table, which would hold all of it before the first line. */
static void print_maps(const struct vmp_census *c, FILE *out)
{
	const struct vmp_owner_row *row;
	struct vmp_mapping m;
	char name[VMP_NAME_SIZE], size[32], rights[5];

	fprintf(out, "%-16s %-16s %-4s %10s  %-12s  %s\n", "START", "END",
		"PERM", "SIZE", "OWNER", "NAME");
	for (size_t i = 0; vmp_census_mapping(c, i, &m, &row); i++)
		fprintf(out,
			"%016" PRIx64 " %016" PRIx64 " %s %10s  %-12s%s%s\n",
			m.start, m.end, vmp_rights_text(&m, rights),
			vmp_human_bytes(m.end - m.start, size),
			vmp_owner_name(row->owner), m.name_length ? "  " : "",
			vmp_escape(m.name, name, sizeof(name)));
}

void vmp_explain_text(const struct vmp_census *c,
		      const struct vmp_explain_view *view,
		      const struct vmp_style *style, FILE *out)
{
	const struct vmp_subject *s = vmp_census_subject(c);
	bool all = !view->owners && !view->neighbours && !view->maps;

	if (view->maps) {
		print_maps(c, out);
		return;
	}
	vmp_explain_count(s, style, out);
	if (all) {
		vmp_explain_largest(c, style, out);
		vmp_explain_next(s, style, out);
	}
	if (all || view->owners)
		print_owners(c, view->top, style, out);
	if (all || view->neighbours)
		print_neighbours(c, view->top, style, out);
	if (all)
		print_advice(c, style, out);
	if (all || view->neighbours)
		print_untold(c, view, style, out);
}
