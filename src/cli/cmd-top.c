// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe top: every process, its mappings, headroom and growth. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/pace.h"
#include "cli/textfile.h"
#include "cli/top-options.h"
#include "lib/internal.h"

struct top {
	const struct vmp_top_order *order;
	struct vmp_ctx *ctx;
	struct vmp_watch *watch;
	struct vmp_sample sample;
	struct vmp_top_report report;
	struct vmp_style style;
	uint64_t turn; /* samples that were printed */
	double began;  /* the last sample, of CLOCK_MONOTONIC */
};

/* It cannot be done here: in words, and in JSON too where that was asked. */
static int refuse(const struct top *t, const char *reason)
{
	vmp_warn_escaped(reason);
	if (t->order->values->format == VMP_TOP_FORMAT_JSON)
		vmp_report_top_refused(reason, stdout);
	return VMP_EXIT_CANNOT;
}

/*
 * Say which of the processes that were asked for by number are not there.
 * Returns: VMP_EXIT_CANNOT where none is.
 */
static int check_missing(const struct top *t)
{
	const struct vmp_watch_request *request = &t->order->choice.request;
	char reason[300];

	for (size_t i = 0; i < request->pid_count; i++) {
		if (!vmp_process_left_out(t->ctx, request, &t->sample,
					  request->pids[i], reason,
					  sizeof(reason)))
			continue;
		if (!t->sample.count && i + 1 == request->pid_count)
			return refuse(t, reason);
		vmp_warn_escaped(reason);
	}
	return VMP_EXIT_OK;
}

/* Between tables that follow each other, and above the first of them. */
static void print_time(const struct top *t)
{
	time_t now = (time_t)t->sample.unix_seconds;
	struct tm local;
	char text[32] = "";

	if (localtime_r(&now, &local))
		strftime(text, sizeof(text), "%F %T", &local);
	printf("%s%s\n", t->turn ? "\n" : "", text);
}

static void print_text(const struct top *t)
{
	if (t->order->count != 1)
		print_time(t);
	vmp_report_top(&t->report, &t->style, stdout);
}

/* Of so many samples the last has the peak of them all; else each has. */
static int write_textfile(const struct top *t)
{
	uint64_t count = t->order->count;

	if (count && t->turn + 1 < count)
		return VMP_EXIT_OK;
	return vmp_textfile_write(t->order->values->textfile, &t->report);
}

static int print(const struct top *t)
{
	const struct vmp_top_values *v = t->order->values;
	bool first = !t->turn;

	if (v->textfile)
		return write_textfile(t);
	if (v->format == VMP_TOP_FORMAT_METRICS)
		vmp_report_top_metrics(&t->report, stdout);
	else if (v->format == VMP_TOP_FORMAT_JSON)
		vmp_report_top_json(&t->report, t->order->count != 1, stdout);
	else if (v->format == VMP_TOP_FORMAT_CSV)
		vmp_report_top_csv(&t->report, first, stdout);
	else
		print_text(t);
	return vmp_finish_output(stdout, "the report", VMP_EXIT_OK);
}

static int choose_and_print(struct top *t)
{
	const struct vmp_top_order *o = t->order;
	int rc;

	if (o->metrics)
		rc = vmp_top_choose_series(&t->report, o->rows, o->threshold);
	else
		rc = vmp_top_choose(&t->report, o->sort, o->rows, o->threshold);
	if (rc < 0)
		return refuse(t, "no memory");
	rc = print(t);
	free(t->report.rows);
	t->report.rows = NULL;
	return rc;
}

static int take_sample(struct top *t)
{
	t->began = vmp_seconds();
	if (vmp_watch_sample(t->watch, &t->sample) < 0)
		return refuse(t, vmp_error(t->ctx));
	return VMP_EXIT_OK;
}

/* Until so many seconds, of CLOCK_MONOTONIC. */
static void sleep_until(double seconds)
{
	struct timespec time = { (time_t)seconds, 0 };

	time.tv_nsec = (long)((seconds - floor(seconds)) * 1e9);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) ==
	       EINTR)
		;
}

/* A file that cannot be written now can be, next time. */
static bool may_go_on(const struct top *t, int rc)
{
	return rc == VMP_EXIT_OK || t->order->values->textfile;
}

/* When the next sample is due, and for the words, whether that is too late. */
static double next_due(struct top *t, double due)
{
	double next = vmp_pace_next(due, t->order->interval);

	t->report.took = vmp_seconds() - t->began;
	t->report.every = next - due;
	return next;
}

static int print_each(struct top *t)
{
	double due = t->sample.time_seconds;
	uint64_t count = t->order->count;
	int rc;

	for (;;) {
		rc = choose_and_print(t);
		t->turn++;
		if (!may_go_on(t, rc) || (count && t->turn == count))
			return rc;
		due = next_due(t, due);
		sleep_until(due);
		rc = take_sample(t);
		if (rc != VMP_EXIT_OK)
			return rc;
	}
}

static int show(struct top *t)
{
	int rc;

	vmp_progress_start("Counting the mappings of all processes...");
	rc = take_sample(t);
	vmp_progress_stop();
	if (rc == VMP_EXIT_OK)
		rc = check_missing(t);
	if (rc != VMP_EXIT_OK)
		return rc;
	vmp_style_init(&t->style, stdout,
		       (enum vmp_color_mode)t->order->values->color);
	t->report = (struct vmp_top_report){
		.ctx = t->ctx,
		.sample = &t->sample,
		.columns = t->order->columns,
		.column_count = t->order->column_count,
		.optional = t->order->optional,
		.interval = t->order->interval,
	};
	if (t->order->screen)
		return vmp_top_screen(t->order, t->watch, &t->sample,
				      &t->report);
	return print_each(t);
}

static int watch(const struct vmp_top_order *order)
{
	const char *textfile = order->values->textfile;
	struct top t = { .order = order, .ctx = NULL };
	int rc;

	/* not when the samples have been taken, a minute from now */
	if (textfile && vmp_textfile_check(textfile) != VMP_EXIT_OK)
		return VMP_EXIT_CANNOT;
	t.ctx = vmp_new();
	if (!t.ctx)
		return refuse(&t, "no memory");
	if (vmp_watch_open(t.ctx, &order->choice.request, &t.watch) < 0)
		rc = refuse(&t, vmp_error(t.ctx));
	else
		rc = show(&t);
	vmp_watch_close(t.watch);
	vmp_free(t.ctx);
	return rc;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct vmp_top_values values;
	struct vmp_top_order order;
	int status;

	if (!vmp_top_options_read(self, argc, argv, &values, &order, &status))
		return status;
	return watch(&order);
}

const struct vmp_command vmp_cmd_top = {
	.name = "top",
	.arguments = "[INTERVAL [COUNT]]",
	.summary = "Show every process: mappings, headroom, growth; the "
		   "fullest first",
	.text = "On a terminal it refreshes each INTERVAL, 2 s: q quits, h "
		"shows the keys. With\nCOUNT, or elsewhere, it prints so many "
		"tables; without INTERVAL one.\n\n"
		"Columns: pid, user, mappings, percent, headroom, growth, "
		"rate, peak, command;\nand container, cgroup, arguments, uid, "
		"age.\n\n"
		"Exit status: 0, 2 usage, 3 it cannot run here, or none of "
		"those that -p asks\nfor is there, or may be read.\n",
	.options = vmp_top_options,
	.option_count = VMP_TOP_OPTIONS,
	.run = run,
};
