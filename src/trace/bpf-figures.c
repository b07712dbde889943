// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes a call with its diagnosis of what the kernel wrote down when it failed.
 * What is read later, while the process runs on, is never the ground of a
 * certain answer.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "lib/internal.h"
#include "trace/bpf-figures.h"
#include "trace/moment.h"

/* Older than that, what a process has now tells nothing about a call. */
static const double fresh_seconds = 0.1;

/* include/linux/mm.h; include/uapi/linux/capability.h */
enum { VM_READ = 1, VM_WRITE = 2, VM_EXEC = 4, VM_SHARED = 8 };
enum { IPC_LOCK = 14, SYS_ADMIN = 21, SYS_RESOURCE = 24 };

int vmp_figures_start(struct vmp_figures *figures, double start)
{
	memset(figures, 0, sizeof(*figures));
	figures->ctx = vmp_new();
	if (!figures->ctx)
		return -ENOMEM;
	figures->start = start;
	figures->limits_read = start;
	return vmp_limits_read(figures->ctx, &figures->limits);
}

void vmp_figures_end(struct vmp_figures *figures)
{
	vmp_free(figures->ctx);
}

/* The limit may have been changed since it was read: then both are doubtful. */
static void read_limits(struct vmp_figures *figures, double now)
{
	int64_t before = figures->limits.max_map_count, limit;

	if (now - figures->limits_read > fresh_seconds) {
		vmp_limits_read(figures->ctx, &figures->limits);
		figures->limits_read = now;
	}
	limit = vmp_map_limit(figures->ctx);
	if (limit >= 0)
		figures->limits.max_map_count = limit;
	if (figures->limits.max_map_count != before)
		figures->doubt_until = now;
}

/* brk() looks at the heap and the program's data as well (mm/mmap.c). */
static uint64_t data_bytes(const struct vmp_catch_record *r,
			   const struct vmp_failed_call *f)
{
	uint64_t data = r->data_pages * f->limits.page_bytes;
	uint64_t heap =
		r->heap_end - r->heap_start + r->data_end - r->data_start;

	return f->call == VMP_CALL_BREAK && heap > data ? heap : data;
}

static bool has_capability(const struct vmp_catch_record *r, int bit)
{
	return r->capabilities >> bit & 1;
}

static void fill_process(const struct vmp_catch_record *r,
			 struct vmp_failed_call *f)
{
	f->process = (struct vmp_process){
		.size_bytes = r->total_pages * f->limits.page_bytes,
		.data_bytes = data_bytes(r, f),
		.locked_bytes = r->locked_pages * f->limits.page_bytes,
		.as_limit = r->limits[0],
		.data_limit = r->limits[1],
		.memlock_limit = r->limits[2],
		.nproc_limit = r->limits[3],
		.may_lock = has_capability(r, IPC_LOCK),
		.may_fork = has_capability(r, SYS_ADMIN) ||
			    has_capability(r, SYS_RESOURCE),
	};
}

static void fill_survey(const struct vmp_catch_record *r,
			struct vmp_survey *survey)
{
	uint64_t rights = r->first_flags;

	survey->covered = r->flags & VMP_CATCH_COVERED;
	survey->next_is_adjacent = r->flags & VMP_CATCH_ADJACENT;
	survey->touched = r->touched;
	survey->splits = r->splits;
	survey->first = (struct vmp_mapping){
		.start = r->first_start,
		.end = r->first_end,
		.readable = rights & VM_READ,
		.writable = rights & VM_WRITE,
		.executable = rights & VM_EXEC,
		.shared = rights & VM_SHARED,
		.counted = r->touched,
	};
}

/* Did the kernel look at this very range, and see all that matters? */
static bool is_surveyed(const struct vmp_catch_record *r,
			const struct vmp_failed_call *f)
{
	if (!f->length)
		return true;
	if (f->in_place && f->more_bytes &&
	    !(r->flags & VMP_CATCH_BLOCKED_KNOWN))
		return false;
	/* what is in the heap's way lies behind a hole */
	if (r->flags & VMP_CATCH_PART && f->call == VMP_CALL_BREAK)
		return false;
	return r->flags & VMP_CATCH_SURVEYED && r->address == f->address &&
	       r->length == f->length;
}

/*
 * May it be that no gap between the mappings is long enough? There is one more
 * gap than there are mappings; half of the address space is left aside, for
 * what the kernel keeps free of it.
 */
static bool needs_gap(const struct vmp_catch_record *r,
		      const struct vmp_failed_call *f)
{
	uint64_t space = r->task_bytes / 2, used = f->survey.bytes;

	if (f->call != VMP_CALL_MAP && f->call != VMP_CALL_RESIZE)
		return false;
	if ((int64_t)f->survey.mappings > f->limits.max_map_count)
		return false;
	space = space > used ? space - used : 0;
	return f->more_bytes > space / (f->survey.mappings + 1);
}

/* What the kernel did not tell. Returns: false where it is too late for it. */
static bool read_later(double now, const struct vmp_trace_call *call,
		       double since, struct vmp_failed_call *later)
{
	struct vmp_trace_call copy = *call;
	struct vmp_moment moment;

	if (now - since > fresh_seconds || vmp_moment_start(&moment) < 0)
		return false;
	vmp_moment_read(&moment, &copy, now);
	vmp_moment_end(&moment);
	*later = copy.figures;
	return copy.mappings >= 0;
}

enum source { FROM_KERNEL, READ_LATER, FROM_NOWHERE };

/* What the range meets. Returns: how much it is worth. */
static enum source survey(double now, const struct vmp_catch_record *r,
			  struct vmp_trace_call *call)
{
	struct vmp_failed_call *f = &call->figures, later;
	bool surveyed = is_surveyed(r, f), gap = needs_gap(r, f);
	bool read = (!surveyed || gap) &&
		    read_later(now, call, (double)r->time_ns / 1e9, &later);

	/* no gap is the largest of all: nothing is said about it */
	f->survey.gap_end = UINT64_MAX;
	if (read && gap) {
		f->survey.gap_start = later.survey.gap_start;
		f->survey.gap_end = later.survey.gap_end;
	}
	if (surveyed) {
		fill_survey(r, &f->survey);
		f->blocked = r->flags & VMP_CATCH_BLOCKED;
		return FROM_KERNEL;
	}
	if (!read) {
		f->survey.covered = true;
		return FROM_NOWHERE;
	}
	later.survey.mappings = f->survey.mappings;
	later.survey.bytes = f->survey.bytes;
	later.survey.gap_start = f->survey.gap_start;
	later.survey.gap_end = f->survey.gap_end;
	f->survey = later.survey;
	f->blocked = later.blocked;
	return READ_LATER;
}

/* Nobody saw the mappings that it met: the count alone has to say. */
static void guess(const struct vmp_failed_call *f, struct vmp_diagnosis *d)
{
	char count[32], limit[32];

	vmp_trace_doubt(d);
	if (d->cause != VMP_CAUSE_UNKNOWN ||
	    (int64_t)f->survey.mappings < f->limits.max_map_count)
		return;
	d->cause = VMP_CAUSE_MAP_COUNT;
	d->certainty = VMP_LIKELY;
	d->map_limit = VMP_LIKELY;
	snprintf(
		d->explanation, sizeof(d->explanation),
		"The process holds %s of %s mappings (vm.max_map_count). Which "
		"of them the call's range met could not be read in time.",
		vmp_group_digits((int64_t)f->survey.mappings, count),
		vmp_group_digits(f->limits.max_map_count, limit));
}

/* mmap() is refused by the count before all but its arguments. */
static bool is_by_count_alone(const struct vmp_failed_call *f)
{
	return f->call == VMP_CALL_MAP &&
	       (int64_t)f->survey.mappings > f->limits.max_map_count;
}

static void diagnose(struct vmp_figures *figures,
		     const struct vmp_catch_record *r,
		     struct vmp_trace_call *call)
{
	struct vmp_failed_call *f = &call->figures;
	double now = vmp_seconds();
	enum source source;

	read_limits(figures, now);
	vmp_syscall_figures(call->row, call->arguments, call->result, f);
	f->limits = figures->limits;
	vmp_huge_pool_read(figures->ctx, f);
	if (r->limit >= 0)
		f->limits.max_map_count = r->limit;
	f->concurrent = r->threads > 1;
	fill_process(r, f);
	f->survey.mappings = r->mappings > 0 ? (uint64_t)r->mappings : 0;
	f->survey.bytes = f->process.size_bytes;
	source = survey(now, r, call);
	vmp_syscall_refine(call->row, call->arguments, f);
	vmp_diagnose(f, &call->diagnosis);
	/* the pool was read now, not then */
	if (call->diagnosis.cause == VMP_CAUSE_HUGE_PAGES)
		vmp_trace_doubt(&call->diagnosis);
	if (r->limit < 0 && (double)r->time_ns / 1e9 <= figures->doubt_until)
		vmp_trace_doubt(&call->diagnosis);
	if (source == READ_LATER && !is_by_count_alone(f))
		vmp_trace_doubt(&call->diagnosis);
	if (source == FROM_NOWHERE && !is_by_count_alone(f))
		guess(f, &call->diagnosis);
}

static void fill_snapshot(const struct vmp_catch_record *r,
			  struct vmp_trace_call *call,
			  struct vmp_snapshot *snapshot)
{
	*snapshot = (struct vmp_snapshot){
		.pid = call->pid,
		.tid = call->tid,
		.stack = (const unsigned char *)(r + 1),
		.stack_bytes = r->stack_bytes,
	};
	if (r->stack_bytes &&
	    vmp_snapshot_registers(r->registers, sizeof(r->registers),
				   snapshot) == 0)
		call->snapshot = snapshot;
}

bool vmp_figures_call(struct vmp_figures *figures,
		      const struct vmp_catch_record *r, size_t size,
		      struct vmp_trace_call *call,
		      struct vmp_snapshot *snapshot)
{
	bool whole = size >= sizeof(*r);

	if (size < VMP_CATCH_SMALL || r->row >= vmp_syscall_count)
		return false;
	*call = (struct vmp_trace_call){
		.time_seconds = (double)r->time_ns / 1e9 - figures->start,
		.pid = (pid_t)r->pid,
		.tid = (pid_t)r->tid,
		.row = &vmp_syscalls[r->row],
		.result = r->result,
		.mappings = r->mappings,
		.change = VMP_CHANGE_UNKNOWN,
	};
	memcpy(call->command, r->command, sizeof(call->command));
	memcpy(call->arguments, r->arguments, sizeof(call->arguments));
	if (r->before >= 0)
		call->change = r->mappings - r->before;
	call->error =
		vmp_syscall_error(call->row, call->arguments, call->result);
	call->failed = whole && r->flags & VMP_CATCH_FAILED;
	if (call->failed)
		diagnose(figures, r, call);
	if (whole && r->stack_bytes <= size - sizeof(*r))
		fill_snapshot(r, call, snapshot);
	return true;
}
