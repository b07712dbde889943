/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth table's side of the worker:
 *
 *   room.c    ballast, and how many mappings are left, to the unit
 *   scene.c   what is there before an operation
 *   try-*.c   the operations, and how each is undone
 *   cell.c    one cell: all of these in their order
 *   heir.c    the same in a forked child
 */
#ifndef VMP_CELL_H
#define VMP_CELL_H

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/operation.h"
#include "lib/newer.h"
#include "worker/worker.h"

/* Ballast; what is left is known by asking the kernel for more. */
struct room {
	const struct vmp_oracle_pages *oracle;
	char *base;
	uint64_t pages; /* reserved: so many mappings it can be at most */
	uint64_t held;	/* pages cut off from it, a mapping each */
	bool spare;	/* the mapping that goes beyond the limit is there */
	size_t page_bytes;
};

/* Between cells so many mappings are left: more than a scene takes. */
enum { SLACK = 24 };

/* Where the spare page goes; below it are the cells' windows. */
enum { SPARE_PAGES = 16 };
char *vmp_room_spare(const struct room *r);

/* Map it, without rights or memory, if nothing is there. 0 or an errno. */
int vmp_reserve(char *at, size_t bytes);

/*
 * Reserve the ballast and hold so much of it that `slack` mappings are left.
 * Returns: 0 or an errno.
 */
int vmp_room_open(struct room *r, uint64_t slack);

/*
 * How many mappings are left; without the spare, which is given back.
 * Returns: that, or -1 where ballast cannot tell: there is none left to give
 *   away, or none more to take (the limit was lowered or raised meanwhile).
 */
int64_t vmp_room_left(struct room *r);

/* What is left, ballast not counted: changes by what is mapped besides. */
int64_t vmp_room_level(struct room *r);

/* Returns: whether exactly `headroom` mappings are left now. */
bool vmp_room_bring(struct room *r, int headroom);

enum vmp_scene {
	SCENE_EMPTY,
	SCENE_AREA,
	SCENE_TOUCHED,
	SCENE_PAIR,
	SCENE_SHARED,
	SCENE_BLOCKED,
	SCENE_LOCKED,
	SCENE_KEY,
	SCENE_HUGE,
	SCENE_UFFD,
	SCENE_HEAP,
	SCENE_STACK,
	SCENE_SEGMENT,
	SCENE_ATTACHED,
	SCENE_APART,
	SCENE_THREAD,
	SCENE_BLOCKS,
	SCENES
};

/* Of the scene's mapping, and of the hole before it. */
enum { AREA_PAGES = 64 };

/* Blocks of malloc() among which there are three side by side. */
enum { MOST_BLOCKS = 12 };

/* One cell while it is made. */
struct cell {
	struct worker *w;
	const struct operation *row;
	char *window; /* free addresses, and only this cell's */
	size_t window_bytes;
	char *area;    /* where the scene begins */
	char *at;      /* what the call works on, */
	size_t length; /* and how much of it */
	char *target;  /* in the window, far from the area: nothing is there */

	/* what scene and call made, for those who undo it */
	void *made; /* mapping that the kernel placed */
	size_t made_bytes;
	void *apart; /* page that keeps it from its neighbour */
	char *block[MOST_BLOCKS];
	char *heap;
	void *library;
	pthread_t thread;
	bool thread_runs;
	sem_t thread_may_end;
	unsigned long ring;
	pid_t child;
	int fd, segment, key;
	bool worn_out; /* in a new worker the scene may still be made */
};

/* It failed, and there is no errno that says why. */
enum { VMP_ERROR_UNTOLD = -2 };

/* Returns: 0, an errno, VMP_ERROR_LEAK or VMP_ERROR_UNTOLD. */
typedef int cell_call(struct cell *c);
typedef void cell_undo(struct cell *c);

/* A way to make a call, and to be as before it. */
struct attempt {
	cell_call *make;
	cell_undo *undo;   /* NULL: what it maps lies in the window */
	void (*end)(void); /* after the last cell of a row */
	bool by_heir;	   /* made by a child, which is what it is about */
	bool leaves;	   /* may leave mappings that nothing takes away */
};

struct operation {
	enum vmp_scene scene;
	const struct attempt *attempt;
	uint32_t at, pages;
	int argument;
};

extern const struct operation vmp_worker_operations[VMP_OPERATIONS];

/* Make the scene. Returns: 0 or an errno. */
int vmp_scene_make(struct cell *c);
void vmp_scene_undo(struct cell *c);

/*
 * Bring about the headroom, make the call, and look what became of it.
 * Out: *answer, but for `restored`.
 */
void vmp_cell_call(struct cell *c, struct room *r, int headroom,
		   struct vmp_cell *answer);

/* The same, all of it, and undone, in a child that was forked for the row. */
void vmp_heir_call(struct cell *c, struct room *r, int headroom,
		   struct vmp_cell *answer);
void vmp_heir_end(void);

/* Ends by itself once it may: what SCENE_THREAD and pthread-create start. */
int vmp_thread_start(struct cell *c, size_t stack_bytes);

/* Is the page mapped? */
bool vmp_is_mapped(const void *page, size_t page_bytes);

/* Take the next order from the observer, carry it out, and answer. */
void vmp_serve_cell(struct worker *w);

#define OPERATION(id, name, who, scene, call, ...) \
	extern const struct attempt try_##call;
#include "engine/operations.def"
#undef OPERATION

#endif
