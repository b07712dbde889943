/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two adjacent mappings, and why they did not merge. */
#ifndef VMP_NEIGHBOUR_H
#define VMP_NEIGHBOUR_H

#include "lib/census.h"

struct vmp_pair {
	const struct vmp_census *census;
	const struct vmp_entry *a, *b;		      /* a->end == b->start */
	const struct vmp_hidden *hidden_a, *hidden_b; /* NULL: not read */
	uint64_t page_bytes;
	uint64_t ignored_flags; /* that maps shows, or no merge asks for */
	uint64_t special_flags; /* VM_SPECIAL: never merged */
	uint64_t userfault_flags;
};

/* Details, which tell rows of one reason apart. Of files: */
enum { VMP_FIRST_FILE = 1, VMP_SECOND_FILE = 2 };

/* Of flags: those that differ, and this where the protection key does. */
#define VMP_OTHER_KEY (UINT64_C(1) << 62)

/* Of what looks identical: facts, and what it may be where none are known. */
enum vmp_identical {
	VMP_OPENED_TWICE,
	VMP_USERFAULT,
	VMP_MOVED,
	VMP_TOUCHED_APART,
	VMP_INHERITED,
	VMP_NEVER_ASKED,
	VMP_GUESS_FILE,
	VMP_GUESS_FILE_FLAGS,
	VMP_GUESS_RELRO,
	VMP_GUESS_FLAGS,
	VMP_GUESS_USERFAULT,
	VMP_GUESS_TOUCHED,
	VMP_GUESS_LATENT,
	VMP_IDENTICALS
};

/* The first reason that holds, and its detail. Pure. */
enum vmp_reason vmp_reason_of(const struct vmp_pair *pair, uint64_t *detail);

/* The words of a reason and its detail; malloc'd, NULL without memory. */
char *vmp_detail_text(enum vmp_reason reason, uint64_t detail);

/* The bits of these flags ("dc"). */
uint64_t vmp_flags_named(const char *const *names, size_t count);

#endif
