// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe limits: what bounds mappings here, and what calls do at the limit. */
#include <fnmatch.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "engine/scenario.h"
#include "lib/internal.h"
#include "report/limits.h"
#include "trace/trace.h"

struct limits_values {
	const char *expect, *against, *worker;
	bool calls, names;
	int format, color;
};

#define OPTION(...) VMP_OPTION(limits_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("calls", NULL, FLAG, calls,
	       "try each memory call with -1 to 6 mappings left"),
	OPTION("names", NULL, FLAG, names,
	       "print the names of the operations, one a line"),
	OPTION("expect", "FILE", TEXT, expect,
	       "say what differs from a table saved as JSON"),
	OPTION("against", "KERNEL", TEXT, against,
	       "the same with a shipped table: 5.10, 6.1 and others to 7.2"),
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
		vmp_warn_escaped(vmp_error(ctx));
	else
		probe_features(b);
	return rc < 0 ? VMP_EXIT_CANNOT : VMP_EXIT_OK;
}

static void print_bounds(const struct vmp_bounds *b,
			 const struct limits_values *v)
{
	struct vmp_style style;

	vmp_style_init(&style, stdout, (enum vmp_color_mode)v->color);
	if (v->format == VMP_JSON)
		vmp_report_bounds_json(b, stdout);
	else if (v->format == VMP_CSV)
		vmp_report_bounds_csv(b, stdout);
	else
		vmp_report_bounds(b, &style, stdout);
}

static int no_memory(void)
{
	vmp_warn("no memory");
	return VMP_EXIT_INTERNAL;
}

static int show_bounds(const struct limits_values *v)
{
	struct vmp_bounds b = { 0 };
	struct vmp_ctx *ctx = vmp_new();
	int rc = ctx ? read_bounds(ctx, &b) : no_memory();

	if (rc == VMP_EXIT_OK)
		print_bounds(&b, v);
	else if (ctx && v->format == VMP_JSON)
		vmp_report_limits_refused(vmp_error(ctx), stdout);
	vmp_free(ctx);
	return rc;
}

/* The table to hold against. Returns: VMP_EXIT_OK, or what to exit with. */
static int load_expected(const struct vmp_command *self,
			 const struct limits_values *v,
			 struct vmp_truth *expected)
{
	const char *name = v->expect;
	char path[8400], shown[8400], listed[1000];

	if (v->against) {
		if (vmp_truth_find(v->against, path, sizeof(path)) < 0)
			return vmp_usage_error(
				self,
				"--against=%s: there is no such table%s%s",
				vmp_escape(v->against, shown, 200),
				*path ? "; there are: " : ", nor any other",
				vmp_escape(path, listed, sizeof(listed)));
		name = path;
	}
	if (vmp_truth_load(name, expected) == 0)
		return VMP_EXIT_OK;
	vmp_warn("%s: %s", vmp_escape(name, shown, sizeof(shown)),
		 expected->reason);
	return VMP_EXIT_USAGE;
}

static const char *operation_name(size_t i)
{
	return i < VMP_OPERATIONS ? vmp_operations[i].name : NULL;
}

static void no_operation(const struct vmp_command *self, const char *name)
{
	const char *closest = vmp_closest(name, operation_name);
	char shown[200], more[200] = "";

	if (closest)
		snprintf(more, sizeof(more), " (did you mean \"%s\"?)",
			 closest);
	vmp_usage_error(self,
			"there is no operation \"%s\"%s; vmaprobe limits "
			"--names prints them all",
			vmp_escape(name, shown, sizeof(shown)), more);
}

/* Names and globs of operations. Returns: false after an error. */
static bool choose(const struct vmp_command *self, char **names,
		   struct vmp_truth_request *request)
{
	for (; *names; names++) {
		bool any = false;

		for (int i = 0; i < VMP_OPERATIONS; i++)
			if (!fnmatch(*names, vmp_operations[i].name, 0))
				any = request->only[i] = true;
		if (any)
			continue;
		no_operation(self, *names);
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

/*
 * The limit may be lowered below this process's own count meanwhile, and its
 * heap could not grow any more: what a report takes is had before.
 */
static void reserve_heap(void)
{
	enum { BLOCK = 64 * 1024, BLOCKS = 64 };
	void *blocks[BLOCKS];

#ifdef M_TRIM_THRESHOLD
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
#endif
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BLOCK);
		if (blocks[i]) /* or the compiler would leave it out */
			*(volatile char *)blocks[i] = 0;
	}
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
}

static int run_calls(const struct limits_values *v,
		     const struct vmp_truth_request *request,
		     struct vmp_truth *truth)
{
	int rc;

	reserve_heap();
	vmp_progress_start("trying each call with few mappings left...");
	rc = vmp_truth_run(request, truth);
	vmp_progress_stop();
	if (rc < 0)
		vmp_warn_escaped(truth->reason);
	if (rc < 0 && v->format == VMP_JSON)
		vmp_report_truth_json(
			&(struct vmp_truth_report){ .truth = truth }, stdout);
	return rc < 0 ? VMP_EXIT_CANNOT : VMP_EXIT_OK;
}

/* Holds the table against the other one, if any, and prints. */
static int report(const struct limits_values *v, const struct vmp_truth *tables)
{
	VMP_FREE struct vmp_comparison *comparison =
		calloc(1, sizeof(*comparison));
	struct vmp_truth_report r = { .truth = tables,
				      .comparison = comparison };

	if (!comparison)
		return no_memory();
	if (v->expect || v->against) {
		r.expected = tables + 1;
		r.expected_name = v->expect ? v->expect : v->against;
		vmp_truth_compare(tables + 1, tables, comparison);
	}
	print(&r, v);
	if (r.expected && !comparison->compared)
		return VMP_EXIT_CANNOT;
	return comparison->count ? VMP_EXIT_FINDING : VMP_EXIT_OK;
}

/* Makes the table of what was chosen; the one to hold it against is read first. */
static int make_table(const struct vmp_command *self,
		      const struct limits_values *v,
		      const struct vmp_truth_request *request)
{
	VMP_FREE struct vmp_truth *tables = calloc(2, sizeof(*tables));
	int rc = tables ? VMP_EXIT_OK : no_memory();

	if (rc == VMP_EXIT_OK && (v->expect || v->against))
		rc = load_expected(self, v, tables + 1);
	if (rc == VMP_EXIT_OK)
		rc = run_calls(v, request, tables);
	return rc == VMP_EXIT_OK ? report(v, tables) : rc;
}

static int try_calls(const struct vmp_command *self,
		     const struct limits_values *v, char **names)
{
	struct vmp_truth_request request = { .worker = v->worker };

	return choose(self, names, &request) ? make_table(self, v, &request)
					     : VMP_EXIT_USAGE;
}

static int print_names(void)
{
	for (int i = 0; i < VMP_OPERATIONS; i++)
		puts(vmp_operations[i].name);
	return VMP_EXIT_OK;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct limits_values v = { 0 };
	int first = vmp_options_read(self, argc, argv, &v), rc = VMP_EXIT_OK;

	if (first == -1)
		return VMP_EXIT_USAGE;
	if (v.expect && v.against)
		return vmp_usage_error(self, "either --expect or --against");
	v.calls |= v.expect || v.against || v.worker || first < argc;
	if (first >= 0 && v.names)
		rc = print_names();
	else if (first >= 0)
		rc = v.calls ? try_calls(self, &v, argv + first)
			     : show_bounds(&v);
	return vmp_finish_output(stdout, "standard output", rc);
}

const struct vmp_command vmp_cmd_limits = {
	.name = "limits",
	.arguments = "[OPERATION]...",
	.summary = "Show this system's limits, and what calls do at the map "
		   "limit",
	.text = "OPERATION: a name or a glob, such as 'mremap-*'; it means "
		"--calls.\n"
		"Exit status: 0; 1 a result differs from --expect or "
		"--against; 2 usage;\n3 the calls cannot be tried here, or "
		"nothing could be compared.\n",
	.options = options,
	.option_count = VMP_COUNT(options),
	.run = run,
};
