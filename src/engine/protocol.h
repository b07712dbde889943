/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the observer and its worker share: one file in memory, mapped by both
 * before the first step, and a socket on which each lets the other go on.
 *
 *   observer                         worker (fd 3: socket, fd 4: the file)
 *     <- struct vmp_hello              started
 *     -> 'm'                           map the file      <- 'd'
 *     writes ->steps, -> 'g'           run the step, or those that take turns
 *     <- 's'                           stopped: first failure, or a sample
 *     -> 'g'                           goes on
 *     <- 'd'                           the step is done
 *
 * A cell of the truth table needs no file: operation.h.
 *
 * While the worker waits for the observer it makes no memory call, so that
 * what /proc/PID/maps says is exact. It allocates nothing once it runs.
 */
#ifndef VMP_PROTOCOL_H
#define VMP_PROTOCOL_H

#include "lib/diagnose.h"

enum { VMP_PROTOCOL_VERSION = 4 };
#define VMP_PROTOCOL_MAGIC "vmaprobe"

enum { VMP_WORKER_SOCKET = 3, VMP_WORKER_FILE = 4 };

enum vmp_verb {
#define VERB(name, ...) VMP_VERB_##name,
#include "engine/verbs.def"
#undef VERB
	VMP_VERBS
};

enum vmp_key {
#define KEY_ROW(name, ...) VMP_KEY_##name,
#include "engine/keys.def"
#undef KEY_ROW
	VMP_KEYS
};

/* Steps that take turns: a step and those with "and" behind it. */
enum { VMP_MOST_TURNS = 16 };

/* A region that a step made; address 0 where there is none (any more). */
struct vmp_region {
	uint64_t address, length;
};

/* A group: where its array of regions lies in the file. */
struct vmp_group_area {
	uint64_t offset; /* bytes from the start of the file */
	uint64_t members;
};

/* One step, in numbers only. */
struct vmp_step_order {
	uint32_t verb;	       /* enum vmp_verb */
	uint32_t has_length;   /* the step gave one */
	uint32_t in_area;      /* its group is an area */
	uint32_t has_onto;     /* the step gave that */
	uint64_t calls;	       /* at most: dead members are passed over */
	uint64_t first, every; /* of the members, or of the parts */
	uint64_t parts;	       /* that each member is cut into */
	struct vmp_group_area group, to;
	uint64_t base;	       /* fill, area: where it goes */
	uint64_t sample_every; /* calls between two stops; 0: none */
	uint64_t failures_kept;
	int64_t key[VMP_KEYS];
};

/* `error` of a free() whose block stayed mapped. */
enum { VMP_ERROR_LEAK = -1 };

struct vmp_call_failure {
	uint64_t index; /* from 0, in the order of the calls */
	uint64_t address, length;
	int32_t error; /* errno, or VMP_ERROR_LEAK */
	uint32_t padding;
};

/* How far the step is, and what it met. */
struct vmp_step_progress {
	uint64_t calls, failed;
	uint64_t nanoseconds;	/* of the calls, without the stops */
	uint64_t leaked_bytes;	/* asked to be given back, still mapped */
	uint64_t claimed_bytes; /* that malloc says it gave back */
	uint64_t kept;		/* freed blocks still mapped, unclaimed */
	uint64_t failures;	/* records written */
	uint32_t claims;	/* malloc has statistics to claim with */
	uint32_t padding;
	struct vmp_call_failure first; /* the first failure */
};

struct vmp_shared {
	char magic[8];
	uint32_t version, size; /* of this struct */
	uint64_t file_bytes;
	uint64_t failures_offset; /* of the arrays of failures, one a step */
	uint32_t step_count;
	uint32_t current;	    /* of these: which one stopped */
	struct vmp_oracles oracles; /* at the stop */
	uint32_t padding;
	struct vmp_step_order steps[VMP_MOST_TURNS];
	struct vmp_step_progress progress[VMP_MOST_TURNS];
};

/* What comes first stays what it is: a later version reads an older one's. */
struct vmp_hello {
	char magic[8];
	uint32_t version, size; /* of struct vmp_shared */
	uint32_t page_bytes;
	int32_t error; /* errno, when it cannot start */
	char libc[16]; /* that it is linked with, so far as it can tell */
	char libc_version[16];
	/* of the truth table that it has (operation.h) */
	uint32_t operations, operations_hash;
};

/* Bytes rounded up to pages, as the kernel does; page_bytes: a power of two. */
static inline uint64_t vmp_whole_pages(uint64_t bytes, uint64_t page_bytes)
{
	return (bytes + page_bytes - 1) & ~(page_bytes - 1);
}

#endif
