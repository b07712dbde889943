// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of vmaprobe trace: rows, what they exclude, what they ask for. */
#include <stdlib.h>
#include <string.h>

#include "cli/headroom.h"
#include "cli/trace-options.h"
#include "lib/internal.h"
#include "trace/start.h"

enum { ROWS = 12 };

enum backend { BY_AUTO, BY_PTRACE, BY_BPF };
static const char *const backend_names[] = { "auto", "ptrace", "bpf", NULL };
/* as enum vmp_format; there are no rows to make CSV of */
static const char *const format_names[] = { "text", "json", NULL };

#define OPTION(...) VMP_OPTION(vmp_trace_values, __VA_ARGS__)

const struct vmp_option vmp_trace_options[] = {
	OPTION("pid", "PID", LIST, pids, "trace a process that runs",
	       .letter = 'p'),
	OPTION("all-processes", NULL, FLAG, all_processes,
	       "trace every process of the system (BPF)", .letter = 'a'),
	OPTION("output", "FILE", TEXT, output,
	       "write the report to a file, not to stderr", .letter = 'o'),
	OPTION("follow", NULL, FLAG, follow,
	       "threads and children too; always so", .letter = 'f'),
	OPTION("backend", "NAME", CHOICE, backend,
	       "auto, ptrace or bpf; auto takes what costs less",
	       .choices = backend_names),
	OPTION("format", "FORMAT", CHOICE, format,
	       "text or json, one object a line", .choices = format_names),
	OPTION("all", NULL, FLAG, all, "print every memory call"),
	OPTION("sites", NULL, FLAG, sites,
	       "which places in the program made most mappings"),
	OPTION("folded", "FILE", TEXT, folded,
	       "write their stacks folded, for flame graphs"),
	OPTION("record", "FILE.vma", TEXT, record,
	       "write the command's memory calls as a scenario"),
	OPTION("until-first", NULL, FLAG, until_first,
	       "stop tracing at the first failure"),
	OPTION("exec-on-failure", "CMD", TEXT, exec_on_failure,
	       "run it by sh while the caller is held"),
	OPTION("duration", "TIME", SECONDS, duration,
	       "trace for so long: 30, 90s, 5m"),
	OPTION("error-exitcode", "N", COUNT, error_exitcode,
	       "exit with N if a call failed"),
	OPTION("headroom", "N[%]", TEXT, headroom,
	       "leave the command only so many mappings"),
	OPTION("at", "PLACE", CHOICE, at,
	       "take the rest away at its entry or at main",
	       .choices = vmp_place_names),
	OPTION("children", NULL, FLAG, children,
	       "--headroom also for programs that it starts"),
	OPTION("pin", NULL, FLAG, pin,
	       "keep ptrace and the command on one processor"),
	OPTION("top", "N", COUNT, top, "rows of each table: 12; 0 for all"),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

/* The option that is given and needs the caller held, or a command's start. */
static const char *held_option(const struct vmp_trace_values *v)
{
	const struct {
		const char *name;
		bool given;
	} rows[] = {
		{ "--exec-on-failure", v->exec_on_failure },
		{ "--record", v->record },
		{ "--headroom", v->headroom },
		{ "--pin", v->pin },
	};

	for (size_t i = 0; i < VMP_COUNT(rows); i++)
		if (rows[i].given)
			return rows[i].name;
	return NULL;
}

/* The last of several would hide that the others are not traced. */
static int read_pid(const struct vmp_command *self, struct vmp_trace_values *v)
{
	const char *text = v->pids.item[0];

	if (!v->pids.count)
		return 0;
	if (v->pids.count > 1)
		return vmp_usage_error(self, "-p once: a trace is of one "
					     "process");
	if (!*text || text[strspn(text, "0123456789")])
		return vmp_usage_error(self, "--pid=%s: expected a number",
				       text);
	/* one that is too large is the largest there is */
	v->pid = strtoull(text, NULL, 10);
	if (!v->pid || v->pid > INT32_MAX)
		return vmp_usage_error(self, "no process has that PID");
	return 0;
}

static int check_target(const struct vmp_command *self,
			const struct vmp_trace_values *v)
{
	int targets =
		(v->command != NULL) + (v->pids.count > 0) + v->all_processes;

	if (!targets)
		return vmp_usage_error(self, "what shall be traced? A command "
					     "(trace -- CMD), a process (-p "
					     "PID), or all of them (-a)");
	if (targets > 1)
		return vmp_usage_error(self, "one of a command, -p and -a is "
					     "enough");
	if (v->command)
		return 0;
	if (v->headroom)
		return vmp_usage_error(self, "--headroom is for a command that "
					     "is started");
	if (v->record)
		return vmp_usage_error(self, "--record is for a command; of a "
					     "process: vmaprobe explain PID "
					     "--record=FILE.vma");
	return 0;
}

static int check_values(const struct vmp_command *self,
			struct vmp_trace_values *v)
{
	bool needs_bpf = v->all_processes || v->backend == BY_BPF;
	int rc = read_pid(self, v);

	rc = rc ? rc : check_target(self, v);
	if (rc)
		return rc;
	if (v->all_processes && v->backend == BY_PTRACE)
		return vmp_usage_error(self, "-a needs --backend=bpf");
	if (needs_bpf && held_option(v))
		return vmp_usage_error(
			self, "%s needs ptrace, and %s BPF", held_option(v),
			v->all_processes ? "-a" : "--backend=bpf");
	if (v->error_exitcode != VMP_NOT_GIVEN &&
	    (!v->error_exitcode || v->error_exitcode > 255))
		return vmp_usage_error(self, "--error-exitcode: 1 to 255");
	if (!v->headroom && (v->at >= 0 || v->children))
		return vmp_usage_error(self, "--at and --children say how "
					     "--headroom is done");
	if (v->headroom && vmp_headroom_option(v->headroom, &v->ballast) < 0)
		return vmp_usage_error(self, "--headroom=%s: %s", v->headroom,
				       VMP_HEADROOM_WANTED);
	v->ballast.at_main = v->at == VMP_AT_MAIN;
	return 0;
}

struct vmp_trace_request vmp_trace_request_of(const struct vmp_trace_values *v)
{
	bool stacks = v->sites || v->folded || v->record;

	return (struct vmp_trace_request){
		.command = v->command,
		.pid = v->pid == VMP_NOT_GIVEN ? 0 : (pid_t)v->pid,
		.all_calls = v->all || stacks,
		.all_stacks = stacks,
		.pin = v->pin,
		.duration_seconds = v->duration,
		.ballast = v->headroom ? &v->ballast : NULL,
		.ballast_children = v->children,
	};
}

const struct vmp_trace_backend *
vmp_trace_choose(const struct vmp_trace_values *v,
		 const struct vmp_trace_request *request)
{
	char reason[256];

	if (v->backend == BY_BPF || v->all_processes)
		return &vmp_trace_bpf;
	if (v->backend == BY_AUTO && !request->all_calls && !held_option(v) &&
	    !vmp_trace_bpf.available(request, reason, sizeof(reason)))
		return &vmp_trace_bpf;
	return &vmp_trace_ptrace;
}

/* For options that were not understood, and what is behind them not read. */
static bool has_command(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return true;
	return false;
}

int vmp_trace_own_failure(const struct vmp_trace_values *v)
{
	return v->command ? VMP_OWN_FAILURE : VMP_EXIT_CANNOT;
}

/* Where the status says whose fault it is, a command's is not in the way. */
static int usage_status(bool for_command)
{
	return for_command ? VMP_OWN_FAILURE : VMP_EXIT_USAGE;
}

bool vmp_trace_options_read(const struct vmp_command *self, int argc,
			    char **argv, struct vmp_trace_values *v,
			    int *status)
{
	int first;

	*v = (struct vmp_trace_values){ .pid = VMP_NOT_GIVEN,
					.top = VMP_NOT_GIVEN,
					.at = -1,
					.error_exitcode = VMP_NOT_GIVEN };
	first = vmp_options_read(self, argc, argv, v);
	if (first == -2)
		*status = vmp_finish_output(stdout, "help", 0);
	else if (first < 0)
		*status = usage_status(has_command(argc, argv));
	if (first < 0)
		return false;
	if (first < argc)
		v->command = argv + first;
	/* one beside another target will not run, and has no status */
	*status =
		usage_status(v->command && !v->pids.count && !v->all_processes);
	if (check_values(self, v))
		return false;
	if (v->top == VMP_NOT_GIVEN)
		v->top = v->format == VMP_TEXT ? ROWS : 0;
	return true;
}
