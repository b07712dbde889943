/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts records together, and sends them. */
#ifndef VMP_CATCH_SEND_BPF_H
#define VMP_CATCH_SEND_BPF_H

#include "trace/catch-range.bpf.h"

static __always_inline void begin_record(struct vmp_catch_record *r,
					 struct task_struct *task)
{
	r->time_ns = bpf_ktime_get_ns();
	r->pid = task->tgid;
	r->tid = task->pid;
	r->flags = 0;
	r->mappings = -1;
	r->before = -1;
	r->threads = 0;
	bpf_get_current_comm(r->command, sizeof(r->command));
}

static void read_pointer(struct vmp_catch_record *r, const struct call *c)
{
	unsigned int to = c->row->read_to;
	const __u64 *from = (void *)(r->arguments[c->row->read_argument & 3] +
				     c->row->read_offset);

	if (!c->row->read_words || to >= VMP_CATCH_ARGUMENTS - 1)
		return;
	bpf_probe_read_user(&r->arguments[to], 8, from);
	if (c->row->read_words > 1)
		bpf_probe_read_user(&r->arguments[to + 1], 8, from + 1);
}

static __always_inline void begin_call(struct vmp_catch_record *r,
				       const struct call *c, __u32 index)
{
	int *count;

	begin_record(r, c->task);
	r->kind = VMP_CATCH_CALL;
	r->row = index;
	r->result = c->result;
	r->mappings = map_count(c->mm);
	for (int i = 0; i < VMP_CATCH_ARGUMENTS; i++)
		r->arguments[i] = argument(c->registers, i);
	read_pointer(r, c);
	if (!config.all_stacks)
		return;
	count = bpf_task_storage_get(&before, c->task, 0, 0);
	if (!count)
		return;
	r->before = *count;
	/* where the next beginning is missed, it is not known */
	*count = -1;
}

static void read_process(struct vmp_catch_record *r, const struct call *c)
{
	const struct signal_struct *signal = c->task->signal;
	const struct cred *cred = c->task->cred;
	int limit;

	r->threads = (__u32)signal->live.counter;
	r->limit = -1;
	if (&sysctl_max_map_count &&
	    !bpf_probe_read_kernel(&limit, sizeof(limit),
				   &sysctl_max_map_count))
		r->limit = limit;
	r->total_pages = c->mm->total_vm;
	r->data_pages = c->mm->data_vm;
	r->locked_pages = c->mm->locked_vm;
	r->task_bytes = c->mm->task_size;
	r->data_start = c->mm->start_data;
	r->data_end = c->mm->end_data;
	r->heap_start = c->mm->start_brk;
	r->heap_end = c->mm->brk;
	for (int i = 0; i < 4; i++)
		bpf_probe_read_kernel(
			&r->limits[i], 8,
			&signal->rlim[config.limit_rlimits[i] & 15].rlim_cur);
	/* capable() asks for those of the first user namespace */
	r->capabilities = 0;
	if (cred->user_ns->level == 0)
		bpf_probe_read_kernel(&r->capabilities, 8,
				      &cred->cap_effective);
}

/* Returns: how much of the stack is there then; no more than before: the end. */
__noinline int read_chunk(__u64 from, __u32 done, __u32 size)
{
	struct scratch *s = own_scratch();
	__u64 at = done, part;

	/* barriers: the verifier has to meet the very numbers that are used */
	barrier_var(at);
	if (!s || at >= size || at >= VMP_CATCH_STACK)
		return 0;
	part = VMP_CATCH_CHUNK - (from + at) % VMP_CATCH_CHUNK;
	if (part > size - at)
		part = size - at;
	barrier_var(part);
	if (part > VMP_CATCH_CHUNK ||
	    bpf_probe_read_user(s->stack + at, part, (void *)(from + at)))
		return 0;
	return at + part;
}

/* From the stack pointer to the end; arguments and environment are no frames. */
static __always_inline __u32 stack_size(__u64 from, __u64 bottom)
{
	struct mapping m = {};

	if (look(&m, from) || m.start > from)
		return VMP_CATCH_STACK;
	if (from < bottom && bottom < m.end)
		m.end = bottom;
	return m.end - from < VMP_CATCH_STACK ? m.end - from : VMP_CATCH_STACK;
}

/* Registers, and the stack as far as it is there. */
static __always_inline __u32 read_stack(struct scratch *s, const struct call *c)
{
	__u32 registers = sizeof(s->record.registers), size, done = 0;
	__u64 from = stack_pointer(c->registers);
	int more;

	/* of this machine, whichever it is */
	if (bpf_core_type_size(struct pt_regs___x86) < registers)
		registers = bpf_core_type_size(struct pt_regs___x86);
	bpf_probe_read_kernel(s->record.registers, registers, c->registers);
	size = stack_size(from, c->mm->start_stack);
	for (int i = 0; i <= VMP_CATCH_STACK / VMP_CATCH_CHUNK; i++) {
		more = read_chunk(from, done, size);
		if (more <= 0)
			break;
		done = more;
	}
	return done;
}

/*
 * Waking the one who reads is the dearest part. It looks now and then by itself
 * where all calls are sent: it is woken for failures, and when much is waiting.
 */
static __always_inline __u64 wake_up(const struct vmp_catch_record *r,
				     __u64 waiting)
{
	if (!config.all_calls)
		return 0; /* where all before was read */
	if (r->flags & VMP_CATCH_FAILED || waiting > config.stack_share / 8)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline void send_small(struct scratch *s)
{
	__u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_output(&ring, s, VMP_CATCH_SMALL,
			   wake_up(&s->record, waiting));
}

static void send_whole(struct scratch *s, const struct call *c)
{
	__u64 waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	__u64 wake = wake_up(&s->record, waiting), size = 0;

	if (waiting < config.stack_share)
		size = read_stack(s, c);
	barrier_var(size);
	if (size > VMP_CATCH_STACK)
		size = VMP_CATCH_STACK;
	s->record.stack_bytes = size;
	if (size &&
	    !bpf_ringbuf_output(&ring, s, sizeof(s->record) + size, wake))
		return;
	s->record.stack_bytes = 0;
	bpf_ringbuf_output(&ring, s, sizeof(s->record), wake);
}

#endif
