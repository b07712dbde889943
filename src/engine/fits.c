// SPDX-License-Identifier: GPL-2.0-or-later
/* Compares what a run would take with what the machine has available. */
#include <stdio.h>

#include "engine/fits.h"
#include "lib/internal.h"

bool vmp_needs_fit(const struct vmp_needs *needs,
		   const struct vmp_limits *limits, const char *remedy,
		   char *reason, size_t size)
{
	bool cgroup = limits->cgroup_available_bytes < limits->available_bytes;
	uint64_t available = cgroup ? limits->cgroup_available_bytes
				    : limits->available_bytes;
	uint64_t room = available / 10 * 9;
	char mappings[32], kernel[32], touched[32], left[32];

	if (available == VMP_UNLIMITED ||
	    (needs->kernel_bytes <= room &&
	     needs->touched_bytes <= room - needs->kernel_bytes))
		return true;
	snprintf(reason, size,
		 "it would hold up to %s mappings, which takes about %s of "
		 "kernel memory, and %s of memory in use; %s has %s available. "
		 "Nothing was mapped. %s",
		 vmp_group_digits((int64_t)needs->mappings, mappings),
		 vmp_human_bytes(needs->kernel_bytes, kernel),
		 vmp_human_bytes(needs->touched_bytes, touched),
		 cgroup ? "the memory cgroup" : "this machine",
		 vmp_human_bytes(available, left), remedy);
	return false;
}
