// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: truth tables that were saved as JSON. */
#include <stdlib.h>
#include <string.h>

#include "engine/truth.h"
#include "fuzz.h"

static struct vmp_truth truth;
static struct vmp_comparison comparison;

/* What is true of every table that was read. */
static void check(void)
{
	for (int i = 0; i < VMP_OPERATIONS; i++) {
		int needs = vmp_truth_needs(&truth.row[i]);

		if (needs < VMP_HEADROOM_LEAST || needs > VMP_HEADROOM_MOST + 1)
			abort();
		for (int j = 0; j < VMP_HEADROOMS; j++)
			if (truth.row[i].cell[j].run[1].result >=
			    VMP_CELL_RESULTS)
				abort();
	}
	vmp_truth_compare(&truth, &truth, &comparison);
	if (comparison.count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int rc = vmp_truth_parse((const char *)data, size, &truth);

	if (rc == 0)
		check();
	else if (!truth.reason[0])
		abort();
	return 0;
}
