/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tests behind vmp_diagnose(): each looks at one cause of a failed call,
 * answers whether it was the one, and says why in words. Pure, no allocation.
 */
#ifndef VMP_CAUSE_H
#define VMP_CAUSE_H

#include "lib/diagnose.h"
#include "lib/internal.h"

/* The answer of one test: no, or how sure the yes is. */
enum vmp_test_answer { NO, LIKELY, CERTAIN };

/* Words that grow in a fixed buffer; what does not fit is cut. */
struct vmp_words {
	char *text;
	size_t size, length;
};

void vmp_say(struct vmp_words *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "The process holds 65,530 of 65,530 mappings (vm.max_map_count)" */
void vmp_say_count(struct vmp_words *w, const struct vmp_failed_call *f);

enum vmp_test_answer vmp_too_many_to_add(const struct vmp_failed_call *f,
					 struct vmp_words *w);
enum vmp_test_answer vmp_too_many_to_cut_out(const struct vmp_failed_call *f,
					     struct vmp_words *w);
enum vmp_test_answer vmp_too_many_to_free(const struct vmp_failed_call *f,
					  struct vmp_words *w);
enum vmp_test_answer vmp_too_many_to_split(const struct vmp_failed_call *f,
					   struct vmp_words *w);
enum vmp_test_answer vmp_too_many_to_shrink(const struct vmp_failed_call *f,
					    struct vmp_words *w);
enum vmp_test_answer vmp_too_many_to_move(const struct vmp_failed_call *f,
					  struct vmp_words *w);
enum vmp_test_answer vmp_too_many_for_thread(const struct vmp_failed_call *f,
					     struct vmp_words *w);
enum vmp_test_answer vmp_too_many_to_allocate(const struct vmp_failed_call *f,
					      struct vmp_words *w);
enum vmp_test_answer vmp_too_few_huge_pages(const struct vmp_failed_call *f,
					    struct vmp_words *w);

/* Where none of them said yes: may it have been the map count all the same? */
bool vmp_may_be_map_limit(const struct vmp_failed_call *f);

#endif
