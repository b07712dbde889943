// SPDX-License-Identifier: GPL-2.0-or-later
/* Scenarios without an error: what the parser makes of them. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "unit.h"

static const char full[] =
	"# SPDX-License-Identifier: none\n"
	"#\n"
	"##  All that the language has.\n"
	"# Only the first line is the summary.\n"
	"\n"
	"pages = 2 * limit   # a comment\n"
	"half=pages/2\n"
	"needs guard-install\n"
	"map\tpage  count=pages length = 1p prot=none # another\n"
	"  map other-1 count=min(3, 4) backing=file file-offset=2p\n"
	"unmap page from=1 offset=2 every=3 count=half at=4 length=5 stride=6\n"
	"move page to=other-1\n"
	"fill leave=-1\n"
	"brk size=128K\n"
	"malloc block size=1M count=10\n"
	"advise other-1 advice=guard-install\n"
	"expect  unmap\tpage fails ENOMEM or EAGAIN because map-count # why\n"
	"expect map succeeds\n"
	"expect map other-1 succeeds\n"
	"expect malloc leaks\n"
	"expect brk fails EPERM or ENOENT or EINTR or EIO\n";

START_TEST(parses_parameters)
{
	struct vmp_scenario *s = parse_text(full);

	ck_assert_str_eq(s->name, "test");
	ck_assert_str_eq(s->source, full);
	ck_assert_str_eq(s->summary, "All that the language has");
	ck_assert_uint_eq(s->parameter_count, 2);
	ck_assert_str_eq(s->parameters[0].name, "pages");
	ck_assert_str_eq(s->parameters[0].text, "2 * limit");
	ck_assert_str_eq(s->parameters[1].name, "half");
	ck_assert_str_eq(s->parameters[1].text, "pages/2");
	ck_assert_uint_eq(s->parameters[1].expression.line, 7);
	ck_assert_uint_eq(s->need_count, 1);
	ck_assert_str_eq(s->needs[0]->name, "guard-install");
	vmp_scenario_free(s);
}
END_TEST

START_TEST(parses_groups)
{
	static const struct {
		const char *name;
		size_t made_by;
	} groups[] = { { "page", 0 }, { "other-1", 1 }, { "block", 6 } };
	struct vmp_scenario *s = parse_text(full);

	ck_assert_uint_eq(s->group_count, VMP_COUNT(groups));
	for (size_t i = 0; i < VMP_COUNT(groups); i++) {
		ck_assert_str_eq(s->groups[i].name, groups[i].name);
		ck_assert_uint_eq(s->groups[i].made_by, groups[i].made_by);
	}
	vmp_scenario_free(s);
}
END_TEST

#define KEY(name) (1U << VMP_KEY_##name)

static const struct {
	const char *text;
	enum vmp_verb verb;
	unsigned int line;
	int group, to;
	uint32_t given;
} steps[] = {
	{ "map page count=pages length = 1p prot=none", VMP_VERB_map, 9, 0, -1,
	  KEY(count) | KEY(length) | KEY(prot) },
	{ "map other-1 count=min(3, 4) backing=file file-offset=2p",
	  VMP_VERB_map, 10, 1, -1,
	  KEY(count) | KEY(backing) | KEY(file_offset) },
	{ "unmap page from=1 offset=2 every=3 count=half at=4 length=5 "
	  "stride=6",
	  VMP_VERB_unmap, 11, 0, -1,
	  KEY(from) | KEY(offset) | KEY(every) | KEY(count) | KEY(at) |
		  KEY(length) | KEY(stride) },
	{ "move page to=other-1", VMP_VERB_move, 12, 0, 1, KEY(to) },
	{ "fill leave=-1", VMP_VERB_fill, 13, -1, -1, KEY(leave) },
	{ "brk size=128K", VMP_VERB_brk, 14, -1, -1, KEY(size) },
	{ "malloc block size=1M count=10", VMP_VERB_malloc, 15, 2, -1,
	  KEY(size) | KEY(count) },
	{ "advise other-1 advice=guard-install", VMP_VERB_advise, 16, 1, -1,
	  KEY(advice) },
};

START_TEST(parses_step)
{
	struct vmp_scenario *s = parse_text(full);
	const struct vmp_step *step = &s->steps[_i];

	ck_assert_uint_eq(s->step_count, VMP_COUNT(steps));
	ck_assert_str_eq(step->text, steps[_i].text);
	ck_assert_int_eq(step->verb, steps[_i].verb);
	ck_assert_uint_eq(step->line, steps[_i].line);
	ck_assert_int_eq(step->group, steps[_i].group);
	ck_assert_int_eq(step->to, steps[_i].to);
	ck_assert_uint_eq(step->given, steps[_i].given);
	vmp_scenario_free(s);
}
END_TEST

static const struct {
	const char *text;
	enum vmp_verb verb;
	int group;
	enum vmp_outcome outcome;
	int errnos[VMP_MOST_ERRNOS];
	enum vmp_cause cause;
} expectations[] = {
	{ "unmap page fails ENOMEM or EAGAIN because map-count",
	  VMP_VERB_unmap,
	  0,
	  VMP_FAILS,
	  { ENOMEM, EAGAIN },
	  VMP_CAUSE_MAP_COUNT },
	{ "map succeeds", VMP_VERB_map, -1, VMP_SUCCEEDS, { 0 }, VMP_CAUSES },
	{ "map other-1 succeeds",
	  VMP_VERB_map,
	  1,
	  VMP_SUCCEEDS,
	  { 0 },
	  VMP_CAUSES },
	{ "malloc leaks", VMP_VERB_malloc, -1, VMP_LEAKS, { 0 }, VMP_CAUSES },
	{ "brk fails EPERM or ENOENT or EINTR or EIO",
	  VMP_VERB_brk,
	  -1,
	  VMP_FAILS,
	  { EPERM, ENOENT, EINTR, EIO },
	  VMP_CAUSES },
};

START_TEST(parses_expectation)
{
	struct vmp_scenario *s = parse_text(full);
	const struct vmp_expectation *e = &s->expectations[_i];

	ck_assert_uint_eq(s->expectation_count, VMP_COUNT(expectations));
	ck_assert_str_eq(e->text, expectations[_i].text);
	ck_assert_int_eq(e->verb, expectations[_i].verb);
	ck_assert_int_eq(e->group, expectations[_i].group);
	ck_assert_int_eq(e->outcome, expectations[_i].outcome);
	ck_assert_int_eq(e->cause, expectations[_i].cause);
	for (int i = 0; i < VMP_MOST_ERRNOS; i++)
		ck_assert_int_eq(e->errnos[i], expectations[_i].errnos[i]);
	vmp_scenario_free(s);
}
END_TEST

/* "and" and "it" are about the step above, whatever stands between. */
START_TEST(parses_turns)
{
	struct vmp_scenario *s = parse_text("and = 5\n"
					    "map g count=and\n"
					    "# a comment\n"
					    "and  unmap g\n"
					    "expect it fails ENOMEM\n"
					    "\n"
					    "and protect g prot=r\n"
					    "map h\n"
					    "expect it succeeds\n");

	ck_assert_uint_eq(s->step_count, 4);
	ck_assert(!s->steps[0].takes_turns);
	ck_assert(s->steps[1].takes_turns);
	ck_assert_str_eq(s->steps[1].text, "and unmap g");
	ck_assert(s->steps[2].takes_turns);
	ck_assert(!s->steps[3].takes_turns);
	ck_assert_uint_eq(vmp_scenario_turns(s, 0), 3);
	ck_assert_int_eq(s->expectations[0].step, 1);
	ck_assert_int_eq(s->expectations[0].verb, VMP_VERB_unmap);
	ck_assert_str_eq(s->expectations[0].text,
			 "unmap g in line 4 fails ENOMEM");
	ck_assert_int_eq(s->expectations[1].step, 3);
	ck_assert_str_eq(s->expectations[1].text, "map h in line 8 succeeds");
	vmp_scenario_free(s);
}
END_TEST

/* Each word of each list comes to the value in its row. */
START_TEST(parses_word)
{
	static const struct {
		const char *verb;
		enum vmp_key key;
	} keys[] = {
		[VMP_KEY_KIND_prot] = { "protect g prot", VMP_KEY_prot },
		[VMP_KEY_KIND_backing] = { "map h backing", VMP_KEY_backing },
		[VMP_KEY_KIND_yesno] = { "map h noreserve", VMP_KEY_noreserve },
		[VMP_KEY_KIND_advice] = { "advise g advice", VMP_KEY_advice },
	};
	const struct vmp_word_row *row = &vmp_words[_i];
	struct vmp_scenario *s;
	char text[80];

	snprintf(text, sizeof(text), "map g\n%s=%s\n", keys[row->kind].verb,
		 row->name);
	s = parse_text(text);
	ck_assert_int_eq(s->steps[1].word[keys[row->kind].key], row->value);
	vmp_scenario_free(s);
}
END_TEST

START_TEST(has_values_of_system)
{
	static const struct {
		const char *step;
		enum vmp_key key;
		int value;
	} words[] = {
		{ "protect g prot=none", VMP_KEY_prot, PROT_NONE },
		{ "protect g prot=r", VMP_KEY_prot, PROT_READ },
		{ "protect g prot=rw", VMP_KEY_prot, PROT_READ | PROT_WRITE },
		{ "protect g prot=rx", VMP_KEY_prot, PROT_READ | PROT_EXEC },
		{ "protect g prot=rwx", VMP_KEY_prot,
		  PROT_READ | PROT_WRITE | PROT_EXEC },
		{ "advise g advice=normal", VMP_KEY_advice, MADV_NORMAL },
		{ "advise g advice=random", VMP_KEY_advice, MADV_RANDOM },
		{ "advise g advice=dontneed", VMP_KEY_advice, MADV_DONTNEED },
		{ "advise g advice=dontdump", VMP_KEY_advice, MADV_DONTDUMP },
		{ "advise g advice=hugepage", VMP_KEY_advice, MADV_HUGEPAGE },
		{ "advise g advice=dontfork", VMP_KEY_advice, MADV_DONTFORK },
	};
	struct vmp_scenario *s;
	char text[80];

	for (size_t i = 0; i < VMP_COUNT(words); i++) {
		snprintf(text, sizeof(text), "map g\n%s\n", words[i].step);
		s = parse_text(text);
		ck_assert_int_eq(s->steps[1].word[words[i].key],
				 words[i].value);
		vmp_scenario_free(s);
	}
}
END_TEST

static int64_t number_of(const struct vmp_step *step, enum vmp_key key)
{
	static const struct vmp_facts facts = { 0 };
	struct vmp_scenario_error error;
	int64_t value = -99;

	ck_assert_int_eq(
		vmp_evaluate(&step->number[key], &facts, &value, &error), 0);
	return value;
}

START_TEST(gives_defaults)
{
	struct vmp_scenario *s = parse_text("map g\nunmap g\n");
	const struct vmp_step *map = &s->steps[0], *unmap = &s->steps[1];

	ck_assert_uint_eq(map->given, 0);
	ck_assert_int_eq(map->word[VMP_KEY_prot], PROT_READ | PROT_WRITE);
	ck_assert_int_eq(map->word[VMP_KEY_backing], 0);
	ck_assert_int_eq(map->word[VMP_KEY_noreserve], 0);
	ck_assert_int_eq(number_of(map, VMP_KEY_file_offset), 0);
	ck_assert_int_eq(number_of(unmap, VMP_KEY_from), 0);
	ck_assert_int_eq(number_of(unmap, VMP_KEY_offset), 0);
	ck_assert_int_eq(number_of(unmap, VMP_KEY_every), 1);
	ck_assert_int_eq(number_of(unmap, VMP_KEY_at), 0);
	ck_assert_uint_eq(unmap->number[VMP_KEY_count].count, 0);
	ck_assert_uint_eq(unmap->number[VMP_KEY_length].count, 0);
	ck_assert_uint_eq(unmap->number[VMP_KEY_stride].count, 0);
	vmp_scenario_free(s);
}
END_TEST

static const struct {
	const char *text, *summary;
} summaries[] = {
	{ "# One.\nmap g", "One" },
	{ "# One...\nmap g", "One" },
	{ "# One. And more.\nmap g", "One. And more" },
	{ "#One\nmap g", "One" },
	{ "###  One  \t\nmap g", "One" },
	{ "#\n# \n#.\n# One\nmap g", "One" },
	{ "# SPDX-License-Identifier: none\n# One\nmap g", "One" },
	{ "# SPDX\nmap g", "SPDX" },
	{ "map g\n# One\n", "One" },
	{ "map g # not at the start of a line\n", "" },
	{ " # nor here\nmap g\n", "" },
	{ "map g\n", "" },
	{ "# One\r\nmap g\r\n", "One" },
	{ "# \xff\xc3\xa9 \"quoted\"\nmap g", "\xff\xc3\xa9 \"quoted\"" },
	{ "# One", NULL },
};

START_TEST(takes_summary)
{
	struct vmp_scenario *s = NULL;
	struct vmp_scenario_error error;
	const char *text = summaries[_i].text;
	int rc = vmp_scenario_parse("test", text, strlen(text), &s, &error);

	ck_assert_int_eq(rc, summaries[_i].summary ? 0 : -EINVAL);
	if (s)
		ck_assert_str_eq(s->summary, summaries[_i].summary);
	vmp_scenario_free(s);
}
END_TEST

/* The same text, however its lines end. */
START_TEST(takes_any_line_end)
{
	struct vmp_scenario *lf = parse_text(full), *crlf, *open;
	char text[2 * sizeof(full)], *out = text;

	for (const char *p = full; *p; p++) {
		if (*p == '\n')
			*out++ = '\r';
		*out++ = *p;
	}
	*out = '\0';
	crlf = parse_text(text);
	memcpy(text, full, sizeof(full));
	text[sizeof(full) - 2] = '\0';
	open = parse_text(text);
	ck_assert_uint_eq(crlf->step_count, lf->step_count);
	ck_assert_uint_eq(open->step_count, lf->step_count);
	for (size_t i = 0; i < lf->step_count; i++)
		ck_assert_str_eq(crlf->steps[i].text, lf->steps[i].text);
	for (size_t i = 0; i < lf->expectation_count; i++) {
		ck_assert_str_eq(crlf->expectations[i].text,
				 lf->expectations[i].text);
		ck_assert_str_eq(open->expectations[i].text,
				 lf->expectations[i].text);
	}
	ck_assert_str_eq(crlf->parameters[0].text, lf->parameters[0].text);
	ck_assert_str_eq(crlf->summary, lf->summary);
	vmp_scenario_free(lf);
	vmp_scenario_free(crlf);
	vmp_scenario_free(open);
}
END_TEST

/* Names that look like something else, and more of all than fit at first. */
START_TEST(takes_odd_names)
{
	struct vmp_scenario *s = parse_text("map = 3\nexpect = 4\nK = 5\n"
					    "_x9 = map + expect * K\n"
					    "map map count=_x9\n"
					    "map 7-up\nunmap 7-up\n"
					    "expect map map succeeds\n");

	ck_assert_uint_eq(s->parameter_count, 4);
	ck_assert_str_eq(s->groups[0].name, "map");
	ck_assert_str_eq(s->groups[1].name, "7-up");
	ck_assert_int_eq(s->expectations[0].group, 0);
	vmp_scenario_free(s);
	vmp_scenario_free(NULL);
}
END_TEST

START_TEST(takes_many_lines)
{
	enum { MANY = 1000 };
	char *text = malloc(MANY * 64), *out = text;
	struct vmp_scenario *s;

	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < MANY; i++)
		out += sprintf(out,
			       "p%d = %d\nmap g%d\nexpect map g%d succeeds"
			       "\n",
			       i, i, i, i);
	s = parse_text(text);
	ck_assert_uint_eq(s->parameter_count, MANY);
	ck_assert_uint_eq(s->step_count, MANY);
	ck_assert_uint_eq(s->expectation_count, MANY);
	ck_assert_str_eq(s->parameters[MANY - 1].text, "999");
	ck_assert_int_eq(s->expectations[MANY - 1].group, MANY - 1);
	vmp_scenario_free(s);
	free(text);
}
END_TEST

/* The parser keeps copies: the text and the name may go away. */
START_TEST(keeps_copies)
{
	char name[] = "name", text[] = "# One\nx = 1\nmap g\n";
	struct vmp_scenario_error error;
	struct vmp_scenario *s;

	ck_assert_int_eq(
		vmp_scenario_parse(name, text, strlen(text), &s, &error), 0);
	memset(name, 'X', strlen(name));
	memset(text, 'X', strlen(text));
	ck_assert_str_eq(s->name, "name");
	ck_assert_str_eq(s->summary, "One");
	ck_assert_str_eq(s->parameters[0].text, "1");
	ck_assert_str_eq(s->steps[0].text, "map g");
	vmp_scenario_free(s);
}
END_TEST

static const struct {
	const char *assignment;
	int64_t value; /* of b, in "a = 6  b = a * 2  c = b" */
	const char *text;
} settings[] = {
	{ "b=9", 9, "9" },
	{ "b = 9", 9, "9" },
	{ " b=9 ", 9, "9" },
	{ "b=a+1", 7, "a+1" },
	{ "b= a * (2 + 1) ", 18, "a * (2 + 1)" },
	{ "b=limit", 1000, "limit" },
	{ "b=-1", -1, "-1" },
	{ "b=2p", 8192, "2p" },
	{ "a=1", 2, "a * 2" },
	{ "c=1", 12, "a * 2" },
};

START_TEST(sets_parameter)
{
	struct vmp_scenario *s = parse_text("a = 6\nb = a * 2\nc = b\nmap g\n");
	struct vmp_facts facts = {
		.fact = { [VMP_FACT_LIMIT] = 1000, [VMP_FACT_PAGE_BYTES] = 4096 }
	};
	struct vmp_scenario_error error;
	int64_t value[3] = { 0 };

	facts.parameters = value;
	ck_assert_int_eq(vmp_scenario_set(s, settings[_i].assignment, &error),
			 0);
	ck_assert_uint_eq(s->parameter_count, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(vmp_evaluate(&s->parameters[i].expression,
					      &facts, &value[i], &error),
				 0);
	ck_assert_int_eq(value[1], settings[_i].value);
	ck_assert_str_eq(s->parameters[1].text, settings[_i].text);
	vmp_scenario_free(s);
}
END_TEST

Suite *suite_scenario(void)
{
	Suite *suite = suite_create("scenario");
	TCase *text = tcase_create("text");

	tcase_add_test(text, parses_parameters);
	tcase_add_test(text, parses_groups);
	tcase_add_loop_test(text, parses_step, 0, VMP_COUNT(steps));
	tcase_add_loop_test(text, parses_expectation, 0,
			    VMP_COUNT(expectations));
	tcase_add_test(text, parses_turns);
	tcase_add_loop_test(text, parses_word, 0, (int)vmp_word_count);
	tcase_add_test(text, has_values_of_system);
	tcase_add_test(text, gives_defaults);
	tcase_add_loop_test(text, takes_summary, 0, VMP_COUNT(summaries));
	tcase_add_test(text, takes_any_line_end);
	tcase_add_test(text, takes_odd_names);
	tcase_add_test(text, takes_many_lines);
	tcase_add_test(text, keeps_copies);
	tcase_add_loop_test(text, sets_parameter, 0, VMP_COUNT(settings));
	suite_add_tcase(suite, text);
	return suite;
}
