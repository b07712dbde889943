// SPDX-License-Identifier: LGPL-2.1-or-later
/* Gives memory back where munmap() cannot. */
#include "lib/internal.h"

void vmp_ranges_free(struct vmp_ranges *ranges)
{
	free(ranges);
}
