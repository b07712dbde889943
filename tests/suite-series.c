// SPDX-License-Identifier: GPL-2.0-or-later
/* What watch keeps of its readings, and what it makes of them. */
#include <math.h>
#include <string.h>

#include "report/watch.h"
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
		    "meets the limit in about 4 hours, 3 h 30 min: around "
		    "19:29.");
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

START_TEST(sparkline_has_scale)
{
	char text[100];

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
	assert_holds(text, "peak 64,240 of what was read");
	free(text);
	r.gone = true;
	r.exact = true;
	text = draw(&r);
	ck_assert_ptr_null(strstr(text, "class=\"fan\""));
	assert_holds(text, "peak 64,240<");
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
	tcase_add_test(c, sparkline_has_scale);
	tcase_add_test(c, draws);
	tcase_add_test(c, draws_anything);
	suite_add_tcase(s, c);
	return s;
}
