/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What catch.bpf.c keeps, and shares with bpf-catch.c. */
#ifndef VMP_CATCH_MAPS_BPF_H
#define VMP_CATCH_MAPS_BPF_H

#include "trace/catch-kernel.bpf.h"
#include "trace/catch-record.h"

/* 0 where the kernel's list of symbols has no variables. */
extern const void sysctl_max_map_count __ksym __weak;

const volatile struct vmp_catch_config config SEC(".rodata.config");
struct vmp_catch_state state SEC(".data.state");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vmp_catch_totals);
} totals SEC(".maps");

/* Processes that are followed, or that have leaked; value: it has. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, __u32);
} processes SEC(".maps");

/* Of a task that is in a memory call: the count before it. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, 1); /* BPF_F_NO_PREALLOC */
	__type(key, int);
	__type(value, int);
} before SEC(".maps");

struct scratch {
	struct vmp_catch_record record;
	unsigned char stack[VMP_CATCH_STACK + VMP_CATCH_CHUNK];
	/* of the range, up to where it was looked at: */
	__u64 end, reached, next;
};

/*
 * A record is put together here, one for each processor: too large for what is
 * called per-CPU. Nobody comes between: preemption is off, and where it is not,
 * the kernel does not run a program inside itself (bpf_prog.active).
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct call {
	struct task_struct *task;
	struct mm_struct *mm;
	void *registers;
	const volatile struct vmp_catch_row *row;
	__s64 result;
};

static __always_inline struct scratch *own_scratch(void)
{
	__u32 processor = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratches, &processor);
}

static __always_inline __u64 whole_pages(__u64 bytes)
{
	__u64 below = config.page_bytes - 1;

	return (bytes > ~0ULL - below ? bytes : bytes + below) & ~below;
}

#endif
