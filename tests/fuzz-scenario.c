// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: the text of a scenario. A line that begins with "--set " ends
 * it, and gives a parameter another value, as on the command line.
 */
#include <errno.h>
#include <string.h>

#include "engine/plan.h"
#include "lib/internal.h"
#include "report/style.h"
#include "fuzz.h"

/* Machines of all sizes: a limit, and the map count at the start. */
static const struct {
	int64_t limit;
	uint64_t start;
} machines[] = {
	{ 0, 1 },	  { 300, 27 },	   { 65530, 27 },
	{ 65530, 65531 }, { 1048576, 27 }, { 2147483647, 27 },
};

/* An error has words, and a place that can be shown. */
static void check_error(int rc, const struct vmp_scenario_error *error)
{
	char text[800], excerpt[600];

	if (rc == -ENOMEM)
		return;
	if (rc != -EINVAL || !error->text[0] || !error->column)
		abort();
	vmp_escape(error->text, text, sizeof(text));
	vmp_escape(error->excerpt, excerpt, sizeof(excerpt));
	if (vmp_columns(text) > strlen(text))
		abort();
}

static void order_steps(struct vmp_plan *plan)
{
	struct vmp_scenario_error error = { 0 };
	struct vmp_step_order o;
	int rc;

	for (size_t i = 0; i < plan->scenario->step_count; i++) {
		rc = vmp_plan_order(plan, i, &o, &error);
		if (rc < 0)
			check_error(rc, &error);
		else if (!o.every || !o.parts)
			abort();
	}
}

static void plan(const struct vmp_scenario *scenario)
{
	struct vmp_scenario_error error;
	struct vmp_limits limits = {
		.page_bytes = 4096,
		.available_bytes = (uint64_t)8 << 30,
		.cgroup_available_bytes = VMP_UNLIMITED,
	};
	struct vmp_plan p;
	char reason[768];
	int rc;

	for (size_t i = 0; i < VMP_COUNT(machines); i++) {
		limits.max_map_count = machines[i].limit;
		error = (struct vmp_scenario_error){ 0 };
		rc = vmp_plan_init(&p, scenario, &limits, machines[i].start,
				   1000, &error);
		if (rc < 0) {
			check_error(rc, &error);
		} else {
			vmp_plan_fits(&p, &limits, reason, sizeof(reason));
			order_steps(&p);
			p.facts.fact[VMP_FACT_HEADROOM] = -1;
			order_steps(&p);
		}
		vmp_plan_fini(&p);
	}
}

/* A terminated copy of what --set gets, NULL where there is none. */
static char *take_setting(const char *text, size_t *length)
{
	static const char mark[] = "\n--set ";
	const char *at = memmem(text, *length, mark, sizeof(mark) - 1), *value;
	char *copy;

	if (!at)
		return NULL;
	value = at + sizeof(mark) - 1;
	copy = strndup(value, *length - (size_t)(value - text));
	*length = (size_t)(at + 1 - text);
	if (copy)
		copy[strcspn(copy, "\n")] = '\0';
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct vmp_scenario_error error;
	struct vmp_scenario *scenario;
	VMP_FREE char *setting = take_setting(text, &size);
	int rc = vmp_scenario_parse("fuzz", text, size, &scenario, &error);

	if (rc < 0) {
		check_error(rc, &error);
		return 0;
	}
	error = (struct vmp_scenario_error){ 0 };
	rc = setting ? vmp_scenario_set(scenario, setting, &error) : 0;
	if (rc < 0)
		check_error(rc, &error);
	else
		plan(scenario);
	vmp_scenario_free(scenario);
	return 0;
}
