// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads the mappings out of a JVM's error log. */
#include <errno.h>

#include "lib/maps.h"

bool vmp_is_hs_err(const char *text, size_t length)
{
	(void)text;
	(void)length;
	return false;
}

int vmp_hs_err_read(struct vmp_maps *it)
{
	return vmp_fail(it->ctx, -EBADMSG, "no mappings");
}
