// SPDX-License-Identifier: GPL-2.0-or-later
/* What was expected against what happened. */
#include <errno.h>
#include <string.h>

#include "engine/judge.h"
#include "unit.h"

/* The steps of each scenario here. */
enum { MAP_G, MAP_H, UNMAP_G, UNMAP_H, MAP_B, FREE_B, MOST_STEPS };

#define OK                               \
	{                                \
		.run = true, .calls = 10 \
	}
#define NOT_RUN              \
	{                    \
		.run = false \
	}
#define FAILED(errno_, cause_)                                \
	{                                                     \
		.run = true, .calls = 10, .failed = 3,        \
		.first = { .error = (errno_) },               \
		.diagnosis = { .cause = VMP_CAUSE_##cause_ }, \
	}
#define LEAKED(bytes)                                          \
	{                                                      \
		.run = true, .calls = 10, .failed = 1,         \
		.first = { .error = VMP_ERROR_LEAK },          \
		.diagnosis = { .cause = VMP_CAUSE_MAP_COUNT }, \
		.leaked_bytes = (bytes),                       \
	}
#define ALL_OK OK, OK, OK, OK, OK, OK

static const struct {
	const char *expect;
	struct vmp_step_result steps[MOST_STEPS];
	const char *met; /* 'y' or 'n' for each expectation */
} rows[] = {
	{ "", { ALL_OK }, "" },
	{ "", { OK, OK, FAILED(ENOMEM, MAP_COUNT), OK, OK, OK }, "" },
	/* succeeds */
	{ "expect map succeeds", { ALL_OK }, "y" },
	{ "expect map succeeds", { OK, FAILED(ENOMEM, UNKNOWN) }, "n" },
	{ "expect map g succeeds",
	  { OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK, OK },
	  "y" },
	{ "expect malloc succeeds", { OK, OK, OK, OK, NOT_RUN }, "n" },
	{ "expect free succeeds", { OK, OK, OK, OK, OK, LEAKED(4096) }, "n" },
	/* fails */
	{ "expect unmap g fails ENOMEM",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "y" },
	{ "expect unmap g fails ENOMEM", { ALL_OK }, "n" },
	{ "expect unmap g fails EINVAL",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "n" },
	{ "expect unmap g fails EINVAL or EAGAIN or ENOMEM",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "y" },
	{ "expect unmap g fails ENOMEM because map-count",
	  { OK, OK, FAILED(ENOMEM, MAP_COUNT), OK, OK, OK },
	  "y" },
	{ "expect unmap g fails ENOMEM because map-count",
	  { OK, OK, FAILED(ENOMEM, CGROUP), OK, OK, OK },
	  "n" },
	{ "expect unmap g fails ENOMEM because map-count",
	  { OK, OK, FAILED(EINVAL, MAP_COUNT), OK, OK, OK },
	  "n" },
	{ "expect unmap g fails ENOMEM", { OK, OK, NOT_RUN }, "n" },
	/* the step right above, which is the last one */
	{ "expect it succeeds", { OK, OK, OK, OK, OK, OK }, "y" },
	{ "expect it leaks", { OK, OK, OK, OK, OK, LEAKED(4096) }, "y" },
	{ "expect it succeeds",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "y" },
	{ "expect it succeeds", { OK, OK, OK, OK, OK, NOT_RUN }, "n" },
	/* of all steps of a verb, or of one group */
	{ "expect unmap fails ENOMEM",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "n" },
	{ "expect unmap fails ENOMEM",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), FAILED(ENOMEM, UNKNOWN), OK, OK },
	  "y" },
	{ "expect unmap h fails ENOMEM",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "n" },
	/* leaks */
	{ "expect free leaks", { OK, OK, OK, OK, OK, LEAKED(4096) }, "y" },
	{ "expect free leaks", { ALL_OK }, "n" },
	{ "expect free leaks", { OK, OK, OK, OK, OK, LEAKED(0) }, "n" },
	{ "expect free fails ENOMEM",
	  { OK, OK, OK, OK, OK, LEAKED(4096) },
	  "n" },
	/* several: one that is not met is enough */
	{ "expect map succeeds\nexpect unmap g fails ENOMEM",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "yy" },
	{ "expect map succeeds\nexpect unmap g fails ENOMEM", { ALL_OK }, "yn" },
	{ "expect map h fails EIO\nexpect unmap g fails ENOMEM",
	  { OK, OK, FAILED(ENOMEM, UNKNOWN), OK, OK, OK },
	  "ny" },
};

static struct vmp_scenario *parse_expect(const char *expect)
{
	char text[512];

	snprintf(
		text, sizeof(text),
		"map g\nmap h\nunmap g\nunmap h\nmalloc b size=1M\nfree b\n%s\n",
		expect);
	return parse_text(text);
}

START_TEST(judges)
{
	struct vmp_scenario *s = parse_expect(rows[_i].expect);
	struct vmp_step_result steps[MOST_STEPS];
	bool met[8] = { 0 };
	struct vmp_run run = {
		.scenario = s,
		.steps = steps,
		.met = met,
		.verdict = VMP_CANNOT_RUN,
	};
	size_t count = strlen(rows[_i].met);

	memcpy(steps, rows[_i].steps, sizeof(steps));
	vmp_judge(&run);
	ck_assert_uint_eq(s->expectation_count, count);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(met[i], rows[_i].met[i] == 'y');
	ck_assert_int_eq(run.verdict, strchr(rows[_i].met, 'n')
					      ? VMP_NOT_REPRODUCED
					      : VMP_REPRODUCED);
	vmp_scenario_free(s);
}
END_TEST

/* A failure that some expectation foresees does not end the run. */
static const struct {
	const char *expect;
	struct vmp_step_result result;
	int step;
	bool foreseen;
} foresights[] = {
	{ "", FAILED(ENOMEM, MAP_COUNT), UNMAP_G, false },
	{ "expect unmap g fails ENOMEM", FAILED(ENOMEM, UNKNOWN), UNMAP_G,
	  true },
	{ "expect unmap fails ENOMEM", FAILED(ENOMEM, UNKNOWN), UNMAP_G, true },
	{ "expect unmap h fails ENOMEM", FAILED(ENOMEM, UNKNOWN), UNMAP_G,
	  false },
	{ "expect map fails ENOMEM", FAILED(ENOMEM, UNKNOWN), UNMAP_G, false },
	{ "expect unmap g fails EAGAIN", FAILED(ENOMEM, UNKNOWN), UNMAP_G,
	  false },
	{ "expect unmap g fails ENOMEM because cgroup",
	  FAILED(ENOMEM, MAP_COUNT), UNMAP_G, false },
	{ "expect unmap g succeeds", FAILED(ENOMEM, UNKNOWN), UNMAP_G, false },
	{ "expect unmap g succeeds\nexpect unmap fails ENOMEM",
	  FAILED(ENOMEM, UNKNOWN), UNMAP_G, true },
	{ "expect free leaks", LEAKED(4096), FREE_B, true },
	{ "expect free leaks", FAILED(ENOMEM, UNKNOWN), FREE_B, false },
	{ "expect free fails ENOMEM", LEAKED(4096), FREE_B, false },
	{ "expect unmap g succeeds", OK, UNMAP_G, false },
};

START_TEST(foresees)
{
	struct vmp_step_result steps[MOST_STEPS] = { ALL_OK };
	struct vmp_run run = { .steps = steps };
	struct vmp_scenario *s = parse_expect(foresights[_i].expect);

	run.scenario = s;
	steps[foresights[_i].step] = foresights[_i].result;
	ck_assert_int_eq(vmp_judge_foreseen(&run, (size_t)foresights[_i].step),
			 foresights[_i].foreseen);
	vmp_scenario_free(s);
}
END_TEST

START_TEST(names_verdicts)
{
	ck_assert_str_eq(vmp_verdict_name(VMP_REPRODUCED), "reproduced");
	ck_assert_str_eq(vmp_verdict_name(VMP_NOT_REPRODUCED),
			 "not-reproduced");
	ck_assert_str_eq(vmp_verdict_name(VMP_CANNOT_RUN), "cannot-run");
	ck_assert_str_eq(vmp_ended_name(VMP_FINISHED), "finished");
	ck_assert_str_eq(vmp_ended_name(VMP_TIMED_OUT), "timed-out");
	ck_assert_str_eq(vmp_ended_name(VMP_KILLED), "killed");
	ck_assert_str_eq(vmp_ended_name(VMP_EXITED), "exited");
	ck_assert_str_eq(vmp_ended_name(VMP_INTERRUPTED), "interrupted");
	ck_assert_str_eq(vmp_ended_name(VMP_NOT_STARTED), "not-started");
}
END_TEST

Suite *suite_judge(void)
{
	Suite *suite = suite_create("judge");
	TCase *table = tcase_create("table");

	tcase_add_loop_test(table, judges, 0, VMP_COUNT(rows));
	tcase_add_loop_test(table, foresees, 0, VMP_COUNT(foresights));
	tcase_add_test(table, names_verdicts);
	suite_add_tcase(suite, table);
	return suite;
}
