/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value of --headroom, for the commands that start a program with it. */
#ifndef VMP_CLI_HEADROOM_H
#define VMP_CLI_HEADROOM_H

#include "trace/ballast.h"

/*
 * Read "200" or "1%". Out: headroom and percent of *ballast.
 * Returns: 0; -EINVAL, which VMP_HEADROOM_WANTED says more of.
 */
int vmp_headroom_option(const char *text, struct vmp_ballast *ballast);

#define VMP_HEADROOM_WANTED \
	"expected a number of mappings, or a share of the limit such as 1%"

/* The values of --at: where the ballast is made. */
enum { VMP_AT_ENTRY, VMP_AT_MAIN };
extern const char *const vmp_place_names[];

#endif
