// SPDX-License-Identifier: GPL-2.0-or-later
/* Names looked up: scenarios, errnos, and the nearest to a wrong one. */
#include <errno.h>
#include <string.h>

#include "unit.h"

START_TEST(loads_builtin)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *s;
	const char *name = vmp_builtins[_i].name;

	ck_assert_int_eq(vmp_scenario_load(name, &s, &error), 0);
	ck_assert_str_eq(s->name, name);
	ck_assert_uint_gt(strlen(s->summary), 10);
	ck_assert_uint_gt(s->step_count, 0);
	ck_assert_uint_gt(s->expectation_count, 0);
	vmp_scenario_free(s);
}
END_TEST

START_TEST(loads_file)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *s;
	char path[200];

	scratch_text("dir/mine.vma", "# Mine\nmap g\n");
	snprintf(path, sizeof(path), "%s/dir/mine.vma", scratch_root());
	ck_assert_int_eq(vmp_scenario_load(path, &s, &error), 0);
	ck_assert_str_eq(s->name, "mine.vma");
	ck_assert_str_eq(s->summary, "Mine");
	vmp_scenario_free(s);
	snprintf(path, sizeof(path), "%s/dir", scratch_root());
	ck_assert_int_eq(vmp_scenario_load(path, &s, &error), -EISDIR);
	ck_assert_str_eq(error.text, "Is a directory");
}
END_TEST

static const struct {
	const char *value, *words;
} missing[] = {
	{ "interleav", "did you mean \"interleave\"?" },
	{ "zzz", "no such scenario: \"vmaprobe list\" names them" },
	{ "", "no such scenario" },
	{ ".vma", "no such scenario" },
	{ "none.vma", "No such file" },
	{ "none/interleave", "No such file" },
};

START_TEST(misses_scenario)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *s;

	ck_assert_int_eq(vmp_scenario_load(missing[_i].value, &s, &error),
			 -ENOENT);
	assert_holds(error.text, missing[_i].words);
	ck_assert_uint_eq(error.line, 0);
}
END_TEST

START_TEST(names_errnos)
{
	static const int errnos[] = { ENOMEM, EAGAIN,	     EINVAL, EPERM,
				      EACCES, EADDRNOTAVAIL, ERANGE };

	for (size_t i = 0; i < VMP_COUNT(errnos); i++) {
		const char *name = vmp_errno_name(errnos[i]);

		ck_assert_ptr_nonnull(name);
		ck_assert_int_eq(vmp_errno_number(name, strlen(name)),
				 errnos[i]);
		ck_assert_int_eq(vmp_errno_number(name, strlen(name) - 1), 0);
	}
	ck_assert_ptr_null(vmp_errno_name(0));
	ck_assert_ptr_null(vmp_errno_name(-1));
	ck_assert_int_eq(vmp_errno_number("", 0), 0);
	ck_assert_int_eq(vmp_errno_number("enomem", 6), 0);
	ck_assert_int_eq(vmp_errno_number("99", 2), 99);
	ck_assert_int_eq(vmp_errno_number("99", 1), 9);
	ck_assert_int_eq(vmp_errno_number("99x", 3), 0);
	ck_assert_int_eq(vmp_errno_number("4096", 4), 0);
}
END_TEST

static const char *fruit(size_t i)
{
	static const char *const names[] = { "apple", "pear", "grapefruit" };

	return i < VMP_COUNT(names) ? names[i] : NULL;
}

START_TEST(finds_closest)
{
	char longer[41] = "";

	ck_assert_str_eq(vmp_closest("aple", fruit), "apple");
	ck_assert_str_eq(vmp_closest("bear", fruit), "pear");
	ck_assert_str_eq(vmp_closest("grape", fruit), "grapefruit");
	ck_assert_ptr_null(vmp_closest("", fruit));
	ck_assert_ptr_null(vmp_closest("zzzzzz", fruit));
	memset(longer, 'a', sizeof(longer) - 1);
	ck_assert_ptr_null(vmp_closest(longer, fruit));
	{
		char longest[81] = ""; /* KNOWN BUG */

		memset(longest, 'z', 80);
		ck_assert_ptr_null(vmp_closest(longest, fruit));
	}
}
END_TEST

Suite *suite_load(void)
{
	Suite *suite = suite_create("load");
	TCase *load = tcase_create("load");

	tcase_add_unchecked_fixture(load, scratch_begin, scratch_end);
	tcase_add_loop_test(load, loads_builtin, 0, (int)vmp_builtin_count);
	tcase_add_test(load, loads_file);
	tcase_add_loop_test(load, misses_scenario, 0, VMP_COUNT(missing));
	tcase_add_test(load, names_errnos);
	tcase_add_test(load, finds_closest);
	suite_add_tcase(suite, load);
	return suite;
}
