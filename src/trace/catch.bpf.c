// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs in the kernel, where system calls end: counts the memory calls of the
 * processes that are followed, and sends those that failed, with what the
 * kernel knows of them at that moment.
 */
#include "trace/catch-send.bpf.h"

static __always_inline _Bool is_followed(__u32 process)
{
	if (config.everybody)
		return process != config.myself;
	return process == state.root ||
	       bpf_map_lookup_elem(&processes, &process);
}

/*
 * The row + 1 of a call that may be one of ours; 0: it is not. This runs at the
 * end of every call of the whole machine: nothing is asked before.
 */
static __always_inline __u32 find_row(long number)
{
	return number >= 0 && number < VMP_CATCH_NUMBERS ? config.row_of[number]
							 : 0;
}

/* Is it one of ours, by one of those who are followed? */
static __always_inline const volatile struct vmp_catch_row *
check_row(struct task_struct *task, void *registers, __u32 index)
{
	const volatile struct vmp_catch_row *row;

	if (index >= VMP_CATCH_ROWS || !is_followed(task->tgid) ||
	    is_narrow(task))
		return 0;
	row = &config.rows[index];
	if (row->flags & VMP_ROW_FILTERED &&
	    (__u32)argument(registers, row->only_argument) != row->only_value)
		return 0;
	return row;
}

/*
 * Its end is of interest from now on and, where it has leaked, what works too:
 * that may undo it.
 */
static void note_process(const struct call *c)
{
	__u32 process = c->task->tgid;
	__u32 leaks = (c->row->flags & VMP_ROW_RELEASES) != 0;
	const __u32 *known = bpf_map_lookup_elem(&processes, &process);

	if (known && *known >= leaks)
		return;
	bpf_map_update_elem(&processes, &process, &leaks, 0);
	if (leaks)
		__sync_fetch_and_add(&state.leakers, 1);
}

static __always_inline void tell_failure(struct scratch *s,
					 const struct call *c, __u32 index)
{
	begin_call(&s->record, c, index);
	s->record.flags = VMP_CATCH_FAILED;
	read_process(&s->record, c);
	look_at_range(s, c);
	send_whole(s, c);
	note_process(c);
}

static __always_inline void tell_success(struct scratch *s,
					 const struct call *c, __u32 index)
{
	begin_call(&s->record, c, index);
	if (config.all_stacks)
		send_whole(s, c);
	else
		send_small(s);
}

/* May it make up for what one that failed has leaked? */
static __always_inline _Bool may_undo_leak(const struct call *c)
{
	__u32 process = c->task->tgid;
	const __u32 *leaks;

	if (!(c->row->flags & VMP_ROW_REPLACES))
		return 0;
	if (c->row->flags & VMP_ROW_ONLY_FIXED &&
	    !(argument(c->registers, 3) & MAP_FIXED))
		return 0;
	leaks = bpf_map_lookup_elem(&processes, &process);
	return leaks && *leaks;
}

/* Those that may be sent, which are few: not in the way of the others. */
static __noinline int tell(void *registers, __s64 result, __u32 index,
			   int error)
{
	struct call c = { .task = bpf_get_current_task_btf(),
			  .registers = registers,
			  .result = result };
	struct scratch *s = own_scratch();
	struct vmp_catch_totals *t;
	_Bool is_failure;
	__u32 zero = 0;

	t = bpf_map_lookup_elem(&totals, &zero);
	c.mm = c.task->mm;
	if (!t || !s || !c.mm || index >= VMP_CATCH_ROWS)
		return 0;
	c.row = &config.rows[index];
	is_failure = error == ENOMEM ||
		     (error == EAGAIN && c.row->flags & VMP_ROW_AGAIN);
	if (!is_failure && !config.all_calls && (error || !may_undo_leak(&c)))
		return 0;
	t->sent++;
	t->failed += is_failure;
	if (is_failure)
		tell_failure(s, &c, index);
	else
		tell_success(s, &c, index);
	return 0;
}

static __always_inline int error_of(void *registers, __s64 result,
				    unsigned int flags)
{
	__u64 wanted;

	if (flags & VMP_ROW_BREAK) {
		wanted = argument(registers, 0);
		return wanted && wanted != (__u64)result ? ENOMEM : 0;
	}
	return result < 0 && result >= -MOST_ERROR ? -result : 0;
}

static __always_inline void count(struct vmp_catch_totals *t, __u32 index,
				  int mappings, __u32 process)
{
	t->calls[index]++;
	if (mappings <= t->peak)
		return;
	t->peak = mappings;
	t->peak_process = process;
}

static __always_inline void end_call(struct task_struct *task, void *registers,
				     __s64 result, __u32 index)
{
	const volatile struct vmp_catch_row *row =
		check_row(task, registers, index);
	struct mm_struct *mm = row ? task->mm : 0;
	struct vmp_catch_totals *t;
	__u32 zero = 0;
	int error;

	if (!mm || (row->flags & VMP_ROW_FORK && !result))
		return;
	t = bpf_map_lookup_elem(&totals, &zero);
	if (!t)
		return;
	count(t, index, map_count(mm), task->tgid);
	error = error_of(registers, result, row->flags);
	if (error || config.all_calls || state.leakers)
		tell(registers, result, index, error);
}

/* For the change that a call makes. */
static __always_inline void begin(struct task_struct *task, void *registers,
				  __u32 index)
{
	struct mm_struct *mm = check_row(task, registers, index) ? task->mm : 0;
	int *mappings;

	if (!mm)
		return;
	mappings = bpf_task_storage_get(&before, task, 0, 1 /* create */);
	if (mappings)
		*mappings = map_count(mm);
}

static __always_inline void note_fork(__u32 parent, __u32 child)
{
	__u32 no = 0;

	if (!config.everybody && child != parent && is_followed(parent))
		bpf_map_update_elem(&processes, &child, &no, 0);
}

static __always_inline void send_life(struct task_struct *task, __u32 kind)
{
	struct vmp_catch_record *r;

	if (!config.lives)
		return;
	r = bpf_ringbuf_reserve(&ring, VMP_CATCH_SMALL, 0);
	if (!r)
		return;
	begin_record(r, task);
	r->kind = kind;
	bpf_ringbuf_submit(r, 0);
}

/* It has leaked no more. Returns: is anybody interested in it? */
static __always_inline _Bool forget_leaks(__u32 process)
{
	__u32 *leaks = bpf_map_lookup_elem(&processes, &process);

	if (leaks && *leaks) {
		*leaks = 0;
		__sync_fetch_and_add(&state.leakers, -1);
	}
	return leaks || process == state.root ||
	       (config.everybody && config.all_stacks);
}

static __always_inline void note_exec(struct task_struct *task)
{
	if (forget_leaks(task->tgid))
		send_life(task, VMP_CATCH_EXEC);
}

static __always_inline void note_end(struct task_struct *task)
{
	__u32 process = task->tgid;

	/* other threads of it are still there */
	if (task->signal->live.counter || !forget_leaks(process))
		return;
	send_life(task, VMP_CATCH_EXIT);
	if (process == state.root)
		state.root = 0;
	bpf_map_delete_elem(&processes, &process);
}

/* What runs where the kernel does not preempt it; else what follows below. */

SEC("tp_btf/sys_exit")
int leave(__u64 *ctx)
{
	void *registers = (void *)ctx[0];
	__u32 row = find_row(call_number(registers));

	if (row)
		end_call(bpf_get_current_task_btf(), registers, ctx[1],
			 row - 1);
	return 0;
}

/* Loaded where it is asked for. */
SEC("tp_btf/sys_enter")
int enter(__u64 *ctx)
{
	void *registers = (void *)ctx[0];
	__u32 row = find_row(call_number(registers));

	if (row)
		begin(bpf_get_current_task_btf(), registers, row - 1);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int forked(__u64 *ctx)
{
	const struct task_struct *parent = (void *)ctx[0];
	const struct task_struct *child = (void *)ctx[1];

	note_fork(parent->tgid, child->tgid);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int executed(__u64 *ctx)
{
	note_exec((void *)ctx[0]);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int ended(__u64 *ctx)
{
	note_end((void *)ctx[0]);
	return 0;
}

/*
 * Since 7.2 those at system calls are preempted ("bpf: Add sleepable support
 * for raw tracepoint programs"), and not run for anybody who comes in between.
 * Perf switches preemption off (include/trace/perf.h), at more cost.
 */

SEC("tp/raw_syscalls/sys_exit")
int leave_perf(const struct trace_event_raw_sys_exit *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 row = find_row(ctx->id);

	if (row)
		end_call(task, (void *)bpf_task_pt_regs(task), ctx->ret,
			 row - 1);
	return 0;
}

SEC("tp/raw_syscalls/sys_enter")
int enter_perf(const struct trace_event_raw_sys_enter *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 row = find_row(ctx->id);

	if (row)
		begin(task, (void *)bpf_task_pt_regs(task), row - 1);
	return 0;
}

/* That of sched_process_fork does not tell processes from threads. */
SEC("tp/task/task_newtask")
int forked_perf(const struct trace_event_raw_task_newtask *ctx)
{
	const struct task_struct *task = bpf_get_current_task_btf();

	if (!(ctx->clone_flags & CLONE_THREAD))
		note_fork(task->tgid, ctx->pid);
	return 0;
}

SEC("tp/sched/sched_process_exec")
int executed_perf(void *ctx)
{
	(void)ctx;
	note_exec(bpf_get_current_task_btf());
	return 0;
}

SEC("tp/sched/sched_process_exit")
int ended_perf(void *ctx)
{
	(void)ctx;
	note_end(bpf_get_current_task_btf());
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
