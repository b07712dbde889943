/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command that the user wants to be run when something happens. */
#ifndef VMP_CLI_HOOK_H
#define VMP_CLI_HOOK_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Run `sh -c command` and wait for it. In: values, "VMAPROBE_NAME=value", which
 * its environment has in place of what it would have of such names.
 * Returns: its exit status as in a shell, or a negative errno.
 */
int vmp_hook_run(const char *command, char *const *values, size_t count);

/*
 * The same, but an interrupt (trace/interrupt.h) ends the waiting: the command
 * is left running. Returns: -EINTR then.
 */
int vmp_hook_run_interruptible(const char *command, char *const *values,
			       size_t count);

/* Can be read when the process has ended. Returns: -1 before Linux 5.3. */
int vmp_pidfd_open(pid_t pid);

#endif
