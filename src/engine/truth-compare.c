// SPDX-License-Identifier: GPL-2.0-or-later
/* Holds one truth table against another. */
#include <string.h>

#include "engine/truth.h"

/* An unstable cell agrees with what either of its runs came to. */
static bool agree(const struct vmp_truth_cell *a,
		  const struct vmp_truth_cell *b)
{
	for (int i = 0; i < 4; i++)
		if (vmp_cell_same(&a->run[i / 2], &b->run[i % 2]))
			return true;
	return false;
}

static bool comparable(const struct vmp_truth *a, const struct vmp_truth *b,
		       int operation)
{
	return vmp_truth_available(&a->row[operation]) &&
	       vmp_truth_available(&b->row[operation]) &&
	       (vmp_operations[operation].of == VMP_OF_KERNEL ||
		!strcmp(a->libc, b->libc));
}

static size_t compare_row(const struct vmp_truth_row *expected,
			  const struct vmp_truth_row *found, int operation,
			  struct vmp_difference *differences)
{
	size_t count = 0;

	for (int j = 0; j < VMP_HEADROOMS; j++)
		if (!agree(&expected->cell[j], &found->cell[j]))
			differences[count++] = (struct vmp_difference){
				.operation = (enum vmp_operation)operation,
				.headroom = VMP_HEADROOM_LEAST + j,
				.expected = &expected->cell[j].run[0],
				.found = &found->cell[j].run[0],
			};
	return count;
}

size_t vmp_truth_compare(const struct vmp_truth *expected,
			 const struct vmp_truth *found,
			 struct vmp_difference *differences, bool *skipped)
{
	size_t count = 0;

	for (int i = 0; i < VMP_OPERATIONS; i++) {
		const struct vmp_truth_row *e = &expected->row[i];
		const struct vmp_truth_row *f = &found->row[i];
		bool one = vmp_truth_available(e) || vmp_truth_available(f);

		skipped[i] = false;
		if (f->present && comparable(expected, found, i))
			count += compare_row(e, f, i, differences + count);
		else
			skipped[i] = f->present && one;
	}
	return count;
}
