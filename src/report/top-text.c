// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe top` for people: a table below a few sentences. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "report/table.h"
#include "report/top-inside.h"

enum { UNBOUNDED = 10000 }; /* libsmartcols shall break no line */

/* Which columns of a report are shown, and how wide texts may be. */
struct layout {
	enum vmp_top_column column[VMP_TOP_COLUMNS];
	size_t count;
	bool tight;
};

/* "+1,234", "-3", "0" */
static void put_integer(const struct vmp_top_column_row *c, int64_t value,
			char *text, size_t size)
{
	snprintf(text, size, "%s%s", c->change && value > 0 ? "+" : "",
		 vmp_digits((uint64_t)value));
}

/* "91.9"; a change: "+0.5", and large ones as whole numbers, "+48,211" */
static void put_real(const struct vmp_top_column_row *c, double value,
		     char *text, size_t size)
{
	double whole = fmax(fmin(round(value), 1e15), -1e15);

	if (!c->change)
		snprintf(text, size, "%.1f", vmp_tenths(value));
	else if (fabs(value) >= 100 || fabs(value) < 0.05)
		put_integer(c, (int64_t)whole, text, size);
	else
		snprintf(text, size, "%+.1f", value);
}

/* What a cell shows. Out: text, of VMP_TOP_SHOWN bytes. */
static void put_cell(const struct vmp_top_report *r,
		     const struct vmp_watched *p, enum vmp_top_column column,
		     const struct vmp_style *style, char *text)
{
	const struct vmp_top_column_row *c = &vmp_top_columns[column];
	struct vmp_top_cell cell;
	bool stale = column == VMP_TOP_MAPPINGS && p->age_seconds > 0;

	vmp_top_read(r, p, column, &cell);
	strcpy(text, stale ? "~" : "");
	if (cell.kind == VMP_TOP_UNKNOWN)
		strcpy(text, "-");
	else if (column == VMP_TOP_COMMAND)
		vmp_top_name(style, cell.text, text, VMP_TOP_SHOWN);
	else if (cell.kind == VMP_TOP_TEXT)
		vmp_top_shown(style, cell.text, text, VMP_TOP_SHOWN);
	else if (cell.kind == VMP_TOP_REAL)
		put_real(c, cell.real, text, VMP_TOP_SHOWN);
	else if (column == VMP_TOP_PID || column == VMP_TOP_UID)
		snprintf(text, VMP_TOP_SHOWN, "%lld", (long long)cell.integer);
	else
		put_integer(c, cell.integer, text + stale,
			    VMP_TOP_SHOWN - stale);
}

/* "MAPPINGS", and in colour or without it, that rows are sorted by it. */
static const char *heading(const struct vmp_top_report *r,
			   enum vmp_top_column column,
			   const struct vmp_style *style, char *text)
{
	const struct vmp_top_column_row *c = &vmp_top_columns[column];
	const char *mark = !style->unicode ? "*"
			   : c->ascending  ? "\xe2\x96\xb2" /* triangles: up */
					   : "\xe2\x96\xbc"; /* down */

	snprintf(text, VMP_TOP_SHOWN, "%s%s", c->heading,
		 vmp_top_marks(r, column) ? mark : "");
	return text;
}

static size_t columns_of(const char *text)
{
	size_t used;

	vmp_fitting(text, strlen(text), UNBOUNDED, &used);
	return used;
}

/*
 * The most columns that a text may take on a terminal. The last one is cut at
 * the end of the line.
 */
static size_t most_columns(const struct layout *l, size_t i)
{
	if (!vmp_top_columns[l->column[i]].text)
		return UNBOUNDED;
	if (l->column[i] == VMP_TOP_USER)
		return l->tight ? 8 : 16;
	return l->column[i] == VMP_TOP_COMMAND ? 15 : 28;
}

static size_t column_width(const struct vmp_top_report *r,
			   const struct layout *l, size_t i,
			   const struct vmp_style *style)
{
	char text[VMP_TOP_SHOWN];
	size_t width = columns_of(heading(r, l->column[i], style, text));
	size_t most = most_columns(l, i), columns;

	for (size_t j = 0; j < r->row_count; j++) {
		put_cell(r, r->rows[j], l->column[i], style, text);
		columns = columns_of(text);
		columns = columns < most ? columns : most;
		width = columns > width ? columns : width;
	}
	return width;
}

static bool fits(const struct vmp_top_report *r, const struct layout *l,
		 const struct vmp_style *style)
{
	size_t width = (l->count - 1) * (l->tight ? 1 : 2);

	for (size_t i = 0; i < l->count; i++)
		width += column_width(r, l, i, style);
	return width <= style->width;
}

/* Leave out the least of the columns that may be. Returns: false for none. */
static bool drop_column(const struct vmp_top_report *r, struct layout *l)
{
	static const enum vmp_top_column least_first[] = {
		VMP_TOP_PEAK,	  VMP_TOP_GROWTH, VMP_TOP_USER,
		VMP_TOP_HEADROOM, VMP_TOP_RATE,
	};

	for (size_t i = 0; i < VMP_COUNT(least_first); i++)
		for (size_t j = 0; j < l->count; j++) {
			enum vmp_top_column c = l->column[j];

			if (c != least_first[i] || !(r->optional & 1U << c) ||
			    vmp_top_marks(r, c))
				continue;
			memmove(&l->column[j], &l->column[j + 1],
				(l->count - j - 1) * sizeof(l->column[0]));
			l->count--;
			return true;
		}
	return false;
}

static struct layout make_layout(const struct vmp_top_report *r,
				 const struct vmp_style *style)
{
	struct layout l = { .count = r->column_count };

	memcpy(l.column, r->columns, l.count * sizeof(l.column[0]));
	if (!style->terminal || fits(r, &l, style))
		return l;
	l.tight = true;
	while (!fits(r, &l, style))
		if (!drop_column(r, &l))
			break;
	return l;
}

/* Cut a text, and say so by a last "+". */
static void cut(char *text, size_t columns)
{
	size_t used, length = strlen(text);
	size_t fitting = vmp_fitting(text, length, columns, &used);

	if (fitting == length)
		return;
	fitting = vmp_fitting(text, length, columns - 1, &used);
	strcpy(text + fitting, "+");
}

static enum vmp_accent row_accent(const struct vmp_top_report *r,
				  const struct vmp_watched *p)
{
	double percent = vmp_map_percent(p->mappings, r->sample->limit);

	if (percent >= vmp_over_percent[VMP_TOP_FULL])
		return VMP_BAD;
	return percent >= vmp_over_percent[VMP_TOP_ALMOST] ? VMP_STRONG
							   : VMP_PLAIN;
}

static void put_row(struct vmp_table *table, const struct vmp_top_report *r,
		    const struct layout *l, const struct vmp_style *style,
		    const struct vmp_watched *p)
{
	char text[VMP_TOP_SHOWN];

	vmp_table_row(table);
	for (size_t i = 0; i < l->count; i++) {
		put_cell(r, p, l->column[i], style, text);
		if (style->terminal && i + 1 < l->count)
			cut(text, most_columns(l, i));
		vmp_table_text(table, i, text);
		vmp_table_accent(table, i, row_accent(r, p));
	}
}

/* In: out, not yet cut to the terminal's width. */
static void print_table(const struct vmp_top_report *r,
			const struct vmp_style *style, FILE *out)
{
	struct layout l = make_layout(r, style);
	struct vmp_column columns[VMP_TOP_COLUMNS];
	char headings[VMP_TOP_COLUMNS][VMP_TOP_SHOWN];
	struct vmp_style wide = *style;
	struct vmp_table *table;

	for (size_t i = 0; i < l.count; i++)
		columns[i] = (struct vmp_column){
			heading(r, l.column[i], style, headings[i]),
			vmp_top_columns[l.column[i]].text ? 0 : VMP_TABLE_RIGHT,
		};
	wide.width = UNBOUNDED;
	table = vmp_table_new(&wide, out, columns, l.count);
	if (l.tight)
		vmp_table_tight(table);
	for (size_t i = 0; i < r->row_count; i++)
		put_row(table, r, &l, style, r->rows[i]);
	vmp_table_print(table);
}

/* Lines that are too long are cut. */
static void print_cut(const char *text, const struct vmp_style *style,
		      FILE *out)
{
	size_t length, fitting, used;

	for (; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		fitting = vmp_fitting(text, length, style->width, &used);
		fwrite(text, 1, fitting, out);
		if (fitting < length)
			fputs(vmp_accent(style, VMP_PLAIN), out);
		putc('\n', out);
	}
}

static void print_cut_table(const struct vmp_top_report *r,
			    const struct vmp_style *style, FILE *out)
{
	VMP_FREE char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return;
	print_table(r, style, memory);
	if (fclose(memory) == 0)
		print_cut(text, style, out);
}

void vmp_report_top(const struct vmp_top_report *r,
		    const struct vmp_style *style, FILE *out)
{
	vmp_top_words(r, style, out);
	if (r->row_count) {
		putc('\n', out);
		if (style->terminal)
			print_cut_table(r, style, out);
		else
			print_table(r, style, out);
	}
	if (r->left_out)
		fprintf(out, "%s more %s not shown.\n", vmp_digits(r->left_out),
			r->left_out == 1 ? "is" : "are");
}
