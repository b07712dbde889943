// SPDX-License-Identifier: GPL-2.0-or-later
/* Text for terminals: colours, wrapping, escaping. */
#include <langinfo.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "lib/internal.h"
#include "report/style.h"

enum { NARROWEST = 40, WIDEST_TEXT = 100, USUAL = 80 };

static size_t terminal_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	long width = columns ? strtol(columns, NULL, 10) : 0;
	struct winsize size;

	if (width <= 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0)
		return USUAL;
	return width < NARROWEST ? NARROWEST : (size_t)width;
}

static bool wants_color(bool terminal)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return terminal && !(no_color && *no_color) && term &&
	       strcmp(term, "dumb") != 0;
}

void vmp_style_init(struct vmp_style *style, FILE *out,
		    enum vmp_color_mode mode)
{
	style->terminal = isatty(fileno(out));
	style->width = style->terminal ? terminal_width(out) : USUAL;
	style->unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
	style->color = mode == VMP_COLOR_ALWAYS ||
		       (mode == VMP_COLOR_AUTO && wants_color(style->terminal));
}

const char *vmp_accent(const struct vmp_style *style, enum vmp_accent accent)
{
	static const char *const codes[VMP_ACCENTS] = {
		[VMP_PLAIN] = "\033[0m",  [VMP_STRONG] = "\033[1m",
		[VMP_BAD] = "\033[1;31m", [VMP_GOOD] = "\033[32m",
		[VMP_QUIET] = "\033[2m",
	};

	return style->color ? codes[accent] : "";
}

/* Bytes that continue a character take no column. */
static size_t columns_of(const char *word, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)word[i] & 0xc0) != 0x80;
	return columns;
}

size_t vmp_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

/* A number and its unit stay in one line. */
static bool is_unit(const char *word)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB",
					     "bytes" };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strncmp(word, units[i], strlen(units[i])))
			return true;
	return false;
}

/* The next word, with its unit where it is a number. */
static size_t word_length(const char *text)
{
	size_t length = strcspn(text, " ");

	if (text[length] == ' ' && is_unit(text + length + 1))
		length += 1 + strcspn(text + length + 1, " ");
	return length;
}

void vmp_print_wrapped(const struct vmp_style *style, FILE *out,
		       const char *text, size_t indent, size_t column)
{
	size_t width = style->width < WIDEST_TEXT ? style->width : WIDEST_TEXT;
	bool first = true;

	while (*text) {
		size_t length = word_length(text);
		size_t columns = columns_of(text, length);

		if (!first && column + 1 + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			putc(' ', out);
			column++;
		}
		fwrite(text, 1, length, out);
		column += columns;
		text += length;
		text += strspn(text, " ");
		first = false;
	}
	putc('\n', out);
}

/* An accent: "\033[1;31m". Returns: its length, 0 where there is none. */
static size_t accent_length(const char *text, size_t length)
{
	size_t i = 2;

	if (length < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (i < length &&
	       (text[i] == ';' || (text[i] >= '0' && text[i] <= '9')))
		i++;
	return i < length && text[i] == 'm' ? i + 1 : 0;
}

/* Out: *width, in columns. Returns: the bytes of the character at text. */
static size_t character_length(const char *text, size_t length, size_t *width)
{
	mbstate_t state = { 0 };
	wchar_t character;
	size_t got = mbrtowc(&character, text, length, &state);
	int columns;

	*width = 1;
	if (!got || got > length)
		return 1;
	columns = wcwidth(character);
	*width = columns < 0 ? 1 : (size_t)columns;
	return got;
}

size_t vmp_fitting(const char *line, size_t length, size_t columns,
		   size_t *used)
{
	size_t i = 0, bytes, width;

	*used = 0;
	while (i < length) {
		bytes = accent_length(line + i, length - i);
		width = 0;
		if (!bytes)
			bytes = character_length(line + i, length - i, &width);
		if (*used + width > columns)
			break;
		*used += width;
		i += bytes;
	}
	return i;
}

/* Source: RFC 3629: no overlong forms, no surrogates, up to U+10FFFF. */
size_t vmp_utf8_length(const char *text)
{
	static const struct {
		unsigned char first, last, low, high, length;
	} forms[] = {
		{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *p = (const unsigned char *)text;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (p[0] < forms[i].first || p[0] > forms[i].last)
			continue;
		if (forms[i].length == 1)
			return 1;
		if (p[1] < forms[i].low || p[1] > forms[i].high)
			return 0;
		for (int j = 2; j < forms[i].length; j++)
			if ((p[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/*
 * C0, DEL, and C1 (U+0080 to U+009F), which a terminal may obey too; line and
 * paragraph separators and marks of direction, which change how a line reads.
 */
bool vmp_is_control(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;

	if (length == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (length == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	if (length != 3 || p[0] != 0xe2)
		return false;
	return (p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f ||
				 (p[2] >= 0xa8 && p[2] <= 0xae))) ||
	       (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

char *vmp_escape(const char *text, char *buffer, size_t size)
{
	size_t used = 0;

	while (*text) {
		size_t length = vmp_utf8_length(text);

		if (used + 5 > size)
			break;
		if (length && !vmp_is_control(text, length)) {
			memcpy(buffer + used, text, length);
			used += length;
			text += length;
			continue;
		}
		used += (size_t)snprintf(buffer + used, size - used, "\\%03o",
					 (unsigned char)*text);
		text++;
	}
	buffer[used] = '\0';
	return buffer;
}

const char *vmp_digits(uint64_t value)
{
	static char text[8][32];
	static unsigned int turn;

	return vmp_group_digits((int64_t)value, text[turn++ % 8]);
}

double vmp_tenths(double percent)
{
	return floor(percent * 10) / 10;
}

double vmp_percent(uint64_t part, uint64_t whole)
{
	double share = whole ? 100.0 * (double)part / (double)whole : 0;

	return part < whole && share > 99.9 ? 99.9 : share;
}
