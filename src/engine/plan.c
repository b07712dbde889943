// SPDX-License-Identifier: GPL-2.0-or-later
/* Evaluates a scenario for this machine, and asks whether it fits. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/fits.h"
#include "engine/plan.h"
#include "lib/internal.h"
#include "lib/newer.h"

/* A mapping's anon_vma comes with its first touch. */
enum { ANON_VMA_BYTES = 170 };

/* A thread that waits: kernel stack, task_struct, and two pages of its own. */
enum { THREAD_BYTES = 40 * 1024 };

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Check one number: sizes stay below 2^56, so that sums of them fit. */
static int check_number(const struct vmp_step *step, int key, int64_t value,
			struct vmp_scenario_error *error)
{
	const struct vmp_key_row *row = &vmp_keys[key];
	char least[64];

	if (value < row->least) {
		snprintf(least, sizeof(least), "it must be at least %" PRId64,
			 row->least);
		return vmp_plan_fail(step, error, row->name, value, least);
	}
	if (value > (int64_t)1 << 56 ||
	    (key == VMP_KEY_count && value > VMP_MOST_MEMBERS))
		return vmp_plan_fail(step, error, row->name, value,
				     "no machine has so much");
	return 0;
}

static int evaluate_keys(struct vmp_plan *plan, const struct vmp_step *step,
			 int64_t *key, struct vmp_scenario_error *error)
{
	const struct vmp_verb_row *verb = &vmp_verbs[step->verb];
	int rc = 0;

	for (int i = 0; rc == 0 && i < VMP_KEYS; i++) {
		key[i] = 0;
		if (!(verb->keys & 1U << i))
			continue;
		if (vmp_keys[i].kind != VMP_KEY_KIND_NUMBER) {
			key[i] = step->word[i];
			continue;
		}
		if (!step->number[i].count)
			continue;
		rc = vmp_evaluate(&step->number[i], &plan->facts, &key[i],
				  error);
		rc = rc < 0 ? rc : check_number(step, i, key[i], error);
	}
	return rc;
}

static bool uses_group(const struct vmp_verb_row *verb)
{
	return verb->group == VMP_GROUP_USES || verb->group == VMP_GROUP_BLOCKS;
}

int vmp_plan_order(struct vmp_plan *plan, size_t index,
		   struct vmp_step_order *order,
		   struct vmp_scenario_error *error)
{
	const struct vmp_step *step = &plan->scenario->steps[index];
	const struct vmp_verb_row *verb = &vmp_verbs[step->verb];
	struct vmp_step_order o = { .verb = step->verb,
				    .every = 1,
				    .parts = 1 };
	int rc = evaluate_keys(plan, step, o.key, error);

	if (rc == 0 && uses_group(verb))
		rc = vmp_plan_choose(plan, step, &o, error);
	if (rc < 0)
		return rc;
	o.failures_kept = plan->failures_kept;
	if (!uses_group(verb))
		o.calls = vmp_is_given(step, VMP_KEY_count)
				  ? (uint64_t)o.key[VMP_KEY_count]
				  : 1;
	if (step->verb == VMP_VERB_map && !vmp_is_given(step, VMP_KEY_length))
		o.key[VMP_KEY_length] = plan->facts.fact[VMP_FACT_PAGE_BYTES];
	if (step->verb == VMP_VERB_area && !vmp_is_given(step, VMP_KEY_length))
		return vmp_plan_fail(step, error, "length", 0,
				     "an area needs one: how far it reaches");
	if (verb->group == VMP_GROUP_MAKES)
		o.group = plan->groups[step->group];
	*order = o;
	return 0;
}

/* A step that makes a group fixes its size and its place in the file. */
static void place_group(struct vmp_plan *plan, const struct vmp_step *step,
			const struct vmp_step_order *o)
{
	struct vmp_group_area *area = &plan->groups[step->group];

	area->members = o->calls;
	area->offset = plan->file_bytes;
	plan->file_bytes += o->calls * sizeof(struct vmp_region);
}

/* How long the regions of its group are after a step that sets that; else 0. */
static uint64_t length_after(const struct vmp_step *step,
			     const struct vmp_step_order *o)
{
	switch (step->verb) {
	case VMP_VERB_map:
	case VMP_VERB_area:
		return (uint64_t)o->key[VMP_KEY_length];
	case VMP_VERB_malloc:
		return (uint64_t)o->key[VMP_KEY_size];
	case VMP_VERB_resize:
		return o->in_area ? 0 : (uint64_t)o->key[VMP_KEY_size];
	default:
		return 0;
	}
}

/* Later steps on the group find this length, until another one sets it. */
static void note_length(struct vmp_plan *plan, size_t index, uint64_t length)
{
	const struct vmp_scenario *s = plan->scenario;

	for (size_t i = index + 1; length && i < s->step_count; i++)
		if (s->steps[i].group == s->steps[index].group)
			plan->lengths[i] = length;
}

static bool brings_into_memory(const struct vmp_step *step,
			       const struct vmp_step_order *o)
{
	int64_t advice = o->key[VMP_KEY_advice];

	if (step->verb == VMP_VERB_advise)
		return advice == MADV_POPULATE_READ ||
		       advice == MADV_POPULATE_WRITE;
	return o->key[VMP_KEY_locked];
}

/* Pages that will be there because of this step. */
static uint64_t touched_bytes(const struct vmp_plan *plan,
			      const struct vmp_step *step,
			      const struct vmp_step_order *o)
{
	uint64_t length = o->has_length ? (uint64_t)o->key[VMP_KEY_length] : 0;

	if (step->verb == VMP_VERB_map)
		length = (uint64_t)o->key[VMP_KEY_length];
	if (step->group >= 0 && !length)
		length = plan->lengths[step - plan->scenario->steps];
	switch (vmp_verbs[step->verb].what) {
	case VMP_CALL_ALLOCATE:
		return vmp_product(o->calls, vmp_plan_pages(plan, 1));
	case VMP_CALL_TOUCH:
	case VMP_CALL_LOCK:
		return vmp_product(o->calls, vmp_plan_pages(plan, length));
	case VMP_CALL_MAP:
	case VMP_CALL_CHANGE:
		return brings_into_memory(step, o)
			       ? vmp_product(o->calls,
					     vmp_plan_pages(plan, length))
			       : 0;
	case VMP_CALL_THREAD:
		return vmp_product(o->calls, THREAD_BYTES);
	default:
		return 0;
	}
}

/* The map count that fill brings about; it takes away no mapping but its own. */
static uint64_t filled(const struct vmp_plan *plan, int64_t leave)
{
	int64_t count = plan->facts.fact[VMP_FACT_LIMIT] - leave;
	int64_t start = plan->facts.fact[VMP_FACT_START];

	return (uint64_t)(count > start ? count : start);
}

static void add_needs(struct vmp_plan *plan, const struct vmp_step *step,
		      const struct vmp_step_order *o)
{
	const struct vmp_verb_row *verb = &vmp_verbs[step->verb];
	uint64_t most = (uint64_t)plan->facts.fact[VMP_FACT_LIMIT] + 1;
	uint64_t touched = touched_bytes(plan, step, o);
	uint64_t calls = step->verb == VMP_VERB_fill ? most : o->calls;

	uint64_t turns = vmp_scenario_turns(
		plan->scenario, (size_t)(step - plan->scenario->steps));

	if (calls > plan->most_calls)
		plan->most_calls = calls;
	if (turns > plan->most_turns)
		plan->most_turns = turns;
	plan->touched_bytes = sum(plan->touched_bytes, touched);
	if (touched)
		plan->kernel_bytes = sum(plan->kernel_bytes,
					 vmp_product(o->calls, ANON_VMA_BYTES));
	plan->held = sum(plan->held, vmp_product(o->calls, verb->mappings));
	if (step->verb == VMP_VERB_fill)
		plan->held = filled(plan, o->key[VMP_KEY_leave]);
	if (plan->held > most)
		plan->held = most;
	if (plan->held > plan->mappings)
		plan->mappings = plan->held;
}

static int plan_steps(struct vmp_plan *plan, struct vmp_scenario_error *error)
{
	const struct vmp_scenario *s = plan->scenario;
	struct vmp_step_order o;
	int rc;

	for (size_t i = 0; i < s->step_count; i++) {
		rc = vmp_plan_order(plan, i, &o, error);
		if (rc < 0)
			return rc;
		if (vmp_verbs[o.verb].group == VMP_GROUP_MAKES)
			place_group(plan, &s->steps[i], &o);
		add_needs(plan, &s->steps[i], &o);
		note_length(plan, i, length_after(&s->steps[i], &o));
	}
	return 0;
}

/* A value that --set gave has no line to point at: its text is shown. */
static int bad_value(const struct vmp_parameter *p,
		     struct vmp_scenario_error *error)
{
	char what[sizeof(error->text)];

	if (!error->line) {
		snprintf(what, sizeof(what), "%.60s=%.200s: %.200s", p->name,
			 p->text, error->text);
		memcpy(error->text, what, sizeof(what));
	}
	return -EINVAL;
}

static int evaluate_parameters(struct vmp_plan *plan,
			       struct vmp_scenario_error *error)
{
	const struct vmp_scenario *s = plan->scenario;

	for (size_t i = 0; i < s->parameter_count; i++)
		if (vmp_evaluate(&s->parameters[i].expression, &plan->facts,
				 &plan->parameters[i], error) < 0)
			return bad_value(&s->parameters[i], error);
	return 0;
}

int vmp_plan_init(struct vmp_plan *plan, const struct vmp_scenario *scenario,
		  const struct vmp_limits *limits, uint64_t start,
		  uint64_t failures_kept, struct vmp_scenario_error *error)
{
	int rc;

	*plan = (struct vmp_plan){
		.scenario = scenario,
		.failures_kept = failures_kept,
		.mappings = start,
		.held = start,
	};
	plan->parameters = calloc(scenario->parameter_count + 1,
				  sizeof(*plan->parameters));
	plan->groups = calloc(scenario->group_count + 1, sizeof(*plan->groups));
	plan->lengths = calloc(scenario->step_count, sizeof(*plan->lengths));
	if (!plan->parameters || !plan->groups || !plan->lengths)
		return -ENOMEM;
	plan->facts.parameters = plan->parameters;
	plan->facts.fact[VMP_FACT_LIMIT] = limits->max_map_count;
	plan->facts.fact[VMP_FACT_START] = (int64_t)start;
	plan->facts.fact[VMP_FACT_HEADROOM] =
		limits->max_map_count - (int64_t)start;
	plan->facts.fact[VMP_FACT_PAGE_BYTES] = (int64_t)limits->page_bytes;
	plan->file_bytes = vmp_plan_pages(plan, sizeof(struct vmp_shared));
	rc = evaluate_parameters(plan, error);
	rc = rc < 0 ? rc : plan_steps(plan, error);
	/* no step can fail more often than it calls */
	if (plan->most_calls < failures_kept)
		plan->failures_kept = plan->most_calls;
	plan->failures_offset = plan->file_bytes;
	plan->file_bytes += plan->most_turns * plan->failures_kept *
			    sizeof(struct vmp_call_failure);
	plan->file_bytes = vmp_plan_pages(plan, plan->file_bytes);
	plan->kernel_bytes =
		sum(plan->kernel_bytes,
		    vmp_product(plan->mappings, VMP_MAPPING_BYTES));
	plan->touched_bytes = sum(plan->touched_bytes, plan->file_bytes);
	return rc;
}

void vmp_plan_fini(struct vmp_plan *plan)
{
	free(plan->parameters);
	free(plan->groups);
	free(plan->lengths);
	plan->parameters = NULL;
	plan->groups = NULL;
	plan->lengths = NULL;
}

bool vmp_plan_fits(const struct vmp_plan *plan, const struct vmp_limits *limits,
		   char *reason, size_t size)
{
	struct vmp_needs needs = {
		.mappings = plan->mappings,
		.kernel_bytes = plan->kernel_bytes,
		.touched_bytes = plan->touched_bytes,
	};

	return vmp_needs_fit(&needs, limits,
			     "Smaller parameters (--set) make it fit.", reason,
			     size);
}
