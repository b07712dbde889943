// SPDX-License-Identifier: GPL-2.0-or-later
/* One process over time for programs: vmaprobe.watch/1, and CSV. */
#include <inttypes.h>
#include <math.h>
#include <time.h>
#include <json-c/json.h>

#include "lib/internal.h"
#include "report/csv.h"
#include "report/json.h"
#include "report/watch.h"
#include "watch/watch.h"

static const char *const ended_names[] = {
	[VMP_WATCH_PROCESS_ENDED] = "process-ended",
	[VMP_WATCH_REACHED] = "reached",
	[VMP_WATCH_DURATION] = "duration",
	[VMP_WATCH_INTERRUPTED] = "interrupted",
	[VMP_WATCH_QUIT] = "quit",
	[VMP_WATCH_FAILED] = "failed",
};

/* "2026-11-21T15:38:49.123Z": RFC 3339. "" for no time. */
static char *time_text(double seconds, char *text, size_t size)
{
	long long ms = llround(seconds * 1000);
	time_t time = (time_t)(ms / 1000);
	struct tm tm;
	size_t used = 0;

	*text = '\0';
	if (gmtime_r(&time, &tm))
		used = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &tm);
	if (used)
		snprintf(text + used, size - used, ".%03uZ",
			 (unsigned int)(ms % 1000));
	return text;
}

/* null for what is not known, or infinite */
static struct json_object *seconds_or_null(double seconds, bool known)
{
	return known && isfinite(seconds) ? vmp_json_seconds(seconds, 1) : NULL;
}

static struct json_object *trend_object(const struct vmp_watch_report *r)
{
	const struct vmp_trend *t = &r->trend;
	struct json_object *o = json_object_new_object();
	bool has_slope = t->kind != VMP_TREND_SHORT;
	bool soon = vmp_watch_foreseen(r);

	vmp_json_add(o, "kind", vmp_json_text(vmp_trend_names[t->kind]));
	vmp_json_add(o, "readings", vmp_json_number(t->points));
	vmp_json_add(o, "window_seconds",
		     vmp_json_seconds(t->window_seconds, 3));
	vmp_json_add(o, "per_minute",
		     has_slope ? vmp_json_seconds(t->per_minute, 3) : NULL);
	vmp_json_add(o, "per_minute_low",
		     has_slope ? vmp_json_seconds(t->low_per_minute, 3) : NULL);
	vmp_json_add(o, "per_minute_high",
		     has_slope ? vmp_json_seconds(t->high_per_minute, 3)
			       : NULL);
	vmp_json_add(o, "full_seconds", seconds_or_null(t->full_seconds, soon));
	vmp_json_add(o, "earliest_seconds",
		     seconds_or_null(t->earliest_seconds, soon));
	vmp_json_add(o, "latest_seconds",
		     seconds_or_null(t->latest_seconds, soon));
	vmp_json_add(o, "ahead_seconds",
		     vmp_json_seconds(t->window_seconds * VMP_WATCH_AHEAD, 3));
	return o;
}

static struct json_object *object_of(const char *type)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "schema", vmp_json_text("vmaprobe.watch/1"));
	vmp_json_add(o, "type", vmp_json_text(type));
	return o;
}

/* What both kinds of object say. */
static void add_state(struct json_object *o, const struct vmp_watch_report *r)
{
	char time[40];

	vmp_json_add(
		o, "time",
		vmp_json_text(time_text(r->unix_seconds, time, sizeof(time))));
	vmp_json_add(o, "unix_seconds", vmp_json_seconds(r->unix_seconds, 3));
	vmp_json_add(o, "pid", json_object_new_int64(r->pid));
	vmp_json_add(o, "command", vmp_json_text(r->command));
	vmp_json_add(o, "mappings", json_object_new_int64(r->mappings));
	vmp_json_add(o, "limit", json_object_new_int64(r->limit));
	vmp_json_add(o, "limit_percent",
		     vmp_json_seconds(vmp_map_percent(r->mappings, r->limit),
				      2));
	vmp_json_add(o, "headroom",
		     json_object_new_int64(r->limit - r->mappings));
	vmp_json_add(o, "peak", json_object_new_int64(r->series->most));
	vmp_json_add(o, "peak_exact", json_object_new_boolean(r->exact));
	vmp_json_add(o, "backend", vmp_json_text(r->backend));
	vmp_json_add(o, "every_seconds",
		     vmp_json_seconds(r->every_seconds > r->interval_seconds
					      ? r->every_seconds
					      : r->interval_seconds,
				      3));
	vmp_json_add(o, "trend", trend_object(r));
}

static void print_sample(struct vmp_watch_report *r)
{
	struct json_object *o = object_of("sample");
	bool changed = r->limit_before != r->limit;

	add_state(o, r);
	vmp_json_add(o, "growth",
		     r->has_growth ? json_object_new_int64(r->growth) : NULL);
	vmp_json_add(o, "growth_per_minute",
		     r->has_rate ? vmp_json_seconds(r->per_minute, 3) : NULL);
	vmp_json_add(o, "limit_before",
		     changed ? json_object_new_int64(r->limit_before) : NULL);
	vmp_json_print_line(o, r->out);
}

static void add_sums(struct json_object *o, const struct vmp_watch_report *r)
{
	char time[40];

	vmp_json_add(o, "seconds", vmp_json_seconds(r->seconds, 3));
	vmp_json_add(o, "first_time",
		     vmp_json_text(time_text(r->first_unix_seconds, time,
					     sizeof(time))));
	vmp_json_add(o, "readings", vmp_json_number(r->series->readings));
	vmp_json_add(o, "first", json_object_new_int64(r->series->first));
	vmp_json_add(o, "least", json_object_new_int64(r->series->least));
	vmp_json_add(o, "most", json_object_new_int64(r->series->most));
}

static void print_summary(struct vmp_watch_report *r, enum vmp_watch_ended how)
{
	struct json_object *o = object_of("summary");

	vmp_json_add(o, "ended", vmp_json_text(ended_names[how]));
	vmp_json_add(o, "until", r->until ? vmp_json_text(r->until) : NULL);
	vmp_json_add(o, "reason",
		     how == VMP_WATCH_FAILED && r->reason
			     ? vmp_json_text(r->reason)
			     : NULL);
	if (r->series->readings) {
		add_state(o, r);
		add_sums(o, r);
	}
	vmp_json_print_line(o, r->out);
}

static void pass_over(struct vmp_watch_report *r)
{
	(void)r;
}

/* Each row has the limit and the command in it. */
static void leave_out(struct vmp_watch_report *r, const char *text)
{
	(void)r;
	(void)text;
}

const struct vmp_watch_format vmp_watch_json = {
	pass_over,
	print_sample,
	leave_out,
	print_summary,
};

static void print_header(struct vmp_watch_report *r)
{
	fputs("time,unix_seconds,pid,command,mappings,limit,limit_percent,"
	      "headroom,growth,growth_per_minute,peak,peak_exact,backend,"
	      "trend,trend_per_minute,full_seconds,earliest_seconds,"
	      "latest_seconds\r\n",
	      r->out);
}

/* Empty where it is not known, or infinite. */
static void put_number(FILE *out, double value, int digits, bool known)
{
	putc(',', out);
	if (known && isfinite(value))
		fprintf(out, "%.*f", digits, value);
}

static void print_row(struct vmp_watch_report *r)
{
	const struct vmp_trend *t = &r->trend;
	bool soon = vmp_watch_foreseen(r);
	FILE *out = r->out;
	char time[40];

	fprintf(out, "%s,%.3f,%d,",
		time_text(r->unix_seconds, time, sizeof(time)), r->unix_seconds,
		(int)r->pid);
	vmp_csv_name(out, r->command);
	fprintf(out, ",%" PRId64 ",%" PRId64 ",%.2f,%" PRId64, r->mappings,
		r->limit, vmp_map_percent(r->mappings, r->limit),
		r->limit - r->mappings);
	put_number(out, (double)r->growth, 0, r->has_growth);
	put_number(out, r->per_minute, 3, r->has_rate);
	fprintf(out, ",%" PRId64 ",%s,%s,%s", r->series->most,
		r->exact ? "true" : "false", r->backend,
		vmp_trend_names[t->kind]);
	put_number(out, t->per_minute, 3, t->kind != VMP_TREND_SHORT);
	put_number(out, t->full_seconds, 1, soon);
	put_number(out, t->earliest_seconds, 1, soon);
	put_number(out, t->latest_seconds, 1, soon);
	fputs("\r\n", out);
}

/* Rows alone: what went wrong is said elsewhere. */
static void end_rows(struct vmp_watch_report *r, enum vmp_watch_ended how)
{
	(void)r;
	(void)how;
}

const struct vmp_watch_format vmp_watch_csv = {
	print_header,
	print_row,
	leave_out,
	end_rows,
};
