// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads a whole file into memory: scenarios and saved tables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/text-file.h"
#include "lib/internal.h"

enum { LARGEST_FILE = 64 * 1024 * 1024 };

/* Read a file of any kind; what is longer than the largest is an error. */
static int read_stream(FILE *f, char **text, size_t *length)
{
	size_t space = 64 * 1024, n;
	char *larger, *t = malloc(space);

	*length = 0;
	while (t) {
		n = fread(t + *length, 1, space - *length, f);
		*length += n;
		if (*length < space)
			break;
		larger = space < LARGEST_FILE ? realloc(t, space * 2) : NULL;
		if (!larger) {
			free(t);
			return space < LARGEST_FILE ? -ENOMEM : -EFBIG;
		}
		space *= 2;
		t = larger;
	}
	if (t && ferror(f)) {
		free(t);
		return errno ? -errno : -EIO;
	}
	*text = t;
	return t ? 0 : -ENOMEM;
}

int vmp_read_text_file(const char *path, char **text, size_t *length)
{
	VMP_FCLOSE FILE *f = fopen(path, "re");

	return f ? read_stream(f, text, length) : -errno;
}
