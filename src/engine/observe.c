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

double vmp_deadline(double seconds)
{
	return seconds > 0 ? vmp_seconds() + seconds : 0;
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
	struct vmp_reading *larger;

	if (o->mappings > run->peak)
		run->peak = o->mappings;
	if (run->sample_count == run->sample_space) {
		larger = realloc(run->samples, space * sizeof(*larger));
		if (!larger)
			return vmp_fail(o->ctx, -ENOMEM, "no memory");
		run->samples = larger;
		run->sample_space = space;
	}
	run->samples[run->sample_count++] = (struct vmp_reading){
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
	const struct vmp_oracles *oracles = &o->child.shared->oracles;
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

/* Kept between two areas, so that what is mapped in them never touches. */
enum { AREA_GAP_PAGES = 4096 };

/* area: the next free addresses, which nothing else is mapped to. */
static int order_area(struct vmp_observer *o, struct vmp_step_order *order,
		      const struct vmp_step *step,
		      struct vmp_scenario_error *error)
{
	uint64_t length = page_round(o, (uint64_t)order->key[VMP_KEY_length]);
	uint64_t gap = AREA_GAP_PAGES * o->run->page_bytes;
	char wanted[32], left[32];

	if (o->area_base + length + gap > o->area_end) {
		error->line = step->line;
		error->column = 1;
		snprintf(error->text, sizeof(error->text),
			 "this process has no %s of free addresses in one "
			 "piece, only %s",
			 vmp_human_bytes(length, wanted),
			 vmp_human_bytes(o->area_end > o->area_base + gap
						 ? o->area_end - o->area_base -
							   gap
						 : 0,
					 left));
		return -EINVAL;
	}
	order->base = o->area_base;
	o->area_base += length + gap;
	return 0;
}

static int make_order(struct vmp_observer *o, size_t index,
		      struct vmp_step_order *order,
		      struct vmp_scenario_error *error)
{
	const struct vmp_step *step = &o->run->scenario->steps[index];
	uint64_t samples = o->options->samples;
	int rc = vmp_plan_order(&o->plan, index, order, error);

	if (rc == 0 && vmp_verbs[step->verb].group == VMP_GROUP_MAKES &&
	    order->calls > order->group.members)
		return vmp_fail(o->ctx, -ERANGE,
				"step %zu makes %llu calls now, and %llu were "
				"planned at the start: headroom, or the limit, "
				"has grown since",
				index + 1, (unsigned long long)order->calls,
				(unsigned long long)order->group.members);
	if (rc == 0 && step->verb == VMP_VERB_fill)
		rc = order_fill(o, order, step, error);
	if (rc == 0 && step->verb == VMP_VERB_area)
		rc = order_area(o, order, step, error);
	if (rc < 0)
		return rc;
	if (samples)
		order->sample_every = order->calls / samples + 1;
	return 0;
}

/* The steps that are under way get their orders from the same moment. */
static int make_orders(struct vmp_observer *o, size_t count,
		       struct vmp_step_order *orders,
		       struct vmp_scenario_error *error)
{
	int rc = 0;

	o->plan.facts.fact[VMP_FACT_LIMIT] = o->limits.max_map_count;
	o->plan.facts.fact[VMP_FACT_HEADROOM] =
		o->limits.max_map_count - (int64_t)o->mappings;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = make_order(o, o->step + i, &orders[i], error);
	/* the first of them is stopped for samples, which are of them all */
	for (size_t i = 1; i < count; i++)
		orders[i].sample_every = 0;
	return rc;
}

/* Only the pages that fill really mapped are its own to take back. */
static void count_ballast(struct vmp_observer *o,
			  const struct vmp_step_order *order)
{
	const struct vmp_step_progress *p = o->child.shared->progress;
	uint64_t done = p->calls - p->failed;

	if (order->verb != VMP_VERB_fill)
		return;
	o->ballast += order->key[VMP_KEY_count] < 0 ? -done : done;
}

static void take_progress(const struct vmp_step_progress *p,
			  struct vmp_step_result *r)
{
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

static int keep_failures(struct vmp_observer *o, size_t turn,
			 struct vmp_step_result *r)
{
	const struct vmp_shared *shared = o->child.shared;
	const struct vmp_call_failure *kept =
		(const void *)((const char *)shared + shared->failures_offset);
	size_t count = shared->progress[turn].failures;

	/* the file is the worker's too: trust no more than was planned */
	if (count > o->plan.failures_kept)
		count = o->plan.failures_kept;
	if (!count)
		return 0;
	r->failures = malloc(count * sizeof(*r->failures));
	if (!r->failures)
		return vmp_fail(o->ctx, -ENOMEM, "no memory for %zu failures",
				count);
	memcpy(r->failures, kept + turn * o->plan.failures_kept,
	       count * sizeof(*r->failures));
	r->failure_count = count;
	return 0;
}

/* Has something cut the run short? Returns: 0, -EINTR, -ETIMEDOUT. */
static int is_cut(const struct vmp_observer *o)
{
	if (interrupted)
		return -EINTR;
	return o->deadline && vmp_seconds() > o->deadline ? -ETIMEDOUT : 0;
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
					     o->child.shared->progress->calls,
					     order->calls);
	}
	return rc;
}

/* One stop within a step: its first failure, or a sample for the plot. */
static int handle_stop(struct vmp_observer *o,
		       const struct vmp_step_order *orders, size_t count)
{
	size_t turn = o->child.shared->current % count;
	const struct vmp_step_progress *p = &o->child.shared->progress[turn];
	struct vmp_step_result *r = &o->run->steps[o->step + turn];
	int rc;

	if (p->failed && !r->first_mappings) {
		rc = vmp_observe_failure(o, &orders[turn], p, r);
		rc = rc < 0 ? rc : add_sample(o, p->first.index + 1);
	} else {
		rc = count_mappings(o);
		rc = rc < 0 ? rc : add_sample(o, p->calls);
	}
	rc = rc < 0 ? rc : is_cut(o);
	return rc < 0 ? rc : vmp_child_tell(&o->child, 'g');
}

static int drive(struct vmp_observer *o, const struct vmp_step_order *orders,
		 size_t count)
{
	int rc;

	o->child.shared->step_count = (uint32_t)count;
	memcpy(o->child.shared->steps, orders, count * sizeof(*orders));
	rc = vmp_child_tell(&o->child, 'g');
	while (rc == 0) {
		rc = wait_for_stop(o, orders);
		if (rc == 'd')
			return 0;
		rc = rc < 0 ? rc : handle_stop(o, orders, count);
	}
	return rc;
}

/*
 * Touching and advising change what is resident, and nothing else tells. It
 * costs a walk over the page tables, so the other verbs go without.
 */
static void read_resident(struct vmp_observer *o, size_t index)
{
	enum vmp_verb verb = o->run->scenario->steps[index].verb;
	int64_t bytes;

	if (verb != VMP_VERB_touch && verb != VMP_VERB_advise)
		return;
	bytes = vmp_resident_bytes(o->ctx, o->child.pid);
	o->run->steps[index].resident_bytes = bytes > 0 ? (uint64_t)bytes : 0;
}

static void begin_results(struct vmp_observer *o,
			  const struct vmp_step_order *orders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct vmp_step_result *r = &o->run->steps[o->step + i];

		r->run = true;
		r->planned = orders[i].calls;
		r->mappings_before = o->mappings;
		r->bytes_before = o->bytes;
	}
}

/*
 * What the worker has counted, also where it was cut short. Steps that take
 * turns share the time, each as it called.
 */
static int take_results(struct vmp_observer *o, size_t count, double seconds)
{
	struct vmp_step_result *r = &o->run->steps[o->step];
	uint64_t calls = 0;
	int rc = 0;

	for (size_t i = 0; i < count; i++) {
		take_progress(&o->child.shared->progress[i], &r[i]);
		calls += r[i].calls;
		o->run->leaked_bytes += r[i].leaked_bytes;
		if (keep_failures(o, i, &r[i]) < 0)
			rc = -ENOMEM;
	}
	/* the worker adds its time up when it stops */
	if (seconds == 0)
		seconds = r->seconds;
	for (size_t i = 0; i < count; i++)
		r[i].seconds =
			count == 1 || !calls
				? seconds
				: seconds * (double)r[i].calls / (double)calls;
	return rc;
}

/* After the steps: the counts are those of all of them together. */
static int end_results(struct vmp_observer *o,
		       const struct vmp_step_order *orders, size_t count)
{
	struct vmp_step_result *r = &o->run->steps[o->step];
	uint64_t calls = 0;
	int rc = look(o);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		r[i].mappings_after = o->run->end = o->mappings;
		r[i].bytes_after = o->bytes;
		calls += r[i].calls;
		if (!orders[i].in_area)
			read_resident(o, o->step + i);
	}
	if (rc == 0)
		rc = add_sample(o, calls);
	o->calls_before += calls;
	return rc;
}

int vmp_observe_steps(struct vmp_observer *o, size_t step, size_t count,
		      struct vmp_scenario_error *error)
{
	struct vmp_step_order orders[VMP_MOST_TURNS] = { 0 };
	double started;
	int rc, taken;

	o->step = step;
	rc = is_cut(o);
	rc = rc < 0 ? rc : make_orders(o, count, orders, error);
	if (rc < 0)
		return rc;
	begin_results(o, orders, count);
	started = vmp_seconds();
	rc = drive(o, orders, count);
	taken = take_results(o, count, rc < 0 ? vmp_seconds() - started : 0);
	count_ballast(o, orders);
	rc = rc < 0 ? rc : taken;
	return rc < 0 ? rc : end_results(o, orders, count);
}
