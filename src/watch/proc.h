/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc tells of processes: which there are, and one at a time. */
#ifndef VMP_WATCH_PROC_H
#define VMP_WATCH_PROC_H

#include "lib/vmaprobe.h"

/* What is of use here of /proc/PID/stat. */
struct vmp_stat {
	pid_t pid;
	char command[64]; /* any bytes, terminated */
	char state;	  /* 'R', 'S', 'Z' */
	uint64_t threads;
	uint64_t start;	     /* ticks since the system's start */
	uint64_t size_bytes; /* 0: without mappings */
};

/*
 * Parse it.
 *   4242 (a name) S 1 4242 4242 0 -1 4194304 ...
 * The name may hold anything: it ends at the last bracket.
 * Out: *stat, only on success.
 * Errors: -EBADMSG, no such line. Notes: pure; text needs no terminator.
 */
int vmp_stat_parse(const char *text, size_t length, struct vmp_stat *stat);

/*
 * Read it.
 * Errors: -ESRCH, there is no such process (any more); -EPERM, /proc hides
 *   (hidepid=1); -EBADMSG; what open(2) answered.
 */
int vmp_stat_read(struct vmp_ctx *ctx, pid_t pid, struct vmp_stat *stat);

/*
 * The effective UID.
 * Errors: as vmp_stat_read().
 */
int vmp_proc_user(struct vmp_ctx *ctx, pid_t pid, uid_t *user);

/*
 * Count the mappings. In: *stat, just read; read again where the process has
 * called exec or lost its first thread meanwhile.
 * Returns: the count; 0, it has none (a kernel thread, a zombie); or -errno.
 * Errors: -ESRCH, it has ended; -EACCES, -EPERM, its mappings may not be read;
 *   what else open(2) and read(2) answered.
 */
int64_t vmp_proc_count(struct vmp_ctx *ctx, struct vmp_stat *stat);

/* PIDs, in the order of /proc. */
struct vmp_pids {
	pid_t *list;
	size_t count, room;
};

/*
 * All processes that show. In/out: *pids, {0} at first, whose memory is used
 * again; the caller frees list.
 * Errors: -ENOMEM; what opening or reading /proc answered.
 */
int vmp_proc_list(struct vmp_ctx *ctx, struct vmp_pids *pids);

/* Is it a process, or the number of a thread that is not its first? */
bool vmp_proc_is_process(struct vmp_ctx *ctx, pid_t pid);

/*
 * Is /proc mounted with hidepid=2 or 4, and does it hide from us? Told from
 * PID 1: it is always there.
 */
bool vmp_proc_hides(struct vmp_ctx *ctx);

/* Are its PIDs those of this process's namespace? A copy's are not. */
bool vmp_proc_is_own(struct vmp_ctx *ctx);

/*
 * The most telling path in text of /proc/PID/cgroup: one that names a
 * container, else that of v2, else the longest.
 * Out: path, "" where there is none but the root. Notes: pure.
 */
void vmp_cgroup_choose(char *text, char *path, size_t size);

#endif
