// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's limits, and what is accounted to a process. */
#include <errno.h>
#include <string.h>

#include "unit.h"

static const struct {
	const char *text;
	int64_t limit;
} map_limits[] = {
	{ "65530\n", 65530 },
	{ "65530", 65530 },
	{ "0\n", 0 },
	{ "2147483647\n", 2147483647 },
	{ "9223372036854775807\n", INT64_MAX },
	{ "9223372036854775808\n", -EBADMSG },
	{ "-1\n", -EBADMSG },
	{ "", -EBADMSG },
	{ "\n", -EBADMSG },
	{ "many\n", -EBADMSG },
};

START_TEST(reads_map_limit)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_limits limits;

	scratch_text("sys/vm/max_map_count", map_limits[_i].text);
	ck_assert_int_eq(vmp_map_limit(ctx), map_limits[_i].limit);
	if (map_limits[_i].limit < 0) {
		assert_holds(vmp_error(ctx), "max_map_count holds no number");
		ck_assert_int_eq(vmp_limits_read(ctx, &limits), -EBADMSG);
	}
	vmp_free(ctx);
}
END_TEST

START_TEST(misses_map_limit)
{
	struct vmp_ctx *ctx = fixture_ctx("proc/100");
	struct vmp_limits limits, untouched;

	memset(&limits, 0x5a, sizeof(limits));
	memset(&untouched, 0x5a, sizeof(untouched));
	ck_assert_int_eq(vmp_map_limit(ctx), -ENOENT);
	assert_holds(vmp_error(ctx), "proc/100/sys/vm/max_map_count");
	ck_assert_int_eq(vmp_limits_read(ctx, &limits), -ENOENT);
	ck_assert_mem_eq(&limits, &untouched, sizeof(limits));
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_limits)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_limits l;

	ck_assert_int_eq(vmp_limits_read(ctx, &l), 0);
	ck_assert_int_eq(l.max_map_count, 4242);
	ck_assert_int_eq(l.overcommit_memory, 2);
	ck_assert_uint_eq(l.page_bytes, (uint64_t)sysconf(_SC_PAGESIZE));
	ck_assert_uint_eq(l.total_bytes, 16303428ULL * 1024);
	ck_assert_uint_eq(l.available_bytes, 10485760ULL * 1024);
	ck_assert_uint_eq(l.swap_bytes, 2097152ULL * 1024);
	ck_assert_uint_eq(l.commit_limit_bytes, 10248864ULL * 1024);
	ck_assert_uint_eq(l.committed_bytes, 4194304ULL * 1024);
	/* no line of its cgroup file is about memory */
	ck_assert_uint_eq(l.cgroup_available_bytes, VMP_UNLIMITED);
	ck_assert_uint_eq(l.cgroup_oom_kills, VMP_UNLIMITED);
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_limits_that_are_missing)
{
	struct vmp_ctx *ctx = fixture_ctx("bare");
	struct vmp_limits l;

	ck_assert_int_eq(vmp_limits_read(ctx, &l), 0);
	ck_assert_int_eq(l.max_map_count, 65);
	ck_assert_int_eq(l.overcommit_memory, 0);
	ck_assert_uint_eq(l.total_bytes, VMP_UNLIMITED);
	ck_assert_uint_eq(l.available_bytes, VMP_UNLIMITED);
	ck_assert_uint_eq(l.commit_limit_bytes, VMP_UNLIMITED);
	ck_assert_uint_eq(l.swap_bytes, 0);
	ck_assert_uint_eq(l.committed_bytes, 0);
	ck_assert_uint_eq(l.cgroup_available_bytes, VMP_UNLIMITED);
	ck_assert_uint_eq(l.cgroup_oom_kills, VMP_UNLIMITED);
	vmp_free(ctx);
}
END_TEST

static const struct {
	const char *text;
	uint64_t total;
} totals[] = {
	{ "MemTotal: 1 kB\n", 1024 },
	{ "MemTotal:1kB", 1024 },
	{ "MemTotal: 0 kB\n", 0 },
	{ "MemFree: 5 kB\nMemTotal: 7 kB\nMemTotal: 9 kB\n", 7 * 1024 },
	{ "NoMemTotal: 5 kB\n", VMP_UNLIMITED },
	{ " MemTotal: 5 kB\n", VMP_UNLIMITED },
	{ "MemTotal: 18014398509481983 kB\n", 18014398509481983ULL * 1024 },
	{ "MemTotal: 18014398509481984 kB\n", VMP_UNLIMITED },
	{ "MemTotal: 99999999999999999999 kB\n", VMP_UNLIMITED },
	{ "", VMP_UNLIMITED },
};

START_TEST(reads_memory)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_limits l;

	scratch_text("sys/vm/max_map_count", "65\n");
	scratch_text("meminfo", totals[_i].text);
	ck_assert_int_eq(vmp_limits_read(ctx, &l), 0);
	ck_assert_uint_eq(l.total_bytes, totals[_i].total);
	vmp_free(ctx);
}
END_TEST

/* Lines of a cgroup file that name no memory cgroup, and no more than that. */
static const char *const cgroups[] = {
	"",
	"\n",
	"::\n",
	":memory\n",
	"5:memoryx:/\n",
	"5:mem:/\n",
	"5:cpu,memoryx:/a:b\n",
	"no colon at all",
	"1:name=systemd:/memory\n",
};

START_TEST(reads_strange_cgroup)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_limits l;

	scratch_text("sys/vm/max_map_count", "65\n");
	scratch_text("self/cgroup", cgroups[_i]);
	ck_assert_int_eq(vmp_limits_read(ctx, &l), 0);
	if (strcmp(cgroups[_i], "::\n"))
		ck_assert_uint_eq(l.cgroup_available_bytes, VMP_UNLIMITED);
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_process)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_process p;

	ck_assert_int_eq(vmp_process_read(ctx, 100, &p), 0);
	ck_assert_uint_eq(p.size_bytes, 131072 * 1024);
	ck_assert_uint_eq(p.data_bytes, 65536 * 1024);
	ck_assert_uint_eq(p.locked_bytes, 64 * 1024);
	/* soft limits, not the hard ones beside them */
	ck_assert_uint_eq(p.as_limit, VMP_UNLIMITED);
	ck_assert_uint_eq(p.data_limit, 268435456);
	ck_assert_uint_eq(p.memlock_limit, 65536);
	ck_assert_uint_eq(p.nproc_limit, 63543);
	ck_assert(p.may_lock);
	ck_assert(!p.may_fork);
	ck_assert_int_eq(vmp_size_bytes(ctx, 100),
			 32768 * sysconf(_SC_PAGESIZE));
	ck_assert_int_eq(vmp_resident_bytes(ctx, 100), 20480 * 1024);
	vmp_free(ctx);
}
END_TEST

static const struct {
	const char *line;
	bool may_lock, may_fork;
} capabilities[] = {
	{ "CapEff:\t0000000000000000\n", false, false },
	{ "CapEff:\t0000000000004000\n", true, false },
	{ "CapEff:\t0000000000200000\n", false, true },
	{ "CapEff:\t0000000001000000\n", false, true },
	{ "CapEff:\t000001ffffffffff\n", true, true },
	{ "CapEff:\t000001fffedfbfff\n", false, false },
	{ "CapPrm:\t000001ffffffffff\n", false, false },
	{ "", false, false },
};

START_TEST(reads_capabilities)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_process p;
	char text[128];

	snprintf(text, sizeof(text), "Name:\tprog\n%s", capabilities[_i].line);
	scratch_text("7/status", text);
	scratch_text("7/limits", "");
	ck_assert_int_eq(vmp_process_read(ctx, 7, &p), 0);
	ck_assert_int_eq(p.may_lock, capabilities[_i].may_lock);
	ck_assert_int_eq(p.may_fork, capabilities[_i].may_fork);
	vmp_free(ctx);
}
END_TEST

static const struct {
	const char *line;
	uint64_t limit;
} soft_limits[] = {
	{ "Max address space         unlimited            unlimited     bytes\n",
	  VMP_UNLIMITED },
	{ "Max address space         1048576              unlimited     bytes\n",
	  1048576 },
	{ "Max address space         0                    0             bytes\n",
	  0 },
	{ "Max address space         18446744073709551614 unlimited     bytes\n",
	  UINT64_MAX - 1 },
	{ "Max address space\n", VMP_UNLIMITED },
	{ "Max address space", VMP_UNLIMITED },
	{ "Max open files            1024                 4096          files\n",
	  VMP_UNLIMITED },
	{ "", VMP_UNLIMITED },
};

START_TEST(reads_soft_limit)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_process p;

	scratch_text("8/status", "");
	scratch_text("8/limits", soft_limits[_i].line);
	ck_assert_int_eq(vmp_process_read(ctx, 8, &p), 0);
	ck_assert_uint_eq(p.as_limit, soft_limits[_i].limit);
	ck_assert_uint_eq(p.data_limit, VMP_UNLIMITED);
	ck_assert_uint_eq(p.memlock_limit, VMP_UNLIMITED);
	ck_assert_uint_eq(p.nproc_limit, VMP_UNLIMITED);
	ck_assert_uint_eq(p.size_bytes, 0);
	ck_assert_uint_eq(p.data_bytes, 0);
	ck_assert_uint_eq(p.locked_bytes, 0);
	vmp_free(ctx);
}
END_TEST

START_TEST(misses_process_files)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_process p, untouched;

	memset(&p, 0x5a, sizeof(p));
	memset(&untouched, 0x5a, sizeof(untouched));
	ck_assert_int_eq(vmp_process_read(ctx, 999, &p), -ESRCH);
	assert_holds(vmp_error(ctx), "/999/status");
	ck_assert_mem_eq(&p, &untouched, sizeof(p));
	ck_assert_int_eq(vmp_size_bytes(ctx, 999), -ESRCH);
	assert_holds(vmp_error(ctx), "/999/statm");
	ck_assert_int_eq(vmp_resident_bytes(ctx, 999), -ESRCH);
	assert_holds(vmp_error(ctx), "/999/smaps_rollup");
	vmp_free(ctx);
}
END_TEST

START_TEST(misses_limits_alone)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_process p;

	scratch_text("11/status", "Name:\tprog\nVmSize:\t4 kB\n");
	ck_assert_int_eq(vmp_process_read(ctx, 11, &p), -ESRCH);
	assert_holds(vmp_error(ctx), "/11/limits");
	vmp_free(ctx);
}
END_TEST

/* KNOWN BUG: a line of groups may be longer than the buffer. */
START_TEST(reads_status_with_many_groups)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_process p;
	char text[16384] = "Name:\tprog\nGroups:\t";

	for (int i = 0; i < 1000; i++)
		strcat(text, "100000000 ");
	strcat(text, "\nVmSize:\t4 kB\nCapEff:\t0000000000004000\n");
	scratch_text("12/status", text);
	scratch_text("12/limits", "");
	ck_assert_int_eq(vmp_process_read(ctx, 12, &p), 0);
	ck_assert_uint_eq(p.size_bytes, 4096);
	ck_assert(p.may_lock);
	vmp_free(ctx);
}
END_TEST

/* KNOWN BUG: signed overflow, which UBSan ends; -1 is no size and no errno. */
START_TEST(reads_absurd_size)
{
	struct vmp_ctx *ctx = scratch_ctx();

	scratch_text("13/statm", "9223372036854775807 1 1 1 0 1 0\n");
	ck_assert_int_gt(vmp_size_bytes(ctx, 13), 0);
	scratch_text("13/smaps_rollup", "Rss: 18446744073709551615 kB\n");
	ck_assert_int_gt(vmp_resident_bytes(ctx, 13), 0);
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_this_process)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_process p;

	ck_assert_int_gt(vmp_map_limit(ctx), 0);
	ck_assert_int_eq(vmp_process_read(ctx, 0, &p), 0);
	ck_assert_uint_gt(p.size_bytes, 0);
	ck_assert_int_gt(vmp_size_bytes(ctx, 0), 0);
	vmp_free(ctx);
}
END_TEST

Suite *suite_limits(void)
{
	Suite *suite = suite_create("limits");
	TCase *machine = tcase_create("machine");
	TCase *process = tcase_create("process");

	tcase_add_unchecked_fixture(machine, scratch_begin, scratch_end);
	tcase_add_loop_test(machine, reads_map_limit, 0, VMP_COUNT(map_limits));
	tcase_add_test(machine, misses_map_limit);
	tcase_add_test(machine, reads_limits);
	tcase_add_test(machine, reads_limits_that_are_missing);
	tcase_add_loop_test(machine, reads_memory, 0, VMP_COUNT(totals));
	tcase_add_loop_test(machine, reads_strange_cgroup, 0,
			    VMP_COUNT(cgroups));
	suite_add_tcase(suite, machine);
	tcase_add_unchecked_fixture(process, scratch_begin, scratch_end);
	tcase_add_test(process, reads_process);
	tcase_add_loop_test(process, reads_capabilities, 0,
			    VMP_COUNT(capabilities));
	tcase_add_loop_test(process, reads_soft_limit, 0,
			    VMP_COUNT(soft_limits));
	tcase_add_test(process, misses_process_files);
	tcase_add_test(process, misses_limits_alone);
	tcase_add_test(process, reads_this_process);
	tcase_add_test(process, reads_status_with_many_groups);
	tcase_add_test(process, reads_absurd_size);
	suite_add_tcase(suite, process);
	return suite;
}
