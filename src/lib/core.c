// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads the mappings of a core dump. */
#include <errno.h>

#include "lib/maps.h"

bool vmp_is_core(const char *text, size_t length)
{
	(void)text;
	(void)length;
	return false;
}

int vmp_core_read(struct vmp_maps *it)
{
	return vmp_fail(it->ctx, -ENOTSUP, "built without libelf");
}
