// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions: what they come to, and where they are wrong. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "unit.h"

#define MOST "9223372036854775807"
#define LEAST "(-" MOST " - 1)"

/* Two parameters, and the expression as a key of a step, which allows all. */
static struct vmp_scenario *parse_key(const char *expression)
{
	char text[4096];

	snprintf(text, sizeof(text), "a = 7\nb = a * 2\nmap g count=%s\n",
		 expression);
	return parse_text(text);
}

static int evaluate(const struct vmp_scenario *s, int64_t *value,
		    struct vmp_scenario_error *error)
{
	static const int64_t parameters[] = { 7, 14 };
	static const struct vmp_facts facts = {
		.fact = { [VMP_FACT_LIMIT] = 1000,
			  [VMP_FACT_START] = 27,
			  [VMP_FACT_HEADROOM] = -1,
			  [VMP_FACT_PAGE_BYTES] = 4096 },
		.parameters = parameters,
	};

	*error = (struct vmp_scenario_error){ 0 };
	return vmp_evaluate(&s->steps[0].number[VMP_KEY_count], &facts, value,
			    error);
}

static const struct {
	const char *text;
	int64_t value;
} values[] = {
	{ "0", 0 },
	{ "007", 7 },
	{ MOST, INT64_MAX },
	/* units */
	{ "1p", 4096 },
	{ "0p", 0 },
	{ "3K", 3072 },
	{ "2M", 2 << 20 },
	{ "5G", (int64_t)5 << 30 },
	{ "8589934591G", (int64_t)8589934591 << 30 },
	{ "2*3p+1", 24577 },
	/* names */
	{ "a", 7 },
	{ "b", 14 },
	{ "limit", 1000 },
	{ "start", 27 },
	{ "headroom", -1 },
	{ "page_bytes", 4096 },
	{ "limit-start", 973 },
	/* precedence, and from the left */
	{ "2+3*4", 14 },
	{ "2*3+4", 10 },
	{ "(2+3)*4", 20 },
	{ "10-3-2", 5 },
	{ "100/5/2", 10 },
	{ "100/5*2", 40 },
	{ "7/2*2", 6 },
	{ "2-3*4+5", -5 },
	{ "((2))", 2 },
	/* division truncates towards zero */
	{ "7/2", 3 },
	{ "-7/2", -3 },
	{ "7/-2", -3 },
	{ "-7/-2", 3 },
	{ "1/2", 0 },
	{ "0/5", 0 },
	/* signs */
	{ "-5", -5 },
	{ "--5", 5 },
	{ "- - -5", -5 },
	{ "3--5", 8 },
	{ "2*-3", -6 },
	{ "-2*3", -6 },
	{ "-a", -7 },
	{ "-(2+3)", -5 },
	/* min and max */
	{ "min(1, 2)", 1 },
	{ "min(2,1)", 1 },
	{ "max(1, 2)", 2 },
	{ "max( 2 , 1 )", 2 },
	{ "min(-1, 1)", -1 },
	{ "max(min(5, 3), min(4, 9))", 4 },
	{ "min (1, 2)", 1 },
	{ "min(2+3, 2*3)*2", 10 },
	{ "-max(3, 4)", -4 },
	{ "min(" MOST ", " LEAST ")", INT64_MIN },
	{ "max(" MOST ", " LEAST ")", INT64_MAX },
	/* blanks */
	{ " 1 + 2 ", 3 },
	{ "1\t*\t2", 2 },
	{ "( 1 )", 1 },
	/* at the ends of 64 bits */
	{ LEAST, INT64_MIN },
	{ MOST "+0", INT64_MAX },
	{ MOST "-1", INT64_MAX - 1 },
	{ LEAST "+" MOST, -1 },
	{ LEAST "/1", INT64_MIN },
	{ LEAST "*1", INT64_MIN },
	{ "-" MOST "-1", INT64_MIN },
	{ MOST "/-1", -INT64_MAX },
	{ "4611686018427387904*-2", INT64_MIN },
};

START_TEST(has_value)
{
	struct vmp_scenario *s;
	struct vmp_scenario_error error;
	int64_t value = 0;

	s = parse_key(values[_i].text);
	ck_assert_int_eq(evaluate(s, &value, &error), 0);
	ck_assert_msg(value == values[_i].value, "%s is %" PRId64,
		      values[_i].text, value);
	vmp_scenario_free(s);
}
END_TEST

#define TOO_LARGE "the value does not fit into 64 bits"

/* The expression begins in column 13. */
static const struct {
	const char *text;
	unsigned int column;
	const char *words;
} failures[] = {
	{ MOST "+1", 32, TOO_LARGE },
	{ "1+" MOST, 14, TOO_LARGE },
	{ LEAST "+-1", 39, TOO_LARGE },
	{ LEAST "-1", 39, TOO_LARGE },
	{ "0-" LEAST, 14, TOO_LARGE },
	{ MOST "--1", 32, TOO_LARGE },
	{ MOST "*2", 32, TOO_LARGE },
	{ LEAST "*-1", 39, TOO_LARGE },
	{ "2*(3+" MOST ")", 17, TOO_LARGE },
	{ LEAST "/-1", 39, TOO_LARGE },
	{ "-" LEAST, 13, TOO_LARGE },
	{ "--" LEAST, 14, TOO_LARGE },
	{ "9007199254740992p", 13, TOO_LARGE },
	{ "1/0", 14, "division by zero" },
	{ "0/0", 14, "division by zero" },
	{ "1/(a-7)", 14, "division by zero" },
	{ "5 + 1/(b - 2*a)", 18, "division by zero" },
	{ LEAST "/0", 39, "division by zero" },
	{ "min(1, 1/0)", 21, "division by zero" },
};

START_TEST(fails_to_evaluate)
{
	struct vmp_scenario *s = parse_key(failures[_i].text);
	struct vmp_scenario_error error;
	int64_t value = 42;

	ck_assert_int_eq(evaluate(s, &value, &error), -EINVAL);
	ck_assert_int_eq(value, 42);
	ck_assert_str_eq(error.text, failures[_i].words);
	ck_assert_uint_eq(error.line, 3);
	ck_assert_uint_eq(error.column, failures[_i].column);
	vmp_scenario_free(s);
}
END_TEST

/* "x = " and the expression, which then begins in column 5. */
static int parse_parameter(const char *expression,
			   struct vmp_scenario_error *error)
{
	struct vmp_scenario *s = NULL;
	char text[8192];
	int rc;

	snprintf(text, sizeof(text), "x = %s\nmap g\n", expression);
	rc = vmp_scenario_parse("test", text, strlen(text), &s, error);
	vmp_scenario_free(s);
	return rc;
}

/* `count` times `before`, a 1, and `count` times `after`. */
static char *nest(const char *before, unsigned int count, const char *after)
{
	size_t width = strlen(before) + strlen(after);
	char *text = calloc(count * width + 2, 1);

	ck_assert_ptr_nonnull(text);
	for (unsigned int i = 0; i < count; i++)
		strcat(text, before);
	strcat(text, "1");
	for (unsigned int i = 0; i < count; i++)
		strcat(text, after);
	return text;
}

static const struct {
	const char *before, *after;
	unsigned int most, column; /* of the one too many */
	const char *words;
} nests[] = {
	{ "(", ")", 31, 5 + 32, "nested deeper than 32 brackets" },
	{ "-", "", 31, 5 + 32, "nested deeper than 32 brackets" },
	{ "min(1,", ")", 31, 5 + 31 * 6 + 4, "nested deeper than 32 brackets" },
	{ "1+", "", 127, 5 + 2 * 128 - 1, "has more than 256 parts" },
	{ "1*", "", 127, 5 + 2 * 128 - 1, "has more than 256 parts" },
};

START_TEST(nests_so_deep)
{
	struct vmp_scenario_error error;
	char *text = nest(nests[_i].before, nests[_i].most, nests[_i].after);

	ck_assert_int_eq(parse_parameter(text, &error), 0);
	free(text);
	text = nest(nests[_i].before, nests[_i].most + 1, nests[_i].after);
	ck_assert_int_eq(parse_parameter(text, &error), -EINVAL);
	assert_holds(error.text, nests[_i].words);
	ck_assert_uint_eq(error.line, 1);
	ck_assert_uint_eq(error.column, nests[_i].column);
	free(text);
}
END_TEST

/* A bracket that ends gives its level back. */
START_TEST(nests_side_by_side)
{
	struct vmp_scenario_error error;
	char *one = nest("(", 31, ")"), text[512];

	snprintf(text, sizeof(text), "%s+%s+%s", one, one, one);
	ck_assert_int_eq(parse_parameter(text, &error), 0);
	free(one);
}
END_TEST

Suite *suite_expression(void)
{
	Suite *suite = suite_create("expression");
	TCase *value = tcase_create("value");
	TCase *bounds = tcase_create("bounds");

	tcase_add_loop_test(value, has_value, 0, VMP_COUNT(values));
	tcase_add_loop_test(value, fails_to_evaluate, 0, VMP_COUNT(failures));
	suite_add_tcase(suite, value);
	tcase_add_loop_test(bounds, nests_so_deep, 0, VMP_COUNT(nests));
	tcase_add_test(bounds, nests_side_by_side);
	suite_add_tcase(suite, bounds);
	return suite;
}
