// SPDX-License-Identifier: GPL-2.0-or-later
/* Judges a truth table, and holds one against another. */
#include <errno.h>
#include <string.h>

#include "engine/truth.h"

bool vmp_truth_available(const struct vmp_truth_row *row)
{
	return row->present &&
	       row->cell[0].run[0].result != VMP_CELL_UNAVAILABLE;
}

static bool fails(const struct vmp_cell *c)
{
	return c->result == VMP_CELL_FAILED || c->result == VMP_CELL_LEAKED ||
	       c->result == VMP_CELL_KILLED;
}

int vmp_truth_needs(const struct vmp_truth_row *row)
{
	int i = VMP_HEADROOMS;

	while (i > 0 && !fails(&row->cell[i - 1].run[0]) &&
	       !fails(&row->cell[i - 1].run[1]))
		i--;
	return VMP_HEADROOM_LEAST + i;
}

/* Does it tell what the operation does? */
static bool tells(const struct vmp_cell *c)
{
	return c->result == VMP_CELL_OK || fails(c) ||
	       c->result == VMP_CELL_UNAVAILABLE;
}

/* An unstable cell agrees with what either of its runs came to. */
static bool agree(const struct vmp_truth_cell *a,
		  const struct vmp_truth_cell *b)
{
	for (int i = 0; i < 4; i++)
		if (vmp_cell_same(&a->run[i / 2], &b->run[i % 2]))
			return true;
	return false;
}

/* The kernel does not know it, whoever asks. */
static bool is_gone(const struct vmp_truth_row *row)
{
	int error = row->cell[0].run[0].error;

	return error == ENOSYS || error == EINVAL || error == EOPNOTSUPP;
}

static enum vmp_skip why_not(const struct vmp_truth *expected,
			     const struct vmp_truth *found, int operation)
{
	const struct vmp_truth_row *f = &found->row[operation];

	if (!vmp_truth_available(&expected->row[operation]))
		return VMP_NOT_EXPECTED;
	if (vmp_operations[operation].of == VMP_OF_LIBC &&
	    strcmp(expected->libc, found->libc) != 0)
		return VMP_OTHER_LIBC;
	return vmp_truth_available(f) || is_gone(f) ? VMP_COMPARED
						    : VMP_NOT_PERMITTED;
}

static void compare_row(const struct vmp_truth_row *expected,
			const struct vmp_truth_row *found, int operation,
			struct vmp_comparison *c)
{
	for (int j = 0; j < VMP_HEADROOMS; j++) {
		const struct vmp_truth_cell *e = &expected->cell[j];
		const struct vmp_truth_cell *f = &found->cell[j];

		if (!tells(&e->run[0]) || !tells(&f->run[0]))
			continue;
		c->compared++;
		if (!agree(e, f))
			c->differences[c->count++] = (struct vmp_difference){
				.operation = (enum vmp_operation)operation,
				.headroom = VMP_HEADROOM_LEAST + j,
				.expected = &e->run[0],
				.found = &f->run[0],
			};
	}
}

void vmp_truth_compare(const struct vmp_truth *expected,
		       const struct vmp_truth *found, struct vmp_comparison *c)
{
	memset(c, 0, sizeof(*c));
	for (int i = 0; i < VMP_OPERATIONS; i++) {
		if (!found->row[i].present)
			continue;
		c->skipped[i] = why_not(expected, found, i);
		if (c->skipped[i] == VMP_COMPARED)
			compare_row(&expected->row[i], &found->row[i], i, c);
		else if (!vmp_truth_available(&expected->row[i]) &&
			 !vmp_truth_available(&found->row[i]))
			c->skipped[i] = VMP_COMPARED; /* neither has it */
	}
}
