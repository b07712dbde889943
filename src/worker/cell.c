// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One cell of the truth table: an operation, with so many mappings left. There
 * is no process for each, for at a limit of a million a fork takes a second:
 * all is undone, and the count of mappings says whether that is so.
 */
#include <malloc.h>
#include <stdlib.h>

#include "worker/cell.h"

/* A window that something else lies in is passed over, so often. */
enum { WINDOWS_TRIED = 64 };

const struct operation vmp_worker_operations[VMP_OPERATIONS] = {
#define OPERATION(id, name, who, scene_, call, at_, pages_, argument_, what) \
	[VMP_OPERATION_##id] = { .scene = SCENE_##scene_,                    \
				 .attempt = &try_##call,                     \
				 .at = at_,                                  \
				 .pages = pages_,                            \
				 .argument = argument_ },
#include "engine/operations.def"
#undef OPERATION
};

/* A byte of a stream socket at a time, if need be; no observer, no worker. */
static void receive(int fd, void *buffer, size_t size)
{
	char *at = buffer;

	while (size) {
		ssize_t n = read(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(n ? 1 : 0);
		at += n;
		size -= (size_t)n;
	}
}

/*
 * What libc does but once is done now, and its heap has room for what it
 * allocates besides: the first cell is to find what the others find. Blocks of
 * 128 KiB and more get mappings of their own, also when others were freed.
 */
static void warm_up(struct worker *w)
{
	struct cell c = {
		.w = w,
		.row = &vmp_worker_operations[VMP_OPERATION_pthread_create],
	};
	void *volatile block; /* not volatile, the compiler leaves both out */

#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_TOP_PAD, 256 * 1024);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
	block = malloc(64);
	free(block);
	if (!vmp_thread_start(&c, c.row->pages * w->page_bytes))
		try_pthread_create.undo(&c);
	if (!try_dlopen.make(&c))
		try_dlopen.undo(&c);
}

/* Half a window has a huge page's size and alignment: what a page table maps */
static size_t window_size(const struct worker *w)
{
	return 2 * w->page_bytes * (w->page_bytes / sizeof(uint64_t));
}

/*
 * Each cell has addresses of its own: what one has to leave behind does not
 * disturb the next.
 */
static int take_window(struct cell *c, const struct room *r)
{
	static uint64_t taken;
	uint64_t bytes = window_size(c->w);
	uint64_t top = (uint64_t)(uintptr_t)vmp_room_spare(r) / bytes;
	int error = EEXIST;

	for (int i = 0; i < WINDOWS_TRIED && error == EEXIST; i++) {
		c->window = vmp_pointer((top - ++taken) * bytes);
		error = vmp_reserve(c->window, bytes);
	}
	if (error)
		return error;
	munmap(c->window, bytes);
	c->window_bytes = bytes;
	c->area = c->window + AREA_PAGES * r->page_bytes;
	c->at = c->area + c->row->at * r->page_bytes;
	c->length = c->row->pages * r->page_bytes;
	c->target = c->window + bytes / 2;
	return 0;
}

static enum vmp_cell_result result_of(int error)
{
	if (error == VMP_ERROR_LEAK)
		return VMP_CELL_LEAKED;
	return error ? VMP_CELL_FAILED : VMP_CELL_OK;
}

static void unsettled(struct room *r, struct vmp_cell *answer)
{
	answer->result = VMP_CELL_UNSETTLED;
	answer->headroom = (int32_t)vmp_room_left(r);
}

void vmp_cell_call(struct cell *c, struct room *r, int headroom,
		   struct vmp_cell *answer)
{
	int64_t before, after;
	int error;

	if (!vmp_room_bring(r, headroom)) {
		unsettled(r, answer);
		return;
	}
	before = (int64_t)r->held + (headroom < 0 ? 0 : headroom);
	error = c->row->attempt->make(c);
	after = vmp_room_level(r);
	if (after < 0) {
		unsettled(r, answer);
		return;
	}
	answer->change = (int32_t)(before - after);
	answer->headroom = headroom;
	answer->result = result_of(error);
	answer->error = error > 0 ? error : 0;
}

static void undo(struct cell *c)
{
	if (c->row->attempt->undo && !c->row->attempt->by_heir)
		c->row->attempt->undo(c);
	vmp_scene_undo(c);
	if (c->window_bytes)
		munmap(c->window, c->window_bytes);
}

static void make_cell(struct cell *c, struct room *r, int headroom,
		      struct vmp_cell *answer)
{
	const struct attempt *attempt = c->row->attempt;
	int error = take_window(c, r);

	if (!error)
		error = vmp_scene_make(c);
	answer->error = error;
	answer->result = VMP_CELL_CANNOT;
	answer->restored = !c->worn_out;
	if (!error && attempt->by_heir)
		vmp_heir_call(c, r, headroom, answer);
	else if (!error)
		vmp_cell_call(c, r, headroom, answer);
}

/* Make a cell, and all as it was before. */
static void make_and_undo(struct worker *w, struct room *r,
			  const struct vmp_cell_order *order,
			  struct vmp_cell *answer)
{
	struct cell c = {
		.w = w,
		.row = &vmp_worker_operations[order->operation],
		.fd = -1,
		.segment = -1,
		.key = -1,
	};
	int64_t before, after;

	if (!vmp_room_bring(r, SLACK)) {
		unsettled(r, answer);
		return;
	}
	before = SLACK + (int64_t)r->held;
	make_cell(&c, r, order->headroom, answer);
	vmp_room_bring(r, SLACK);
	undo(&c);
	after = vmp_room_level(r);
	answer->restored &= after == before ||
			    (after >= 0 && c.row->attempt->leaves);
}

/* What a row keeps from cell to cell ends with it. */
static void change_row(uint32_t operation)
{
	static const struct attempt *last;
	const struct attempt *now = vmp_worker_operations[operation].attempt;

	if (last && last != now && last->end)
		last->end();
	last = now;
}

static int open_room(struct worker *w, struct room *r,
		     const struct vmp_cell_order *order)
{
	int error;

	*r = (struct room){
		.oracle = &w->oracle,
		.base = vmp_pointer(order->base),
		.pages = order->pages,
		.page_bytes = w->page_bytes,
	};
	warm_up(w);
	error = vmp_room_open(r, SLACK);
	if (error) {
		munmap(r->base, r->pages * r->page_bytes);
		r->base = NULL;
	}
	return error;
}

void vmp_serve_cell(struct worker *w)
{
	static struct room room;
	struct vmp_cell_order order;
	struct vmp_cell answer = { 0 };

	receive(VMP_WORKER_SOCKET, &order, sizeof(order));
	if (order.operation >= VMP_OPERATIONS ||
	    order.headroom < VMP_HEADROOM_LEAST ||
	    order.headroom > VMP_HEADROOM_AMPLE)
		_exit(1);
	if (!room.base)
		answer.error = open_room(w, &room, &order);
	if (answer.error) {
		answer.result = VMP_CELL_NO_ROOM;
	} else {
		change_row(order.operation);
		make_and_undo(w, &room, &order, &answer);
	}
	if (write(VMP_WORKER_SOCKET, &answer, sizeof(answer)) != sizeof(answer))
		_exit(1);
}
