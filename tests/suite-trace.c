// SPDX-License-Identifier: GPL-2.0-or-later
/* The reports on a trace: text, JSON and folded stacks. */
#include <errno.h>
#include <string.h>
#include <json-c/json.h>

#include "report/trace.h"
#include "sample.h"
#include "trace-sample.h"
#include "unit.h"

#define BASE UINT64_C(0x7f0000000000)

static const struct vmp_style narrow = { .width = 80 };
static const struct vmp_style wide = { .width = 200 };

static char *text;
static size_t size;
static struct vmp_trace_view view;
static struct vmp_trace_result result;
static struct vmp_trace_end ending;
static uint64_t *calls;

static void begin(void)
{
	view = (struct vmp_trace_view){ .style = &narrow,
					.out = open_memstream(&text, &size) };
	calls = calloc(vmp_syscall_count, sizeof(*calls));
	ck_assert(view.out && calls);
	result = (struct vmp_trace_result){ .calls = calls,
					    .peak_mappings = -1 };
	ending = (struct vmp_trace_end){ .backend = "ptrace",
					 .seconds = 1.25,
					 .result = &result,
					 .tally = vmp_tally_new(),
					 .status = -1,
					 .missing = "" };
}

static void end(void)
{
	vmp_tally_free(ending.tally);
	free(calls);
	free(text);
}

/* What was printed until now. */
static const char *printed(void)
{
	ck_assert_int_eq(fclose(view.out), 0);
	return text;
}

static void count(struct vmp_trace_call call, const struct vmp_frame *frames,
		  uint64_t times)
{
	for (uint64_t i = 0; i < times; i++) {
		call.arguments[0] += 0x2000;
		calls[call.row - vmp_syscalls]++;
		vmp_tally_add(ending.tally, &call, frames, frames ? 3 : 0);
	}
}

static void assert_width(const char *lines, size_t width)
{
	while (*lines) {
		ck_assert_msg(strcspn(lines, "\n") <= width, "too wide: %s",
			      lines);
		lines += strcspn(lines, "\n");
		lines += *lines == '\n';
	}
}

START_TEST(prints_failure)
{
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);

	vmp_trace_text.call(&view, &call, sample_stack, 3);
	ck_assert_str_eq(
		printed(),
		"munmap() failed with ENOMEM: the limit of mappings is "
		"reached.\n"
		"  1.500 s, hog[1/2]: munmap(0x7f0000000000, 4096)\n"
		"  The range lies inside.\n"
		"    munmap  libc.so.6+0x101a07\n"
		"    drop    /src/hog/cache.c:9\n"
		"    main    /src/hog/hog.c:14\n\n");
}
END_TEST

/* With --all a line a call, below those that failed why and where. */
START_TEST(prints_calls)
{
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);
	struct vmp_trace_call map = worked("mmap", 0, 8192, 3);

	map.tid = 1;
	map.arguments[3] = 0x22;
	map.arguments[4] = UINT64_MAX;
	map.result = (int64_t)BASE;
	map.mappings = 1234;
	map.change = 1;
	view.all = true;
	vmp_trace_text.call(&view, &map, NULL, 0);
	vmp_trace_text.call(&view, &call, sample_stack, 1);
	ck_assert_str_eq(
		printed(),
		"1.500000 hog[1] mmap(NULL, 8192, PROT_READ|PROT_WRITE, "
		"MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000, "
		"1,234 mappings (+1)\n"
		"1.500000 hog[1/2] munmap(0x7f0000000000, 4096) = -1 ENOMEM: "
		"the limit of mappings is reached, 1,000 mappings\n"
		"  The range lies inside.\n"
		"    munmap  libc.so.6+0x101a07\n");
}
END_TEST

/* Names and files that are longer than a line has room for. */
START_TEST(prints_long_frames)
{
	static const struct vmp_frame frames[] = {
		{ .address = 0x401000,
		  .function = "a_name_that_is_longer_than_half_of_the_line_is",
		  .file = "/home/someone/work/of/ours/source/deep/cache.c",
		  .line = 12345 },
		{ .address = 0x402000,
		  .function = "main",
		  .file = "/home/someone/work/of/ours/source/deep/and/deeper/"
			  "still/deeper/main.c",
		  .line = 1 },
		{ .address = 0x7f0012345678 },
	};
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);

	vmp_trace_text.call(&view, &call, frames, 3);
	printed();
	assert_holds(text, "    a_name_that_is_longer_than_half_of_the_line_is"
			   "\n");
	assert_holds(text, ".../of/ours/source/deep/and/deeper/");
	assert_holds(text, "0x7f0012345678  in no mapping that is known\n");
	assert_width(text, 80);
}
END_TEST

START_TEST(prints_deep_stack)
{
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);
	struct vmp_frame frames[100];

	for (size_t i = 0; i < VMP_COUNT(frames); i++)
		frames[i] = sample_stack[1];
	vmp_trace_text.call(&view, &call, frames, VMP_COUNT(frames));
	assert_holds(printed(),
		     "\n    ... 88 more (--format=json has them all)\n");
}
END_TEST

/* The frame that is the program's own is shown, however deep it lies. */
START_TEST(prints_own_frame)
{
	static const struct {
		size_t inside, outside; /* frames of libc, of the program */
		const char *words;
	} rows[] = {
		{ 20, 5,
		  "libc.so.6+0x10\n    ... 8 more (--format=json has "
		  "them all)\n    cache_drop  cache.c:7\n    ... 4 more "
		  "(" },
		{ 14, 3,
		  "  libc.so.6+0x10\n    cache_drop  cache.c:7\n    "
		  "cache_drop  cache.c:7\n    cache_drop  cache.c:7\n" },
		{ 2, 12, "cache.c:7\n\n" },
		{ 2, 13, "cache.c:7\n    ... 3 more (" },
	};
	static const struct vmp_frame inside = { .address = 0x7f0000,
						 .function = "walk",
						 .module = "/lib/libc.so.6",
						 .offset = 0x10 };
	static const struct vmp_frame outside = { .address = 0x400000,
						  .function = "cache_drop",
						  .file = "cache.c",
						  .module = "/bin/hog",
						  .line = 7 };
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);
	struct vmp_frame frames[32];
	size_t count = rows[_i].inside + rows[_i].outside;

	for (size_t i = 0; i < count; i++)
		frames[i] = i < rows[_i].inside ? inside : outside;
	vmp_trace_text.call(&view, &call, frames, count);
	assert_holds(printed(), rows[_i].words);
}
END_TEST

/* In the table a function that calls itself is one frame. */
START_TEST(folds_recursion)
{
	struct vmp_frame frames[3];

	for (size_t i = 0; i < VMP_COUNT(frames); i++)
		frames[i] = sample_stack[1];
	frames[0].offset++;
	view.style = &wide;
	count(failed("munmap", BASE, 4096, 0), frames, 1);
	vmp_trace_text.end(&view, &ending);
	assert_holds(printed(), "drop (cache.c:9) x 3\n");
}
END_TEST

START_TEST(says_what_was_done)
{
	count(failed("munmap", BASE, 4096, 0), sample_stack, 1);
	result.stopped_by_sink = true;
	result.ballast = 65330;
	vmp_trace_text.end(&view, &ending);
	assert_holds(printed(), "1 of 1 memory call failed, munmap() with");
	assert_holds(text, "Stopped at the first failure (--until-first).\n"
			   "65,330 of the command's mappings were ballast "
			   "(--headroom).");
}
END_TEST

START_TEST(prints_lost_stack)
{
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);
	struct vmp_frame frame = { .address = 0x7f0012345678 };

	vmp_trace_text.call(&view, &call, &frame, 1);
	assert_holds(printed(), "\n    0x7f0012345678 (the process had ended, "
				"or unmapped this code, before its\n    stack");
}
END_TEST

START_TEST(sums_up_one_kind)
{
	view.style = _i ? &wide : &narrow;
	count(failed("munmap", BASE, 4096, 0), sample_stack, 15000);
	count(failed("munmap", BASE + 0x1000, 4096, 0), other_stack, 1);
	count(worked("mmap", 0, 4096, 3), NULL, 45126);
	result.peak_mappings = 65531;
	result.peak_pid = 4711;
	ending.status = 3;
	vmp_trace_text.end(&view, &ending);
	printed();
	assert_holds(text, "15,001 of 60,127 memory calls failed, all munmap() "
			   "with ENOMEM: the limit of");
	assert_holds(text, "58.6 MiB that the program asked to give back "
			   "stayed mapped.\n");
	assert_holds(text, "Most mappings at once: 65,531");
	assert_holds(text, "status 3.");
	assert_holds(text, "FAILED    LEAKED  CALL    PLACE\n"
			   "15,000  58.6 MiB  munmap  drop (cache.c:9) < main "
			   "(hog.c:14)\n"
			   "     1     4 KiB  munmap  drop (cache.c:12) < main "
			   "(hog.c:14)\n");
	ck_assert_ptr_null(strstr(text, "CAUSE"));
	assert_width(text, view.style->width);
}
END_TEST

START_TEST(sums_up_kinds)
{
	struct vmp_trace_call call = failed("mmap", 0, 4096, 3);

	call.diagnosis.cause = VMP_CAUSE_RLIMIT_AS;
	count(call, NULL, 2);
	count(failed("munmap", BASE, 4096, 0), sample_stack, 3);
	result.lost = 3;
	result.lost_failures = 2;
	result.status = 6;
	ending.status = 128 + 6;
	ending.missing = "no names: built without libdw";
	vmp_trace_text.end(&view, &ending);
	printed();
	assert_holds(text, "7 memory calls failed.\n");
	assert_holds(text, "2 failures came too fast");
	assert_holds(text, "are not in the tables: 1.\n");
	assert_holds(text, "signal 6.");
	assert_holds(text, "Stacks: no names: built without libdw.\n");
	assert_holds(text, "FAILED  CALL    ERRNO   CAUSE\n"
			   "     3  munmap  ENOMEM  map-count\n"
			   "     2  mmap    ENOMEM  rlimit-as\n");
	assert_holds(text, "mmap    not known\n");
}
END_TEST

START_TEST(sums_up_nothing)
{
	static const struct {
		uint64_t calls;
		const char *text;
	} rows[] = {
		{ 0, "No memory call was seen.\n" },
		{ 1, "No memory call failed (1 call).\n" },
		{ 1234, "No memory call failed (1,234 calls).\n" },
	};

	count(worked("mmap", 0, 4096, 3), NULL, rows[_i].calls);
	vmp_trace_text.end(&view, &ending);
	printed();
	ck_assert_msg(!strncmp(text, rows[_i].text, strlen(rows[_i].text)),
		      "%s", text);
	ck_assert_ptr_null(strstr(text, "FAILED"));
}
END_TEST

START_TEST(lists_sites)
{
	struct vmp_trace_call map = worked("mmap", 0, 4096, 3);

	map.change = 1;
	count(map, sample_stack, 1200);
	map.change = -1;
	count(map, other_stack, 5);
	view.sites = true;
	vmp_trace_text.end(&view, &ending);
	assert_holds(printed(),
		     "MAPPINGS  CALLS  CALL  PLACE\n"
		     "  +1,200  1,200  mmap  drop (cache.c:9) < main "
		     "(hog.c:14)\n"
		     "      -5      5  mmap  drop (cache.c:12) < main "
		     "(hog.c:14)\n");
}
END_TEST

START_TEST(cuts_tables)
{
	struct vmp_frame frames[3];

	memcpy(frames, sample_stack, sizeof(frames));
	for (int i = 0; i < 20; i++) {
		frames[1].offset++;
		count(failed("munmap", BASE, 4096, 0), frames, 1);
	}
	view.top = 12;
	vmp_trace_text.end(&view, &ending);
	assert_holds(printed(), "\n8 more places; --top=0 shows all\n");
}
END_TEST

/* Every promised key of a failure, with its value as JSON. */
static const struct {
	const char *path, *value;
} failure_keys[] = {
	{ "schema", "\"vmaprobe.trace/1\"" },
	{ "event", "\"failure\"" },
	{ "time_seconds", "1.500000" },
	{ "pid", "1" },
	{ "tid", "2" },
	{ "command", "\"hog\"" },
	{ "call", "\"munmap\"" },
	{ "arguments/address", "\"0x7f0000000000\"" },
	{ "arguments/length", "4096" },
	{ "result", "null" },
	{ "errno", "\"ENOMEM\"" },
	{ "cause", "\"map-count\"" },
	{ "certainty", "\"certain\"" },
	{ "explanation", "\"The range lies inside.\"" },
	{ "mappings", "1000" },
	{ "limit", "1000" },
	{ "change", "null" },
	{ "stack/0/address", "\"0x7f0000101a07\"" },
	{ "stack/0/function", "\"munmap\"" },
	{ "stack/0/file", "null" },
	{ "stack/0/line", "null" },
	{ "stack/1/file", "\"/src/hog/cache.c\"" },
	{ "stack/1/line", "9" },
	{ "stack/0/module", "\"/usr/lib/libc.so.6\"" },
	{ "stack/0/offset", "\"0x101a07\"" },
};

static void assert_value(struct json_object *o, const char *path,
			 const char *value)
{
	struct json_object *at = look(o, path);

	ck_assert_str_eq(json_object_to_json_string_ext(
				 at, JSON_C_TO_STRING_PLAIN |
					     JSON_C_TO_STRING_NOSLASHESCAPE),
			 value);
}

START_TEST(prints_failure_as_json)
{
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);
	struct json_object *o;

	vmp_trace_json.call(&view, &call, sample_stack, 3);
	printed();
	/* one line */
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	o = read_json(text);
	assert_value(o, failure_keys[_i].path, failure_keys[_i].value);
	json_object_put(o);
}
END_TEST

START_TEST(prints_call_as_json)
{
	struct vmp_trace_call map = worked("mmap", 0, 8192, 3);
	struct json_object *o;

	map.arguments[3] = 0x22;
	map.arguments[4] = UINT64_MAX;
	map.result = (int64_t)BASE;
	map.change = 1;
	vmp_trace_json.call(&view, &map, NULL, 0);
	o = read_json(printed());
	assert_value(o, "event", "\"call\"");
	assert_value(o, "arguments/prot", "\"PROT_READ|PROT_WRITE\"");
	assert_value(o, "arguments/fd", "-1");
	assert_value(o, "result", "\"0x7f0000000000\"");
	assert_value(o, "errno", "null");
	assert_value(o, "cause", "null");
	assert_value(o, "change", "1");
	assert_value(o, "mappings", "null");
	assert_value(o, "stack", "[]");
	json_object_put(o);
}
END_TEST

static const struct {
	const char *path, *value;
} summary_keys[] = {
	{ "schema", "\"vmaprobe.trace/1\"" },
	{ "event", "\"summary\"" },
	{ "reason", "null" },
	{ "backend", "\"ptrace\"" },
	{ "duration_seconds", "1.250000" },
	{ "calls", "14" },
	{ "calls_by_call", "{\"mmap\":4,\"munmap\":10}" },
	{ "failures", "15" },
	{ "failures_by/0", "{\"call\":\"munmap\",\"errno\":\"ENOMEM\","
			   "\"cause\":\"map-count\",\"failures\":10}" },
	{ "leaked_bytes", "40960" },
	{ "peak_mappings", "null" },
	{ "peak_pid", "null" },
	{ "lost", "6" },
	{ "lost_failures", "5" },
	{ "sites/0/call", "\"munmap\"" },
	{ "sites/0/command", "\"hog\"" },
	{ "sites/0/calls", "10" },
	{ "sites/0/failures", "10" },
	{ "sites/0/leaked_bytes", "40960" },
	{ "sites/0/mappings", "null" },
	{ "sites/0/stack/1/function", "\"drop\"" },
	{ "command_status", "0" },
	{ "interrupted", "false" },
	{ "timed_out", "true" },
};

START_TEST(sums_up_as_json)
{
	struct json_object *o;

	count(failed("munmap", BASE, 4096, 0), sample_stack, 10);
	count(worked("mmap", 0, 4096, 3), NULL, 4);
	result.lost = 6;
	result.lost_failures = 5;
	result.timed_out = true;
	ending.status = 0;
	vmp_trace_json.end(&view, &ending);
	o = read_json(printed());
	assert_value(o, summary_keys[_i].path, summary_keys[_i].value);
	json_object_put(o);
}
END_TEST

/* What could not be done has a summary, too. */
START_TEST(refuses_as_json)
{
	struct json_object *o;

	ending.backend = NULL;
	ending.reason = NASTY;
	vmp_trace_json.end(&view, &ending);
	o = read_json(printed());
	assert_value(o, "event", "\"summary\"");
	assert_value(o, "backend", "null");
	assert_value(o, "command_status", "null");
	ck_assert(json_object_is_type(look(o, "reason"), json_type_string));
	json_object_put(o);
}
END_TEST

/* Names of other processes, in every place that has one. */
static struct vmp_trace_call nasty(struct vmp_frame *frames)
{
	struct vmp_trace_call call = failed("munmap", BASE, 4096, 0);

	memcpy(frames, sample_stack, 3 * sizeof(*frames));
	frames[0].module = NASTY;
	frames[1].function = frames[1].file = NASTY;
	frames[2].function = NULL;
	frames[2].file = NULL;
	frames[2].module = "/opt/" NASTY;
	memcpy(call.command, NASTY, sizeof(call.command));
	return call;
}

START_TEST(escapes_names)
{
	struct vmp_frame frames[3];
	struct vmp_trace_call call = nasty(frames);

	vmp_trace_text.call(&view, &call, frames, 3);
	count(call, frames, 1);
	view.sites = true;
	vmp_trace_text.end(&view, &ending);
	vmp_trace_folded(ending.tally, view.out);
	assert_clean(printed(), "\n");
}
END_TEST

START_TEST(escapes_names_in_json)
{
	struct vmp_frame frames[3];
	struct vmp_trace_call call = nasty(frames);
	char *second;

	vmp_trace_json.call(&view, &call, frames, 3);
	count(call, frames, 1);
	vmp_trace_json.end(&view, &ending);
	printed();
	second = strchr(text, '\n');
	ck_assert_ptr_nonnull(second);
	json_object_put(read_json(second + 1));
	second[1] = '\0';
	json_object_put(read_json(text));
}
END_TEST

START_TEST(folds_stacks)
{
	struct vmp_trace_call map = worked("mmap", 0, 4096, 3);
	struct vmp_frame frames[3];

	memcpy(frames, sample_stack, sizeof(frames));
	frames[0].function = "__mmap64";
	frames[1].function = "operator new[](a; b)";
	strcpy(map.command, "a b;c");
	count(map, frames, 7);
	count(failed("munmap", BASE, 4096, 0), sample_stack, 2);
	if (_i) { /* where it is known, what it made; less than nothing is not
		     shown */
		map.change = 3;
		count(map, frames, 2);
		map.change = -1;
		count(map, other_stack, 9);
	}
	vmp_trace_folded(ending.tally, view.out);
	ck_assert_str_eq(printed(),
			 _i ? "a_b:c;main;operator_new[](a:_b);mmap 6\n"
			    : "a_b:c;main;operator_new[](a:_b);mmap 7\n"
			      "hog;main;drop;munmap 2\n");
}
END_TEST

Suite *suite_trace(void)
{
	Suite *suite = suite_create("trace");
	TCase *words = tcase_create("text");
	TCase *json = tcase_create("json");

	tcase_add_checked_fixture(words, begin, end);
	tcase_add_test(words, prints_failure);
	tcase_add_test(words, prints_calls);
	tcase_add_test(words, prints_long_frames);
	tcase_add_test(words, prints_deep_stack);
	tcase_add_loop_test(words, prints_own_frame, 0, 4);
	tcase_add_test(words, prints_lost_stack);
	tcase_add_test(words, folds_recursion);
	tcase_add_test(words, says_what_was_done);
	tcase_add_loop_test(words, sums_up_one_kind, 0, 2);
	tcase_add_test(words, sums_up_kinds);
	tcase_add_loop_test(words, sums_up_nothing, 0, 3);
	tcase_add_test(words, lists_sites);
	tcase_add_test(words, cuts_tables);
	tcase_add_test(words, escapes_names);
	tcase_add_loop_test(words, folds_stacks, 0, 2);
	suite_add_tcase(suite, words);
	tcase_add_checked_fixture(json, begin, end);
	tcase_add_loop_test(json, prints_failure_as_json, 0,
			    VMP_COUNT(failure_keys));
	tcase_add_test(json, prints_call_as_json);
	tcase_add_loop_test(json, sums_up_as_json, 0, VMP_COUNT(summary_keys));
	tcase_add_test(json, refuses_as_json);
	tcase_add_test(json, escapes_names_in_json);
	suite_add_tcase(suite, json);
	return suite;
}
