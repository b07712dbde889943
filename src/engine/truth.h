/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth table of a kernel: what each operation does with -1 to 6 mappings
 * left.
 *
 *   workers (child.h)  ->  vmp_truth_run()  \
 *   saved JSON         ->  vmp_truth_load() --> struct vmp_truth
 *   two of them        ->  vmp_truth_compare() -> struct vmp_difference[]
 *
 * Every cell is made twice. Where the two differ it is unstable: both are kept,
 * nothing is averaged.
 */
#ifndef VMP_TRUTH_H
#define VMP_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/operation.h"

enum { VMP_HEADROOMS = VMP_HEADROOM_MOST - VMP_HEADROOM_LEAST + 1 };

/* What the two runs of a cell came to. */
struct vmp_truth_cell {
	struct vmp_cell run[2];
	bool unstable;
};

struct vmp_truth_row {
	bool present; /* false: not in this table */
	struct vmp_truth_cell cell[VMP_HEADROOMS];
};

struct vmp_truth {
	char kernel[65], machine[65], version[32];
	char libc[33];	  /* the worker's: "glibc 2.36" */
	int64_t limit;	  /* vm.max_map_count during the run; -1: not known */
	size_t unknown;	  /* operations of a file that are not known here */
	char reason[512]; /* why it could not be made, or not to its end */
	struct vmp_truth_row row[VMP_OPERATIONS];
};

struct vmp_truth_request {
	const char *worker;	   /* program; NULL: find it */
	bool only[VMP_OPERATIONS]; /* all false: all of them */
};

/*
 * Make the table on this kernel.
 * Out: *truth, also where it fails: what was done until then.
 * Returns: 0; -ENOENT, no worker; -EPERM, it does not fit in memory or in the
 *   address space, or the limit leaves no room; -ESTALE, the limit changed
 *   meanwhile; -ETIMEDOUT, a worker was silent; -EPIPE, one did not start, or
 *   was killed from outside; all with truth->reason.
 * Notes: processes and some seconds; nothing of this process changes.
 */
int vmp_truth_run(const struct vmp_truth_request *request,
		  struct vmp_truth *truth);

/*
 * Read a table that was saved: vmaprobe.limits/1 with calls. In: path, "-" for
 * standard input.
 * Out: *truth. Operations and keys that are not known are passed over, results
 *   that are not known count as not run.
 * Errors: what vmp_read_text_file() says; -EBADMSG, no such JSON, or none with
 *   an operation that is known; truth->reason has the words.
 */
int vmp_truth_load(const char *path, struct vmp_truth *truth);

/* The same from memory. */
int vmp_truth_parse(const char *text, size_t length, struct vmp_truth *truth);

/*
 * Find a table that is shipped, by the kernel's series: "6.1".
 * Out: path; where there is none, the names of those that there are.
 * Returns: 0 or -ENOENT.
 */
int vmp_truth_find(const char *kernel, char *path, size_t size);

/* Is this operation there at all (a feature, a permission)? */
bool vmp_truth_available(const struct vmp_truth_row *row);

/*
 * The least headroom from which on it never fails: VMP_HEADROOM_LEAST where
 * it always works; VMP_HEADROOM_MOST + 1 where it fails with all that were
 * tried.
 */
int vmp_truth_needs(const struct vmp_truth_row *row);

struct vmp_difference {
	enum vmp_operation operation;
	int headroom;
	const struct vmp_cell *expected, *found;
};

/* Why a row was not compared. */
enum vmp_skip {
	VMP_COMPARED,
	VMP_NOT_EXPECTED,  /* not there, or not available, in `expected` */
	VMP_NOT_PERMITTED, /* was there; here something else forbids it */
	VMP_OTHER_LIBC,	   /* the C library decides, and is another one */
	VMP_SKIPS
};

struct vmp_comparison {
	struct vmp_difference differences[VMP_OPERATIONS * VMP_HEADROOMS];
	size_t count;	 /* of the differences */
	size_t compared; /* cells */
	enum vmp_skip skipped[VMP_OPERATIONS];
};

/*
 * What is otherwise in `found` than in `expected`: by result, errno and change.
 * An operation that has gone (ENOSYS, EINVAL where it worked) differs; one that
 * a limit or a permission forbids is not compared.
 * Out: *c; points into the tables.
 */
void vmp_truth_compare(const struct vmp_truth *expected,
		       const struct vmp_truth *found, struct vmp_comparison *c);

#endif
