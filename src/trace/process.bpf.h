/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What iterators over tasks know of them: their numbers and their threads. */
#ifndef VMP_PROCESS_BPF_H
#define VMP_PROCESS_BPF_H

#include "trace/bpf-types.h"

enum { PF_EXITING = 0x4, PF_KTHREAD = 0x200000 };

struct list_head {
	struct list_head *next;
} KERNEL;

struct upid {
	int nr;
} KERNEL;

struct pid {
	unsigned int level;
	struct upid numbers[1]; /* from the first namespace on */
} KERNEL;

struct signal_struct {
	struct {
		int counter;
	} live;
	struct list_head thread_head;
} KERNEL;

struct cred {
	struct {
		unsigned int val;
	} euid;
} KERNEL;

struct timespec64 {
	long long tv_sec;
	long tv_nsec;
} KERNEL;

struct time_namespace {
	struct {
		struct timespec64 boottime;
	} offsets;
} KERNEL;

struct nsproxy {
	struct time_namespace *time_ns;
} KERNEL;

struct mm_struct;

struct task_struct {
	unsigned int flags;
	int pid, tgid;
	struct mm_struct *mm;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct list_head thread_node;
	struct signal_struct *signal;
	const struct cred *real_cred;
	struct nsproxy *nsproxy;
	__u64 start_boottime;
	char comm[16];
} KERNEL;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} KERNEL;

/* The first thread that has not begun to end makes a process. */
static __always_inline _Bool is_process(const struct task_struct *task)
{
	return task->pid == task->tgid && !(task->flags & PF_KTHREAD) &&
	       task->signal->live.counter > 0;
}

/*
 * The number that a process has for whoever runs the iterator, which walks its
 * PID namespace: in struct task_struct there are those of the host.
 */
static __always_inline __u32 process_number(const struct task_struct *task)
{
	struct task_struct *reader = bpf_get_current_task_btf();
	__u32 level = reader->thread_pid->level;
	const char *pid;
	int number = 0;

	if (!level)
		return task->tgid;
	/* not as a pointer of a known type, with which one cannot reckon */
	bpf_core_read(&pid, sizeof(pid), &task->thread_pid);
	if (!pid)
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number),
			      pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, nr));
	return number;
}

#endif
