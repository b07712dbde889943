// SPDX-License-Identifier: GPL-2.0-or-later
/* The reports as JSON: valid whatever is in them, and with what is promised. */
#include <string.h>
#include <json-c/json.h>

#include "sample.h"
#include "unit.h"

static struct json_object *print_run(const struct vmp_run *run)
{
	char *text = sample_print(run, SAMPLE_JSON);
	struct json_object *o = read_json(text);

	free(text);
	return o;
}

/* Every promised key, with its value as JSON; NULL where any will do. */
static const struct {
	const char *path, *value;
} promises[] = {
	{ "schema", "\"vmaprobe.run/1\"" },
	{ "scenario", "\"test\"" },
	{ "kernel", "\"Linux 6.1.0-test\"" },
	{ "limit", "1000" },
	{ "limit_at_end", "1000" },
	{ "page_bytes", "4096" },
	{ "allocator", "\"glibc\"" },
	{ "parameters/pages", "2000" },
	{ "parameters/half", "-1000" },
	{ "mappings/start", "27" },
	{ "mappings/peak", "1000" },
	{ "mappings/end", "1000" },
	{ "steps/0/step", "\"malloc page count=pages size=1p\"" },
	{ "steps/0/verb", "\"malloc\"" },
	{ "steps/0/group", "\"page\"" },
	{ "steps/0/run", "true" },
	{ "steps/0/calls", "2000" },
	{ "steps/0/failed", "0" },
	{ "steps/0/seconds", "0.125000000" },
	{ "steps/0/mappings_before", "27" },
	{ "steps/0/mappings_after", "28" },
	{ "steps/0/size_before_bytes", "1048576" },
	{ "steps/0/size_after_bytes", "16777216" },
	{ "steps/0/leaked_bytes", "0" },
	{ "steps/0/claimed_bytes", "null" },
	{ "steps/0/first_failure", "null" },
	{ "steps/0/failures", "[]" },
	{ "steps/1/failed", "30" },
	{ "steps/1/leaked_bytes", "122880" },
	{ "steps/1/first_failure/call", "\"munmap\"" },
	{ "steps/1/first_failure/index", "970" },
	{ "steps/1/first_failure/address", "\"0x7f0012345000\"" },
	{ "steps/1/first_failure/length_bytes", "4096" },
	{ "steps/1/first_failure/errno", "\"ENOMEM\"" },
	{ "steps/1/first_failure/mappings", "1000" },
	{ "steps/1/first_failure/limit", "1000" },
	{ "steps/1/first_failure/cause", "\"map-count\"" },
	{ "steps/1/first_failure/certainty", "\"certain\"" },
	{ "steps/1/first_failure/explanation", "\"The range lies inside.\"" },
	{ "steps/1/failures/1/index", "972" },
	{ "steps/1/failures/1/address", "\"0x7f0012347000\"" },
	{ "steps/1/failures/1/length_bytes", "4096" },
	{ "steps/1/failures/1/errno", "\"EAGAIN\"" },
	/* unknown errnos are numbers, but still text; no address is null */
	{ "steps/1/failures/2/errno", "\"9999\"" },
	{ "steps/1/failures/2/address", "null" },
	/* a leak has no errno */
	{ "steps/2/first_failure/errno", "null" },
	{ "steps/2/first_failure/certainty", "\"likely\"" },
	{ "steps/2/claimed_bytes", "5242880" },
	/* a step that was not run */
	{ "steps/3/run", "false" },
	{ "steps/3/group", "null" },
	{ "steps/3/mappings_before", "null" },
	{ "steps/3/mappings_after", "null" },
	{ "leaked_bytes", "1171456" },
	{ "size_bytes", "16777216" },
	{ "resident_bytes", "4194304" },
	{ "ended/how", "\"finished\"" },
	{ "ended/signal", "null" },
	{ "expectations/0/text",
	  "\"unmap page fails ENOMEM because map-count\"" },
	{ "expectations/0/met", "true" },
	{ "expectations/1/met", "false" },
	{ "verdict", "\"not-reproduced\"" },
};

START_TEST(keeps_promise)
{
	struct sample sample;
	struct json_object *o;

	sample_begin(&sample);
	o = print_run(&sample.run);
	ck_assert_str_eq(
		json_object_to_json_string_ext(look(o, promises[_i].path),
					       JSON_C_TO_STRING_NOSLASHESCAPE),
		promises[_i].value);
	json_object_put(o);
	sample_end(&sample);
}
END_TEST

/* All that comes from outside, in each place that it can come to. */
START_TEST(survives_nasty_text)
{
	static const char clean[] = "\xef\xbf\xbd\x1b[31m\r\n\t\"a\", "
				    "'<b>&\\;\x7f\xc2\x9b";
	static const char *const paths[] = {
		"scenario",
		"allocator",
		"steps/0/step",
		"steps/0/group",
		"steps/1/first_failure/explanation",
		"expectations/0/text",
		"reason",
	};
	struct sample sample;
	struct json_object *o;
	char *text;

	sample_begin(&sample);
	sample.scenario->name = NASTY;
	sample.scenario->steps[0].text = NASTY;
	sample.scenario->groups[0].name = NASTY;
	sample.scenario->expectations[0].text = NASTY;
	strcpy(sample.run.allocator, NASTY);
	strcpy(sample.run.reason, NASTY);
	strcpy(sample.steps[1].diagnosis.explanation, NASTY);
	text = sample_print(&sample.run, SAMPLE_JSON);
	o = json_tokener_parse(text);
	ck_assert_ptr_nonnull(o);
	for (size_t i = 0; i < VMP_COUNT(paths); i++)
		ck_assert_str_eq(json_object_get_string(look(o, paths[i])),
				 clean);
	free(text);
	json_object_put(o);
	sample_end(&sample);
}
END_TEST

/* A run that was cut short says how, and what it cannot tell is null. */
START_TEST(tells_end)
{
	enum vmp_ended ended = (enum vmp_ended)_i;
	struct sample sample;
	struct json_object *o, *end;

	sample_begin(&sample);
	sample.run.ended = ended;
	sample.run.signal = ended == VMP_KILLED ? 9 : 0;
	if (ended != VMP_FINISHED) {
		sample.run.verdict = VMP_CANNOT_RUN;
		strcpy(sample.run.reason, "because");
	}
	o = print_run(&sample.run);
	ck_assert_str_eq(json_object_get_string(look(o, "ended/how")),
			 vmp_ended_name(ended));
	ck_assert_int_eq(json_object_get_int(look(o, "ended/signal")),
			 ended == VMP_KILLED ? 9 : 0);
	end = look(o, "mappings/end");
	ck_assert_int_eq(end != NULL, ended == VMP_FINISHED);
	ck_assert_int_eq(look(o, "expectations/0/met") != NULL,
			 ended == VMP_FINISHED);
	ck_assert_int_eq(json_object_object_get_ex(o, "reason", NULL),
			 ended != VMP_FINISHED);
	json_object_put(o);
	sample_end(&sample);
}
END_TEST

/* Nothing ran: no figure is known, and the parameters have no value. */
START_TEST(tells_nothing)
{
	struct vmp_step_result none[SAMPLE_STEPS] = { 0 };
	struct sample sample;
	struct json_object *o;

	sample_begin(&sample);
	sample.run.steps = none;
	sample.run.start = sample.run.peak = sample.run.end = 0;
	sample.run.size_bytes = sample.run.resident_bytes = 0;
	sample.run.allocator[0] = '\0';
	sample.run.ended = VMP_NOT_STARTED;
	sample.run.verdict = VMP_CANNOT_RUN;
	o = print_run(&sample.run);
	ck_assert_ptr_null(look(o, "parameters/pages"));
	ck_assert_ptr_null(look(o, "mappings/start"));
	ck_assert_ptr_null(look(o, "size_bytes"));
	ck_assert_ptr_null(look(o, "resident_bytes"));
	ck_assert_ptr_null(look(o, "allocator"));
	ck_assert_str_eq(json_object_get_string(look(o, "verdict")),
			 "cannot-run");
	json_object_put(o);
	sample_end(&sample);
}
END_TEST

/* A failure whose mappings could not be read has no cause. */
START_TEST(tells_no_cause_unread)
{
	struct sample sample;
	struct json_object *o;

	sample_begin(&sample);
	sample.steps[1].first_mappings = 0;
	o = print_run(&sample.run);
	ck_assert_ptr_null(look(o, "steps/1/first_failure/mappings"));
	ck_assert_ptr_null(look(o, "steps/1/first_failure/limit"));
	ck_assert_str_eq(
		json_object_get_string(look(o, "steps/1/first_failure/cause")),
		"unknown");
	json_object_put(o);
	sample_end(&sample);
}
END_TEST

START_TEST(keeps_large_numbers)
{
	struct sample sample;
	struct json_object *o;

	sample_begin(&sample);
	sample.run.limit = INT64_MAX;
	sample.run.leaked_bytes = UINT64_MAX;
	sample.parameters[0] = INT64_MIN;
	sample.steps[1].first.address = UINT64_MAX;
	o = print_run(&sample.run);
	ck_assert_int_eq(json_object_get_int64(look(o, "limit")), INT64_MAX);
	ck_assert_uint_eq(json_object_get_uint64(look(o, "leaked_bytes")),
			  UINT64_MAX);
	ck_assert_int_eq(json_object_get_int64(look(o, "parameters/pages")),
			 INT64_MIN);
	ck_assert_str_eq(json_object_get_string(
				 look(o, "steps/1/first_failure/address")),
			 "0xffffffffffffffff");
	json_object_put(o);
	sample_end(&sample);
}
END_TEST

static struct json_object *close_and_read(FILE *out, char **text)
{
	struct json_object *o;

	ck_assert_int_eq(fclose(out), 0);
	o = read_json(*text);
	free(*text);
	return o;
}

START_TEST(prints_allocators)
{
	static const char *const names[] = { "one", "two\xff" };
	struct sample sample[2];
	struct json_object *o;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct vmp_run runs[2];

	for (int i = 0; i < 2; i++) {
		sample_begin(&sample[i]);
		runs[i] = sample[i].run;
	}
	ck_assert_int_eq(vmp_report_allocators_json(runs, names, 2, out), 0);
	o = close_and_read(out, &text);
	ck_assert_str_eq(json_object_get_string(look(o, "schema")),
			 "vmaprobe.allocators/1");
	ck_assert_str_eq(json_object_get_string(look(o, "scenario")), "test");
	ck_assert_str_eq(json_object_get_string(look(o, "runs/0/allocator")),
			 "one");
	ck_assert_str_eq(json_object_get_string(look(o, "runs/1/allocator")),
			 "two\xef\xbf\xbd");
	ck_assert_str_eq(json_object_get_string(look(o, "runs/1/schema")),
			 "vmaprobe.run/1");
	json_object_put(o);
	sample_end(&sample[0]);
	sample_end(&sample[1]);
}
END_TEST

START_TEST(prints_list)
{
	struct vmp_listed list[2] = { { .available = true },
				      { .reason = "not \"here\"" } };
	struct sample sample;
	struct json_object *o;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	sample_begin(&sample);
	list[0].scenario = list[1].scenario = sample.scenario;
	ck_assert_int_eq(vmp_report_list_json(list, 2, out), 0);
	o = close_and_read(out, &text);
	ck_assert_str_eq(json_object_get_string(look(o, "schema")),
			 "vmaprobe.list/1");
	ck_assert_str_eq(json_object_get_string(
				 look(o, "scenarios/0/parameters/1/default")),
			 "pages / 2");
	ck_assert(json_object_get_boolean(look(o, "scenarios/0/available")));
	ck_assert_ptr_null(look(o, "scenarios/0/reason"));
	ck_assert_str_eq(json_object_get_string(look(o, "scenarios/1/reason")),
			 "not \"here\"");
	json_object_put(o);
	sample_end(&sample);
}
END_TEST

Suite *suite_json(void)
{
	Suite *suite = suite_create("json");
	TCase *run = tcase_create("run");

	tcase_add_loop_test(run, keeps_promise, 0, VMP_COUNT(promises));
	tcase_add_test(run, survives_nasty_text);
	tcase_add_loop_test(run, tells_end, 0, VMP_ENDS);
	tcase_add_test(run, tells_nothing);
	tcase_add_test(run, tells_no_cause_unread);
	tcase_add_test(run, keeps_large_numbers);
	tcase_add_test(run, prints_allocators);
	tcase_add_test(run, prints_list);
	suite_add_tcase(suite, run);
	return suite;
}
