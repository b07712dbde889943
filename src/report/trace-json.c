// SPDX-License-Identifier: GPL-2.0-or-later
/* A trace as JSON, one object a line: schema vmaprobe.trace/1. */
#include <string.h>
#include <json-c/json.h>
#include <sys/syscall.h>

#include "lib/internal.h"
#include "report/json.h"
#include "report/trace.h"

static struct json_object *event(const char *name)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "schema", json_object_new_string("vmaprobe.trace/1"));
	vmp_json_add(o, "event", json_object_new_string(name));
	return o;
}

/* null stands for what is not known. */
static struct json_object *known(int64_t value, bool is_known)
{
	return is_known ? json_object_new_int64(value) : NULL;
}

static struct json_object *text_or_null(const char *text)
{
	return text ? vmp_json_text(text) : NULL;
}

static struct json_object *argument(const struct vmp_argument *a,
				    uint64_t value)
{
	char text[256];

	switch (a->kind) {
	case VMP_ARGUMENT_NUMBER:
		return json_object_new_int((int32_t)value);
	case VMP_ARGUMENT_BYTES:
		return vmp_json_number(value);
	case VMP_ARGUMENT_ADDRESS:
		return vmp_json_address(value);
	default:
		return vmp_json_text(
			vmp_argument_text(a, value, text, sizeof(text)));
	}
}

static struct json_object *arguments(const struct vmp_trace_call *c)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < VMP_ARGUMENTS; i++) {
		const struct vmp_argument *a = &c->row->arguments[i];

		if (a->kind == VMP_ARGUMENT_NONE)
			break;
		vmp_json_add(o, a->name, argument(a, c->arguments[i]));
	}
	return o;
}

static struct json_object *stack(const struct vmp_frame *frames, size_t count)
{
	struct json_object *array = json_object_new_array(), *o;

	for (size_t i = 0; i < count; i++) {
		const struct vmp_frame *f = &frames[i];

		o = json_object_new_object();
		vmp_json_add(o, "address", vmp_json_address(f->address));
		vmp_json_add(o, "function", text_or_null(f->function));
		vmp_json_add(o, "file", text_or_null(f->file));
		vmp_json_add(o, "line", known(f->line, f->file && f->line > 0));
		vmp_json_add(o, "module", text_or_null(f->module));
		vmp_json_add(o, "offset",
			     f->module ? vmp_json_address(f->offset) : NULL);
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *result(const struct vmp_trace_call *c)
{
	long number = c->row->number;

	if (c->error)
		return NULL;
	if (number == SYS_mmap || number == SYS_mremap || number == SYS_brk ||
	    number == SYS_shmat)
		return vmp_json_address((uint64_t)c->result);
	return json_object_new_int64(c->result);
}

static void add_cause(struct json_object *o, const struct vmp_trace_call *c)
{
	const struct vmp_diagnosis *d = &c->diagnosis;

	vmp_json_add(o, "cause",
		     c->failed ? vmp_json_text(vmp_cause_name(d->cause))
			       : NULL);
	vmp_json_add(o, "certainty",
		     c->failed ? vmp_json_text(vmp_certainty_name(d->certainty))
			       : NULL);
	vmp_json_add(o, "explanation",
		     c->failed ? vmp_json_text(d->explanation) : NULL);
}

static void print_call(const struct vmp_trace_view *v,
		       const struct vmp_trace_call *c,
		       const struct vmp_frame *frames, size_t count)
{
	struct json_object *o = event(c->failed ? "failure" : "call");
	char command[sizeof(c->command) + 1] = "";

	memcpy(command, c->command, sizeof(c->command));
	vmp_json_add(o, "time_seconds", vmp_json_seconds(c->time_seconds, 6));
	vmp_json_add(o, "pid", json_object_new_int(c->pid));
	vmp_json_add(o, "tid", json_object_new_int(c->tid));
	vmp_json_add(o, "command", vmp_json_text(command));
	vmp_json_add(o, "call", vmp_json_text(c->row->name));
	vmp_json_add(o, "arguments", arguments(c));
	vmp_json_add(o, "result", result(c));
	vmp_json_add(o, "errno", vmp_json_errno(c->error));
	add_cause(o, c);
	vmp_json_add(o, "mappings", known(c->mappings, c->mappings >= 0));
	vmp_json_add(o, "limit",
		     known(c->figures.limits.max_map_count,
			   c->figures.limits.max_map_count > 0));
	vmp_json_add(o, "change",
		     known(c->change, c->change != VMP_CHANGE_UNKNOWN));
	vmp_json_add(o, "stack", stack(frames, count));
	vmp_json_print_line(o, v->out);
	fflush(v->out);
}

static struct json_object *calls_by_call(const struct vmp_trace_end *end)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < vmp_syscall_count; i++)
		if (end->result->calls[i])
			vmp_json_add(o, vmp_syscalls[i].name,
				     vmp_json_number(end->result->calls[i]));
	return o;
}

static struct json_object *failures_by(struct vmp_tally *tally)
{
	struct json_object *array = json_object_new_array(), *o;
	size_t count;
	const struct vmp_tally_row *rows = vmp_tally_rows(tally, &count);

	for (size_t i = 0; i < count; i++) {
		o = json_object_new_object();
		vmp_json_add(o, "call", vmp_json_text(rows[i].row->name));
		vmp_json_add(o, "errno", vmp_json_errno(rows[i].error));
		vmp_json_add(o, "cause",
			     vmp_json_text(vmp_cause_name(rows[i].cause)));
		vmp_json_add(o, "failures", vmp_json_number(rows[i].failures));
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *site(const struct vmp_site *s)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "call", vmp_json_text(s->row->name));
	vmp_json_add(o, "command", vmp_json_text(s->command));
	vmp_json_add(o, "calls", vmp_json_number(s->calls));
	vmp_json_add(o, "failures", vmp_json_number(s->failures));
	vmp_json_add(o, "leaked_bytes", vmp_json_number(s->leaked_bytes));
	vmp_json_add(o, "mappings", known(s->mappings, s->counted));
	vmp_json_add(o, "stack", stack(s->frames, s->frame_count));
	return o;
}

/* Those that failed; with --sites all, by the mappings that they made. */
static struct json_object *sites(const struct vmp_trace_view *v,
				 struct vmp_tally *tally)
{
	struct json_object *array = json_object_new_array();
	size_t count, shown = 0;
	const struct vmp_site *const *list = vmp_tally_sites(
		tally, v->sites ? VMP_BY_MAPPINGS : VMP_BY_FAILURES, &count);

	for (size_t i = 0; i < count; i++) {
		if (v->top && shown == v->top)
			break;
		if (!v->sites && !list[i]->failures)
			continue;
		json_object_array_add(array, site(list[i]));
		shown++;
	}
	return array;
}

static void print_end(const struct vmp_trace_view *v,
		      const struct vmp_trace_end *end)
{
	const struct vmp_trace_result *r = end->result;
	struct json_object *o = event("summary");

	vmp_json_add(o, "reason", text_or_null(end->reason));
	vmp_json_add(o, "backend", text_or_null(end->backend));
	vmp_json_add(o, "duration_seconds", vmp_json_seconds(end->seconds, 6));
	vmp_json_add(o, "calls", vmp_json_number(vmp_trace_calls(end)));
	vmp_json_add(o, "calls_by_call", calls_by_call(end));
	vmp_json_add(o, "failures", vmp_json_number(vmp_trace_failures(end)));
	vmp_json_add(o, "failures_by", failures_by(end->tally));
	vmp_json_add(o, "leaked_bytes",
		     vmp_json_number(vmp_tally_leaked_bytes(end->tally)));
	vmp_json_add(o, "peak_mappings",
		     known(r->peak_mappings, r->peak_mappings >= 0));
	vmp_json_add(o, "peak_pid", known(r->peak_pid, r->peak_mappings >= 0));
	vmp_json_add(o, "ballast_mappings",
		     vmp_json_number((uint64_t)r->ballast));
	vmp_json_add(o, "programs_without_ballast",
		     vmp_json_number(r->lacking));
	vmp_json_add(o, "lost", vmp_json_number(r->lost));
	vmp_json_add(o, "lost_failures", vmp_json_number(r->lost_failures));
	vmp_json_add(o, "missed_at_most", vmp_json_number(r->missed));
	vmp_json_add(o, "sites", sites(v, end->tally));
	vmp_json_add(o, "command_status", known(end->status, end->status >= 0));
	vmp_json_add(o, "tracer_pid", known(r->tracer, r->tracer > 0));
	vmp_json_add(o, "interrupted", json_object_new_boolean(r->interrupted));
	vmp_json_add(o, "timed_out", json_object_new_boolean(r->timed_out));
	vmp_json_add(o, "stopped_at_failure",
		     json_object_new_boolean(r->stopped_by_sink));
	vmp_json_print_line(o, v->out);
	fflush(v->out);
}

const struct vmp_trace_report vmp_trace_json = {
	.call = print_call,
	.end = print_end,
};
