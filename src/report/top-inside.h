/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of columns, which the formats of `vmaprobe top` share. */
#ifndef VMP_REPORT_TOP_INSIDE_H
#define VMP_REPORT_TOP_INSIDE_H

#include "report/top.h"

enum { VMP_TOP_SHOWN = 400 }; /* bytes of a text that is shown */

/* Of vmp_over_percent[]. */
enum { VMP_TOP_HALF, VMP_TOP_ALMOST, VMP_TOP_FULL };

enum vmp_top_kind {
	VMP_TOP_UNKNOWN, /* not seen twice, cannot be read, there is none */
	VMP_TOP_INTEGER,
	VMP_TOP_REAL,
	VMP_TOP_TEXT, /* any bytes */
};

/* What a column says of a process. */
struct vmp_top_cell {
	enum vmp_top_kind kind;
	int64_t integer;
	double real;
	char text[VMP_NAME_SIZE];
};

struct vmp_top_column_row {
	const char *name;    /* for -o and --sort */
	const char *heading; /* in text */
	const char *key;     /* in JSON and CSV */
	/* Fills in what is known, and the kind. */
	void (*read)(const struct vmp_top_report *r,
		     const struct vmp_watched *p, struct vmp_top_cell *cell);
	int digits;	/* behind the point */
	bool text;	/* else a number */
	bool change;	/* shown with its sign */
	bool ascending; /* the least comes first */
	bool costly;	/* read of each process: only where it is asked for */
};

extern const struct vmp_top_column_row vmp_top_columns[VMP_TOP_COLUMNS];

void vmp_top_read(const struct vmp_top_report *r, const struct vmp_watched *p,
		  enum vmp_top_column column, struct vmp_top_cell *cell);

/* Of the screen: the column that rows are sorted by; false: it shows none. */
static inline bool vmp_top_marks(const struct vmp_top_report *r,
				 enum vmp_top_column column)
{
	return r->mark && r->sort == column;
}

/* Is this column among those that were asked for? */
bool vmp_top_shows(const struct vmp_top_report *r, enum vmp_top_column column);

/*
 * Make text harmless for a terminal, and for one that knows no UTF-8. Of a long
 * one the beginning. Returns: out.
 */
char *vmp_top_shown(const struct vmp_style *style, const char *text, char *out,
		    size_t size);

/* The name of a process in the same way; it may be empty, which is said. */
char *vmp_top_name(const struct vmp_style *style, const char *command,
		   char *out, size_t size);

/* The sentences above the table. */
void vmp_top_words(const struct vmp_top_report *r,
		   const struct vmp_style *style, FILE *out);

#endif
