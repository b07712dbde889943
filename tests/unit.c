// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs all suites: CK_FORK, CK_RUN_SUITE and their company are obeyed. */
#include "unit.h"

static Suite *(*const suites[])(void) = {
	suite_maps,	    suite_survey,
	suite_limits,	    suite_cause,
	suite_expression,   suite_scenario,
	suite_load,	    suite_scenario_errors,
	suite_plan,	    suite_memory,
	suite_judge,	    suite_report,
	suite_json,	    suite_svg,
	suite_hidden,	    suite_release,
	suite_pool,	    suite_self,
	suite_map_limit,    suite_saved,
	suite_core,	    suite_hs_err,
	suite_core_real,    suite_core_wrong,
	suite_owner,	    suite_anon,
	suite_stacks,	    suite_glob,
	suite_neighbour,    suite_advice,
	suite_census,	    suite_explain_svg,
	suite_record,	    suite_tally,
	suite_trace,	    suite_syscalls,
	suite_unwind,	    suite_ballast,
	suite_bpf,	    suite_system,
	suite_system_place, suite_truth,
	suite_watch,	    suite_watch_made,
	suite_watch_apart,  suite_threshold,
	suite_counts,	    suite_peak,
	suite_metrics,	    suite_trend,
	suite_series,	    suite_top,
};

int main(void)
{
	SRunner *runner = srunner_create(suites[0]());
	int failed;

	/* seconds for each test: sanitizers are slow, busy machines too */
	setenv("CK_DEFAULT_TIMEOUT", "60", 0);
	for (size_t i = 1; i < VMP_COUNT(suites); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
