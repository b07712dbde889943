// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of `vmaprobe top`: rows, their order, text of any width. */
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json.h>

#include "report/top.h"
#include "unit.h"

enum { LIMIT = 65530, MOST = 150 };

static const enum vmp_top_column usual[] = {
	VMP_TOP_PID,	 VMP_TOP_USER,	   VMP_TOP_MAPPINGS,
	VMP_TOP_PERCENT, VMP_TOP_HEADROOM, VMP_TOP_GROWTH,
	VMP_TOP_RATE,	 VMP_TOP_PEAK,	   VMP_TOP_COMMAND,
};

static struct vmp_ctx *ctx;
static struct vmp_watched processes[MOST];
static struct vmp_sample sample;
static struct vmp_top_report report;
static struct vmp_style style;
static char *text;

static void begin(void)
{
	ctx = vmp_new();
	memset(processes, 0, sizeof(processes));
	sample = (struct vmp_sample){ .limit = LIMIT,
				      .limit_before = LIMIT,
				      .unix_seconds = 1790000000.25,
				      .backend = VMP_WATCH_BPF,
				      .reason = "",
				      .processes = processes };
	report = (struct vmp_top_report){ .ctx = ctx,
					  .sample = &sample,
					  .columns = usual,
					  .column_count = VMP_COUNT(usual) };
	style = (struct vmp_style){ .width = 80 };
}

static void end(void)
{
	free(report.rows);
	report.rows = NULL;
	free(text);
	text = NULL;
	vmp_free(ctx);
}

/* The fullest has to be added first. */
static struct vmp_watched *add(pid_t pid, const char *command, int64_t mappings)
{
	struct vmp_watched *p = &processes[sample.count++];

	*p = (struct vmp_watched){ .pid = pid,
				   .start = 1000,
				   .user = 4000000001U,
				   .mappings = mappings,
				   .peak = mappings + 5 };
	snprintf(p->command, sizeof(p->command), "%s", command);
	for (int i = 0; i < VMP_OVER; i++)
		sample.over[i] += mappings * 100 >=
				  sample.limit * vmp_over_percent[i];
	return p;
}

static struct vmp_watched *add_grown(pid_t pid, int64_t mappings,
				     int64_t growth, double per_minute)
{
	struct vmp_watched *p = add(pid, "grown", mappings);

	p->seen_before = p->has_rate = true;
	p->growth = growth;
	p->per_minute = per_minute;
	return p;
}

static void choose(enum vmp_top_column sort, size_t most, double threshold)
{
	free(report.rows);
	ck_assert_int_eq(vmp_top_choose(&report, sort, most, threshold), 0);
}

enum form { TEXT, JSON, CSV };

static void print(enum form form)
{
	size_t size;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &size);
	if (form == TEXT)
		vmp_report_top(&report, &style, out);
	else if (form == JSON)
		vmp_report_top_json(&report, true, out);
	else
		vmp_report_top_csv(&report, true, out);
	fclose(out);
}

static void assert_rows(const char *pids)
{
	char found[200] = "";
	size_t used = 0;

	for (size_t i = 0; i < report.row_count; i++)
		used += (size_t)snprintf(found + used, sizeof(found) - used,
					 "%s%d", i ? " " : "",
					 (int)report.rows[i]->pid);
	ck_assert_str_eq(found, pids);
}

START_TEST(rows_are_chosen)
{
	add(1, "c", 60000);
	add(2, "b", 40000);
	add(3, "a", 100);
	choose(VMP_TOP_MAPPINGS, 0, 0);
	assert_rows("1 2 3");
	ck_assert_uint_eq(report.left_out, 0);
	choose(VMP_TOP_MAPPINGS, 2, 0);
	assert_rows("1 2");
	ck_assert_uint_eq(report.left_out, 1);
	choose(VMP_TOP_COMMAND, 2, 0);
	assert_rows("3 2");
	choose(VMP_TOP_MAPPINGS, 0, 61);
	assert_rows("1 2");
	choose(VMP_TOP_MAPPINGS, 1, 100.0 * 40000 / LIMIT);
	assert_rows("1");
	choose(VMP_TOP_MAPPINGS, 0, 101);
	assert_rows("");
	ck_assert_uint_eq(report.left_out, 3);
}
END_TEST

START_TEST(order_is_by_any_column)
{
	add_grown(7, 900, -5, 10.5);
	add(8, "unknown", 800);
	add_grown(6, 700, 20, -3);
	add_grown(5, 600, 20, 0);
	choose(VMP_TOP_GROWTH, 0, 0);
	assert_rows("6 5 7 8");
	choose(VMP_TOP_RATE, 0, 0);
	assert_rows("7 5 6 8");
	choose(VMP_TOP_PID, 0, 0);
	assert_rows("5 6 7 8");
	choose(VMP_TOP_HEADROOM, 0, 0);
	assert_rows("7 8 6 5");
	choose(VMP_TOP_USER, 0, 0);
	assert_rows("7 8 6 5");
	for (size_t i = 0; vmp_top_column_name(i); i++) {
		choose((enum vmp_top_column)i, 0, 0);
		ck_assert_uint_eq(report.row_count, 4);
	}
}
END_TEST

static size_t series(size_t most, double threshold)
{
	free(report.rows);
	ck_assert_int_eq(vmp_top_choose_series(&report, most, threshold), 0);
	ck_assert_uint_eq(report.row_count + report.left_out, sample.count);
	return report.row_count;
}

START_TEST(series_are_bounded)
{
	ck_assert_uint_eq(series(10, 50), 0);
	for (pid_t i = 0; i < MOST; i++)
		add(i + 1, "p", i < 20 ? 60000 - i : 100);
	ck_assert_uint_eq(series(10, 50), 20);
	ck_assert_uint_eq(series(30, 50), 30);
	ck_assert_uint_eq(series(10, 0), VMP_TOP_SERIES);
	ck_assert_uint_eq(series(0, 50), VMP_TOP_SERIES);
	ck_assert_uint_eq(series(1000, 50), VMP_TOP_SERIES);
	ck_assert_uint_eq(series(1, 200), 1);
}
END_TEST

static void assert_text(const char *piece)
{
	choose(VMP_TOP_MAPPINGS, 0, 0);
	print(TEXT);
	assert_holds(text, piece);
}

START_TEST(answer_comes_first)
{
	style.width = 200; /* up to 100 are used */
	assert_text("No process is among those that were asked for.\n");
	add(1, "systemd", 312);
	assert_text("systemd (1) holds 312 of 65,530 mappings, 0.4%: 65,218 "
		    "left.\n1 process, none at 50% or more. Counted by BPF.\n");
	add(2, "sh", 40);
	assert_text("No process is near vm.max_map_count (65,530): the fullest "
		    "is systemd (1) with 312, 0.4%.\n2 processes, none at 50% "
		    "or more. Counted by BPF.\n");
	sample.count = 0;
	add(4, "half", 52420);
	add(2, "sh", 40);
	assert_text("No process is at 80% of vm.max_map_count (65,530): the "
		    "fullest is half (4) with 52,420, 79.9%.\n");
	sample.count = 0;
	memset(sample.over, 0, sizeof(sample.over));
	add(5, "java", 60211);
	assert_text("java (5) holds 60,211 of 65,530 mappings, 91.8%: 5,319 "
		    "left.\n");
	add(6, "java", 60000);
	assert_text("2 of 2 processes are at 80% or more of vm.max_map_count "
		    "(65,530): the fullest is java (5) with\n60,211, 91.8%.\n"
		    "2 processes, 2 at 50% or more, 2 at 80%, 0 at 95%.");
}
END_TEST

/* What was not seen is not said to be fine. */
START_TEST(answer_is_of_those_that_were_seen)
{
	style.width = 200;
	sample.backend = VMP_WATCH_MAPS;
	sample.unreadable = 33;
	add(7, "vmaprobe", 77);
	assert_text("Only 1 of 34 processes could be read: vmaprobe (7) holds "
		    "77 of 65,530 mappings, 0.1%: 65,453 left.\n");
	add(8, "", 40);
	assert_text("Only 2 of 35 processes could be read, and none is near "
		    "vm.max_map_count (65,530): the fullest is\nvmaprobe (7) "
		    "with 77, 0.1%.\n");
	assert_text("(no name)\n");
	sample.unreadable = 1;
	assert_text("No process that could be read is near");
	sample.count = 0;
	add(4, "half", 52420);
	add(2, "sh", 40);
	assert_text("No process that could be read is at 80% of");
	sample.count = 0;
	add(5, "java", 60211);
	add(2, "sh", 40);
	assert_text("1 of 2 processes that could be read is at 80% or more of "
		    "vm.max_map_count (65,530): java (5) holds\n60,211, ");
	add(6, "java", 60000);
	assert_text("2 of 3 processes that could be read are at 80% or more "
		    "of");
	sample.unreadable = 0;
	sample.hides = true;
	assert_text("2 of 3 processes that /proc shows are at 80% or more of");
}
END_TEST

START_TEST(what_to_do_is_said)
{
	add(5, "", 65000);
	style.width = 200;
	assert_text("(no name) (5) holds 65,000 of 65,530 mappings, 99.1%: "
		    "530 left.\nvmaprobe explain 5 says who owns them.\n1 ");
	report.brief = true;
	assert_text(": 530 left.\n\n");
	processes[0].mappings = 60000;
	sample.over[2] = 0;
	report.brief = false;
	assert_text("\n1 process, ");
}
END_TEST

START_TEST(an_interval_that_is_not_kept)
{
	style.width = 200;
	add(5, "java", 100);
	report.interval = 0.5;
	report.took = 0.5;
	report.every = 0.5;
	assert_text(" Counted by BPF.\n");
	report.took = 1.31;
	report.every = 1.5;
	assert_text("Counted by BPF. A sample took 1.3 s: one each 1.5 s "
		    "instead of 0.5\ns.\n");
}
END_TEST

START_TEST(beyond_the_limit)
{
	add(5, "full", LIMIT + 1);
	add(6, "almost", LIMIT - 1);
	assert_text("100.0        -1");
	assert_text(" 99.9         1");
}
END_TEST

START_TEST(what_is_not_usual_is_said)
{
	struct vmp_watched *p = add(5, "old", 60211);

	style.width = 200;
	p->age_seconds = 11.2;
	sample.spaced = 1;
	sample.unreadable = 12;
	sample.limit_before = 262144;
	sample.backend = VMP_WATCH_MAPS;
	sample.reason = "needs CAP_BPF";
	sample.hides = true;
	assert_text("~60,211");
	assert_text("\n1 count is from before (~), up to 12 s old: ");
	assert_text("; 12 more could not be read");
	assert_text("vm.max_map_count was changed: it was 262,144.\n");
	assert_text("not by BPF: needs CAP_BPF.");
	assert_text("; /proc hides those of");
}
END_TEST

/* By BPF it is no matter of permission, and root could not either. */
START_TEST(what_bpf_misses_is_said)
{
	sample.unreadable = 12;
	assert_text("No process that can be counted is among those");
	add(1, "systemd", 312);
	style.width = 200;
	assert_text("\n1 process, none at 50% or more; 12 more could not be "
		    "counted. Counted by BPF.\n");
}
END_TEST

START_TEST(growth_has_a_sign)
{
	add_grown(1, 900, 1234, 98765.4);
	add_grown(2, 800, -7, -3.25);
	add_grown(3, 700, 0, 0.01);
	add(4, "new", 600);
	assert_text(" +1,234  +98,765  ");
	assert_text("     -7     -3.2  ");
	assert_text("      0        0  ");
	assert_text("      -        -     -  new");
}
END_TEST

static void assert_harmless(void)
{
	for (const char *p = text; *p; p++)
		ck_assert(*p == '\n' || *p == '\r' ||
			  ((unsigned char)*p >= 0x20 && *p != 0x7f));
}

START_TEST(names_are_harmless)
{
	add(5, "\033[2J\n\"x\302\233\377", 60211);
	assert_text("\\033[2J\\012\"x\\302\\233\\377 (5) holds");
	assert_harmless();
	print(CSV);
	assert_harmless();
	assert_holds(text, "\"\\033[2J\\012\"\"x\\302\\233\\377\"\r\n");
	print(JSON);
	assert_harmless();
	assert_holds(text, "\"\\u001b[2J\\n\\\"x\\u009b\xef\xbf\xbd\"");
	snprintf(processes[0].command, sizeof(processes[0].command),
		 "\303\251");
	assert_text("\\303\\251 (5) holds");
	style.unicode = true;
	assert_text("\303\251 (5) holds");
}
END_TEST

static size_t widest_line(void)
{
	size_t widest = 0, length;

	for (const char *p = text; *p; p += length + (p[length] == '\n')) {
		length = strcspn(p, "\n");
		widest = length > widest ? length : widest;
	}
	return widest;
}

START_TEST(any_terminal_is_wide_enough)
{
	static const enum vmp_top_column all[] = {
		VMP_TOP_PID,	   VMP_TOP_USER,     VMP_TOP_MAPPINGS,
		VMP_TOP_PERCENT,   VMP_TOP_HEADROOM, VMP_TOP_GROWTH,
		VMP_TOP_RATE,	   VMP_TOP_PEAK,     VMP_TOP_COMMAND,
		VMP_TOP_CONTAINER, VMP_TOP_CGROUP,   VMP_TOP_ARGUMENTS,
		VMP_TOP_UID,	   VMP_TOP_AGE,
	};

	report.columns = all;
	report.column_count = VMP_COUNT(all);
	report.mark = true;
	style.terminal = true;
	add_grown(4194303, 60211, 1234, 98765.4);
	add(5, "a-name-that-is-as-long-as-this-field-of-the-kernel-may-ever-be",
	    52000);
	choose(VMP_TOP_MAPPINGS, 0, 0);
	for (style.width = 40; style.width < 250; style.width += 7) {
		report.optional = style.width % 2 ? 0x1ff : 0;
		print(TEXT);
		ck_assert_uint_le(widest_line(), style.width);
	}
}
END_TEST

/* What people have is shown: the usual columns, in 80. */
START_TEST(usual_columns_fit_in_80)
{
	style.terminal = true;
	report.optional = 0x1ff;
	strcpy(add_grown(4194303, 60211, 1234, 1234.5)->command,
	       "as-long-as-comm");
	assert_text("    PID USER     MAPPINGS %LIMIT HEADROOM GROWTH   /MIN   "
		    "PEAK COMMAND\n4194303 4000000+");
	report.columns = (const enum vmp_top_column[]){
		VMP_TOP_PID,	 VMP_TOP_USER,	   VMP_TOP_MAPPINGS,
		VMP_TOP_PERCENT, VMP_TOP_HEADROOM, VMP_TOP_GROWTH,
		VMP_TOP_RATE,	 VMP_TOP_PEAK,	   VMP_TOP_COMMAND,
		VMP_TOP_CGROUP
	};
	report.column_count = 10;
	style.width = 60;
	assert_text("    PID MAPPINGS %LIMIT   /MIN COMMAND         CGROUP\n");
}
END_TEST

START_TEST(json_has_all_keys)
{
	static const struct {
		const char *path, *value;
	} promises[] = {
		{ "/schema", "\"vmaprobe.top/1\"" },
		{ "/unix_seconds", "1790000000.250" },
		{ "/samples_before", "0" },
		{ "/limit", "65530" },
		{ "/limit_before", "null" },
		{ "/backend", "\"bpf\"" },
		{ "/backend_reason", "null" },
		{ "/counts/processes", "2" },
		{ "/counts/over_80_percent", "1" },
		{ "/counts/left_out", "0" },
		{ "/processes/0/pid", "7" },
		{ "/processes/0/uid", "4000000001" },
		{ "/processes/0/user", "\"4000000001\"" },
		{ "/processes/0/mappings", "60211" },
		{ "/processes/0/limit_percent", "91.88" },
		{ "/processes/0/headroom", "5319" },
		{ "/processes/0/growth", "-3" },
		{ "/processes/0/growth_per_minute", "-90.25" },
		{ "/processes/0/peak", "60216" },
		{ "/processes/0/command", "\"grown\"" },
		{ "/processes/0/age_seconds", "0.0" },
		{ "/processes/1/growth", "null" },
		{ "/processes/1/peak", "null" },
	};
	struct json_object *o, *value;

	add_grown(7, 60211, -3, -90.25);
	add(8, "new", 1);
	choose(VMP_TOP_MAPPINGS, 0, 0);
	print(JSON);
	o = json_tokener_parse(text);
	ck_assert_ptr_nonnull(o);
	for (size_t i = 0; i < VMP_COUNT(promises); i++) {
		ck_assert_int_eq(json_pointer_get(o, promises[i].path, &value),
				 0);
		ck_assert_str_eq(json_object_to_json_string_ext(
					 value, JSON_C_TO_STRING_NOSLASHESCAPE),
				 promises[i].value);
	}
	json_object_put(o);
}
END_TEST

START_TEST(csv_has_the_columns)
{
	add_grown(7, 60211, -3, -90.25);
	add(8, "new", 1);
	choose(VMP_TOP_MAPPINGS, 0, 0);
	print(CSV);
	ck_assert_str_eq(
		text,
		"unix_seconds,limit,pid,user,mappings,limit_percent,headroom,"
		"growth,growth_per_minute,peak,command\r\n"
		"1790000000.250,65530,7,\"4000000001\",60211,91.88,5319,-3,"
		"-90.25,60216,\"grown\"\r\n"
		"1790000000.250,65530,8,\"4000000001\",1,0.00,65529,,,,"
		"\"new\"\r\n");
}
END_TEST

/* Wide characters, accents, and bytes that are none. */
START_TEST(lines_are_cut_by_columns)
{
	static const char line[] = "\033[1mab\033[0m\344\270\255c\377d";
	size_t used;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return;
	ck_assert_uint_eq(vmp_fitting(line, strlen(line), 99, &used),
			  strlen(line));
	ck_assert_uint_eq(used, 7);
	/* half of a wide one is none of it */
	ck_assert_uint_eq(vmp_fitting(line, strlen(line), 3, &used), 10);
	ck_assert_uint_eq(used, 2);
	ck_assert_uint_eq(vmp_fitting(line, strlen(line), 4, &used), 13);
	ck_assert_uint_eq(used, 4);
	ck_assert_uint_eq(vmp_fitting(line, 0, 4, &used), 0);
	setlocale(LC_CTYPE, "C");
}
END_TEST

Suite *suite_top(void)
{
	Suite *suite = suite_create("top");
	TCase *tcase = tcase_create("top");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, rows_are_chosen);
	tcase_add_test(tcase, order_is_by_any_column);
	tcase_add_test(tcase, series_are_bounded);
	tcase_add_test(tcase, answer_comes_first);
	tcase_add_test(tcase, answer_is_of_those_that_were_seen);
	tcase_add_test(tcase, what_to_do_is_said);
	tcase_add_test(tcase, an_interval_that_is_not_kept);
	tcase_add_test(tcase, beyond_the_limit);
	tcase_add_test(tcase, what_is_not_usual_is_said);
	tcase_add_test(tcase, what_bpf_misses_is_said);
	tcase_add_test(tcase, growth_has_a_sign);
	tcase_add_test(tcase, names_are_harmless);
	tcase_add_test(tcase, any_terminal_is_wide_enough);
	tcase_add_test(tcase, usual_columns_fit_in_80);
	tcase_add_test(tcase, json_has_all_keys);
	tcase_add_test(tcase, csv_has_the_columns);
	tcase_add_test(tcase, lines_are_cut_by_columns);
	return suite;
}
