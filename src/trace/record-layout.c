// SPDX-License-Identifier: GPL-2.0-or-later
/* The mappings of a process as they are, and the calls that make them so. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

/* Flags of a mapping that advice gives it, by VmFlags of smaps. */
static const struct {
	const char letters[3];
	unsigned int advice;
} advices[] = {
	{ "rr", 1 },  { "sr", 2 },  { "dc", 10 }, { "mg", 12 },
	{ "hg", 14 }, { "nh", 15 }, { "dd", 16 }, { "wf", 18 },
};

enum { NORESERVE, LOCKED, FIRST_ADVICE };

/* The bits of these flags, looked up once. */
struct masks {
	uint64_t bit[FIRST_ADVICE + VMP_COUNT(advices)];
};

static uint64_t mask_of(const char *letters)
{
	for (unsigned int bit = 0; bit < 64; bit++)
		if (!strcmp(vmp_flag_name(bit), letters))
			return UINT64_C(1) << bit;
	return 0;
}

static void find_masks(struct masks *m)
{
	m->bit[NORESERVE] = mask_of("nr");
	m->bit[LOCKED] = mask_of("lo");
	for (size_t i = 0; i < VMP_COUNT(advices); i++)
		m->bit[FIRST_ADVICE + i] = mask_of(advices[i].letters);
}

static bool is_called(const struct vmp_mapping *m, const char *name)
{
	return m->name_length == strlen(name) &&
	       !memcmp(m->name, name, m->name_length);
}

/* Every process has them, the one that replays too. */
static bool is_special(const struct vmp_mapping *m)
{
	return is_called(m, "[stack]") || is_called(m, "[vdso]") ||
	       (m->name_length > 5 && !memcmp(m->name, "[vvar", 5));
}

/* Shared memory without a name is a file of its own each time. */
static bool is_shared_anon(const struct vmp_mapping *m)
{
	static const char *const names[] = { "/dev/zero (deleted)",
					     "/dev/zero\\040(deleted)" };
	static const char segment[] = "/SYSV";

	for (size_t i = 0; i < VMP_COUNT(names); i++)
		if (is_called(m, names[i]))
			return m->shared;
	return m->shared &&
	       (!m->inode || (m->name_length > sizeof(segment) &&
			      !memcmp(m->name, segment, sizeof(segment) - 1)));
}

static enum vmp_backing backing_of(const struct vmp_mapping *m)
{
	if (is_shared_anon(m))
		return VMP_BACKING_SHARED;
	if (m->shared)
		return VMP_BACKING_FILE;
	return m->inode ? VMP_BACKING_PRIVATE_FILE : VMP_BACKING_ANON;
}

static void take_flags(const struct vmp_mapping *m, const struct masks *masks,
		       struct vmp_layout_entry *e)
{
	/*
	 * Without VmFlags nobody knows what is charged to the commit limit;
	 * nothing, then: large reservations would be refused.
	 */
	if (!m->has_flags || m->flags & masks->bit[NORESERVE])
		e->flags |= VMP_OP_NORESERVE;
	if (m->flags & masks->bit[LOCKED])
		e->flags |= VMP_OP_LOCKED;
	for (size_t i = 0; i < VMP_COUNT(advices); i++)
		if (m->flags & masks->bit[FIRST_ADVICE + i])
			e->advice |= 1U << i;
	e->touched = m->anonymous;
}

static bool is_file(const struct vmp_layout_entry *e)
{
	return e->backing == VMP_BACKING_FILE ||
	       e->backing == VMP_BACKING_PRIVATE_FILE;
}

/*
 * Would the kernel make one mapping of these two, if it were asked to map one
 * beside the other? That they are two has a reason that is hidden, then.
 */
static bool are_twins(const struct vmp_layout_entry *a,
		      const struct vmp_layout_entry *b)
{
	return a->end == b->start && a->prot == b->prot &&
	       a->flags == b->flags && a->advice == b->advice &&
	       a->backing == b->backing && a->backing != VMP_BACKING_SHARED &&
	       (a->backing == VMP_BACKING_ANON ||
		a->file_offset + (a->end - a->start) == b->file_offset);
}

/* No device has this in its number: another file of the same name. */
#define ANOTHER (UINT64_C(1) << 63)

/* The last mapping is of a file: find a place for it. */
static int place_file(struct vmp_layout *l, struct vmp_files *files,
		      const struct vmp_mapping *m)
{
	struct vmp_layout_entry *e = &l->entries[l->count - 1];
	uint64_t device = (uint64_t)m->device_major << 32 | m->device_minor;
	uint64_t length = m->end - m->start;
	int rc = vmp_files_place(files, device, m->inode, 0, m->offset, length,
				 &e->file_offset);

	/* as if it were of another file: that keeps twins apart, too */
	if (rc < 0 || l->count < 2 || !are_twins(e - 1, e))
		return rc;
	return vmp_files_place(files, device | ANOTHER, m->inode, 0, m->offset,
			       length, &e->file_offset);
}

static int take_mapping(struct vmp_layout *l, struct vmp_files *files,
			const struct masks *masks, const struct vmp_mapping *m)
{
	size_t room = l->room ? 2 * l->room : 128;
	struct vmp_layout_entry *e;

	/* the gate line is the kernel's */
	if (!m->counted)
		return 0;
	if (l->count == l->room) {
		e = reallocarray(l->entries, room, sizeof(*e));
		if (!e)
			return -ENOMEM;
		l->entries = e;
		l->room = room;
	}
	e = &l->entries[l->count++];
	*e = (struct vmp_layout_entry){
		.start = m->start,
		.end = m->end,
		.backing = backing_of(m),
		.prot = (m->readable ? PROT_READ : 0U) |
			(m->writable ? PROT_WRITE : 0U) |
			(m->executable ? PROT_EXEC : 0U),
		.special = is_special(m),
	};
	take_flags(m, masks, e);
	l->mappings++;
	if (is_called(m, "[heap]"))
		l->heap_end = m->end;
	return is_file(e) ? place_file(l, files, m) : 0;
}

static int open_maps(struct vmp_ctx *ctx, pid_t pid, const char *path,
		     struct vmp_maps **maps)
{
	int rc;

	if (path)
		return vmp_maps_open_file(ctx, path, maps);
	rc = vmp_smaps_open(ctx, pid, maps);
	/* a kernel without CONFIG_PROC_PAGE_MONITOR has no smaps */
	return rc < 0 ? vmp_maps_open(ctx, pid, maps) : rc;
}

int vmp_layout_read(struct vmp_ctx *ctx, pid_t pid, const char *path,
		    struct vmp_files *files, struct vmp_layout *l)
{
	struct vmp_mapping m;
	struct masks masks;
	struct vmp_maps *maps;
	int rc = open_maps(ctx, pid, path, &maps);

	*l = (struct vmp_layout){ 0 };
	if (rc < 0)
		return rc;
	find_masks(&masks);
	do {
		rc = vmp_maps_next(maps, &m);
		l->has_flags |= rc > 0 && m.has_flags;
		if (rc > 0 && take_mapping(l, files, &masks, &m) < 0)
			rc = vmp_fail(ctx, -ENOMEM, "no memory");
	} while (rc > 0);
	vmp_maps_close(maps);
	return rc;
}

void vmp_layout_clear(struct vmp_layout *l)
{
	free(l->entries);
	*l = (struct vmp_layout){ 0 };
}

/* The first mapping that ends at or behind an address. */
static size_t first_behind(const struct vmp_layout *l, uint64_t address)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->entries[middle].end < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Does one of the ranges of `length`, a stride apart, meet the mapping, or
 * touch it?
 */
static bool meets(uint64_t first, int64_t stride, uint64_t count,
		  uint64_t length, const struct vmp_layout_entry *e)
{
	uint64_t last = first + (count - 1) * (uint64_t)stride;
	uint64_t low = first < last ? first : last;
	uint64_t step = stride < 0 ? (uint64_t)-stride : (uint64_t)stride;
	uint64_t before;

	/* the last range that begins where the mapping ends, or before */
	if (low > e->end)
		return false;
	before = step ? (e->end - low) / step : 0;
	if (before > count - 1)
		before = count - 1;
	return low + before * step + length >= e->start;
}

static void mark(struct vmp_layout *l, uint64_t first, int64_t stride,
		 uint64_t count, uint64_t length)
{
	uint64_t last = first + (count - 1) * (uint64_t)stride;
	uint64_t low = first < last ? first : last;
	uint64_t high = (first < last ? last : first) + length;

	for (size_t i = first_behind(l, low); i < l->count; i++) {
		struct vmp_layout_entry *e = &l->entries[i];

		if (e->start > high)
			break;
		if (e->matters || !meets(first, stride, count, length, e))
			continue;
		/* of those that every process has, only what is worked on */
		e->matters = !e->special || (e->start < high && e->end > low &&
					     e->backing == VMP_BACKING_ANON);
	}
}

void vmp_layout_mark(struct vmp_layout *l, const struct vmp_record_line *lines,
		     size_t count, uint64_t page)
{
	for (size_t i = 0; i < count; i++) {
		const struct vmp_record_line *line = &lines[i];
		uint64_t length = line->op.length > page ? line->op.length
							 : page;

		if (!vmp_line_is_placed(line))
			continue;
		if (line->op.verb == VMP_OP_RESIZE && line->op.size > length)
			length = line->op.size;
		mark(l, line->op.address, line->stride, line->count, length);
		if (line->op.flags & VMP_OP_ONTO)
			mark(l, line->op.onto, line->onto_stride, line->count,
			     line->op.size);
	}
}

/* Memory that looks like its neighbour was written to for itself, or moved. */
static bool is_aside(const struct vmp_layout *l, size_t i)
{
	const struct vmp_layout_entry *e = &l->entries[i];

	return i && e->backing == VMP_BACKING_ANON && e[-1].matters &&
	       are_twins(&e[-1], e);
}

struct maker {
	struct vmp_loops *loops;
	const struct vmp_layout_entry *entry;
	uint64_t at; /* where it is made */
	int rc;
};

static struct vmp_op op_on(const struct maker *m, enum vmp_op_verb verb)
{
	return (struct vmp_op){
		.verb = verb,
		.address = m->at,
		.length = m->entry->end - m->entry->start,
	};
}

static void add(struct maker *m, const struct vmp_op *op)
{
	if (m->rc == 0)
		m->rc = vmp_loops_add(m->loops, op);
}

/* Written to, so that the kernel gives it an identity that is hidden. */
static void touch(struct maker *m)
{
	struct vmp_op op = op_on(m, VMP_OP_TOUCH);

	op.length = vmp_record_page();
	add(m, &op);
}

static void advise(struct maker *m)
{
	struct vmp_op op = op_on(m, VMP_OP_ADVISE);

	for (size_t i = 0; i < VMP_COUNT(advices); i++) {
		if (!(m->entry->advice & 1U << i))
			continue;
		op.advice = advices[i].advice;
		add(m, &op);
	}
}

/* In: touched, whether it is written to, for which it must be writable. */
static void make(struct maker *m, bool touched)
{
	const struct vmp_layout_entry *e = m->entry;
	struct vmp_op op = op_on(m, VMP_OP_PLACE);
	bool opened = touched && !(e->prot & PROT_WRITE);

	op.prot = opened ? PROT_READ | PROT_WRITE : e->prot;
	op.backing = e->backing;
	op.flags = e->flags & ~(unsigned int)VMP_OP_LOCKED;
	op.file_offset = e->file_offset;
	add(m, &op);
	if (touched)
		touch(m);
	if (opened) {
		op = op_on(m, VMP_OP_PROTECT);
		op.prot = e->prot;
		add(m, &op);
	}
	advise(m);
	if (e->flags & VMP_OP_LOCKED) {
		op = op_on(m, VMP_OP_LOCK);
		add(m, &op);
	}
}

/*
 * Made where nothing is beside it, written to, and moved: pages that were
 * moved never merge with others.
 */
static void make_aside(struct maker *m, uint64_t aside)
{
	struct vmp_op op;

	m->at += aside;
	make(m, true);
	op = op_on(m, VMP_OP_RELOCATE);
	op.size = op.length;
	op.onto = m->entry->start;
	op.flags = VMP_OP_ONTO;
	add(m, &op);
}

static bool is_private(const struct vmp_layout_entry *e)
{
	return e->backing == VMP_BACKING_ANON ||
	       e->backing == VMP_BACKING_PRIVATE_FILE;
}

int vmp_layout_ops(const struct vmp_layout *l, bool touch_all, uint64_t aside,
		   struct vmp_loops *loops)
{
	struct maker m = { .loops = loops };

	for (size_t i = 0; m.rc == 0 && i < l->count; i++) {
		const struct vmp_layout_entry *e = &l->entries[i];

		if (!e->matters)
			continue;
		m.entry = e;
		m.at = e->start;
		if (aside && is_aside(l, i) && is_private(e))
			make_aside(&m, aside);
		else
			make(&m, touch_all && e->touched && is_private(e));
	}
	return m.rc < 0 ? m.rc : vmp_loops_end(loops);
}
