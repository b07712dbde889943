/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How text looks where it goes: width, colours, and what must be escaped. */
#ifndef VMP_STYLE_H
#define VMP_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct vmp_style {
	bool color;
	bool unicode;
	bool terminal;
	size_t width; /* columns */
};

enum vmp_color_mode { VMP_COLOR_AUTO, VMP_COLOR_ALWAYS, VMP_COLOR_NEVER };

/*
 * Look at the stream, NO_COLOR, TERM, COLUMNS and the locale.
 * Notes: a stream that is no terminal is 80 columns wide, without colour.
 */
void vmp_style_init(struct vmp_style *style, FILE *out,
		    enum vmp_color_mode mode);

enum vmp_accent {
	VMP_PLAIN,
	VMP_STRONG,
	VMP_BAD,
	VMP_GOOD,
	VMP_QUIET,
	VMP_ACCENTS
};

/* Switch an accent on, and VMP_PLAIN all of them off; "" without colour. */
const char *vmp_accent(const struct vmp_style *style, enum vmp_accent accent);

/*
 * Print words, broken at blanks to the style's width.
 * In: indent, of each line but the first; column, where the cursor is now.
 */
void vmp_print_wrapped(const struct vmp_style *style, FILE *out,
		       const char *text, size_t indent, size_t column);

/*
 * Make text from outside harmless: control characters and bytes that are no
 * UTF-8 become octal, \033, as the kernel writes newlines in maps (and as
 * libsmartcols, which escapes too, leaves it).
 * Out: buffer; cut where it is too small. Returns: buffer.
 */
char *vmp_escape(const char *text, char *buffer, size_t size);

/* Room for the escaped name of a file; of a longer one the beginning. */
enum { VMP_NAME_SIZE = 4200 };

/* Is this UTF-8 character one that a terminal may obey? In: its length. */
bool vmp_is_control(const char *text, size_t length);

/* How many columns UTF-8 text takes, wide characters aside. */
size_t vmp_columns(const char *text);

/*
 * How much of a line goes into so many columns: whole characters of the locale,
 * wide ones counted as two, accents as none. In: length, of the line.
 * Out: *used, columns. Returns: bytes.
 */
size_t vmp_fitting(const char *line, size_t length, size_t columns,
		   size_t *used);

/* The length of the UTF-8 character at text, 0 where there is none. */
size_t vmp_utf8_length(const char *text);

/*
 * A number with its digits grouped, for printing: the text of the last eight
 * calls is kept. Not for several threads.
 */
const char *vmp_digits(uint64_t value);

/* Why a call failed, in a few words, by enum vmp_cause. */
extern const char *const vmp_cause_words[];

/* For one digit behind the point: never rounded up to what is not reached. */
double vmp_tenths(double percent);

/* The share of a part in percent; 100 is said only of all of the whole. */
double vmp_percent(uint64_t part, uint64_t whole);

#endif
