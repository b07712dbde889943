// SPDX-License-Identifier: GPL-2.0-or-later
/* struct vmp_diagnosis.map_limit: was it the limit, where no test said yes? */
#include <errno.h>

#include "unit.h"

static const struct {
	enum vmp_call call;
	int headroom;
	unsigned int touched, splits;
	struct vmp_oracles oracles;
	enum vmp_certainty map_limit;
} near_limit[] = {
	{ VMP_CALL_MAP, 16, 0, 0, { 0 }, VMP_EXCLUDED },
	{ VMP_CALL_MAP, 15, 0, 0, { 0 }, VMP_UNCERTAIN },
	{ VMP_CALL_MAP, 0, 0, 0, { 0 }, VMP_UNCERTAIN },
	{ VMP_CALL_MAP, 16, 0, 0, { .full = VMP_YES }, VMP_UNCERTAIN },
	{ VMP_CALL_MAP, 16, 0, 0, { .tight = VMP_YES }, VMP_UNCERTAIN },
	{ VMP_CALL_MAP, 16, 0, 0, { VMP_NO, VMP_NO, VMP_NO }, VMP_EXCLUDED },
	{ VMP_CALL_MAP, 16, 0, 0, { .over = VMP_YES }, VMP_CERTAIN },
	{ VMP_CALL_UNMAP, 1, 1, 2, { 0 }, VMP_UNCERTAIN },
	{ VMP_CALL_UNMAP, 0, 1, 2, { 0 }, VMP_CERTAIN },
	{ VMP_CALL_UNMAP, 0, 1, 1, { 0 }, VMP_EXCLUDED },
	{ VMP_CALL_UNMAP, 0, 2, 2, { 0 }, VMP_EXCLUDED },
	{ VMP_CALL_CHANGE, 1, 1, 1, { 0 }, VMP_UNCERTAIN },
	{ VMP_CALL_CHANGE, 0, 2, 0, { 0 }, VMP_EXCLUDED },
	{ VMP_CALL_LOCK, -1, 1, 0, { 0 }, VMP_EXCLUDED },
	{ VMP_CALL_FREE, 1, 1, 0, { 0 }, VMP_UNCERTAIN },
	{ VMP_CALL_FREE, 1, 0, 0, { 0 }, VMP_EXCLUDED },
	{ VMP_CALL_THREAD, 0, 0, 0, { 0 }, VMP_LIKELY },
	{ VMP_CALL_THREAD, 2, 0, 0, { 0 }, VMP_UNCERTAIN },
	{ VMP_CALL_PROCESS, -1, 0, 0, { 0 }, VMP_EXCLUDED },
	{ VMP_CALL_TOUCH, -1, 1, 2, { 0 }, VMP_EXCLUDED },
};

START_TEST(weighs_limit)
{
	struct vmp_failed_call f = {
		.call = near_limit[_i].call,
		.name = "call",
		.error = ENOMEM,
		.oracles = near_limit[_i].oracles,
		.limits = { .max_map_count = 1000,
			    .cgroup_available_bytes = VMP_UNLIMITED },
		.process = { .as_limit = VMP_UNLIMITED,
			     .data_limit = VMP_UNLIMITED,
			     .memlock_limit = VMP_UNLIMITED,
			     .nproc_limit = VMP_UNLIMITED },
		.survey = { .mappings =
				    (uint64_t)(1000 - near_limit[_i].headroom),
			    .covered = true,
			    .touched = near_limit[_i].touched,
			    .splits = near_limit[_i].splits },
	};
	struct vmp_diagnosis d;

	vmp_diagnose(&f, &d);
	ck_assert_msg(d.map_limit == near_limit[_i].map_limit, "%s: %s",
		      vmp_certainty_name(d.map_limit), d.explanation);
}
END_TEST

Suite *suite_map_limit(void)
{
	Suite *suite = suite_create("map limit");
	TCase *weighs = tcase_create("weighs");

	tcase_add_loop_test(weighs, weighs_limit, 0, VMP_COUNT(near_limit));
	suite_add_tcase(suite, weighs);
	return suite;
}
