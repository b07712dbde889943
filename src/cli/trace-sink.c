// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes the calls that a trace catches: stack, sums, record, report. */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/hook.h"
#include "cli/started.h"
#include "cli/trace-sink.h"
#include "engine/scenario.h"
#include "lib/internal.h"

enum { NAMES = 5 };

/* The caller is held until the command has ended. */
static void run_hook(const char *command, const struct vmp_trace_call *c)
{
	const char *error = vmp_errno_name(c->error);
	char text[NAMES][64], *values[NAMES];
	size_t size = sizeof(text[0]);
	int rc;

	snprintf(text[0], size, "VMAPROBE_PID=%d", c->pid);
	snprintf(text[1], size, "VMAPROBE_TID=%d", c->tid);
	snprintf(text[2], size, "VMAPROBE_CALL=%s", c->row->name);
	if (error)
		snprintf(text[3], size, "VMAPROBE_ERRNO=%s", error);
	else
		snprintf(text[3], size, "VMAPROBE_ERRNO=%d", c->error);
	snprintf(text[4], size, "VMAPROBE_CAUSE=%s",
		 vmp_cause_name(c->diagnosis.cause));
	for (size_t i = 0; i < NAMES; i++)
		values[i] = text[i];
	rc = vmp_hook_run(command, values, NAMES);
	if (rc < 0)
		vmp_warn("--exec-on-failure: cannot run sh: %s", strerror(-rc));
}

void vmp_trace_watch_clear(struct vmp_trace_watch *w)
{
	if (w->progress_shown)
		fputs("\r\033[K", w->view.out);
	w->progress_shown = false;
}

/* "1,234 failures" on the terminal, ten times a second at most. */
static void show_progress(struct vmp_trace_watch *w,
			  const struct vmp_trace_call *call)
{
	uint64_t failures = vmp_tally_failures(w->tally);

	if (!w->progress || call->time_seconds < w->next_progress)
		return;
	fprintf(w->view.out, "\r\033[K%s failure%s until now, %.1f s",
		vmp_digits(failures), failures == 1 ? "" : "s",
		call->time_seconds);
	fflush(w->view.out);
	w->progress_shown = true;
	w->next_progress = call->time_seconds + 0.1;
}

/* Where the recorder says that a call comes from. */
static const struct vmp_frame *named_place(const struct vmp_frame *frames,
					   size_t count)
{
	size_t place = vmp_place_of(frames, count);

	return place < count && frames[place].function ? &frames[place] : NULL;
}

/* In: is_new, unlike those before it. */
static void report(struct vmp_trace_watch *w, const struct vmp_trace_call *call,
		   size_t count, bool is_new)
{
	if (call->failed ? w->each || is_new : w->view.all) {
		vmp_trace_watch_clear(w);
		w->report->call(&w->view, call, w->frames, count);
	} else if (call->failed) {
		show_progress(w, call);
	}
	if (is_new && w->exec_on_failure)
		run_hook(w->exec_on_failure, call);
}

static bool take_call(struct vmp_trace_sink *sink,
		      const struct vmp_trace_call *call)
{
	struct vmp_trace_watch *w = (struct vmp_trace_watch *)sink;
	size_t count = 0;
	int rc;

	if (call->snapshot)
		count = vmp_unwind(w->unwinder, call->snapshot, w->frames,
				   VMP_COUNT(w->frames));
	rc = vmp_tally_add(w->tally, call, w->frames, count);
	if (rc >= 0 && w->recorder)
		w->error = vmp_recorder_call(w->recorder, call,
					     named_place(w->frames, count));
	if (rc < 0)
		w->error = rc;
	if (w->error < 0)
		return false;
	report(w, call, count, rc > 0);
	return !(call->failed && w->until_first) && !ferror(w->view.out);
}

bool vmp_trace_may_warn(const struct vmp_trace_watch *w)
{
	return w->report != &vmp_trace_json || w->view.out != stderr;
}

static void take_ready(struct vmp_trace_sink *sink)
{
	struct vmp_trace_watch *w = (struct vmp_trace_watch *)sink;

	/* it may end right after its failure */
	if (w->pid)
		vmp_unwinder_learn(w->unwinder, w->pid);
	if (*w->target && vmp_trace_may_warn(w))
		vmp_warn("ready, tracing %s; Ctrl-C ends it", w->target);
}

static void take_left(struct vmp_trace_sink *sink, size_t processes)
{
	struct vmp_trace_watch *w = (struct vmp_trace_watch *)sink;

	if (vmp_trace_may_warn(w))
		vmp_warn_left(w->command, processes, "tracing");
}

static void take_without(struct vmp_trace_sink *sink, pid_t pid,
			 const char *reason)
{
	struct vmp_trace_watch *w = (struct vmp_trace_watch *)sink;

	if (vmp_trace_may_warn(w))
		vmp_warn_without(pid, reason);
}

static void take_exec(struct vmp_trace_sink *sink, pid_t pid)
{
	struct vmp_trace_watch *w = (struct vmp_trace_watch *)sink;

	vmp_unwinder_forget(w->unwinder, pid);
	vmp_tally_settle(w->tally, pid);
	if (w->recorder)
		vmp_recorder_exec(w->recorder, pid);
}

static void take_exit(struct vmp_trace_sink *sink, pid_t pid)
{
	struct vmp_trace_watch *w = (struct vmp_trace_watch *)sink;

	vmp_unwinder_forget(w->unwinder, pid);
	vmp_tally_settle(w->tally, pid);
	if (w->recorder)
		vmp_recorder_exit(w->recorder, pid);
}

int vmp_trace_watch_begin(struct vmp_trace_watch *w, bool recorded)
{
	w->sink = (struct vmp_trace_sink){ .call = take_call,
					   .ready = take_ready,
					   .exec = take_exec,
					   .exit = take_exit,
					   .left = take_left,
					   .without = take_without };
	w->unwinder = vmp_unwinder_new();
	w->tally = vmp_tally_new();
	w->recorder = recorded ? vmp_recorder_new() : NULL;
	return w->unwinder && w->tally && (w->recorder || !recorded) ? 0
								     : -ENOMEM;
}

void vmp_trace_watch_end(struct vmp_trace_watch *w)
{
	vmp_recorder_free(w->recorder);
	vmp_tally_free(w->tally);
	vmp_unwinder_free(w->unwinder);
}
