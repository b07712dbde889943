// SPDX-License-Identifier: GPL-2.0-or-later
/* Which members of a group a step works on, and which part of each. */
#include <errno.h>
#include <stdio.h>

#include "engine/plan.h"
#include "lib/internal.h"

int vmp_plan_fail(const struct vmp_step *step, struct vmp_scenario_error *error,
		  const char *key, int64_t value, const char *what)
{
	char number[32];

	error->line = step->line;
	error->column = 1;
	snprintf(error->text, sizeof(error->text), "%s is %s here; %s", key,
		 vmp_group_digits(value, number), what);
	return -EINVAL;
}

/*
 * How many parts of `length` a region has, one every `stride` bytes from `at`,
 * up to its end or down to its beginning; with 0 the same one as often as one
 * likes.
 */
static uint64_t count_parts(uint64_t region, uint64_t at, uint64_t length,
			    int64_t stride)
{
	if (at + length > region)
		return 0;
	if (stride == 0)
		return (uint64_t)VMP_MOST_MEMBERS;
	return stride < 0 ? at / (uint64_t)-stride + 1
			  : (region - at - length) / (uint64_t)stride + 1;
}

static bool is_area(const struct vmp_plan *plan, const struct vmp_step *step)
{
	const struct vmp_scenario *s = plan->scenario;

	return step->group >= 0 &&
	       s->steps[s->groups[step->group].made_by].verb == VMP_VERB_area;
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

/* Which members or parts the step chooses. */
static void select_parts(const struct vmp_plan *plan,
			 const struct vmp_step *step, struct vmp_step_order *o)
{
	const struct vmp_group_area *area = &plan->groups[step->group];
	uint64_t length = plan->lengths[step - plan->scenario->steps];
	int64_t *key = o->key;
	uint64_t total, chosen;

	o->group = *area;
	o->in_area = is_area(plan, step);
	o->has_length = vmp_is_given(step, VMP_KEY_length);
	o->has_onto = vmp_is_given(step, VMP_KEY_onto);
	o->parts = 1;
	if (vmp_is_given(step, VMP_KEY_stride)) {
		if (!o->has_length)
			key[VMP_KEY_length] = magnitude(key[VMP_KEY_stride]);
		o->has_length = 1;
		o->parts = count_parts(length, (uint64_t)key[VMP_KEY_at],
				       (uint64_t)key[VMP_KEY_length],
				       key[VMP_KEY_stride]);
	}
	o->first = (uint64_t)key[VMP_KEY_from] + (uint64_t)key[VMP_KEY_offset];
	o->every = (uint64_t)key[VMP_KEY_every];
	total = vmp_product(area->members, o->parts);
	chosen = o->first < total ? (total - o->first - 1) / o->every + 1 : 0;
	o->calls = chosen;
	if (vmp_is_given(step, VMP_KEY_count) &&
	    (uint64_t)key[VMP_KEY_count] < chosen)
		o->calls = (uint64_t)key[VMP_KEY_count];
	if (!o->parts)
		o->parts = 1;
}

/* Where the last call begins that moves on by `stride` in each; -1: too far. */
static int64_t last_place(int64_t first, int64_t stride, uint64_t calls)
{
	int64_t last;

	if (!calls)
		return first;
	if (calls - 1 > INT64_MAX ||
	    __builtin_mul_overflow((int64_t)(calls - 1), stride, &last) ||
	    __builtin_add_overflow(last, first, &last))
		return -1;
	return last;
}

/* Strides may go down, or nowhere, in an area only. */
static int check_stride(const struct vmp_step *step,
			const struct vmp_step_order *o,
			struct vmp_scenario_error *error)
{
	int64_t stride = o->key[VMP_KEY_stride];

	if (!vmp_is_given(step, VMP_KEY_stride) || stride > 0)
		return 0;
	if (!o->in_area)
		return vmp_plan_fail(step, error, "stride", stride,
				     "it must be at least 1, but for parts of "
				     "an area");
	if (!stride && !vmp_is_given(step, VMP_KEY_count))
		return vmp_plan_fail(step, error, "stride", stride,
				     "it needs count=: the same part is taken "
				     "so often");
	return 0;
}

/* Where parts are moved to: within the area, each of them. */
static int check_target(const struct vmp_plan *plan,
			const struct vmp_step *step,
			const struct vmp_step_order *o,
			struct vmp_scenario_error *error)
{
	uint64_t length = plan->lengths[step - plan->scenario->steps];
	int64_t first = o->key[VMP_KEY_onto];
	int64_t last = last_place(first, o->key[VMP_KEY_onto_stride], o->calls);
	int64_t end = first > last ? first : last;
	uint64_t size = vmp_plan_pages(plan, (uint64_t)o->key[VMP_KEY_size]);

	if (!o->has_onto && step->verb != VMP_VERB_relocate)
		return 0;
	if (!o->in_area || !o->has_onto)
		return vmp_plan_fail(step, error, "onto", first,
				     "it must be given, for parts of an area "
				     "only");
	if (last < 0 || (uint64_t)end > length || size > length - (uint64_t)end)
		return vmp_plan_fail(step, error, "onto", end,
				     "the part does not fit there");
	return 0;
}

/* What only an area has: places within it, and any order of them. */
static int check_places(const struct vmp_plan *plan,
			const struct vmp_step *step,
			const struct vmp_step_order *o,
			struct vmp_scenario_error *error)
{
	int64_t file_stride = o->key[VMP_KEY_file_stride];
	int rc = check_stride(step, o, error);

	if (rc < 0)
		return rc;
	if (last_place(o->key[VMP_KEY_file_offset], file_stride, o->calls) < 0)
		return vmp_plan_fail(step, error, "file-stride", file_stride,
				     "the last call would map before the "
				     "file's start");
	return check_target(plan, step, o, error);
}

int vmp_plan_choose(const struct vmp_plan *plan, const struct vmp_step *step,
		    struct vmp_step_order *o, struct vmp_scenario_error *error)
{
	uint64_t length = plan->lengths[step - plan->scenario->steps];
	uint64_t at = (uint64_t)o->key[VMP_KEY_at];

	int rc;

	select_parts(plan, step, o);
	rc = check_places(plan, step, o, error);
	if (rc < 0)
		return rc;
	/* a stride makes only parts that fit */
	if (vmp_is_given(step, VMP_KEY_stride))
		length = UINT64_MAX / 2;
	if (at && at >= length)
		return vmp_plan_fail(step, error, "at", (int64_t)at,
				     "it lies behind the end of the region");
	if (o->has_length &&
	    vmp_plan_pages(plan, (uint64_t)o->key[VMP_KEY_length]) >
		    vmp_plan_pages(plan, length) - at)
		return vmp_plan_fail(step, error, "length",
				     o->key[VMP_KEY_length],
				     "the part reaches beyond the region");
	if (step->to < 0)
		return 0;
	o->to = plan->groups[step->to];
	if (o->to.members < o->group.members || step->to == step->group)
		return vmp_plan_fail(
			step, error,
			"the number of regions in to=", (int64_t)o->to.members,
			"it must name another group, with a region for "
			"each that is moved");
	return 0;
}
