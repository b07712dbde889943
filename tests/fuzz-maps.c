// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: lines of /proc/PID/maps. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"
#include "fuzz.h"

/* What is true of every mapping, whatever the line was. */
static void check(const char *line, size_t length, const struct vmp_mapping *m)
{
	if (m->end <= m->start || m->name < line ||
	    m->name + m->name_length != line + length)
		abort();
	if (!m->counted && !m->name_length)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size, *newline;
	struct vmp_mapping m;
	size_t length;
	int rc;

	while (line < end) {
		newline = memchr(line, '\n', (size_t)(end - line));
		length = (size_t)((newline ? newline : end) - line);
		rc = vmp_parse_maps_line(line, length, &m);
		if (rc == 0)
			check(line, length, &m);
		else if (rc != -EBADMSG)
			abort();
		line += length + (newline != NULL);
	}
	return 0;
}
