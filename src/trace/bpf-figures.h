/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record of the kernel becomes a call with figures and diagnosis. */
#ifndef VMP_BPF_FIGURES_H
#define VMP_BPF_FIGURES_H

#include "trace/catch-record.h"
#include "trace/trace.h"

struct vmp_figures {
	struct vmp_ctx *ctx;
	struct vmp_limits limits;
	double start, limits_read, doubt_until;
};

/* In: start, the time that calls are told from. Returns: 0 or -errno. */
int vmp_figures_start(struct vmp_figures *figures, double start);
void vmp_figures_end(struct vmp_figures *figures);

/*
 * In: r, of kind VMP_CATCH_CALL; size, of the record with its stack.
 * Out: *call; *snapshot, which call points to where there is a stack.
 * Returns: false where the record cannot be one of ours.
 */
bool vmp_figures_call(struct vmp_figures *figures,
		      const struct vmp_catch_record *r, size_t size,
		      struct vmp_trace_call *call,
		      struct vmp_snapshot *snapshot);

#endif
