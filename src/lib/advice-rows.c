// SPDX-License-Identifier: LGPL-2.1-or-later
/* The pieces of advice, most useful first: when, what to do, its cost, why. */
#include <string.h>

#include "lib/advice.h"

enum {
	ALMOST_FULL = 80, /* percent of the limit */
	STEP = 65536,	  /* limits are advised in multiples of it */
	/*
	 * Kernel memory for a mapping: a VMA of 192 to 256 bytes and its part
	 * of the tree; touched anonymous memory adds its anon_vma.
	 */
	BYTES_UNTOUCHED = 230,
	BYTES_TOUCHED = 400,
};

static uint64_t of_owner(const struct vmp_facts *f,
			 const struct vmp_advice *row)
{
	return f->owner[row->owner];
}

static uint64_t of_reason(const struct vmp_facts *f,
			  const struct vmp_advice *row)
{
	return f->reason[row->reason];
}

/* Pairs whose detail has one of the row's words, such as "dc (". */
static uint64_t of_detail(const struct vmp_facts *f,
			  const struct vmp_advice *row)
{
	const struct vmp_reason_row *rows;
	size_t count = vmp_census_reasons(f->c, &rows);
	uint64_t pairs = 0;

	for (size_t i = 0; i < count; i++)
		if (rows[i].reason == row->reason &&
		    (strstr(rows[i].detail, row->key) ||
		     (row->second && strstr(rows[i].detail, row->second))))
			pairs += rows[i].pairs;
	return pairs;
}

static uint64_t of_anonymous(const struct vmp_facts *f,
			     const struct vmp_advice *row)
{
	(void)row;
	return f->anonymous;
}

/* Guards; or of a pattern the half without rights, which is more of them. */
static uint64_t of_guards(const struct vmp_facts *f,
			  const struct vmp_advice *row)
{
	return f->owner[row->owner] > f->rights_none ? f->owner[row->owner]
						     : f->rights_none;
}

static bool has_jemalloc(const struct vmp_facts *f)
{
	return f->jemalloc;
}

/* Of a saved input it is not known which kernel it will run on next. */
static void add_guard_install(const struct vmp_facts *f, FILE *text)
{
	if (f->c->subject.kind != VMP_KIND_PROCESS)
		return;
	fputs(f->guard_install ? " This kernel has it."
			       : " This kernel does not have it.",
	      text);
}

/* What else helps depends on who makes the guards. */
static void add_threads(const struct vmp_facts *f, FILE *text)
{
	if (!f->c->subject.has_stacks)
		fputs(" (If these are stacks: their sizes say so, and nothing "
		      "else.)",
		      text);
	if (f->jvm)
		fputs(" For a JVM: fewer platform threads, or virtual threads "
		      "(JDK 21), whose stacks are in the heap.",
		      text);
	else if (f->glibc)
		fputs(" With glibc 2.42 on Linux 6.13 a guard costs no mapping. "
		      "Without guards (pthread_attr_setguardsize) none is "
		      "needed either, but an overflow is then not caught.",
		      text);
}

/* Many pieces of few files are another matter than many files. */
static bool are_many_files(const struct vmp_facts *f)
{
	return f->files * 4 >= f->owner[VMP_OWNER_FILE];
}

static bool are_few_files(const struct vmp_facts *f)
{
	return !are_many_files(f);
}

static uint64_t of_shared(const struct vmp_facts *f,
			  const struct vmp_advice *row)
{
	(void)row;
	return f->owner[VMP_OWNER_SHARED_ANON] + f->owner[VMP_OWNER_MEMFD] +
	       f->owner[VMP_OWNER_SYSV_SHM];
}

static void add_threshold(const struct vmp_facts *f, FILE *text)
{
	if (f->glibc)
		fputs(" Where malloc() made them, raise "
		      "GLIBC_TUNABLES=glibc.malloc.mmap_threshold: blocks "
		      "below it share the heap, which shrinks later.",
		      text);
}

static bool is_almost_full(const struct vmp_facts *f)
{
	const struct vmp_subject *s = &f->c->subject;

	return s->limit > 0 &&
	       s->mappings * 100 / ALMOST_FULL >= (uint64_t)s->limit;
}

/* Twice what is held, in steps: room to double, and no folklore. */
static uint64_t larger_limit(const struct vmp_subject *s)
{
	uint64_t wanted = 2 * s->mappings;

	if (wanted <= (uint64_t)s->limit)
		wanted = (uint64_t)s->limit + 1;
	return (wanted + STEP - 1) / STEP * STEP;
}

static void add_limit(const struct vmp_facts *f, FILE *text)
{
	const struct vmp_subject *s = &f->c->subject;
	uint64_t value = larger_limit(s);
	char low[32], high[32];

	fprintf(text,
		"Raise the limit: sysctl vm.max_map_count=%llu, and the same in "
		"/etc/sysctl.d/ to keep it%s. Only mappings that are made cost "
		"kernel memory: %s to %s for all of so many.",
		(unsigned long long)value,
		s->in_container ? ", on the host: containers share its limit"
				: "",
		vmp_human_bytes(value * BYTES_UNTOUCHED, low),
		vmp_human_bytes(value * BYTES_TOUCHED, high));
}

static void say_limit(const struct vmp_facts *f, FILE *why)
{
	const struct vmp_subject *s = &f->c->subject;
	const struct vmp_owner_row *rows;
	char held[32], limit[32], value[32];

	fprintf(why, "%s of %s mappings are held; %s leaves room to double",
		vmp_group_digits((int64_t)s->mappings, held),
		vmp_group_digits(s->limit, limit),
		vmp_group_digits((int64_t)larger_limit(s), value));
	if (vmp_census_owners(f->c, &rows) && rows->mappings * 2 > s->mappings)
		fputs(". If their number grows without end this only puts the "
		      "failure off: more than half have one owner",
		      why);
}

const struct vmp_advice vmp_advice_rows[] = {
	{ .id = "unmap-deleted",
	  .count = of_owner,
	  .owner = VMP_OWNER_DELETED_FILE,
	  .text = "Unmap (close) files that were deleted: find what keeps old "
		  "versions open, such as a reader, a snapshot or an iterator "
		  "that was not closed. It costs nothing, and gives disk space "
		  "back.",
	  .why = "of files that are already deleted" },
	{ .id = "one-open",
	  .count = of_detail,
	  .reason = VMP_REASON_IDENTICAL,
	  .key = "opened twice",
	  .pairs = true,
	  .text = "Map all parts of a file through one descriptor (or a dup(2) "
		  "of it): mappings of two open(2)s never merge, though nothing "
		  "in /proc shows it.",
	  .why = "though they continue one another in one file" },
	{ .id = "fewer-files",
	  .count = of_owner,
	  .applies = are_many_files,
	  .owner = VMP_OWNER_FILE,
	  .text = "Map fewer files: merge small ones (segments, shards), keep "
		  "fewer open, or read them with pread(2) in place of mmap(2). "
		  "Reading costs a copy and a system call for each access.",
	  .why = "of files" },
	{ .id = "larger-windows",
	  .count = of_owner,
	  .applies = are_few_files,
	  .owner = VMP_OWNER_FILE,
	  .text = "Map files whole, or in larger windows, and change "
		  "protection of larger pieces: a few files are mapped in many. "
		  "It costs address space, not memory.",
	  .why = "pieces of a few files" },
	{ .id = "dofork",
	  .count = of_detail,
	  .reason = VMP_REASON_FLAGS,
	  .key = "dc (",
	  .pairs = true,
	  .text = "Undo MADV_DONTFORK with MADV_DOFORK when a buffer is no "
		  "longer registered, or mark one large region instead of many "
		  "pages: pieces that are marked alike merge again. RDMA "
		  "libraries set it (ibv_fork_init). A child of fork() then "
		  "shares these pages, copied when written.",
	  .why = "because MADV_DONTFORK was set on one of them" },
	{ .id = "dodump",
	  .count = of_detail,
	  .reason = VMP_REASON_FLAGS,
	  .key = "dd (",
	  .pairs = true,
	  .text = "Undo MADV_DONTDUMP with MADV_DODUMP, or mark one large "
		  "region instead of many pages: pieces that are marked alike "
		  "merge again. Core dumps grow by what is no longer left out.",
	  .why = "because MADV_DONTDUMP was set on one of them" },
	{ .id = "hugepage",
	  .count = of_detail,
	  .reason = VMP_REASON_FLAGS,
	  .key = "hg (",
	  .second = "nh (",
	  .pairs = true,
	  .text = "Give advice about huge pages (MADV_HUGEPAGE, "
		  "MADV_NOHUGEPAGE) for whole regions, not for pieces, or for "
		  "the process with prctl(PR_SET_THP_DISABLE): pieces with the "
		  "same advice merge.",
	  .why = "because their advice on huge pages differs" },
	{ .id = "mlock",
	  .count = of_detail,
	  .reason = VMP_REASON_FLAGS,
	  .key = "lo (",
	  .pairs = true,
	  .text = "Lock memory in one piece: keep what must not be swapped "
		  "together, or use mlockall(2), which locks everything and "
		  "needs the memory for it.",
	  .why = "because one of them is locked in memory" },
	{ .id = "noreserve",
	  .count = of_detail,
	  .reason = VMP_REASON_FLAGS,
	  .key = "ac (",
	  .pairs = true,
	  .text = "Reserve address space with MAP_NORESERVE, or take pieces "
		  "out of use with mmap(MAP_FIXED, PROT_NONE) in place of "
		  "mprotect(2): a piece that was writable once stays accounted "
		  "for and does not merge with its reserve. MAP_NORESERVE means "
		  "that memory is not promised beforehand.",
	  .why = "because one of them was writable once" },
	{ .id = "one-name",
	  .count = of_reason,
	  .reason = VMP_REASON_NAME,
	  .pairs = true,
	  .text = "Give anonymous memory fewer names: with one name for a kind "
		  "of memory, or none (glibc.mem.decorate_maps=0), neighbours "
		  "merge. Tools then tell less of whose memory it is.",
	  .why = "because their names differ" },
	{ .id = "one-policy",
	  .count = of_reason,
	  .reason = VMP_REASON_POLICY,
	  .pairs = true,
	  .text = "Give a region one memory policy (one mbind(2) over all of "
		  "it), or the thread one (set_mempolicy(2)): pieces with the "
		  "same policy merge.",
	  .why = "because their memory policies differ" },
	{ .id = "touched-apart",
	  .count = of_detail,
	  .reason = VMP_REASON_IDENTICAL,
	  .key = "(two anon_vma)",
	  .second = "moved by mremap() after",
	  .pairs = true,
	  .text = "Give memory its place and its protection before it is "
		  "touched, and in large pieces: what was touched while it "
		  "differed, or moved afterwards, does not merge again. "
		  "mmap(MAP_FIXED) over it begins anew; what it held is gone.",
	  .why = "though nothing tells them apart any more" },
	{ .id = "one-object",
	  .count = of_shared,
	  .text = "Share one large object and hand out parts of it at offsets: "
		  "shared objects never merge with one another.",
	  .why = "shared objects" },
	{ .id = "guard-install",
	  .count = of_guards,
	  .owner = VMP_OWNER_GUARD,
	  .text = "Make guard pages with madvise(MADV_GUARD_INSTALL), Linux "
		  "6.13, in place of PROT_NONE: they cost no mapping. Or guard "
		  "groups of buffers, not each.",
	  .why = "without any access rights, as guards are",
	  .add = add_guard_install },
	{ .id = "fewer-threads",
	  .count = of_owner,
	  .owner = VMP_OWNER_THREAD_STACK,
	  .text = "Run fewer threads (a pool), as each stack and its guard are "
		  "two mappings.",
	  .why = "stacks of threads and their guards",
	  .add = add_threads },
	{ .id = "arenas",
	  .count = of_owner,
	  .owner = VMP_OWNER_ARENA,
	  .text = "Limit malloc's arenas: GLIBC_TUNABLES=glibc.malloc.arena_max"
		  "=4 (or MALLOC_ARENA_MAX=4) in the environment. Threads then "
		  "share arenas, and wait for one another where they allocate "
		  "much.",
	  .why = "heaps of malloc's arenas, two for each" },
	{ .id = "jemalloc-retain",
	  .count = of_anonymous,
	  .applies = has_jemalloc,
	  .text = "Let jemalloc keep address space: MALLOC_CONF=retain:true, "
		  "its default on 64-bit Linux, maps large extents and never "
		  "unmaps them; vm.overcommit_memory=2 undoes that. Address "
		  "space (not memory) grows.",
	  .why = "anonymous memory in pieces, and jemalloc is loaded" },
	{ .id = "chunks",
	  .count = of_anonymous,
	  .text = "Map memory in large chunks and hand out parts of them: parts "
		  "given back with MADV_DONTNEED cost no mapping, and a "
		  "PROT_NONE page, one a chunk, lets it be unmapped whole at "
		  "any time (vmp_pool in libvmaprobe). Address space "
		  "grows, memory does not.",
	  .why = "anonymous memory in pieces, apart or alternating",
	  .add = add_threshold },
	{ .id = "raise-limit",
	  .applies = is_almost_full,
	  .add = add_limit,
	  .reason_of = say_limit },
};

const size_t vmp_advice_count = VMP_COUNT(vmp_advice_rows);
