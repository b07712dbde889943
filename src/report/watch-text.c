// SPDX-License-Identifier: GPL-2.0-or-later
/* One process over time for people: a view in place, or a line a reading. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/internal.h"
#include "report/watch.h"
#include "watch/watch.h"

enum {
	WORDS = 600,
	WIDEST_SPARK = 60,
	SPARK = 4 * WIDEST_SPARK + 4, /* bytes */
	WARN_PERCENT = 80,
};

/* "java[4711]" */
static char *name_text(const struct vmp_watch_report *r, char *text,
		       size_t size)
{
	char name[4 * sizeof(r->command)];

	snprintf(text, size, "%s[%d]",
		 vmp_escape(r->command, name, sizeof(name)), (int)r->pid);
	return text;
}

/* "-1", "13,106" */
static const char *signed_digits(int64_t value, char *text, size_t size)
{
	uint64_t size_of = value < 0 ? (uint64_t)-value : (uint64_t)value;

	snprintf(text, size, "%s%s", value < 0 ? "-" : "", vmp_digits(size_of));
	return text;
}

/* "52,424 of 65,530 mappings, 80.0%, 13,106 left" */
static char *count_text(const struct vmp_watch_report *r, char *text,
			size_t size)
{
	char left[40];

	snprintf(text, size, "%s of %s mapping%s, %.1f%%, %s left",
		 vmp_digits((uint64_t)r->mappings),
		 vmp_digits((uint64_t)r->limit), r->limit == 1 ? "" : "s",
		 vmp_tenths(vmp_map_percent(r->mappings, r->limit)),
		 signed_digits(r->limit - r->mappings, left, sizeof(left)));
	return text;
}

static void print(const struct vmp_watch_report *r, FILE *out,
		  enum vmp_accent accent, const char *text)
{
	fputs(vmp_accent(r->style, accent), out);
	vmp_print_wrapped(r->style, out, text, 0, 0);
	fputs(vmp_accent(r->style, VMP_PLAIN), out);
}

static void print_count(const struct vmp_watch_report *r, FILE *out,
			const char *before)
{
	char count[200], words[WORDS];

	snprintf(words, sizeof(words), "%s%s.", before,
		 count_text(r, count, sizeof(count)));
	print(r, out,
	      vmp_map_percent(r->mappings, r->limit) >= WARN_PERCENT
		      ? VMP_BAD
		      : VMP_STRONG,
	      words);
}

static void print_outlook(const struct vmp_watch_report *r, FILE *out)
{
	char text[VMP_WATCH_WORDS];

	if (*vmp_watch_outlook(r, text, sizeof(text)))
		print(r, out, VMP_PLAIN, text);
}

/* The line of blocks, as wide as there is room beside its scale. */
static void print_spark(const struct vmp_watch_report *r, FILE *out)
{
	char spark[SPARK], scale[100];
	size_t columns = r->style->width;

	vmp_sparkline_scale(r->series, r->limit, scale, sizeof(scale));
	columns -= strlen(scale) + 3; /* a terminal has 40 at least */
	if (columns > WIDEST_SPARK)
		columns = WIDEST_SPARK;
	vmp_sparkline(r->series, columns, r->style->unicode, spark,
		      sizeof(spark));
	fprintf(out, "%s  %s%s%s\n", spark, vmp_accent(r->style, VMP_QUIET),
		scale, vmp_accent(r->style, VMP_PLAIN));
}

/* "read each 1 s, by bpf" */
static char *how_text(const struct vmp_watch_report *r, char *text, size_t size)
{
	char every[40];
	bool stretched = r->every_seconds > r->interval_seconds;

	vmp_duration(stretched ? r->every_seconds : r->interval_seconds, every,
		     sizeof(every));
	snprintf(text, size, "read each %s%s, by %s", every,
		 stretched ? ", so that it costs little" : "", r->backend);
	return text;
}

static char *peak_text(const struct vmp_watch_report *r, char *text,
		       size_t size)
{
	snprintf(text, size, "%s%s", vmp_digits((uint64_t)r->series->most),
		 r->exact ? " (exact)" : " (of what was read)");
	return text;
}

/* "+120 a minute on average. " */
static char *growth_text(const struct vmp_watch_report *r, char *text,
			 size_t size)
{
	char rate[40];

	*text = '\0';
	if (r->has_rate)
		snprintf(text, size, "%s%s on average. ",
			 r->per_minute > 0   ? "+"
			 : r->per_minute < 0 ? "-"
					     : "",
			 vmp_rate(r->per_minute, rate, sizeof(rate)));
	return text;
}

static void print_details(const struct vmp_watch_report *r, FILE *out)
{
	char growth[100], peak[60], time[40], how[100], words[WORDS];

	snprintf(words, sizeof(words),
		 "%sPeak %s. Watched for %s, %s. Ctrl-C ends.",
		 growth_text(r, growth, sizeof(growth)),
		 peak_text(r, peak, sizeof(peak)),
		 vmp_duration(r->seconds, time, sizeof(time)),
		 how_text(r, how, sizeof(how)));
	print(r, out, VMP_QUIET, words);
}

static void wipe_view(struct vmp_watch_report *r)
{
	if (r->lines)
		fprintf(r->out, "\r\033[%zuA\033[J", r->lines);
	r->lines = 0;
}

static void print_view(const struct vmp_watch_report *r, FILE *out)
{
	char name[300], before[310];

	snprintf(before, sizeof(before),
		 "%s: ", name_text(r, name, sizeof(name)));
	print_count(r, out, before);
	print_outlook(r, out);
	print_spark(r, out);
	print_details(r, out);
}

/* Written at once, so that it does not flicker. */
static void show_view(struct vmp_watch_report *r)
{
	VMP_FREE char *text = NULL;
	size_t size = 0;
	FILE *view = open_memstream(&text, &size);

	if (!view)
		return;
	print_view(r, view);
	if (fclose(view))
		return;
	wipe_view(r);
	fwrite(text, 1, size, r->out);
	for (size_t i = 0; i < size; i++)
		r->lines += text[i] == '\n';
}

static void begin_nothing(struct vmp_watch_report *r)
{
	(void)r;
}

static void tell_above(struct vmp_watch_report *r, const char *text)
{
	wipe_view(r);
	print(r, r->out, VMP_PLAIN, text);
}

static void print_sums(const struct vmp_watch_report *r)
{
	const struct vmp_series *s = r->series;
	char time[40], how[100], words[WORDS];

	snprintf(words, sizeof(words),
		 "Watched for %s, %s: %s mappings at first, %s at least, "
		 "%s at most%s, %s at last.",
		 vmp_duration(r->seconds, time, sizeof(time)),
		 how_text(r, how, sizeof(how)), vmp_digits((uint64_t)s->first),
		 vmp_digits((uint64_t)s->least), vmp_digits((uint64_t)s->most),
		 r->exact ? " (exact)" : "", vmp_digits((uint64_t)r->mappings));
	print(r, r->out, VMP_PLAIN, words);
}

/* What reached it may be gone: a peak between readings. */
static void reached_text(const struct vmp_watch_report *r, const char *name,
			 char *text, size_t size)
{
	char until[100];

	vmp_escape(r->until, until, sizeof(until));
	if (r->reached > r->mappings)
		snprintf(text, size,
			 "%s has reached %s, by %s mappings between readings; "
			 "now ",
			 name, until, vmp_digits((uint64_t)r->reached));
	else
		snprintf(text, size, "%s has reached %s: ", name, until);
}

static void print_end(struct vmp_watch_report *r, enum vmp_watch_ended how)
{
	char name[300], words[WORDS];

	name_text(r, name, sizeof(name));
	if (how == VMP_WATCH_PROCESS_ENDED) {
		snprintf(words, sizeof(words), "%s has ended.", name);
		print(r, r->out, VMP_STRONG, words);
	} else {
		if (how == VMP_WATCH_REACHED)
			reached_text(r, name, words, sizeof(words));
		else
			snprintf(words, sizeof(words), "%s: ", name);
		print_count(r, r->out, words);
	}
	print_outlook(r, r->out);
	print_sums(r);
	if (r->series->count > 1)
		print_spark(r, r->out);
}

static void end_view(struct vmp_watch_report *r, enum vmp_watch_ended how)
{
	wipe_view(r);
	if (!r->series->readings)
		return;
	if (how == VMP_WATCH_FAILED)
		print_sums(r);
	else
		print_end(r, how);
}

const struct vmp_watch_format vmp_watch_live = {
	begin_nothing,
	show_view,
	tell_above,
	end_view,
};

static void begin_lines(struct vmp_watch_report *r)
{
	fprintf(r->out, "%s%-8s %10s %8s %10s %9s %10s%s\n",
		vmp_accent(r->style, VMP_STRONG), "TIME", "MAPPINGS", "PERCENT",
		"HEADROOM", "GROWTH", "A MINUTE",
		vmp_accent(r->style, VMP_PLAIN));
}

/* "+2", "-1,024", "0" */
static char *change_text(double change, char *text, size_t size)
{
	double whole = round(fmin(fabs(change), 1e15));
	const char *sign = change < 0 ? "-" : "+";

	snprintf(text, size, "%s%s", whole > 0 ? sign : "",
		 vmp_digits((uint64_t)whole));
	return text;
}

static void print_line(struct vmp_watch_report *r)
{
	char clock[20] = "", left[40], growth[40] = "", rate[40] = "";
	time_t seconds = (time_t)r->unix_seconds;
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (r->has_growth)
		change_text((double)r->growth, growth, sizeof(growth));
	if (r->has_rate)
		change_text(r->per_minute, rate, sizeof(rate));
	signed_digits(r->limit - r->mappings, left, sizeof(left));
	fprintf(r->out, "%-8s %10s %8.1f %10s %9s %10s\n", clock,
		vmp_digits((uint64_t)r->mappings),
		vmp_tenths(vmp_map_percent(r->mappings, r->limit)), left,
		growth, rate);
	if (r->trend.kind != r->said)
		print_outlook(r, r->out);
	r->said = r->trend.kind;
}

static void tell(struct vmp_watch_report *r, const char *text)
{
	print(r, r->out, VMP_PLAIN, text);
}

const struct vmp_watch_format vmp_watch_text = {
	begin_lines,
	print_line,
	tell,
	end_view,
};
