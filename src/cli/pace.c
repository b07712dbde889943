// SPDX-License-Identifier: GPL-2.0-or-later
/* When to look again: in step, however long a look takes. */
#include <math.h>

#include "cli/pace.h"
#include "lib/internal.h"

double vmp_pace_next(double due, double interval)
{
	double now = vmp_seconds();

	due += interval;
	return due >= now ? due : due + interval * ceil((now - due) / interval);
}
