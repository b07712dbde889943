// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe check: a monitoring plugin, which says how close processes are. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/deadline.h"
#include "cli/processes.h"
#include "engine/verb.h"
#include "lib/internal.h"
#include "report/check.h"
#include "report/style.h"
#include "watch/product.h"

struct check_values {
	struct vmp_process_values processes;
	struct vmp_list products;
	const char *warning, *critical;
	uint64_t min_limit, rows;
	double timeout;
	bool all, list_products, verbose;
	int format;
};

enum { FORMAT_TEXT, FORMAT_JSON };
static const char *const formats[] = { "text", "json", NULL };

#define OPTION(...) VMP_OPTION(check_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("warning", "RANGE", TEXT, warning,
	       "80%, 5000:, @0:5000, ~:80%: what is fine; 80%", .letter = 'w'),
	OPTION("critical", "RANGE", TEXT, critical, "the same; 95%",
	       .letter = 'c'),
	OPTION("all", NULL, FLAG, all, "all processes, which is the default",
	       .letter = 'a'),
	VMP_PROCESS_OPTIONS(check_values, processes),
	OPTION("min-limit", "N", COUNT, min_limit,
	       "vm.max_map_count is to be at least so high"),
	OPTION("for", "PRODUCT", LIST, products,
	       "the same, as this product asks for; may be given often"),
	OPTION("list-products", NULL, FLAG, list_products,
	       "print the products, their figures and sources"),
	OPTION("rows", "N", COUNT, rows, "lines below the first; 5",
	       .letter = 'n'),
	OPTION("timeout", "TIME", SECONDS, timeout,
	       "UNKNOWN when it takes longer; 10 s", .letter = 't'),
	OPTION("verbose", NULL, FLAG, verbose, "say how it was counted",
	       .letter = 'v'),
	OPTION("format", "FORMAT", CHOICE, format, "text or json",
	       .choices = formats),
};

/* What a check works with, from the options to the report. */
struct check {
	const struct check_values *values;
	struct vmp_ctx *ctx;
	struct vmp_process_choice choice;
	struct vmp_thresholds thresholds;
	struct vmp_watch *watch;
	struct vmp_sample sample;
	struct vmp_verdict verdict;
	struct vmp_check_report report;
	char reason[400];
	bool processes; /* are looked at */
};

/* Something cannot be told: adds it to the reason. */
__attribute__((format(printf, 2, 3))) static void
unknown(struct check *c, const char *format, ...)
{
	size_t used = strlen(c->reason);
	va_list args;

	if (used && used + 3 < sizeof(c->reason)) {
		strcpy(c->reason + used, "; ");
		used += 2;
	}
	va_start(args, format);
	vsnprintf(c->reason + used, sizeof(c->reason) - used, format, args);
	va_end(args);
	c->report.status = vmp_status_worse(c->report.status, VMP_UNKNOWN);
}

/* What was named and is not there is never fine. */
static void find_missing(struct check *c)
{
	const struct vmp_watch_request *r = &c->choice.request;
	char reason[300];

	for (size_t i = 0; i < r->pid_count; i++)
		if (vmp_process_left_out(c->ctx, r, &c->sample, r->pids[i],
					 reason, sizeof(reason)))
			unknown(c, "%s", reason);
}

static void judge_sample(struct check *c)
{
	const struct vmp_sample *s = &c->sample;
	bool named = c->choice.request.pid_count > 0;

	c->report.sample = s;
	c->report.limit = s->limit;
	if (vmp_judge_sample(s, &c->thresholds, named ? 0 : getpid(),
			     &c->verdict) < 0) {
		c->report.sample = NULL;
		unknown(c, "no memory");
		return;
	}
	find_missing(c);
	if (c->verdict.count)
		c->report.status =
			vmp_status_worse(c->report.status, c->verdict.status);
	else if (s->unreadable && !named)
		unknown(c, "not one of %s processes could be read; %s",
			vmp_digits(s->unreadable), vmp_process_remedy());
	else if (!named)
		unknown(c, "no process matches");
}

static void check_processes(struct check *c)
{
	int rc = vmp_watch_open(c->ctx, &c->choice.request, &c->watch);

	rc = rc < 0 ? rc : vmp_watch_sample(c->watch, &c->sample);
	if (rc < 0)
		unknown(c, "%s", vmp_error(c->ctx));
	else
		judge_sample(c);
}

static void check_limit(struct check *c)
{
	struct vmp_check_report *r = &c->report;
	int64_t limit = r->limit ? r->limit : vmp_map_limit(c->ctx);

	if (limit < 0) {
		unknown(c, "%s", vmp_error(c->ctx));
		return;
	}
	r->limit = limit;
	if (limit < r->wanted)
		r->status = vmp_status_worse(r->status, VMP_CRITICAL);
}

static const char *product_name(size_t i)
{
	return i < vmp_product_count ? vmp_products[i].name : NULL;
}

static int no_product(const struct vmp_command *self, const char *name)
{
	const char *closest = vmp_closest(name, product_name);
	char known[600] = "", shown[100], more[100] = "";

	for (size_t i = 0; i < vmp_product_count; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known),
			 "%s%s", i ? ", " : "", vmp_products[i].name);
	if (closest)
		snprintf(more, sizeof(more), " (did you mean \"%s\"?)",
			 closest);
	return vmp_usage_error(self,
			       "there is no product \"%s\"%s; there are: %s",
			       vmp_escape(name, shown, sizeof(shown)), more,
			       known);
}

/* The strictest of --min-limit and all of --for. */
static int choose_limit(const struct vmp_command *self, struct check *c)
{
	const struct check_values *v = c->values;
	struct vmp_check_report *r = &c->report;

	if (v->min_limit > INT_MAX)
		return vmp_usage_error(
			self, "--min-limit: no limit is higher than %s",
			vmp_digits(INT_MAX));
	r->wanted = (int64_t)v->min_limit;
	r->wanted_by = "";
	for (size_t i = 0; i < v->products.count; i++) {
		const struct vmp_product *p =
			vmp_product_find(v->products.item[i]);

		if (!p)
			return no_product(self, v->products.item[i]);
		if (p->limit <= r->wanted)
			continue;
		r->wanted = p->limit;
		r->wanted_by = p->name;
	}
	return VMP_EXIT_OK;
}

static int read_range(const struct vmp_command *self, const char *option,
		      const char *text, struct vmp_threshold *threshold)
{
	char reason[100], shown[100];

	if (vmp_threshold_parse(text, threshold, reason, sizeof(reason)) == 0)
		return VMP_EXIT_OK;
	return vmp_usage_error(self, "--%s=%s: %s", option,
			       vmp_escape(text, shown, sizeof(shown)), reason);
}

/* With a limit to check, processes are looked at where an option is of them. */
static int choose_processes(const struct vmp_command *self, struct check *c)
{
	const struct check_values *v = c->values;
	const struct vmp_process_values *p = &v->processes;
	bool some = p->pids.count || p->users.count || p->command;
	int rc;

	if (v->all && some)
		return vmp_usage_error(self,
				       "either --all, or -p, -u and --comm");
	c->processes = !c->report.wanted || some || v->all || v->warning ||
		       v->critical;
	rc = read_range(self, "warning", v->warning ? v->warning : "80%",
			&c->thresholds.warning);
	if (rc == VMP_EXIT_OK)
		rc = read_range(self, "critical",
				v->critical ? v->critical : "95%",
				&c->thresholds.critical);
	return rc == VMP_EXIT_OK ? vmp_processes_read(self, p, &c->choice) : rc;
}

static void print_report(const struct check *c, FILE *out)
{
	if (c->values->format == FORMAT_JSON)
		vmp_report_check_json(&c->report, out);
	else
		vmp_report_check(&c->report, out);
}

/* What is printed when there is no answer in time. From malloc(), or NULL. */
static char *late_text(struct check *c)
{
	struct vmp_check_report report = c->report;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	unknown(c, "no answer within %g s", c->values->timeout);
	print_report(c, out);
	fclose(out);
	c->report = report;
	*c->reason = '\0';
	return text;
}

static int check(struct check *c)
{
	VMP_FREE char *late = late_text(c);
	int rc = c->ctx && late ? vmp_deadline_start(c->values->timeout, late,
						     VMP_UNKNOWN)
				: -ENOMEM;

	if (rc < 0)
		unknown(c, "cannot begin: %s", strerror(-rc));
	else if (c->processes)
		check_processes(c);
	if (rc == 0 && (c->report.wanted || !c->report.limit))
		check_limit(c);
	if (rc == 0)
		vmp_deadline_met();
	print_report(c, stdout);
	vmp_watch_close(c->watch);
	free(c->verdict.rows);
	return vmp_finish_output(stdout, "standard output",
				 (int)c->report.status);
}

static int run_check(const struct vmp_command *self,
		     const struct check_values *v)
{
	VMP_FREE struct check *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return vmp_usage_error(self, "no memory");
	c->values = v;
	c->report = (struct vmp_check_report){
		.reason = c->reason,
		.verdict = &c->verdict,
		.thresholds = &c->thresholds,
		.most = (size_t)v->rows,
		.verbose = v->verbose,
	};
	rc = choose_limit(self, c);
	rc = rc == VMP_EXIT_OK ? choose_processes(self, c) : rc;
	if (rc != VMP_EXIT_OK)
		return rc;
	c->ctx = vmp_new();
	rc = check(c);
	vmp_free(c->ctx);
	return rc;
}

static int list_products(const struct check_values *v)
{
	if (v->format == FORMAT_JSON)
		vmp_report_products_json(stdout);
	else
		vmp_report_products(stdout);
	return vmp_finish_output(stdout, "standard output", VMP_EXIT_OK);
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct check_values v = { .rows = 5, .timeout = 10 };
	int first = vmp_options_read(self, argc, argv, &v);
	char shown[100];

	if (first == -1)
		return VMP_UNKNOWN;
	if (first == -2)
		return vmp_finish_output(stdout, "help", VMP_EXIT_OK);
	if (first < argc)
		return vmp_usage_error(
			self, "found \"%s\"; a process is given by -p",
			vmp_escape(argv[first], shown, sizeof(shown)));
	return v.list_products ? list_products(&v) : run_check(self, &v);
}

const struct vmp_command vmp_cmd_check = {
	.name = "check",
	.arguments = "",
	.summary = "Check how close processes are to their limit, for a "
		   "monitoring system",
	.text = "RANGE: percent of the limit in use, or mappings that are "
		"left; outside it is\nthe alarm, with @ inside.\n"
		"Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; usage "
		"errors are UNKNOWN\ntoo.\n",
	.options = options,
	.option_count = VMP_COUNT(options),
	.plugin = true,
	.run = run,
};
