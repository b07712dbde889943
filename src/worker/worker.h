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
	int file;		  /* that backing=file maps; -1 before */
	uint64_t ballast;	  /* pages that fill holds */
	struct vmp_claims claims; /* after the last free */
};

/* What one call works on: a region, or a part of one. */
struct target {
	struct vmp_region *region; /* NULL: the verb has no group */
	struct vmp_region *to;	   /* of the group in to= */
	uint64_t address, length;
	uint64_t index; /* of the member or part */
	bool whole;	/* the part is the whole region */
};

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
