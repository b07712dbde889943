// SPDX-License-Identifier: GPL-2.0-or-later
/* Says why a trace could not be done. */
#include <stdio.h>
#include <string.h>

#include "trace/trace.h"

int vmp_trace_refuse(struct vmp_trace_result *result, int rc, const char *what)
{
	snprintf(result->reason, sizeof(result->reason), "cannot %s: %s", what,
		 strerror(-rc));
	return rc;
}
