/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a thread that may be read: one that is stopped under ptrace. */
#ifndef VMP_MEMORY_H
#define VMP_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Read up to `size` bytes, at most VMP_STACK_BYTES; whole pages until there is
 * none. Returns: how many, or a negative errno.
 */
ssize_t vmp_memory_read(pid_t tid, uint64_t address, void *buffer, size_t size);

#endif
