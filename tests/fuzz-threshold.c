// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: thresholds, one a line, and what they mean in mappings. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "watch/threshold.h"
#include "fuzz.h"

enum { LIMIT = 65530, MOST = 200 };

/* As a monitoring system reads what is printed for it. */
static bool raised_by_text(const char *text, int64_t mappings)
{
	double start = 0, end = INFINITY;
	bool inside = *text == '@';
	const char *at = text + inside, *colon = strchr(at, ':');

	if (strspn(text, "@~:-.0123456789e+") != strlen(text))
		abort();
	if (colon)
		start = *at == '~' ? -INFINITY : strtod(at, NULL);
	at = colon ? colon + 1 : at;
	if (*at)
		end = strtod(at, NULL);
	if (start > end)
		abort();
	return ((double)mappings >= start - 1e-5 &&
		(double)mappings <= end + 1e-5) == inside;
}

/* What is true of every range that is taken. */
static void check(const struct vmp_threshold *t)
{
	char text[100];

	if (!(t->start <= t->end) || isnan(t->start) || isnan(t->end))
		abort();
	if (t->percent && (t->end > 100 && isfinite(t->end)))
		abort();
	vmp_threshold_in_mappings(t, LIMIT, text, sizeof(text));
	for (int64_t mappings = 0; mappings <= LIMIT + 1; mappings += 331)
		if (vmp_threshold_raised(t, mappings, LIMIT) !=
		    raised_by_text(text, mappings))
			abort();
}

static void try_line(const char *line, size_t length)
{
	struct vmp_threshold t = { .start = 7 };
	char text[MOST + 1], reason[100] = "";

	if (length > MOST)
		length = MOST;
	memcpy(text, line, length);
	text[length] = '\0';
	if (vmp_threshold_parse(text, &t, reason, sizeof(reason)) == 0)
		check(&t);
	else if (!*reason || t.start != 7)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size, *newline;
	size_t length;

	while (line < end) {
		newline = memchr(line, '\n', (size_t)(end - line));
		length = (size_t)((newline ? newline : end) - line);
		try_line(line, length);
		line += length + (newline != NULL);
	}
	return 0;
}
