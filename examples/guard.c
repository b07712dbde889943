// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guard before many files are mapped: is there room for all of them? Half of
 * them mapped, and then ENOMEM, is what a program can do least about.
 *
 *   cc guard.c $(pkg-config --cflags --libs libvmaprobe) -o guard
 *   ./guard [FILES]
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <vmaprobe.h>

/* For what libraries, threads and malloc() map while this works. */
enum { RESERVE = 1000, FILES = 10000 };

/* Is there room? Says why not. */
static int may_map(struct vmp_ctx *ctx, int64_t files)
{
	int64_t headroom = 0;

	if (vmp_headroom(ctx, 0, &headroom) < 0) {
		fprintf(stderr, "guard: %s\n", vmp_error(ctx));
		return 0;
	}
	if (files <= headroom - RESERVE)
		return 1;
	fprintf(stderr,
		"guard: %" PRId64 " files want a mapping each, there is room "
		"for %" PRId64 " (vm.max_map_count), and %d are kept free; "
		"nothing was mapped\n",
		files, headroom, RESERVE);
	return 0;
}

/* This program's own file stands for all of them. Returns: how many. */
static int64_t map_files(int64_t files)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	int64_t mapped = 0;

	while (mapped < files &&
	       mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED)
		mapped++;
	return mapped;
}

int main(int argc, char **argv)
{
	int64_t files = argc > 1 ? strtoll(argv[1], NULL, 10) : FILES, mapped;
	struct vmp_ctx *ctx = vmp_new();

	if (files <= 0) {
		fprintf(stderr, "usage: guard [FILES]\n");
		return EXIT_FAILURE;
	}
	if (!ctx || !may_map(ctx, files))
		return EXIT_FAILURE;
	mapped = map_files(files);
	printf("%" PRId64 " files are mapped; the process holds %" PRId64
	       " of %" PRId64 " mappings\n",
	       mapped, vmp_count(ctx, 0), vmp_map_limit(ctx));
	vmp_free(ctx);
	return mapped == files ? EXIT_SUCCESS : EXIT_FAILURE;
}
