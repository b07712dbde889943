// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs in the kernel, where system calls end: keeps the highest map count of
 * one process.
 */
#include "trace/process.bpf.h"

#include "trace/peak-record.h"

enum { BPF_MAP_TYPE_ARRAY = 2, BPF_F_MMAPABLE = 0x400 };

/* In the PID namespace of the one who asks. */
SEC(".rodata.config") const volatile unsigned int wanted = 0;

SEC(".data.process") struct vmp_peak_process process = {};

/* One for each processor: user space sets how many. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vmp_peak_slot);
} slots SEC(".maps");

SEC("iter/task")
int find(const struct bpf_iter__task *ctx)
{
	const struct task_struct *task = ctx->task;

	/* NULL after the last one */
	if (!task || !is_process(task) || process_number(task) != wanted)
		return 0;
	process.start_ns = task->start_boottime;
	process.mm = (__u64)task->mm;
	process.leader = (__u64)task;
	process.tgid = task->tgid;
	return 0;
}

/*
 * One of the process's own calls: is it still the one that was found? An
 * execve() of another thread keeps the start of the first one, and makes it the
 * leader; any brings another mm.
 */
static __always_inline _Bool is_own(const struct task_struct *task,
				    const struct mm_struct *mm)
{
	const struct task_struct *leader = task->group_leader;

	if (leader->start_boottime != process.start_ns)
		return 0;
	/* seldom, so that processors share what they only read */
	if (process.mm != (__u64)mm)
		process.mm = (__u64)mm;
	if (process.leader != (__u64)leader)
		process.leader = (__u64)leader;
	return 1;
}

/*
 * Another process with the mm of this one: after vfork(), or clone(CLONE_VM).
 * The address may be that of a newer mm, if the process has ended or called
 * execve(): then its first thread, or what is there now, does not have it.
 */
static __always_inline _Bool is_shared(const struct mm_struct *mm)
{
	const struct task_struct *leader = (const void *)process.leader;
	const void *its_mm = 0;
	__u64 start_ns = 0;

	bpf_core_read(&its_mm, sizeof(its_mm), &leader->mm);
	bpf_core_read(&start_ns, sizeof(start_ns), &leader->start_boottime);
	return its_mm == mm && start_ns == process.start_ns;
}

/*
 * On one processor there is one of us at a time, so nothing that is higher is
 * ever overwritten: what may come in between is user space, which takes what is
 * there and leaves 0. Then the count is at most what it has just taken, or is
 * written and left for the next time.
 */
static __always_inline void note(struct task_struct *task)
{
	__u32 processor = bpf_get_smp_processor_id();
	_Bool own = (__u32)task->tgid == process.tgid;
	const struct mm_struct *mm = task->mm;
	struct vmp_peak_slot *slot;
	int mappings;

	if (!own && (__u64)mm != process.mm)
		return;
	if (!mm || !(own ? is_own(task, mm) : is_shared(mm)))
		return;
	slot = bpf_map_lookup_elem(&slots, &processor);
	if (!slot)
		return;
	mappings = map_count(mm);
	if (mappings > 0 && slot->mappings < (__u64)mappings)
		slot->mappings = mappings;
}

SEC("tp_btf/sys_exit")
int leave(__u64 *ctx)
{
	(void)ctx;
	note(bpf_get_current_task_btf());
	return 0;
}

/*
 * Since 7.2 the other one is preempted and passes over those who come in
 * between; perf switches preemption off (see catch.bpf.c).
 */
SEC("tp/raw_syscalls/sys_exit")
int leave_perf(void *ctx)
{
	(void)ctx;
	note(bpf_get_current_task_btf());
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
