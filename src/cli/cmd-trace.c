// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe trace: catch the memory calls that fail. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/headroom.h"
#include "cli/trace-sink.h"
#include "lib/internal.h"
#include "trace/start.h"

#define NOT_GIVEN UINT64_MAX

enum { ROWS = 12, OWN_FAILURE = 125 }; /* as timeout(1) ends */

enum backend { BY_AUTO, BY_PTRACE, BY_BPF };
static const char *const backend_names[] = { "auto", "ptrace", "bpf", NULL };
enum { AT_ENTRY_POINT, AT_MAIN };
static const char *const place_names[] = { "entry", "main", NULL };
/* as enum vmp_format; there are no rows to make CSV of */
static const char *const format_names[] = { "text", "json", NULL };

struct trace_values {
	uint64_t pid, top, error_exitcode;
	bool all_processes, follow, all, sites, until_first, pin, children;
	const char *output, *folded, *record, *exec_on_failure, *headroom;
	double duration;
	int backend, format, at, color;
	char *const *command; /* NULL: none */
	struct vmp_ballast ballast;
};

#define OPTION(...) VMP_OPTION(trace_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("pid", "PID", COUNT, pid, "trace a process that runs",
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
	       .choices = place_names),
	OPTION("children", NULL, FLAG, children,
	       "--headroom also for programs that it starts"),
	OPTION("pin", NULL, FLAG, pin,
	       "keep ptrace and the command on one processor"),
	OPTION("top", "N", COUNT, top, "rows of each table: 12; 0 for all"),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

/* How a failure of our own ends: a command's own status stays below that. */
static int own_failure(const struct trace_values *v)
{
	return v->command ? OWN_FAILURE : VMP_EXIT_CANNOT;
}

/* The option that is given and needs the caller held, or a command's start. */
static const char *held_option(const struct trace_values *v)
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

static int check_target(const struct vmp_command *self,
			const struct trace_values *v)
{
	int targets =
		(v->command != NULL) + (v->pid != NOT_GIVEN) + v->all_processes;

	if (!targets)
		return vmp_usage_error(self, "what shall be traced? A command "
					     "(trace -- CMD), a process (-p "
					     "PID), or all of them (-a)");
	if (targets > 1)
		return vmp_usage_error(self, "one of a command, -p and -a is "
					     "enough");
	if (!v->pid || (v->pid > INT32_MAX && v->pid != NOT_GIVEN))
		return vmp_usage_error(self, "no process has that PID");
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

static int check_values(const struct vmp_command *self, struct trace_values *v)
{
	bool needs_bpf = v->all_processes || v->backend == BY_BPF;
	int rc = check_target(self, v);

	if (rc)
		return rc;
	if (v->all_processes && v->backend == BY_PTRACE)
		return vmp_usage_error(self, "-a needs --backend=bpf");
	if (needs_bpf && held_option(v))
		return vmp_usage_error(
			self, "%s needs ptrace, and %s BPF", held_option(v),
			v->all_processes ? "-a" : "--backend=bpf");
	if (v->error_exitcode != NOT_GIVEN &&
	    (!v->error_exitcode || v->error_exitcode > 255))
		return vmp_usage_error(self, "--error-exitcode: 1 to 255");
	if (!v->headroom && (v->at >= 0 || v->children))
		return vmp_usage_error(self, "--at and --children say how "
					     "--headroom is done");
	if (v->headroom && vmp_headroom_option(v->headroom, &v->ballast) < 0)
		return vmp_usage_error(self, "--headroom=%s: %s", v->headroom,
				       VMP_HEADROOM_WANTED);
	v->ballast.at_main = v->at == AT_MAIN;
	return 0;
}

static struct vmp_trace_request request_of(const struct trace_values *v)
{
	bool stacks = v->sites || v->folded || v->record;

	return (struct vmp_trace_request){
		.command = v->command,
		.pid = v->pid == NOT_GIVEN ? 0 : (pid_t)v->pid,
		.all_calls = v->all || stacks,
		.all_stacks = stacks,
		.pin = v->pin,
		.duration_seconds = v->duration,
		.ballast = v->headroom ? &v->ballast : NULL,
		.ballast_children = v->children,
	};
}

/*
 * BPF costs calls that work next to nothing; where every call is wanted, or
 * the caller held, ptrace is the one that can.
 */
static const struct vmp_trace_backend *
choose(const struct trace_values *v, const struct vmp_trace_request *request)
{
	char reason[256];

	if (v->backend == BY_BPF || v->all_processes)
		return &vmp_trace_bpf;
	if (v->backend == BY_AUTO && !request->all_calls && !held_option(v) &&
	    !vmp_trace_bpf.available(request, reason, sizeof(reason)))
		return &vmp_trace_bpf;
	return &vmp_trace_ptrace;
}

/* Returns: false with the reason why not, and what would do instead. */
static bool is_available(const struct trace_values *v,
			 const struct vmp_trace_backend *b,
			 const struct vmp_trace_request *request, char *reason,
			 size_t size)
{
	char text[200];

	if (b->available(request, text, sizeof(text)) == 0)
		return true;
	snprintf(reason, size, "%s: %s%s", b->name, text,
		 b == &vmp_trace_bpf && !v->all_processes
			 ? "; --backend=ptrace needs less"
			 : "");
	return false;
}

static void on_signal(int number)
{
	(void)number;
	vmp_trace_interrupt();
}

/* A terminal sends it to the command, too, and that decides what comes of it */
static void leave_to_command(int number)
{
	(void)number;
}

static void catch_signals(bool has_command)
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal }, before;

	/* what nohup or a shell's "&" has ignored stays so */
	for (size_t i = 0; i < VMP_COUNT(signals); i++) {
		bool keyboard = signals[i] == SIGINT || signals[i] == SIGQUIT;

		action.sa_handler = !has_command ? on_signal
				    : keyboard	 ? leave_to_command
						 : vmp_pass_on;
		if (sigaction(signals[i], NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	/* who reads the report may leave; the command shall not suffer */
	signal(SIGPIPE, SIG_IGN);
}

/* The files of a trace, opened before anything is run. */
struct files {
	struct vmp_side output, folded, record;
};

static bool open_files(struct files *f, const struct trace_values *v)
{
	return vmp_side_open(&f->output, v->output) &&
	       vmp_side_open(&f->folded, v->folded) &&
	       vmp_side_open(&f->record, v->record);
}

static int close_files(struct files *f, int rc)
{
	rc = vmp_side_close(&f->record, rc);
	rc = vmp_side_close(&f->folded, rc);
	return vmp_side_close(&f->output, rc);
}

/* "server --port 80", for a comment. */
static void command_text(const struct trace_values *v, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; v->command[i] && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i ? " " : "", v->command[i]);
}

static void write_files(const struct files *f, const struct trace_values *v,
			const struct vmp_trace_watch *w)
{
	char text[1000];
	int rc;

	if (f->folded.file)
		vmp_trace_folded(w->tally, f->folded.file);
	if (!f->record.file || !v->command)
		return;
	command_text(v, text, sizeof(text));
	rc = vmp_recorder_write(w->recorder, text, f->record.file);
	if (rc < 0)
		vmp_warn("%s is not complete: %s", f->record.path,
			 rc == -ENOENT ? "no memory call was recorded"
				       : strerror(-rc));
}

/* Say what could not be done; in JSON as a summary with a reason. */
static int refuse(const struct trace_values *v, struct vmp_trace_watch *w,
		  struct vmp_trace_end *end, int status)
{
	char text[600];

	vmp_trace_watch_clear(w);
	if (v->format != VMP_JSON || w->view.out != stderr)
		vmp_warn("%s", vmp_escape(end->reason, text, sizeof(text)));
	if (v->format == VMP_JSON)
		w->report->end(&w->view, end);
	return status;
}

/* What the exit status is once the trace is over. */
static int status_of(const struct trace_values *v,
		     const struct vmp_trace_end *end)
{
	bool failed = vmp_trace_failures(end);

	if (failed && v->error_exitcode != NOT_GIVEN)
		return (int)v->error_exitcode;
	if (v->command)
		return end->status;
	return failed ? VMP_EXIT_FINDING : VMP_EXIT_OK;
}

/* "process 4711 with bpf"; "" of a command, whose start needs no words. */
static void name_target(const struct trace_values *v,
			const struct vmp_trace_backend *b, char *text,
			size_t size)
{
	if (v->all_processes)
		snprintf(text, size, "all processes with %s", b->name);
	else if (!v->command)
		snprintf(text, size, "process %d with %s", (int)v->pid,
			 b->name);
}

static int trace(const struct trace_values *v, struct vmp_trace_watch *w,
		 const struct files *files, uint64_t *calls)
{
	struct vmp_trace_request request = request_of(v);
	struct vmp_signals signals;
	struct vmp_trace_result result = { .calls = calls,
					   .peak_mappings = -1 };
	struct vmp_trace_end end = { .result = &result,
				     .tally = w->tally,
				     .status = -1,
				     .reason = result.reason,
				     .missing = vmp_unwinder_missing() };
	const struct vmp_trace_backend *b = choose(v, &request);
	double start = vmp_seconds();
	int rc;

	end.backend = b->name;
	if (!is_available(v, b, &request, result.reason, sizeof(result.reason)))
		return refuse(v, w, &end, own_failure(v));
	request.sink = &w->sink;
	name_target(v, b, w->target, sizeof(w->target));
	w->pid = request.pid;
	vmp_signals_save(&signals);
	request.signals = &signals;
	catch_signals(v->command);
	rc = b->run(&request, &result);
	end.seconds = vmp_seconds() - start;
	/* the command may have been waited for, untraced, long after */
	if (result.timed_out && end.seconds > v->duration)
		end.seconds = v->duration;
	if (rc < 0)
		return refuse(v, w, &end,
			      v->command ? vmp_start_status(rc)
					 : VMP_EXIT_CANNOT);
	if (v->command)
		end.status = vmp_exit_status(result.status);
	end.reason = w->error < 0 ? "no memory for the report" : NULL;
	if (end.reason)
		return refuse(v, w, &end, own_failure(v));
	vmp_trace_watch_clear(w);
	w->report->end(&w->view, &end);
	write_files(files, v, w);
	return status_of(v, &end);
}

/* A write error is a failure of ours. */
static int finish(const struct trace_values *v, struct files *files, FILE *out,
		  int rc)
{
	bool failed = fflush(out) || ferror(out);

	if (close_files(files, VMP_EXIT_OK) != VMP_EXIT_OK)
		return own_failure(v);
	return failed ? own_failure(v) : rc;
}

static int run_trace(const struct trace_values *v, struct files *files)
{
	VMP_FREE struct vmp_trace_watch *w = calloc(1, sizeof(*w));
	VMP_FREE uint64_t *calls = calloc(vmp_syscall_count, sizeof(*calls));
	struct vmp_style style;
	int rc;

	if (!w || !calls || vmp_trace_watch_begin(w, v->record) < 0) {
		vmp_warn("no memory");
		return own_failure(v);
	}
	w->view = (struct vmp_trace_view){
		.style = &style,
		.out = files->output.file ? files->output.file : stderr,
		.all = v->all,
		.sites = v->sites,
		.top = v->top,
	};
	vmp_style_init(&style, w->view.out, (enum vmp_color_mode)v->color);
	w->report = v->format == VMP_JSON ? &vmp_trace_json : &vmp_trace_text;
	w->each = v->all || v->format == VMP_JSON;
	w->until_first = v->until_first;
	w->exec_on_failure = v->exec_on_failure;
	w->progress = !v->command && !w->each && style.terminal;
	rc = trace(v, w, files, calls);
	rc = finish(v, files, w->view.out, rc);
	vmp_trace_watch_end(w);
	return rc;
}

/* For options that were not understood, and what is behind them not read. */
static bool has_command(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return true;
	return false;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct trace_values v = { .pid = NOT_GIVEN,
				  .top = NOT_GIVEN,
				  .at = -1,
				  .error_exitcode = NOT_GIVEN };
	int first = vmp_options_read(self, argc, argv, &v);
	struct files files = { 0 };

	if (first == -2)
		return vmp_finish_output(stdout, "help", 0);
	if (first < 0)
		return has_command(argc, argv) ? OWN_FAILURE : VMP_EXIT_USAGE;
	if (first < argc)
		v.command = argv + first;
	if (check_values(self, &v))
		return v.command ? OWN_FAILURE : VMP_EXIT_USAGE;
	if (v.top == NOT_GIVEN)
		v.top = v.format == VMP_TEXT ? ROWS : 0;
	if (open_files(&files, &v))
		return run_trace(&v, &files);
	close_files(&files, VMP_EXIT_OK);
	return own_failure(&v);
}

const struct vmp_command vmp_cmd_trace = {
	.name = "trace",
	.arguments = "[--] CMD [ARGUMENT]... | -p PID | -a",
	.summary = "Catch each memory call that fails: cause, map count, stack",
	.text = "Exit status: that of CMD, 128 + N where signal N ended it, 125 "
		"where vmaprobe\nitself failed, 126 CMD cannot be run, 127 not "
		"found. With -p and -a: 0 no call\nfailed, 1 one did, 2 usage, "
		"3 it cannot run here.\n",
	.options = options,
	.option_count = VMP_COUNT(options),
	.options_first = true,
	.run = run,
};
