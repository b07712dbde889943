/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs with known stacks share. */
#ifndef VMP_TEST_STACK_H
#define VMP_TEST_STACK_H

enum {
	STACK_MARK = 96 << 20, /* length of the call at which it is held */
	STACK_CODE_AT = 64,    /* in its mapping */
};

#endif
