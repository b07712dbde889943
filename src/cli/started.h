/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What trace and exec say, in the same words, of commands they started. */
#ifndef VMP_CLI_STARTED_H
#define VMP_CLI_STARTED_H

#include <stddef.h>
#include <sys/types.h>

/* A program of its family could not be given ballast. */
void vmp_warn_without(pid_t pid, const char *reason);

/* It has ended, and processes that it left have not. In: doing, "tracing". */
void vmp_warn_left(const char *command, size_t processes, const char *doing);

/* Who stays for them, and must. */
void vmp_warn_tracer(pid_t tracer);

#endif
