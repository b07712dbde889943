// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes text into XML: escaped, clipped, and valid whatever it was. */
#include <string.h>

#include "lib/internal.h"
#include "report/svg-chart.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"

/* Controls; those that turn the writing direction; what XML 1.0 forbids. */
static bool is_unfit(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e ||
	       c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || (c >= 0xd800 && c < 0xe000) ||
	       c == 0xfffe || c == 0xffff || c > 0x10ffff;
}

/*
 * The length in bytes of the character at s; *fit says whether it may be
 * shown. Reads no byte beyond the terminator.
 */
static size_t character(const char *s, bool *fit)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)s[0];
	size_t more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	uint32_t c = more ? lead & (0x3fu >> more) : lead;

	*fit = false;
	if ((lead >= 0x80 && lead < 0xc0) || lead >= 0xf8)
		return 1;
	for (size_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | ((unsigned char)s[i] & 0x3fu);
	}
	if (c < least[more])
		return 1;
	*fit = !is_unfit(c);
	return more + 1;
}

static bool is_longer(const char *text, size_t most)
{
	bool fit;

	for (size_t i = 0; i <= most; i++) {
		if (!*text)
			return false;
		text += character(text, &fit);
	}
	return true;
}

static void write_character(FILE *out, const char *s, size_t length)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },  { '<', "&lt;" },   { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" },
	};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (*s == entities[i].c) {
			fputs(entities[i].entity, out);
			return;
		}
	}
	fwrite(s, 1, length, out);
}

void vmp_svg_text(FILE *out, const char *text, size_t most)
{
	bool longer, fit;

	if (!text || !most)
		return;
	longer = is_longer(text, most);
	if (longer)
		most--;
	for (size_t i = 0; i < most && *text; i++) {
		size_t length = character(text, &fit);

		if (fit)
			write_character(out, text, length);
		else
			fputs(REPLACEMENT, out);
		text += length;
	}
	if (longer)
		fputs(ELLIPSIS, out);
}

void vmp_svg_label(FILE *out, const char *class, int x, int y, const char *text,
		   size_t most)
{
	fprintf(out, "<text class=\"%s\" x=\"" SVG_PX "\" y=\"" SVG_PX "\">",
		class, SVG_PX_OF(x), SVG_PX_OF(y));
	vmp_svg_text(out, text, most);
	fputs("</text>\n", out);
}

char *vmp_svg_digits(uint64_t count, char *buffer)
{
	if (count > INT64_MAX)
		count = INT64_MAX;
	return vmp_group_digits((int64_t)count, buffer);
}
