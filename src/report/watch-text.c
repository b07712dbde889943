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
	LEAST_SPARK = 8,
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

/* "52,424 of 65,530 mappings, 80.0%, 13,106 left" */
static char *count_text(const struct vmp_watch_report *r, char *text,
			size_t size)
{
	char left[32];

	snprintf(text, size, "%s of %s mapping%s, %.1f%%, %s left",
		 vmp_digits((uint64_t)r->mappings),
		 vmp_digits((uint64_t)r->limit), r->limit == 1 ? "" : "s",
		 vmp_tenths(vmp_map_percent(r->mappings, r->limit)),
		 r->mappings < r->limit
			 ? vmp_group_digits(r->limit - r->mappings, left)
			 : "none");
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
	size_t columns = r->style->width, beside;

	vmp_sparkline_scale(r->series, r->limit, scale, sizeof(scale));
	beside = strlen(scale) + 3;
	columns = columns > beside + LEAST_SPARK ? columns - beside
						 : LEAST_SPARK;
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
		 "%sPeak %s. Watched for %s, %s. %s ends.",
		 growth_text(r, growth, sizeof(growth)),
		 peak_text(r, peak, sizeof(peak)),
		 vmp_duration(r->seconds, time, sizeof(time)),
		 how_text(r, how, sizeof(how)), r->keys ? "q" : "Ctrl-C");
	print(r, out, VMP_QUIET, words);
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
	vmp_view_wipe(r);
	vmp_view_put(r, text);
}

static void begin_nothing(struct vmp_watch_report *r)
{
	(void)r;
}

static void tell_above(struct vmp_watch_report *r, const char *text)
{
	vmp_view_wipe(r);
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
	size_t length = strlen(vmp_escape(r->until, until, sizeof(until)));
	bool colon = length && until[length - 1] == ':';

	if (r->reached > r->mappings)
		snprintf(text, size,
			 "%s has reached %s by %s mappings between readings%s",
			 name, until, vmp_digits((uint64_t)r->reached),
			 r->gone ? ", and has ended." : "; now ");
	else /* "1000:" has one */
		snprintf(text, size, "%s has reached %s%s ", name, until,
			 colon ? "" : ":");
}

static void print_end(struct vmp_watch_report *r, enum vmp_watch_ended how)
{
	char name[300], words[WORDS];

	name_text(r, name, sizeof(name));
	if (how == VMP_WATCH_REACHED)
		reached_text(r, name, words, sizeof(words));
	else
		snprintf(words, sizeof(words),
			 r->gone ? "%s has ended." : "%s: ", name);
	if (r->gone)
		print(r, r->out, VMP_STRONG, words);
	else
		print_count(r, r->out, words);
	print_outlook(r, r->out);
	print_sums(r);
	if (r->series->count > 1)
		print_spark(r, r->out);
}

static void end_view(struct vmp_watch_report *r, enum vmp_watch_ended how)
{
	vmp_view_wipe(r);
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
	fprintf(r->out, "%s%-8s %10s %8s %10s %9s %10s",
		vmp_accent(r->style, VMP_STRONG), "TIME", "MAPPINGS", "PERCENT",
		"HEADROOM", "GROWTH", "A MINUTE");
	if (r->exact)
		fprintf(r->out, " %10s", "PEAK");
	fprintf(r->out, "%s\n", vmp_accent(r->style, VMP_PLAIN));
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

/* When it begins, and when it changes: met is met with the first reading. */
static void tell_outlook(struct vmp_watch_report *r)
{
	bool met = vmp_watch_met(r);

	if (met ? !r->said_met : r->trend.kind != r->said || r->said_met)
		print_outlook(r, r->out);
	r->said = r->trend.kind;
	r->said_met = met;
}

static void print_line(struct vmp_watch_report *r)
{
	char clock[20] = "", growth[40] = "", rate[40] = "", left[32];
	time_t seconds = (time_t)r->unix_seconds;
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (r->has_growth)
		change_text((double)r->growth, growth, sizeof(growth));
	if (r->has_rate)
		change_text(r->per_minute, rate, sizeof(rate));
	fprintf(r->out, "%-8s %10s %8.1f %10s %9s %10s", clock,
		vmp_digits((uint64_t)r->mappings),
		vmp_tenths(vmp_map_percent(r->mappings, r->limit)),
		vmp_group_digits(r->limit - r->mappings, left), growth, rate);
	if (r->exact)
		fprintf(r->out, " %10s", vmp_digits((uint64_t)r->highest));
	putc('\n', r->out);
	tell_outlook(r);
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
