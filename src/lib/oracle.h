/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probes that ask the kernel about this process's map count without reading
 * /proc: each makes one or two system calls, leaves the mappings as they were,
 * and allocates nothing, so that they work at the limit. libc only: the worker
 * links this too.
 */
#ifndef VMP_ORACLE_H
#define VMP_ORACLE_H

#include "lib/diagnose.h"

/* Three pages of the caller's own; a probe cuts the first one off. */
struct vmp_oracle_pages {
	char *base;
	size_t page_bytes;
	int fd; /* the file that they map: nothing else merges with it */
};

/*
 * Reserve the three pages: one mapping, never touched.
 * In: fd, any file of which the caller maps nothing else privately.
 * Returns: 0 or a negative errno.
 */
int vmp_oracle_reserve(struct vmp_oracle_pages *pages, int fd);

/*
 * One question each: is the map count above the limit; at it, or above; too
 * near it for mremap() to move (struct vmp_oracles).
 */
enum vmp_answer vmp_oracle_over(const struct vmp_oracle_pages *pages);
enum vmp_answer vmp_oracle_full(const struct vmp_oracle_pages *pages);
enum vmp_answer vmp_oracle_tight(const struct vmp_oracle_pages *pages);

/*
 * Ask all three questions.
 * Notes: exact while no other thread maps or unmaps. About 3 microseconds.
 */
void vmp_oracle_ask(const struct vmp_oracle_pages *pages,
		    struct vmp_oracles *answers);

/* The same, with pages that the context reserves. 0 or a negative errno. */
int vmp_self_ask(struct vmp_ctx *ctx, struct vmp_oracles *answers);

#endif
