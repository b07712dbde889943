/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a test comes to the limit of its mappings, and back. */
#ifndef VMP_TESTS_LIMIT_H
#define VMP_TESTS_LIMIT_H

#include <check.h>

#include "lib/internal.h"

extern size_t limit_page;

/* Ends the program, as skipped, where it cannot, or should not, come there. */
void limit_check(void);

/*
 * Map ballast until the headroom is `leave`, which may be -1; a second call may
 * only leave less. Take k mappings of it back. Take all of it back, and let
 * malloc() work: what a test may assert after.
 */
void limit_fill(struct vmp_ctx *ctx, int64_t leave);
void limit_make_room(size_t mappings);
void limit_end(void);

/* From now on malloc() and its company answer NULL, and are counted. */
void limit_forbid_malloc(void);
void limit_allow_malloc(void);
unsigned int limit_mallocs(void);

/* Is `piece` in `text`? The assertion prints both. */
void assert_holds(const char *text, const char *piece);

/* vmp_explain_errno(), call by call. */
TCase *limit_explains(void);

#endif
