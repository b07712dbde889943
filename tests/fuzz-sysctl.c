// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: lines of sysctl.d files, and the numbers in them. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/system.h"
#include "fuzz.h"

/* What is true of every line. */
static void check(const char *line, size_t length)
{
	int64_t untouched = -7, value = untouched;
	enum vmp_sysctl_line what = vmp_sysctl_line(line, length, &value);
	const char *number = memchr(line, '=', length);

	if (what != VMP_LINE_VALUE && what != VMP_LINE_GLOB) {
		if (value != untouched)
			abort();
		return;
	}
	/* it is the number behind the first "=", and no other */
	number++;
	length = strnlen(number, length - (size_t)(number - line));
	if (value < 0 || value > INT_MAX ||
	    value != vmp_sysctl_value(number, length))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size, *newline;
	size_t length;

	while (line < end) {
		newline = memchr(line, '\n', (size_t)(end - line));
		length = (size_t)((newline ? newline : end) - line);
		check(line, length);
		if (vmp_sysctl_value(line, length) > INT_MAX)
			abort();
		line += length + (newline != NULL);
	}
	return 0;
}
