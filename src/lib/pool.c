// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A pool of slices that stays clear of the limit of mappings.
 *
 * A chunk is two mappings, and starts at a multiple of a power of two that is
 * no less than its length, so that a slice finds it by masking its address:
 *
 *   | struct chunk and bitmap | slice | slice | ... | a page without access |
 *
 * munmap() refuses only a range strictly inside one mapping. A chunk spans the
 * border between its two, whatever either merged with: it always goes.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/internal.h"

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24 /* since 5.18 */
#endif

enum { DEFAULT_CHUNK = 4 << 20, LEAST_SLICES = 16, WORD_BITS = 64 };

struct chunk {
	uint64_t magic; /* of this chunk at this address, in this pool */
	struct chunk *next, *previous;
	size_t used;
	size_t search; /* words of the bitmap below it have no free slice */
	uint64_t taken[];
};

struct vmp_pool {
	size_t page_bytes, slice_bytes, slices;
	size_t first_slice; /* bytes from the start of a chunk */
	size_t chunk_bytes; /* with the page without access */
	size_t alignment;
	struct chunk *open; /* have free slices, and some that are taken */
	struct chunk *full;
	struct chunk *spare; /* an empty one is kept */
	uintptr_t lowest, highest;
};

static uint64_t magic_of(const struct vmp_pool *pool, const struct chunk *chunk)
{
	return 0x766d702d706f6f6cU ^ (uintptr_t)pool ^
	       (uint64_t)(uintptr_t)chunk << 8;
}

static void insert(struct chunk **list, struct chunk *chunk)
{
	chunk->previous = NULL;
	chunk->next = *list;
	if (chunk->next)
		chunk->next->previous = chunk;
	*list = chunk;
}

static void take_out(struct chunk **list, struct chunk *chunk)
{
	if (chunk->next)
		chunk->next->previous = chunk->previous;
	if (chunk->previous)
		chunk->previous->next = chunk->next;
	else
		*list = chunk->next;
}

static size_t bitmap_words(size_t slices)
{
	return (slices + WORD_BITS - 1) / WORD_BITS;
}

static size_t round_up(size_t bytes, size_t page)
{
	return (bytes + page - 1) / page * page;
}

/* All sizes of a pool. An eighth of the address space leaves sums room. */
static int set_sizes(struct vmp_pool *p, size_t slice_bytes, size_t slices)
{
	const size_t most = SIZE_MAX / 8;

	p->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	if (!slice_bytes || slice_bytes > most)
		return -EINVAL;
	p->slice_bytes = round_up(slice_bytes, p->page_bytes);
	p->slices = slices ? slices : DEFAULT_CHUNK / p->slice_bytes;
	if (!slices && p->slices < LEAST_SLICES)
		p->slices = LEAST_SLICES;
	if (p->slices > most / p->slice_bytes)
		return -EINVAL;
	p->first_slice =
		round_up(sizeof(struct chunk) + bitmap_words(p->slices) * 8,
			 p->page_bytes);
	p->chunk_bytes =
		p->first_slice + p->slices * p->slice_bytes + p->page_bytes;
	p->alignment = p->page_bytes;
	while (p->alignment < p->chunk_bytes)
		p->alignment *= 2;
	return 0;
}

int vmp_pool_new(size_t slice_bytes, size_t slices, struct vmp_pool **pool)
{
	struct vmp_pool *p = calloc(1, sizeof(*p));
	int rc = p ? set_sizes(p, slice_bytes, slices) : -ENOMEM;

	if (rc < 0) {
		free(p);
		return rc;
	}
	p->lowest = UINTPTR_MAX;
	*pool = p;
	return 0;
}

static int give_up(void *start, size_t length)
{
	int error = errno;

	munmap(start, length);
	return -error;
}

/*
 * Cut an aligned chunk out of a reservation, and open all but its last page.
 * The head goes first: what is left then lies at the edge of a mapping, even
 * where the reservation merged with the one above, and can be given up.
 */
static int carve(const struct vmp_pool *p, char *start, size_t length,
		 char *chunk)
{
	size_t head = (size_t)(chunk - start), rest = length - head;

	if (head && munmap(start, head))
		return give_up(start, length);
	if (rest > p->chunk_bytes &&
	    munmap(chunk + p->chunk_bytes, rest - p->chunk_bytes))
		return give_up(chunk, rest);
	if (mprotect(chunk, p->chunk_bytes - p->page_bytes,
		     PROT_READ | PROT_WRITE))
		return give_up(chunk, p->chunk_bytes);
	return 0;
}

/* A new chunk, all of its slices free. NULL with errno. */
static struct chunk *map_chunk(struct vmp_pool *p)
{
	size_t length = p->chunk_bytes + p->alignment - p->page_bytes;
	char *start = mmap(NULL, length, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct chunk *chunk;
	int rc;

	if (start == MAP_FAILED)
		return NULL;
	chunk = (struct chunk *)(start +
				 (-(uintptr_t)start & (p->alignment - 1)));
	rc = carve(p, start, length, (char *)chunk);
	if (rc < 0) {
		errno = -rc;
		return NULL;
	}
	chunk->magic = magic_of(p, chunk);
	if ((uintptr_t)chunk < p->lowest)
		p->lowest = (uintptr_t)chunk;
	if ((uintptr_t)chunk + p->chunk_bytes > p->highest)
		p->highest = (uintptr_t)chunk + p->chunk_bytes;
	return chunk;
}

/* A chunk with a free slice, at the head of its list. */
static struct chunk *open_chunk(struct vmp_pool *p)
{
	struct chunk *chunk = p->spare;

	if (p->open)
		return p->open;
	if (!chunk)
		chunk = map_chunk(p);
	p->spare = NULL;
	if (chunk)
		insert(&p->open, chunk);
	return chunk;
}

/* The lowest free slice of a chunk that has one. */
static size_t take_slice(struct chunk *chunk)
{
	size_t word = chunk->search, bit;

	while (chunk->taken[word] == UINT64_MAX)
		word++;
	bit = (size_t)__builtin_ctzll(~chunk->taken[word]);
	chunk->taken[word] |= UINT64_C(1) << bit;
	chunk->search = word;
	chunk->used++;
	return word * WORD_BITS + bit;
}

void *vmp_pool_get(struct vmp_pool *p)
{
	struct chunk *chunk = open_chunk(p);
	size_t index;

	if (!chunk)
		return NULL;
	index = take_slice(chunk);
	if (chunk->used == p->slices) {
		take_out(&p->open, chunk);
		insert(&p->full, chunk);
	}
	return (char *)chunk + p->first_slice + index * p->slice_bytes;
}

/* The chunk of a slice, and which one it is; ends the process for any other. */
static struct chunk *find_slice(const struct vmp_pool *p, uintptr_t slice,
				size_t *index)
{
	uintptr_t start = slice & ~(uintptr_t)(p->alignment - 1);
	struct chunk *chunk = (struct chunk *)start;
	size_t offset = (size_t)(slice - start);

	if (start < p->lowest || slice >= p->highest ||
	    chunk->magic != magic_of(p, chunk))
		abort();
	if (offset < p->first_slice ||
	    (offset - p->first_slice) % p->slice_bytes)
		abort();
	*index = (offset - p->first_slice) / p->slice_bytes;
	if (*index >= p->slices ||
	    !(chunk->taken[*index / WORD_BITS] >> *index % WORD_BITS & 1))
		abort();
	return chunk;
}

/* Whoever gets it next finds zeroes: locked pages of old kernels too. */
static void give_pages_back(const struct vmp_pool *p, void *slice)
{
	if (madvise(slice, p->slice_bytes, MADV_DONTNEED) &&
	    madvise(slice, p->slice_bytes, MADV_DONTNEED_LOCKED))
		memset(slice, 0, p->slice_bytes);
}

/*
 * An empty chunk waits for the next get, so that a program that takes and puts
 * one slice does not map and unmap each time. A second one goes.
 */
static void retire(struct vmp_pool *p, struct chunk *chunk)
{
	take_out(&p->open, chunk);
	if (!p->spare)
		p->spare = chunk;
	else if (munmap(chunk, p->chunk_bytes))
		insert(&p->open, chunk);
}

void vmp_pool_put(struct vmp_pool *p, void *slice)
{
	size_t index, word;
	struct chunk *chunk = find_slice(p, (uintptr_t)slice, &index);

	give_pages_back(p, slice);
	if (chunk->used == p->slices) {
		take_out(&p->full, chunk);
		insert(&p->open, chunk);
	}
	word = index / WORD_BITS;
	chunk->taken[word] &= ~(UINT64_C(1) << index % WORD_BITS);
	if (word < chunk->search)
		chunk->search = word;
	if (--chunk->used == 0)
		retire(p, chunk);
}

static void unmap_list(const struct vmp_pool *p, struct chunk *chunk)
{
	while (chunk) {
		struct chunk *next = chunk->next;

		munmap(chunk, p->chunk_bytes);
		chunk = next;
	}
}

void vmp_pool_free(struct vmp_pool *p)
{
	if (!p)
		return;
	unmap_list(p, p->open);
	unmap_list(p, p->full);
	if (p->spare)
		munmap(p->spare, p->chunk_bytes);
	free(p);
}
