/* SPDX-License-Identifier: GPL-2.0-or-later */
/* catch.bpf.c in the kernel: loaded, attached, its counters read. */
#ifndef VMP_BPF_CATCH_H
#define VMP_BPF_CATCH_H

#include "trace/bpf-object.h"
#include "trace/catch-record.h"
#include "trace/trace.h"

enum { VMP_CATCH_PROGRAMS = 5 };

/* For tests; what is loaded from now on behaves as if the kernel were old. */
extern enum vmp_catch_age vmp_catch_age;

/* For tests; ... as if it preempted programs at system calls. */
extern bool vmp_catch_preempted;

struct vmp_catch {
	struct bpf_object *object;
	struct bpf_link *links[VMP_CATCH_PROGRAMS];
	struct ring_buffer *ring;
	int events; /* folder of tracepoints; -1: not by way of perf */
};

/*
 * Load what a request needs, and attach nothing yet.
 * In: ring_bytes, a power of two and whole pages; consume, is called with each
 *   record by vmp_catch_consume().
 * Out: *catch, to be ended also where it fails; reason, in words.
 * Returns: 0, or a negative errno as vmp_bpf_refuse().
 */
int vmp_catch_load(struct vmp_catch *catch,
		   const struct vmp_trace_request *request, size_t ring_bytes,
		   ring_buffer_sample_fn consume, void *context, char *reason,
		   size_t size);

/* From now on calls are caught. Returns: as above. */
int vmp_catch_attach(struct vmp_catch *catch, char *reason, size_t size);

/*
 * Follow this process, and those that it starts from now on; once, before it
 * makes any call. Returns: 0 or a negative errno.
 */
int vmp_catch_follow(struct vmp_catch *catch, pid_t pid);

/* Catch no more; what was sent before can still be consumed. */
void vmp_catch_detach(struct vmp_catch *catch);

/* What was sent up to now. Returns: a negative errno of consume(), else 0. */
int vmp_catch_consume(struct vmp_catch *catch);

/*
 * How many calls should have been sent so far, there being room or not, and
 * how many of them failed.
 */
void vmp_catch_sent(const struct vmp_catch *catch, uint64_t *sent,
		    uint64_t *failed);

/*
 * Counts of calls, the peak, and what was missed, into the result: the kernel
 * counts each time that it did not run a program, for calls of all processes
 * (struct bpf_prog_info, recursion_misses). By way of perf that is where
 * somebody was preempted inside bpf(2) (trace_call_bpf(), bpf_prog_active);
 * else where a thread came in between. Most of them were no memory calls.
 */
void vmp_catch_result(const struct vmp_catch *catch,
		      struct vmp_trace_result *result);

void vmp_catch_end(struct vmp_catch *catch);

#endif
