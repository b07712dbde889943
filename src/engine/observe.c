// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps the worker, and reads its mappings at each of its stops. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/observe.h"
#include "lib/diagnose.h"
#include "lib/internal.h"

static volatile sig_atomic_t interrupted;

void vmp_interrupt(void)
{
	interrupted = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double vmp_deadline(double seconds)
{
	return seconds > 0 ? now() + seconds : 0;
}

const char *vmp_signal_name(int number)
{
	static char name[32];
	const char *abbreviation = sigabbrev_np(number);

	snprintf(name, sizeof(name), "SIG%s",
		 abbreviation ? abbreviation : "?");
	return name;
}

static int add_sample(struct vmp_observer *o, uint64_t calls)
{
	struct vmp_run *run = o->run;
	size_t space = run->sample_space ? run->sample_space * 2 : 64;
	struct vmp_sample *larger;

	if (o->mappings > run->peak)
		run->peak = o->mappings;
	if (run->sample_count == run->sample_space) {
		larger = realloc(run->samples, space * sizeof(*larger));
		if (!larger)
			return vmp_fail(o->ctx, -ENOMEM, "no memory");
		run->samples = larger;
		run->sample_space = space;
	}
	run->samples[run->sample_count++] = (struct vmp_sample){
		.calls = o->calls_before + calls,
		.mappings = o->mappings,
		.step = o->step,
	};
	return 0;
}

/*
 * The map count of the worker, which holds still. When its table is exactly
 * full the kernel has told it so, and its mappings need not be listed.
 */
static int count_mappings(struct vmp_observer *o)
{
	const struct vmp_oracles *oracles = &o->child.shared->progress.oracles;
	struct vmp_survey survey;
	int64_t limit = vmp_map_limit(o->ctx);
	int rc;

	if (limit < 0)
		return (int)limit;
	o->limits.max_map_count = limit;
	if (oracles->over == VMP_NO && oracles->full == VMP_YES) {
		o->mappings = (uint64_t)limit;
		return 0;
	}
	rc = vmp_survey(o->ctx, o->child.pid, 0, 0, &survey);
	if (rc == 0)
		o->mappings = survey.mappings;
	return rc;
}

static int look(struct vmp_observer *o)
{
	int64_t bytes = vmp_size_bytes(o->ctx, o->child.pid);

	if (bytes < 0)
		return (int)bytes;
	o->bytes = (uint64_t)bytes;
	return count_mappings(o);
}

int vmp_observe_start(struct vmp_observer *o)
{
	int rc = look(o);

	if (rc < 0)
		return rc;
	o->run->start = o->mappings;
	o->plan.facts.fact[VMP_FACT_START] = (int64_t)o->mappings;
	return add_sample(o, 0);
}

static uint64_t page_round(const struct vmp_observer *o, uint64_t bytes)
{
	return vmp_whole_pages(bytes, o->run->page_bytes);
}

/* How many bytes more would be mapped, had the call worked? */
static uint64_t more_bytes(const struct vmp_observer *o,
			   const struct vmp_step_order *order,
			   const struct vmp_call_failure *f)
{
	uint64_t size = (uint64_t)order->key[VMP_KEY_size];

	switch (vmp_verbs[order->verb].what) {
	case VMP_CALL_MAP:
	case VMP_CALL_CHANGE:
		return page_round(o, f->length);
	case VMP_CALL_RESIZE:
		return size > f->length ? page_round(o, size - f->length) : 0;
	case VMP_CALL_BREAK:
	case VMP_CALL_THREAD:
	case VMP_CALL_ALLOCATE:
		return page_round(o, size);
	default:
		return 0;
	}
}

enum { PROTECTION_WRITE = 2 };

/* Does the call ask for private writable memory that was not so before? */
static bool asks_for_writable(const struct vmp_step_order *order,
			      const struct vmp_survey *survey)
{
	switch (vmp_verbs[order->verb].what) {
	case VMP_CALL_MAP:
		return order->verb == VMP_VERB_map &&
		       order->key[VMP_KEY_backing] == 0 &&
		       order->key[VMP_KEY_prot] & PROTECTION_WRITE;
	case VMP_CALL_CHANGE:
		return order->verb == VMP_VERB_protect &&
		       order->key[VMP_KEY_prot] & PROTECTION_WRITE &&
		       !survey->first.writable && !survey->first.shared;
	case VMP_CALL_RESIZE:
		return survey->first.writable && !survey->first.shared;
	case VMP_CALL_BREAK:
	case VMP_CALL_THREAD:
	case VMP_CALL_ALLOCATE:
		return true;
	default:
		return false;
	}
}

/* Charged to the commit limit: mode 2 charges MAP_NORESERVE all the same. */
static bool is_accountable(const struct vmp_step_order *order,
			   const struct vmp_failed_call *call)
{
	bool shared = order->verb == VMP_VERB_map &&
		      order->key[VMP_KEY_backing] == 1;

	if (!call->writable && !shared)
		return false;
	return !order->key[VMP_KEY_noreserve] ||
	       call->limits.overcommit_memory == 2;
}

static int read_facts(struct vmp_observer *o,
		      const struct vmp_step_order *order,
		      struct vmp_failed_call *call)
{
	pid_t pid = o->child.pid;
	uint64_t length = call->length;
	int rc = vmp_limits_read(o->ctx, &call->limits);

	if (call->call == VMP_CALL_BREAK) {
		call->address = page_round(o, call->address);
		length = page_round(o, (uint64_t)order->key[VMP_KEY_size]);
	}
	/* what a shrink unmaps is the tail */
	if (call->call == VMP_CALL_RESIZE && !call->more_bytes) {
		call->address += (uint64_t)order->key[VMP_KEY_size];
		length -= page_round(o, (uint64_t)order->key[VMP_KEY_size]);
	}
	rc = rc < 0 ? rc : vmp_process_read(o->ctx, pid, &call->process);
	rc = rc < 0 ? rc
		    : vmp_survey(o->ctx, pid, call->address, length,
				 &call->survey);
	if (rc < 0)
		return rc;
	call->writable = asks_for_writable(order, &call->survey);
	call->accountable = is_accountable(order, call);
	return 0;
}

/* The first failure of a step: everything is read while it is fresh. */
static int explain_failure(struct vmp_observer *o,
			   const struct vmp_step_order *order,
			   struct vmp_step_result *r)
{
	const struct vmp_step_progress *p = &o->child.shared->progress;
	struct vmp_failed_call call = {
		.call = vmp_verbs[order->verb].what,
		.name = vmp_verbs[order->verb].call,
		.address = p->first.address,
		.length = page_round(o, p->first.length),
		.more_bytes = more_bytes(o, order, &p->first),
		.error = p->first.error > 0 ? p->first.error : 0,
		.oracles = p->oracles,
	};
	int rc = read_facts(o, order, &call);

	if (rc < 0)
		return rc;
	vmp_diagnose(&call, &r->diagnosis);
	r->first = p->first;
	r->first_mappings = call.survey.mappings;
	r->first_limit = call.limits.max_map_count;
	o->mappings = call.survey.mappings;
	return add_sample(o, p->first.index + 1);
}

/* fill: from the headroom that there is to the one that is asked for. */
static int order_fill(struct vmp_observer *o, struct vmp_step_order *order,
		      const struct vmp_step *step,
		      struct vmp_scenario_error *error)
{
	int64_t headroom = o->plan.facts.fact[VMP_FACT_HEADROOM];
	int64_t more = headroom - order->key[VMP_KEY_leave];

	if (-more > (int64_t)o->ballast) {
		char has[32], wants[32];

		error->line = step->line;
		error->column = 1;
		snprintf(error->text, sizeof(error->text),
			 "fill cannot leave "
			 "%s: the headroom is %s, and fill takes back only "
			 "mappings of its own; min(..., headroom) asks for no "
			 "more than there is",
			 vmp_group_digits(order->key[VMP_KEY_leave], wants),
			 vmp_group_digits(headroom, has));
		return -EINVAL;
	}
	order->base = o->fill_base;
	order->calls = (uint64_t)(more < 0 ? -more : more);
	order->key[VMP_KEY_count] = more < 0 ? -1 : 1;
	return 0;
}

static int make_order(struct vmp_observer *o, struct vmp_step_order *order,
		      struct vmp_scenario_error *error)
{
	const struct vmp_step *step = &o->run->scenario->steps[o->step];
	uint64_t samples = o->options->samples;
	int rc;

	o->plan.facts.fact[VMP_FACT_LIMIT] = o->limits.max_map_count;
	o->plan.facts.fact[VMP_FACT_HEADROOM] =
		o->limits.max_map_count - (int64_t)o->mappings;
	rc = vmp_plan_order(&o->plan, o->step, order, error);
	if (rc == 0 && vmp_verbs[step->verb].group == VMP_GROUP_MAKES &&
	    order->calls > order->group.members)
		return vmp_fail(o->ctx, -ERANGE,
				"step %zu makes %llu calls now, and %llu were "
				"planned at the start: headroom, or the limit, "
				"has grown since",
				o->step + 1, (unsigned long long)order->calls,
				(unsigned long long)order->group.members);
	if (rc == 0 && step->verb == VMP_VERB_fill)
		rc = order_fill(o, order, step, error);
	if (rc < 0)
		return rc;
	if (samples)
		order->sample_every = order->calls / samples + 1;
	return 0;
}

/* Only the pages that fill really mapped are its own to take back. */
static void count_ballast(struct vmp_observer *o,
			  const struct vmp_step_order *order)
{
	const struct vmp_step_progress *p = &o->child.shared->progress;
	uint64_t done = p->calls - p->failed;

	if (order->verb != VMP_VERB_fill)
		return;
	o->ballast += order->key[VMP_KEY_count] < 0 ? -done : done;
}

static void take_progress(struct vmp_observer *o, struct vmp_step_result *r)
{
	const struct vmp_step_progress *p = &o->child.shared->progress;

	r->calls = p->calls;
	r->failed = p->failed;
	r->seconds = (double)p->nanoseconds / 1e9;
	r->leaked_bytes = p->leaked_bytes;
	r->kept = p->kept;
	r->claims = p->claims;
	r->claimed_bytes = p->claimed_bytes;
	if (p->failed && !r->first_mappings)
		r->first = p->first;
}

static int keep_failures(struct vmp_observer *o, struct vmp_step_result *r)
{
	const struct vmp_shared *shared = o->child.shared;
	size_t count = shared->progress.failures;

	/* the file is the worker's too: trust no more than was planned */
	if (count > o->plan.failures_kept)
		count = o->plan.failures_kept;
	if (!count)
		return 0;
	r->failures = malloc(count * sizeof(*r->failures));
	if (!r->failures)
		return vmp_fail(o->ctx, -ENOMEM, "no memory for %zu failures",
				count);
	memcpy(r->failures, (const char *)shared + shared->failures_offset,
	       count * sizeof(*r->failures));
	r->failure_count = count;
	return 0;
}

/* Has something cut the run short? Returns: 0, -EINTR, -ETIMEDOUT. */
static int is_cut(const struct vmp_observer *o)
{
	if (interrupted)
		return -EINTR;
	return o->deadline && now() > o->deadline ? -ETIMEDOUT : 0;
}

/* Wait for the next stop. Returns: its letter, or what cut the run short. */
static int wait_for_stop(struct vmp_observer *o,
			 const struct vmp_step_order *order)
{
	const struct vmp_step *step = &o->run->scenario->steps[o->step];
	int rc = 0;

	while (rc == 0) {
		rc = vmp_child_wait(&o->child, 100);
		if (rc)
			return rc;
		rc = is_cut(o);
		if (rc == 0 && o->options->progress)
			o->options->progress(step->text,
					     o->child.shared->progress.calls,
					     order->calls);
	}
	return rc;
}

/* One stop within a step: its first failure, or a sample for the plot. */
static int handle_stop(struct vmp_observer *o,
		       const struct vmp_step_order *order,
		       struct vmp_step_result *r)
{
	const struct vmp_step_progress *p = &o->child.shared->progress;
	int rc;

	if (p->failed && !r->first_mappings) {
		rc = explain_failure(o, order, r);
	} else {
		rc = count_mappings(o);
		rc = rc < 0 ? rc : add_sample(o, p->calls);
	}
	rc = rc < 0 ? rc : is_cut(o);
	return rc < 0 ? rc : vmp_child_tell(&o->child, 'g');
}

static int drive(struct vmp_observer *o, const struct vmp_step_order *order,
		 struct vmp_step_result *r)
{
	int rc;

	o->child.shared->step = *order;
	rc = vmp_child_tell(&o->child, 'g');
	while (rc == 0) {
		rc = wait_for_stop(o, order);
		if (rc == 'd')
			return 0;
		rc = rc < 0 ? rc : handle_stop(o, order, r);
	}
	return rc;
}

/*
 * Touching and advising change what is resident, and nothing else tells. It
 * costs a walk over the page tables, so the other verbs go without.
 */
static void read_resident(struct vmp_observer *o, struct vmp_step_result *r)
{
	enum vmp_verb verb = o->run->scenario->steps[o->step].verb;
	int64_t bytes;

	if (verb != VMP_VERB_touch && verb != VMP_VERB_advise)
		return;
	bytes = vmp_resident_bytes(o->ctx, o->child.pid);
	r->resident_bytes = bytes > 0 ? (uint64_t)bytes : 0;
}

int vmp_observe_step(struct vmp_observer *o, size_t step,
		     struct vmp_scenario_error *error)
{
	struct vmp_step_result *r = &o->run->steps[step];
	struct vmp_step_order order;
	double started;
	int rc;

	o->step = step;
	rc = is_cut(o);
	rc = rc < 0 ? rc : make_order(o, &order, error);
	if (rc < 0)
		return rc;
	r->run = true;
	r->planned = order.calls;
	r->mappings_before = o->mappings;
	r->bytes_before = o->bytes;
	started = now();
	rc = drive(o, &order, r);
	take_progress(o, r);
	count_ballast(o, &order);
	/* the worker adds its time up when it stops */
	if (rc < 0)
		r->seconds = now() - started;
	o->run->leaked_bytes += r->leaked_bytes;
	if (keep_failures(o, r) < 0 && rc == 0)
		rc = -ENOMEM;
	if (rc == 0)
		rc = look(o);
	if (rc < 0)
		return rc;
	r->mappings_after = o->run->end = o->mappings;
	r->bytes_after = o->bytes;
	read_resident(o, r);
	rc = add_sample(o, r->calls);
	o->calls_before += r->calls;
	return rc;
}
