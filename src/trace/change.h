/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By how many mappings a call changed the map count, counted around it. */
#ifndef VMP_CHANGE_H
#define VMP_CHANGE_H

#include "trace/trace.h"

/*
 * At the entry of a call: what lies where it will do something.
 * Returns: a mark for vmp_change_after(); negative where it cannot be told.
 */
int64_t vmp_change_before(struct vmp_ctx *ctx, pid_t pid,
			  const struct vmp_syscall *row,
			  const uint64_t *arguments);

/*
 * At its exit. Returns: the change, or VMP_CHANGE_UNKNOWN: before Linux 6.11,
 * and for calls whose range is not told (shmdt, io_setup).
 */
int64_t vmp_change_after(struct vmp_ctx *ctx, const struct vmp_trace_call *call,
			 int64_t mark);

#endif
