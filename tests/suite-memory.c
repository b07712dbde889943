// SPDX-License-Identifier: GPL-2.0-or-later
/* What a plan needs, and when it is refused for want of memory. */
#include <string.h>

#include "engine/plan.h"
#include "unit.h"

enum { PAGE = 4096, START = 27, LARGEST = 2147483642 };
#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Returns: does it fit? Fails the test where it cannot be planned at all. */
static bool fits(const char *text, int64_t limit, uint64_t available,
		 uint64_t cgroup, char *reason, size_t size)
{
	struct vmp_limits limits = {
		.max_map_count = limit,
		.page_bytes = PAGE,
		.available_bytes = available,
		.cgroup_available_bytes = cgroup,
	};
	struct vmp_scenario *s = parse_text(text);
	struct vmp_scenario_error error;
	struct vmp_plan plan;
	bool answer;

	ck_assert_int_eq(vmp_plan_init(&plan, s, &limits, START, 0, &error), 0);
	reason[0] = '\0';
	answer = vmp_plan_fits(&plan, &limits, reason, size);
	vmp_plan_fini(&plan);
	vmp_scenario_free(s);
	return answer;
}

#define CUT "pages = 2 * limit\nmap page count=pages\nunmap page every=2\n"

static const struct {
	const char *text;
	int64_t limit;
	uint64_t available, cgroup;
	bool fits;
	const char *words;
} rows[] = {
	{ "map g", 1000, GIB, VMP_UNLIMITED, true, "" },
	{ CUT, 300, GIB, VMP_UNLIMITED, true, "" },
	{ CUT, 65530, GIB, VMP_UNLIMITED, true, "" },
	{ CUT, 1048576, GIB, VMP_UNLIMITED, true, "" },
	{ CUT, LARGEST, 16 * GIB, VMP_UNLIMITED, false,
	  "it would hold up to 2,147,483,643 mappings, which takes about 460.0 "
	  "GiB of kernel memory" },
	{ CUT, LARGEST, 4096 * GIB, VMP_UNLIMITED, true, "" },
	/* a figure that the system does not tell refuses nothing */
	{ CUT, LARGEST, VMP_UNLIMITED, VMP_UNLIMITED, true, "" },
	/* the smaller of both counts, and is named */
	{ CUT, LARGEST, 16 * GIB, GIB, false, "the memory cgroup has 1 GiB" },
	{ CUT, LARGEST, 16 * GIB, 32 * GIB, false,
	  "this machine has 16 GiB available" },
	{ CUT, 65530, 16 * GIB, MIB, false, "the memory cgroup has 1 MiB" },
	{ CUT, LARGEST, 16 * GIB, 0, false, "the memory cgroup has 0 bytes" },
	/* fill leaves as many as it says */
	{ "fill leave=0", LARGEST, 16 * GIB, VMP_UNLIMITED, false,
	  "up to 2,147,483,642 mappings" },
	{ "fill leave=-1", LARGEST, 16 * GIB, VMP_UNLIMITED, false,
	  "up to 2,147,483,643 mappings" },
	{ "fill leave=limit-100", LARGEST, 16 * GIB, VMP_UNLIMITED, true, "" },
	/* KNOWN BUG: what was held before counts too */
	{ "fill leave=0\nfill leave=limit-100", LARGEST, 16 * GIB,
	  VMP_UNLIMITED, false, "" },
	/* pages that are written take memory themselves */
	{ "map g count=4 length=1G", 1000, GIB, VMP_UNLIMITED, true, "" },
	{ "map g count=4 length=1G\ntouch g", 1000, GIB, VMP_UNLIMITED, false,
	  "and 4.0 GiB of memory in use" },
	{ "map g count=4 length=1G\nlock g", 1000, GIB, VMP_UNLIMITED, false,
	  "and 4.0 GiB of memory in use" },
	{ "map g count=4 length=1G\ntouch g length=1p", 1000, GIB,
	  VMP_UNLIMITED, true, "" },
	{ "map g count=4 length=1G\ntouch g from=3", 1000, 2 * GIB,
	  VMP_UNLIMITED, true, "" },
	{ "map g count=4 length=1G\ntouch g stride=1M", 1000, GIB,
	  VMP_UNLIMITED, false, "and 4.0 GiB of memory in use" },
	{ "map g length=1p\nresize g size=1G\ntouch g", 1000, GIB,
	  VMP_UNLIMITED, false, "and 1.0 GiB of memory in use" },
	/* malloc and a waiting thread write some pages of theirs */
	{ "malloc b size=1M count=1G", LARGEST, GIB, VMP_UNLIMITED, false,
	  "Smaller parameters (--set) make it fit" },
	{ "thread size=1M count=1M", LARGEST, GIB, VMP_UNLIMITED, false, "" },
	/* sums that do not fit into 64 bits */
	{ "map g count=1M length=16384G\ntouch g", 1000, GIB, VMP_UNLIMITED,
	  false, "" },
	/* the list of regions is memory too */
	{ "map g count=1G", 1000, GIB, VMP_UNLIMITED, false,
	  "and 16.0 GiB of memory in use" },
};

START_TEST(asks_for_memory)
{
	char reason[768];
	bool answer = fits(rows[_i].text, rows[_i].limit, rows[_i].available,
			   rows[_i].cgroup, reason, sizeof(reason));

	ck_assert_msg(answer == rows[_i].fits, "%s: %s", rows[_i].text, reason);
	assert_holds(reason, rows[_i].words);
	if (!answer)
		assert_holds(reason, "Nothing was mapped.");
}
END_TEST

START_TEST(cuts_reason)
{
	char reason[16];

	memset(reason, 0x5a, sizeof(reason));
	ck_assert(!fits(CUT, LARGEST, GIB, VMP_UNLIMITED, reason,
			sizeof(reason)));
	ck_assert_str_eq(reason, "it would hold u");
}
END_TEST

/* Mappings that a plan holds at most: never more than one over the limit. */
static const struct {
	const char *text;
	uint64_t mappings;
} holdings[] = {
	{ "map g count=10", START + 10 },
	{ "map g count=1000", 1001 },
	{ "map g count=10\nunmap g", START + 20 },
	{ "map g count=10\nprotect g prot=none", START + 30 },
	{ "map g count=10\ntouch g", START + 10 },
	{ "fork count=500", START },
	{ "thread size=1M count=3", START + 6 },
	{ "fill leave=10", 990 },
	{ "fill leave=10\nmap g count=5", 995 },
	/* KNOWN BUGS */
	{ "fill leave=10\nfill leave=900", 990 },
	{ "fill leave=2000", START },
	{ "fill leave=10\nmap g count=50", 1001 },
};

START_TEST(counts_mappings)
{
	struct vmp_limits limits = { .max_map_count = 1000,
				     .page_bytes = PAGE };
	struct vmp_scenario *s = parse_text(holdings[_i].text);
	struct vmp_scenario_error error;
	struct vmp_plan plan;

	ck_assert_int_eq(vmp_plan_init(&plan, s, &limits, START, 0, &error), 0);
	ck_assert_uint_eq(plan.mappings, holdings[_i].mappings);
	ck_assert_uint_ge(plan.kernel_bytes, plan.mappings * 192);
	ck_assert_uint_ge(plan.touched_bytes, plan.file_bytes);
	vmp_plan_fini(&plan);
	vmp_scenario_free(s);
}
END_TEST

/* The built-in ones can be planned at any limit. */
START_TEST(plans_builtin)
{
	static const int64_t most[] = { 300, 1000, 65530, 1048576, LARGEST };
	struct vmp_scenario_error error;
	struct vmp_scenario *s;
	struct vmp_step_order o;
	struct vmp_plan plan;

	ck_assert_int_eq(vmp_scenario_load(vmp_builtins[_i].name, &s, &error),
			 0);
	for (size_t i = 0; i < VMP_COUNT(most); i++) {
		struct vmp_limits limits = { .max_map_count = most[i],
					     .page_bytes = PAGE };
		int rc = vmp_plan_init(&plan, s, &limits, START, 0, &error);

		ck_assert_msg(rc == 0, "%s", error.text);
		for (size_t step = 0; step < s->step_count; step++)
			ck_assert_int_eq(
				vmp_plan_order(&plan, step, &o, &error), 0);
		vmp_plan_fini(&plan);
	}
	vmp_scenario_free(s);
}
END_TEST

Suite *suite_memory(void)
{
	Suite *suite = suite_create("memory");
	TCase *needs = tcase_create("needs");

	tcase_add_loop_test(needs, asks_for_memory, 0, VMP_COUNT(rows));
	tcase_add_test(needs, cuts_reason);
	tcase_add_loop_test(needs, counts_mappings, 0, VMP_COUNT(holdings));
	tcase_add_loop_test(needs, plans_builtin, 0, (int)vmp_builtin_count);
	suite_add_tcase(suite, needs);
	return suite;
}
