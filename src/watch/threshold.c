// SPDX-License-Identifier: GPL-2.0-or-later
/* Thresholds: ranges of percent or of headroom, read and compared. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch/threshold.h"

/* The sysctl is an int; more digits than this are a slip. */
static const double most_mappings = 1e10;

/* Counts are whole: of a share of the limit this much may be rounding. */
static const double rounding = 1e-6;

/* A text as it is read, and where to say what is wrong with it. */
struct reader {
	const char *text, *at;
	char *reason;
	size_t size;
};

/* One end of a range. */
struct bound {
	double value;
	bool given, percent;
};

static int refuse(const struct reader *r, const char *what)
{
	snprintf(r->reason, r->size, "character %zu: %s",
		 (size_t)(r->at - r->text) + 1, what);
	return -EINVAL;
}

/* Of "-12.5"; strtod() takes exponents, 0x and "inf" as well. */
static size_t number_length(const char *text)
{
	const char *at = text + (*text == '-');
	size_t digits = strspn(at, "0123456789");

	if (!digits)
		return 0;
	at += digits;
	if (*at == '.' && isdigit((unsigned char)at[1]))
		at += 1 + strspn(at + 1, "0123456789");
	return (size_t)(at - text);
}

/* A number, if there is one. */
static int read_bound(struct reader *r, struct bound *b)
{
	size_t length = number_length(r->at);

	if (!length)
		return 0;
	b->value = strtod(r->at, NULL);
	b->given = true;
	b->percent = r->at[length] == '%';
	if (fabs(b->value) > most_mappings)
		return refuse(r, "no limit is as high as that");
	if (b->percent && (b->value < 0 || b->value > 100))
		return refuse(r, "expected 0 to 100 %");
	r->at += length + b->percent;
	return 0;
}

/* "10:90", "10:", "~:90", or "90" alone. Out: alone, there was no colon. */
static int read_range(struct reader *r, struct bound *start, struct bound *end,
		      bool *alone)
{
	bool infinite = *r->at == '~';
	int rc;

	r->at += infinite;
	rc = infinite ? 0 : read_bound(r, start);
	if (rc < 0)
		return rc;
	if (!infinite && !start->given)
		return refuse(r, "expected a number, such as 80%, or ~");
	*alone = *r->at != ':';
	if (infinite && *alone)
		return refuse(r, "expected \":\" behind ~");
	r->at += !*alone;
	rc = *alone ? 0 : read_bound(r, end);
	if (rc < 0)
		return rc;
	return *r->at ? refuse(r, "this is no part of a range") : 0;
}

/* Both ends are of one kind. Out: t->percent. */
static int same_unit(const struct reader *r, const struct bound *start,
		     const struct bound *end, struct vmp_threshold *t)
{
	t->percent = start->percent || end->percent;
	if (start->given && end->given && start->percent != end->percent)
		return refuse(r, "percent on one side, mappings on the other");
	return 0;
}

static int check_range(struct reader *r, const struct vmp_threshold *t,
		       bool alone)
{
	r->at = r->text;
	if (alone && !t->percent && !t->inside)
		return refuse(r, "a plain number: write 80% of the limit, or "
				 "1000: for 1000 mappings left");
	if (t->start > t->end)
		return refuse(r, "the range begins above its end");
	return 0;
}

int vmp_threshold_parse(const char *text, struct vmp_threshold *threshold,
			char *reason, size_t size)
{
	struct reader r = { text, text, reason, size };
	struct bound start = { .value = -INFINITY },
		     end = { .value = INFINITY };
	struct vmp_threshold t = { .inside = *text == '@' };
	bool alone;
	int rc;

	r.at += t.inside;
	rc = read_range(&r, &start, &end, &alone);
	rc = rc < 0 ? rc : same_unit(&r, &start, &end, &t);
	if (rc < 0)
		return rc;
	t.start = alone ? 0 : start.value;
	t.end = alone ? start.value : end.value;
	rc = check_range(&r, &t, alone);
	if (rc < 0)
		return rc;
	/* mmap() goes to a headroom of -1: "0 left" cannot mean to except it */
	if (t.inside && !t.percent && t.start >= 0 && t.start < 1)
		t.start = -INFINITY;
	*threshold = t;
	return 0;
}

/* Of a limit of 0, too, an end that is infinite stays so. */
static double share_of(double all, double percent)
{
	return isinf(percent) ? percent : percent * all / 100;
}

/* The range of counts that it comes to: headroom counts from above. */
static void in_mappings(const struct vmp_threshold *t, int64_t limit,
			double *low, double *high)
{
	double all = (double)limit;

	*low = t->percent ? share_of(all, t->start) : all - t->end;
	*high = t->percent ? share_of(all, t->end) : all - t->start;
}

bool vmp_threshold_raised(const struct vmp_threshold *threshold,
			  int64_t mappings, int64_t limit)
{
	double low, high, count = (double)mappings;

	in_mappings(threshold, limit, &low, &high);
	return (count >= low - rounding && count <= high + rounding) ==
	       threshold->inside;
}

/*
 * With one end, what raises inside is what does not outside of the rest: counts
 * are whole. Monitoring::Plugin 0.40 and Icinga read no "@".
 */
static bool turn_inside_out(double *low, double *high)
{
	if (isinf(*high) && *low > 0) { /* "@64530:" is "64529" */
		*high = (double)(int64_t)(*low - rounding);
		*low = 0;
		return true;
	}
	if (*low <= 0 && *high >= 0 && isfinite(*high)) { /* "@9" is "10:" */
		*low = (double)(int64_t)(*high + rounding) + 1;
		*high = INFINITY;
		return true;
	}
	return false;
}

static void print_range(bool inside, double low, double high, char *text,
			size_t size)
{
	char start[32] = "", end[32] = "";

	if (isfinite(high))
		snprintf(end, sizeof(end), "%.12g", high);
	/* no count is negative: "~:5" is "5", which more programs read */
	if (low > 0 || high < 0 || isinf(high))
		snprintf(start, sizeof(start),
			 isinf(low) ? "~:" : "%.12g:", low);
	snprintf(text, size, "%s%s%s", inside ? "@" : "", start, end);
}

char *vmp_threshold_in_mappings(const struct vmp_threshold *threshold,
				int64_t limit, char *text, size_t size)
{
	bool inside = threshold->inside;
	double low, high;

	in_mappings(threshold, limit, &low, &high);
	if (inside && turn_inside_out(&low, &high))
		inside = false;
	print_range(inside, low, high, text, size);
	return text;
}

/*
 * A share is not whole: no range without "@" has all below 80 and not 80 itself,
 * as "@80:" has outside.
 */
char *vmp_threshold_in_percent(const struct vmp_threshold *threshold,
			       char *text, size_t size)
{
	*text = '\0';
	if (threshold->percent)
		print_range(threshold->inside, threshold->start, threshold->end,
			    text, size);
	return text;
}

bool vmp_threshold_reached(const struct vmp_threshold *threshold,
			   int64_t mappings, int64_t limit)
{
	double low, high;

	in_mappings(threshold, limit, &low, &high);
	if (threshold->percent && !threshold->inside && low <= 0 &&
	    (double)mappings >= high - rounding)
		return true;
	return vmp_threshold_raised(threshold, mappings, limit);
}
