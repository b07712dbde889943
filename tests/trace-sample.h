/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of a trace that never was, for the tests of sums and reports. */
#ifndef VMP_TESTS_TRACE_SAMPLE_H
#define VMP_TESTS_TRACE_SAMPLE_H

#include "trace/tally.h"

/* The row of a memory call: "munmap". */
const struct vmp_syscall *row_of(const char *name);

/* A call of process 1 that worked, without a stack. In: arguments, three. */
struct vmp_trace_call worked(const char *name, uint64_t a, uint64_t b,
			     uint64_t c);

/* The same, that failed with ENOMEM at the limit of mappings. */
struct vmp_trace_call failed(const char *name, uint64_t a, uint64_t b,
			     uint64_t c);

/* main() in program calls drop(), which calls munmap() in libc. */
extern const struct vmp_frame sample_stack[3];

/* The same from another line of drop(). */
extern const struct vmp_frame other_stack[3];

#endif
