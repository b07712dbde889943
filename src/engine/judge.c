// SPDX-License-Identifier: GPL-2.0-or-later
/* Which expectations of a scenario came true. */
#include "engine/judge.h"

static bool is_about(const struct vmp_expectation *e,
		     const struct vmp_scenario *s, size_t i)
{
	const struct vmp_step *step = &s->steps[i];

	if (e->step >= 0)
		return (size_t)e->step == i;
	return e->verb == step->verb &&
	       (e->group < 0 || e->group == step->group);
}

static bool has_errno(const struct vmp_expectation *e, int error)
{
	for (int i = 0; i < VMP_MOST_ERRNOS; i++)
		if (e->errnos[i] == error)
			return true;
	return false;
}

static bool failed_as_expected(const struct vmp_expectation *e,
			       const struct vmp_step_result *r)
{
	return r->failed && r->first.error > 0 &&
	       has_errno(e, r->first.error) &&
	       (e->cause == VMP_CAUSES || e->cause == r->diagnosis.cause);
}

static bool came_true(const struct vmp_expectation *e,
		      const struct vmp_step_result *r)
{
	switch (e->outcome) {
	case VMP_FAILS:
		return failed_as_expected(e, r);
	case VMP_LEAKS:
		return r->leaked_bytes > 0;
	default:
		return r->run && !r->failed;
	}
}

bool vmp_judge_foreseen(const struct vmp_run *run, size_t step)
{
	const struct vmp_scenario *s = run->scenario;

	for (size_t i = 0; i < s->expectation_count; i++)
		if (is_about(&s->expectations[i], s, step) &&
		    s->expectations[i].outcome != VMP_SUCCEEDS &&
		    came_true(&s->expectations[i], &run->steps[step]))
			return true;
	return false;
}

static bool holds(const struct vmp_run *run, const struct vmp_expectation *e)
{
	const struct vmp_scenario *s = run->scenario;

	for (size_t i = 0; i < s->step_count; i++)
		if (is_about(e, s, i) && !came_true(e, &run->steps[i]))
			return false;
	return true;
}

void vmp_judge(struct vmp_run *run)
{
	const struct vmp_scenario *s = run->scenario;

	run->verdict = VMP_REPRODUCED;
	for (size_t i = 0; i < s->expectation_count; i++) {
		run->met[i] = holds(run, &s->expectations[i]);
		if (!run->met[i])
			run->verdict = VMP_NOT_REPRODUCED;
	}
}
