// SPDX-License-Identifier: GPL-2.0-or-later
/* What watch keeps of its readings, and what it makes of them. */
#include <math.h>
#include <string.h>

#include "report/watch.h"
#include "watch/threshold.h"
#include "sample.h"
#include "unit.h"

enum { LIMIT = 65530, DAY = 86400 };

static struct vmp_series series;

static void begin(void)
{
	memset(&series, 0, sizeof(series));
}

/* A day of readings, and another hour: no room is left for long. */
static void fill(int64_t (*count)(int second))
{
	for (int i = 0; i < DAY + 3600; i++)
		vmp_series_add(&series, 5000 + i, count(i), count(i), LIMIT);
}

/* One spike of a second, in the first hour. */
static int64_t spike(int second)
{
	return second == 2000 ? 60000 : 1000;
}

START_TEST(keeps_extremes)
{
	double end;

	fill(spike);
	ck_assert_uint_le(series.count, VMP_SERIES_PIECES);
	ck_assert_uint_ge(series.count, VMP_SERIES_PIECES / 2);
	ck_assert_uint_eq(series.readings, DAY + 3600);
	ck_assert_double_eq(vmp_series_seconds(&series), DAY + 3600 - 1);
	ck_assert_int_eq(series.most, 60000);
	ck_assert_double_eq(series.most_seconds, 7000);
	ck_assert_int_eq(series.least, 1000);
	end = 4999;
	for (size_t i = 0; i < series.count; i++) {
		const struct vmp_piece *p = &series.pieces[i];
		bool has_spike = p->from_seconds <= 7000 &&
				 p->to_seconds >= 7000;

		ck_assert_double_eq(p->from_seconds, end + 1);
		ck_assert_int_eq(p->most, has_spike ? 60000 : 1000);
		ck_assert_int_eq(p->least, 1000);
		end = p->to_seconds;
	}
}
END_TEST

/* Twenty mappings an hour: nothing happens within two minutes. */
static int64_t leak(int second)
{
	return 30000 + second / 180;
}

START_TEST(finds_slow_leak)
{
	struct vmp_trend t;

	fill(leak);
	vmp_trend_fit(series.recent, series.recent_count, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_NONE);
	vmp_series_trend(&series, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_RISING);
	ck_assert_double_eq_tol(t.per_minute * 60, 20, 1);
	ck_assert_double_ge(t.window_seconds, DAY / 5.0);
}
END_TEST

static int64_t teeth(int second)
{
	return 30000 + second % 7000;
}

START_TEST(slow_saw_ends_in_doubt)
{
	struct vmp_trend t;

	fill(teeth);
	for (int i = 0; i < 300; i++)
		vmp_series_add(&series, 5000 + DAY + 3600 + i, 30000, 30000,
			       LIMIT);
	vmp_series_trend(&series, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_NONE);
}
END_TEST

/* 10 ms apart: 120 of these would be too short for a trend. */
START_TEST(quick_readings_have_trend)
{
	struct vmp_trend t;

	for (int i = 0; i < 1000; i++)
		vmp_series_add(&series, i / 100.0, 1000 + 2 * i, 1000 + 2 * i,
			       LIMIT);
	vmp_series_trend(&series, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_RISING);
	ck_assert_double_eq_tol(t.per_minute, 12000, 10);
}
END_TEST

START_TEST(peaks_between_readings)
{
	vmp_series_peak(&series, 7);
	ck_assert_int_eq(series.most, 0);
	vmp_series_add(&series, 1, 100, 100, LIMIT);
	vmp_series_add(&series, 2, 100, 400, LIMIT);
	ck_assert_int_eq(series.most, 400);
	vmp_series_peak(&series, 300);
	ck_assert_int_eq(series.most, 400);
	vmp_series_peak(&series, 900);
	ck_assert_int_eq(series.most, 900);
	ck_assert_int_eq(series.pieces[1].most, 900);
	ck_assert_int_eq(series.least, 100);
}
END_TEST

static void assert_text(const char *got, const char *wanted)
{
	ck_assert_str_eq(got, wanted);
}

START_TEST(times_in_words)
{
	static const struct {
		double seconds;
		const char *about, *exact;
	} rows[] = {
		{ 0, "0 seconds", "0 ms" },
		{ 0.02, "0 seconds", "20 ms" },
		{ 1, "1 second", "1.0 s" },
		{ 59.7, "60 seconds", "1 min" },
		{ 119, "2 minutes", "1 min 59 s" },
		{ 6.9 * 3600, "7 hours", "6 h 54 min" },
		{ 86400, "24 hours", "1 d" },
		{ 3.2 * 86400, "3 days", "3 d 4 h" },
		{ INFINITY, "11,574,074,074 days", "11,574,074,074 d 1 h" },
	};
	char text[60];

	for (size_t i = 0; i < VMP_COUNT(rows); i++) {
		assert_text(vmp_about(rows[i].seconds, text, sizeof(text)),
			    rows[i].about);
		assert_text(vmp_duration(rows[i].seconds, text, sizeof(text)),
			    rows[i].exact);
	}
	assert_text(vmp_rate(120, text, sizeof(text)), "120 a minute");
	assert_text(vmp_rate(-2.5, text, sizeof(text)), "2.5 a minute");
	assert_text(vmp_rate(20 / 60.0, text, sizeof(text)), "20 an hour");
	assert_text(vmp_rate(0.001, text, sizeof(text)), "1.4 a day");
	assert_text(vmp_rate(0, text, sizeof(text)), "0 a minute");
}
END_TEST

/* 120 a minute for two minutes, from this count on. */
static struct vmp_watch_report grow_from(int64_t count)
{
	struct vmp_watch_report r = {
		.pid = 4711,
		.command = "java",
		.series = &series,
		.limit = LIMIT,
		.unix_seconds = 1795276746,
	};

	for (int i = 0; i <= 120; i++) {
		r.mappings = count + 2 * i;
		vmp_series_add(&series, i, r.mappings, r.mappings, LIMIT);
	}
	vmp_series_trend(&series, LIMIT, &r.trend);
	return r;
}

START_TEST(outlook_in_words)
{
	struct vmp_watch_report r = grow_from(40000);
	char text[VMP_WATCH_WORDS];

	setenv("TZ", "UTC0", 1);
	vmp_watch_outlook(&r, text, sizeof(text));
	assert_text(text,
		    "At this rate (120 a minute, over the last 2 minutes) it "
		    "meets the limit in about 3 h 30 min, around 19:29.");
	r.trend.earliest_seconds *= 0.9;
	r.trend.latest_seconds *= 1.1;
	vmp_watch_outlook(&r, text, sizeof(text));
	assert_text(text,
		    "At this rate (120 a minute, over the last 2 minutes) it "
		    "meets the limit in about 4 hours, between 3 h 9 min and "
		    "3 h 51 min: around 19:29.");
	r.trend.latest_seconds = INFINITY;
	vmp_watch_outlook(&r, text, sizeof(text));
	assert_holds(text, "hours, 3 h 9 min at the earliest: around 19:29.");
	r.gone = true;
	vmp_watch_outlook(&r, text, sizeof(text));
	assert_text(text, "It was rising, by 120 a minute over the last 2 "
			  "minutes.");
	begin();
	r = grow_from(100);
	ck_assert(vmp_watch_foreseen(&r));
	r.trend.full_seconds = r.trend.window_seconds * VMP_WATCH_AHEAD + 1;
	vmp_watch_outlook(&r, text, sizeof(text));
	assert_text(text,
		    "At this rate (120 a minute, over the last 2 minutes) it "
		    "does not meet the limit within 10 hours.");
	ck_assert(!vmp_watch_foreseen(&r));
}
END_TEST

/* At once, whatever the trend, and without a forecast. */
START_TEST(met_is_said)
{
	struct vmp_watch_report r = { .pid = 7, .mappings = 65531 };
	char text[VMP_WATCH_WORDS];

	r.limit = LIMIT;
	vmp_watch_outlook(&r, text, sizeof(text));
	assert_text(text, "It has met the limit: \"vmaprobe explain 7\" says "
			  "who owns the mappings.");
	r = grow_from(LIMIT - 240);
	ck_assert(vmp_watch_met(&r));
	ck_assert_int_eq(r.trend.kind, VMP_TREND_RISING);
	ck_assert(!vmp_watch_foreseen(&r));
	r.gone = true;
	ck_assert(!vmp_watch_met(&r));
}
END_TEST

START_TEST(sparkline_has_scale)
{
	char text[100];

	vmp_series_add(&series, 0, 27, 27, LIMIT);
	vmp_sparkline_scale(&series, LIMIT, text, sizeof(text));
	assert_text(text, "always 27 of 65,530");
	vmp_series_add(&series, 1, 27, 1308, LIMIT);
	vmp_sparkline_scale(&series, LIMIT, text, sizeof(text));
	assert_text(text, "27 to 1,308 of 65,530");
	begin();
	vmp_sparkline(&series, 10, false, text, sizeof(text));
	assert_text(text, "");
	for (int i = 0; i < 8; i++)
		vmp_series_add(&series, i, i * 9000, i * 9000, LIMIT);
	vmp_sparkline(&series, 60, false, text, sizeof(text));
	assert_text(text, "_.:-=+*#");
	vmp_sparkline(&series, 4, true, text, sizeof(text));
	assert_text(text, "\xe2\x96\x82\xe2\x96\x84\xe2\x96\x86\xe2\x96\x88");
	vmp_sparkline_scale(&series, LIMIT, text, sizeof(text));
	assert_text(text, "0 to 65,530, the limit");
}
END_TEST

static char *draw(const struct vmp_watch_report *r)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert_int_eq(vmp_watch_svg(r, out), 0);
	fclose(out);
	assert_well_formed(text);
	return text;
}

START_TEST(draws)
{
	struct vmp_watch_report r = grow_from(64000);
	char *text = draw(&r);

	assert_holds(text, "<title>java[4711]: map count over time");
	assert_holds(text, "limit 65,530");
	assert_holds(text, "class=\"fan\"");
	assert_holds(text, "highest reading 64,240");
	free(text);
	r.gone = true;
	r.exact = true;
	text = draw(&r);
	ck_assert_ptr_null(strstr(text, "class=\"fan\""));
	assert_holds(text, "peak 64,240<");
	free(text);
}
END_TEST

/* Upright, at its reading; from reading to reading nothing is seen of it. */
START_TEST(spike_is_no_slope)
{
	struct vmp_watch_report r = { .series = &series, .limit = LIMIT };
	char *text, *line, *end;
	int x[6], y[6], at = 0;

	for (int i = 0; i < 3; i++)
		vmp_series_add(&series, i, 30, i == 1 ? 30000 : 30, LIMIT);
	r.mappings = 30;
	text = draw(&r);
	line = strstr(text, "class=\"line\" d=\"");
	ck_assert_ptr_nonnull(line);
	end = strchr(line, '>');
	while (end && at < 6 && (line = strchr(line, '\n')) && line < end)
		at += sscanf(++line, "%d.%*d %d", &x[at], &y[at]) == 2;
	ck_assert_int_eq(at, 6);
	ck_assert(y[1] == y[0] && y[2] == y[0] && y[4] == y[0] && y[5] == y[0]);
	ck_assert(x[2] == x[1] && x[3] == x[1] && y[3] < y[0]);
	free(text);
}
END_TEST

START_TEST(draws_anything)
{
	struct vmp_watch_report r = { .series = &series, .limit = LIMIT };

	vmp_series_add(&series, 0, 30, 30, LIMIT);
	r.mappings = 30;
	for (int c = 1; c < 256; c++) {
		memset(r.command, c, 63);
		free(draw(&r));
		snprintf(r.command, sizeof(r.command), "%c<&\"'>%c", c, c);
		free(draw(&r));
	}
}
END_TEST

static bool reaches(const char *range, int64_t mappings)
{
	struct vmp_threshold threshold;
	char reason[100];

	ck_assert_int_eq(vmp_threshold_parse(range, &threshold, reason,
					     sizeof(reason)),
			 0);
	return vmp_threshold_reached(&threshold, mappings, LIMIT);
}

START_TEST(share_is_reached)
{
	ck_assert(!reaches("80%", LIMIT * 8 / 10 - 1));
	ck_assert(reaches("80%", LIMIT * 8 / 10));
	ck_assert(!reaches("100%", LIMIT - 1));
	ck_assert(reaches("100%", LIMIT));
	ck_assert(reaches("0%", 1));
	ck_assert(!reaches("1000:", LIMIT - 1000));
	ck_assert(reaches("1000:", LIMIT - 999));
	/* what has a lower end as well, or is inside, is as it is for check */
	ck_assert(!reaches("10%:80%", LIMIT * 8 / 10));
	ck_assert(reaches("10%:80%", LIMIT / 10 - 1));
	ck_assert(reaches("@80%:", LIMIT * 8 / 10));
	ck_assert(!reaches("@80%:", LIMIT * 8 / 10 - 1));
}
END_TEST

/* A file as a terminal that is as wide as the style says. */
START_TEST(view_is_cut)
{
	struct vmp_style style = { .terminal = true, .width = 10 };
	struct vmp_watch_report r = { .style = &style };
	char *text = NULL;
	size_t size = 0;

	r.out = open_memstream(&text, &size);
	vmp_view_put(&r, "0123456789abc\n\n01234\n\033[0m");
	fflush(r.out);
	assert_text(text, "0123456789\n\n01234\n");
	ck_assert_uint_eq(r.lines, 3);
	style.width = 4; /* three rows, one, two */
	vmp_view_wipe(&r);
	vmp_view_wipe(&r);
	fclose(r.out);
	assert_text(text, "0123456789\n\n01234\n\r\033[6A\033[J");
	free(text);
}
END_TEST

Suite *suite_series(void)
{
	Suite *s = suite_create("series");
	TCase *c = tcase_create("series");

	tcase_add_checked_fixture(c, begin, NULL);
	tcase_add_test(c, keeps_extremes);
	tcase_add_test(c, finds_slow_leak);
	tcase_add_test(c, slow_saw_ends_in_doubt);
	tcase_add_test(c, quick_readings_have_trend);
	tcase_add_test(c, peaks_between_readings);
	tcase_add_test(c, times_in_words);
	tcase_add_test(c, outlook_in_words);
	tcase_add_test(c, met_is_said);
	tcase_add_test(c, sparkline_has_scale);
	tcase_add_test(c, share_is_reached);
	tcase_add_test(c, view_is_cut);
	tcase_add_test(c, draws);
	tcase_add_test(c, spike_is_no_slope);
	tcase_add_test(c, draws_anything);
	suite_add_tcase(s, c);
	return s;
}
