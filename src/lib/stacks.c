// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which anonymous mappings are stacks of threads.
 *
 * A stack of glibc or musl is a guard (---p) with a writable mapping above it:
 *
 *   7f0a1c000000-7f0a1c001000 ---p 00000000 00:00 0
 *   7f0a1c001000-7f0a1c801000 rw-p 00000000 00:00 0
 *
 * So is any other guarded buffer. Where the stack pointers of threads are told
 * (a living process, a core, a JVM's log), the mappings that they point into
 * show which sizes stacks have here; pairs of these sizes are stacks too, of
 * threads that were not asked, or that have ended (glibc keeps some of them).
 * Without stack pointers the sizes themselves have to be like those of stacks.
 */
#include <errno.h>
#include <string.h>

#include "lib/census.h"

enum {
	KIB = 1024,
	/* As many threads are asked first; all, if their sizes fit too many */
	SAMPLE = 64,
	MOST_SHAPES = 64,
	/* Stacks without a guard have no more each: RLIMIT_STACK, doubled */
	LARGEST_BARE = 16 * 1024 * KIB,
	/* What glibc keeps of ended threads is 40 MiB by default */
	CACHE = 40 * 1024 * KIB,
};

struct shape {
	uint64_t guard, stack; /* bytes; guard 0: it has none */
};

struct shapes {
	struct shape shape[MOST_SHAPES];
	size_t count;
};

/* The writable mapping that holds an address; NULL if none, or somebody's. */
static struct vmp_entry *stack_at(struct vmp_census *c, uint64_t address)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->entries[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == c->count || c->entries[low].start > address)
		return NULL;
	return &c->entries[low];
}

static bool is_stack_memory(const struct vmp_entry *e)
{
	return vmp_is_plain(e) && (e->bits & VMP_READ) && (e->bits & VMP_WRITE);
}

/* The guard below a stack: it has no access rights, and is the smaller. */
static struct vmp_entry *guard_of(struct vmp_census *c, struct vmp_entry *e)
{
	struct vmp_entry *below = e - 1;

	if (e == c->entries || below->end != e->start || !vmp_is_plain(below) ||
	    vmp_permissions(below) ||
	    vmp_entry_bytes(below) >= vmp_entry_bytes(e))
		return NULL;
	return below;
}

static struct shape shape_of(struct vmp_census *c, struct vmp_entry *e)
{
	const struct vmp_entry *guard = guard_of(c, e);
	struct shape s = { guard ? vmp_entry_bytes(guard) : 0,
			   vmp_entry_bytes(e) };

	return s;
}

static bool has_shape(const struct shapes *shapes, struct shape s)
{
	for (size_t i = 0; i < shapes->count; i++)
		if (shapes->shape[i].guard == s.guard &&
		    shapes->shape[i].stack == s.stack)
			return true;
	return false;
}

static void add_shape(struct shapes *shapes, struct shape s)
{
	if (s.guard && shapes->count < MOST_SHAPES && !has_shape(shapes, s))
		shapes->shape[shapes->count++] = s;
}

static int64_t stack_row(struct vmp_census *c)
{
	return vmp_row_of(c, VMP_OWNER_THREAD_STACK, 0);
}

/* The stacks of so many threads, with their guard where they have one. */
static int own_stack(struct vmp_census *c, struct vmp_entry *e, size_t threads)
{
	struct vmp_entry *guard = guard_of(c, e);
	int64_t row = stack_row(c);

	if (row < 0)
		return (int)row;
	if (guard)
		vmp_own(c, guard, (uint32_t)row);
	vmp_own(c, e, (uint32_t)row);
	c->rows[row].stacks += guard ? 1 : threads;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Go keeps stacks in its heap, which begins here (runtime/malloc.go). */
static bool is_go_heap(const struct vmp_entry *e)
{
	return e->start >> 32 == 0xc0;
}

/*
 * Without a guard stacks merge with one another, and with what else is mapped
 * beside them: memory is theirs if it is not much for so many threads.
 */
static bool is_bare_stack(const struct vmp_entry *e, size_t threads)
{
	return !is_go_heap(e) &&
	       vmp_entry_bytes(e) <= threads * (uint64_t)LARGEST_BARE;
}

/* The stacks that are pointed into, and the sizes that they have. */
static int own_pointed(struct vmp_census *c, struct shapes *shapes)
{
	size_t threads;
	int rc = 0;

	if (!c->stack_count)
		return 0;
	qsort(c->stacks, c->stack_count, sizeof(*c->stacks), by_address);
	for (size_t i = 0; i < c->stack_count && rc == 0; i += threads) {
		struct vmp_entry *e = stack_at(c, c->stacks[i]);

		threads = 1;
		if (!e || !is_stack_memory(e))
			continue;
		while (i + threads < c->stack_count &&
		       c->stacks[i + threads] < e->end)
			threads++;
		if (!guard_of(c, e) && !is_bare_stack(e, threads))
			continue;
		add_shape(shapes, shape_of(c, e));
		rc = own_stack(c, e, threads);
	}
	return rc;
}

/*
 * Sizes like those of stacks: 128 KiB and more, and round, with or without the
 * guard; or musl's default, 128 KiB and its thread-local storage above 8 KiB.
 */
static bool looks_like_stack(struct shape s)
{
	uint64_t both = s.guard + s.stack;

	if (s.guard == 8 * KIB && s.stack >= 128 * KIB && s.stack <= 160 * KIB)
		return true;
	return s.guard && s.guard <= 1024 * KIB && both >= 128 * KIB &&
	       (both % (64 * KIB) == 0 || s.stack % (64 * KIB) == 0);
}

typedef bool (*shape_test)(const struct shapes *shapes, struct shape s);

static bool is_like_any(const struct shapes *shapes, struct shape s)
{
	(void)shapes;
	return looks_like_stack(s);
}

/* How many more pairs pass the test, and how many bytes one has. */
static size_t count_like(struct vmp_census *c, const struct shapes *shapes,
			 shape_test test, uint64_t *largest)
{
	size_t count = 0;

	*largest = 0;
	for (size_t i = 1; i < c->count; i++) {
		struct vmp_entry *e = &c->entries[i];

		if (!is_stack_memory(e) || !test(shapes, shape_of(c, e)))
			continue;
		count++;
		if (vmp_entry_bytes(e) > *largest)
			*largest = vmp_entry_bytes(e);
	}
	return count;
}

static int own_like(struct vmp_census *c, const struct shapes *shapes,
		    shape_test test)
{
	int rc = 0;

	for (size_t i = 1; i < c->count && rc == 0; i++) {
		struct vmp_entry *e = &c->entries[i];

		if (is_stack_memory(e) && test(shapes, shape_of(c, e)))
			rc = own_stack(c, e, 1);
	}
	return rc;
}

/*
 * The stack pointer of a thread that waits in a system call:
 *
 *   202 0x7f... 0x189 0x0 0x0 0x0 0xffffffff 0x7ffc... 0x7f...
 *
 * the last word but one. A thread that runs says "running".
 */
static uint64_t read_stack_pointer(struct vmp_ctx *ctx, pid_t pid,
				   const char *thread)
{
	char path[512], file[300], text[256], *last;

	snprintf(file, sizeof(file), "task/%s/syscall", thread);
	vmp_proc_path(ctx, pid, file, path, sizeof(path));
	if (vmp_read_file(path, text, sizeof(text)) <= 0)
		return 0;
	last = strrchr(text, ' ');
	if (!last)
		return 0;
	*last = '\0';
	last = strrchr(text, ' ');
	return last ? strtoull(last, NULL, 16) : 0;
}

/* Add the stack pointers of at most `most` threads, the first `skip` aside. */
static int read_threads(struct vmp_ctx *ctx, struct vmp_census *c, size_t skip,
			size_t most)
{
	VMP_CLOSEDIR DIR *dir = NULL;
	struct dirent *entry;
	char path[256];
	size_t room = c->stack_count;
	uint64_t sp;

	vmp_proc_path(ctx, c->subject.pid, "task", path, sizeof(path));
	dir = opendir(path);
	while (dir && most && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (skip && skip--)
			continue;
		most--;
		sp = read_stack_pointer(ctx, c->subject.pid, entry->d_name);
		if (!sp)
			continue;
		if (vmp_grow(&c->stacks, c->stack_count, &room,
			     sizeof(*c->stacks)) < 0)
			return -ENOMEM;
		c->stacks[c->stack_count++] = sp;
	}
	return 0;
}

/*
 * How many stacks there are if all pairs of these sizes are some, against the
 * threads that the process has.
 */
enum fit { TOO_FEW, FITS, TOO_MANY };

static enum fit compare_with_threads(struct vmp_census *c,
				     const struct shapes *shapes,
				     shape_test test)
{
	int64_t row = stack_row(c);
	uint64_t largest, stacks = row < 0 ? 0 : c->rows[row].stacks, cached;

	stacks += count_like(c, shapes, test, &largest);
	cached = largest ? CACHE / largest + 1 : 0;
	if (stacks + 1 < c->subject.threads) /* the first has [stack] */
		return TOO_FEW;
	return stacks > c->subject.threads + cached ? TOO_MANY : FITS;
}

/* The sizes of the stacks that are pointed into. Returns: all have guards. */
static bool learn_shapes(struct vmp_census *c, struct shapes *shapes)
{
	bool guarded = true;

	for (size_t i = 0; i < c->stack_count; i++) {
		struct vmp_entry *e = stack_at(c, c->stacks[i]);

		if (!e || !is_stack_memory(e))
			continue;
		add_shape(shapes, shape_of(c, e));
		guarded &= guard_of(c, e) != NULL;
	}
	return guarded;
}

/*
 * Of a process. Some threads are asked first. If pairs of their sizes are as
 * many as there are threads, and some that glibc keeps, they are the stacks;
 * else all threads are asked. Where none may be asked (Yama lets a process ask
 * its children only) or all run, sizes have to do, and their count has to fit.
 */
static int own_of_process(struct vmp_ctx *ctx, struct vmp_census *c,
			  struct shapes *shapes)
{
	int rc = read_threads(ctx, c, 0, SAMPLE);
	shape_test test;

	if (rc < 0)
		return rc;
	if (!learn_shapes(c, shapes) ||
	    compare_with_threads(c, shapes, has_shape) != FITS)
		rc = read_threads(ctx, c, SAMPLE, SIZE_MAX);
	test = c->stack_count ? has_shape : is_like_any;
	rc = rc < 0 ? rc : own_pointed(c, shapes);
	if (rc < 0 || compare_with_threads(c, shapes, test) == TOO_MANY)
		return rc;
	return own_like(c, shapes, test);
}

/* Stacks that have a name (glibc 2.39, if told to); their guards have none. */
static void own_named(struct vmp_census *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct vmp_entry *e = &c->entries[i], *guard;

		if (e->row == VMP_NO_ROW || !(e->bits & VMP_WRITE) ||
		    c->rows[e->row].public.owner != VMP_OWNER_THREAD_STACK)
			continue;
		c->rows[e->row].stacks++;
		c->subject.has_stacks = true;
		guard = guard_of(c, e);
		if (guard)
			vmp_own(c, guard, e->row);
	}
}

static int own_of_file(struct vmp_census *c, struct shapes *shapes)
{
	int rc = own_pointed(c, shapes);

	if (rc < 0)
		return rc;
	return own_like(c, shapes, c->stack_count ? has_shape : is_like_any);
}

int vmp_own_stacks(struct vmp_ctx *ctx, struct vmp_census *c)
{
	struct shapes shapes = { .count = 0 };
	int rc = 0;

	own_named(c);
	if (c->subject.kind != VMP_KIND_PROCESS)
		rc = own_of_file(c, &shapes);
	else if (c->subject.threads > 1)
		rc = own_of_process(ctx, c, &shapes);
	c->subject.has_stacks |= c->stack_count > 0;
	return rc;
}
