/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The allocators that the worker can be started with. */
#ifndef VMP_ALLOCATOR_H
#define VMP_ALLOCATOR_H

#include "engine/child.h"
#include "engine/run.h"

/*
 * Start the worker under an allocator, and see that it is really loaded.
 * In: name, of the table or a FILE.so; NULL for the libc's own.
 * Out: loaded, what to call it in reports.
 * Returns: 0 or a negative errno, with the words in reason: -ENOENT where it
 *   is not installed.
 */
int vmp_allocator_start(struct vmp_ctx *ctx, struct vmp_child *child,
			const char *worker, const char *name, char *loaded,
			char *reason, size_t size);

#endif
