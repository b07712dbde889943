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
	int64_t limit;	  /* vm.max_map_count during the run */
	uint64_t workers; /* that it took */
	double seconds;
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
 * Returns: 0; -ENOENT, no worker; -EPERM, it does not fit in memory or the
 *   limit leaves no room; -ESTALE, the limit changed meanwhile; -EPIPE, a
 *   worker did not start; all with truth->reason.
 * Notes: processes and some seconds; nothing of this process changes.
 */
int vmp_truth_run(const struct vmp_truth_request *request,
		  struct vmp_truth *truth);

/*
 * Read a table that was saved: vmaprobe.limits/1 with calls. In: path, "-" for
 * standard input.
 * Out: *truth. Operations and keys that are not known are passed over.
 * Errors: what open(2) says; -EBADMSG, no such JSON; truth->reason has the
 *   words.
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
 * The least headroom with which it works, and with all above it.
 * Returns: it, VMP_HEADROOM_LEAST where it never fails; VMP_HEADROOM_MOST + 1
 *   where it fails with all that were tried.
 */
int vmp_truth_needs(const struct vmp_truth_row *row);

struct vmp_difference {
	enum vmp_operation operation;
	int headroom;
	const struct vmp_cell *expected, *found;
};

/*
 * What is otherwise in `found` than in `expected`: by result, errno and change.
 * A row that only one of them has, or could try, is not compared; nor is one that
 * the C library decides, where that is another one.
 * Out: differences, room for VMP_OPERATIONS * VMP_HEADROOMS; skipped[], by
 *   operation, where a row that one of them could try was not compared.
 * Returns: how many.
 */
size_t vmp_truth_compare(const struct vmp_truth *expected,
			 const struct vmp_truth *found,
			 struct vmp_difference *differences, bool *skipped);

#endif
