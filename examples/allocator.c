// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An allocator of buffers that cannot run into the limit of mappings. The same
 * buffers are taken and every second one given back, first straight from the
 * kernel, then from a pool: count the mappings.
 *
 *   cc allocator.c $(pkg-config --cflags --libs libvmaprobe) -o allocator
 *   ./allocator
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <vmaprobe.h>

enum { BUFFERS = 4000, BUFFER_BYTES = 64 * 1024 };

/* What a program sees of either: two functions. */
struct allocator {
	const char *name;
	void *(*get)(struct vmp_pool *pool);
	void (*put)(struct vmp_pool *pool, void *buffer);
};

static void *map_buffer(struct vmp_pool *pool)
{
	void *p = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)pool;
	return p == MAP_FAILED ? NULL : p;
}

static void unmap_buffer(struct vmp_pool *pool, void *buffer)
{
	(void)pool;
	if (munmap(buffer, BUFFER_BYTES))
		perror("allocator: munmap");
}

static const struct allocator allocators[] = {
	{ "mmap and munmap", map_buffer, unmap_buffer },
	{ "a pool", vmp_pool_get, vmp_pool_put },
};

/* Give back those from `first` on, each `step`-th. */
static void put_buffers(const struct allocator *a, struct vmp_pool *pool,
			void **buffers, size_t first, size_t step)
{
	for (size_t i = first; i < BUFFERS; i += step)
		if (buffers[i])
			a->put(pool, buffers[i]);
}

static int count_with(const struct allocator *a, struct vmp_ctx *ctx,
		      struct vmp_pool *pool, void **buffers)
{
	int64_t before = vmp_count(ctx, 0), taken, half;

	for (size_t i = 0; i < BUFFERS; i++) {
		buffers[i] = a->get(pool);
		if (buffers[i])
			memset(buffers[i], 1, 64);
	}
	taken = vmp_count(ctx, 0);
	put_buffers(a, pool, buffers, 0, 2);
	half = vmp_count(ctx, 0);
	put_buffers(a, pool, buffers, 1, 2);
	printf("%-16s mappings: %" PRId64 ", with all buffers %" PRId64
	       ", with every second one %" PRId64 "\n",
	       a->name, before, taken, half);
	return before > 0 && half >= before;
}

int main(void)
{
	void **buffers = calloc(BUFFERS, sizeof(*buffers));
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_pool *pool;
	int good = 1;

	if (!buffers || !ctx || vmp_pool_new(BUFFER_BYTES, 0, &pool) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < sizeof(allocators) / sizeof(*allocators); i++)
		good &= count_with(&allocators[i], ctx, pool, buffers);
	vmp_pool_free(pool);
	vmp_free(ctx);
	free(buffers);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
