/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables for people, over libsmartcols: rows are filled cell by cell. */
#ifndef VMP_TABLE_H
#define VMP_TABLE_H

#include <stdint.h>

#include "report/style.h"

enum vmp_column_flags {
	VMP_TABLE_RIGHT = 1, /* numbers */
	VMP_TABLE_WRAP = 2,  /* filled by vmp_table_wrapped() */
};

struct vmp_column {
	const char *name;
	int flags; /* enum vmp_column_flags */
};

struct vmp_table;

/*
 * Make a table. Where there is no memory the calls below do nothing, and the
 * stream's error flag says so in the end.
 * Owns: the caller; vmp_table_print() prints and frees it.
 */
struct vmp_table *vmp_table_new(const struct vmp_style *style, FILE *out,
				const struct vmp_column *columns, size_t count);

/* One blank between columns in place of two, where the room is short. */
void vmp_table_tight(struct vmp_table *table);

void vmp_table_row(struct vmp_table *table);
void vmp_table_text(struct vmp_table *table, size_t column, const char *text);

/* Text that goes on in the next line where it is wider than this. */
void vmp_table_wrapped(struct vmp_table *table, size_t column, const char *text,
		       size_t width);
void vmp_table_number(struct vmp_table *table, size_t column, uint64_t value);
void vmp_table_accent(struct vmp_table *table, size_t column,
		      enum vmp_accent accent);
void vmp_table_print(struct vmp_table *table);

#endif
