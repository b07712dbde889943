/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wish to end a trace, as a signal handler may utter it (trace.h). */
#ifndef VMP_INTERRUPT_H
#define VMP_INTERRUPT_H

#include <stdbool.h>

bool vmp_trace_interrupted(void);

/*
 * A descriptor that can be read once there was an interrupt, to be waited for
 * together with others. Returns: it, the same each time, or a negative errno.
 */
int vmp_trace_interrupt_fd(void);

#endif
