// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables, laid out by libsmartcols. */
#include <stdlib.h>
#include <string.h>
#include <libsmartcols/libsmartcols.h>

#include "lib/internal.h"
#include "report/table.h"

enum { NARROWEST = 8 }; /* columns that text is wrapped to */

struct vmp_table {
	struct libscols_table *table;
	struct libscols_line *line;
	FILE *out;
};

static int column_flags(const struct vmp_column *column)
{
	return (column->flags & VMP_TABLE_RIGHT ? SCOLS_FL_RIGHT : 0) |
	       (column->flags & VMP_TABLE_WRAP ? SCOLS_FL_WRAP : 0);
}

static void add_column(struct libscols_table *table,
		       const struct vmp_column *column)
{
	struct libscols_column *c = scols_table_new_column(
		table, column->name, 0, column_flags(column));

	if (!c || !(column->flags & VMP_TABLE_WRAP))
		return;
	scols_column_set_wrapfunc(c, scols_wrapnl_chunksize,
				  scols_wrapnl_nextchunk, NULL);
	scols_column_set_safechars(c, "\n");
}

struct vmp_table *vmp_table_new(const struct vmp_style *style, FILE *out,
				const struct vmp_column *columns, size_t count)
{
	struct vmp_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	scols_init_debug(0);
	t->out = out;
	t->table = scols_new_table();
	if (!t->table)
		return t;
	scols_table_set_termwidth(t->table, style->width);
	scols_table_set_termforce(t->table, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_column_separator(t->table, "  ");
	scols_table_enable_colors(t->table, style->color);
	for (size_t i = 0; i < count; i++)
		add_column(t->table, &columns[i]);
	return t;
}

void vmp_table_tight(struct vmp_table *t)
{
	if (t && t->table)
		scols_table_set_column_separator(t->table, " ");
}

void vmp_table_row(struct vmp_table *t)
{
	if (t && t->table)
		t->line = scols_table_new_line(t->table, NULL);
}

void vmp_table_text(struct vmp_table *t, size_t column, const char *text)
{
	if (t && t->line)
		scols_line_set_data(t->line, column, text);
}

/*
 * How much of a word goes into a line: all of it, or of a path that is too
 * long what ends in a slash; else as much as fits, whole characters.
 */
static size_t fitting(const char *word, size_t length, size_t width)
{
	size_t fits = width;

	if (length <= width)
		return length;
	while (fits > width / 2 && word[fits - 1] != '/')
		fits--;
	if (word[fits - 1] == '/')
		return fits;
	for (fits = width;
	     fits > 1 && ((unsigned char)word[fits] & 0xc0) == 0x80;)
		fits--;
	return fits;
}

/* The text in lines of this width. Owns: the caller; NULL without memory. */
static char *wrap(const char *text, size_t width)
{
	char *lines = malloc(2 * strlen(text) + 1), *out = lines;
	size_t column = 0, length;

	while (lines && *text) {
		size_t word = strcspn(text, " ");
		bool starts = out == lines || out[-1] == '\n';

		if (!starts && text[-1] == ' ' && column + 1 + word > width) {
			*out++ = '\n';
			column = 0;
		} else if (!starts && text[-1] == ' ') {
			*out++ = ' ';
			column++;
		}
		length = fitting(text, word, width);
		out = mempcpy(out, text, length);
		column += length;
		text += length;
		if (length < word) {
			*out++ = '\n';
			column = 0;
		} else
			text += *text == ' ';
	}
	if (lines)
		*out = '\0';
	return lines;
}

void vmp_table_wrapped(struct vmp_table *t, size_t column, const char *text,
		       size_t width)
{
	char *lines = wrap(text, width < NARROWEST ? NARROWEST : width);

	vmp_table_text(t, column, lines ? lines : text);
	free(lines);
}

void vmp_table_number(struct vmp_table *t, size_t column, uint64_t value)
{
	char text[32];

	vmp_table_text(t, column, vmp_group_digits((int64_t)value, text));
}

void vmp_table_accent(struct vmp_table *t, size_t column,
		      enum vmp_accent accent)
{
	static const char *const names[VMP_ACCENTS] = {
		[VMP_STRONG] = "bold",
		[VMP_BAD] = "red",
		[VMP_GOOD] = "green",
		[VMP_QUIET] = "darkgray",
	};
	struct libscols_cell *cell =
		t && t->line ? scols_line_get_cell(t->line, column) : NULL;

	if (cell && names[accent])
		scols_cell_set_color(cell, names[accent]);
}

/* Print lines without the blanks that fill their last columns. */
static void print_lines(FILE *out, const char *text)
{
	size_t length, kept;

	for (; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		for (kept = length; kept && text[kept - 1] == ' '; kept--)
			;
		fwrite(text, 1, kept, out);
		putc('\n', out);
	}
}

void vmp_table_print(struct vmp_table *t)
{
	char *text = NULL;

	if (!t)
		return;
	if (t->table && t->line &&
	    scols_print_table_to_string(t->table, &text) == 0)
		print_lines(t->out, text);
	free(text);
	scols_unref_table(t->table);
	free(t);
}
