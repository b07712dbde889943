// SPDX-License-Identifier: GPL-2.0-or-later
/* Records the memory calls of processes, and keeps the one worth writing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

/*
 * Where a recording may begin: with its program, and when it has so many
 * mappings for the first time. The earliest is taken at which it had enough
 * that a replay, which has some of its own, can stand in for it.
 */
static const int64_t begin_at[] = { 0, 20, 24, 28, 32, 48, 64 };

/* Lines of a file; behind them it begins anew, or ends after a failure. */
enum { MOST_LINES = 20000 };

struct vmp_recorder {
	struct vmp_ctx *ctx;
	struct vmp_recorded *processes;
	struct vmp_recorded *best; /* of those that have ended */
	struct vmp_callers *callers;
	uint64_t failures;
};

static void forget_starts(struct vmp_recorded *p)
{
	while (p->start_count)
		vmp_layout_clear(&p->starts[--p->start_count].layout);
}

static void free_process(struct vmp_recorded *p)
{
	if (!p)
		return;
	forget_starts(p);
	vmp_loops_clear(&p->loops);
	vmp_files_clear(&p->files);
	if (p->pagemap >= 0)
		close(p->pagemap);
	free(p->missing);
	free(p);
}

struct vmp_recorder *vmp_recorder_new(void)
{
	struct vmp_recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->ctx = vmp_new();
	r->callers = vmp_callers_new();
	if (r->ctx && r->callers)
		return r;
	vmp_recorder_free(r);
	return NULL;
}

void vmp_recorder_free(struct vmp_recorder *r)
{
	struct vmp_recorded *next;

	if (!r)
		return;
	for (struct vmp_recorded *p = r->processes; p; p = next) {
		next = p->next;
		free_process(p);
	}
	free_process(r->best);
	vmp_callers_free(r->callers);
	vmp_free(r->ctx);
	free(r);
}

static uint64_t missing_calls(const struct vmp_recorded *p)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < vmp_syscall_count; i++)
		sum += p->missing[i];
	return sum;
}

/* It may begin with what is mapped now. */
static int add_start(struct vmp_recorder *r, struct vmp_recorded *p)
{
	struct vmp_record_start *start = &p->starts[p->start_count];
	int64_t limit = vmp_map_limit(r->ctx);
	int rc;

	*start = (struct vmp_record_start){
		.calls = p->loops.calls,
		.refused = p->refused,
		.missing = missing_calls(p),
	};
	rc = vmp_layout_read(r->ctx, p->pid, NULL, &p->files, &start->layout);
	p->start_count++;
	p->limit = limit < 0 ? 0 : limit;
	p->mappings = (int64_t)start->layout.mappings;
	p->exact = true;
	if (start->layout.heap_end)
		p->heap_end = start->layout.heap_end;
	while (p->next_start < VMP_COUNT(begin_at) &&
	       p->mappings >= begin_at[p->next_start])
		p->next_start++;
	/* what else there is to say, it says in its last words */
	return rc == -ENOMEM ? rc : 0;
}

/* All that was recorded is too long: begin with what came of it. */
static int begin_again(struct vmp_recorder *r, struct vmp_recorded *p)
{
	uint64_t calls = p->loops.calls;
	int rc;

	forget_starts(p);
	vmp_loops_clear(&p->loops);
	vmp_files_clear(&p->files);
	rc = add_start(r, p);
	p->starts[0].calls = calls;
	p->loops.calls = calls;
	p->at_exec = false;
	return rc;
}

static int add_process(struct vmp_recorder *r, pid_t pid,
		       struct vmp_recorded **process)
{
	struct vmp_recorded *p = calloc(1, sizeof(*p));

	if (p)
		p->missing = calloc(vmp_syscall_count, sizeof(*p->missing));
	if (!p || !p->missing) {
		free(p);
		return -ENOMEM;
	}
	p->pid = pid;
	p->pagemap = -1;
	p->mappings_at_end = -1;
	p->next = r->processes;
	r->processes = p;
	*process = p;
	return add_start(r, p);
}

static struct vmp_recorded *find_process(struct vmp_recorder *r, pid_t pid)
{
	struct vmp_recorded *p = r->processes;

	while (p && p->pid != pid)
		p = p->next;
	return p;
}

/* Is a rather to be written than b? */
static bool is_better(const struct vmp_recorded *a,
		      const struct vmp_recorded *b)
{
	if (!b || a->failed != b->failed)
		return !b || a->failed;
	return a->failed ? a->order < b->order
			 : a->loops.calls > b->loops.calls;
}

/* Keep it if it is the best so far. */
static void retire(struct vmp_recorder *r, struct vmp_recorded *p)
{
	struct vmp_recorded **link = &r->processes;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	p->next = NULL;
	if (p->pagemap >= 0)
		close(p->pagemap);
	p->pagemap = -1;
	if (!is_better(p, r->best)) {
		free_process(p);
		return;
	}
	free_process(r->best);
	r->best = p;
}

void vmp_recorder_exit(struct vmp_recorder *r, pid_t pid)
{
	struct vmp_recorded *p = find_process(r, pid);

	if (!p)
		return;
	/* one that was killed has none any more; what they were is known */
	p->mappings_at_end = vmp_count(r->ctx, pid);
	if (p->mappings_at_end <= 0)
		p->mappings_at_end = p->exact ? p->mappings : -1;
	retire(r, p);
}

void vmp_recorder_exec(struct vmp_recorder *r, pid_t pid)
{
	struct vmp_recorded *p = find_process(r, pid);

	/* its mappings are those of the new program already */
	if (p) {
		p->mappings_at_end = p->exact ? p->mappings : -1;
		retire(r, p);
	}
	if (add_process(r, pid, &p) == 0)
		p->at_exec = true;
}

static void note_failure(struct vmp_recorder *r, struct vmp_recorded *p,
			 const struct vmp_trace_call *call)
{
	r->failures++;
	p->failures++;
	p->by_count |= call->diagnosis.cause == VMP_CAUSE_MAP_COUNT;
	if (p->failed)
		return;
	p->failed = true;
	p->call = call->row;
	p->error = call->error;
	p->cause = call->diagnosis.cause;
	p->mappings_then = call->mappings;
	p->order = r->failures;
}

/*
 * Calls of several threads overlap, and what each of them changed is not told
 * apart: their process is looked at now and then, more seldom the longer it
 * takes.
 */
static void look_at_mappings(struct vmp_recorder *r, struct vmp_recorded *p,
			     const struct vmp_trace_call *call)
{
	enum { SHARE = 100 };
	int64_t mappings;

	p->threads |= call->tid != call->pid;
	if (!p->threads || ++p->unseen * SHARE < p->mappings)
		return;
	mappings = vmp_count(r->ctx, p->pid);
	p->unseen = 0;
	if (mappings > 0)
		p->mappings = mappings;
	p->exact |= mappings > 0;
}

/* A call adds two mappings at most. */
static void count_mappings(struct vmp_recorded *p,
			   const struct vmp_trace_call *call)
{
	if (call->mappings >= 0) {
		p->mappings = call->mappings;
		p->exact = true;
	} else if (call->change != VMP_CHANGE_UNKNOWN) {
		p->mappings += call->change;
	} else if (!call->error) {
		p->mappings += 2;
		p->exact = false;
	}
}

/* Is it time to begin, or to begin again? Never behind a failure. */
static int look_at_start(struct vmp_recorder *r, struct vmp_recorded *p)
{
	bool is_long = p->loops.count > MOST_LINES;
	int64_t mappings;

	if (p->failed) {
		p->full |= is_long;
		return 0;
	}
	if (is_long)
		return begin_again(r, p);
	if (p->next_start == VMP_COUNT(begin_at) ||
	    p->mappings < begin_at[p->next_start])
		return 0;
	mappings = vmp_count(r->ctx, p->pid);
	if (mappings < 0)
		return 0;
	p->mappings = mappings;
	p->exact = true;
	return mappings < begin_at[p->next_start] ? 0 : add_start(r, p);
}

static int record(struct vmp_recorder *r, struct vmp_recorded *p,
		  const struct vmp_trace_call *call,
		  const struct vmp_frame *site)
{
	struct vmp_op op, touch;
	int rc;

	/* what failed for another reason has changed nothing */
	if (call->error && !call->failed) {
		p->refused++;
		return 0;
	}
	rc = vmp_op_from_call(p, call, &op);
	if (rc == -ENOTSUP)
		p->missing[call->row - vmp_syscalls]++;
	if (rc != 1)
		return rc == -ENOMEM ? rc : 0;
	op.site = vmp_callers_number(r->callers, site);
	if (vmp_op_touched(p, &op, &touch)) {
		touch.cause = VMP_CAUSES;
		rc = vmp_loops_add(&p->loops, &touch);
		if (rc < 0)
			return rc;
	}
	return vmp_loops_add(&p->loops, &op);
}

int vmp_recorder_call(struct vmp_recorder *r, const struct vmp_trace_call *call,
		      const struct vmp_frame *site)
{
	struct vmp_recorded *p = find_process(r, call->pid);
	int rc = 0;

	if (!p) {
		rc = add_process(r, call->pid, &p);
		/* what it did is in its layout already */
		if (rc < 0 || !call->failed)
			return rc;
	}
	if (p->full)
		return 0;
	if (call->failed)
		note_failure(r, p, call);
	count_mappings(p, call);
	look_at_mappings(r, p, call);
	rc = record(r, p, call, site);
	return rc < 0 ? rc : look_at_start(r, p);
}

int vmp_recorder_write(struct vmp_recorder *r, const char *command, FILE *out)
{
	struct vmp_recorded *best;

	while (r->processes)
		vmp_recorder_exit(r, r->processes->pid);
	best = r->best;
	if (!best || !best->loops.calls)
		return -ENOENT;
	return vmp_record_write(best, r->callers, command, out);
}
