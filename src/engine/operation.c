// SPDX-License-Identifier: GPL-2.0-or-later
/* The names of the truth table's operations. */
#include <string.h>

#include "engine/operation.h"

const struct vmp_operation_row vmp_operations[VMP_OPERATIONS] = {
#define OPERATION(id, name_, who, scene, call, at, pages, argument, what_) \
	[VMP_OPERATION_##id] = { name_, what_, VMP_OF_##who },
#include "engine/operations.def"
#undef OPERATION
};

int vmp_operation_find(const char *name)
{
	for (int i = 0; i < VMP_OPERATIONS; i++)
		if (!strcmp(vmp_operations[i].name, name))
			return i;
	return -1;
}

const char *const vmp_cell_results[VMP_CELL_RESULTS] = {
	[VMP_CELL_NOT_RUN] = "not-run",		[VMP_CELL_OK] = "ok",
	[VMP_CELL_FAILED] = "failed",		[VMP_CELL_LEAKED] = "leaked",
	[VMP_CELL_KILLED] = "killed",		[VMP_CELL_CANNOT] = "cannot",
	[VMP_CELL_UNSETTLED] = "unsettled",	[VMP_CELL_NO_ROOM] = "no-room",
	[VMP_CELL_UNAVAILABLE] = "unavailable",
};

bool vmp_cell_same(const struct vmp_cell *a, const struct vmp_cell *b)
{
	return a->result == b->result && a->error == b->error &&
	       a->change == b->change;
}
