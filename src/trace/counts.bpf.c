// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs in the kernel: writes a record for each process that has mappings. */

#include "trace/process.bpf.h"

#include "trace/counts-record.h"

enum {
	NS_PER_SECOND = 1000000000,
	MOST_EXECS = 4,	   /* while we look */
	MOST_THREADS = 64, /* that end while we look */
	NONE = -1,	   /* no mappings: they are given away */
	UNKNOWN = -2,
};

/*
 * Nobody is held up, and so the process may give its mappings away while they
 * are read, to end or at an execve(): it has done so, if it has others then.
 * Returns: their count, NONE or UNKNOWN.
 */
static __always_inline int count_leader(const struct task_struct *task)
{
	for (int i = 0; i < MOST_EXECS; i++) {
		struct mm_struct *mm = task->mm;
		int mappings;

		if (!mm)
			return NONE;
		mappings = map_count(mm);
		asm volatile("" ::: "memory");
		if (task->mm == mm)
			return mappings;
	}
	return UNKNOWN;
}

static __always_inline int read_map_count(const void *mm)
{
	const struct mm_struct___count *count = mm;
	const struct mm_struct___renamed *renamed = mm;
	int mappings = -1;

	if (bpf_core_field_exists(count->map_count))
		bpf_core_read(&mappings, sizeof(mappings), &count->map_count);
	else if (bpf_core_field_exists(renamed->vma_count))
		bpf_core_read(&mappings, sizeof(mappings), &renamed->vma_count);
	return mappings;
}

/*
 * The same for a thread that was found on a list: an address and no more. Not
 * static: so the kernel checks it once, not in each round of a loop.
 */
__noinline int count_thread(__u64 address)
{
	const struct task_struct *thread = (const void *)address;

	for (int i = 0; i < MOST_EXECS; i++) {
		const void *mm = 0, *after = 0;
		int mappings;

		bpf_core_read(&mm, sizeof(mm), &thread->mm);
		if (!mm)
			return NONE;
		mappings = read_map_count(mm);
		bpf_core_read(&after, sizeof(after), &thread->mm);
		if (after == mm)
			return mappings;
	}
	return UNKNOWN;
}

/*
 * A first thread that has ended, by pthread_exit() or in the execve() of
 * another one, has no mappings; all others of the process have the same.
 */
static __noinline int count_others(const struct task_struct *task)
{
	const __u64 offset =
		bpf_core_field_offset(struct task_struct, thread_node);
	const struct list_head *head = &task->signal->thread_head, *at = head;

	for (int i = 0; i < MOST_THREADS; i++) {
		int mappings;

		bpf_core_read(&at, sizeof(at), &at->next);
		if (!at || at == head)
			return NONE;
		mappings = count_thread((__u64)at - offset);
		if (mappings != NONE)
			return mappings;
	}
	return UNKNOWN;
}

/*
 * A process has mappings until its last thread begins to end (do_exit() counts
 * it out first): else its threads changed while we looked at one by one. What
 * the kernel has started to run a program has none at first.
 */
static __always_inline int count_mappings(const struct task_struct *task)
{
	int mappings = count_leader(task);

	if (mappings == NONE)
		mappings = count_others(task);
	if (mappings == NONE && is_process(task) && task->flags & PF_EXITING)
		return UNKNOWN;
	return mappings;
}

/* As /proc/PID/stat has it for the reader (timens_add_boottime_ns()). */
static __always_inline __u64 start_time(const struct task_struct *task)
{
	const struct task_struct *reader = bpf_get_current_task_btf();
	const struct time_namespace *ns = reader->nsproxy->time_ns;

	if (!bpf_core_field_exists(ns->offsets.boottime.tv_sec))
		return task->start_boottime;
	return task->start_boottime +
	       (__u64)ns->offsets.boottime.tv_sec * NS_PER_SECOND +
	       (__u64)ns->offsets.boottime.tv_nsec;
}

SEC("iter/task")
int counts(const struct bpf_iter__task *ctx)
{
	const struct task_struct *task = ctx->task;
	struct vmp_counts_record record;
	int mappings;

	/* NULL after the last one; most are threads */
	if (!task || !is_process(task))
		return 0;
	mappings = count_mappings(task);
	if (mappings == NONE)
		return 0;
	record.mappings = mappings < 0 ? -1 : mappings;
	record.start_ns = start_time(task);
	record.pid = process_number(task);
	record.user = task->real_cred->euid.val;
	bpf_core_read(&record.command, sizeof(record.command), &task->comm);
	record.command[sizeof(record.command) - 1] = 0;
	/* where it does not fit, the kernel shows the task again */
	bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
