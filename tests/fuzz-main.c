// SPDX-License-Identifier: GPL-2.0-or-later
/* Replays files through a fuzz target: its main() where libFuzzer has none. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "fuzz.h"

enum { LARGEST = 16 * 1024 * 1024 };

/* The target gets a block of exactly the file's length. */
static int replay(const char *path)
{
	VMP_FCLOSE FILE *f = fopen(path, "re");
	VMP_FREE uint8_t *buffer = malloc(LARGEST), *exact = NULL;
	size_t length;

	if (!f || !buffer)
		return -errno;
	length = fread(buffer, 1, LARGEST, f);
	exact = malloc(length ? length : 1);
	if (ferror(f) || !exact)
		return -errno;
	memcpy(exact, buffer, length);
	LLVMFuzzerTestOneInput(exact, length);
	return 0;
}

int main(int argc, char **argv)
{
	int rc;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		rc = replay(argv[i]);
		if (rc < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-rc));
			return 2;
		}
	}
	return 0;
}
