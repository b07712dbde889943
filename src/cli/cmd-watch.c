// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe watch: one process over time, and when it meets the limit. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/hook.h"
#include "cli/watch-keeper.h"
#include "cli/watch-keys.h"
#include "lib/internal.h"
#include "trace/interrupt.h"
#include "trace/start.h"

/* Returns: the exit status. */
static int run_hook(const struct vmp_keeper *k)
{
	enum { NAMES = 5 };
	const struct vmp_watch_report *r = &k->report;
	char text[NAMES][100], *values[NAMES];
	size_t size = sizeof(text[0]);
	bool interrupted = vmp_trace_interrupted();
	int rc;

	snprintf(text[0], size, "VMAPROBE_PID=%d", (int)r->pid);
	snprintf(text[1], size, "VMAPROBE_COMMAND=%s", r->command);
	snprintf(text[2], size, "VMAPROBE_MAPPINGS=%lld",
		 (long long)k->highest);
	snprintf(text[3], size, "VMAPROBE_LIMIT=%lld", (long long)r->limit);
	snprintf(text[4], size, "VMAPROBE_HEADROOM=%lld",
		 (long long)(r->limit - k->highest));
	for (size_t i = 0; i < NAMES; i++)
		values[i] = text[i];
	rc = vmp_hook_run_interruptible(k->values->exec, values, NAMES);
	/* what a signal has ended does not wait for it */
	if (rc == -EINTR)
		return interrupted ? VMP_EXIT_FINDING : VMP_EXIT_INTERRUPTED;
	if (rc < 0)
		vmp_warn("--exec: cannot run sh: %s", strerror(-rc));
	else if (rc)
		vmp_warn("--exec: it ended with status %d", rc);
	return VMP_EXIT_FINDING;
}

static int finish(struct vmp_keeper *k, enum vmp_watch_ended how)
{
	static const int status[] = {
		[VMP_WATCH_PROCESS_ENDED] = VMP_EXIT_OK,
		[VMP_WATCH_REACHED] = VMP_EXIT_FINDING,
		[VMP_WATCH_DURATION] = VMP_EXIT_OK,
		[VMP_WATCH_INTERRUPTED] = VMP_EXIT_INTERRUPTED,
		[VMP_WATCH_QUIT] = VMP_EXIT_OK,
		[VMP_WATCH_FAILED] = VMP_EXIT_CANNOT,
	};
	int rc = status[how];

	vmp_keys_close(); /* the command may want the terminal */
	if (how == VMP_WATCH_REACHED && k->values->exec) {
		/* and writes to it */
		vmp_view_wipe(&k->report);
		fflush(stdout);
		rc = run_hook(k);
	}
	k->report.reason = k->reason;
	k->format->end(&k->report, how);
	if (how == VMP_WATCH_FAILED)
		vmp_warn_escaped(k->reason);
	if (k->plot.file)
		vmp_watch_svg(&k->report, k->plot.file);
	rc = vmp_side_close(&k->plot, rc);
	return vmp_side_close(&k->log, rc);
}

static const struct vmp_watch_format *format_of(const struct vmp_keeper *k)
{
	if (k->values->format == VMP_JSON)
		return &vmp_watch_json;
	if (k->values->format == VMP_CSV)
		return &vmp_watch_csv;
	return k->style.terminal ? &vmp_watch_live : &vmp_watch_text;
}

/* Returns: 0, or a negative errno with a reason. */
static int open_watch(struct vmp_keeper *k)
{
	const struct vmp_watch_request request = {
		.backend = (enum vmp_watch_backend)k->values->backend,
		.pids = &k->target.pid,
		.pid_count = 1,
	};
	char why[300];
	int rc = vmp_watch_open(k->ctx, &request, &k->watch);

	if (rc < 0) {
		snprintf(k->reason, sizeof(k->reason), "%s", vmp_error(k->ctx));
		return rc;
	}
	if (k->values->exact_peak &&
	    vmp_peak_open(&k->peak, k->target.pid, why, sizeof(why)) < 0)
		vmp_warn("--exact-peak: %s; the peak is what is read", why);
	k->report.exact = k->peak;
	return 0;
}

/* Find it, and watch it. Returns: the exit status. */
static int watch(struct vmp_keeper *k)
{
	enum vmp_watch_ended how = VMP_WATCH_FAILED;
	int rc;

	rc = vmp_watch_target(k->ctx, k->values, &k->target, k->reason,
			      sizeof(k->reason));
	if (rc == VMP_EXIT_USAGE)
		return rc;
	if (rc)
		return finish(k, how);
	vmp_signals_handle(vmp_end_trace, vmp_end_trace);
	rc = open_watch(k);
	/* of the other formats a stop changes nothing */
	k->report.keys = rc == 0 && k->format == &vmp_watch_live &&
			 vmp_keys_open();
	if (rc == 0)
		how = vmp_keep_watch(k);
	rc = finish(k, how);
	vmp_peak_close(k->peak);
	vmp_watch_close(k->watch);
	return rc;
}

/* Has who reads standard output left? */
static bool is_broken(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO };

	return ferror(stdout) && poll(&fd, 1, 0) > 0 &&
	       fd.revents & (POLLERR | POLLHUP);
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	VMP_FREE struct vmp_keeper *k = NULL;
	void (*on_pipe)(int number);
	struct vmp_watch_values v;
	int rc;

	if (!vmp_watch_options_read(self, argc, argv, &v, &rc))
		return rc;
	k = calloc(1, sizeof(*k));
	if (k)
		k->ctx = vmp_new();
	if (!k || !k->ctx) {
		vmp_warn("no memory");
		return VMP_EXIT_CANNOT;
	}
	k->values = &v;
	vmp_style_init(&k->style, stdout, (enum vmp_color_mode)v.color);
	k->format = format_of(k);
	k->report.style = &k->style;
	k->report.out = stdout;
	k->report.series = &k->series;
	k->report.interval_seconds = v.interval;
	k->report.until = v.until;
	k->report.backend = "";
	/* who reads may leave; files are written to their end all the same */
	on_pipe = signal(SIGPIPE, SIG_IGN);
	rc = watch(k);
	vmp_free(k->ctx);
	signal(SIGPIPE, on_pipe);
	fflush(stdout);
	if (is_broken() && on_pipe != SIG_IGN)
		raise(SIGPIPE);
	return vmp_finish_output(stdout, "standard output", rc);
}

const struct vmp_command vmp_cmd_watch = {
	.name = "watch",
	.arguments = "PID|COMMAND-GLOB [INTERVAL]",
	.summary = "Watch one process, and say when it meets the limit",
	.text = "INTERVAL is 1 s, or a time such as 500ms or 1m. On a terminal "
		"q ends it.\n\n"
		"Exit status: 0 the process or --duration has ended, or q; 1 "
		"--until is reached;\n2 usage, or several processes of that "
		"name; 3 no such process, no permission;\n130 interrupted.\n",
	.options = vmp_watch_options,
	.option_count = VMP_WATCH_OPTIONS,
	.run = run,
};
