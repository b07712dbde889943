// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe limits: what bounds mappings here, and what calls do at the limit. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "engine/scenario.h"
#include "lib/internal.h"
#include "report/limits.h"
#include "trace/trace.h"

struct limits_values {
	const char *expect, *against, *worker;
	bool calls;
	int format, color;
};

#define OPTION(...) VMP_OPTION(limits_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("calls", NULL, FLAG, calls,
	       "try each memory call with -1 to 6 mappings left"),
	OPTION("expect", "FILE", TEXT, expect,
	       "say what differs from a table saved as JSON"),
	OPTION("against", "KERNEL", TEXT, against,
	       "the same with a table that is shipped: 6.1"),
	OPTION("worker", "FILE", TEXT, worker,
	       "try them in this program in place of vmaprobe-worker"),
	OPTION("format", "FORMAT", CHOICE, format, "text, json or csv",
	       .choices = vmp_format_names),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

static void add_feature(struct vmp_bounds *b, const char *name, bool available,
			const char *reason)
{
	struct vmp_probed *f = &b->features[b->feature_count];

	if (b->feature_count == VMP_COUNT(b->features))
		return;
	f->name = name;
	f->available = available;
	snprintf(f->reason, sizeof(f->reason), "%s", reason);
	b->feature_count++;
}

static void probe_features(struct vmp_bounds *b)
{
	struct vmp_trace_request everything = { 0 };
	char reason[256] = "";
	bool works;

	for (size_t i = 0; i < vmp_feature_count; i++) {
		works = vmp_features[i].probe();
		add_feature(b, vmp_features[i].name, works,
			    vmp_features[i].missing);
	}
	works = vmp_trace_bpf.available(&everything, reason, sizeof(reason)) ==
		0;
	add_feature(b, "bpf", works, reason);
}

static int read_bounds(struct vmp_ctx *ctx, struct vmp_bounds *b)
{
	int rc = vmp_system_read(ctx, &b->system);

	rc = rc < 0 ? rc : vmp_limits_read(ctx, &b->limits);
	rc = rc < 0 ? rc : vmp_process_read(ctx, 0, &b->self);
	if (rc < 0)
		vmp_warn("%s", vmp_error(ctx));
	else
		probe_features(b);
	return rc < 0 ? VMP_EXIT_CANNOT : VMP_EXIT_OK;
}

static int show_bounds(const struct limits_values *v)
{
	struct vmp_bounds b = { 0 };
	struct vmp_style style;
	struct vmp_ctx *ctx = vmp_new();
	int rc = ctx ? read_bounds(ctx, &b) : VMP_EXIT_INTERNAL;

	vmp_style_init(&style, stdout, (enum vmp_color_mode)v->color);
	if (rc != VMP_EXIT_OK)
		;
	else if (v->format == VMP_JSON)
		vmp_report_bounds_json(&b, stdout);
	else if (v->format == VMP_CSV)
		vmp_report_bounds_csv(&b, stdout);
	else
		vmp_report_bounds(&b, &style, stdout);
	vmp_free(ctx);
	return rc;
}

/* The table to hold against. Returns: VMP_EXIT_OK, or what to exit with. */
static int load_expected(const struct vmp_command *self,
			 const struct limits_values *v,
			 struct vmp_truth *expected)
{
	const char *name = v->expect;
	char path[8400], shown[8400];

	if (v->against) {
		if (vmp_truth_find(v->against, path, sizeof(path)) < 0)
			return vmp_usage_error(
				self,
				"--against=%s: there is no such table%s%s",
				vmp_escape(v->against, shown, 200),
				*path ? "; there are: " : ", nor any other",
				path);
		name = path;
	}
	if (vmp_truth_load(name, expected) == 0)
		return VMP_EXIT_OK;
	vmp_warn("%s: %s", vmp_escape(name, shown, sizeof(shown)),
		 expected->reason);
	return VMP_EXIT_USAGE;
}

/* Names and globs of operations. Returns: false after an error. */
static bool choose(const struct vmp_command *self, char **names,
		   struct vmp_truth_request *request)
{
	char shown[200];

	for (; *names; names++) {
		bool any = false;

		for (int i = 0; i < VMP_OPERATIONS; i++)
			if (!fnmatch(*names, vmp_operations[i].name, 0))
				any = request->only[i] = true;
		if (any)
			continue;
		vmp_usage_error(self,
				"there is no operation \"%s\"; vma-limits(7) "
				"names them all",
				vmp_escape(*names, shown, sizeof(shown)));
		return false;
	}
	return true;
}

static void print(const struct vmp_truth_report *report,
		  const struct limits_values *v)
{
	struct vmp_style style;

	vmp_style_init(&style, stdout, (enum vmp_color_mode)v->color);
	if (v->format == VMP_JSON)
		vmp_report_truth_json(report, stdout);
	else if (v->format == VMP_CSV)
		vmp_report_truth_csv(report, stdout);
	else
		vmp_report_truth(report, &style, stdout);
}

static int run_calls(const struct limits_values *v,
		     const struct vmp_truth_request *request,
		     struct vmp_truth *truth)
{
	int rc;

	vmp_progress_start("trying each call with few mappings left...");
	rc = vmp_truth_run(request, truth);
	vmp_progress_stop();
	if (rc < 0)
		vmp_warn("%s", truth->reason);
	if (rc < 0 && v->format == VMP_JSON)
		vmp_report_truth_json(
			&(struct vmp_truth_report){ .truth = truth }, stdout);
	return rc < 0 ? VMP_EXIT_CANNOT : VMP_EXIT_OK;
}

static int try_calls(const struct vmp_command *self,
		     const struct limits_values *v, char **names)
{
	VMP_FREE struct vmp_truth *tables = calloc(2, sizeof(*tables));
	VMP_FREE struct vmp_difference *differences = calloc(
		(size_t)VMP_OPERATIONS * VMP_HEADROOMS, sizeof(*differences));
	struct vmp_truth_request request = { .worker = v->worker };
	struct vmp_truth_report report = { .truth = tables,
					   .differences = differences };
	int rc = VMP_EXIT_OK;

	if (!tables || !differences)
		return VMP_EXIT_INTERNAL;
	if (!choose(self, names, &request))
		return VMP_EXIT_USAGE;
	if (v->expect || v->against) {
		report.expected = tables + 1;
		report.expected_name = v->expect ? v->expect : v->against;
		rc = load_expected(self, v, tables + 1);
	}
	if (rc == VMP_EXIT_OK)
		rc = run_calls(v, &request, tables);
	if (rc != VMP_EXIT_OK)
		return rc;
	if (report.expected)
		report.difference_count = vmp_truth_compare(
			tables + 1, tables, differences, report.skipped);
	print(&report, v);
	return report.difference_count ? VMP_EXIT_FINDING : VMP_EXIT_OK;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct limits_values v = { 0 };
	int first = vmp_options_read(self, argc, argv, &v), rc = VMP_EXIT_OK;

	if (first == -1)
		return VMP_EXIT_USAGE;
	if (v.expect && v.against)
		return vmp_usage_error(self, "either --expect or --against");
	v.calls |= v.expect || v.against || v.worker;
	if (first >= 0 && first < argc && !v.calls)
		return vmp_usage_error(self,
				       "found \"%s\"; names of operations go "
				       "with --calls",
				       argv[first]);
	if (first >= 0)
		rc = v.calls ? try_calls(self, &v, argv + first)
			     : show_bounds(&v);
	return vmp_finish_output(stdout, "standard output", rc);
}

const struct vmp_command vmp_cmd_limits = {
	.name = "limits",
	.arguments = "[OPERATION]...",
	.summary = "Show this system's limits, and what calls do at the map "
		   "limit",
	.text = "OPERATION: a name or a glob, such as 'mremap-*', for --calls.\n"
		"Exit status: 0; 1 a result differs from --expect or "
		"--against; 2 usage;\n3 the calls cannot be tried here.\n",
	.options = options,
	.option_count = VMP_COUNT(options),
	.run = run,
};
