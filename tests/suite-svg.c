// SPDX-License-Identifier: GPL-2.0-or-later
/* The picture of a run: well-formed whatever happened, and to the point. */
#include <string.h>

#include "sample.h"
#include "unit.h"

static void draw(const struct vmp_run *run, const char *piece)
{
	char *text = sample_print(run, SAMPLE_SVG);

	assert_well_formed(text);
	assert_holds(text, piece);
	free(text);
}

START_TEST(draws_run)
{
	static const char *const pieces[] = {
		"<title>test: It&#39;s &quot;A&quot; &lt;b&gt;&amp;\xef\xbf\xbd",
		"3,005 calls in 3 of 4 steps. Limit 1,000.",
		"Mappings: start 27, peak 1,000, end 1,000.",
		"munmap: 30 of 1,000 calls failed, ENOMEM first; first 3 marked",
		"free: 1 of 5 calls leaked",
		"limit 1,000",
		"1 of 4 steps not run.",
		"class=\"mark\"",
		"class=\"line\"",
	};
	struct sample sample;

	sample_begin(&sample);
	for (size_t i = 0; i < VMP_COUNT(pieces); i++)
		draw(&sample.run, pieces[i]);
	sample_end(&sample);
}
END_TEST

START_TEST(draws_nasty_text)
{
	struct sample sample;

	sample_begin(&sample);
	sample.scenario->name = NASTY;
	sample.scenario->summary = NASTY;
	for (int i = 0; i < SAMPLE_STEPS; i++)
		sample.scenario->steps[i].text = NASTY;
	strcpy(sample.run.allocator, NASTY);
	strcpy(sample.run.kernel, NASTY);
	strcpy(sample.run.reason, NASTY);
	draw(&sample.run, "&quot;a&quot;, &#39;&lt;b&gt;&amp;");
	for (int i = 0; i < SAMPLE_STEPS; i++)
		sample.steps[i].calls = sample.steps[i].failed = 0;
	draw(&sample.run, "No call was made.");
	sample_end(&sample);
}
END_TEST

/* Each byte: alone, before one that may continue it, and before markup. */
START_TEST(draws_any_byte)
{
	struct sample sample;
	char alone[2] = "", continued[3] = "?\x80", cut[3] = "?<";

	sample_begin(&sample);
	sample.scenario->name = alone;
	sample.scenario->summary = continued;
	sample.scenario->steps[0].text = cut;
	for (int byte = 1; byte < 256; byte++) {
		alone[0] = continued[0] = cut[0] = (char)byte;
		draw(&sample.run, "&lt;");
	}
	sample_end(&sample);
}
END_TEST

START_TEST(draws_end)
{
	struct sample sample;
	char piece[64];

	sample_begin(&sample);
	sample.run.ended = (enum vmp_ended)_i;
	snprintf(piece, sizeof(piece), "Ended early: %s.",
		 vmp_ended_name(sample.run.ended));
	draw(&sample.run, _i == VMP_FINISHED ? "</svg>" : piece);
	sample_end(&sample);
}
END_TEST

static const struct {
	int64_t limit, limit_at_end;
	uint64_t start, peak, calls;
	const char *words;
} scales[] = {
	{ 1000, 2000, 27, 900, 5, "limit 1,000 (2,000 at the end)" },
	{ 1000, -2, 27, 900, 5, "limit 1,000<" },
	{ 2147483642, 2147483642, 27, 900, 5,
	  "limit 2,147,483,642 is far above: 2,386,092 times the peak" },
	{ 0, 0, 27, 900, 5, "</svg>" },
	{ -2, -2, 0, 0, 0, "No call was made." },
	{ 1, 1, 1, 1, 1, "limit 1<" },
	{ INT64_MAX, INT64_MAX, 1, (uint64_t)INT64_MAX / 2, 1, "</svg>" },
	{ 1000, 1000, 27, 900, (uint64_t)INT64_MAX,
	  "9,223,372,036,854,775,807 calls" },
};

START_TEST(draws_scale)
{
	struct vmp_step_result steps[SAMPLE_STEPS] = {
		{ .run = true,
		  .calls = scales[_i].calls,
		  .mappings_after = scales[_i].peak },
	};
	struct sample sample;

	sample_begin(&sample);
	sample.run.steps = steps;
	sample.run.sample_count = 0;
	sample.run.limit = scales[_i].limit;
	sample.run.limit_at_end = scales[_i].limit_at_end;
	sample.run.start = scales[_i].start;
	sample.run.peak = sample.run.end = scales[_i].peak;
	draw(&sample.run, scales[_i].words);
	sample_end(&sample);
}
END_TEST

/* More failures than have labels, and samples than have pixels. */
START_TEST(draws_much)
{
	enum { STEPS = 40, SAMPLES = 5000 };
	static struct vmp_step_result steps[STEPS];
	static struct vmp_reading samples[SAMPLES];
	struct vmp_run run = {
		.limit = 1000,
		.limit_at_end = 1000,
		.start = 27,
		.peak = 1000,
		.steps = steps,
		.samples = samples,
		.sample_count = SAMPLES,
	};
	struct vmp_scenario *s;
	char text[1024] = "map g\n";

	for (int i = 1; i < STEPS; i++)
		strcat(text, "unmap g every=2\n");
	s = parse_text(text);
	run.scenario = s;
	for (uint64_t i = 0; i < STEPS; i++)
		steps[i] = (struct vmp_step_result){
			.run = true,
			.calls = 100,
			.failed = i % 2,
			.first = { .index = 50, .error = (int32_t)i },
			.first_mappings = 500,
			.mappings_after = 20 * i + 1,
		};
	for (uint64_t i = 0; i < SAMPLES; i++)
		samples[i] = (struct vmp_reading){ i * 4000 / SAMPLES,
						   i * i % 997 + 1, 0 };
	draw(&run, "Calls failed in 20 steps,");
	vmp_scenario_free(s);
}
END_TEST

Suite *suite_svg(void)
{
	Suite *suite = suite_create("svg");
	TCase *picture = tcase_create("picture");

	tcase_add_test(picture, draws_run);
	tcase_add_test(picture, draws_nasty_text);
	tcase_add_test(picture, draws_any_byte);
	tcase_add_loop_test(picture, draws_end, 0, VMP_ENDS);
	tcase_add_loop_test(picture, draws_scale, 0, VMP_COUNT(scales));
	tcase_add_test(picture, draws_much);
	suite_add_tcase(suite, picture);
	return suite;
}
