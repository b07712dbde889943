/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What catch.bpf.c knows of the kernel and of each machine. */
#ifndef VMP_CATCH_KERNEL_BPF_H
#define VMP_CATCH_KERNEL_BPF_H

#include "trace/bpf-types.h"

enum { ENOENT = 2, EAGAIN = 11, ENOMEM = 12, EBUSY = 16, MOST_ERROR = 4095 };
enum { CLONE_THREAD = 0x10000 };
enum { MAP_FIXED = 0x10, MAP_FIXED_NOREPLACE = 0x100000 };
enum { MREMAP_MAYMOVE = 1, MREMAP_ELSEWHERE = 2 | 4 };
enum {
	MOST_MAPPINGS = 32, /* that are looked at */
	MOST_TRIES = 16
};

/* enum bpf_map_type */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29,
};

/* Of bpf_ringbuf_output() and bpf_ringbuf_query(). */
enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
	BPF_RB_AVAIL_DATA = 0,
};

/* Each machine's own names; the running kernel has those of one of them. */
struct pt_regs___x86 {
	unsigned long r10, r9, r8, dx, si, di, orig_ax, sp;
} KERNEL;

struct pt_regs___arm64 {
	__u64 regs[31], sp, orig_x0;
	__s32 syscallno;
} KERNEL;

struct pt_regs;

/* What tracepoints hand over to a program that runs by way of perf. */
struct trace_event_raw_sys_enter {
	long id;
} KERNEL;

struct trace_event_raw_sys_exit {
	long id, ret;
} KERNEL;

struct trace_event_raw_task_newtask {
	int pid;
	unsigned long clone_flags;
} KERNEL;

struct thread_info {
	unsigned long flags;
	__u32 status;
} KERNEL;

struct mm_struct {
	unsigned long total_vm, data_vm, locked_vm, task_size;
	unsigned long start_data, end_data, start_brk, brk, start_stack;
} KERNEL;

struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_flags;
} KERNEL;

/* Whole, for it is counted by: an index that varies is not relocated. */
struct rlimit {
	unsigned long rlim_cur, rlim_max;
} KERNEL;

struct signal_struct {
	struct {
		int counter;
	} live;
	struct rlimit rlim[16];
} KERNEL;

struct user_namespace {
	int level;
} KERNEL;

struct cred {
	struct {
		__u64 val; /* two words of 32 bits before 6.3 */
	} cap_effective;
	struct user_namespace *user_ns;
} KERNEL;

struct task_struct {
	int pid, tgid;
	struct thread_info thread_info;
	struct mm_struct *mm;
	struct signal_struct *signal;
	const struct cred *cred;
} KERNEL;

enum bpf_func_id___find {
	BPF_FUNC_find_vma = 180,
};

/* Since 6.7. */
struct bpf_iter_task_vma {
	__u64 opaque;
} __attribute__((aligned(8)));

extern int bpf_iter_task_vma_new(struct bpf_iter_task_vma *iterator,
				 struct task_struct *task,
				 __u64 address) __ksym __weak;
extern struct vm_area_struct *
bpf_iter_task_vma_next(struct bpf_iter_task_vma *iterator) __ksym __weak;
extern void
bpf_iter_task_vma_destroy(struct bpf_iter_task_vma *iterator) __ksym __weak;

#define IS_X86 bpf_core_field_exists(struct pt_regs___x86, orig_ax)
#define IS_ARM64 bpf_core_field_exists(struct pt_regs___arm64, orig_x0)

static __always_inline long call_number(void *registers)
{
	if (IS_X86)
		return (long)((struct pt_regs___x86 *)registers)->orig_ax;
	if (IS_ARM64)
		return ((struct pt_regs___arm64 *)registers)->syscallno;
	return -1;
}

static __always_inline __u64 x86_argument(const struct pt_regs___x86 *r,
					  unsigned int i)
{
	if (i == 0)
		return r->di;
	if (i == 1)
		return r->si;
	if (i == 2)
		return r->dx;
	if (i == 3)
		return r->r10;
	return i == 4 ? r->r8 : r->r9;
}

static __always_inline __u64 arm64_argument(const struct pt_regs___arm64 *r,
					    unsigned int i)
{
	if (i == 0)
		return r->orig_x0;
	if (i == 1)
		return r->regs[1];
	if (i == 2)
		return r->regs[2];
	if (i == 3)
		return r->regs[3];
	return i == 4 ? r->regs[4] : r->regs[5];
}

static __always_inline __u64 argument(void *registers, unsigned int i)
{
	if (IS_X86)
		return x86_argument(registers, i);
	return IS_ARM64 ? arm64_argument(registers, i) : 0;
}

static __always_inline __u64 stack_pointer(void *registers)
{
	if (IS_X86)
		return ((struct pt_regs___x86 *)registers)->sp;
	return IS_ARM64 ? ((struct pt_regs___arm64 *)registers)->sp : 0;
}

/* A call of 32 bits has numbers of its own: TS_COMPAT; TIF_32BIT. */
static __always_inline _Bool is_narrow(const struct task_struct *task)
{
	if (IS_X86)
		return task->thread_info.status & 2;
	return task->thread_info.flags >> 22 & 1;
}

#endif
