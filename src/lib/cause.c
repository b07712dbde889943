// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Why did a memory call fail: the kernel's own checks, in the kernel's order,
 * over what was read while the process was held still.
 *
 * Each call has a row: the causes that the kernel would answer with, in the
 * order in which it looks. The first test that says yes is the cause.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/cause.h"

static const char *const cause_names[VMP_CAUSES] = {
	[VMP_CAUSE_MAP_COUNT] = "map-count",
	[VMP_CAUSE_RLIMIT_AS] = "rlimit-as",
	[VMP_CAUSE_RLIMIT_DATA] = "rlimit-data",
	[VMP_CAUSE_RLIMIT_MEMLOCK] = "rlimit-memlock",
	[VMP_CAUSE_RLIMIT_NPROC] = "rlimit-nproc",
	[VMP_CAUSE_OVERCOMMIT] = "overcommit",
	[VMP_CAUSE_ADDRESS_SPACE] = "address-space",
	[VMP_CAUSE_UNMAPPED_RANGE] = "unmapped-range",
	[VMP_CAUSE_NO_ROOM] = "no-room",
	[VMP_CAUSE_HUGE_PAGES] = "huge-pages",
	[VMP_CAUSE_CGROUP] = "cgroup",
	[VMP_CAUSE_UNKNOWN] = "unknown",
};

static const char *const certainty_names[VMP_CERTAINTIES] = {
	[VMP_CERTAIN] = "certain",
	[VMP_LIKELY] = "likely",
	[VMP_UNCERTAIN] = "unknown",
	[VMP_EXCLUDED] = "excluded",
};

const char *vmp_cause_name(enum vmp_cause cause)
{
	return cause < VMP_CAUSES ? cause_names[cause] : NULL;
}

const char *vmp_certainty_name(enum vmp_certainty certainty)
{
	return certainty < VMP_CERTAINTIES ? certainty_names[certainty] : NULL;
}

static enum vmp_test_answer too_large_for_rlimit(struct vmp_words *w,
						 const char *name,
						 uint64_t used, uint64_t more,
						 uint64_t limit)
{
	char a[32], b[32], c[32];

	if (limit == VMP_UNLIMITED || (used <= limit && more <= limit - used))
		return NO;
	vmp_say(w,
		"%s: %s are in use, the call asks for %s more, and the limit "
		"is %s.",
		name, vmp_human_bytes(used, a), vmp_human_bytes(more, b),
		vmp_human_bytes(limit, c));
	return CERTAIN;
}

static enum vmp_test_answer over_rlimit_as(const struct vmp_failed_call *f,
					   struct vmp_words *w)
{
	return too_large_for_rlimit(w, "RLIMIT_AS (ulimit -v)",
				    f->process.size_bytes, f->more_bytes,
				    f->process.as_limit);
}

static enum vmp_test_answer over_rlimit_data(const struct vmp_failed_call *f,
					     struct vmp_words *w)
{
	enum vmp_test_answer answer;

	if (!f->writable)
		return NO;
	answer = too_large_for_rlimit(w, "RLIMIT_DATA (ulimit -d)",
				      f->process.data_bytes, f->more_bytes,
				      f->process.data_limit);
	/* at 0 the hard limit holds (mm/mmap.c, may_expand_vm, since 4.5) */
	return answer == CERTAIN && !f->process.data_limit ? LIKELY : answer;
}

/* May be exceeded: pages of the range that are locked already count once. */
static bool may_exceed_memlock(const struct vmp_failed_call *f, uint64_t more)
{
	uint64_t limit = f->process.memlock_limit;
	uint64_t locked = f->process.locked_bytes;

	return !f->process.may_lock && limit != VMP_UNLIMITED &&
	       (locked > limit || more > limit - locked);
}

/*
 * mmap and mremap of memory that is locked: EAGAIN. mlock: ENOMEM, or EPERM
 * where the limit is 0. It is read after the call, so
 * that what the call itself locked counts too: never certain. Memory without
 * access rights cannot be locked at any limit.
 */
static enum vmp_test_answer over_rlimit_memlock(const struct vmp_failed_call *f,
						struct vmp_words *w)
{
	const struct vmp_mapping *m = &f->survey.first;
	bool adds = f->call != VMP_CALL_LOCK;
	uint64_t more = adds ? f->more_bytes : f->length;
	char locked[32], asked[32], limit[32];

	if ((f->error == EAGAIN) != adds || !may_exceed_memlock(f, more))
		return NO;
	if (f->call != VMP_CALL_MAP && f->survey.touched && !m->readable &&
	    !m->writable && !m->executable)
		return NO;
	vmp_say(w,
		"RLIMIT_MEMLOCK (ulimit -l): %s are locked, the call asks for %s, "
		"and the limit is %s.",
		vmp_human_bytes(f->process.locked_bytes, locked),
		vmp_human_bytes(more, asked),
		vmp_human_bytes(f->process.memlock_limit, limit));
	return LIKELY;
}

/*
 * What the kernel holds back in mode 2: admin_reserve_kbytes from those without
 * CAP_SYS_ADMIN, and user_reserve_kbytes, but at most 1/32 of the process. At
 * their defaults (mm/util.c, __vm_enough_memory).
 */
enum { ADMIN_RESERVE = 8 << 20, USER_RESERVE = 128 << 20 };

static uint64_t commit_reserve(const struct vmp_failed_call *f)
{
	uint64_t share = f->process.size_bytes / 32;

	return (f->process.may_fork ? 0 : ADMIN_RESERVE) +
	       (share < USER_RESERVE ? share : USER_RESERVE);
}

/* In mode 2 others may have given memory back since: never certain. */
static enum vmp_test_answer over_commit(const struct vmp_failed_call *f,
					struct vmp_words *w)
{
	const struct vmp_limits *l = &f->limits;
	char a[32], b[32];

	if (!f->accountable)
		return NO;
	if (l->overcommit_memory == 2 &&
	    l->commit_limit_bytes != VMP_UNLIMITED &&
	    l->committed_bytes + f->more_bytes + commit_reserve(f) >
		    l->commit_limit_bytes) {
		vmp_say(w, "vm.overcommit_memory is 2: %s are committed of %s.",
			vmp_human_bytes(l->committed_bytes, a),
			vmp_human_bytes(l->commit_limit_bytes, b));
		return LIKELY;
	}
	if (l->overcommit_memory == 0 && l->total_bytes != VMP_UNLIMITED &&
	    f->more_bytes > l->total_bytes + l->swap_bytes) {
		vmp_say(w,
			"vm.overcommit_memory is 0: one call may not ask for "
			"more than memory and swap together (%s).",
			vmp_human_bytes(l->total_bytes + l->swap_bytes, a));
		return CERTAIN;
	}
	return NO;
}

/*
 * A length that wraps around when it is rounded up to pages is refused before
 * the map count is compared (mm/mmap.c, do_mmap). UINT64_MAX stands for it; the
 * last page by itself may be a length that was whole.
 */
static enum vmp_test_answer wraps_around(const struct vmp_failed_call *f,
					 struct vmp_words *w)
{
	if (f->more_bytes <= UINT64_MAX - f->limits.page_bytes)
		return NO;
	vmp_say(w, "The length is more than any address space has.");
	return f->more_bytes == UINT64_MAX ? CERTAIN : LIKELY;
}

static enum vmp_test_answer no_such_gap(const struct vmp_failed_call *f,
					struct vmp_words *w)
{
	uint64_t largest = f->survey.gap_end - f->survey.gap_start;
	char a[32], b[32];

	if (f->more_bytes <= largest || f->error == EAGAIN)
		return NO;
	vmp_say(w,
		"No free range of the address space is long enough: the "
		"largest has %s, the call asks for %s.",
		vmp_human_bytes(largest, a), vmp_human_bytes(f->more_bytes, b));
	return LIKELY;
}

static enum vmp_test_answer has_hole(const struct vmp_failed_call *f,
				     struct vmp_words *w)
{
	/* madvise() answers EAGAIN for a cut, never for a hole */
	if (f->survey.covered || f->error == EAGAIN)
		return NO;
	vmp_say(w, "A part of the range is not mapped; the call answers ENOMEM "
		   "for that, at any map count.");
	if (f->call == VMP_CALL_LOCK && may_exceed_memlock(f, f->length))
		return LIKELY;
	return CERTAIN;
}

/* brk: whatever lies in the new part of the heap is in the way. */
static enum vmp_test_answer is_blocked_above(const struct vmp_failed_call *f,
					     struct vmp_words *w)
{
	if (!f->survey.touched && !f->survey.next_is_adjacent)
		return NO;
	vmp_say(w,
		"Another mapping begins before the new end of the heap, which "
		"can only grow in place.");
	return f->survey.touched ? CERTAIN : LIKELY;
}

/* mremap() that may not move: the mapping can only grow where it is. */
static enum vmp_test_answer cannot_grow(const struct vmp_failed_call *f,
					struct vmp_words *w)
{
	bool is_part;

	if (!f->in_place || !f->more_bytes || f->error == EAGAIN)
		return NO;
	is_part = f->survey.first.end > f->address + f->length;
	if (!f->blocked && !is_part)
		return NO;
	vmp_say(w,
		"%s, and without MREMAP_MAYMOVE a mapping can only grow "
		"where it is.",
		is_part ? "The range ends inside its mapping"
			: "Another mapping lies where this one would grow");
	return CERTAIN;
}

static enum vmp_test_answer over_rlimit_nproc(const struct vmp_failed_call *f,
					      struct vmp_words *w)
{
	char a[32];

	if (f->error != EAGAIN || f->process.may_fork ||
	    f->process.nproc_limit == VMP_UNLIMITED)
		return NO;
	vmp_say(w,
		"Mappings are free, so the number of threads is what may be "
		"used up: RLIMIT_NPROC (ulimit -u) is %s for all of this user, "
		"and the pids cgroup and kernel.threads-max count too.",
		vmp_group_digits((int64_t)f->process.nproc_limit, a));
	return LIKELY;
}

static enum vmp_test_answer over_cgroup(const struct vmp_failed_call *f,
					struct vmp_words *w)
{
	char a[32];

	if (f->limits.cgroup_available_bytes > 1024 * 1024)
		return NO;
	vmp_say(w, "The memory cgroup has %s left.",
		vmp_human_bytes(f->limits.cgroup_available_bytes, a));
	return LIKELY;
}

struct test {
	enum vmp_cause cause;
	enum vmp_test_answer (*ask)(const struct vmp_failed_call *f,
				    struct vmp_words *w);
};

enum { MOST_TESTS = 11 };

static const struct test tests[VMP_CALLS][MOST_TESTS] = {
	[VMP_CALL_MAP] = {
		{ VMP_CAUSE_ADDRESS_SPACE, wraps_around },
		{ VMP_CAUSE_RLIMIT_MEMLOCK, over_rlimit_memlock },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_add },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_cut_out },
		{ VMP_CAUSE_ADDRESS_SPACE, no_such_gap },
		{ VMP_CAUSE_RLIMIT_AS, over_rlimit_as },
		{ VMP_CAUSE_RLIMIT_DATA, over_rlimit_data },
		{ VMP_CAUSE_OVERCOMMIT, over_commit },
		{ VMP_CAUSE_HUGE_PAGES, vmp_too_few_huge_pages },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_UNMAP] = {
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_cut_out },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_CHANGE] = {
		{ VMP_CAUSE_UNMAPPED_RANGE, has_hole },
		{ VMP_CAUSE_RLIMIT_DATA, over_rlimit_data },
		{ VMP_CAUSE_OVERCOMMIT, over_commit },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_split },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_LOCK] = {
		{ VMP_CAUSE_UNMAPPED_RANGE, has_hole },
		{ VMP_CAUSE_RLIMIT_MEMLOCK, over_rlimit_memlock },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_split },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_MOVE] = {
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_move },
		{ VMP_CAUSE_RLIMIT_AS, over_rlimit_as },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_RESIZE] = {
		{ VMP_CAUSE_RLIMIT_MEMLOCK, over_rlimit_memlock },
		{ VMP_CAUSE_RLIMIT_AS, over_rlimit_as },
		{ VMP_CAUSE_RLIMIT_DATA, over_rlimit_data },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_shrink },
		{ VMP_CAUSE_NO_ROOM, cannot_grow },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_move },
		{ VMP_CAUSE_OVERCOMMIT, over_commit },
		{ VMP_CAUSE_ADDRESS_SPACE, no_such_gap },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_BREAK] = {
		{ VMP_CAUSE_RLIMIT_DATA, over_rlimit_data },
		{ VMP_CAUSE_NO_ROOM, is_blocked_above },
		{ VMP_CAUSE_RLIMIT_AS, over_rlimit_as },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_add },
		{ VMP_CAUSE_OVERCOMMIT, over_commit },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_THREAD] = {
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_for_thread },
		{ VMP_CAUSE_RLIMIT_AS, over_rlimit_as },
		{ VMP_CAUSE_RLIMIT_DATA, over_rlimit_data },
		{ VMP_CAUSE_RLIMIT_NPROC, over_rlimit_nproc },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_PROCESS] = {
		{ VMP_CAUSE_RLIMIT_NPROC, over_rlimit_nproc },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_ALLOCATE] = {
		{ VMP_CAUSE_RLIMIT_AS, over_rlimit_as },
		{ VMP_CAUSE_RLIMIT_DATA, over_rlimit_data },
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_allocate },
		{ VMP_CAUSE_OVERCOMMIT, over_commit },
		{ VMP_CAUSE_CGROUP, over_cgroup },
	},
	[VMP_CALL_FREE] = {
		{ VMP_CAUSE_MAP_COUNT, vmp_too_many_to_free },
	},
};

/* Does another test of the same row say that it is certainly its own? */
static bool is_contested(const struct vmp_failed_call *f,
			 const struct test *tests_of_call,
			 const struct test *chosen)
{
	char text[sizeof(((struct vmp_diagnosis *)0)->explanation)] = "";
	struct vmp_words w;

	/* the first two things that do_mmap() looks at, in this order */
	if (chosen->ask == wraps_around)
		return false;
	if (f->call == VMP_CALL_MAP && chosen->ask == vmp_too_many_to_add &&
	    !f->concurrent)
		return false;
	for (size_t i = 0; i < MOST_TESTS && tests_of_call[i].ask; i++) {
		w = (struct vmp_words){ text, sizeof(text), 0 };
		if (&tests_of_call[i] != chosen &&
		    tests_of_call[i].ask(f, &w) == CERTAIN)
			return true;
	}
	return false;
}

/*
 * Where threads may have changed the figures since, the count may have been at
 * its limit then.
 */
static bool is_doubtful(const struct vmp_failed_call *f, enum vmp_cause cause)
{
	return f->concurrent && cause != VMP_CAUSE_MAP_COUNT &&
	       vmp_may_be_map_limit(f);
}

/* Is this errno one that stands for want of mappings or memory? */
static bool is_shortage(const struct vmp_failed_call *f)
{
	if (f->error == ENOMEM || f->call == VMP_CALL_FREE)
		return true;
	/* mlock() with RLIMIT_MEMLOCK 0 (mm/mlock.c, can_do_mlock) */
	if (f->call == VMP_CALL_LOCK && f->error == EPERM)
		return true;
	return f->error == EAGAIN &&
	       (f->call == VMP_CALL_MAP || f->call == VMP_CALL_CHANGE ||
		f->call == VMP_CALL_LOCK || f->call == VMP_CALL_RESIZE ||
		f->call == VMP_CALL_THREAD || f->call == VMP_CALL_PROCESS);
}

/* In English: a translation may have to be loaded, for which there is no room. */
static const char *errno_words(int error)
{
#ifdef HAVE_STRERRORDESC_NP
	const char *words = strerrordesc_np(error);

	return words ? words : "not a known error";
#else
	return strerror(error);
#endif
}

static void cannot_tell(struct vmp_diagnosis *d, struct vmp_words *w)
{
	d->cause = VMP_CAUSE_UNKNOWN;
	d->certainty = VMP_UNCERTAIN;
	if (!w->length)
		vmp_say(w, "None of the known causes fits. ");
}

static void find_cause(const struct vmp_failed_call *f, struct vmp_diagnosis *d)
{
	const struct test *row = tests[f->call < VMP_CALLS ? f->call : 0];
	struct vmp_words w = { d->explanation, sizeof(d->explanation), 0 };
	enum vmp_test_answer v = NO;
	size_t i;

	d->explanation[0] = '\0';
	if (!is_shortage(f)) {
		vmp_say(&w,
			"%s() does not answer this for want of mappings or "
			"memory: an argument is not valid, or the kernel does "
			"not know it (%s).",
			f->name, errno_words(f->error));
		cannot_tell(d, &w);
		return;
	}
	for (i = 0; i < MOST_TESTS && row[i].ask && v == NO; i++)
		v = row[i].ask(f, &w);
	if (v != NO) {
		d->cause = row[i - 1].cause;
		d->certainty =
			v == CERTAIN && !is_contested(f, row, &row[i - 1]) &&
					!is_doubtful(f, d->cause)
				? VMP_CERTAIN
				: VMP_LIKELY;
		return;
	}
	cannot_tell(d, &w);
	vmp_say_count(&w, f);
	vmp_say(&w, ".");
}

void vmp_diagnose(const struct vmp_failed_call *f, struct vmp_diagnosis *d)
{
	find_cause(f, d);
	if (d->cause == VMP_CAUSE_MAP_COUNT)
		d->map_limit = d->certainty;
	else if (is_shortage(f) && vmp_may_be_map_limit(f))
		d->map_limit = VMP_UNCERTAIN;
	else
		d->map_limit = VMP_EXCLUDED;
}
