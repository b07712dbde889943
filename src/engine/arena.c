// SPDX-License-Identifier: GPL-2.0-or-later
/* A chain of blocks that are freed together. */
#include <stdlib.h>
#include <string.h>

#include "engine/arena.h"

struct block {
	struct block *next;
	max_align_t data[];
};

struct vmp_arena {
	struct block *blocks;
};

struct vmp_arena *vmp_arena_new(void)
{
	return calloc(1, sizeof(struct vmp_arena));
}

void vmp_arena_free(struct vmp_arena *arena)
{
	struct block *next;

	if (!arena)
		return;
	for (struct block *b = arena->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	free(arena);
}

void *vmp_arena_alloc(struct vmp_arena *arena, size_t size)
{
	struct block *b = calloc(1, sizeof(*b) + size);

	if (!b)
		return NULL;
	b->next = arena->blocks;
	arena->blocks = b;
	return b->data;
}

char *vmp_arena_copy(struct vmp_arena *arena, const char *text, size_t length)
{
	char *copy = vmp_arena_alloc(arena, length + 1);

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

void *vmp_arena_grow(struct vmp_arena *arena, void *array, size_t count,
		     size_t size)
{
	void *larger;

	if (count & (count - 1))
		return array;
	larger = vmp_arena_alloc(arena, (count ? count * 2 : 1) * size);
	if (larger && count)
		memcpy(larger, array, count * size);
	return larger;
}
