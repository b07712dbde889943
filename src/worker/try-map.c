// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations of the truth table: to map, to unmap, to move. */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "worker/cell.h"

static int do_munmap(struct cell *c)
{
	return munmap(c->at, c->length) ? errno : 0;
}

const struct attempt try_munmap = { .make = do_munmap };

static int do_mmap(struct cell *c)
{
	return mmap(c->at, c->length, c->row->argument,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		    0) == MAP_FAILED
		       ? errno
		       : 0;
}

const struct attempt try_mmap = { .make = do_mmap };

static void unmap_again(struct cell *c)
{
	munmap(c->at, c->length);
}

const struct attempt try_mmap_in_child = {
	.make = do_mmap,
	.undo = unmap_again,
	.end = vmp_heir_end,
	.by_heir = true,
};

static int note_made(struct cell *c, void *at, size_t bytes)
{
	if (at == MAP_FAILED)
		return errno;
	c->made = at;
	c->made_bytes = bytes;
	return 0;
}

static void unmap_made(struct cell *c)
{
	if (c->made)
		munmap(c->made, c->made_bytes);
}

/*
 * Without MREMAP_FIXED the new place is a wish, which is granted if free. Not
 * mremap(), for musl's passes the place on with MREMAP_FIXED alone.
 */
static int do_mremap_move(struct cell *c)
{
	long at = syscall(SYS_mremap, c->at, c->length, c->length,
			  MREMAP_MAYMOVE | c->row->argument, c->target);

	return note_made(c, (void *)at, c->length);
}

const struct attempt try_mremap_move = {
	.make = do_mremap_move,
	.undo = unmap_made,
};

/* By `argument` pages more or less; where nothing is in the way it stays. */
static int do_mremap_resize(struct cell *c)
{
	size_t bytes = c->length + (size_t)c->row->argument * c->w->page_bytes;

	return note_made(c, mremap(c->at, c->length, bytes, MREMAP_MAYMOVE),
			 bytes);
}

const struct attempt try_mremap_resize = {
	.make = do_mremap_resize,
	.undo = unmap_made,
};

static int do_shmat(struct cell *c)
{
	return shmat(c->segment, c->at, 0) == (void *)-1 ? errno : 0;
}

const struct attempt try_shmat = { .make = do_shmat };

static int do_shmdt(struct cell *c)
{
	return shmdt(c->at) ? errno : 0;
}

const struct attempt try_shmdt = { .make = do_shmdt };

/* The mapping's first page once more, in the place of another one. */
static int do_remap_file_pages(struct cell *c)
{
	return syscall(SYS_remap_file_pages, c->at, c->length, 0, 0, 0) ? errno
									: 0;
}

const struct attempt try_remap_file_pages = { .make = do_remap_file_pages };

static int do_io_setup(struct cell *c)
{
	return syscall(SYS_io_setup, c->row->argument, &c->ring) ? errno : 0;
}

static void undo_io_setup(struct cell *c)
{
	if (c->ring)
		syscall(SYS_io_destroy, c->ring);
}

const struct attempt try_io_setup = {
	.make = do_io_setup,
	.undo = undo_io_setup,
};

/* The system call: what libc remembers of the break stays true, for in the
 * end it is where it was. It answers the old break where it fails. */
static int do_brk(struct cell *c)
{
	char *now = vmp_pointer((uint64_t)syscall(SYS_brk, 0));
	char *wanted = now + c->row->argument * (long)c->w->page_bytes;

	return syscall(SYS_brk, wanted) == (long)wanted ? 0 : ENOMEM;
}

const struct attempt try_brk = { .make = do_brk };

/*
 * The kernel lets the stack grow to wherever it is touched (x86 before 5.0:
 * not far below the stack pointer, which is why it is moved).
 */
static int do_touch_stack(struct cell *c)
{
	char *here = __builtin_frame_address(0);
	volatile char *deep = __builtin_alloca((size_t)(here - c->at));

	*deep = 1;
	return 0;
}

const struct attempt try_touch_stack = { .make = do_touch_stack };
