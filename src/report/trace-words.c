// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls, frames and places of a trace in words. */
#include <inttypes.h>
#include <string.h>

#include "engine/scenario.h"
#include "lib/internal.h"
#include "report/trace.h"

enum { PLACE_FRAMES = 4 };

uint64_t vmp_trace_calls(const struct vmp_trace_end *end)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < vmp_syscall_count; i++)
		sum += end->result->calls[i];
	return sum;
}

uint64_t vmp_trace_failures(const struct vmp_trace_end *end)
{
	return vmp_tally_failures(end->tally) + end->result->lost_failures;
}

const char *vmp_error_text(int error, char *text, size_t size)
{
	const char *name = vmp_errno_name(error);

	snprintf(text, size, "errno %d", error);
	return name ? name : text;
}

const char vmp_stack_lost[] =
	"the process had ended, or unmapped this code, before its stack could "
	"be named";

bool vmp_stack_is_lost(const struct vmp_frame *frames, size_t count)
{
	return count == 1 && !frames->function && !frames->module;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

char *vmp_frame_name(const struct vmp_frame *f, char *text, size_t size)
{
	if (f->function)
		return vmp_escape(f->function, text, size);
	snprintf(text, size, "0x%" PRIx64, f->address);
	return text;
}

/* Cut directories off until it fits, or none is left. */
static void shorten(char *text, size_t width)
{
	static const char dots[] = "...";
	const char *rest = text;

	if (vmp_columns(text) <= width)
		return;
	while (rest && vmp_columns(rest) + strlen(dots) > width) {
		const char *slash = strchr(rest + 1, '/');

		if (!slash)
			break;
		rest = slash;
	}
	if (rest == text)
		return;
	/* at least "/a" was cut, and that much may be one too few for dots */
	if (!strchr(rest + 1, '/') &&
	    vmp_columns(rest) + strlen(dots) > width) {
		memmove(text, rest + 1, strlen(rest + 1) + 1);
		return;
	}
	if ((size_t)(rest - text) < strlen(dots))
		return;
	memmove(text + strlen(dots), rest, strlen(rest) + 1);
	memcpy(text, dots, strlen(dots));
}

char *vmp_frame_location(const struct vmp_frame *f, size_t width, char *text,
			 size_t size)
{
	size_t used;

	if (!f->file && !f->module) {
		snprintf(text, size, "in no mapping that is known");
		return text;
	}
	vmp_escape(f->file ? f->file : last_part(f->module), text, size - 32);
	used = strlen(text);
	if (!f->file)
		snprintf(text + used, size - used, "+0x%" PRIx64, f->offset);
	else if (f->line > 0)
		snprintf(text + used, size - used, ":%d", f->line);
	shorten(text, width);
	return text;
}

/* "grow (cache.c:42)"; a module in place of a name that is not known. */
static void add_frame(const struct vmp_frame *f, char *text, size_t size)
{
	char name[VMP_FRAME_TEXT], location[VMP_FRAME_TEXT];

	vmp_frame_location(f, 0, location, sizeof(location));
	if (!f->function)
		snprintf(text, size, "%s",
			 f->module ? location
				   : vmp_frame_name(f, name, sizeof(name)));
	else if (f->file)
		snprintf(text, size, "%s (%s)",
			 vmp_frame_name(f, name, sizeof(name)), location);
	else
		snprintf(text, size, "%s (%s)",
			 vmp_frame_name(f, name, sizeof(name)),
			 f->module ? last_part(location) : "?");
}

/* Who calls main(), or a thread's function, is of no interest. */
static bool is_start(const struct vmp_frame *f)
{
	static const char *const names[] = { "_start", "start_thread",
					     "__libc_start_main",
					     "__libc_start_call_main" };

	for (size_t i = 0; f->function && i < VMP_COUNT(names); i++)
		if (!strcmp(f->function, names[i]))
			return true;
	return false;
}

static bool is_same(const struct vmp_frame *a, const struct vmp_frame *b)
{
	if (!a->function || !b->function || strcmp(a->function, b->function))
		return false;
	return a->line == b->line && (a->line > 0 || a->offset == b->offset);
}

/* How often a frame comes in a row: a function that calls itself. */
static size_t count_same(const struct vmp_frame *f, size_t count)
{
	size_t i = 1;

	while (i < count && is_same(f, &f[i]))
		i++;
	return i;
}

char *vmp_place_text(const struct vmp_site *site, char *text, size_t size)
{
	size_t first = vmp_place_of(site->frames, site->frame_count);
	size_t shown = 0, used = 0, times;

	snprintf(text, size, "not known");
	if (vmp_stack_is_lost(site->frames, site->frame_count)) {
		snprintf(text, size, "0x%" PRIx64 " (process had ended)",
			 site->frames->address);
		return text;
	}
	for (size_t i = first; i < site->frame_count; i += times) {
		times = count_same(&site->frames[i], site->frame_count - i);
		if (used + 4 >= size || shown++ == PLACE_FRAMES ||
		    (i > first && is_start(&site->frames[i])))
			break;
		used += (size_t)snprintf(text + used, size - used, "%s",
					 i > first ? " < " : "");
		add_frame(&site->frames[i], text + used, size - used);
		used += strlen(text + used);
		if (times > 1 && used < size)
			used += (size_t)snprintf(text + used, size - used,
						 " x %zu", times);
	}
	return text;
}

static const char *argument_text(const struct vmp_argument *argument,
				 uint64_t value, char *text, size_t size)
{
	if (argument->kind == VMP_ARGUMENT_ADDRESS && !value)
		return "NULL";
	return vmp_argument_text(argument, value, text, size);
}

char *vmp_call_text(const struct vmp_trace_call *call, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s(", call->row->name);
	char value[200];

	for (size_t i = 0; i < VMP_ARGUMENTS && used < size; i++) {
		const struct vmp_argument *a = &call->row->arguments[i];

		if (a->kind == VMP_ARGUMENT_NONE)
			break;
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i ? ", " : "",
					 argument_text(a, call->arguments[i],
						       value, sizeof(value)));
	}
	if (used < size)
		snprintf(text + used, size - used, ")");
	return text;
}
