// SPDX-License-Identifier: GPL-2.0-or-later
/* Why a call failed: facts in, cause and certainty out. */
#include <errno.h>
#include <string.h>

#include "unit.h"

enum { LIMIT = 1000, PAGE = 4096 };
#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Facts of a failed call; what is 0 here stands for "nothing special". */
struct facts {
	enum vmp_call call;
	int64_t headroom; /* only where `counted`; else 500 */
	bool counted;
	unsigned int touched, splits;
	bool hole, adjacent;
	uint64_t length, more, gap;
	bool writable, accountable, may_lock, may_fork;
	int mode; /* vm.overcommit_memory */
	uint64_t committed;
	uint64_t as, data, memlock, nproc; /* limits; 128 MiB are in use */
	uint64_t cgroup_left;
	bool in_place, blocked, concurrent;
	int error; /* ENOMEM */
	enum vmp_answer over, full, tight;
	unsigned int ballast;
	unsigned int most; /* huge pages of 2 MiB that there may be, + 1 */
	unsigned int free_pages, reserved;
};

static uint64_t limit_of(uint64_t value)
{
	return value ? value : VMP_UNLIMITED;
}

static struct vmp_failed_call make_call(const struct facts *t)
{
	return (struct vmp_failed_call){
		.call = t->call,
		.name = "call",
		.address = 0x10000,
		.length = t->length ? t->length : PAGE,
		.more_bytes = t->more,
		.error = t->error		    ? t->error
			 : t->call == VMP_CALL_FREE ? 0
						    : ENOMEM,
		.writable = t->writable,
		.accountable = t->accountable,
		.in_place = t->in_place,
		.blocked = t->blocked,
		.concurrent = t->concurrent,
		.oracles = { t->over, t->full, t->tight },
		.huge_pages = t->most,
		.pool = {
			.page_bytes = 2 * MIB,
			.told = true,
			.pages = t->most ? t->most - 1 : 0,
			.free = t->free_pages,
			.reserved = t->reserved,
		},
		.limits = {
			.max_map_count = LIMIT,
			.overcommit_memory = t->mode,
			.page_bytes = PAGE,
			.total_bytes = 16 * GIB,
			.swap_bytes = 4 * GIB,
			.available_bytes = 8 * GIB,
			.commit_limit_bytes = 12 * GIB,
			.committed_bytes = t->committed,
			.cgroup_available_bytes = limit_of(t->cgroup_left),
			.cgroup_oom_kills = VMP_UNLIMITED,
		},
		.process = {
			.size_bytes = 128 * MIB,
			.data_bytes = 128 * MIB,
			.locked_bytes = 60 * KIB,
			.as_limit = limit_of(t->as),
			.data_limit = limit_of(t->data),
			.memlock_limit = limit_of(t->memlock),
			.nproc_limit = limit_of(t->nproc),
			.may_lock = t->may_lock,
			.may_fork = t->may_fork,
		},
		.survey = {
			.mappings = t->counted ? (uint64_t)(LIMIT - t->headroom)
					       : 500,
			.ballast = t->ballast,
			.gap_end = t->gap ? t->gap : 64 * 1024 * GIB,
			.covered = !t->hole,
			.next_is_adjacent = t->adjacent,
			.touched = t->touched,
			.splits = t->splits,
			.first = { .start = 0x8000, .end = 0x40000 },
		},
	};
}

#define COUNT(headroom_) .counted = true, .headroom = (headroom_)
#define INSIDE .touched = 1, .splits = 2

#define MAP .call = VMP_CALL_MAP, .more = PAGE
#define HUGE(pages) .call = VMP_CALL_MAP, .more = (pages)*2 * MIB
#define UNMAP .call = VMP_CALL_UNMAP
#define CHANGE .call = VMP_CALL_CHANGE
#define LOCK .call = VMP_CALL_LOCK
#define MOVE .call = VMP_CALL_MOVE
#define RESIZE .call = VMP_CALL_RESIZE
#define BREAK .call = VMP_CALL_BREAK
#define THREAD                                                      \
	.call = VMP_CALL_THREAD, .more = 8 * MIB, .writable = true, \
	.error = EAGAIN
#define FORK .call = VMP_CALL_PROCESS
#define MALLOC .call = VMP_CALL_ALLOCATE, .writable = true, .accountable = true
#define FREE .call = VMP_CALL_FREE

#define ROW(cause_, certainty_, words_, ...)                     \
	{                                                        \
		{ __VA_ARGS__ }, (cause_), (certainty_), words_, \
	}
#define CERTAIN(cause, words, ...) \
	ROW(VMP_CAUSE_##cause, VMP_CERTAIN, words, __VA_ARGS__)
#define LIKELY(cause, words, ...) \
	ROW(VMP_CAUSE_##cause, VMP_LIKELY, words, __VA_ARGS__)
#define UNKNOWN(words, ...) \
	ROW(VMP_CAUSE_UNKNOWN, VMP_UNCERTAIN, words, __VA_ARGS__)

static const struct {
	struct facts facts;
	enum vmp_cause cause;
	enum vmp_certainty certainty;
	const char *words; /* that the explanation has */
} rows[] = {
	/* mmap: one over the limit and no other reason is looked for */
	CERTAIN(MAP_COUNT, "holds 1,001 of 1,000 mappings (vm.max_map_count)",
		MAP, COUNT(-1)),
	CERTAIN(MAP_COUNT, "", MAP, COUNT(-1), .as = 1),
	UNKNOWN("None of the known causes fits", MAP, COUNT(0)),
	CERTAIN(MAP_COUNT, "", MAP, .over = VMP_YES),
	/* beside other threads, another reason may have been the first */
	CERTAIN(MAP_COUNT, "", MAP, COUNT(-1), .concurrent = true),
	LIKELY(MAP_COUNT, "", MAP, COUNT(-1), .as = 1, .concurrent = true),
	CERTAIN(RLIMIT_AS, "", MAP, .as = 1, .concurrent = true),
	LIKELY(RLIMIT_AS, "", MAP, COUNT(3), .as = 1, .concurrent = true),
	CERTAIN(MAP_COUNT, "", UNMAP, COUNT(0), INSIDE, .concurrent = true),
	/* EAGAIN is about locked memory alone */
	LIKELY(RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK", MAP, COUNT(-1), .memlock = 1,
	       .error = EAGAIN),
	UNKNOWN("", MAP, COUNT(-1), .gap = 64, .error = EAGAIN),
	UNKNOWN("", MAP, COUNT(-1), .over = VMP_NO),
	LIKELY(ADDRESS_SPACE,
	       "the largest has 64 bytes, the call asks for 4 KiB", MAP,
	       .gap = 64, .as = 1),
	CERTAIN(RLIMIT_AS, "RLIMIT_AS (ulimit -v): 128 MiB are in use", MAP,
		.as = 128 * MIB),
	CERTAIN(RLIMIT_AS, "", MAP, .as = 128 * MIB + PAGE - 1),
	UNKNOWN("", MAP, .as = 128 * MIB + PAGE),
	CERTAIN(RLIMIT_DATA, "RLIMIT_DATA (ulimit -d)", MAP, .data = 128 * MIB,
		.writable = true),
	UNKNOWN("", MAP, .data = 128 * MIB),
	/* huge pages are reserved last; pages that come and go are a guess */
	CERTAIN(HUGE_PAGES,
		"The call reserves 3 huge pages of 2 MiB, and the system keeps "
		"none of that size (nr_hugepages is 0).",
		HUGE(3), .most = 1),
	CERTAIN(HUGE_PAGES, "reserves 1 huge page of 2 MiB, and", HUGE(1),
		.most = 1),
	CERTAIN(HUGE_PAGES, "The pool has 2 (nr_hugepages), 2 free, of which 0",
		HUGE(3), .most = 3, .free_pages = 2),
	LIKELY(HUGE_PAGES, "3 free, of which 1", HUGE(3), .most = 4,
	       .free_pages = 3, .reserved = 1),
	LIKELY(HUGE_PAGES, "That would do", HUGE(3), .most = 4,
	       .free_pages = 3),
	/* no gap that is aligned: then that was the reason */
	LIKELY(HUGE_PAGES, "", HUGE(3), .most = 1, .gap = 7 * MIB),
	CERTAIN(HUGE_PAGES, "", HUGE(3), .most = 1, .gap = 8 * MIB),
	LIKELY(HUGE_PAGES, "", HUGE(3), .most = 1, COUNT(3),
	       .concurrent = true),
	CERTAIN(MAP_COUNT, "", HUGE(3), .most = 1, COUNT(-1)),
	LIKELY(RLIMIT_AS, "", HUGE(3), .most = 1, .as = 1),
	/* what wraps around comes before the count */
	CERTAIN(ADDRESS_SPACE, "more than any address space has",
		.call = VMP_CALL_MAP, .more = UINT64_MAX, COUNT(-1)),
	LIKELY(ADDRESS_SPACE, "", .call = VMP_CALL_MAP,
	       .more = UINT64_MAX - PAGE + 1, COUNT(-1)),
	/* ballast is named as what it is */
	CERTAIN(MAP_COUNT,
		"holds 1,001 of 1,000 mappings (vm.max_map_count), 700 of them "
		"ballast that vmaprobe made: over",
		MAP, COUNT(-1), .ballast = 700),
	LIKELY(RLIMIT_AS, "RLIMIT_AS", MAP, .as = 128 * MIB, .data = 128 * MIB,
	       .writable = true),
	LIKELY(CGROUP, "The memory cgroup has 4 KiB left", MAP,
	       .cgroup_left = PAGE),
	UNKNOWN("", MAP, .cgroup_left = MIB + 1),
	/* overcommit: mode 0 refuses one call that is absurd, 2 does sums */
	CERTAIN(OVERCOMMIT, "vm.overcommit_memory is 0", .call = VMP_CALL_MAP,
		.more = 20 * GIB + PAGE, .accountable = true),
	UNKNOWN("", .call = VMP_CALL_MAP, .more = 20 * GIB,
		.accountable = true),
	UNKNOWN("", .call = VMP_CALL_MAP, .more = 20 * GIB + PAGE),
	UNKNOWN("", .call = VMP_CALL_MAP, .more = 20 * GIB + PAGE,
		.accountable = true, .mode = 1),
	LIKELY(OVERCOMMIT,
	       "vm.overcommit_memory is 2: 12 GiB are committed of 12 GiB", MAP,
	       .accountable = true, .mode = 2, .committed = 12 * GIB),
	UNKNOWN("", MAP, .mode = 2, .committed = 12 * GIB),
	UNKNOWN("", MAP, .accountable = true, .mode = 2, .committed = 11 * GIB),

	/* munmap: only out of the middle of one mapping */
	CERTAIN(MAP_COUNT,
		"lies inside one merged mapping (0x8000-0x40000, 224 KiB)",
		UNMAP, COUNT(0), INSIDE),
	CERTAIN(MAP_COUNT, "", UNMAP, COUNT(-1), INSIDE),
	CERTAIN(MAP_COUNT, "", UNMAP, INSIDE, .full = VMP_YES),
	UNKNOWN("", UNMAP, COUNT(1), INSIDE),
	UNKNOWN("", UNMAP, COUNT(0), INSIDE, .full = VMP_NO),
	UNKNOWN("", UNMAP, COUNT(0), .touched = 1, .splits = 1),
	UNKNOWN("", UNMAP, COUNT(0), .touched = 1),
	UNKNOWN("", UNMAP, COUNT(0), .touched = 2, .splits = 2),
	UNKNOWN("", UNMAP, COUNT(0), .hole = true),
	LIKELY(CGROUP, "", UNMAP, .cgroup_left = 1),

	/* mprotect, madvise: each end inside a mapping is a cut */
	CERTAIN(MAP_COUNT, "each cut needs one mapping more", CHANGE, COUNT(0),
		.touched = 1, .splits = 1),
	CERTAIN(MAP_COUNT, "", CHANGE, COUNT(0), INSIDE),
	CERTAIN(MAP_COUNT, "", CHANGE, COUNT(0), .touched = 2, .splits = 2),
	/* what madvise() says since 5.17 */
	CERTAIN(MAP_COUNT, "", CHANGE, COUNT(0), INSIDE, .error = EAGAIN),
	UNKNOWN("", CHANGE, COUNT(1), INSIDE),
	UNKNOWN("", CHANGE, COUNT(0), .touched = 1),
	CERTAIN(UNMAPPED_RANGE, "A part of the range is not mapped", CHANGE,
		.touched = 1, .hole = true),
	LIKELY(UNMAPPED_RANGE, "", CHANGE, COUNT(0), .touched = 1, .splits = 1,
	       .hole = true),
	CERTAIN(RLIMIT_DATA, "", CHANGE, .more = PAGE, .writable = true,
		.data = 128 * MIB),
	LIKELY(RLIMIT_DATA, "", CHANGE, COUNT(0), INSIDE, .more = PAGE,
	       .writable = true, .data = 128 * MIB),
	CERTAIN(OVERCOMMIT, "", CHANGE, .more = 21 * GIB, .accountable = true),
	LIKELY(OVERCOMMIT, "", CHANGE, .more = PAGE, .accountable = true,
	       .mode = 2, .committed = 12 * GIB),
	LIKELY(CGROUP, "", CHANGE, .cgroup_left = 1),

	/* mlock: 60 KiB are locked already */
	LIKELY(RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK (ulimit -l): 60 KiB are locked",
	       LOCK, .memlock = 64 * KIB - 1),
	UNKNOWN("", LOCK, .memlock = 64 * KIB),
	LIKELY(RLIMIT_MEMLOCK, "", LOCK, .memlock = 1),
	LIKELY(RLIMIT_MEMLOCK, "", LOCK, .memlock = 1, .error = EPERM),
	UNKNOWN("", LOCK, .memlock = 1, .may_lock = true),
	UNKNOWN("", LOCK, .memlock = 1, .error = EAGAIN),
	LIKELY(RLIMIT_MEMLOCK, "", RESIZE, COUNT(2), .memlock = 1, .more = 4096,
	       .error = EAGAIN),
	LIKELY(UNMAPPED_RANGE, "", LOCK, .memlock = 1, .hole = true),
	CERTAIN(UNMAPPED_RANGE, "", LOCK, .hole = true),
	CERTAIN(MAP_COUNT, "", LOCK, COUNT(0), INSIDE),
	UNKNOWN("", LOCK, COUNT(0), .touched = 1),
	UNKNOWN("", LOCK, COUNT(1), INSIDE),
	LIKELY(CGROUP, "", LOCK, .cgroup_left = 1),

	/* mremap to another place: 4 in all kernels, 6 in some */
	CERTAIN(MAP_COUNT, "3 left", MOVE, COUNT(3)),
	CERTAIN(MAP_COUNT, "-1 left", MOVE, COUNT(-1)),
	LIKELY(MAP_COUNT, "4 left", MOVE, COUNT(4), .tight = VMP_YES),
	LIKELY(MAP_COUNT, "", MOVE, COUNT(5), .tight = VMP_YES),
	UNKNOWN("", MOVE, COUNT(4), .tight = VMP_NO),
	UNKNOWN("", MOVE, COUNT(5)),
	UNKNOWN("", MOVE, COUNT(6), .tight = VMP_YES),
	CERTAIN(RLIMIT_AS, "", MOVE, .as = 1),
	LIKELY(CGROUP, "", MOVE, .cgroup_left = 1),

	/* mremap to another size */
	CERTAIN(MAP_COUNT, "", RESIZE, COUNT(0), .more = PAGE),
	CERTAIN(RLIMIT_AS, "", RESIZE, .more = PAGE, .as = 1),
	LIKELY(RLIMIT_AS, "", RESIZE, COUNT(0), .more = PAGE, .as = 1),
	CERTAIN(RLIMIT_DATA, "", RESIZE, .more = PAGE, .data = 1,
		.writable = true),
	CERTAIN(OVERCOMMIT, "", RESIZE, .more = 21 * GIB, .accountable = true),
	LIKELY(ADDRESS_SPACE, "", RESIZE, .more = PAGE, .gap = 64),
	UNKNOWN("", RESIZE, COUNT(6), .more = PAGE),
	/* one that may not move: what lies behind it, or its own mapping */
	CERTAIN(NO_ROOM, "Another mapping lies where this one would grow",
		RESIZE, .more = PAGE, .in_place = true, .blocked = true,
		.length = 0x30000),
	CERTAIN(NO_ROOM, "The range ends inside its mapping", RESIZE,
		.more = PAGE, .in_place = true),
	CERTAIN(NO_ROOM, "", RESIZE, COUNT(0), .more = PAGE, .in_place = true),
	UNKNOWN("", RESIZE, .more = PAGE, .in_place = true, .length = 0x30000),
	UNKNOWN("", RESIZE, .in_place = true, .blocked = true),
	LIKELY(CGROUP, "", RESIZE, .cgroup_left = 1),

	/* brk */
	CERTAIN(MAP_COUNT, "", BREAK, COUNT(-1), .more = PAGE),
	UNKNOWN("", BREAK, COUNT(0), .more = PAGE),
	CERTAIN(RLIMIT_DATA, "", BREAK, .more = PAGE, .data = 1,
		.writable = true),
	LIKELY(NO_ROOM, "Another mapping begins before the new end of the heap",
	       BREAK, .more = PAGE, .adjacent = true),
	CERTAIN(NO_ROOM, "", BREAK, .more = PAGE, .touched = 1),
	CERTAIN(NO_ROOM, "", BREAK, .more = 21 * GIB, .touched = 1),
	LIKELY(NO_ROOM, "", BREAK, COUNT(-1), .more = PAGE, .adjacent = true),
	CERTAIN(RLIMIT_AS, "", BREAK, .more = PAGE, .as = 1),
	LIKELY(RLIMIT_AS, "", BREAK, COUNT(-1), .more = PAGE, .as = 1),
	CERTAIN(OVERCOMMIT, "", BREAK, .more = 21 * GIB, .accountable = true),
	LIKELY(CGROUP, "", BREAK, .cgroup_left = 1),

	/* pthread_create: a stack and its guard */
	LIKELY(MAP_COUNT, "pthread_create() reports this as EAGAIN", THREAD,
	       COUNT(1)),
	LIKELY(MAP_COUNT, "", THREAD, COUNT(-1)),
	UNKNOWN("", THREAD, COUNT(2)),
	CERTAIN(RLIMIT_AS, "", THREAD, .as = 129 * MIB),
	CERTAIN(RLIMIT_DATA, "", THREAD, .data = 129 * MIB),
	LIKELY(RLIMIT_NPROC,
	       "RLIMIT_NPROC (ulimit -u) is 100 for all of this user", THREAD,
	       .nproc = 100),
	UNKNOWN("", THREAD, .nproc = 100, .may_fork = true),
	LIKELY(CGROUP, "", THREAD, .cgroup_left = 1),

	/* fork copies mappings, at any count */
	UNKNOWN("", FORK, COUNT(-1)),
	LIKELY(RLIMIT_NPROC, "", FORK, .nproc = 100, .error = EAGAIN),
	UNKNOWN("", FORK, .nproc = 100, .error = EAGAIN, .may_fork = true),
	LIKELY(CGROUP, "", FORK, .cgroup_left = 1),

	/* malloc: which of its calls failed is not seen */
	LIKELY(MAP_COUNT, "the allocator could not get a new one", MALLOC,
	       COUNT(0), .more = MIB),
	UNKNOWN("", MALLOC, COUNT(1), .more = MIB),
	CERTAIN(RLIMIT_AS, "", MALLOC, .more = MIB, .as = 1),
	CERTAIN(RLIMIT_DATA, "", MALLOC, .more = MIB, .data = 1),
	CERTAIN(OVERCOMMIT, "", MALLOC, .more = 21 * GIB),
	LIKELY(CGROUP, "", MALLOC, .more = MIB, .cgroup_left = 1),

	/* free: the block is still mapped, and its munmap was not seen */
	CERTAIN(MAP_COUNT, "free() called munmap(), which failed", FREE,
		COUNT(0), INSIDE),
	LIKELY(MAP_COUNT, "", FREE, COUNT(0), .touched = 1, .splits = 1),
	UNKNOWN("", FREE, COUNT(1), INSIDE),
	UNKNOWN("", FREE, COUNT(0)),

	/* errnos that no shortage answers with, wherever the count stands */
	UNKNOWN("call() does not answer this for want of mappings or memory",
		UNMAP, COUNT(0), INSIDE, .error = EINVAL),
	UNKNOWN("(Invalid argument).", CHANGE, COUNT(0), INSIDE,
		.error = EINVAL),
	UNKNOWN("", CHANGE, COUNT(0), INSIDE, .hole = true, .error = EACCES),
	UNKNOWN("", MAP, COUNT(-1), .as = 1, .error = EINVAL),
	UNKNOWN("", MOVE, COUNT(-1), .error = EFAULT),
	UNKNOWN("", RESIZE, COUNT(-1), .more = PAGE, .error = EFAULT),
	UNKNOWN("", .call = VMP_CALL_THREAD, COUNT(-1), .nproc = 100,
		.error = EINVAL),
	UNKNOWN("", FORK, .nproc = 100, .error = EINTR),

	/* KNOWN BUGS */
	LIKELY(OVERCOMMIT, "", CHANGE, COUNT(0), INSIDE, .more = 21 * GIB,
	       .accountable = true),
	LIKELY(OVERCOMMIT, "", CHANGE, COUNT(0), INSIDE, .more = PAGE,
	       .accountable = true, .mode = 2, .committed = 12 * GIB),
	CERTAIN(MAP_COUNT, "", MAP, COUNT(0), INSIDE),
	UNKNOWN("", FORK, .nproc = 100),
	CERTAIN(MAP_COUNT, "", CHANGE, COUNT(0), .touched = 1, .splits = 1,
		.hole = true, .error = EAGAIN),
	UNKNOWN("", FREE, COUNT(0), .touched = 2, .splits = 2),
	LIKELY(MAP_COUNT, "", RESIZE, COUNT(2), INSIDE),
	UNKNOWN("", MAP, .accountable = true, .mode = 2,
		.committed = 12 * GIB - 100 * MIB),

	/* a page fault has no row, and neither has a call of a later version */
	UNKNOWN("", .call = VMP_CALL_TOUCH, COUNT(-1), INSIDE),
};

START_TEST(diagnoses)
{
	struct vmp_failed_call call = make_call(&rows[_i].facts);
	struct vmp_diagnosis d;

	memset(&d, 0x5a, sizeof(d));
	vmp_diagnose(&call, &d);
	ck_assert_msg(d.cause == rows[_i].cause, "%s, not %s: %s",
		      vmp_cause_name(d.cause), vmp_cause_name(rows[_i].cause),
		      d.explanation);
	ck_assert_msg(d.certainty == rows[_i].certainty, "%s, not %s: %s",
		      vmp_certainty_name(d.certainty),
		      vmp_certainty_name(rows[_i].certainty), d.explanation);
	assert_holds(d.explanation, rows[_i].words);
}
END_TEST

/* Every cause and every certainty stands in the table. */
START_TEST(covers_causes)
{
	bool cause[VMP_CAUSES] = { 0 }, certainty[VMP_CERTAINTIES] = { 0 };

	for (size_t i = 0; i < VMP_COUNT(rows); i++) {
		cause[rows[i].cause] = true;
		certainty[rows[i].certainty] = true;
	}
	for (int i = 0; i < VMP_CAUSES; i++)
		ck_assert_msg(cause[i], "%s",
			      vmp_cause_name((enum vmp_cause)i));
	for (int i = 0; i < VMP_EXCLUDED; i++)
		ck_assert_msg(certainty[i], "%s",
			      vmp_certainty_name((enum vmp_certainty)i));
}
END_TEST

/*
 * What the kernel was seen to answer at each headroom from -1 up, for a range
 * inside a mapping (inside), at its edge, or all of it. x: ENOMEM for the map
 * count; .: no such failure. After one, the count is what the row says: a cut
 * that was made stays made.
 */
static const struct {
	struct facts facts;
	const char *answers; /* headroom -1, 0, 1, ... 6 */
} kernel[] = {
	{ { UNMAP, INSIDE }, "xx......" },
	{ { UNMAP, .touched = 1, .splits = 1 }, "........" },
	{ { UNMAP, .touched = 1 }, "........" },
	{ { UNMAP, .touched = 2, .splits = 2 }, "........" },
	{ { CHANGE, INSIDE }, "xx......" },
	{ { CHANGE, .touched = 1, .splits = 1 }, "xx......" },
	{ { CHANGE, .touched = 1 }, "........" },
	{ { LOCK, INSIDE }, "xx......" },
	{ { LOCK, .touched = 1 }, "........" },
	{ { MAP }, "x......." },
	{ { BREAK, .more = PAGE }, "x......." },
	{ { MOVE }, "xxxxx..." },
	{ { MOVE, .tight = VMP_YES }, "xxxxxxx." },
	{ { RESIZE, .more = PAGE }, "xxxxx..." },
	{ { THREAD }, "xxx....." },
	{ { FORK }, "........" },
	{ { MALLOC, .more = MIB }, "xx......" },
	{ { FREE, INSIDE }, "xx......" },
	{ { .call = VMP_CALL_TOUCH, .touched = 1 }, "........" },
};

START_TEST(agrees_with_kernel)
{
	for (int headroom = -1; headroom <= 6; headroom++) {
		struct facts facts = kernel[_i].facts;
		bool fails = kernel[_i].answers[headroom + 1] == 'x';
		struct vmp_failed_call call;
		struct vmp_diagnosis d;

		facts.counted = true;
		facts.headroom = headroom;
		call = make_call(&facts);
		vmp_diagnose(&call, &d);
		ck_assert_msg((d.cause == VMP_CAUSE_MAP_COUNT) == fails,
			      "headroom %d: %s", headroom,
			      vmp_cause_name(d.cause));
	}
}
END_TEST

/* With headroom to spare it is never the map count, whatever else is so. */
START_TEST(never_blames_count_with_headroom)
{
	struct facts facts = {
		.call = (enum vmp_call)_i,
		COUNT(100),
		.as = 1,
		.data = 1,
		.memlock = 1,
		.nproc = 1,
		.cgroup_left = 1,
		.more = 21 * GIB,
		.gap = 64,
	};
	struct vmp_failed_call call;
	struct vmp_diagnosis d;

	for (unsigned int bits = 0; bits < 1U << 7; bits++) {
		facts.splits = bits & 3;
		facts.touched = bits >> 2 & 1 ? 2 : 1;
		facts.hole = bits >> 3 & 1;
		facts.adjacent = bits >> 4 & 1;
		facts.writable = facts.accountable = bits >> 5 & 1;
		facts.tight = bits >> 6 & 1 ? VMP_YES : VMP_NOT_ASKED;
		call = make_call(&facts);
		vmp_diagnose(&call, &d);
		ck_assert_int_ne(d.cause, VMP_CAUSE_MAP_COUNT);
		ck_assert_ptr_null(strstr(d.explanation, "needs one"));
	}
}
END_TEST

/* Numbers as long as they get: cut, if at all, at the end. */
START_TEST(explains_within_buffer)
{
	struct facts facts = { .call = (enum vmp_call)_i, COUNT(-1), INSIDE };
	struct vmp_failed_call call = make_call(&facts);
	struct vmp_diagnosis d;

	call.survey.mappings = (uint64_t)INT64_MAX;
	call.survey.first.end = UINT64_MAX;
	call.limits.max_map_count = INT64_MAX - 1;
	memset(&d, 0x5a, sizeof(d));
	vmp_diagnose(&call, &d);
	ck_assert_ptr_nonnull(
		memchr(d.explanation, '\0', sizeof(d.explanation)));
	ck_assert_uint_gt(strlen(d.explanation), 40);
	ck_assert_int_eq(d.explanation[strlen(d.explanation) - 1], '.');
}
END_TEST

START_TEST(names)
{
	static const char *const causes[] = {
		"map-count",	"rlimit-as",  "rlimit-data",   "rlimit-memlock",
		"rlimit-nproc", "overcommit", "address-space", "unmapped-range",
		"no-room",	"huge-pages", "cgroup",	       "unknown",
	};

	for (size_t i = 0; i < VMP_COUNT(causes); i++)
		ck_assert_str_eq(vmp_cause_name((enum vmp_cause)i), causes[i]);
	ck_assert_ptr_null(vmp_cause_name(VMP_CAUSES));
	ck_assert_str_eq(vmp_certainty_name(VMP_CERTAIN), "certain");
	ck_assert_str_eq(vmp_certainty_name(VMP_LIKELY), "likely");
	ck_assert_str_eq(vmp_certainty_name(VMP_UNCERTAIN), "unknown");
	ck_assert_ptr_null(vmp_certainty_name(VMP_CERTAINTIES));
}
END_TEST

Suite *suite_cause(void)
{
	Suite *suite = suite_create("cause");
	TCase *table = tcase_create("table");
	TCase *rules = tcase_create("rules");

	tcase_add_loop_test(table, diagnoses, 0, VMP_COUNT(rows));
	tcase_add_test(table, covers_causes);
	suite_add_tcase(suite, table);
	tcase_add_loop_test(rules, agrees_with_kernel, 0, VMP_COUNT(kernel));
	tcase_add_loop_test(rules, never_blames_count_with_headroom, 0,
			    VMP_CALLS);
	tcase_add_loop_test(rules, explains_within_buffer, 0, VMP_CALLS);
	tcase_add_test(rules, names);
	suite_add_tcase(suite, rules);
	return suite;
}
