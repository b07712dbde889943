/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Globs in the making: glob.c makes them of names, glob-merge.c merges them. */
#ifndef VMP_GLOB_H
#define VMP_GLOB_H

#include "lib/census.h"

struct vmp_glob {
	uint64_t hash;	 /* of its key */
	bool alone;	 /* one name, of so many mappings that it is told */
	uint32_t first;	 /* one of its names */
	uint32_t names;	 /* how many */
	uint32_t row;	 /* of the census, in the end */
	uint64_t varied; /* which stars stand for more than one text */
	size_t into;	 /* the glob that it was merged into; or itself */
	char *text;
};

enum { VMP_MOST_STARS = 64 };

/* The parts of a name that become stars. */
struct vmp_stars {
	struct vmp_star {
		uint32_t offset, length;
	} at[VMP_MOST_STARS];
	size_t count;
};

struct vmp_globs {
	struct vmp_census *c;
	struct vmp_glob *globs; /* as many as there are names, at most */
	size_t count;
	uint32_t *slots; /* by hash: number + 1; 0: empty */
	size_t slot_count;
	char *key, *scratch;	/* as long as the longest name */
	struct vmp_stars stars; /* of the first name of this glob: */
	const struct vmp_glob *of;
};

/*
 * Merge globs of files: at least four that differ only in the last component,
 * and have the same extension, and then only in one folder.
 * Returns: 0 or -ENOMEM.
 */
int vmp_globs_merge(struct vmp_globs *globs);

#endif
