/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth table, cell by cell: an operation, made with exactly so many
 * mappings left, and what came of it. What the observer (truth.c) and the
 * worker (worker/cell.c) share.
 *
 *   observer                         worker (fd 3: socket)
 *     -> 'c', struct vmp_cell_order    brings itself to that headroom, makes
 *                                      the call, undoes it
 *     <- struct vmp_cell               and waits for the next
 */
#ifndef VMP_OPERATION_H
#define VMP_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vmp_operation {
#define OPERATION(id, ...) VMP_OPERATION_##id,
#include "engine/operations.def"
#undef OPERATION
	VMP_OPERATIONS
};

/*
 * A sum of all names in their order (FNV-1a): observer and worker have the same
 * table where they have the same sum.
 */
static inline uint32_t vmp_operations_hash(void)
{
	static const char names[] =
#define OPERATION(id, name, ...) name "\n"
#include "engine/operations.def"
#undef OPERATION
		;
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < sizeof(names); i++)
		hash = (hash ^ (unsigned char)names[i]) * 16777619;
	return hash;
}

/* The table's columns: from the most that a process can hold, limit + 1. */
enum { VMP_HEADROOM_LEAST = -1, VMP_HEADROOM_MOST = 6 };

/* Here no operation lacks room: what fails here does not for the map limit. */
enum { VMP_HEADROOM_AMPLE = 40 };

enum vmp_cell_result {
	VMP_CELL_NOT_RUN,
	VMP_CELL_OK,
	VMP_CELL_FAILED,
	VMP_CELL_LEAKED, /* free() or a thread's end: still mapped, no error */
	VMP_CELL_KILLED, /* the worker died of it */
	VMP_CELL_CANNOT, /* what has to be there before could not be made */
	VMP_CELL_UNSETTLED,   /* the headroom could not be brought about */
	VMP_CELL_NO_ROOM,     /* the ballast could not be laid out at all */
	VMP_CELL_UNAVAILABLE, /* fails with ample headroom, too (truth.c) */
	VMP_CELL_RESULTS
};

struct vmp_cell_order {
	uint32_t operation;
	int32_t headroom;
	uint64_t base;	/* ballast goes up from here; below it is room, too */
	uint64_t pages; /* of ballast, at most */
};

struct vmp_cell {
	uint32_t result; /* enum vmp_cell_result */
	/*
	 * errno; 0 where a call fails without one (dlopen); of CANNOT and
	 * NO_ROOM: why; of KILLED: the signal.
	 */
	int32_t error;
	int32_t change; /* of the map count, also by a call that failed */
	/*
	 * As it was ordered, and found to be there before the call; of
	 * UNSETTLED: what was left, -1 where that is not known.
	 */
	int32_t headroom;
	/*
	 * Everything was undone and the map count is what it was before; if
	 * not, the next cell needs a new worker. So it does where this one has
	 * no more to make a scene of: CANNOT, that a new one may be able to.
	 */
	uint32_t restored;
	uint32_t padding;
};

/* Whose doing it is. */
enum vmp_operation_of { VMP_OF_KERNEL, VMP_OF_LIBC };

/* A row, as the reports and the files of saved tables need it. */
struct vmp_operation_row {
	const char *name; /* "munmap-middle" */
	const char *what;
	enum vmp_operation_of of;
};

extern const struct vmp_operation_row vmp_operations[VMP_OPERATIONS];

/* Returns: the operation of that name, or -1. */
int vmp_operation_find(const char *name);

/* "ok", "failed", ...: what enum vmp_cell_result is called. */
extern const char *const vmp_cell_results[VMP_CELL_RESULTS];

/* Did both come to the same result, errno and change? */
bool vmp_cell_same(const struct vmp_cell *a, const struct vmp_cell *b);

#endif
