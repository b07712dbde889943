// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs a scenario in a worker: starts it, steps it, ends it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "engine/allocator.h"
#include "engine/judge.h"
#include "engine/observe.h"
#include "lib/diagnose.h"
#include "lib/internal.h"

static const char *const ended_names[VMP_ENDS] = {
	[VMP_FINISHED] = "finished",	   [VMP_TIMED_OUT] = "timed-out",
	[VMP_KILLED] = "killed",	   [VMP_EXITED] = "exited",
	[VMP_INTERRUPTED] = "interrupted", [VMP_STOPPED] = "stopped",
	[VMP_NOT_STARTED] = "not-started",
};

const char *vmp_ended_name(enum vmp_ended ended)
{
	return ended_names[ended];
}

const char *vmp_verdict_name(enum vmp_verdict verdict)
{
	static const char *const names[] = {
		[VMP_REPRODUCED] = "reproduced",
		[VMP_NOT_REPRODUCED] = "not-reproduced",
		[VMP_CANNOT_RUN] = "cannot-run",
	};

	return names[verdict];
}

static int init_run(struct vmp_run *run, const struct vmp_scenario *scenario)
{
	struct utsname system;

	*run = (struct vmp_run){
		.scenario = scenario,
		.ended = VMP_NOT_STARTED,
		.verdict = VMP_CANNOT_RUN,
	};
	if (uname(&system) == 0)
		snprintf(run->kernel, sizeof(run->kernel), "%.20s %.70s",
			 system.sysname, system.release);
	run->steps = calloc(scenario->step_count, sizeof(*run->steps));
	run->met = calloc(scenario->expectation_count + 1, sizeof(*run->met));
	run->parameters =
		calloc(scenario->parameter_count + 1, sizeof(*run->parameters));
	return run->steps && run->met && run->parameters ? 0 : -ENOMEM;
}

void vmp_run_fini(struct vmp_run *run)
{
	if (run->steps)
		for (size_t i = 0; i < run->scenario->step_count; i++)
			free(run->steps[i].failures);
	free(run->steps);
	free(run->met);
	free(run->parameters);
	free(run->samples);
	*run = (struct vmp_run){ 0 };
}

static const struct vmp_feature *missing_feature(const struct vmp_scenario *s)
{
	for (size_t i = 0; i < s->need_count; i++)
		if (!s->needs[i]->probe())
			return s->needs[i];
	return NULL;
}

static int start_worker(struct vmp_observer *o)
{
	struct vmp_run *run = o->run;
	const char *worker = o->options->worker;
	char found[4096];

	if (!worker && vmp_child_find(found, sizeof(found)) < 0) {
		snprintf(run->reason, sizeof(run->reason),
			 "vmaprobe-worker is neither beside this program nor "
			 "in %s; --worker=FILE names it",
			 PKGLIBEXECDIR);
		return -ENOENT;
	}
	return vmp_allocator_start(o->ctx, &o->child, worker ? worker : found,
				   o->options->allocator, run->allocator,
				   run->reason, sizeof(run->reason));
}

/* Everything that can be refused is refused before the first mapping. */
static int prepare(struct vmp_observer *o, struct vmp_scenario_error *error)
{
	struct vmp_run *run = o->run;
	struct vmp_survey survey;
	int rc = vmp_survey(o->ctx, o->child.pid, 0, 0, &survey);

	if (rc < 0)
		return rc;
	/* one more: the shared file, which the worker maps next */
	run->start = survey.mappings + 1;
	rc = vmp_plan_init(&o->plan, run->scenario, &o->limits, run->start,
			   o->options->failures_kept, error);
	if (rc < 0)
		return rc;
	memcpy(run->parameters, o->plan.parameters,
	       run->scenario->parameter_count * sizeof(*run->parameters));
	if (!vmp_plan_fits(&o->plan, &o->limits, run->reason,
			   sizeof(run->reason)))
		return 1;
	rc = vmp_child_share(&o->child, o->plan.file_bytes,
			     o->plan.failures_offset);
	if (rc < 0)
		return vmp_fail(o->ctx, rc,
				"share memory with the worker: %s "
				"(is RLIMIT_AS, ulimit -v, too small for it?)",
				strerror(-rc));
	o->fill_base = survey.gap_start + (survey.gap_end - survey.gap_start) /
						  4 / run->page_bytes *
						  run->page_bytes;
	/* areas lie behind the last page that fill could map */
	o->area_base =
		o->fill_base + 2 * run->page_bytes * (uint64_t)(run->limit + 2);
	o->area_end = survey.gap_end;
	return vmp_observe_start(o);
}

static void note_end(struct vmp_observer *o)
{
	struct vmp_run *run = o->run;
	int64_t bytes;

	run->limit_at_end = vmp_map_limit(o->ctx);
	bytes = vmp_size_bytes(o->ctx, o->child.pid);
	run->size_bytes = bytes > 0 ? (uint64_t)bytes : 0;
	for (size_t i = 0; i < run->scenario->step_count; i++) {
		if (run->scenario->steps[i].verb != VMP_VERB_malloc)
			continue;
		bytes = vmp_resident_bytes(o->ctx, o->child.pid);
		run->resident_bytes = bytes > 0 ? (uint64_t)bytes : 0;
		break;
	}
}

/* Did one of these steps fail as no expectation foresees? */
static bool is_surprising(const struct vmp_run *run, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (run->steps[i].failed && !vmp_judge_foreseen(run, i))
			return true;
	return false;
}

static int run_steps(struct vmp_observer *o, struct vmp_scenario_error *error)
{
	struct vmp_run *run = o->run;
	size_t turns;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < run->scenario->step_count;
	     i += turns) {
		turns = vmp_scenario_turns(run->scenario, i);
		rc = vmp_observe_steps(o, i, turns, error);
		if (rc == 0 && !o->options->keep_going &&
		    is_surprising(run, i, turns))
			break;
	}
	if (rc == 0)
		note_end(o);
	return rc;
}

/* Was it the OOM killer? Its count tells, where a cgroup keeps one. */
static const char *oom_words(struct vmp_observer *o)
{
	struct vmp_limits now;

	if (o->run->signal != SIGKILL || vmp_limits_read(o->ctx, &now) < 0)
		return "";
	if (now.cgroup_oom_kills != VMP_UNLIMITED &&
	    now.cgroup_oom_kills > o->limits.cgroup_oom_kills)
		return ": the memory cgroup's OOM killer (its oom_kill count "
		       "rose)";
	return ": somebody's kill -9, or the OOM killer (see dmesg)";
}

static void note_death(struct vmp_observer *o)
{
	struct vmp_run *run = o->run;
	int status;
	char calls[32];

	vmp_child_end(&o->child);
	status = o->child.status;
	run->ended = WIFSIGNALED(status) ? VMP_KILLED : VMP_EXITED;
	run->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	vmp_group_digits((int64_t)run->steps[o->step].calls, calls);
	if (run->ended == VMP_EXITED)
		snprintf(run->reason, sizeof(run->reason),
			 "the worker exited with status %d in step %zu, after "
			 "%s calls",
			 WEXITSTATUS(status), o->step + 1, calls);
	else
		snprintf(run->reason, sizeof(run->reason),
			 "the worker was ended by %s in step %zu, after %s "
			 "calls%s",
			 vmp_signal_name(run->signal), o->step + 1, calls,
			 oom_words(o));
}

/* What cut the run short, in words. */
static void note_cut(struct vmp_observer *o, int rc)
{
	struct vmp_run *run = o->run;

	if (rc == -EPIPE) {
		note_death(o);
	} else if (rc == -ETIMEDOUT) {
		run->ended = VMP_TIMED_OUT;
		snprintf(run->reason, sizeof(run->reason),
			 "the time of %g s was over in step %zu",
			 o->options->timeout_seconds, o->step + 1);
	} else if (rc == -EINTR) {
		run->ended = VMP_INTERRUPTED;
		snprintf(run->reason, sizeof(run->reason),
			 "interrupted in step %zu", o->step + 1);
	} else if (!run->reason[0]) {
		if (run->steps[0].run)
			run->ended = VMP_STOPPED;
		snprintf(run->reason, sizeof(run->reason), "%s",
			 vmp_error(o->ctx));
	}
}

static int run_worker(struct vmp_observer *o, struct vmp_scenario_error *error)
{
	struct vmp_run *run = o->run;
	int rc = start_worker(o);

	if (rc == 0)
		rc = prepare(o, error);
	if (rc == 0)
		rc = run_steps(o, error);
	if (rc == -EINVAL && error->text[0])
		return rc;
	if (rc != 0) {
		note_cut(o, rc);
		return 0;
	}
	run->ended = VMP_FINISHED;
	vmp_judge(run);
	return 0;
}

static int run_observer(struct vmp_observer *o,
			struct vmp_scenario_error *error)
{
	const struct vmp_feature *missing = missing_feature(o->run->scenario);
	struct vmp_run *run = o->run;
	int rc = vmp_limits_read(o->ctx, &o->limits);

	if (rc < 0) {
		note_cut(o, rc);
		return 0;
	}
	run->limit = run->limit_at_end = o->limits.max_map_count;
	run->page_bytes = o->limits.page_bytes;
	if (missing) {
		snprintf(run->reason, sizeof(run->reason), "%s",
			 missing->missing);
		return 0;
	}
	rc = run_worker(o, error);
	vmp_child_end(&o->child);
	vmp_plan_fini(&o->plan);
	return rc;
}

int vmp_run_scenario(const struct vmp_scenario *scenario,
		     const struct vmp_run_options *options, struct vmp_run *run,
		     struct vmp_scenario_error *error)
{
	struct vmp_observer o = {
		.options = options,
		.run = run,
		.child = { .socket = -1, .file = -1 },
	};
	int rc = init_run(run, scenario);

	*error = (struct vmp_scenario_error){ 0 };
	o.ctx = vmp_new();
	if (rc == 0 && !o.ctx)
		rc = -ENOMEM;
	if (rc == 0) {
		o.deadline = vmp_deadline(options->timeout_seconds);
		rc = run_observer(&o, error);
	}
	vmp_free(o.ctx);
	return rc;
}

int vmp_run_check(const struct vmp_scenario *scenario, char *reason,
		  size_t size, struct vmp_scenario_error *error)
{
	const struct vmp_feature *missing = missing_feature(scenario);
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_limits limits;
	struct vmp_plan plan = { 0 };
	int rc = ctx ? vmp_limits_read(ctx, &limits) : -ENOMEM;

	if (rc < 0 || missing) {
		snprintf(reason, size, "%s",
			 missing ? missing->missing
			 : ctx	 ? vmp_error(ctx)
				 : "");
		vmp_free(ctx);
		return 1;
	}
	/* a process that has just begun holds few mappings: 32 is close */
	rc = vmp_plan_init(&plan, scenario, &limits, 32, 0, error);
	if (rc == 0 && !vmp_plan_fits(&plan, &limits, reason, size))
		rc = 1;
	vmp_plan_fini(&plan);
	vmp_free(ctx);
	return rc;
}
