/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a thread that is stopped at a call's entry or exit does there. */
#ifndef VMP_CALL_INFO_H
#define VMP_CALL_INFO_H

#include <sys/types.h>

#include "trace/syscalls.h"

/*
 * At the entry. Out: arguments.
 * Returns: the row; NULL for a call that is not caught.
 */
const struct vmp_syscall *vmp_call_enter(pid_t tid, uint64_t *arguments);

/* At the exit. Out: *result. Returns: 0 or a negative errno. */
int vmp_call_leave(pid_t tid, int64_t *result);

#endif
