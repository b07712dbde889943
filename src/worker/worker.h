/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker: a small program that is brought to the limit in the observer's
 * place. It links libc alone and allocates nothing of its own once it runs.
 */
#ifndef VMP_WORKER_H
#define VMP_WORKER_H

#include "engine/protocol.h"
#include "lib/oracle.h"

/* What malloc says of the blocks that it holds in mappings of their own. */
struct vmp_claims {
	bool known;
	uint64_t blocks, bytes;
};

/* Notes: allocates nothing. */
struct vmp_claims vmp_read_claims(void);

struct worker {
	struct vmp_shared *shared;
	struct vmp_oracle_pages oracle;
	size_t page_bytes;
	int file;	       /* that backing=file maps; -1 before */
	uint64_t ballast;      /* pages that fill holds */
	uint64_t ballast_base; /* where they begin */
	struct vmp_step_progress *progress; /* of the step that calls */
	struct vmp_claims claims;	    /* after the last free */
};

/* What one call works on: a region, or a part of one. */
struct target {
	struct vmp_region *region; /* NULL: the verb has no group */
	struct vmp_region *to;	   /* of the group in to= */
	uint64_t address, length;
	uint64_t index; /* of the member or part */
	uint64_t onto;	/* where it is moved to */
	bool whole;	/* the part is the whole region */
};

static inline void *vmp_pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* Page i of fill: where it lies, and map it. Returns: 0 or an errno. */
char *vmp_ballast_place(const struct worker *w, uint64_t i);
int vmp_ballast_map(const struct worker *w, uint64_t i);

/* The file that backing=file maps, at least so long. Returns: 0 or an errno. */
int vmp_open_file(struct worker *w, uint64_t bytes);

/* What mmap() takes for backing=, noreserve=, stack= and locked=. */
int vmp_map_flags(const struct vmp_step_order *s);

/* What resize and touch do in an area. Returns: 0 or an errno. */
int vmp_resize_onto(struct worker *w, const struct vmp_step_order *s,
		    const struct target *t);
int vmp_touch_area(const struct worker *w, const struct target *t);

/*
 * The verbs, a function each: one memory call and nothing else.
 * Returns: 0, an errno, or VMP_ERROR_LEAK.
 */
#define VERB(name, ...)                                                   \
	int call_##name(struct worker *w, const struct vmp_step_order *s, \
			struct target *t);
#include "engine/verbs.def"
#undef VERB

#endif
