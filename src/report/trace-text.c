// SPDX-License-Identifier: GPL-2.0-or-later
/* The calls of a trace for people: those that failed with why and where. */
#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>

#include "engine/scenario.h"
#include "lib/internal.h"
#include "report/trace.h"

enum {
	INDENT = 2,
	STACK_INDENT = 4,
	WIDEST_NAME = 48, /* that others are lined up with */
	SHOWN_FRAMES = 12,
	LEAST_HIDDEN = 3, /* fewer are not worth a line that says so */
};

static void print_in(const struct vmp_trace_view *v, enum vmp_accent accent,
		     const char *text)
{
	fputs(vmp_accent(v->style, accent), v->out);
	vmp_print_wrapped(v->style, v->out, text, INDENT, 0);
	fputs(vmp_accent(v->style, VMP_PLAIN), v->out);
}

/* "likely RLIMIT_AS is reached" */
static const char *reason_text(const struct vmp_diagnosis *d, char *text,
			       size_t size)
{
	snprintf(text, size, "%s%s",
		 d->certainty == VMP_LIKELY ? "likely " : "",
		 vmp_cause_words[d->cause]);
	return text;
}

/* "java[4711/4730]" */
static const char *thread_text(const struct vmp_trace_call *c, char *text,
			       size_t size)
{
	char name[80], comm[sizeof(c->command) + 1] = "";

	memcpy(comm, c->command, sizeof(c->command));
	vmp_escape(comm, name, sizeof(name));
	if (c->tid == c->pid)
		snprintf(text, size, "%s[%d]", name, c->pid);
	else
		snprintf(text, size, "%s[%d/%d]", name, c->pid, c->tid);
	return text;
}

/* The answer, then who asked for what. */
static void print_headline(const struct vmp_trace_view *v,
			   const struct vmp_trace_call *c)
{
	char words[1024], reason[100], error[32], thread[120], call[800];

	snprintf(words, sizeof(words), "%s() failed with %s: %s.", c->row->name,
		 vmp_error_text(c->error, error, sizeof(error)),
		 reason_text(&c->diagnosis, reason, sizeof(reason)));
	print_in(v, VMP_STRONG, words);
	snprintf(words, sizeof(words), "%.3f s, %s: %s", c->time_seconds,
		 thread_text(c, thread, sizeof(thread)),
		 vmp_call_text(c, call, sizeof(call)));
	fprintf(v->out, "%*s", INDENT, "");
	vmp_print_wrapped(v->style, v->out, words, STACK_INDENT, INDENT);
}

static bool returns_address(const struct vmp_syscall *row)
{
	return row->number == SYS_mmap || row->number == SYS_mremap ||
	       row->number == SYS_brk || row->number == SYS_shmat;
}

static void print_result(const struct vmp_trace_view *v,
			 const struct vmp_trace_call *c)
{
	char error[32], reason[100];

	if (c->error)
		fprintf(v->out, " = -1 %s",
			vmp_error_text(c->error, error, sizeof(error)));
	else if (returns_address(c->row))
		fprintf(v->out, " = 0x%" PRIx64, (uint64_t)c->result);
	else
		fprintf(v->out, " = %" PRId64, c->result);
	if (c->failed)
		fprintf(v->out, ": %s",
			reason_text(&c->diagnosis, reason, sizeof(reason)));
}

/* "0.001234 hog[12] mmap(NULL, 4096, ...) = 0x7f..., 65 mappings (+1)" */
static void print_line(const struct vmp_trace_view *v,
		       const struct vmp_trace_call *c)
{
	char thread[120], call[800];

	fputs(vmp_accent(v->style, c->failed ? VMP_STRONG : VMP_PLAIN), v->out);
	fprintf(v->out, "%.6f %s %s", c->time_seconds,
		thread_text(c, thread, sizeof(thread)),
		vmp_call_text(c, call, sizeof(call)));
	print_result(v, c);
	if (c->mappings >= 0)
		fprintf(v->out, ", %s mapping%s",
			vmp_digits((uint64_t)c->mappings),
			c->mappings == 1 ? "" : "s");
	if (c->change != VMP_CHANGE_UNKNOWN)
		fprintf(v->out, "%s(%+" PRId64 ")",
			c->mappings >= 0 ? " " : ", mappings ", c->change);
	fputs(vmp_accent(v->style, VMP_PLAIN), v->out);
	putc('\n', v->out);
}

/* The column for locations: behind the longest name that is not too long. */
static size_t name_width(const struct vmp_trace_view *v,
			 const struct vmp_frame *frames, size_t count)
{
	size_t most = v->style->width / 2 - STACK_INDENT, widest = 0, columns;
	char name[VMP_FRAME_TEXT];

	most = most < WIDEST_NAME ? most : WIDEST_NAME;
	for (size_t i = 0; i < count; i++) {
		columns = vmp_columns(
			vmp_frame_name(&frames[i], name, sizeof(name)));
		if (columns <= most && columns > widest)
			widest = columns;
	}
	return widest;
}

static void print_frame(const struct vmp_trace_view *v,
			const struct vmp_frame *f, size_t width)
{
	size_t room = v->style->width - STACK_INDENT - width - 2, columns;
	char text[VMP_FRAME_TEXT];

	columns = vmp_columns(vmp_frame_name(f, text, sizeof(text)));
	fprintf(v->out, "%*s%s", STACK_INDENT, "", text);
	/* below a name that reaches into its column */
	if (columns > width) {
		putc('\n', v->out);
		columns = 0;
		fprintf(v->out, "%*s", STACK_INDENT, "");
	}
	vmp_frame_location(f, room, text, sizeof(text));
	fprintf(v->out, "%*s%s%s%s\n", (int)(width - columns) + 2, "",
		vmp_accent(v->style, VMP_QUIET), text,
		vmp_accent(v->style, VMP_PLAIN));
}

/* Frames that few will ask for: a line says how many. */
static void print_rest(const struct vmp_trace_view *v,
		       const struct vmp_frame *frames, size_t count,
		       size_t width)
{
	if (count >= LEAST_HIDDEN) {
		fprintf(v->out,
			"%*s... %zu more (--format=json has them all)\n",
			STACK_INDENT, "", count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		print_frame(v, &frames[i], width);
}

static void print_lost_stack(const struct vmp_trace_view *v,
			     const struct vmp_frame *innermost)
{
	char words[200];

	snprintf(words, sizeof(words), "0x%" PRIx64 " (%s)", innermost->address,
		 vmp_stack_lost);
	fprintf(v->out, "%*s", STACK_INDENT, "");
	vmp_print_wrapped(v->style, v->out, words, STACK_INDENT, STACK_INDENT);
}

/* The innermost frames, and in any case the program's own that is nearest. */
static void print_stack(const struct vmp_trace_view *v,
			const struct vmp_frame *frames, size_t count)
{
	size_t shown = count < SHOWN_FRAMES ? count : SHOWN_FRAMES;
	size_t place = count ? vmp_place_of(frames, count) : 0;
	size_t width = name_width(v, frames, shown), own = 0;

	if (shown && place >= shown)
		own = name_width(v, &frames[place], 1);
	width = own > width ? own : width;
	for (size_t i = 0; i < shown; i++)
		print_frame(v, &frames[i], width);
	if (shown && place >= shown) {
		print_rest(v, &frames[shown], place - shown, width);
		print_frame(v, &frames[place], width);
		shown = place + 1;
	}
	print_rest(v, &frames[shown], count - shown, width);
}

static void print_call(const struct vmp_trace_view *v,
		       const struct vmp_trace_call *c,
		       const struct vmp_frame *frames, size_t count)
{
	if (v->all)
		print_line(v, c);
	else
		print_headline(v, c);
	if (c->failed && c->diagnosis.explanation[0]) {
		fprintf(v->out, "%*s", INDENT, "");
		vmp_print_wrapped(v->style, v->out, c->diagnosis.explanation,
				  INDENT, INDENT);
	}
	if (c->failed || v->sites) {
		if (!count && c->failed)
			fprintf(v->out, "%*s(no stack could be taken)\n",
				STACK_INDENT, "");
		else if (vmp_stack_is_lost(frames, count))
			print_lost_stack(v, frames);
		else
			print_stack(v, frames, count);
	}
	if (!v->all)
		putc('\n', v->out);
	fflush(v->out);
}

const struct vmp_trace_report vmp_trace_text = {
	.call = print_call,
	.end = vmp_trace_summary,
};
