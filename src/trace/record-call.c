// SPDX-License-Identifier: GPL-2.0-or-later
/* A caught call as one that the scenario language can make. */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/internal.h"
#include "lib/newer.h"
#include "trace/record-inside.h"

enum { RIGHTS = PROT_READ | PROT_WRITE | PROT_EXEC };

/* Flags that make no difference to where and what is mapped. */
#define PASSED_OVER                                                         \
	((uint64_t)(MAP_TYPE | MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_ANON | \
		    MAP_DENYWRITE | MAP_EXECUTABLE | MAP_POPULATE |         \
		    MAP_NONBLOCK))

static const struct {
	uint64_t flag;
	unsigned int ours;
} map_flags[] = {
	{ MAP_NORESERVE, VMP_OP_NORESERVE },
	{ MAP_STACK, VMP_OP_STACK },
	{ MAP_LOCKED, VMP_OP_LOCKED },
};

/* Returns: 0; -ENOTSUP where a flag is beyond what the language has. */
static int take_flags(uint64_t flags, struct vmp_op *op)
{
	uint64_t rest = flags & ~PASSED_OVER;

	for (size_t i = 0; i < VMP_COUNT(map_flags); i++) {
		if (flags & map_flags[i].flag)
			op->flags |= map_flags[i].ours;
		rest &= ~map_flags[i].flag;
	}
#ifdef MAP_32BIT
	rest &= ~(uint64_t)MAP_32BIT;
#endif
	if (flags & MAP_FIXED_NOREPLACE)
		op->flags |= VMP_OP_NO_REPLACE;
	return rest || (flags & MAP_TYPE) > MAP_SHARED_VALIDATE ? -ENOTSUP : 0;
}

/* The file behind a descriptor, by what /proc says; it may be closed since. */
static int take_file(struct vmp_recorded *p, const struct vmp_trace_call *c,
		     struct vmp_op *op)
{
	uint64_t device = 0, bytes = 0, inode = 0;
	struct stat file;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)c->pid,
		 (int)c->arguments[4]);
	if (stat(path, &file) == 0) {
		device = (uint64_t)major(file.st_dev) << 32 |
			 minor(file.st_dev);
		inode = file.st_ino;
		bytes = S_ISREG(file.st_mode) ? (uint64_t)file.st_size : 0;
	}
	return vmp_files_place(&p->files, device, inode, bytes, c->arguments[5],
			       vmp_record_pages(op->length), &op->file_offset);
}

static int from_mmap(struct vmp_recorded *p, const struct vmp_trace_call *c,
		     struct vmp_op *op)
{
	const uint64_t *a = c->arguments;
	bool shared = (a[3] & MAP_TYPE) != MAP_PRIVATE;
	bool fixed = a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	int rc = take_flags(a[3], op);

	if (rc < 0)
		return rc;
	op->verb = c->error && !fixed ? VMP_OP_MAP : VMP_OP_PLACE;
	op->address = c->error ? fixed ? a[0] : 0 : (uint64_t)c->result;
	op->length = a[1];
	op->prot = a[2] & RIGHTS;
	/* where the kernel chose, nothing is in the way of either kind */
	if (a[3] & MAP_ANON)
		op->backing = shared ? VMP_BACKING_SHARED : VMP_BACKING_ANON;
	else
		op->backing = shared ? VMP_BACKING_FILE
				     : VMP_BACKING_PRIVATE_FILE;
	rc = a[3] & MAP_ANON ? 0 : take_file(p, c, op);
	/* map has no use for it: the kernel is free to choose */
	if (op->verb == VMP_OP_MAP)
		op->file_offset = 0;
	return rc < 0 ? rc : 1;
}

/* What begins within a page concerns all of it. */
static int from_range(const struct vmp_trace_call *c, enum vmp_op_verb verb,
		      struct vmp_op *op)
{
	uint64_t inside = c->arguments[0] & (vmp_record_page() - 1);

	op->verb = verb;
	op->address = c->arguments[0] - inside;
	op->length = c->arguments[1] + inside;
	return op->length ? 1 : 0;
}

static int from_munmap(struct vmp_recorded *p, const struct vmp_trace_call *c,
		       struct vmp_op *op)
{
	(void)p;
	return from_range(c, VMP_OP_UNMAP, op);
}

static int from_mprotect(struct vmp_recorded *p, const struct vmp_trace_call *c,
			 struct vmp_op *op)
{
	(void)p;
	op->prot = c->arguments[2] & RIGHTS;
	/* PROT_GROWSDOWN reaches further than its range */
	if (c->arguments[2] & ~(uint64_t)RIGHTS)
		return -ENOTSUP;
	return from_range(c, VMP_OP_PROTECT, op);
}

static int from_pkey(struct vmp_recorded *p, const struct vmp_trace_call *c,
		     struct vmp_op *op)
{
	int key = (int)c->arguments[3];

	return key == 0 || key == -1 ? from_mprotect(p, c, op) : -ENOTSUP;
}

static int from_madvise(struct vmp_recorded *p, const struct vmp_trace_call *c,
			struct vmp_op *op)
{
	(void)p;
	if (!vmp_op_knows_advice((uint32_t)c->arguments[2]))
		return -ENOTSUP;
	op->advice = (uint32_t)c->arguments[2];
	return from_range(c, VMP_OP_ADVISE, op);
}

static int from_mlock(struct vmp_recorded *p, const struct vmp_trace_call *c,
		      struct vmp_op *op)
{
	(void)p;
	return from_range(c, VMP_OP_LOCK, op);
}

static int from_mlock2(struct vmp_recorded *p, const struct vmp_trace_call *c,
		       struct vmp_op *op)
{
	return c->arguments[2] ? -ENOTSUP : from_mlock(p, c, op);
}

static int from_munlock(struct vmp_recorded *p, const struct vmp_trace_call *c,
			struct vmp_op *op)
{
	(void)p;
	return from_range(c, VMP_OP_UNLOCK, op);
}

static int from_mseal(struct vmp_recorded *p, const struct vmp_trace_call *c,
		      struct vmp_op *op)
{
	(void)p;
	return from_range(c, VMP_OP_SEAL, op);
}

static int from_mremap(struct vmp_recorded *p, const struct vmp_trace_call *c,
		       struct vmp_op *op)
{
	const uint64_t *a = c->arguments;
	bool keep = a[3] & MREMAP_DONTUNMAP;
	bool moves = keep || a[3] & MREMAP_FIXED;
	bool moved = moves || (!c->error && (uint64_t)c->result != a[0]);

	(void)p;
	/* a second mapping of shared memory is made by a length of 0 */
	if (!a[1])
		return -ENOTSUP;
	op->verb = moves ? VMP_OP_RELOCATE : VMP_OP_RESIZE;
	op->address = a[0];
	op->length = vmp_record_pages(a[1]);
	op->size = vmp_record_pages(a[2]);
	op->onto = !moved ? 0 : c->error ? a[4] : (uint64_t)c->result;
	op->flags = (moved ? VMP_OP_ONTO : 0U) | (keep ? VMP_OP_KEEP : 0U);
	if (!(a[3] & MREMAP_MAYMOVE))
		op->flags |= VMP_OP_STAY;
	return 1;
}

/*
 * The heap is private memory like any other once it is there; only a break
 * that could not be moved is asked for again as such.
 */
static int from_brk(struct vmp_recorded *p, const struct vmp_trace_call *c,
		    struct vmp_op *op)
{
	uint64_t before = vmp_record_pages(p->heap_end);
	uint64_t wanted = vmp_record_pages(c->error ? c->arguments[0]
						    : (uint64_t)c->result);
	bool known = p->heap_end;

	p->heap_end = (uint64_t)c->result;
	if (c->error)
		before = vmp_record_pages((uint64_t)c->result);
	if ((!known && !c->error) || wanted == before)
		return 0;
	op->verb = wanted < before ? VMP_OP_UNMAP : VMP_OP_PLACE;
	op->address = wanted < before ? wanted : before;
	op->length = wanted < before ? before - wanted : wanted - before;
	op->prot = PROT_READ | PROT_WRITE;
	if (op->verb == VMP_OP_PLACE && c->error) {
		op->verb = VMP_OP_BRK;
		op->size = op->length;
		op->address = op->length = op->prot = 0;
	}
	return 1;
}

static int from_shmat(struct vmp_recorded *p, const struct vmp_trace_call *c,
		      struct vmp_op *op)
{
	struct vmp_failed_call figures = { 0 };

	c->row->figure(c->arguments, &figures);
	if (!figures.more_bytes)
		return -ENOTSUP;
	op->verb = c->error ? VMP_OP_MAP : VMP_OP_PLACE;
	op->address = c->error ? 0 : (uint64_t)c->result;
	op->length = figures.more_bytes;
	op->prot = PROT_READ | PROT_WRITE;
	op->backing = VMP_BACKING_SHARED;
	for (size_t i = 0; !c->error && i < VMP_COUNT(p->attached); i++) {
		if (p->attached[i].length)
			continue;
		p->attached[i].address = op->address;
		p->attached[i].length = op->length;
		break;
	}
	return 1;
}

static int from_shmdt(struct vmp_recorded *p, const struct vmp_trace_call *c,
		      struct vmp_op *op)
{
	for (size_t i = 0; i < VMP_COUNT(p->attached); i++) {
		if (!p->attached[i].length ||
		    p->attached[i].address != c->arguments[0])
			continue;
		op->verb = VMP_OP_UNMAP;
		op->address = p->attached[i].address;
		op->length = p->attached[i].length;
		p->attached[i].length = 0;
		return 1;
	}
	return -ENOTSUP;
}

/* A thread, or a child that borrows the memory, is no copy of mappings. */
static int from_clone(const struct vmp_trace_call *c, uint64_t flags,
		      struct vmp_op *op)
{
	op->verb = VMP_OP_FORK;
	if (flags & CLONE_VM)
		return c->error ? -ENOTSUP : 0;
	return 1;
}

static int from_old_clone(struct vmp_recorded *p,
			  const struct vmp_trace_call *c, struct vmp_op *op)
{
	(void)p;
	return from_clone(c, c->arguments[0], op);
}

static int from_clone3(struct vmp_recorded *p, const struct vmp_trace_call *c,
		       struct vmp_op *op)
{
	(void)p;
	return from_clone(c, c->arguments[2], op);
}

static int from_fork(struct vmp_recorded *p, const struct vmp_trace_call *c,
		     struct vmp_op *op)
{
	(void)p;
	return from_clone(c, 0, op);
}

static int from_vfork(struct vmp_recorded *p, const struct vmp_trace_call *c,
		      struct vmp_op *op)
{
	(void)p;
	return from_clone(c, CLONE_VM, op);
}

/* By the names in syscalls.def; a call that has no row here has no verb. */
static const struct {
	const char *name;
	int (*take)(struct vmp_recorded *p, const struct vmp_trace_call *c,
		    struct vmp_op *op);
} rows[] = {
	{ "mmap", from_mmap },		{ "munmap", from_munmap },
	{ "mprotect", from_mprotect },	{ "madvise", from_madvise },
	{ "mremap", from_mremap },	{ "brk", from_brk },
	{ "pkey_mprotect", from_pkey }, { "mlock", from_mlock },
	{ "mlock2", from_mlock2 },	{ "munlock", from_munlock },
	{ "mseal", from_mseal },	{ "shmat", from_shmat },
	{ "shmdt", from_shmdt },	{ "clone", from_old_clone },
	{ "clone3", from_clone3 },	{ "fork", from_fork },
	{ "vfork", from_vfork },
};

int vmp_op_from_call(struct vmp_recorded *p, const struct vmp_trace_call *c,
		     struct vmp_op *op)
{
	*op = (struct vmp_op){ 0 };
	for (size_t i = 0; i < VMP_COUNT(rows); i++) {
		if (strcmp(rows[i].name, c->row->name) != 0)
			continue;
		op->error = c->error;
		op->cause = c->error ? c->diagnosis.cause : VMP_CAUSES;
		return rows[i].take(p, c, op);
	}
	return -ENOTSUP;
}
