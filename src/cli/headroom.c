// SPDX-License-Identifier: GPL-2.0-or-later
/* The value of --headroom, for the commands that start a program with it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/headroom.h"

const char *const vmp_place_names[] = { "entry", "main", NULL };

int vmp_headroom_option(const char *text, struct vmp_ballast *ballast)
{
	size_t digits = strspn(text, "0123456789");
	bool percent = !strcmp(text + digits, "%");
	int64_t most = percent ? 100 : INT32_MAX;

	if (!digits || digits > 10 || (!percent && text[digits]))
		return -EINVAL;
	ballast->headroom = strtoll(text, NULL, 10);
	ballast->percent = percent;
	return ballast->headroom <= most ? 0 : -EINVAL;
}
