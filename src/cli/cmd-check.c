// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe check: a monitoring plugin, which says how close processes are. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check-options.h"
#include "cli/deadline.h"
#include "lib/internal.h"
#include "report/check.h"
#include "report/style.h"

/* What a check works with, from the options to the report. */
struct check {
	const struct vmp_check_order *order;
	struct vmp_ctx *ctx;
	struct vmp_watch *watch;
	struct vmp_sample sample;
	struct vmp_verdict verdict;
	struct vmp_check_report report;
	char reason[400];
};

/* Something cannot be told: adds it to the reason. */
__attribute__((format(printf, 2, 3))) static void
unknown(struct check *c, const char *format, ...)
{
	size_t used = strlen(c->reason);
	char text[sizeof(c->reason)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* without /proc there are neither processes nor the limit: say it once */
	if (!strstr(c->reason, text))
		snprintf(c->reason + used, sizeof(c->reason) - used, "%s%s",
			 used ? "; " : "", text);
	c->report.status = vmp_status_worse(c->report.status, VMP_UNKNOWN);
}

/* What was named and is not there is never fine. */
static void find_missing(struct check *c)
{
	const struct vmp_watch_request *r = &c->order->choice.request;
	char reason[300];

	for (size_t i = 0; i < r->pid_count; i++)
		if (vmp_process_left_out(c->ctx, r, &c->sample, r->pids[i],
					 reason, sizeof(reason)))
			unknown(c, "%s", reason);
}

/* Counted by BPF, they need no permission each, and no remedy helps. */
static const char *remedy(const struct vmp_sample *s)
{
	if (s->backend == VMP_WATCH_BPF)
		return "";
	return geteuid() ? "; try again as root"
			 : "; this root may not trace them (CAP_SYS_PTRACE)";
}

static void none_counted(struct check *c)
{
	const struct vmp_sample *s = &c->sample;

	unknown(c, "not one of %s processes could be %s%s",
		vmp_digits(s->unreadable), vmp_check_verb(s), remedy(s));
}

/* Most of all processes were not seen: the others say little of them. */
static void check_enough(struct check *c)
{
	const struct vmp_watch_request *r = &c->order->choice.request;
	const struct vmp_sample *s = &c->sample;
	size_t count = c->verdict.count;

	if (r->pid_count || r->user_count || r->command ||
	    c->verdict.status != VMP_OK)
		return;
	if (s->hides) {
		unknown(c, "/proc hides the processes of other users%s",
			remedy(s));
	} else if (s->unreadable > count) {
		c->report.too_few = true;
		unknown(c, "only %s of %s processes could be %s%s",
			vmp_digits(count), vmp_digits(count + s->unreadable),
			vmp_check_verb(s), remedy(s));
	}
}

static void judge_sample(struct check *c)
{
	const struct vmp_sample *s = &c->sample;
	bool named = c->order->choice.request.pid_count > 0;

	c->report.sample = s;
	c->report.limit = s->limit;
	if (vmp_judge_sample(s, &c->order->thresholds, named ? 0 : getpid(),
			     &c->verdict) < 0) {
		c->report.sample = NULL;
		unknown(c, "no memory");
		return;
	}
	find_missing(c);
	c->report.status =
		vmp_status_worse(c->report.status, c->verdict.status);
	if (c->verdict.count)
		check_enough(c);
	else if (s->unreadable && !named)
		none_counted(c);
	else if (!named)
		unknown(c, "no process matches");
}

static void check_processes(struct check *c)
{
	int rc = vmp_watch_open(c->ctx, &c->order->choice.request, &c->watch);

	rc = rc < 0 ? rc : vmp_watch_sample(c->watch, &c->sample);
	if (rc < 0)
		unknown(c, "%s", vmp_error(c->ctx));
	else
		judge_sample(c);
}

static void check_limit(struct check *c)
{
	struct vmp_check_report *r = &c->report;
	int64_t limit = r->limit < 0 ? vmp_map_limit(c->ctx) : r->limit;

	if (limit < 0) {
		unknown(c, "%s", vmp_error(c->ctx));
		return;
	}
	r->limit = limit;
	if (limit < r->wanted)
		r->status = vmp_status_worse(r->status, VMP_CRITICAL);
}

static void print_report(const struct check *c, FILE *out)
{
	if (c->order->values->format == VMP_CHECK_JSON)
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
	unknown(c, "no answer within %g s", c->order->values->timeout);
	print_report(c, out);
	fclose(out);
	c->report = report;
	*c->reason = '\0';
	return text;
}

static int check(struct check *c)
{
	VMP_FREE char *late = late_text(c);
	int rc = c->ctx && late ? vmp_deadline_start(c->order->values->timeout,
						     late, VMP_UNKNOWN)
				: -ENOMEM;

	if (rc < 0)
		unknown(c, "cannot begin: %s", strerror(-rc));
	else if (c->order->processes)
		check_processes(c);
	if (rc == 0 && (c->report.wanted || c->report.limit < 0))
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
		     const struct vmp_check_values *values)
{
	struct vmp_check_order order;
	struct check c = { .order = &order };
	int rc = vmp_check_options_read(self, values, &order);

	if (rc != VMP_EXIT_OK)
		return rc;
	c.report = (struct vmp_check_report){
		.reason = c.reason,
		.verdict = &c.verdict,
		.thresholds = &order.thresholds,
		.most = (size_t)values->rows,
		.verbose = values->verbose,
		.limit = -1,
		.wanted = order.wanted,
		.wanted_by = order.wanted_by,
	};
	c.ctx = vmp_new();
	rc = check(&c);
	vmp_free(c.ctx);
	return rc;
}

static int list_products(const struct vmp_check_values *v)
{
	if (v->format == VMP_CHECK_JSON)
		vmp_report_products_json(stdout);
	else
		vmp_report_products(stdout);
	return vmp_finish_output(stdout, "standard output", VMP_EXIT_OK);
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct vmp_check_values v = { .rows = 5, .timeout = 10 };
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
	.options = vmp_check_options,
	.option_count = VMP_CHECK_OPTIONS,
	.plugin = true,
	.run = run,
};
