/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is given back in one go: a scenario's names and tables. */
#ifndef VMP_ARENA_H
#define VMP_ARENA_H

#include <stddef.h>

struct vmp_arena;

struct vmp_arena *vmp_arena_new(void);
void vmp_arena_free(struct vmp_arena *arena);

/* Returns: zeroed memory that lives as long as the arena; NULL without any. */
void *vmp_arena_alloc(struct vmp_arena *arena, size_t size);

/* A terminated copy of `length` bytes. */
char *vmp_arena_copy(struct vmp_arena *arena, const char *text, size_t length);

/*
 * Room for one element more in an array that the arena holds.
 * In: array, of `count` elements of `size` bytes, made by this function only.
 * Returns: the array, moved at each power of two; NULL without memory.
 */
void *vmp_arena_grow(struct vmp_arena *arena, void *array, size_t count,
		     size_t size);

#endif
