/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this machine has the memory for what is planned. */
#ifndef VMP_FITS_H
#define VMP_FITS_H

#include "lib/vmaprobe.h"

/*
 * Kernel memory for one mapping, untouched: 192 bytes of vm_area_struct and
 * its share of a maple tree node, measured on 6.18 with isolated mappings.
 */
enum { VMP_MAPPING_BYTES = 230 };

struct vmp_needs {
	uint64_t mappings;	/* at once */
	uint64_t kernel_bytes;	/* those of the mappings among them */
	uint64_t touched_bytes; /* of pages that will be there */
};

/*
 * In: remedy, a sentence. Returns: true, or false with the words why not.
 * Notes: a tenth of what is available stays free: the figures are estimates.
 */
bool vmp_needs_fit(const struct vmp_needs *needs,
		   const struct vmp_limits *limits, const char *remedy,
		   char *reason, size_t size);

#endif
