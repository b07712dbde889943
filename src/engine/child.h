/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts the worker, talks to it, and takes it down on every path. */
#ifndef VMP_CHILD_H
#define VMP_CHILD_H

#include <sys/types.h>

#include "engine/protocol.h"

struct vmp_child {
	pid_t pid; /* 0: none */
	int socket, file;
	struct vmp_shared *shared;
	size_t shared_bytes;
	char libc[16]; /* the worker's */
	char libc_version[16];
	int status; /* of waitpid(2), once it is reaped */
};

/*
 * Find the worker's program: beside this program, in libexec, or in libexec
 * beside a moved bin.
 * Out: path. Returns: 0 or -ENOENT.
 */
int vmp_child_find(char *path, size_t size);

/*
 * Start it and read its greeting.
 * In: preload, what LD_PRELOAD is to be; "" takes it out of the worker's
 *   environment, NULL leaves it as it is here.
 * Returns: 0, a negative errno; reason has the words.
 */
int vmp_child_start(struct vmp_child *child, const char *path,
		    const char *preload, char *reason, size_t size);

/* Make the shared file this long and map it, here and there. */
int vmp_child_share(struct vmp_child *child, uint64_t bytes,
		    uint64_t failures_offset);

/* Returns: 0 or a negative errno. */
int vmp_child_tell(struct vmp_child *child, char message);

/*
 * Wait for a message.
 * Returns: it; 0 after the time or a signal; -EPIPE when the worker ended.
 */
int vmp_child_wait(struct vmp_child *child, int milliseconds);

/*
 * End it, if it still runs, and reap it; unmap and close everything. The
 * status stays. Can be called twice.
 */
void vmp_child_end(struct vmp_child *child);

#endif
