// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe exec: run a command with only so many mappings left. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/headroom.h"
#include "cli/started.h"
#include "lib/internal.h"
#include "trace/family.h"
#include "trace/follow.h"
#include "trace/interrupt.h"
#include "trace/start.h"

struct exec_values {
	const char *headroom;
	bool children;
	int at;
};

#define OPTION(...) VMP_OPTION(exec_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("headroom", "N|N%", TEXT, headroom,
	       "how many mappings are left to it, or N% of the limit"),
	OPTION("at", "PLACE", CHOICE, at,
	       "from where on: entry (the default) or main",
	       .choices = vmp_place_names),
	OPTION("children", NULL, FLAG, children,
	       "the same for programs that it runs; stays attached"),
};

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return VMP_OWN_FAILURE;
	return vmp_exit_status(status);
}

/* It is stopped under ptrace, and may have ended by itself. */
static int end_command(pid_t pid, int rc, const char *reason)
{
	if (rc == -ESRCH)
		return wait_for(pid);
	vmp_warn_escaped(reason);
	kill(pid, SIGKILL);
	wait_for(pid);
	return VMP_OWN_FAILURE;
}

/* With nothing attached once it runs. */
static int run_alone(pid_t pid, const struct vmp_ballast *ballast)
{
	char reason[300];
	int64_t made;
	int rc = vmp_ballast_make(pid, ballast, &made, reason, sizeof(reason));

	if (rc < 0)
		return end_command(pid, rc, reason);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return wait_for(pid);
}

static void give_ballast(struct vmp_follow *f, struct vmp_thread *thread)
{
	vmp_family_exec(f->owner, thread);
}

static void go_without(struct vmp_family *family, pid_t pid)
{
	vmp_warn_without(pid, family->reason);
}

static void tell_left(struct vmp_follow *f, size_t processes)
{
	const struct vmp_family *family = f->owner;
	char *const *command = family->owner;

	vmp_warn_left(command[0], processes, "attached to");
}

static bool is_stopped(const struct vmp_follow *f)
{
	return f->ended && vmp_trace_interrupted();
}

static const struct vmp_follow_hooks hooks = { .exec = give_ballast,
					       .left = tell_left };

/* Attached until all have ended, or it is told to leave those of the command */
static int run_family(struct vmp_follow *f, pid_t pid)
{
	struct vmp_family *family = f->owner;
	int rc = vmp_follow_child(f, pid);

	rc = rc ? rc : vmp_follow_run(f, is_stopped);
	vmp_follow_end(f);
	if (family->refused)
		vmp_warn_escaped(family->reason);
	return rc < 0 || family->refused ? VMP_OWN_FAILURE
					 : vmp_exit_status(f->status);
}

static int run_command(const struct exec_values *v, char *const *argv,
		       const struct vmp_ballast *ballast)
{
	struct vmp_family family = { .ballast = ballast,
				     .children = true,
				     .without = go_without,
				     .owner = (void *)argv };
	struct vmp_follow f = { .owner = &family, .hooks = &hooks };
	struct vmp_signals before;
	struct vmp_start start = {
		.command = argv,
		.options = v->children ? (long)vmp_follow_options(&f) : 0,
		.signals = &before,
	};
	char reason[300];
	pid_t pid;
	int rc;

	vmp_signals_save(&before);
	vmp_signals_handle(vmp_leave_to_command, vmp_pass_on);
	/* a parent that ignores it would have the status thrown away */
	signal(SIGCHLD, SIG_DFL);
	/* one that is given ballast right then would not outlive us */
	rc = v->children ? vmp_follow_shield() : 0;
	if (rc < 0) {
		vmp_warn("cannot fork: %s", strerror(-rc));
		return VMP_OWN_FAILURE;
	}
	rc = vmp_start(&start, &pid, reason, sizeof(reason));
	if (rc < 0) {
		vmp_warn_escaped(reason);
		return vmp_start_status(rc);
	}
	vmp_pass_on_to(pid);
	return v->children ? run_family(&f, pid) : run_alone(pid, ballast);
}

static int check_values(const struct vmp_command *self,
			const struct exec_values *v, int count,
			struct vmp_ballast *ballast)
{
	ballast->at_main = v->at == VMP_AT_MAIN;
	if (!v->headroom)
		return vmp_usage_error(self, "how many mappings shall be left? "
					     "--headroom=N or --headroom=N%%");
	if (vmp_headroom_option(v->headroom, ballast) < 0)
		return vmp_usage_error(self, "--headroom=%s: %s", v->headroom,
				       VMP_HEADROOM_WANTED);
	if (count < 1)
		return vmp_usage_error(self, "which command? vmaprobe exec "
					     "--headroom=200 -- COMMAND");
	return 0;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct exec_values v = { .headroom = NULL };
	struct vmp_ballast ballast = { 0 };
	int first = vmp_options_read(self, argc, argv, &v);

	if (first < 0)
		return first == -2 ? vmp_finish_output(stdout, "help", 0)
				   : VMP_OWN_FAILURE;
	if (check_values(self, &v, argc - first, &ballast))
		return VMP_OWN_FAILURE;
	return run_command(&v, argv + first, &ballast);
}

const struct vmp_command vmp_cmd_exec = {
	.name = "exec",
	.arguments = "-- COMMAND [ARGUMENT]...",
	.summary = "Run a command with only so many mappings left, "
		   "without root",
	.text = "Exit status: the command's; 128 + N if signal N ended it; 125 "
		"vmaprobe itself\nfailed; 126 the command cannot be run; 127 "
		"there is no such command.\n",
	.options = options,
	.option_count = VMP_COUNT(options),
	.options_first = true,
	.run = run,
};
