// SPDX-License-Identifier: GPL-2.0-or-later
/* Walks mappings for the fuzz targets, and aborts at what cannot be. */
#include <errno.h>
#include <string.h>

#include "fuzz-walk.h"

/* The sanitizer finds names that do not lie where they should. */
static void touch(const char *text, size_t length)
{
	volatile char byte = 0;

	for (size_t i = 0; i < length; i++)
		byte = text[i];
	(void)byte;
}

static void check_notes(const struct vmp_notes *notes)
{
	if (strnlen(notes->command, sizeof(notes->command)) ==
		    sizeof(notes->command) ||
	    notes->limit < -1 || notes->stack_count > notes->threads)
		abort();
	touch((const char *)notes->stacks,
	      notes->stack_count * sizeof(*notes->stacks));
	touch(notes->path, notes->path ? strlen(notes->path) : 0);
	touch(notes->kernel, notes->kernel ? strlen(notes->kernel) : 0);
}

void fuzz_walk(struct vmp_maps *maps)
{
	struct vmp_mapping m;
	uint64_t end = 0;
	int rc;

	check_notes(vmp_maps_notes(maps));
	while ((rc = vmp_maps_next(maps, &m)) > 0) {
		if (m.start < end || m.end <= m.start ||
		    (!m.counted && !m.name_length))
			abort();
		end = m.end;
		touch(m.name, m.name_length);
	}
	if (rc != 0 && rc != -EBADMSG)
		abort();
	if (rc == 0 && vmp_maps_next(maps, &m) != 0)
		abort();
	vmp_maps_close(maps);
}
