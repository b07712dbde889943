// SPDX-License-Identifier: GPL-2.0-or-later
/* Scenarios with an error: where it is, and what is said about it. */
#include <errno.h>
#include <string.h>

#include "unit.h"

#define LONG_NAME "a-name-of-more-than-forty-characters-which-is-cut"

static const struct {
	const char *text;
	unsigned int line, column;
	const char *words;
} errors[] = {
	/* the line */
	{ "", 1, 1, "the scenario has no step; the shortest one is: map page" },
	{ "# only words\n", 1, 1, "no step" },
	{ "a = 1\n\n\n", 3, 1, "no step" },
	{ "map g\n=\n", 2, 1,
	  "found \"=\"; expected a verb, NAME = EXPRESSION" },
	{ "  (\n", 1, 3, "found \"(\"; expected a verb" },
	{ "\xc3\xa9\n", 1, 1, "found the byte 0xc3" },
	{ "map g\n\x7f", 2, 1, "found the byte 0x7f" },
	{ "map g\nmap\x01 h\n", 2, 4, "found the control character 0x01" },
	{ "map g # \x1b[31m\n", 1, 9, "control character 0x1b; a scenario is" },

	/* verbs */
	{ "unmapp g\n", 1, 1,
	  "found \"unmapp\", which is no verb (did you mean \"unmap\"?); verbs "
	  "are: fill map unmap" },
	{ "xyzzy", 1, 1, "found \"xyzzy\", which is no verb; verbs are: fill" },
	{ "Map g", 1, 1, "(did you mean \"map\"?)" },
	{ "\tmaps g", 1, 2, "found \"maps\", which is no verb" },
	{ LONG_NAME, 1, 1,
	  "found \"a-name-of-more-than-forty-char\", which is no verb; verbs" },

	/* parameters */
	{ "a = 1\na = 2\n", 2, 1, "parameter \"a\" is defined above already" },
	{ "limit = 2\n", 1, 1, "\"limit\" cannot name a parameter" },
	{ "start = 2\n", 1, 1, "\"start\" cannot name" },
	{ "headroom = 2\n", 1, 1, "\"headroom\" cannot name" },
	{ "page_bytes = 2\n", 1, 1, "\"page_bytes\" cannot name" },
	{ "min = 2\n", 1, 1, "\"min\" cannot name" },
	{ "max = 2\n", 1, 1, "\"max\" cannot name" },
	{ "a-b = 2\n", 1, 1, "\"a-b\" cannot name" },
	{ "9a = 2\n", 1, 1, "a name has letters, digits and \"_\"" },
	{ LONG_NAME " = 2\n", 1, 1,
	  "\"a-name-of-more-than-forty-charac\" cannot name" },
	{ "a = 1 2\n", 1, 7, "found \"2\"; expected an operator or the end" },
	{ "a = 1 )\n", 1, 7, "found \")\"; expected an operator or the end" },
	{ "a = 1 = 2\n", 1, 7, "found \"=\"; expected an operator" },

	/* expressions */
	{ "a =\n", 1, 4, "found the end of the line; expected a number, a " },
	{ "a = # 1\n", 1, 5, "found the end of the line; expected a number" },
	{ "a = *2\n", 1, 5, "found \"*\"; expected a number, a name or \"(\"" },
	{ "a = +2\n", 1, 5, "found \"+\"; expected a number" },
	{ "a = 2 +\n", 1, 8, "found the end of the line; expected a number" },
	{ "a = 2 * / 3\n", 1, 9, "found \"/\"; expected a number" },
	{ "a = \"2\"\n", 1, 5, "found \"\"\"; expected a number" },
	{ "a = ()\n", 1, 6, "found \")\"; expected a number" },
	{ "a = (2\n", 1, 7,
	  "found the end of the line; expected an operator or \")\"" },
	{ "a = (2 3)\n", 1, 8, "found \"3\"; expected an operator or \")\"" },
	{ "a = 9223372036854775808\n", 1, 5, "does not fit into 64 bits" },
	{ "a = 1 + 99999999999999999999\n", 1, 9, "does not fit into 64" },
	{ "a = 8589934592G\n", 1, 5, "the number does not fit into 64 bits" },
	{ "map m\nfree m\n", 2, 6, "free takes blocks of malloc" },
	{ "malloc m size=1\nfree m at=1\n", 2, 8, "no key of free" },
	{ "a = 5T\n", 1, 6,
	  "found \"T\" behind a number; its unit may be p (pages), K, M or G" },
	{ "a = 5k\n", 1, 6, "found \"k\" behind a number" },
	{ "a = 5pp\n", 1, 7, "found \"p\" behind a number" },
	{ "a = 5Kp\n", 1, 7, "found \"p\" behind a number" },
	{ "a = 0x10\n", 1, 6, "found \"x\" behind a number" },
	{ "a = 5_000\n", 1, 6, "found \"_\" behind a number" },
	{ "a = b\n", 1, 5,
	  "found \"b\", which is no parameter defined above; known here: "
	  "limit, start, headroom, page_bytes" },
	{ "c = 1\na = b\n", 2, 5,
	  "known here: limit, start, headroom, "
	  "page_bytes, c" },
	{ "a = a + 1\n", 1, 5, "found \"a\", which is no parameter" },
	{ "a = limits\n", 1, 5, "found \"limits\", which is no parameter" },
	{ "a = min\n", 1, 5, "found \"min\", which is no parameter" },
	{ "a = abs(3)\n", 1, 5, "found \"abs\", which is no parameter" },
	{ "a = 1 + headroom\n", 1, 9, "headroom is read when a step begins" },
	{ "a = min(1)\n", 1, 10,
	  "found \")\"; min and max take two expressions with a comma" },
	{ "a = max(1\n", 1, 10, "found the end of the line; min and max take" },
	{ "a = min(1, 2, 3)\n", 1, 13, "found \",\"; expected \")\"" },
	{ "a = min(1, 2\n", 1, 13,
	  "found the end of the line; expected \")\"" },
	{ "a = min(, 2)\n", 1, 9, "found \",\"; expected a number" },
	{ "a = min(1, )\n", 1, 12, "found \")\"; expected a number" },

	/* groups */
	{ "map\n", 1, 4,
	  "found the end of the line; expected a name for the group of regions "
	  "that this step makes" },
	{ "map = g\n", 1, 7, "found \"g\", which is no parameter" },
	{ "malloc (g\n", 1, 8, "found \"(\"; expected a name for the group" },
	{ "map g\nmap g\n", 2, 5,
	  "group \"g\" is made by a step above already" },
	{ "unmap g\n", 1, 7,
	  "found \"g\"; expected the name of a group that a step above made" },
	{ "map g\nmap h\nunmap i\n", 3, 7, "a step above made, such as g" },
	{ "map g\nunmap\n", 2, 6, "found the end of the line; expected the " },
	{ "map g\nmove g to=h\n", 2, 11,
	  "found \"h\"; expected the name of a" },
	{ "map g\nmove g to=\n", 2, 11, "found the end of the line; expected" },

	/* keys */
	{ "map g cuont=1\n", 1, 7,
	  "found \"cuont\", which is no key of map (did you mean \"count\"?); "
	  "its keys are: count length prot backing file-offset noreserve" },
	{ "map g every=2\n", 1, 7, "found \"every\", which is no key of map" },
	{ "map g zzzz=2\n", 1, 7,
	  "found \"zzzz\", which is no key of map; its keys are: count" },
	{ "map g h\n", 1, 7, "found \"h\", which is no key of map" },
	{ "map g count=1 2\n", 1, 15, "found \"2\", which is no key of map" },
	{ "map g (\n", 1, 7, "found \"(\"; expected key=value" },
	{ "map g count=1, length=2\n", 1, 14,
	  "found \",\"; expected key=value" },
	{ "map g count=1 length=1p count=2\n", 1, 25,
	  "the key \"count\" is given twice" },
	{ "map g count\n", 1, 12,
	  "found the end of the line; expected \"=\" behind \"count\"" },
	{ "map g count 5\n", 1, 13, "found \"5\"; expected \"=\" behind" },
	{ "map g count=\n", 1, 13,
	  "found the end of the line; expected a num" },
	{ "map g prot=rwz\n", 1, 12,
	  "found \"rwz\"; expected one of: none r rw rx rwx" },
	{ "map g prot=\n", 1, 12,
	  "found the end of the line; expected one of" },
	{ "map g backing=disk\n", 1, 15, "expected one of: anon shared file" },
	{ "map g noreserve=1\n", 1, 17,
	  "found \"1\"; expected one of: no yes" },
	{ "map g\nadvise g advice=good\n", 2, 17,
	  "found \"good\"; expected one of: normal random" },
	{ "fill\n", 1, 5, "fill needs leave=: the headroom to leave" },
	{ "fill # leave=1\n", 1, 6, "fill needs leave=" },
	{ "malloc g\n", 1, 9, "malloc needs size=: how many bytes" },
	{ "thread count=1\n", 1, 15, "thread needs size=" },
	{ "map g\nadvise g\n", 2, 9, "advise needs advice=" },
	{ "map g\nmove g\n", 2, 7, "move needs to=: the group whose regions" },

	/* expect */
	{ "map g\nexpect\n", 2, 7,
	  "found the end of the line, which is no verb"
	  "; verbs are" },
	{ "map g\nexpect maap fails\n", 2, 8, "(did you mean \"map\"?)" },
	{ "map g\nexpect map\n", 2, 11,
	  "found the end of the line; expected succeeds, leaks or fails ERRNO" },
	{ "map g\nexpect map g\n", 2, 13, "expected succeeds, leaks or fails" },
	{ "map g\nexpect map g works\n", 2, 14,
	  "found \"works\"; expected suc" },
	{ "map g\nexpect map h fails ENOMEM\n", 2, 12,
	  "found \"h\"; expected the name of a group" },
	{ "map g\nexpect map fails\n", 2, 17,
	  "found the end of the line; expected the name of an errno, such as "
	  "ENOMEM" },
	{ "map g\nexpect map fails ENOMEN\n", 2, 18,
	  "found \"ENOMEN\"; expect" },
	{ "map g\nexpect map fails 12\n", 2, 18,
	  "found \"12\"; expected the na" },
	{ "map g\nexpect map fails ENOMEM or\n", 2, 27, "name of an errno" },
	{ "map g\nexpect map fails EIO or EIO or EIO or EIO or EIO\n", 2, 46,
	  "more than 4 errnos" },
	{ "map g\nexpect map fails ENOMEM EAGAIN\n", 2, 25,
	  "found \"EAGAIN\"; expected \"or\", \"because\" or the end of the" },
	{ "map g\nexpect map fails ENOMEM (\n", 2, 25,
	  "found \"(\"; expected the end of the line" },
	{ "map g\nexpect map fails ENOMEM because\n", 2, 32,
	  "found the end of the line; expected a cause: map-count rlimit-as" },
	{ "map g\nexpect map fails ENOMEM because of\n", 2, 33,
	  "found \"of\"; expected a cause: map-count" },
	{ "map g\nexpect map fails ENOMEM because map-count or\n", 2, 43,
	  "found \"or\"; expected the end of the line" },
	{ "map g\nexpect map succeeds ENOMEM\n", 2, 21,
	  "found \"ENOMEM\"; expected the end of the line" },
	{ "map g\nexpect map leaks,\n", 2, 17,
	  "found \",\"; expected the end" },
	{ "map g\nexpect unmap fails ENOMEM\n", 2, 8,
	  "no step above is \"unmap\"" },
	{ "map g\nmap h\nunmap g\nexpect unmap h fails ENOMEM\n", 4, 8,
	  "no step above is \"unmap h\"" },
	{ "expect map g fails ENOMEM\nmap g\n", 1, 12,
	  "found \"g\"; expected" },
	{ "expect map fails ENOMEM\nmap g\n", 1, 8,
	  "no step above is \"map\"" },
	{ "expect it succeeds\n", 1, 8, "no step is above: \"it\" is the l" },
	{ "map g\nexpect it g fails ENOMEM\n", 2, 11,
	  "found \"g\"; expected succeeds" },

	/* and */
	{ "and map g\n", 1, 5,
	  "there is no step above that this one could take turns with" },
	{ "map g\nand\n", 2, 4, "found the end of the line, which is no ver" },
	{ "map g\nand expect it succeeds\n", 2, 5,
	  "found \"expect\", which is no verb" },
	{ "map g\nand fill leave=0\n", 2, 5, "fill takes no turns" },
	{ "fill leave=0\nand map g\n", 2, 5, "the step above takes no turns" },
	{ "area a length=1p\nand unmap a\n", 2, 5,
	  "the step above takes no turns" },
	{ "fork\nand fork\nand fork\nand fork\nand fork\nand fork\nand fork\n"
	  "and fork\nand fork\nand fork\nand fork\nand fork\nand fork\n"
	  "and fork\nand fork\nand fork\nand fork\n",
	  17, 5, "more than 16 steps take turns" },

	/* needs */
	{ "needs\n", 1, 6,
	  "found the end of the line; expected a feature: guard-install" },
	{ "needs luck\n", 1, 7,
	  "found \"luck\"; expected a feature: guard-ins" },
	{ "needs guard-install twice\n", 1, 21,
	  "found \"twice\"; expected the end of the line" },
};

START_TEST(says_what_is_wrong)
{
	const char *text = errors[_i].text;
	struct vmp_scenario_error error;
	struct vmp_scenario *s = NULL;

	memset(&error, 0x5a, sizeof(error));
	ck_assert_int_eq(vmp_scenario_parse("test", text, strlen(text), &s,
					    &error),
			 -EINVAL);
	ck_assert_ptr_null(s);
	assert_holds(error.text, errors[_i].words);
	ck_assert_msg(error.line == errors[_i].line &&
			      error.column == errors[_i].column,
		      "%u:%u, not %u:%u: %s", error.line, error.column,
		      errors[_i].line, errors[_i].column, error.text);
}
END_TEST

/* The same errors with other ends of lines: no other place, no other words. */
START_TEST(says_it_at_any_line_end)
{
	const char *text = errors[_i].text;
	size_t length = strlen(text);
	struct vmp_scenario_error error;
	struct vmp_scenario *s = NULL;

	while (length && text[length - 1] == '\n')
		length--;
	ck_assert_int_eq(vmp_scenario_parse("test", text, length, &s, &error),
			 -EINVAL);
	assert_holds(error.text, errors[_i].words);
	ck_assert_uint_eq(error.column, errors[_i].column);
}
END_TEST

static const struct {
	const char *text, *excerpt;
} excerpts[] = {
	{ "map g\n  xyzzy g  # why\nmap h\n", "  xyzzy g  # why" },
	{ "xyzzy", "xyzzy" },
	{ "\txyzzy", "\txyzzy" },
	{ "xyzzy \x1b", "xyzzy \x1b" },
	{ "", "" },
};

START_TEST(shows_line)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *s;
	const char *text = excerpts[_i].text;

	ck_assert_int_eq(vmp_scenario_parse("test", text, strlen(text), &s,
					    &error),
			 -EINVAL);
	ck_assert_str_eq(error.excerpt, excerpts[_i].excerpt);
}
END_TEST

/* A line that is too long to be shown is not; words are cut, not overrun. */
START_TEST(survives_long_line)
{
	enum { LENGTH = 100000 };
	static const char *const begins[] = {
		"",	  "map ",    "map g ", "a = ", "map g prot=",
		"needs ", "expect ", "unmap "
	};
	char *text = malloc(LENGTH + 1);
	struct vmp_scenario_error error;
	struct vmp_scenario *s = NULL;
	size_t begin;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', LENGTH);
	begin = strlen(begins[_i]);
	memcpy(text, begins[_i], begin);
	memcpy(text + LENGTH - 6, "\n?????", 6);
	ck_assert_int_eq(vmp_scenario_parse("test", text, LENGTH, &s, &error),
			 -EINVAL);
	ck_assert_uint_le(error.line, 2);
	ck_assert_uint_ge(error.line, 1);
	if (error.line == 1) {
		ck_assert_str_eq(error.excerpt, "");
		ck_assert_uint_eq(error.column, begin + 1);
	}
	ck_assert_uint_lt(strlen(error.text), sizeof(error.text));
	free(text);
}
END_TEST

/* A number of lines of one kind, each with another name. */
static const struct {
	const char *begin, *before, *after;
	unsigned int most, column;
	const char *words;
} floods[] = {
	{ "map g\n", "p", " = 1\n", 1000, 1, "more than 1000 parameters" },
	{ "", "map g", "\n", 10000, 5, "more than 10000 groups" },
	{ "map g\n", "expect map succeeds # ", "\n", 1000, 1,
	  "more than 1000 expectations" },
};

START_TEST(refuses_too_many)
{
	unsigned int count = floods[_i].most + 1;
	char *text = malloc(64 * count + 64), *out = text;
	struct vmp_scenario_error error;
	struct vmp_scenario *s;

	ck_assert_ptr_nonnull(text);
	out += sprintf(out, "%s", floods[_i].begin);
	for (unsigned int i = 0; i < count; i++)
		out += sprintf(out, "%s%u%s", floods[_i].before, i,
			       floods[_i].after);
	ck_assert_int_eq(vmp_scenario_parse("test", text, strlen(text), &s,
					    &error),
			 -EINVAL);
	assert_holds(error.text, floods[_i].words);
	ck_assert_uint_eq(error.line, count + (*floods[_i].begin ? 1 : 0));
	ck_assert_uint_eq(error.column, floods[_i].column);
	free(text);
}
END_TEST

static const struct {
	const char *text;
	size_t length;
	unsigned int line, column;
} nul_bytes[] = {
	{ "\0", 1, 1, 1 },
	{ "map g\0", 6, 1, 6 },
	{ "map g\n# \0\n", 10, 2, 3 },
	{ "map g\nmap\0h\n", 12, 2, 4 },
};

START_TEST(refuses_nul_byte)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *s;

	ck_assert_int_eq(vmp_scenario_parse("test", nul_bytes[_i].text,
					    nul_bytes[_i].length, &s, &error),
			 -EINVAL);
	assert_holds(error.text, "found the control character 0x00");
	ck_assert_uint_eq(error.line, nul_bytes[_i].line);
	ck_assert_uint_eq(error.column, nul_bytes[_i].column);
}
END_TEST

/* --set, of a scenario with the parameters a, b and c */
static const struct {
	const char *assignment;
	unsigned int column;
	const char *words;
} settings[] = {
	{ "", 1, "expected NAME=EXPRESSION" },
	{ "=1", 1, "expected NAME=EXPRESSION" },
	{ "b", 2, "expected NAME=EXPRESSION" },
	{ "b 1", 3, "expected NAME=EXPRESSION" },
	{ "d=1", 1, "test has no parameter \"d\"; its parameters: a, b, c" },
	{ "limit=1", 1, "test has no parameter \"limit\"" },
	{ LONG_NAME "=1", 1,
	  "no parameter \"a-name-of-more-than-forty-characters-whi\"" },
	{ "b=", 3, "found the end of the line; expected a number" },
	{ "b=1 2", 5, "found \"2\"; expected an operator or the end" },
	{ "b=c", 3,
	  "found \"c\", which is no parameter defined above; known "
	  "here: limit, start, headroom, page_bytes, a" },
	{ "b=b", 3, "found \"b\", which is no parameter" },
	{ "b=headroom", 3, "headroom is read when a step begins" },
	{ "b=1\n", 4, "found the byte 0x0a" },
	{ "b=1 # one", 5, "found \"#\"" },
};

START_TEST(refuses_setting)
{
	struct vmp_scenario *s = parse_text("a = 6\nb = a * 2\nc = b\nmap g\n");
	struct vmp_scenario_error error = { 0 };

	ck_assert_int_eq(vmp_scenario_set(s, settings[_i].assignment, &error),
			 -EINVAL);
	assert_holds(error.text, settings[_i].words);
	ck_assert_uint_eq(error.line, 0);
	ck_assert_uint_eq(error.column, settings[_i].column);
	ck_assert_uint_eq(s->parameter_count, 3);
	vmp_scenario_free(s);
}
END_TEST

/* KNOWN BUG: a value that was refused leaves the one before. */
START_TEST(keeps_value)
{
	struct vmp_scenario *s = parse_text("b = 6\nmap g count=b\n");
	struct vmp_scenario_error error = { 0 };
	struct vmp_facts facts = { 0 };
	int64_t value = 0;

	ck_assert_int_eq(vmp_scenario_set(s, "b=", &error), -EINVAL);
	ck_assert_int_eq(vmp_evaluate(&s->parameters[0].expression, &facts,
				      &value, &error),
			 0);
	ck_assert_int_eq(value, 6);
	vmp_scenario_free(s);
}
END_TEST

START_TEST(refuses_setting_without_parameters)
{
	struct vmp_scenario *s = parse_text("map g\n");
	struct vmp_scenario_error error = { 0 };

	ck_assert_int_eq(vmp_scenario_set(s, "a=1", &error), -EINVAL);
	assert_holds(error.text, "no parameter \"a\"; its parameters: none");
	vmp_scenario_free(s);
}
END_TEST

/* Names that do not fit into the message are left out. */
START_TEST(lists_what_fits)
{
	char text[8192] = "", line[64];
	struct vmp_scenario_error error = { 0 };
	struct vmp_scenario *s;

	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "a_long_parameter_%d = 1\n", i);
		strcat(text, line);
	}
	strcat(text, "map g\n");
	s = parse_text(text);
	ck_assert_int_eq(vmp_scenario_set(s, "x=1", &error), -EINVAL);
	assert_holds(error.text, "a_long_parameter_0, a_long_parameter_1");
	ck_assert_int_eq(vmp_scenario_set(s, "a_long_parameter_99=x", &error),
			 -EINVAL);
	assert_holds(error.text, "page_bytes, a_long_parameter_0");
	vmp_scenario_free(s);
}
END_TEST

Suite *suite_scenario_errors(void)
{
	Suite *suite = suite_create("scenario-errors");
	TCase *text = tcase_create("text");
	TCase *set = tcase_create("set");

	tcase_add_loop_test(text, says_what_is_wrong, 0, VMP_COUNT(errors));
	tcase_add_loop_test(text, says_it_at_any_line_end, 0,
			    VMP_COUNT(errors));
	tcase_add_loop_test(text, shows_line, 0, VMP_COUNT(excerpts));
	tcase_add_loop_test(text, survives_long_line, 0, 8);
	tcase_add_loop_test(text, refuses_too_many, 0, VMP_COUNT(floods));
	tcase_add_loop_test(text, refuses_nul_byte, 0, VMP_COUNT(nul_bytes));
	suite_add_tcase(suite, text);
	tcase_add_loop_test(set, refuses_setting, 0, VMP_COUNT(settings));
	tcase_add_test(set, refuses_setting_without_parameters);
	tcase_add_test(set, lists_what_fits);
	tcase_add_test(set, keeps_value);
	suite_add_tcase(suite, set);
	return suite;
}
