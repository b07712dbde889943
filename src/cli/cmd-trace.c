// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe trace: catch the memory calls that fail. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/started.h"
#include "cli/trace-options.h"
#include "cli/trace-sink.h"
#include "lib/internal.h"
#include "trace/start.h"

/* Returns: false with the reason why not, and what would do instead. */
static bool is_available(const struct vmp_trace_values *v,
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

static void catch_signals(bool has_command)
{
	if (has_command)
		vmp_signals_handle(vmp_leave_to_command, vmp_pass_on);
	else
		vmp_signals_handle(vmp_end_trace, vmp_end_trace);
	/* who reads the report may leave; the command shall not suffer */
	signal(SIGPIPE, SIG_IGN);
}

/* The files of a trace, opened before anything is run. */
struct files {
	struct vmp_side output, folded, record;
};

static bool open_files(struct files *f, const struct vmp_trace_values *v)
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
static void command_text(const struct vmp_trace_values *v, char *text,
			 size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; v->command[i] && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i ? " " : "", v->command[i]);
}

static void write_files(const struct files *f, const struct vmp_trace_values *v,
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
static int refuse(const struct vmp_trace_values *v, struct vmp_trace_watch *w,
		  struct vmp_trace_end *end, int status)
{
	vmp_trace_watch_clear(w);
	if (v->format != VMP_JSON || w->view.out != stderr)
		vmp_warn_escaped(end->reason);
	if (v->format == VMP_JSON)
		w->report->end(&w->view, end);
	return status;
}

/* What the exit status is once the trace is over. */
static int status_of(const struct vmp_trace_values *v,
		     const struct vmp_trace_end *end)
{
	bool failed = vmp_trace_failures(end);

	if (failed && v->error_exitcode != VMP_NOT_GIVEN)
		return (int)v->error_exitcode;
	if (v->command)
		return end->status;
	return failed ? VMP_EXIT_FINDING : VMP_EXIT_OK;
}

/* "process 4711 with bpf"; "" of a command, whose start needs no words. */
static void name_target(const struct vmp_trace_values *v,
			const struct vmp_trace_backend *b, char *text,
			size_t size)
{
	if (v->all_processes)
		snprintf(text, size, "all processes with %s", b->name);
	else if (!v->command)
		snprintf(text, size, "process %d with %s", (int)v->pid,
			 b->name);
}

/* Where it could not be done. */
static int status_of_failure(const struct vmp_trace_values *v,
			     const struct vmp_trace_result *result, int rc)
{
	bool not_run = v->command && !result->refused;

	return not_run ? vmp_start_status(rc) : vmp_trace_own_failure(v);
}

/* In: rc, of the back end. Returns: the exit status. */
static int report(const struct vmp_trace_values *v, struct vmp_trace_watch *w,
		  const struct files *files, struct vmp_trace_end *end, int rc)
{
	const struct vmp_trace_result *result = end->result;

	/* the command may have been waited for, untraced, long after */
	if (result->timed_out && end->seconds > v->duration)
		end->seconds = v->duration;
	if (rc < 0)
		return refuse(v, w, end, status_of_failure(v, result, rc));
	if (v->command)
		end->status = vmp_exit_status(result->status);
	end->reason = w->error < 0 ? "no memory for the report" : NULL;
	if (end->reason)
		return refuse(v, w, end, vmp_trace_own_failure(v));
	vmp_trace_watch_clear(w);
	w->report->end(&w->view, end);
	write_files(files, v, w);
	return status_of(v, end);
}

static int trace(const struct vmp_trace_values *v, struct vmp_trace_watch *w,
		 const struct files *files, uint64_t *calls)
{
	struct vmp_trace_request request = vmp_trace_request_of(v);
	struct vmp_trace_result result = { .calls = calls,
					   .peak_mappings = -1 };
	struct vmp_signals signals;
	struct vmp_trace_end end = { .result = &result,
				     .tally = w->tally,
				     .status = -1,
				     .children = v->children,
				     .reason = result.reason,
				     .missing = vmp_unwinder_missing() };
	const struct vmp_trace_backend *b = vmp_trace_choose(v, &request);
	double start = vmp_seconds();
	int rc;

	end.backend = b->name;
	if (!is_available(v, b, &request, result.reason, sizeof(result.reason)))
		return refuse(v, w, &end, vmp_trace_own_failure(v));
	request.sink = &w->sink;
	name_target(v, b, w->target, sizeof(w->target));
	w->pid = request.pid;
	w->command = v->command ? v->command[0] : NULL;
	vmp_signals_save(&signals);
	request.signals = &signals;
	catch_signals(v->command);
	rc = b->run(&request, &result);
	/* who does not want the report need not wait for it to be read */
	vmp_signals_handle(vmp_end_by, vmp_end_by);
	end.seconds = vmp_seconds() - start;
	rc = report(v, w, files, &end, rc);
	if (result.tracer && vmp_trace_may_warn(w))
		vmp_warn_tracer(result.tracer);
	return rc;
}

/* A write error is a failure of ours. */
static int finish(const struct vmp_trace_values *v, struct files *files,
		  FILE *out, int rc)
{
	bool failed = fflush(out) || ferror(out);

	if (close_files(files, VMP_EXIT_OK) != VMP_EXIT_OK)
		return vmp_trace_own_failure(v);
	return failed ? vmp_trace_own_failure(v) : rc;
}

static int run_trace(const struct vmp_trace_values *v, struct files *files)
{
	VMP_FREE struct vmp_trace_watch *w = calloc(1, sizeof(*w));
	VMP_FREE uint64_t *calls = calloc(vmp_syscall_count, sizeof(*calls));
	struct vmp_style style;
	int rc;

	if (!w || !calls || vmp_trace_watch_begin(w, v->record) < 0) {
		vmp_warn("no memory");
		return vmp_trace_own_failure(v);
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

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct vmp_trace_values v;
	struct files files = { 0 };
	int status;

	if (!vmp_trace_options_read(self, argc, argv, &v, &status))
		return status;
	if (open_files(&files, &v))
		return run_trace(&v, &files);
	close_files(&files, VMP_EXIT_OK);
	return vmp_trace_own_failure(&v);
}

const struct vmp_command vmp_cmd_trace = {
	.name = "trace",
	.arguments = "[--] CMD [ARGUMENT]... | -p PID | -a",
	.summary = "Catch each memory call that fails: cause, map count, stack",
	.text = "Exit status: that of CMD, 128 + N where signal N ended it, 125 "
		"where vmaprobe\nitself failed, 126 CMD cannot be run, 127 not "
		"found. With -p and -a: 0 no call\nfailed, 1 one did, 2 usage, "
		"3 it cannot run here.\n",
	.options = vmp_trace_options,
	.option_count = VMP_TRACE_OPTIONS,
	.options_first = true,
	.run = run,
};
