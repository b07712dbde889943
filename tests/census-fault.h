/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is true of every census, for the tests and for the fuzz target. */
#ifndef VMP_TESTS_CENSUS_FAULT_H
#define VMP_TESTS_CENSUS_FAULT_H

#include "lib/vmaprobe.h"

/* What is wrong with a census, in words; NULL: nothing. */
const char *census_fault(const struct vmp_census *census);

#endif
