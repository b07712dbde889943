/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs for the kernel that run at tracepoints by way of perf. */
#ifndef VMP_BPF_PERF_H
#define VMP_BPF_PERF_H

#include <bpf/libbpf.h>

/* Does the kernel preempt programs that run at system calls directly? */
bool vmp_perf_is_needed(void);

/*
 * The folder of all tracepoints (tracefs), whether it is mounted or not.
 * Returns: a descriptor or a negative errno.
 */
int vmp_perf_open_events(void);

/*
 * In: program, whose section is named tp/GROUP/NAME as the tracepoint.
 * Returns: NULL with errno where it cannot be attached.
 */
struct bpf_link *vmp_perf_attach(int events, const struct bpf_program *program);

#endif
