// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe run: reproduce a failure from a scenario. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/internal.h"
#include "report/report.h"
#include "report/svg.h"

struct run_values {
	const char *scenario, *allocator, *worker, *log, *plot;
	struct vmp_list set;
	bool keep_going;
	uint64_t failures;
	double timeout;
	int format, color;
};

#define OPTION(...) VMP_OPTION(run_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("scenario", "NAME|FILE", TEXT, scenario,
	       "a built-in scenario, or a file (./mine.vma)"),
	OPTION("set", "NAME=VALUE", LIST, set,
	       "give a parameter another value; may be given often"),
	OPTION("allocator", "NAME", TEXT, allocator,
	       "run under jemalloc, tcmalloc, mimalloc, FILE.so; or all"),
	OPTION("format", "FORMAT", CHOICE, format, "text, json or csv",
	       .choices = vmp_format_names),
	OPTION("log", "FILE", TEXT, log, "write the JSON to a file too"),
	OPTION("plot", "FILE.svg", TEXT, plot,
	       "draw the map count against the calls"),
	OPTION("failures", "N", COUNT, failures,
	       "list up to N failures of each step in JSON (1000)"),
	OPTION("keep-going", NULL, FLAG, keep_going,
	       "run the steps behind an unexpected failure too"),
	OPTION("timeout", "TIME", SECONDS, timeout,
	       "end the run after this long: 30, 90s, 5m"),
	OPTION("worker", "FILE", TEXT, worker,
	       "the worker program to run the scenario in"),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

static void on_signal(int number)
{
	(void)number;
	vmp_interrupt();
}

static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }, before;

	/* what nohup or a shell's "&" has ignored stays so */
	for (size_t i = 0; i < VMP_COUNT(signals); i++)
		if (sigaction(signals[i], NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

/* A line on stderr, once a run has taken half a second; cleared at the end. */
static bool progress_shown;

static void show_progress(const char *step, uint64_t done, uint64_t calls)
{
	static int tenths; /* of a second: how often this is called */
	char text[64], a[32], b[32];

	if (++tenths < 5)
		return;
	progress_shown = true;
	vmp_escape(step, text, sizeof(text));
	fprintf(stderr, "\r\033[K%.40s: %s of %s calls", text,
		vmp_group_digits((int64_t)done, a),
		vmp_group_digits((int64_t)calls, b));
}

static void clear_progress(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

/* The line that has the error, and a mark below its column. */
static void print_excerpt(const struct vmp_scenario_error *e)
{
	char prefix[sizeof(e->excerpt)], line[600], before[600];
	size_t column = e->column ? e->column - 1 : 0;

	if (!e->excerpt[0] || column > strlen(e->excerpt))
		return;
	snprintf(prefix, sizeof(prefix), "%.*s", (int)column, e->excerpt);
	vmp_escape(prefix, before, sizeof(before));
	fprintf(stderr, "    %s\n    %*s^\n",
		vmp_escape(e->excerpt, line, sizeof(line)),
		(int)vmp_columns(before), "");
}

/* "mine.vma:3:7: found ..." */
static void print_error(const char *value, const struct vmp_scenario_error *e)
{
	char name[512], text[800];

	vmp_escape(value, name, sizeof(name));
	vmp_escape(e->text, text, sizeof(text));
	if (e->line)
		vmp_warn("%s:%u:%u: %s", name, e->line, e->column, text);
	else if (e->column)
		vmp_warn("--set: %s", text);
	else
		vmp_warn("%s: %s", name, text);
	print_excerpt(e);
}

static int load(const struct run_values *v, struct vmp_scenario **scenario)
{
	struct vmp_scenario_error error;
	int rc = vmp_scenario_load(v->scenario, scenario, &error);

	if (rc < 0) {
		print_error(v->scenario, &error);
		return VMP_EXIT_USAGE;
	}
	for (size_t i = 0; i < v->set.count; i++) {
		rc = vmp_scenario_set(*scenario, v->set.item[i], &error);
		if (rc == 0)
			continue;
		print_error(v->scenario, &error);
		vmp_scenario_free(*scenario);
		return VMP_EXIT_USAGE;
	}
	return 0;
}

static int status_of(const struct vmp_run *run)
{
	if (run->ended == VMP_INTERRUPTED)
		return VMP_EXIT_INTERRUPTED;
	switch (run->verdict) {
	case VMP_REPRODUCED:
		return VMP_EXIT_OK;
	case VMP_NOT_REPRODUCED:
		return VMP_EXIT_FINDING;
	default:
		return VMP_EXIT_CANNOT;
	}
}

/* Write the files while errno is still of their own doing. */
static int write_sides(struct vmp_side *log, struct vmp_side *plot,
		       const struct vmp_run *run, int rc)
{
	errno = 0;
	if (log->file)
		vmp_report_json(run, log->file);
	rc = vmp_side_close(log, rc);
	errno = 0;
	if (plot->file)
		vmp_report_svg(run, plot->file);
	return vmp_side_close(plot, rc);
}

static void print_run(const struct run_values *v, const struct vmp_run *run,
		      const struct vmp_style *style)
{
	char reason[800];

	if (v->format == VMP_JSON) {
		vmp_report_json(run, stdout);
	} else if (v->format == VMP_CSV) {
		vmp_report_csv(run, stdout);
	} else if (run->ended == VMP_NOT_STARTED) {
		vmp_warn("%s cannot run here: %s", run->scenario->name,
			 vmp_escape(run->reason, reason, sizeof(reason)));
	} else {
		vmp_report_text(run, style, stdout);
	}
}

static struct vmp_run_options run_options(const struct run_values *v,
					  const char *allocator)
{
	return (struct vmp_run_options){
		.worker = v->worker,
		.allocator = allocator,
		.keep_going = v->keep_going,
		.failures_kept = v->failures,
		.timeout_seconds = v->timeout,
		.samples = v->plot ? 200 : 0,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
	};
}

/* Returns: false after an error, which is printed, with the status in *rc. */
static bool run_once(const struct run_values *v, const char *allocator,
		     const struct vmp_scenario *scenario, struct vmp_run *run,
		     int *rc)
{
	struct vmp_run_options o = run_options(v, allocator);
	struct vmp_scenario_error error;
	int got = vmp_run_scenario(scenario, &o, run, &error);

	clear_progress();
	if (got == 0)
		return true;
	if (got == -EINVAL)
		print_error(v->scenario, &error);
	else
		vmp_warn("%s", strerror(-got));
	vmp_run_fini(run);
	*rc = got == -EINVAL ? VMP_EXIT_USAGE : VMP_EXIT_INTERNAL;
	return false;
}

static int run_one(const struct run_values *v,
		   const struct vmp_scenario *scenario,
		   const struct vmp_style *style)
{
	struct vmp_side log = { 0 }, plot = { 0 };
	struct vmp_run run;
	int rc = VMP_EXIT_CANNOT;

	if (vmp_side_open(&log, v->log) && vmp_side_open(&plot, v->plot) &&
	    run_once(v, v->allocator, scenario, &run, &rc)) {
		rc = write_sides(&log, &plot, &run, status_of(&run));
		print_run(v, &run, style);
		vmp_run_fini(&run);
	}
	rc = vmp_side_close(&plot, rc);
	return vmp_side_close(&log, rc);
}

static void report_all(const struct run_values *v, const struct vmp_run *runs,
		       const char *const *names, size_t count,
		       const struct vmp_style *style, FILE *log)
{
	if (log)
		vmp_report_allocators_json(runs, names, count, log);
	if (v->format == VMP_JSON)
		vmp_report_allocators_json(runs, names, count, stdout);
	else
		vmp_report_allocators(runs, names, count, style, stdout);
}

/* The libc's own first, then each of the table, installed or not. */
static int run_all(const struct run_values *v,
		   const struct vmp_scenario *scenario,
		   const struct vmp_style *style)
{
	size_t count = vmp_allocator_count + 1, done = 0;
	struct vmp_run runs[16];
	const char *names[16];
	struct vmp_side log = { 0 };
	int rc = VMP_EXIT_OK;

	if (!vmp_side_open(&log, v->log))
		return VMP_EXIT_CANNOT;
	for (; done < count && rc == VMP_EXIT_OK; done++) {
		const char *name = done ? vmp_allocators[done - 1].name : NULL;

		if (!run_once(v, name, scenario, &runs[done], &rc))
			break;
		names[done] = name ? name : runs[done].allocator;
		if (runs[done].ended == VMP_INTERRUPTED)
			rc = VMP_EXIT_INTERRUPTED;
	}
	if (done && runs[0].ended != VMP_FINISHED && rc == VMP_EXIT_OK)
		rc = VMP_EXIT_CANNOT;
	if (done && rc != VMP_EXIT_USAGE)
		report_all(v, runs, names, done, style, log.file);
	for (size_t i = 0; i < done; i++)
		vmp_run_fini(&runs[i]);
	return vmp_side_close(&log, rc);
}

static int check_values(const struct vmp_command *self, struct run_values *v,
			int argc, char **argv, int first)
{
	bool all = v->allocator && !strcmp(v->allocator, "all");
	char reason[300];

	if (first < argc && !v->scenario)
		v->scenario = argv[first++];
	if (first < argc)
		return vmp_usage_error(self,
				       "found \"%s\"; one scenario is "
				       "enough",
				       argv[first]);
	if (!v->scenario || !*v->scenario)
		return vmp_usage_error(self,
				       "which scenario? \"vmaprobe list\" "
				       "names those that are built in");
	if (v->allocator && !all &&
	    vmp_allocator_check(v->allocator, reason, sizeof(reason)) < 0)
		return vmp_usage_error(self, "--allocator=%s: %s", v->allocator,
				       reason);
	if (all && (v->plot || v->format == VMP_CSV))
		return vmp_usage_error(self,
				       "--allocator=all prints a table "
				       "or JSON; --plot and --format=csv are "
				       "for one allocator");
	return 0;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct run_values v = { .failures = 1000 };
	int first = vmp_options_read(self, argc, argv, &v);
	struct vmp_scenario *scenario;
	struct vmp_style style;
	int rc;

	if (first < 0)
		return first == -2 ? vmp_finish_output(stdout, "help", 0)
				   : VMP_EXIT_USAGE;
	rc = check_values(self, &v, argc, argv, first);
	rc = rc ? rc : load(&v, &scenario);
	if (rc)
		return rc;
	catch_signals();
	vmp_style_init(&style, stdout, (enum vmp_color_mode)v.color);
	if (v.allocator && !strcmp(v.allocator, "all"))
		rc = run_all(&v, scenario, &style);
	else
		rc = run_one(&v, scenario, &style);
	vmp_scenario_free(scenario);
	return vmp_finish_output(stdout, "standard output", rc);
}

const struct vmp_command vmp_cmd_run = {
	.name = "run",
	.arguments = "[SCENARIO]",
	.summary = "Run a scenario: show which call fails, and why",
	.text = "Exit status: 0 all that the scenario expects came true, 1 it "
		"did not,\n2 usage or an error in the scenario, 3 it cannot "
		"run here or was cut short,\n130 interrupted.\n",
	.options = options,
	.option_count = VMP_COUNT(options),
	.run = run,
};
