// SPDX-License-Identifier: GPL-2.0-or-later
/* Trends: what grows is forecast, and what only moves is none. */
#include <math.h>

#include "unit.h"
#include "watch/trend.h"

enum { SERIES = 1000, LIMIT = 65530 };

/* Readings a second apart, with jitter, from seeded numbers. */
struct series {
	struct vmp_point points[VMP_TREND_POINTS];
	size_t count;
	uint64_t seed;
	double phase; /* of what comes again: 0 up to 1 */
};

/* Marsaglia's xorshift. Returns: 0 up to 1. */
static double number(struct series *s)
{
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 7;
	s->seed ^= s->seed << 17;
	return (double)(s->seed >> 11) / 9007199254740992.0;
}

/* About a normal distribution: the sum of twelve, Irwin and Hall. */
static double deviate(struct series *s)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += number(s);
	return sum;
}

typedef double (*shape)(struct series *s, size_t i, double parameter);

static double now(const struct series *s, size_t i)
{
	return s->points[i].seconds - 1000;
}

static double last(const struct series *s, size_t i)
{
	return i ? s->points[i - 1].mappings : 10000;
}

static double noise(struct series *s, size_t i, double size)
{
	(void)i;
	return 10000 + deviate(s) * size;
}

static double walk(struct series *s, size_t i, double size)
{
	return last(s, i) + round(deviate(s) * size);
}

/* Up or down by one, now and then. */
static double lazy_walk(struct series *s, size_t i, double share)
{
	double step = number(s);

	return last(s, i) + (step < share / 2) -
	       (step >= share / 2 && step < share);
}

/* An average that readings return to: alike, and going nowhere. */
static double wandering(struct series *s, size_t i, double likeness)
{
	return 10000 + (last(s, i) - 10000) * likeness + deviate(s) * 20;
}

/* In: parameter, teeth in the window. */
static double saw(struct series *s, size_t i, double teeth)
{
	double at = (double)i * teeth / (double)s->count + s->phase;

	return 10000 + 500 * (at - floor(at));
}

static double tooth(struct series *s, size_t i, double share)
{
	return 10000 +
	       ((double)i < share * (double)s->count ? 5 * (double)i : 0);
}

static double step(struct series *s, size_t i, double share)
{
	return 10000 + ((double)i < share * (double)s->count ? 0 : 400) +
	       deviate(s);
}

static double plateau(struct series *s, size_t i, double share)
{
	double end = share * (double)s->count;

	return 10000 + 2 * fmin((double)i, end) + deviate(s);
}

static double linear(struct series *s, size_t i, double size)
{
	return 10000 + 2 * now(s, i) + (2 * number(s) - 1) * size;
}

static double falling(struct series *s, size_t i, double size)
{
	return 20000 - linear(s, i, size);
}

/* Steps of 40, every so many seconds. */
static double stairs(struct series *s, size_t i, double seconds)
{
	return 10000 + 40 * floor(now(s, i) / seconds);
}

static double faster(struct series *s, size_t i, double mappings)
{
	return 10000 + 2 * now(s, i) + mappings * pow(now(s, i) / 120, 2);
}

/* Each second some, as many as chance has it. Source: Knuth 1969. */
static double by_chance(struct series *s, size_t i, double per_second)
{
	double product = number(s), least = exp(-per_second);
	int count = 0;

	for (; product > least; count++)
		product *= number(s);
	return last(s, i) + count;
}

static void make(struct series *s, size_t count, shape value, double parameter)
{
	s->count = count;
	s->phase = number(s);
	for (size_t i = 0; i < count; i++)
		s->points[i].seconds = 1000 + (double)i + (number(s) - 0.5) / 5;
	for (size_t i = 0; i < count; i++)
		s->points[i].mappings = floor(value(s, i, parameter));
}

static struct series begin(void)
{
	return (struct series){ .seed = 88172645463325252 };
}

/* Of so many series, how many have that trend? */
static int count_kind(size_t points, shape value, double parameter, int series,
		      enum vmp_trend_kind kind)
{
	struct series s = begin();
	struct vmp_trend trend;
	int count = 0;

	for (int i = 0; i < series; i++) {
		make(&s, points, value, parameter);
		vmp_trend_fit(s.points, s.count, LIMIT, &trend);
		count += trend.kind == kind;
	}
	return count;
}

struct row {
	const char *name;
	shape value;
	double parameter;
};

static void assert_each(const struct row *rows, size_t count, int series,
			enum vmp_trend_kind kind, int at_least)
{
	static const size_t lengths[] = { 40, 120 };

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < VMP_COUNT(lengths); j++) {
			int got = count_kind(lengths[j], rows[i].value,
					     rows[i].parameter, series, kind);

			ck_assert_msg(got >= at_least,
				      "%s, %zu points: %d of %d are \"%s\"",
				      rows[i].name, lengths[j], got, series,
				      vmp_trend_names[kind]);
		}
	}
}

/* Rates of false alarms: of white noise none in thousands of series. */
START_TEST(noise_is_none)
{
	static const struct row rows[] = {
		{ "noise", noise, 20 },
		{ "noise of a mapping or two", noise, 0.5 },
	};

	assert_each(rows, VMP_COUNT(rows), SERIES, VMP_TREND_NONE, SERIES);
}
END_TEST

/*
 * A walk that by chance goes one way is a trend as far as anybody can tell:
 * 0.05 to 0.15 % were measured, at most 0.3 % are accepted.
 */
START_TEST(walk_is_none)
{
	static const struct row rows[] = {
		{ "walk", walk, 5 },
		{ "lazy walk", lazy_walk, 0.3 },
		{ "wandering", wandering, 0.95 },
	};
	int accepted = SERIES * 3 / 1000;

	assert_each(rows, VMP_COUNT(rows), SERIES, VMP_TREND_NONE,
		    SERIES - accepted);
}
END_TEST

static double constant(struct series *s, size_t i, double unused)
{
	(void)s;
	(void)i;
	(void)unused;
	return 65000;
}

/* In: parameter, windows that a wave takes. */
static double wave(struct series *s, size_t i, double windows)
{
	double at = (double)i / ((double)s->count * windows);

	return 10000 + 300 * sin(2 * M_PI * (at + s->phase));
}

START_TEST(shapes_are_none)
{
	static const struct row rows[] = {
		{ "constant", constant, 0 },
		{ "half a tooth and its fall", tooth, 0.5 },
		{ "a tooth and its fall", tooth, 0.97 },
		{ "two teeth", saw, 2 },
		{ "three teeth", saw, 3 },
		{ "seven and a bit", saw, 7.3 },
		{ "a step at the beginning", step, 0.1 },
		{ "a step in the middle", step, 0.5 },
		{ "a step at the end", step, 0.9 },
		{ "a rise, then as long a plateau", plateau, 0.5 },
		{ "a rise, then a plateau", plateau, 0.75 },
		{ "a wave", wave, 0.5 },
		{ "a wave of the window", wave, 1 },
		{ "a slow wave", wave, 1.5 },
	};

	assert_each(rows, VMP_COUNT(rows), 100, VMP_TREND_NONE, 100);
}
END_TEST

START_TEST(growth_is_a_trend)
{
	static const struct row rising[] = {
		{ "linear", linear, 0 },
		{ "stairs", stairs, 2 },
		{ "faster and faster", faster, 400 },
	};
	static const struct row down = { "falling", falling, 2 };

	assert_each(rising, VMP_COUNT(rising), 200, VMP_TREND_RISING, 200);
	assert_each(&down, 1, 200, VMP_TREND_FALLING, 195);
	ck_assert_int_eq(count_kind(120, linear, 20, 500, VMP_TREND_RISING),
			 500);
	ck_assert_int_eq(count_kind(120, stairs, 12, 500, VMP_TREND_RISING),
			 500);
	ck_assert_int_ge(count_kind(120, by_chance, 2, 500, VMP_TREND_RISING),
			 490);
}
END_TEST

/* What the forecasts of 120 mappings a minute are off by. */
struct error {
	int above_5, outside; /* of the range */
	double worst;
};

static struct error forecast_all(double size, int series)
{
	struct series s = begin();
	struct error e = { 0, 0, 0 };
	struct vmp_trend t;

	for (int i = 0; i < series; i++) {
		double left, off;

		make(&s, VMP_TREND_POINTS, linear, size);
		vmp_trend_fit(s.points, s.count, LIMIT, &t);
		left = (LIMIT - 10000) / 2.0 - now(&s, s.count - 1);
		off = fabs(t.full_seconds / left - 1);
		e.worst = fmax(e.worst, off);
		e.above_5 += off > 0.05;
		e.outside += left < t.earliest_seconds ||
			     left > t.latest_seconds;
	}
	return e;
}

/* With noise of +-20 a slope of 240 readings has a deviation of 1.6 %. */
START_TEST(forecasts)
{
	struct error e = forecast_all(0, 1000);

	ck_assert_double_le(e.worst, 0.005);
	ck_assert_int_le(e.outside, 50);
	e = forecast_all(20, 1000);
	ck_assert_int_le(e.above_5, 5);
	ck_assert_double_le(e.worst, 0.07);
	ck_assert_int_le(e.outside, 70); /* of 1,000: 95 % are meant */
}
END_TEST

START_TEST(short_is_said)
{
	struct series s = begin();
	struct vmp_trend t;

	make(&s, 120, linear, 0);
	vmp_trend_fit(s.points, 19, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_SHORT);
	ck_assert_uint_eq(t.points, 19);
	vmp_trend_fit(s.points, 20, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_RISING);
	vmp_trend_fit(NULL, 0, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_SHORT);
	ck_assert_double_eq(t.window_seconds, 0);
	ck_assert_double_lt(t.full_seconds, 0);
	for (size_t i = 0; i < 120; i++)
		s.points[i].seconds = 1000 + (double)i / 30;
	vmp_trend_fit(s.points, 120, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_SHORT);
}
END_TEST

START_TEST(takes_the_last_points)
{
	struct vmp_point p[VMP_TREND_POINTS + 100];
	size_t count = VMP_COUNT(p);
	struct vmp_trend t;

	for (size_t i = 0; i < count; i++) {
		p[i].seconds = (double)i;
		p[i].mappings = i < 100 ? 60000 : 3 * (double)i;
	}
	vmp_trend_fit(p, count, LIMIT, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_RISING);
	ck_assert_uint_eq(t.points, VMP_TREND_POINTS);
	ck_assert_double_eq_tol(t.per_minute, 180, 0.001);
	ck_assert_double_eq_tol(t.window_seconds, 119, 0.001);
}
END_TEST

/* Beyond the limit it is met now; one moment for all readings has no slope. */
START_TEST(bounds)
{
	struct series s = begin();
	struct vmp_trend t;

	make(&s, 120, linear, 0);
	vmp_trend_fit(s.points, 120, 10, &t);
	ck_assert_int_eq(t.kind, VMP_TREND_RISING);
	ck_assert_double_eq(t.full_seconds, 0);
	ck_assert_double_eq(t.earliest_seconds, 0);
	for (size_t i = 0; i < 119; i++)
		s.points[i].seconds = 0;
	vmp_trend_fit(s.points, 120, LIMIT, &t);
	ck_assert_int_ne(t.kind, VMP_TREND_RISING);
	ck_assert(isfinite(t.per_minute));
	for (size_t i = 0; i < 120; i++)
		s.points[i].mappings = i % 2 ? 1e18 : 0;
	vmp_trend_fit(s.points, 120, LIMIT, &t);
	ck_assert_int_ne(t.kind, VMP_TREND_RISING);
}
END_TEST

Suite *suite_trend(void)
{
	Suite *s = suite_create("trend");
	TCase *c = tcase_create("trend");

	tcase_add_test(c, noise_is_none);
	tcase_add_test(c, walk_is_none);
	tcase_add_test(c, shapes_are_none);
	tcase_add_test(c, growth_is_a_trend);
	tcase_add_test(c, forecasts);
	tcase_add_test(c, short_is_said);
	tcase_add_test(c, takes_the_last_points);
	tcase_add_test(c, bounds);
	suite_add_tcase(s, c);
	return s;
}
