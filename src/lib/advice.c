// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What to do, from what was found: a row for each piece of advice, which looks
 * whether it applies and says what to do, what it costs, and why. An owner or
 * a reason has to stand for a tenth of the mappings to be worth a word.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/census.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef MADV_GUARD_REMOVE
#define MADV_GUARD_REMOVE 103
#endif

enum {
	FEWEST = 64,	  /* mappings that are worth a word */
	SHARE = 10,	  /* and one in so many of all */
	ALMOST_FULL = 80, /* percent of the limit */
	STEP = 65536,	  /* limits are advised in multiples of it */
	/*
	 * Kernel memory for a mapping: a VMA of 192 to 256 bytes and its part
	 * of the tree; touched anonymous memory adds its anon_vma.
	 */
	BYTES_UNTOUCHED = 230,
	BYTES_TOUCHED = 400,
};

/* What the rows look at. */
struct facts {
	const struct vmp_census *c;
	uint64_t owner[VMP_OWNERS];   /* mappings */
	uint64_t reason[VMP_REASONS]; /* pairs */
	uint64_t small_anon;  /* mappings of isolated or patterned memory */
	uint64_t rights_none; /* anonymous mappings without access rights */
	bool glibc, jemalloc, guard_install;
};

static bool is_much(const struct facts *f, uint64_t mappings)
{
	return mappings >= FEWEST && mappings * SHARE >= f->c->subject.mappings;
}

static const char *digits(uint64_t value)
{
	static _Thread_local char text[4][32];
	static _Thread_local unsigned int turn;

	return vmp_group_digits((int64_t)value, text[turn++ % 4]);
}

static void say_share(const struct facts *f, FILE *out, uint64_t mappings,
		      const char *what)
{
	fprintf(out, "%s of %s mappings are %s", digits(mappings),
		digits(f->c->subject.mappings), what);
}

static void say_pairs(FILE *out, uint64_t pairs, const char *why)
{
	fprintf(out, "%s pairs of neighbours stay apart %s", digits(pairs),
		why);
}

/* Pairs that one of these flags keeps apart, as details have them: "dc (". */
static uint64_t flag_pairs(const struct facts *f, const char *flag,
			   const char *other)
{
	const struct vmp_reason_row *rows;
	size_t count = vmp_census_reasons(f->c, &rows);
	uint64_t pairs = 0;

	for (size_t i = 0; i < count; i++)
		if (rows[i].reason == VMP_REASON_FLAGS &&
		    (strstr(rows[i].detail, flag) ||
		     strstr(rows[i].detail, other)))
			pairs += rows[i].pairs;
	return pairs;
}

static uint64_t detail_pairs(const struct facts *f, const char *words)
{
	const struct vmp_reason_row *rows;
	size_t count = vmp_census_reasons(f->c, &rows);
	uint64_t pairs = 0;

	for (size_t i = 0; i < count; i++)
		if (strstr(rows[i].detail, words))
			pairs += rows[i].pairs;
	return pairs;
}

static bool advise_deleted(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t count = f->owner[VMP_OWNER_DELETED_FILE];

	if (!is_much(f, count))
		return false;
	fputs("Unmap (close) files that were deleted: find what keeps old "
	      "versions open, such as a reader, a snapshot or an iterator that "
	      "was not closed. It costs nothing, and gives disk space back.",
	      text);
	say_share(f, why, count, "of files that are already deleted");
	return true;
}

static bool advise_files(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t count = f->owner[VMP_OWNER_FILE];

	if (!is_much(f, count))
		return false;
	fputs("Map fewer files: merge small ones (segments, shards), keep fewer "
	      "open, or read them with pread(2) in place of mmap(2). Reading "
	      "costs a copy and a system call for each access.",
	      text);
	say_share(f, why, count, "of files");
	return true;
}

static bool advise_dofork(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t pairs = flag_pairs(f, "dc (", "dc (");

	if (!is_much(f, pairs))
		return false;
	fputs("Undo MADV_DONTFORK with MADV_DOFORK when a buffer is no longer "
	      "registered, or mark one large region instead of many pages: "
	      "pieces that are marked alike merge again. RDMA libraries set it "
	      "(ibv_fork_init); with kernel support for copy on fork "
	      "they need not.",
	      text);
	say_pairs(why, pairs, "because MADV_DONTFORK was set on one of them");
	return true;
}

static bool advise_dodump(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t pairs = flag_pairs(f, "dd (", "dd (");

	if (!is_much(f, pairs))
		return false;
	fputs("Undo MADV_DONTDUMP with MADV_DODUMP, or mark one large region "
	      "instead of many pages: pieces that are marked alike merge again. "
	      "Core dumps grow by what is no longer left out.",
	      text);
	say_pairs(why, pairs, "because MADV_DONTDUMP was set on one of them");
	return true;
}

static bool advise_hugepage(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t pairs = flag_pairs(f, "hg (", "nh (");

	if (!is_much(f, pairs))
		return false;
	fputs("Give advice about huge pages (MADV_HUGEPAGE, MADV_NOHUGEPAGE) "
	      "for whole regions, not for pieces, or for the process with "
	      "prctl(PR_SET_THP_DISABLE): pieces with the same advice merge.",
	      text);
	say_pairs(why, pairs, "because their advice on huge pages differs");
	return true;
}

static bool advise_mlock(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t pairs = flag_pairs(f, "lo (", "lo (");

	if (!is_much(f, pairs))
		return false;
	fputs("Lock memory in one piece: keep what must not be swapped together, "
	      "or use mlockall(2), which locks everything and needs the memory "
	      "for it.",
	      text);
	say_pairs(why, pairs, "because one of them is locked in memory");
	return true;
}

static bool advise_noreserve(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t pairs = flag_pairs(f, "ac (", "ac (");

	if (!is_much(f, pairs))
		return false;
	fputs("Reserve address space with MAP_NORESERVE, or take pieces out of "
	      "use with mmap(MAP_FIXED, PROT_NONE) in place of mprotect(2): a "
	      "piece that was writable once stays accounted for and does not "
	      "merge with its reserve. MAP_NORESERVE means that memory is not "
	      "promised beforehand.",
	      text);
	say_pairs(why, pairs, "because one of them was writable once");
	return true;
}

static bool advise_one_open(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t pairs = detail_pairs(f, "opened twice");

	if (!is_much(f, pairs))
		return false;
	fputs("Map all parts of a file through one descriptor (or a dup(2) of "
	      "it): mappings of two open(2)s never merge, though nothing in "
	      "/proc shows it.",
	      text);
	say_pairs(why, pairs, "though they continue one another in one file");
	return true;
}

static bool advise_names(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t pairs = f->reason[VMP_REASON_NAME];

	if (!is_much(f, pairs))
		return false;
	fputs("Give anonymous memory fewer names: with one name for a kind of "
	      "memory, or none (glibc.mem.decorate_maps=0), neighbours merge.",
	      text);
	say_pairs(why, pairs, "because their names differ");
	return true;
}

static bool advise_guards(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t count = f->owner[VMP_OWNER_GUARD];

	if (!is_much(f, count))
		count = f->rights_none;
	if (!is_much(f, count))
		return false;
	fprintf(text,
		"Make guard pages with madvise(MADV_GUARD_INSTALL), Linux 6.13%s, "
		"in place of PROT_NONE: they cost no mapping. Or guard groups of "
		"buffers, not each.",
		f->guard_install ? ", which this kernel has"
				 : "; this kernel does not have it");
	say_share(f, why, count, "without any access rights, as guards are");
	return true;
}

static bool advise_threads(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t count = f->owner[VMP_OWNER_THREAD_STACK];

	if (!is_much(f, count))
		return false;
	fputs("Run fewer threads (a pool), as each stack and its guard are two "
	      "mappings. With glibc 2.42 on Linux 6.13 guards cost none; a "
	      "guard of size 0 (pthread_attr_setguardsize) does neither, but an "
	      "overflow is then not caught.",
	      text);
	say_share(f, why, count, "stacks of threads and their guards");
	return true;
}

static bool advise_arenas(const struct facts *f, FILE *text, FILE *why)
{
	uint64_t count = f->owner[VMP_OWNER_ARENA];

	if (!is_much(f, count))
		return false;
	fputs("Limit malloc's arenas: GLIBC_TUNABLES=glibc.malloc.arena_max=4 "
	      "(or MALLOC_ARENA_MAX=4) in the environment. Threads then share "
	      "arenas, and wait for one another where they allocate much.",
	      text);
	say_share(f, why, count, "heaps of malloc's arenas, two for each");
	return true;
}

static bool advise_jemalloc(const struct facts *f, FILE *text, FILE *why)
{
	if (!f->jemalloc || !is_much(f, f->small_anon))
		return false;
	fputs("Let jemalloc keep address space: MALLOC_CONF=retain:true, its "
	      "default on 64-bit Linux, maps large extents and never unmaps "
	      "them; vm.overcommit_memory=2 undoes that. Address space (not "
	      "memory) grows.",
	      text);
	say_share(f, why, f->small_anon,
		  "anonymous memory in pieces, and jemalloc is loaded");
	return true;
}

static bool advise_chunks(const struct facts *f, FILE *text, FILE *why)
{
	if (!is_much(f, f->small_anon))
		return false;
	fprintf(text,
		"Map memory in large chunks and hand out parts of them: parts "
		"given back with MADV_DONTNEED cost no mapping, and a PROT_NONE "
		"page at the end of a chunk lets it be unmapped whole at any time "
		"(vmp_pool in libvmaprobe).%s",
		f->glibc ? " Where malloc() made them, raise "
			   "GLIBC_TUNABLES=glibc.malloc.mmap_threshold: blocks "
			   "below it share the heap, which shrinks later."
			 : "");
	say_share(f, why, f->small_anon,
		  "anonymous memory in pieces, apart or alternating");
	return true;
}

/* Twice what is held, in steps: room to double, and no folklore. */
static uint64_t larger_limit(const struct vmp_subject *s)
{
	uint64_t wanted = 2 * s->mappings;

	if (s->limit > 0 && wanted < (uint64_t)s->limit + 1)
		wanted = (uint64_t)s->limit + 1;
	return (wanted + STEP - 1) / STEP * STEP;
}

static bool advise_limit(const struct facts *f, FILE *text, FILE *why)
{
	const struct vmp_subject *s = &f->c->subject;
	const struct vmp_owner_row *rows;
	uint64_t value = larger_limit(s);
	char low[32], high[32];

	if (s->limit <= 0 ||
	    s->mappings * 100 / ALMOST_FULL < (uint64_t)s->limit)
		return false;
	fprintf(text,
		"Raise the limit: sysctl vm.max_map_count=%llu, and the same in "
		"/etc/sysctl.d/ to keep it%s. Only mappings that are made cost "
		"kernel memory: %s to %s for so many.",
		(unsigned long long)value,
		s->in_container ? ", on the host: containers share its limit"
				: "",
		vmp_human_bytes(value * BYTES_UNTOUCHED, low),
		vmp_human_bytes(value * BYTES_TOUCHED, high));
	fprintf(why, "%s of %s mappings are held; %s leaves room to double",
		digits(s->mappings), digits((uint64_t)s->limit), digits(value));
	if (vmp_census_owners(f->c, &rows) && rows->mappings * 2 > s->mappings)
		fprintf(why,
			". If their number grows without end this only puts the "
			"failure off: more than half have one owner");
	return true;
}

static const struct {
	const char *id;
	bool (*advise)(const struct facts *f, FILE *text, FILE *why);
} rows[] = {
	{ "unmap-deleted", advise_deleted },
	{ "fewer-files", advise_files },
	{ "dofork", advise_dofork },
	{ "dodump", advise_dodump },
	{ "hugepage", advise_hugepage },
	{ "mlock", advise_mlock },
	{ "noreserve", advise_noreserve },
	{ "one-open", advise_one_open },
	{ "one-name", advise_names },
	{ "guard-install", advise_guards },
	{ "fewer-threads", advise_threads },
	{ "arenas", advise_arenas },
	{ "jemalloc-retain", advise_jemalloc },
	{ "chunks", advise_chunks },
	{ "raise-limit", advise_limit },
};

/* Does this kernel know it? Asked of a page of our own. */
static bool has_guard_install(void)
{
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool has;

	if (page == MAP_FAILED)
		return false;
	has = madvise(page, bytes, MADV_GUARD_INSTALL) == 0;
	munmap(page, bytes);
	return has;
}

static bool has_library(const struct vmp_census *c, const char *base)
{
	const char *text, *slash;

	for (uint32_t i = 1; i < c->names.count; i++) {
		text = vmp_name_text(&c->names, i);
		slash = strrchr(text, '/');
		if (slash && !strncmp(slash + 1, base, strlen(base)))
			return true;
	}
	return false;
}

static void collect(struct facts *f)
{
	const struct vmp_owner_row *owners;
	const struct vmp_reason_row *reasons;
	size_t count = vmp_census_owners(f->c, &owners);

	for (size_t i = 0; i < count; i++)
		f->owner[owners[i].owner] += owners[i].mappings;
	count = vmp_census_reasons(f->c, &reasons);
	for (size_t i = 0; i < count; i++)
		f->reason[reasons[i].reason] += reasons[i].pairs;
	for (size_t i = 0; i < f->c->count; i++) {
		const struct vmp_entry *e = &f->c->entries[i];
		enum vmp_owner owner = f->c->rows[e->row].public.owner;

		if (owner != VMP_OWNER_ANON)
			continue;
		f->rights_none += !vmp_permissions(e);
		f->small_anon += !!(e->bits & VMP_WRITE);
	}
	f->glibc = has_library(f->c, "libc.so.6");
	f->jemalloc = has_library(f->c, "libjemalloc");
	f->guard_install = has_guard_install();
}

static bool close_text(FILE *text)
{
	bool good = text && !ferror(text);

	return text && fclose(text) == 0 && good;
}

/* Asks one row; the census owns the texts of one that applies. */
static int ask_row(struct vmp_census *c, const struct facts *f, size_t row)
{
	char *text = NULL, *why = NULL;
	size_t length, why_length;
	FILE *a = open_memstream(&text, &length);
	FILE *b = open_memstream(&why, &why_length);
	bool applies = a && b && rows[row].advise(f, a, b);
	bool good = close_text(a);

	good = close_text(b) && good && text && why;
	if (good && applies) {
		c->advice[c->advice_count++] =
			(struct vmp_advice_row){ rows[row].id, text, why };
		return 0;
	}
	free(text);
	free(why);
	return good ? 0 : -ENOMEM;
}

int vmp_find_advice(struct vmp_census *c)
{
	struct facts f = { .c = c };
	int rc = 0;

	c->advice = calloc(VMP_COUNT(rows), sizeof(*c->advice));
	if (!c->advice)
		return -ENOMEM;
	collect(&f);
	for (size_t i = 0; i < VMP_COUNT(rows) && rc == 0; i++)
		rc = ask_row(c, &f, i);
	return rc;
}
