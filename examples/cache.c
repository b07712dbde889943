// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A cache that maps each entry and drops every second one: at the limit of
 * mappings munmap() fails, and nobody looks.
 *
 *   cc -g -o cache examples/cache.c && vmaprobe trace ./cache
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { ENTRY_BYTES = 16384 };

static void cache_drop(void *entry)
{
	munmap(entry, ENTRY_BYTES); /* gives memory back: what could fail? */
}

static void cache_trim(void **entries, size_t count)
{
	for (size_t i = 0; i < count; i += 2)
		cache_drop(entries[i]);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 150000;
	void **entries = calloc(count, sizeof(*entries));

	if (!entries)
		return EXIT_FAILURE;
	for (size_t i = 0; i < count; i++) {
		entries[i] = mmap(NULL, ENTRY_BYTES, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				  -1, 0);
		if (entries[i] == MAP_FAILED)
			return EXIT_FAILURE;
	}
	cache_trim(entries, count);
	puts("half of the cache was dropped");
	return EXIT_SUCCESS;
}
