// SPDX-License-Identifier: GPL-2.0-or-later
/* Fills in a run by hand, and catches what the reports print about it. */
#include <errno.h>
#include <string.h>
#include <json-c/json.h>

#include "report/svg.h"
#include "sample.h"
#include "unit.h"

static const char text[] = "# It's \"A\" <b>&\xff\n"
			   "pages = 2 * limit\n"
			   "half = pages / 2\n"
			   "malloc page count=pages size=1p\n"
			   "unmap page every=2\n"
			   "free page\n"
			   "fork\n"
			   "expect unmap page fails ENOMEM because map-count\n"
			   "expect fork succeeds\n";

static const struct vmp_step_result results[SAMPLE_STEPS] = {
	{ .run = true,
	  .calls = 2000,
	  .seconds = 0.125,
	  .mappings_before = 27,
	  .mappings_after = 28,
	  .bytes_before = 1 << 20,
	  .bytes_after = 1 << 24 },
	{ .run = true,
	  .calls = 1000,
	  .failed = 30,
	  .seconds = 1.5,
	  .mappings_before = 28,
	  .mappings_after = 1000,
	  .leaked_bytes = 30 * 4096,
	  .first = { .index = 970,
		     .address = 0x7f0012345000,
		     .length = 4096,
		     .error = ENOMEM },
	  .first_mappings = 1000,
	  .first_limit = 1000,
	  .diagnosis = { .cause = VMP_CAUSE_MAP_COUNT,
			 .certainty = VMP_CERTAIN,
			 .explanation = "The range lies inside." } },
	{ .run = true,
	  .calls = 5,
	  .failed = 1,
	  .mappings_before = 1000,
	  .mappings_after = 1000,
	  .leaked_bytes = 1 << 20,
	  .claims = true,
	  .claimed_bytes = 5 << 20,
	  .first = { .index = 4,
		     .address = 0x7f0000000000,
		     .length = 1 << 20,
		     .error = VMP_ERROR_LEAK },
	  .first_mappings = 1000,
	  .first_limit = 1000,
	  .diagnosis = { .cause = VMP_CAUSE_MAP_COUNT,
			 .certainty = VMP_LIKELY,
			 .explanation = "free() does not look." } },
	{ .run = false },
};

static void fill_run(struct sample *s)
{
	s->run = (struct vmp_run){
		.scenario = s->scenario,
		.kernel = "Linux 6.1.0-test",
		.limit = 1000,
		.limit_at_end = 1000,
		.page_bytes = 4096,
		.allocator = "glibc",
		.parameters = s->parameters,
		.start = 27,
		.peak = 1000,
		.end = 1000,
		.resident_bytes = 4 << 20,
		.size_bytes = 16 << 20,
		.steps = s->steps,
		.leaked_bytes = 30 * 4096 + (1 << 20),
		.ended = VMP_FINISHED,
		.met = s->met,
		.verdict = VMP_NOT_REPRODUCED,
		.samples = s->samples,
		.sample_count = VMP_COUNT(s->samples),
	};
}

void sample_begin(struct sample *s)
{
	*s = (struct sample){
		.failures = {
			{ .index = 970, .address = 0x7f0012345000,
			  .length = 4096, .error = ENOMEM },
			{ .index = 972, .address = 0x7f0012347000,
			  .length = 4096, .error = EAGAIN },
			{ .index = 974, .length = 4096, .error = 9999 },
		},
		.samples = { { 0, 27, 0 }, { 2000, 28, 0 },
			     { 2970, 1000, 1 }, { 3005, 1000, 2 } },
		.parameters = { 2000, -1000 },
		.met = { true, false },
	};
	memcpy(s->steps, results, sizeof(results));
	s->steps[1].failures = s->failures;
	s->steps[1].failure_count = VMP_COUNT(s->failures);
	s->scenario = parse_text(text);
	fill_run(s);
}

void sample_end(struct sample *s)
{
	vmp_scenario_free(s->scenario);
}

char *sample_print(const struct vmp_run *run, enum sample_format format)
{
	static const struct vmp_style style = { .unicode = true, .width = 80 };
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	ck_assert_ptr_nonnull(out);
	if (format == SAMPLE_TEXT)
		vmp_report_text(run, &style, out);
	else if (format == SAMPLE_CSV)
		vmp_report_csv(run, out);
	else if (format == SAMPLE_JSON)
		ck_assert_int_eq(vmp_report_json(run, out), 0);
	else
		ck_assert_int_eq(vmp_report_svg(run, out), 0);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_eq(strlen(printed), size);
	return printed;
}

void assert_clean(const char *printed, const char *allowed)
{
	const unsigned char *p = (const unsigned char *)printed;
	size_t length;

	while (*p) {
		length = vmp_utf8_length((const char *)p);
		if (!length || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0) ||
		    (*p < 0x20 && !strchr(allowed, *p)))
			ck_abort_msg("byte 0x%02x in: %s", *p, printed);
		p += length;
	}
}

struct json_object *read_json(const char *printed)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *o;

	assert_clean(printed, "\n");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	o = json_tokener_parse_ex(tokener, printed, (int)strlen(printed) + 1);
	ck_assert_int_eq(json_tokener_get_error(tokener), json_tokener_success);
	json_tokener_free(tokener);
	return o;
}

struct json_object *look(struct json_object *o, const char *path)
{
	char part[64];
	size_t length;

	while (*path) {
		length = strcspn(path, "/");
		snprintf(part, sizeof(part), "%.*s", (int)length, path);
		if (json_object_is_type(o, json_type_array))
			o = json_object_array_get_idx(o,
						      strtoul(part, NULL, 10));
		else
			ck_assert_msg(json_object_object_get_ex(o, part, &o),
				      "there is no key \"%s\"", part);
		path += length + (path[length] == '/');
	}
	return o;
}

enum { DEEPEST = 16 };

/* An entity that XML knows begins here? */
static bool is_entity(const char *p)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;",
					     "&#39;" };

	for (size_t i = 0; i < VMP_COUNT(known); i++)
		if (!strncmp(p, known[i], strlen(known[i])))
			return true;
	return false;
}

/* Reads one tag. Returns: what follows it. */
static const char *take_tag(const char *p, char open[][32], int *depth)
{
	const char *end = strchr(p, '>');
	bool closes = p[1] == '/', empty;
	size_t length = strcspn(p + 1 + closes, " />\n");
	char name[32];

	ck_assert_msg(end != NULL, "a tag without an end: %.40s", p);
	ck_assert_ptr_null(memchr(p + 1, '<', (size_t)(end - p - 1)));
	ck_assert_uint_lt(length, sizeof(name));
	snprintf(name, sizeof(name), "%.*s", (int)length, p + 1 + closes);
	empty = end[-1] == '/';
	if (closes) {
		ck_assert_int_gt(*depth, 0);
		ck_assert_str_eq(name, open[--*depth]);
	} else if (!empty) {
		ck_assert_int_lt(*depth, DEEPEST);
		strcpy(open[(*depth)++], name);
	}
	return end + 1;
}

/* Tags are closed in their order, and text between them is escaped. */
void assert_well_formed(const char *picture)
{
	char open[DEEPEST][32];
	const char *p = picture;
	int depth = 0;

	assert_clean(picture, "\n");
	ck_assert_int_eq(strncmp(picture, "<svg ", 5), 0);
	while (*p) {
		if (*p == '<') {
			p = take_tag(p, open, &depth);
			if (!depth && strcmp(p, "\n"))
				ck_abort_msg("behind the picture: %s", p);
			continue;
		}
		if (*p == '&' && !is_entity(p))
			ck_abort_msg("no entity: %.20s", p);
		p++;
	}
	ck_assert_int_eq(depth, 0);
}
