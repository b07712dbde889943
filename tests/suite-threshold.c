// SPDX-License-Identifier: GPL-2.0-or-later
/* Thresholds, judging by them, the products, and text in a plugin's line. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "report/check.h"
#include "unit.h"
#include "watch/product.h"

static const struct {
	const char *text;
	double start, end;
	bool inside, percent;
	const char *in_mappings; /* of 65,530 */
} ranges[] = {
	{ "80%", 0, 80, false, true, "52424" },
	{ "95%", 0, 95, false, true, "62253.5" },
	{ "18.8%", 0, 18.8, false, true, "12319.64" },
	{ "0%", 0, 0, false, true, "0" },
	{ "100%", 0, 100, false, true, "65530" },
	{ "~:90%", -INFINITY, 90, false, true, "58977" },
	{ "0%:90%", 0, 90, false, true, "58977" },
	{ "40%:", 40, INFINITY, false, true, "26212:" },
	{ "10%:20%", 10, 20, false, true, "6553:13106" },
	{ "@80%", 0, 80, true, true, "52425:" },
	{ "@80%:90%", 80, 90, true, true, "@52424:58977" },
	{ "@~:90%", -INFINITY, 90, true, true, "58978:" },
	{ "1000:", 1000, INFINITY, false, false, "64530" },
	{ "0:", 0, INFINITY, false, false, "65530" },
	{ "-1:", -1, INFINITY, false, false, "65531" },
	{ "100000:", 100000, INFINITY, false, false, "~:-34470" },
	{ "1000:2000", 1000, 2000, false, false, "63530:64530" },
	{ "~:", -INFINITY, INFINITY, false, false, "~:" },
	{ "~:1000", -INFINITY, 1000, false, false, "64530:" },
	/* headroom may be -1, which is no reason to be content */
	{ "@0:500", -INFINITY, 500, true, false, "65029" },
	{ "@500", -INFINITY, 500, true, false, "65029" },
	{ "@1:500", 1, 500, true, false, "@65030:65529" },
	{ "@18.8%:", 18.8, INFINITY, true, true, "12319" },
	{ "@18.8%", 0, 18.8, true, true, "12320:" },
	{ "@1%:", 1, INFINITY, true, true, "655" },
	{ "@0%:", 0, INFINITY, true, true, "@0:" },
	{ "@~:", -INFINITY, INFINITY, true, false, "@~:" },
};

START_TEST(reads_range)
{
	struct vmp_threshold t;
	char text[80] = "";

	ck_assert_msg(vmp_threshold_parse(ranges[_i].text, &t, text,
					  sizeof(text)) == 0,
		      "%s: %s", ranges[_i].text, text);
	ck_assert_double_eq(t.start, ranges[_i].start);
	ck_assert_double_eq(t.end, ranges[_i].end);
	ck_assert_int_eq(t.inside, ranges[_i].inside);
	ck_assert_int_eq(t.percent, ranges[_i].percent);
	ck_assert_str_eq(vmp_threshold_in_mappings(&t, 65530, text,
						   sizeof(text)),
			 ranges[_i].in_mappings);
}
END_TEST

static const struct {
	const char *text, *reason;
} wrong[] = {
	{ "", "character 1: expected a number" },
	{ "@", "character 2: expected a number" },
	{ ":", "character 1: expected a number" },
	{ ":80%", "character 1: expected a number" },
	{ "80", "character 1: a plain number" },
	{ "1000", "character 1: a plain number" },
	{ "~", "character 2: expected \":\"" },
	{ "~80%", "character 2: expected \":\"" },
	{ "@~80%", "character 3: expected \":\"" },
	{ "80%%", "character 4: this is no part" },
	{ "80% ", "character 4: this is no part" },
	{ " 80%", "character 1: expected a number" },
	{ "80 %", "character 3: this is no part" },
	{ "8.%", "character 2: this is no part" },
	{ "1e3:", "character 2: this is no part" },
	{ "0x10:", "character 2: this is no part" },
	{ "1,000:", "character 2: this is no part" },
	{ "nan:", "character 1: expected a number" },
	{ "inf", "character 1: expected a number" },
	{ "1:2:3", "character 4: this is no part" },
	{ "1000:~", "character 6: this is no part" },
	{ "@@0:5", "character 2: expected a number" },
	{ "120%", "character 1: expected 0 to 100" },
	{ "-5%", "character 1: expected 0 to 100" },
	{ "10%:101%", "character 5: expected 0 to 100" },
	{ "10%:90", "percent on one side" },
	{ "10:90%", "percent on one side" },
	{ "90%:10%", "character 1: the range begins above" },
	{ "5:-5", "character 1: the range begins above" },
	{ "99999999999:", "character 1: no limit is as high" },
	{ "80%|x", "character 4: this is no part" },
};

START_TEST(refuses_range)
{
	struct vmp_threshold t = { .start = 7 };
	char reason[200] = "";

	ck_assert_int_eq(vmp_threshold_parse(wrong[_i].text, &t, reason,
					     sizeof(reason)),
			 -EINVAL);
	assert_holds(reason, wrong[_i].reason);
	ck_assert_double_eq(t.start, 7);
}
END_TEST

static const struct {
	const char *text;
	int64_t limit, last_fine, first_raised;
} edges[] = {
	{ "80%", 65530, 52424, 52425 },
	{ "80%", 100, 80, 81 },
	{ "95%", 65530, 62253, 62254 },
	{ "100%", 65530, 65530, 65531 },
	{ "12.3%", 65000, 7995, 7996 },
	{ "0.1%", 262144, 262, 263 },
	{ "1000:", 65530, 64530, 64531 },
	{ "0:", 65530, 65530, 65531 },
	{ "40%:", 65530, 26212, 26211 },
	{ "@80%:90%", 65530, 52423, 52424 },
	{ "@80%:90%", 65530, 58978, 58977 },
	{ "@0:500", 65530, 65029, 65030 },
	{ "@0:500", 65530, 65029, 65531 },
	{ "~:1000", 65530, 64530, 64529 },
	{ "1000:2000", 65530, 63530, 63529 },
	{ "80%", 2147483647, 1717986917, 1717986918 },
	/* of a limit of 0 all is too much, and an infinite end stays so */
	{ "80%", 0, 0, 1 },
	{ "~:80%", 0, 0, 1 },
	{ "0:", 0, 0, 1 },
	{ "@~:0", 0, -1, 0 },
};

START_TEST(raises_at_the_edge)
{
	struct vmp_threshold t;
	char reason[200];

	ck_assert_int_eq(vmp_threshold_parse(edges[_i].text, &t, reason,
					     sizeof(reason)),
			 0);
	ck_assert(!vmp_threshold_raised(&t, edges[_i].last_fine,
					edges[_i].limit));
	ck_assert(vmp_threshold_raised(&t, edges[_i].first_raised,
				       edges[_i].limit));
}
END_TEST

/* What performance data says, the comparison does: read back, it is the same. */
START_TEST(means_the_same_in_mappings)
{
	struct vmp_threshold t;
	double start = -INFINITY, end = INFINITY;
	char text[80], *colon, *at = text;

	vmp_threshold_parse(ranges[_i].text, &t, text, sizeof(text));
	vmp_threshold_in_mappings(&t, 65530, text, sizeof(text));
	at += *at == '@';
	colon = strchr(at, ':');
	if (!colon)
		start = 0;
	else if (*at != '~')
		start = atof(at);
	at = colon ? colon + 1 : at;
	if (*at)
		end = atof(at);
	for (int64_t count = 0; count <= 65531; count++) {
		bool fits = (double)count >= start && (double)count <= end;

		ck_assert_msg(vmp_threshold_raised(&t, count, 65530) ==
				      (fits == (*text == '@')),
			      "%s: %d", ranges[_i].text, (int)count);
	}
}
END_TEST

START_TEST(is_a_range_at_a_limit_of_0)
{
	struct vmp_threshold t;
	char text[80];

	vmp_threshold_parse(ranges[_i].text, &t, text, sizeof(text));
	vmp_threshold_in_mappings(&t, 0, text, sizeof(text));
	ck_assert_msg(!strstr(text, "nan"), "%s: %s", ranges[_i].text, text);
}
END_TEST

static const struct {
	const char *text, *in_percent;
} shares[] = {
	{ "80%", "80" },   { "18.8%", "18.8" },	     { "~:90%", "90" },
	{ "40%:", "40:" }, { "10%:20%", "10:20" },   { "@80%:", "@80:" },
	{ "@80%", "@80" }, { "@80%:90%", "@80:90" }, { "@~:12.5%", "@12.5" },
	{ "@0%:", "@0:" }, { "1000:", "" },	     { "@0:500", "" },
};

/* The status is about 79.5 % of 200 mappings, and so is the graph. */
START_TEST(means_the_same_in_percent)
{
	struct vmp_threshold t;
	char text[80];

	vmp_threshold_parse(shares[_i].text, &t, text, sizeof(text));
	ck_assert_str_eq(vmp_threshold_in_percent(&t, text, sizeof(text)),
			 shares[_i].in_percent);
	vmp_threshold_parse("@80%:", &t, text, sizeof(text));
	ck_assert(!vmp_threshold_raised(&t, 159, 200));
	ck_assert(vmp_threshold_raised(&t, 160, 200));
}
END_TEST

START_TEST(orders_statuses)
{
	ck_assert_int_eq(vmp_status_worse(VMP_OK, VMP_UNKNOWN), VMP_UNKNOWN);
	ck_assert_int_eq(vmp_status_worse(VMP_WARNING, VMP_UNKNOWN),
			 VMP_WARNING);
	ck_assert_int_eq(vmp_status_worse(VMP_UNKNOWN, VMP_CRITICAL),
			 VMP_CRITICAL);
	ck_assert_int_eq(vmp_status_worse(VMP_OK, VMP_OK), VMP_OK);
}
END_TEST

static const struct vmp_watched four[] = {
	{ .pid = 1, .mappings = 990, .command = "full" },
	{ .pid = 2, .mappings = 850, .command = "high" },
	{ .pid = 3, .mappings = 100, .command = "low" },
	{ .pid = 4, .mappings = 10, .command = "tiny" },
};

/* In: the PIDs, as they are to be ordered. */
static void judge_four(const char *warning, const char *critical,
		       enum vmp_status status, const char *pids)
{
	struct vmp_sample sample = { .limit = 1000,
				     .processes = four,
				     .count = VMP_COUNT(four) };
	struct vmp_thresholds t;
	struct vmp_verdict verdict;
	char reason[200];

	ck_assert(!vmp_threshold_parse(warning, &t.warning, reason, 200));
	ck_assert(!vmp_threshold_parse(critical, &t.critical, reason, 200));
	ck_assert_int_eq(vmp_judge_sample(&sample, &t, 0, &verdict), 0);
	ck_assert_int_eq(verdict.status, status);
	ck_assert_uint_eq(verdict.count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(verdict.rows[i]->pid, pids[i] - '0');
	free(verdict.rows);
}

START_TEST(judges)
{
	judge_four("80%", "95%", VMP_CRITICAL, "1234");
	judge_four("80%", "100%", VMP_WARNING, "1234");
	judge_four("100%", "100%", VMP_OK, "1234");
	/* the worst is not the fullest */
	judge_four("~:", "5%:", VMP_CRITICAL, "4123");
	judge_four("@5%:20%", "@0%:2%", VMP_CRITICAL, "4312");
}
END_TEST

/* Who asks can always be read: it is no proof that anybody can. */
START_TEST(leaves_out_who_asks)
{
	struct vmp_sample sample = { .limit = 1000,
				     .processes = four,
				     .count = 1 };
	struct vmp_thresholds t = { 0 };
	struct vmp_verdict verdict;

	ck_assert_int_eq(vmp_judge_sample(&sample, &t, 1, &verdict), 0);
	ck_assert_int_eq(verdict.status, VMP_UNKNOWN);
	ck_assert_uint_eq(verdict.count, 0);
	free(verdict.rows);
}
END_TEST

START_TEST(judges_nothing)
{
	struct vmp_sample sample = { .limit = 1000 };
	struct vmp_thresholds t = { 0 };
	struct vmp_verdict verdict;

	ck_assert_int_eq(vmp_judge_sample(&sample, &t, 0, &verdict), 0);
	ck_assert_int_eq(verdict.status, VMP_UNKNOWN);
	ck_assert_ptr_null(verdict.rows);
}
END_TEST

/* The line, or the JSON, about one process. From malloc(). */
static char *report_of(int64_t limit, bool json)
{
	struct vmp_sample sample = {
		.limit = limit, .reason = "", .processes = four, .count = 1
	};
	struct vmp_thresholds t;
	struct vmp_verdict verdict;
	struct vmp_check_report report = { .status = VMP_CRITICAL,
					   .reason = "",
					   .verdict = &verdict,
					   .thresholds = &t,
					   .limit = limit,
					   .wanted = 1 };
	char *text = NULL, reason[200];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	vmp_threshold_parse("80%", &t.warning, reason, sizeof(reason));
	vmp_threshold_parse("@~:5%", &t.critical, reason, sizeof(reason));
	vmp_judge_sample(&sample, &t, 0, &verdict);
	report.sample = limit < 0 ? NULL : &sample;
	if (json)
		vmp_report_check_json(&report, out);
	else
		vmp_report_check(&report, out);
	fclose(out);
	free(verdict.rows);
	return text;
}

START_TEST(reports_a_limit_of_0)
{
	char *text = report_of(0, false), *json = report_of(0, true);

	assert_holds(text, "VMAPROBE CRITICAL - vm.max_map_count is 0, it "
			   "should be at least 1: sysctl vm.max_map_count=1; "
			   "full (1) holds 990 of 0 mappings, 100.0% | "
			   "mappings=990;0;1:;0;0 percent=100.0%;80;@5;0;100 "
			   "headroom=-990;;;;0 ");
	assert_holds(text, " limit=0;;1:;0\n");
	assert_holds(json, "\"limit\":0,\"wanted\":1,");
	assert_holds(json, "\"warning\":\"0\"");
	free(text);
	free(json);
}
END_TEST

START_TEST(reports_no_limit)
{
	char *text = report_of(-1, false), *json = report_of(-1, true);

	ck_assert_str_eq(text, "VMAPROBE CRITICAL\n");
	assert_holds(json, "\"limit\":null,\"wanted\":1,");
	assert_holds(json, "\"warning\":null");
	free(text);
	free(json);
}
END_TEST

START_TEST(products_are_a_table)
{
	const struct vmp_product *p = &vmp_products[_i];

	ck_assert_msg(p->limit > 0 && p->limit <= 2147483647, "%s", p->name);
	ck_assert_msg(!strncmp(p->source, "https://", 8), "%s", p->name);
	ck_assert_msg(!strpbrk(p->source, " \t|\""), "%s", p->name);
	ck_assert_msg(*p->of && strlen(p->of) <= 48, "%s", p->name);
	ck_assert_uint_eq(strspn(p->name,
				 "abcdefghijklmnopqrstuvwxyz0123456789-"),
			  strlen(p->name));
	ck_assert_ptr_eq(vmp_product_find(p->name), p);
	ck_assert(p->kind == VMP_ASKED_AT_START || p->kind == VMP_RECOMMENDED);
	if (_i)
		ck_assert_msg(strcmp(vmp_products[_i - 1].name, p->name) < 0,
			      "%s", p->name);
}
END_TEST

START_TEST(finds_no_product)
{
	ck_assert_uint_ge(vmp_product_count, 3);
	ck_assert_ptr_null(vmp_product_find(""));
	ck_assert_ptr_null(vmp_product_find("elastic"));
	ck_assert_ptr_null(vmp_product_find("Elasticsearch"));
}
END_TEST

static const struct {
	const char *text, *harmless;
} texts[] = {
	{ "java", "java" },
	{ "a|b", "a\\174b" },
	{ "a\nb", "a\\012b" },
	{ "x=1;2;3 'y'", "x=1;2;3 'y'" },
	{ "$USER1$ `id` & <b>",
	  "\\044USER1\\044 \\140id\\140 \\046 \\074b\\076" },
	{ "\033[2J\xff", "\\033[2J\\377" },
	{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },
};

START_TEST(makes_text_harmless)
{
	char text[100], little[12];

	ck_assert_str_eq(vmp_plugin_text(texts[_i].text, text, sizeof(text)),
			 texts[_i].harmless);
	vmp_plugin_text(texts[_i].text, little, sizeof(little));
	ck_assert_uint_lt(strlen(little), sizeof(little));
	ck_assert_int_eq(strncmp(little, texts[_i].harmless, strlen(little)),
			 0);
}
END_TEST

Suite *suite_threshold(void)
{
	Suite *suite = suite_create("threshold");
	TCase *c = tcase_create("threshold");

	tcase_add_loop_test(c, reads_range, 0, (int)VMP_COUNT(ranges));
	tcase_add_loop_test(c, refuses_range, 0, (int)VMP_COUNT(wrong));
	tcase_add_loop_test(c, raises_at_the_edge, 0, (int)VMP_COUNT(edges));
	tcase_add_loop_test(c, means_the_same_in_mappings, 0,
			    (int)VMP_COUNT(ranges));
	tcase_add_loop_test(c, is_a_range_at_a_limit_of_0, 0,
			    (int)VMP_COUNT(ranges));
	tcase_add_loop_test(c, means_the_same_in_percent, 0,
			    (int)VMP_COUNT(shares));
	tcase_add_test(c, reports_a_limit_of_0);
	tcase_add_test(c, reports_no_limit);
	tcase_add_test(c, orders_statuses);
	tcase_add_test(c, judges);
	tcase_add_test(c, leaves_out_who_asks);
	tcase_add_test(c, judges_nothing);
	tcase_add_loop_test(c, products_are_a_table, 0, (int)vmp_product_count);
	tcase_add_test(c, finds_no_product);
	tcase_add_loop_test(c, makes_text_harmless, 0, (int)VMP_COUNT(texts));
	suite_add_tcase(suite, c);
	return suite;
}
