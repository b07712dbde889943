// SPDX-License-Identifier: LGPL-2.1-or-later
/* Was it the map count: the kernel's comparisons with its limit, one by one. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "lib/cause.h"

void vmp_say(struct vmp_words *w, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(w->text + w->length, w->size - w->length, format, args);
	va_end(args);
	if (n > 0)
		w->length += (size_t)n < w->size - w->length
				     ? (size_t)n
				     : w->size - w->length - 1;
}

void vmp_say_count(struct vmp_words *w, const struct vmp_failed_call *f)
{
	char count[32], limit[32], ballast[32];

	vmp_say(w, "The process holds %s of %s mappings (vm.max_map_count)",
		vmp_group_digits((int64_t)f->survey.mappings, count),
		vmp_group_digits(f->limits.max_map_count, limit));
	if (f->survey.ballast)
		vmp_say(w, ", %s of them ballast that vmaprobe made",
			vmp_group_digits((int64_t)f->survey.ballast, ballast));
}

static bool is_over(const struct vmp_failed_call *f)
{
	if (f->oracles.over != VMP_NOT_ASKED)
		return f->oracles.over == VMP_YES;
	return (int64_t)f->survey.mappings > f->limits.max_map_count;
}

static bool is_full(const struct vmp_failed_call *f)
{
	if (f->oracles.full != VMP_NOT_ASKED)
		return f->oracles.full == VMP_YES;
	return (int64_t)f->survey.mappings >= f->limits.max_map_count;
}

static int64_t headroom(const struct vmp_failed_call *f)
{
	return f->limits.max_map_count - (int64_t)f->survey.mappings;
}

/* mmap, before all but its arguments; brk, after its own limits. */
enum vmp_test_answer vmp_too_many_to_add(const struct vmp_failed_call *f,
					 struct vmp_words *w)
{
	/* EAGAIN is a matter of locked memory */
	if (!is_over(f) || f->error == EAGAIN)
		return NO;
	vmp_say_count(w, f);
	vmp_say(w, ": over the limit, where the kernel refuses every new "
		   "mapping, even one that would merge with a neighbour.");
	return CERTAIN;
}

/* munmap: refused only where the range lies strictly inside one mapping. */
enum vmp_test_answer vmp_too_many_to_cut_out(const struct vmp_failed_call *f,
					     struct vmp_words *w)
{
	char bytes[32];

	if (!is_full(f) || f->survey.touched != 1 || f->survey.splits != 2)
		return NO;
	vmp_say(w,
		"The range lies inside one merged mapping "
		"(0x%" PRIx64 "-0x%" PRIx64 ", %s). Cutting it out leaves two "
		"pieces, one mapping more than now. ",
		f->survey.first.start, f->survey.first.end,
		vmp_human_bytes(f->survey.first.end - f->survey.first.start,
				bytes));
	vmp_say_count(w, f);
	vmp_say(w, ", so there is no room for it.");
	return CERTAIN;
}

/* free: its munmap() goes unseen, but the block is still mapped. */
enum vmp_test_answer vmp_too_many_to_free(const struct vmp_failed_call *f,
					  struct vmp_words *w)
{
	if (!is_full(f) || f->survey.touched != 1)
		return NO;
	vmp_say(w,
		"free() called munmap(), which failed, and free() does not "
		"look. The block lies inside one merged mapping "
		"(0x%" PRIx64 "-0x%" PRIx64 "); cutting it out needs one "
		"mapping more. ",
		f->survey.first.start, f->survey.first.end);
	vmp_say_count(w, f);
	vmp_say(w, ".");
	return f->survey.splits == 2 ? CERTAIN : LIKELY;
}

/*
 * mprotect, madvise, mlock: each end that lies inside a mapping is a split.
 * With two ends and room for one, the first split is made and kept, so that
 * the table is full, and one end still to be cut, when one looks.
 */
enum vmp_test_answer vmp_too_many_to_split(const struct vmp_failed_call *f,
					   struct vmp_words *w)
{
	if (!is_full(f) || !f->survey.splits)
		return NO;
	vmp_say(w, "The change covers a part of a mapping; each cut needs one "
		   "mapping more. ");
	vmp_say_count(w, f);
	vmp_say(w, ". A first cut that was made is not undone.");
	return CERTAIN;
}

/* mremap that shrinks unmaps the tail, which may lie inside a mapping. */
enum vmp_test_answer vmp_too_many_to_shrink(const struct vmp_failed_call *f,
					    struct vmp_words *w)
{
	return f->more_bytes ? NO : vmp_too_many_to_cut_out(f, w);
}

/* mremap: wants headroom for the splits that a move might make. */
enum vmp_test_answer vmp_too_many_to_move(const struct vmp_failed_call *f,
					  struct vmp_words *w)
{
	char free_slots[32];

	/* EAGAIN is a matter of locked memory */
	if (f->error == EAGAIN)
		return NO;
	/* 4: what every kernel wants; 6: MREMAP_FIXED from 5.1 to 7.0 */
	if (headroom(f) >= 6 ||
	    (headroom(f) >= 4 && f->oracles.tight != VMP_YES))
		return NO;
	vmp_say(w, "Before it moves a mapping, mremap() demands room for up to "
		   "six more, whether it would need them or not. ");
	vmp_say_count(w, f);
	vmp_say(w, ": %s left.", vmp_group_digits(headroom(f), free_slots));
	/* a resize that stays in place looks at the count from 7.1 on only */
	if (f->call == VMP_CALL_RESIZE && (!f->more_bytes || f->in_place))
		return LIKELY;
	return headroom(f) < 4 ? CERTAIN : LIKELY;
}

/* pthread_create: a stack is one mapping, its guard page a second one. */
enum vmp_test_answer vmp_too_many_for_thread(const struct vmp_failed_call *f,
					     struct vmp_words *w)
{
	if (headroom(f) > 1)
		return NO;
	vmp_say(w,
		"A thread needs a mapping for its stack and a second one for "
		"the guard page. ");
	vmp_say_count(w, f);
	vmp_say(w, ". pthread_create() reports this as EAGAIN.");
	return LIKELY;
}

/* malloc: which of its calls failed cannot be seen from outside. */
enum vmp_test_answer vmp_too_many_to_allocate(const struct vmp_failed_call *f,
					      struct vmp_words *w)
{
	if (!is_full(f))
		return NO;
	vmp_say_count(w, f);
	vmp_say(w, ": the allocator could not get a new one.");
	return LIKELY;
}

/* Can this call, over this range, be refused for the map count at all? */
static bool needs_mapping(const struct vmp_failed_call *f)
{
	switch (f->call) {
	case VMP_CALL_PROCESS:
	case VMP_CALL_TOUCH:
		return false;
	case VMP_CALL_UNMAP:
		return f->survey.touched == 1 && f->survey.splits == 2;
	case VMP_CALL_CHANGE:
	case VMP_CALL_LOCK:
		return f->survey.splits > 0;
	case VMP_CALL_FREE:
		return f->survey.touched > 0;
	default:
		return true;
	}
}

/* So far below the limit that no call stands in the way of another. */
enum { CLEAR_OF_LIMIT = 16 };

bool vmp_may_be_map_limit(const struct vmp_failed_call *f)
{
	const struct vmp_oracles *o = &f->oracles;

	if (!needs_mapping(f))
		return false;
	return headroom(f) < CLEAR_OF_LIMIT || o->over == VMP_YES ||
	       o->full == VMP_YES || o->tight == VMP_YES;
}
