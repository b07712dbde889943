// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics of a sample: whatever processes call themselves, they are in order. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "report/top.h"
#include "unit.h"

enum { LIMIT = 65530, MOST = 2000 };

static struct vmp_ctx *ctx;
static struct vmp_watched processes[MOST];
static const struct vmp_watched *rows[MOST];
static struct vmp_sample sample;
static struct vmp_top_report report;
static char *text;

static void begin(void)
{
	scratch_begin();
	ctx = scratch_ctx();
	memset(processes, 0, sizeof(processes));
	sample = (struct vmp_sample){
		.unix_seconds = 1790000000.25,
		.cost_seconds = 0.000214,
		.limit = LIMIT,
		.limit_before = LIMIT,
		.backend = VMP_WATCH_BPF,
		.reason = "",
		.processes = processes,
		.unreadable = 7,
		.over = { 3, 2, 1 },
	};
	report = (struct vmp_top_report){ .ctx = ctx,
					  .sample = &sample,
					  .rows = rows };
}

static void end(void)
{
	free(text);
	text = NULL;
	vmp_free(ctx);
	scratch_end();
}

static struct vmp_watched *add(pid_t pid, const char *command, int64_t mappings)
{
	struct vmp_watched *p = &processes[sample.count++];

	*p = (struct vmp_watched){ .pid = pid,
				   .start = 1000,
				   .mappings = mappings,
				   .peak = mappings + 5 };
	snprintf(p->command, sizeof(p->command), "%s", command);
	return p;
}

static void add_row(pid_t pid, const char *command, int64_t mappings)
{
	rows[report.row_count++] = add(pid, command, mappings);
}

static const char *print(void)
{
	size_t size;
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	vmp_report_top_metrics(&report, out);
	fclose(out);
	return text;
}

/* How often is it there? */
static size_t count(const char *piece)
{
	size_t found = 0;

	for (const char *at = text; (at = strstr(at, piece)); at++)
		found++;
	return found;
}

/* No series is there twice. */
static void assert_unique(void)
{
	char *copy = strdup(text), *lines[4 * MOST], *rest = copy;
	size_t n = 0;

	for (char *line; (line = strsep(&rest, "\n"));)
		if (*line && *line != '#') {
			*strrchr(line, ' ') = '\0';
			lines[n++] = line;
		}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(lines[i], lines[j]);
	free(copy);
}

static void assert_order(const char *first, const char *then)
{
	ck_assert(strstr(text, first) < strstr(text, then));
}

/* The sum of the values of a family of comm. */
static long long sum_of(const char *name)
{
	long long sum = 0;

	for (const char *at = text; (at = strstr(at, name)); at++)
		if (at[-1] == '\n')
			sum += atoll(strstr(at, "\"} ") + 3);
	return sum;
}

START_TEST(says_all)
{
	add_row(4711, "java", 60000);
	add(1, "init", 20);
	print();
	assert_holds(text,
		     "# TYPE vmaprobe_map_count_limit gauge\n"
		     "# HELP vmaprobe_map_count_limit The most mappings a "
		     "process may have: vm.max_map_count.\n"
		     "vmaprobe_map_count_limit 65530\n");
	assert_holds(text, "# TYPE vmaprobe_process_mappings gauge\n"
			   "# UNIT vmaprobe_process_mappings mappings\n");
	assert_holds(text, "\nvmaprobe_process_mappings{pid=\"4711\","
			   "comm=\"java\",cgroup=\"\"} 60000\n");
	assert_holds(text, "\nvmaprobe_process_mappings_peak{pid=\"4711\","
			   "comm=\"java\",cgroup=\"\"} 60005\n");
	assert_holds(text, "\nvmaprobe_process_headroom_ratio{pid=\"4711\","
			   "comm=\"java\",cgroup=\"\"} 0.084389\n");
	assert_holds(text, "\nvmaprobe_comm_mappings{comm=\"init\"} 20\n");
	assert_holds(text, "\nvmaprobe_comm_processes{comm=\"init\"} 1\n");
	assert_holds(text, "\nvmaprobe_processes 2\n");
	assert_holds(text, "\nvmaprobe_processes_over{percent=\"50\"} 3\n"
			   "vmaprobe_processes_over{percent=\"80\"} 2\n"
			   "vmaprobe_processes_over{percent=\"95\"} 1\n");
	assert_holds(text, "\nvmaprobe_processes_unreadable 7\n");
	assert_holds(text, "\nvmaprobe_sample_cost_seconds 0.000214\n");
	assert_holds(text, "\nvmaprobe_sample_timestamp_seconds "
			   "1790000000.250\n");
	assert_holds(text, "\nvmaprobe_build_info{version=\"" PACKAGE_VERSION
			   "\",backend=\"bpf\"} 1\n# EOF\n");
	ck_assert_uint_eq(count("# EOF\n"), 1);
	ck_assert_uint_eq(count("# TYPE"), count("# HELP"));
	ck_assert_uint_eq(count("java"), 3);
}
END_TEST

START_TEST(says_nothing_of_nobody)
{
	print();
	ck_assert_uint_eq(count("{pid="), 0);
	ck_assert_uint_eq(count("{comm="), 0);
	assert_holds(text, "\nvmaprobe_processes 0\n");
}
END_TEST

/* What a process calls itself, and what becomes of it. */
static const struct {
	const char *command, *label;
} names[] = {
	{ "", "" },
	{ "a\"b", "a\\\"b" },
	{ "back\\slash", "back\\\\slash" },
	{ "\\", "\\\\" },
	{ "\\\"", "\\\\\\\"" },
	{ "x\",pid=\"1", "x\\\",pid=\\\"1" },
	{ "x\"} 1\ny{z=\"", "x\\\"} 1?y{z=\\\"" },
	{ "new\nline", "new?line" },
	{ "# EOF\n", "# EOF?" },
	{ "\x1b[2Jred", "?[2Jred" },
	{ "\x7f\r\t\b", "????" },
	{ "caf\xc3\xa9", "caf\xc3\xa9" },
	{ "cut \xc3", "cut ?" },
	{ "\xff\xfe", "??" },
	{ "\xed\xa0\x80", "???" }, /* a surrogate */
	{ "\xc0\xaf", "??" },	   /* overlong */
	{ "\xe2\x80\xae"
	  "gpj",
	  "?gpj" }, /* right to left */
	{ "\xc2\x9b"
	  "2J",
	  "?2J" }, /* C1 */
	{ "\xf0\x9f\x92\xa5", "\xf0\x9f\x92\xa5" },
	{ "123456789012345678901234567890123456789012345678901234567890123",
	  "123456789012345678901234567890123456789012345678901234567890123" },
};

START_TEST(makes_names_harmless)
{
	char wanted[400];

	add_row(2, names[_i].command, 50000);
	add(3, names[_i].command, 10);
	print();
	snprintf(wanted, sizeof(wanted),
		 "\nvmaprobe_process_mappings{pid=\"2\",comm=\"%s\","
		 "cgroup=\"\"} 50000\n",
		 names[_i].label);
	assert_holds(text, wanted);
	snprintf(wanted, sizeof(wanted),
		 "\nvmaprobe_comm_mappings{comm=\"%s\"} 10\n", names[_i].label);
	assert_holds(text, wanted);
}
END_TEST

START_TEST(adds_names_that_become_one)
{
	add(2, "\xff", 10);
	add(3, "?", 20);
	add(4, "\n", 30);
	add(5, "??", 40);
	print();
	assert_holds(text, "\nvmaprobe_comm_mappings{comm=\"?\"} 60\n"
			   "vmaprobe_comm_mappings{comm=\"??\"} 40\n");
	assert_holds(text, "\nvmaprobe_comm_processes{comm=\"?\"} 3\n");
	assert_unique();
}
END_TEST

START_TEST(bounds_names)
{
	char name[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "n%d", i % 500);
		add(1000 + i, name, 10 + i % 500);
	}
	print();
	ck_assert_uint_eq(count("\nvmaprobe_comm_mappings{"), 51);
	ck_assert_uint_eq(count("\nvmaprobe_comm_processes{"), 51);
	assert_holds(text, "{comm=\"n499\"} 1018\n");
	assert_holds(text, "{comm=\"n450\"} 920\n");
	ck_assert_uint_eq(count("{comm=\"n449\"}"), 0);
	assert_holds(text, "{comm=\"(all other commands)\"} 900\n");
	ck_assert_int_eq(sum_of("vmaprobe_comm_processes"), 1000);
	ck_assert_int_eq(sum_of("vmaprobe_comm_mappings"),
			 2 * (500 * 10 + 500 * 499 / 2));
	assert_unique();
}
END_TEST

START_TEST(names_fifty)
{
	char name[16];

	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		add(1000 + i, name, 10);
	}
	print();
	ck_assert_uint_eq(count("\nvmaprobe_comm_mappings{"), 50);
	ck_assert_uint_eq(count("(all other commands)"), 0);
}
END_TEST

START_TEST(has_one_row_a_pid)
{
	add_row(7, "twice", 100);
	add_row(7, "twice", 90);
	add_row(8, "once", 80);
	rows[report.row_count++] = rows[0];
	print();
	ck_assert_uint_eq(count("\nvmaprobe_process_mappings{pid=\"7\""), 1);
	ck_assert_uint_eq(count("\nvmaprobe_process_mappings{pid=\"8\""), 1);
	ck_assert_uint_eq(count("{comm="), 0);
	assert_unique();
}
END_TEST

START_TEST(keeps_an_order)
{
	char *first;

	add_row(30, "c", 300);
	add_row(10, "a", 200);
	add_row(20, "b", 100);
	add(3, "z", 1);
	add(4, "y", 2);
	first = strdup(print());
	assert_order("pid=\"10\"", "pid=\"20\"");
	assert_order("pid=\"20\"", "pid=\"30\"");
	assert_order("comm=\"y\"", "comm=\"z\"");
	rows[0] = &processes[2];
	rows[1] = &processes[0];
	rows[2] = &processes[1];
	ck_assert_str_eq(print(), first);
	free(first);
}
END_TEST

static const struct {
	int64_t mappings, limit;
	const char *ratio;
} ratios[] = {
	{ 0, LIMIT, "1.000000" },
	{ LIMIT, LIMIT, "0.000000" },
	{ LIMIT + 1, LIMIT, "0.000000" }, /* the stack may grow beyond */
	{ 65000, 1000, "0.000000" },	  /* the limit was lowered */
	{ 5, 0, "0.000000" },
	{ 1, 1048576, "0.999999" },
};

START_TEST(has_a_ratio)
{
	char wanted[100];

	sample.limit = ratios[_i].limit;
	add_row(9, "x", ratios[_i].mappings);
	print();
	snprintf(wanted, sizeof(wanted),
		 "\nvmaprobe_process_headroom_ratio{pid=\"9\",comm=\"x\","
		 "cgroup=\"\"} %s\n",
		 ratios[_i].ratio);
	assert_holds(text, wanted);
}
END_TEST

START_TEST(obeys_no_locale)
{
	if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR"))
		setlocale(LC_ALL, "C");
	print();
	assert_holds(text, "vmaprobe_sample_cost_seconds 0.000214\n");
}
END_TEST

/* Field 22 of stat is the start. */
#define STAT(start) \
	"5 (x) S 1 5 5 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " start " 9 9 9 0\n"

START_TEST(says_the_cgroup)
{
	add_row(5, "x", 9);
	scratch_text("5/stat", STAT("1000"));
	scratch_text("5/cgroup", "0::/system.slice/getty\\x2dx\".service\n");
	print();
	assert_holds(text, "cgroup=\"/system.slice/getty\\\\x2dx\\\""
			   ".service\"} 9\n");
}
END_TEST

START_TEST(says_the_end_of_a_long_cgroup)
{
	char path[3000] = "0::";
	const char *at;

	while (strlen(path) < sizeof(path) - 30)
		strcat(path, "/caf\xc3\xa9s");
	strcat(path, "/the end\n");
	add_row(5, "x", 9);
	scratch_text("5/stat", STAT("1000"));
	scratch_text("5/cgroup", path);
	print();
	at = strstr(text, "cgroup=\"");
	ck_assert(!strncmp(at, "cgroup=\"...", 11));
	ck_assert_int_eq(strstr(at, "/the end\"} 9\n") + 8 - at, 8 + 256);
}
END_TEST

Suite *suite_metrics(void)
{
	Suite *suite = suite_create("metrics");
	TCase *c = tcase_create("metrics");

	tcase_add_checked_fixture(c, begin, end);
	tcase_add_test(c, says_all);
	tcase_add_test(c, says_nothing_of_nobody);
	tcase_add_loop_test(c, makes_names_harmless, 0, VMP_COUNT(names));
	tcase_add_test(c, adds_names_that_become_one);
	tcase_add_test(c, bounds_names);
	tcase_add_test(c, names_fifty);
	tcase_add_test(c, has_one_row_a_pid);
	tcase_add_test(c, keeps_an_order);
	tcase_add_loop_test(c, has_a_ratio, 0, VMP_COUNT(ratios));
	tcase_add_test(c, obeys_no_locale);
	tcase_add_test(c, says_the_cgroup);
	tcase_add_test(c, says_the_end_of_a_long_cgroup);
	suite_add_tcase(suite, c);
	return suite;
}
