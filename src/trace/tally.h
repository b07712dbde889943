/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over the calls of a trace: by call, errno and cause, and by site. */
#ifndef VMP_TALLY_H
#define VMP_TALLY_H

#include "trace/trace.h"

/* Failures of one kind. */
struct vmp_tally_row {
	const struct vmp_syscall *row;
	int error;
	enum vmp_cause cause;
	bool doubted; /* the cause, of one of them at least */
	uint64_t failures;
};

/*
 * A place in the program that calls: one call, from one stack. Processes that
 * run the same code share it, wherever that was loaded.
 */
struct vmp_site {
	const struct vmp_syscall *row;
	const struct vmp_frame *frames; /* their text stays the unwinder's */
	size_t frame_count;
	char command[16]; /* of the thread that came first */
	uint64_t calls;	  /* those whose stack was taken */
	uint64_t failures;
	uint64_t leaked_bytes; /* asked to be given back, still mapped */
	uint64_t counted; /* calls whose change of the map count is known */
	int64_t mappings; /* made by these, net */
	struct vmp_tally_row first; /* how its first failure ended */
};

struct vmp_tally;

/* Returns: it, NULL where there is no memory. Owns: the caller. */
struct vmp_tally *vmp_tally_new(void);
void vmp_tally_free(struct vmp_tally *t);

/*
 * Count a call. In: its frames, none where no stack was taken.
 * Returns: 1 for a failure unlike those before it: at another place, with
 *   another errno, or for another cause; else 0, or -ENOMEM.
 * Notes: ranges that a process leaked are taken out again when it unmaps them
 *   or maps over them later, so that it has to be told of these calls too.
 */
int vmp_tally_add(struct vmp_tally *t, const struct vmp_trace_call *call,
		  const struct vmp_frame *frames, size_t count);

/* A process runs a new program or has ended: what it leaked is settled. */
void vmp_tally_settle(struct vmp_tally *t, pid_t pid);

/* Rows by number of failures. Notes: theirs until the next call is counted. */
const struct vmp_tally_row *vmp_tally_rows(struct vmp_tally *t, size_t *count);

/* Sites; where the figures are equal, those that came first are first. */
enum vmp_site_order {
	VMP_BY_FAILURES, /* leaked bytes, then failures, then calls */
	VMP_BY_MAPPINGS, /* made net, then calls */
};
const struct vmp_site *const *
vmp_tally_sites(struct vmp_tally *t, enum vmp_site_order order, size_t *count);

uint64_t vmp_tally_leaked_bytes(const struct vmp_tally *t);
uint64_t vmp_tally_failures(const struct vmp_tally *t);

/*
 * The frame to name a stack by: the innermost one that belongs neither to libc
 * nor to an allocator.
 * Returns: its index; where all do, that of the first that is no function to
 *   allocate memory, else 0.
 */
size_t vmp_place_of(const struct vmp_frame *frames, size_t count);

#endif
