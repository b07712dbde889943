/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is true of every walk over mappings, whatever the input was. */
#ifndef VMP_TESTS_FUZZ_WALK_H
#define VMP_TESTS_FUZZ_WALK_H

#include "lib/maps.h"

/* To the end of the walk, or its first error; closes it. */
void fuzz_walk(struct vmp_maps *maps);

#endif
