/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a program's memory calls, or a process's layout, as a scenario that
 * makes the same mappings and meets the same failure elsewhere.
 */
#ifndef VMP_RECORD_H
#define VMP_RECORD_H

#include <stdio.h>

#include "trace/trace.h"

struct vmp_recorder;

/* Returns: it, NULL where there is no memory. Owns: the caller. */
struct vmp_recorder *vmp_recorder_new(void);
void vmp_recorder_free(struct vmp_recorder *r);

/*
 * Add a call; all calls of all processes are told, in order, with the thread
 * held, so that the first call of a process finds its mappings in /proc.
 * In: site, the innermost frame with a name outside of libc, or NULL.
 * Returns: 0 or -ENOMEM.
 * Notes: a recording begins where a program does, and again, with the layout
 *   of that moment, when it has so many mappings that a replay, which has some
 *   of its own, can stand in for it; but never behind a failure.
 */
int vmp_recorder_call(struct vmp_recorder *r, const struct vmp_trace_call *call,
		      const struct vmp_frame *site);

/* A process runs a new program: what it did before is of no interest. */
void vmp_recorder_exec(struct vmp_recorder *r, pid_t pid);

/* It is about to end, or will be watched no longer. */
void vmp_recorder_exit(struct vmp_recorder *r, pid_t pid);

/*
 * Write the scenario: of the process that first failed, else of the one with
 * the most calls. In: command, for a comment.
 * Returns: 0, -ENOENT if no call was recorded, -ENOMEM.
 */
int vmp_recorder_write(struct vmp_recorder *r, const char *command, FILE *out);

/*
 * The same of mappings as they are.
 * In: pid of a process, or the path of a saved maps, smaps, core or hs_err.
 * Returns: 0, or a negative errno with the reason in words: those of the maps
 *   iterator; -ENOENT where there is nothing to write.
 */
int vmp_record_layout(struct vmp_ctx *ctx, pid_t pid, const char *path,
		      FILE *out, char *reason, size_t size);

#endif
