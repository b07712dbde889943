// SPDX-License-Identifier: GPL-2.0-or-later
/* Catching memory calls with ptrace: no privilege, a stop at each of them. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/call-info.h"
#include "trace/change.h"
#include "trace/family.h"
#include "trace/moment.h"
#include "trace/filter.h"
#include "trace/follow.h"
#include "trace/interrupt.h"
#include "trace/start.h"

struct tracer {
	const struct vmp_trace_request *request;
	struct vmp_trace_result *result;
	struct vmp_moment moment;
	double start;
	/*
	 * Calls of several threads may overlap: then others may have changed
	 * the mappings between a failure and the look at them.
	 */
	uint64_t entries, inside;
	bool leaky; /* a call that gives memory back has failed */
	struct vmp_family family;
	struct vmp_snapshot snapshot; /* of the call that is told */
	unsigned char stack[VMP_STACK_BYTES];
};

static void read_command(struct vmp_trace_call *call)
{
	char path[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)call->tid);
	length = vmp_read_file(path, call->command, sizeof(call->command));
	if (length > 0 && call->command[length - 1] == '\n')
		call->command[length - 1] = '\0';
}

/* fork() may take long, vfork() does, and change nothing for others. */
static bool changes_mappings(const struct vmp_syscall *row)
{
	return row->call != VMP_CALL_PROCESS;
}

static bool enter(struct vmp_follow *f, struct vmp_thread *thread)
{
	struct tracer *t = f->owner;
	const struct vmp_syscall *row =
		vmp_call_enter(thread->tid, thread->arguments);

	thread->call = row;
	if (!row)
		return false;
	if (t->request->all_stacks)
		thread->mark = vmp_change_before(t->moment.ctx, thread->pid,
						 row, thread->arguments);
	t->result->calls[row - vmp_syscalls]++;
	/* a call that began beside others has a number that is never met */
	t->entries++;
	thread->entry = t->inside ? 0 : t->entries;
	t->inside += changes_mappings(row);
	return true;
}

static void end_call(struct tracer *t, const struct vmp_thread *thread)
{
	t->inside -= changes_mappings(thread->call);
}

static void abandon(struct vmp_follow *f, struct vmp_thread *thread)
{
	end_call(f->owner, thread);
}

static bool is_overlapped(const struct tracer *t, const struct vmp_thread *h)
{
	return t->inside || h->entry != t->entries;
}

static void look_at_failure(struct tracer *t, const struct vmp_thread *thread,
			    struct vmp_trace_call *call)
{
	vmp_moment_read(&t->moment, call, vmp_seconds());
	vmp_diagnose(&call->figures, &call->diagnosis);
	if (is_overlapped(t, thread) || call->mappings < 0)
		vmp_trace_doubt(&call->diagnosis);
	t->leaky |= vmp_syscall_release(call->row, call->arguments) > 0;
}

/* Is this call handed over? */
static bool is_told(const struct tracer *t, const struct vmp_trace_call *call)
{
	if (call->failed || t->request->all_calls || t->request->all_stacks)
		return true;
	return t->leaky && !call->error;
}

static void tell(struct tracer *t, struct vmp_follow *f,
		 struct vmp_trace_call *call)
{
	read_command(call);
	if ((call->failed || t->request->all_stacks) &&
	    vmp_snapshot_take(call->pid, call->tid, t->stack, &t->snapshot) ==
		    0)
		call->snapshot = &t->snapshot;
	if (!t->request->sink->call(t->request->sink, call))
		f->stop = t->result->stopped_by_sink = true;
}

static void leave(struct vmp_follow *f, struct vmp_thread *thread)
{
	struct tracer *t = f->owner;
	struct vmp_trace_call call = {
		.pid = thread->pid,
		.tid = thread->tid,
		.row = thread->call,
		.mappings = -1,
		.change = VMP_CHANGE_UNKNOWN,
	};

	end_call(t, thread);
	if (vmp_call_leave(thread->tid, &call.result) < 0)
		return;
	memcpy(call.arguments, thread->arguments, sizeof(call.arguments));
	call.error = vmp_syscall_error(call.row, call.arguments, call.result);
	call.failed = call.error &&
		      vmp_syscall_is_shortage(call.row, call.error);
	if (call.failed)
		look_at_failure(t, thread, &call);
	else
		vmp_moment_changed(&t->moment);
	if (!is_told(t, &call))
		return;
	if (t->request->all_stacks)
		call.change =
			vmp_change_after(t->moment.ctx, &call, thread->mark);
	call.time_seconds = vmp_seconds() - t->start;
	tell(t, f, &call);
}

static void go_without(struct vmp_family *family, pid_t pid)
{
	struct tracer *t = family->owner;

	if (t->request->sink->without)
		t->request->sink->without(t->request->sink, pid,
					  family->reason);
}

static void run_exec(struct vmp_follow *f, struct vmp_thread *thread)
{
	struct tracer *t = f->owner;

	vmp_moment_changed(&t->moment);
	if (vmp_family_exec(&t->family, thread) && t->request->sink->exec)
		t->request->sink->exec(t->request->sink, thread->pid);
}

static void end_process(struct vmp_follow *f, pid_t pid)
{
	struct tracer *t = f->owner;

	vmp_moment_changed(&t->moment);
	if (t->request->sink->exit)
		t->request->sink->exit(t->request->sink, pid);
}

static void tell_left(struct vmp_follow *f, size_t processes)
{
	struct tracer *t = f->owner;

	if (t->request->sink->left)
		t->request->sink->left(t->request->sink, processes);
}

static const struct vmp_follow_hooks hooks = {
	.enter = enter,
	.leave = leave,
	.abandon = abandon,
	.exec = run_exec,
	.exit = end_process,
	.left = tell_left,
};

static bool time_is_over(const struct tracer *t)
{
	double seconds = t->request->duration_seconds;

	return seconds > 0 && vmp_seconds() - t->start >= seconds;
}

static bool is_stopped(const struct vmp_follow *f)
{
	return time_is_over(f->owner) || vmp_trace_interrupted();
}

/*
 * Tracer and tracee take turns: on one processor the switch is cheaper. The
 * command inherits it.
 */
static void pin(void)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	CPU_ZERO(&one);
	CPU_SET(cpu < 0 ? 0 : cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static int start_command(struct tracer *t, struct vmp_follow *f)
{
	struct vmp_filter *filter = NULL;
	struct vmp_start start = {
		.command = t->request->command,
		.signals = t->request->signals,
		.prepare = vmp_filter_load,
	};
	struct vmp_trace_result *result = t->result;
	pid_t pid;
	int rc = vmp_filter_make(&filter);

	if (rc < 0 && rc != -ENOTSUP)
		return vmp_trace_refuse(result, rc, "make a seccomp filter");
	f->calls = filter ? VMP_FOLLOW_FILTERED : VMP_FOLLOW_ALL_CALLS;
	start.options = (long)vmp_follow_options(f);
	start.argument = filter;
	rc = vmp_start(&start, &pid, result->reason, sizeof(result->reason));
	vmp_filter_free(filter);
	if (rc < 0)
		return rc;
	vmp_pass_on_to(pid);
	return vmp_follow_child(f, pid);
}

static int attach(struct tracer *t, struct vmp_follow *f)
{
	int rc;

	f->calls = VMP_FOLLOW_ALL_CALLS;
	rc = vmp_trace_look_at(t->result, t->request->pid, true);
	if (rc < 0)
		return rc;
	rc = vmp_follow_process(f, t->request->pid);
	if (rc == -EPERM)
		snprintf(t->result->reason, sizeof(t->result->reason),
			 "process %d may not be traced: it is another user's, "
			 "the system protects it, or Yama "
			 "(kernel.yama.ptrace_scope) allows children only%s",
			 (int)t->request->pid,
			 geteuid() ? "; try as root" : "");
	else if (rc == -ESRCH)
		snprintf(t->result->reason, sizeof(t->result->reason),
			 "there is no process %d", (int)t->request->pid);
	else if (rc < 0)
		vmp_trace_refuse(t->result, rc, "trace the process");
	else if (t->request->sink->ready)
		t->request->sink->ready(t->request->sink);
	return rc;
}

/* How the trace has ended, and the command. */
static void note_end(struct tracer *t, const struct vmp_follow *f)
{
	struct vmp_trace_result *r = t->result;
	bool from_outside = f->stop && !r->stopped_by_sink;

	r->status = f->status;
	r->interrupted = from_outside && vmp_trace_interrupted();
	r->timed_out = from_outside && time_is_over(t);
	r->ballast = t->family.made;
	r->lacking = t->family.lacking;
	memcpy(r->lacks, t->family.lacks, sizeof(r->lacks));
	r->refused = t->family.refused;
	if (r->refused)
		snprintf(r->reason, sizeof(r->reason), "%s", t->family.reason);
}

static int run_tracer(struct tracer *t)
{
	struct vmp_follow f = { .owner = t, .hooks = &hooks };
	int rc;

	if (t->request->pin)
		pin();
	rc = t->request->command ? start_command(t, &f) : attach(t, &f);
	if (rc == 0) {
		rc = vmp_follow_run(&f, is_stopped);
		note_end(t, &f);
		if (rc == 0 && vmp_follow_is_left(&f))
			rc = vmp_follow_leave(&f, &t->result->tracer);
		rc = rc < 0 ? vmp_trace_refuse(t->result, rc, "wait") : rc;
	}
	vmp_follow_end(&f);
	return rc < 0 ? rc : t->result->refused;
}

static int run(const struct vmp_trace_request *request,
	       struct vmp_trace_result *result)
{
	VMP_FREE struct tracer *t = calloc(1, sizeof(*t));
	int rc;

	if (!t || vmp_moment_start(&t->moment) < 0)
		return vmp_trace_refuse(result, -ENOMEM, "begin");
	rc = request->command ? vmp_follow_shield() : 0;
	if (rc < 0)
		return vmp_trace_refuse(result, rc, "fork");
	t->request = request;
	t->result = result;
	t->start = vmp_seconds();
	t->family = (struct vmp_family){ .ballast = request->ballast,
					 .children = request->ballast_children,
					 .without = go_without,
					 .owner = t };
	result->peak_mappings = -1;
	rc = run_tracer(t);
	vmp_moment_end(&t->moment);
	return rc;
}

static int available(const struct vmp_trace_request *request, char *reason,
		     size_t size)
{
	if (request->command || request->pid)
		return 0;
	snprintf(reason, size, "ptrace cannot trace all processes; BPF can");
	return -ENOTSUP;
}

const struct vmp_trace_backend vmp_trace_ptrace = {
	.name = "ptrace",
	.available = available,
	.run = run,
};
