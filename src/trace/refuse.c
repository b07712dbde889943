// SPDX-License-Identifier: GPL-2.0-or-later
/* What the back ends share: reasons why not, and doubt. */
#include <stdio.h>
#include <string.h>

#include "trace/trace.h"

int vmp_trace_refuse(struct vmp_trace_result *result, int rc, const char *what)
{
	snprintf(result->reason, sizeof(result->reason), "cannot %s: %s", what,
		 strerror(-rc));
	return rc;
}

void vmp_trace_doubt(struct vmp_diagnosis *diagnosis)
{
	if (diagnosis->certainty == VMP_CERTAIN)
		diagnosis->certainty = VMP_LIKELY;
	if (diagnosis->map_limit == VMP_CERTAIN)
		diagnosis->map_limit = VMP_LIKELY;
}
