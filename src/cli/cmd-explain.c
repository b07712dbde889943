// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe explain: who owns the mappings of a process, or of what is left. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/internal.h"
#include "report/explain.h"
#include "trace/hidden.h"
#include "trace/record.h"

#define NOT_GIVEN UINT64_MAX

enum { ROWS = 12 }; /* of a table, unless --top says otherwise */

struct explain_values {
	bool owners, neighbours, maps, why, diff;
	uint64_t top, limit;
	const char *plot, *record;
	int format, color;
};

#define OPTION(...) VMP_OPTION(explain_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("owners", NULL, FLAG, owners, "only who owns the mappings"),
	OPTION("neighbours", NULL, FLAG, neighbours,
	       "only why neighbours did not merge"),
	OPTION("maps", NULL, FLAG, maps,
	       "only the mappings, each with its owner"),
	OPTION("why", NULL, FLAG, why, "read VmFlags, however long it takes"),
	OPTION("top", "N", COUNT, top, "rows of each table: 12; 0 for all"),
	OPTION("limit", "N", COUNT, limit,
	       "vm.max_map_count where a file is from"),
	OPTION("plot", "FILE", TEXT, plot, "draw the address space as SVG"),
	OPTION("record", "FILE.vma", TEXT, record,
	       "write the mappings as a scenario"),
	OPTION("diff", NULL, FLAG, diff, "compare two: explain --diff A B"),
	OPTION("format", "FORMAT", CHOICE, format, "text, json or csv",
	       .choices = vmp_format_names),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

/* A PID is all digits; what else is called so needs a "./". */
static bool is_pid(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* Returns: 0 for what no process can have. */
static pid_t pid_of(const char *text)
{
	unsigned long long pid = strtoull(text, NULL, 10);

	return pid <= INT32_MAX ? (pid_t)pid : 0;
}

/* What could not be read: usage for a file, else it cannot run here. */
static int status_of(int rc, bool is_file)
{
	if (rc == -ENOMEM || rc == -ENOTSUP)
		return VMP_EXIT_CANNOT;
	return is_file ? VMP_EXIT_USAGE : VMP_EXIT_CANNOT;
}

static int fail(const struct explain_values *v, const char *what, int status,
		const char *reason)
{
	vmp_warn_escaped(reason);
	if (v->format == VMP_JSON && status == VMP_EXIT_CANNOT)
		vmp_explain_json_error(is_pid(what) ? pid_of(what) : 0,
				       is_pid(what) ? NULL : what, reason,
				       stdout);
	return status;
}

static const char *remedy_of(int rc, const char *what)
{
	if (!is_pid(what))
		return rc == -ENOENT ? "; a process is told by its PID, which "
				       "pgrep(1) finds"
				     : "";
	if (rc != -EACCES && rc != -EPERM)
		return "";
	return geteuid() ? "; try again as its user or as root"
			 : "; this root may not trace it (CAP_SYS_PTRACE)";
}

/* Where the census is taken. Returns: false for a PID that no process has. */
static bool set_source(struct vmp_census_request *request, const char *what)
{
	if (is_pid(what))
		request->pid = pid_of(what);
	else
		request->path = what;
	return request->path || request->pid;
}

static int take_census(struct vmp_ctx *ctx, const struct explain_values *v,
		       const char *what, struct vmp_hidden_reader *hidden,
		       struct vmp_census **census)
{
	struct vmp_census_request request = {
		.limit = v->limit == NOT_GIVEN ? 0 : (int64_t)v->limit,
		.why = v->why	 ? VMP_WHY_ALWAYS
		       : v->maps ? VMP_WHY_NEVER
				 : VMP_WHY_AUTO,
		.read_hidden = vmp_hidden_read,
		.reader = hidden,
	};
	int rc;

	if (!set_source(&request, what))
		return vmp_fail(ctx, -ESRCH, "there is no process %s", what);
	vmp_progress_start("vmaprobe: reading mappings ...");
	rc = vmp_census_read(ctx, &request, census);
	vmp_progress_stop();
	return rc;
}

/* Read one input. Returns: VMP_EXIT_OK, or a status after an error. */
static int read_census(const struct explain_values *v, const char *what,
		       struct vmp_hidden_reader *hidden,
		       struct vmp_census **census)
{
	struct vmp_ctx *ctx = vmp_new();
	char reason[700];
	int rc;

	if (!ctx)
		return fail(v, what, VMP_EXIT_CANNOT, "no memory");
	rc = take_census(ctx, v, what, hidden, census);
	snprintf(reason, sizeof(reason), "%s%s", vmp_error(ctx),
		 remedy_of(rc, what));
	vmp_free(ctx);
	return rc < 0 ? fail(v, what, status_of(rc, !is_pid(what)), reason)
		      : VMP_EXIT_OK;
}

static int draw(const struct vmp_census *census, const char *path)
{
	struct vmp_side plot;

	if (!vmp_side_open(&plot, path))
		return VMP_EXIT_CANNOT;
	if (plot.file)
		vmp_explain_svg(census, plot.file);
	return vmp_side_close(&plot, VMP_EXIT_OK);
}

/* The mappings as a scenario: the same input is read once more. */
static int write_record(const struct explain_values *v, const char *what)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_side record;
	char reason[600], text[600];
	int rc = VMP_EXIT_OK, got;

	if (!ctx)
		return fail(v, what, VMP_EXIT_CANNOT, "no memory");
	if (!vmp_side_open(&record, v->record)) {
		vmp_free(ctx);
		return VMP_EXIT_CANNOT;
	}
	got = vmp_record_layout(ctx, is_pid(what) ? pid_of(what) : 0,
				is_pid(what) ? NULL : what, record.file, reason,
				sizeof(reason));
	if (got < 0) {
		vmp_warn("%s: %s", v->record,
			 vmp_escape(reason, text, sizeof(text)));
		rc = VMP_EXIT_CANNOT;
	}
	vmp_free(ctx);
	return vmp_side_close(&record, rc);
}

static int explain_one(const struct explain_values *v, const char *what,
		       const struct vmp_style *style)
{
	struct vmp_hidden_reader hidden = { "" };
	struct vmp_explain_view view = { v->owners, v->neighbours, v->maps,
					 v->top, NULL };
	struct vmp_census *census;
	int rc = read_census(v, what, &hidden, &census);

	if (rc != VMP_EXIT_OK)
		return rc;
	if (*hidden.reason)
		view.hidden_reason = hidden.reason;
	if (v->format == VMP_JSON)
		vmp_explain_json(census, &view, stdout);
	else if (v->format == VMP_CSV)
		vmp_explain_csv(census, &view, stdout);
	else
		vmp_explain_text(census, &view, style, stdout);
	rc = draw(census, v->plot);
	vmp_census_free(census);
	return rc == VMP_EXIT_OK && v->record ? write_record(v, what) : rc;
}

static int explain_diff(const struct explain_values *v, char **what,
			const struct vmp_style *style)
{
	struct vmp_hidden_reader hidden = { "" };
	struct vmp_census *a = NULL, *b = NULL;
	int rc = read_census(v, what[0], &hidden, &a);

	rc = rc ? rc : read_census(v, what[1], &hidden, &b);
	if (rc)
		;
	else if (v->format == VMP_JSON)
		vmp_explain_diff_json(a, b, stdout);
	else if (v->format == VMP_CSV)
		vmp_explain_diff_csv(a, b, stdout);
	else
		vmp_explain_diff(a, b, v->top, style, stdout);
	vmp_census_free(a);
	vmp_census_free(b);
	return rc;
}

static int check_values(const struct vmp_command *self,
			const struct explain_values *v, int count, char **argv)
{
	int wanted = v->diff ? 2 : 1;

	if (count < wanted)
		return vmp_usage_error(self,
				       v->diff ? "--diff compares two: "
						 "explain --diff A B"
					       : "which process or file? "
						 "A PID, or a saved maps, "
						 "smaps, core or hs_err");
	if (count > wanted)
		return vmp_usage_error(self, "found %d arguments; %s", count,
				       v->diff ? "--diff compares two"
					       : "one is enough; --diff "
						 "compares two");
	if (v->diff &&
	    (v->plot || v->record || v->owners || v->neighbours || v->maps))
		return vmp_usage_error(
			self, "--diff compares owners; --owners, "
			      "--neighbours, --maps, --plot and --record are "
			      "for one input");
	if (v->record && !strcmp(argv[0], "-"))
		return vmp_usage_error(self,
				       "--record reads its input again, which "
				       "standard input cannot be: save it to "
				       "a file");
	if (v->owners + v->neighbours + v->maps > 1)
		return vmp_usage_error(self, "one of --owners, --neighbours "
					     "and --maps is enough");
	if (!v->limit || (v->limit > INT32_MAX && v->limit != NOT_GIVEN))
		return vmp_usage_error(self,
				       "--limit: vm.max_map_count is 1 to "
				       "2147483647");
	return 0;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct explain_values v = { .top = NOT_GIVEN, .limit = NOT_GIVEN };
	int first = vmp_options_read(self, argc, argv, &v), rc;
	struct vmp_style style;

	if (first < 0)
		return first == -2 ? vmp_finish_output(stdout, "help", 0)
				   : VMP_EXIT_USAGE;
	rc = check_values(self, &v, argc - first, argv + first);
	if (rc)
		return rc;
	if (v.top == NOT_GIVEN)
		v.top = v.format == VMP_TEXT ? ROWS : 0;
	vmp_style_init(&style, stdout, (enum vmp_color_mode)v.color);
	rc = v.diff ? explain_diff(&v, argv + first, &style)
		    : explain_one(&v, argv[first], &style);
	return vmp_finish_output(stdout, "standard output", rc);
}

const struct vmp_command vmp_cmd_explain = {
	.name = "explain",
	.arguments = "PID|FILE",
	.summary = "Say who owns a process's mappings, why they did not merge, "
		   "what to do",
	.text = "FILE is a saved /proc/PID/maps or smaps, a core dump or a JVM's "
		"hs_err log; - is\nstandard input. Exit status: 0 explained; 2 "
		"usage, or a file that cannot be read;\n3 no such process, no "
		"permission.\n",
	.options = options,
	.option_count = VMP_COUNT(options),
	.run = run,
};
