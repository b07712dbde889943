// SPDX-License-Identifier: GPL-2.0-or-later
/* The reports as JSON, over json-c: schemas vmaprobe.run/1 and its company. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "report/json.h"
#include "report/report.h"

struct json_object *vmp_json_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
	char *clean = malloc(3 * strlen(text) + 1);
	struct json_object *o;
	size_t used = 0, length;

	if (!clean)
		return NULL;
	while (*text) {
		length = vmp_utf8_length(text);
		memcpy(clean + used, length ? text : replacement,
		       length ? length : 3);
		used += length ? length : 3;
		text += length ? length : 1;
	}
	o = json_object_new_string_len(clean, (int)used);
	free(clean);
	return o;
}

struct json_object *vmp_json_number(uint64_t value)
{
	return json_object_new_uint64(value);
}

struct json_object *vmp_json_address(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_object_new_string(text);
}

void vmp_json_add(struct json_object *o, const char *key,
		  struct json_object *value)
{
	json_object_object_add(o, key, value);
}

struct json_object *vmp_json_seconds(double value, int digits)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*f", digits, value);
	return json_object_new_double_s(value, text);
}

/* 0 stands for a call without one. */
static struct json_object *address(uint64_t value)
{
	return value ? vmp_json_address(value) : NULL;
}

struct json_object *vmp_json_errno(int error)
{
	const char *name = vmp_errno_name(error);
	char text[16];

	if (error <= 0)
		return NULL;
	snprintf(text, sizeof(text), "%d", error);
	return json_object_new_string(name ? name : text);
}

static struct json_object *known(uint64_t value)
{
	return value ? vmp_json_number(value) : NULL;
}

static struct json_object *first_failure(const struct vmp_run *run, size_t i)
{
	const struct vmp_step_result *r = &run->steps[i];
	const struct vmp_verb_row *verb =
		&vmp_verbs[run->scenario->steps[i].verb];
	const struct vmp_diagnosis *d = &r->diagnosis;
	struct json_object *o;
	bool read = r->first_mappings;

	if (!r->failed)
		return NULL;
	o = json_object_new_object();
	vmp_json_add(o, "call", vmp_json_text(verb->call));
	vmp_json_add(o, "index", vmp_json_number(r->first.index));
	vmp_json_add(o, "address", address(r->first.address));
	vmp_json_add(o, "length_bytes", vmp_json_number(r->first.length));
	vmp_json_add(o, "errno", vmp_json_errno(r->first.error));
	vmp_json_add(o, "mappings", known(r->first_mappings));
	vmp_json_add(o, "limit",
		     read ? json_object_new_int64(r->first_limit) : NULL);
	vmp_json_add(o, "cause",
		     vmp_json_text(read ? vmp_cause_name(d->cause)
					: "unknown"));
	vmp_json_add(o, "certainty",
		     vmp_json_text(read ? vmp_certainty_name(d->certainty)
					: "unknown"));
	vmp_json_add(o, "explanation", vmp_json_text(d->explanation));
	return o;
}

static struct json_object *failures(const struct vmp_step_result *r)
{
	struct json_object *array = json_object_new_array(), *o;

	for (size_t i = 0; i < r->failure_count; i++) {
		o = json_object_new_object();
		vmp_json_add(o, "index", vmp_json_number(r->failures[i].index));
		vmp_json_add(o, "address", address(r->failures[i].address));
		vmp_json_add(o, "length_bytes",
			     vmp_json_number(r->failures[i].length));
		vmp_json_add(o, "errno", vmp_json_errno(r->failures[i].error));
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *step(const struct vmp_run *run, size_t i)
{
	const struct vmp_step *s = &run->scenario->steps[i];
	const struct vmp_step_result *r = &run->steps[i];
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "step", vmp_json_text(s->text));
	vmp_json_add(o, "verb", vmp_json_text(vmp_verbs[s->verb].name));
	vmp_json_add(
		o, "group",
		s->group < 0
			? NULL
			: vmp_json_text(run->scenario->groups[s->group].name));
	vmp_json_add(o, "run", json_object_new_boolean(r->run));
	vmp_json_add(o, "calls", vmp_json_number(r->calls));
	vmp_json_add(o, "failed", vmp_json_number(r->failed));
	vmp_json_add(o, "seconds", vmp_json_seconds(r->seconds, 9));
	vmp_json_add(o, "mappings_before", known(r->mappings_before));
	vmp_json_add(o, "mappings_after", known(r->mappings_after));
	vmp_json_add(o, "size_before_bytes", known(r->bytes_before));
	vmp_json_add(o, "size_after_bytes", known(r->bytes_after));
	vmp_json_add(o, "resident_bytes", known(r->resident_bytes));
	vmp_json_add(o, "leaked_bytes", vmp_json_number(r->leaked_bytes));
	vmp_json_add(o, "kept_blocks",
		     s->verb == VMP_VERB_free ? vmp_json_number(r->kept)
					      : NULL);
	vmp_json_add(o, "claimed_bytes",
		     r->claims ? vmp_json_number(r->claimed_bytes) : NULL);
	vmp_json_add(o, "first_failure", first_failure(run, i));
	vmp_json_add(o, "failures", failures(r));
	return o;
}

static struct json_object *steps(const struct vmp_run *run)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < run->scenario->step_count; i++)
		json_object_array_add(array, step(run, i));
	return array;
}

static struct json_object *parameters(const struct vmp_run *run)
{
	struct json_object *o = json_object_new_object();
	bool evaluated = run->start != 0;

	for (size_t i = 0; i < run->scenario->parameter_count; i++)
		vmp_json_add(o, run->scenario->parameters[i].name,
			     evaluated
				     ? json_object_new_int64(run->parameters[i])
				     : NULL);
	return o;
}

static struct json_object *mappings(const struct vmp_run *run)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "start", known(run->start));
	vmp_json_add(o, "peak", known(run->peak));
	vmp_json_add(o, "end",
		     run->ended == VMP_FINISHED ? known(run->end) : NULL);
	return o;
}

static struct json_object *ended(const struct vmp_run *run)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "how", vmp_json_text(vmp_ended_name(run->ended)));
	vmp_json_add(o, "signal",
		     run->signal ? json_object_new_int(run->signal) : NULL);
	return o;
}

static struct json_object *expectations(const struct vmp_run *run)
{
	const struct vmp_scenario *s = run->scenario;
	struct json_object *array = json_object_new_array(), *o;
	bool judged = run->verdict != VMP_CANNOT_RUN;

	for (size_t i = 0; i < s->expectation_count; i++) {
		o = json_object_new_object();
		vmp_json_add(o, "text", vmp_json_text(s->expectations[i].text));
		vmp_json_add(o, "met",
			     judged ? json_object_new_boolean(run->met[i])
				    : NULL);
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *run_object(const struct vmp_run *run)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "schema", json_object_new_string("vmaprobe.run/1"));
	vmp_json_add(o, "scenario", vmp_json_text(run->scenario->name));
	vmp_json_add(o, "kernel", vmp_json_text(run->kernel));
	vmp_json_add(o, "limit", json_object_new_int64(run->limit));
	vmp_json_add(o, "limit_at_end",
		     json_object_new_int64(run->limit_at_end));
	vmp_json_add(o, "page_bytes", vmp_json_number(run->page_bytes));
	vmp_json_add(o, "allocator",
		     run->allocator[0] ? vmp_json_text(run->allocator) : NULL);
	vmp_json_add(o, "parameters", parameters(run));
	vmp_json_add(o, "mappings", mappings(run));
	vmp_json_add(o, "steps", steps(run));
	vmp_json_add(o, "leaked_bytes", vmp_json_number(run->leaked_bytes));
	vmp_json_add(o, "size_bytes", known(run->size_bytes));
	vmp_json_add(o, "resident_bytes", known(run->resident_bytes));
	vmp_json_add(o, "ended", ended(run));
	vmp_json_add(o, "expectations", expectations(run));
	vmp_json_add(o, "verdict",
		     vmp_json_text(vmp_verdict_name(run->verdict)));
	if (run->reason[0])
		vmp_json_add(o, "reason", vmp_json_text(run->reason));
	return o;
}

static unsigned int code_point(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;

	if (length == 1)
		return p[0];
	return length == 2 ? (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)
			   : (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 |
				     (p[2] & 0x3fu);
}

/* What a terminal may obey and json-c leaves as it is: only in strings. */
static void print_escaped(const char *text, FILE *out)
{
	while (*text) {
		size_t plain = 0, length = 1;

		while ((signed char)text[plain] > 0 && text[plain] != 0x7f)
			plain++;
		fwrite(text, 1, plain, out);
		text += plain;
		if (!*text)
			return;
		length = vmp_utf8_length(text);
		if (length && vmp_is_control(text, length))
			fprintf(out, "\\u%04x", code_point(text, length));
		else
			fwrite(text, 1, length ? length : 1, out);
		text += length ? length : 1;
	}
}

static int print_as(struct json_object *o, int flags, FILE *out)
{
	const char *text = json_object_to_json_string_ext(
		o, flags | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text)
		print_escaped(text, out);
	putc('\n', out);
	json_object_put(o);
	return text && !ferror(out) ? 0 : -EIO;
}

int vmp_json_print(struct json_object *o, FILE *out)
{
	return print_as(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED,
			out);
}

int vmp_json_print_line(struct json_object *o, FILE *out)
{
	return print_as(o, JSON_C_TO_STRING_PLAIN, out);
}

int vmp_report_json(const struct vmp_run *run, FILE *out)
{
	return vmp_json_print(run_object(run), out);
}

int vmp_report_allocators_json(const struct vmp_run *runs,
			       const char *const *names, size_t count,
			       FILE *out)
{
	struct json_object *o = json_object_new_object();
	struct json_object *array = json_object_new_array(), *one;

	for (size_t i = 0; i < count; i++) {
		one = run_object(&runs[i]);
		vmp_json_add(one, "allocator", vmp_json_text(names[i]));
		json_object_array_add(array, one);
	}
	vmp_json_add(o, "schema",
		     json_object_new_string("vmaprobe.allocators/1"));
	vmp_json_add(o, "scenario", vmp_json_text(runs[0].scenario->name));
	vmp_json_add(o, "runs", array);
	return vmp_json_print(o, out);
}
