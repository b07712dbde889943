// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: truth tables that were saved as JSON. */
#include <stdlib.h>
#include <string.h>

#include "engine/truth.h"
#include "fuzz.h"

static struct vmp_truth truth;
static struct vmp_difference differences[VMP_OPERATIONS * VMP_HEADROOMS];

/* What is true of every table that was read. */
static void check(void)
{
	bool skipped[VMP_OPERATIONS];

	for (int i = 0; i < VMP_OPERATIONS; i++) {
		int needs = vmp_truth_needs(&truth.row[i]);

		if (needs < VMP_HEADROOM_LEAST || needs > VMP_HEADROOM_MOST + 1)
			abort();
		for (int j = 0; j < VMP_HEADROOMS; j++)
			if (truth.row[i].cell[j].run[1].result >=
			    VMP_CELL_RESULTS)
				abort();
	}
	if (vmp_truth_compare(&truth, &truth, differences, skipped))
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
