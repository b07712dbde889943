/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan: a scenario with this machine's numbers. It says where each group's
 * array lies in the shared file, what the run will need, and turns a step
 * into the order that the worker gets.
 */
#ifndef VMP_PLAN_H
#define VMP_PLAN_H

#include "engine/scenario.h"

struct vmp_plan {
	const struct vmp_scenario *scenario;
	int64_t *parameters;
	struct vmp_group_area *groups;
	uint64_t *lengths; /* of the regions that each step finds */
	struct vmp_facts facts;
	uint64_t failures_kept, most_calls; /* of one step */
	uint64_t most_turns;		    /* steps that run at once */
	uint64_t file_bytes, failures_offset;
	uint64_t held;		/* mappings, after the steps planned so far */
	uint64_t mappings;	/* held at once, at most */
	uint64_t kernel_bytes;	/* for them: not charged as memory in use */
	uint64_t touched_bytes; /* of pages that will be there */
};

/*
 * Make a plan.
 * In: limits; start, the map count when the first step begins.
 * Returns: 0, -EINVAL with *error, -ENOMEM.
 * Owns: the caller; vmp_plan_fini(), also after an error.
 */
int vmp_plan_init(struct vmp_plan *plan, const struct vmp_scenario *scenario,
		  const struct vmp_limits *limits, uint64_t start,
		  uint64_t failures_kept, struct vmp_scenario_error *error);
void vmp_plan_fini(struct vmp_plan *plan);

/*
 * Is there memory for it?
 * Returns: true, or false with the words why not.
 */
bool vmp_plan_fits(const struct vmp_plan *plan, const struct vmp_limits *limits,
		   char *reason, size_t size);

/*
 * The order for one step, with the facts as they are in the plan now.
 * Returns: 0, or -EINVAL with *error.
 */
int vmp_plan_order(struct vmp_plan *plan, size_t step,
		   struct vmp_step_order *order,
		   struct vmp_scenario_error *error);

/* From here on: pieces of the plan, for its own files. */

/* More members than any machine holds mappings: keeps products in range. */
#define VMP_MOST_MEMBERS ((int64_t)1 << 40)

static inline bool vmp_is_given(const struct vmp_step *step, enum vmp_key key)
{
	return step->given >> key & 1;
}

/* Absurd scenarios get absurd figures, not small ones. */
static inline uint64_t vmp_product(uint64_t a, uint64_t b)
{
	uint64_t result;

	return __builtin_mul_overflow(a, b, &result) ? UINT64_MAX : result;
}

static inline uint64_t vmp_plan_pages(const struct vmp_plan *plan,
				      uint64_t bytes)
{
	return vmp_whole_pages(bytes,
			       (uint64_t)plan->facts.fact[VMP_FACT_PAGE_BYTES]);
}

/* "at is 5 here; it ...". Returns: -EINVAL. */
int vmp_plan_fail(const struct vmp_step *step, struct vmp_scenario_error *error,
		  const char *key, int64_t value, const char *what);

/* What the step works on. Out: *order. Returns: 0, or -EINVAL with *error. */
int vmp_plan_choose(const struct vmp_plan *plan, const struct vmp_step *step,
		    struct vmp_step_order *order,
		    struct vmp_scenario_error *error);

#endif
