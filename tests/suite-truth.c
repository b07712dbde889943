// SPDX-License-Identifier: GPL-2.0-or-later
/* Truth tables: read, judged, and held against one another. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/truth.h"
#include "unit.h"

/* Two rows, of which the first works from headroom 2 on. */
static const char table[] =
	"{\"schema\": \"vmaprobe.limits/1\", \"kernel\": \"6.1.0-9\","
	" \"limit\": 3000, \"calls\": ["
	"{\"operation\":\"mprotect-middle\",\"headroom\":-1,"
	"\"result\":\"failed\",\"errno\":\"ENOMEM\",\"change\":0},"
	"{\"operation\":\"mprotect-middle\",\"headroom\":0,"
	"\"result\":\"failed\",\"errno\":\"ENOMEM\",\"change\":0},"
	"{\"operation\":\"mprotect-middle\",\"headroom\":1,"
	"\"result\":\"failed\",\"errno\":\"ENOMEM\",\"change\":1},"
	"{\"operation\":\"mprotect-middle\",\"headroom\":2,"
	"\"result\":\"ok\",\"errno\":null,\"change\":2},"
	"{\"operation\":\"mprotect-middle\",\"headroom\":3,"
	"\"result\":\"ok\",\"errno\":null,\"change\":2},"
	"{\"operation\":\"mprotect-middle\",\"headroom\":4,"
	"\"result\":\"ok\",\"errno\":null,\"change\":2},"
	"{\"operation\":\"mprotect-middle\",\"headroom\":5,"
	"\"result\":\"ok\",\"errno\":null,\"change\":2},"
	"{\"operation\":\"mprotect-middle\",\"headroom\":6,"
	"\"result\":\"ok\",\"errno\":null,\"change\":2},"
	"{\"operation\":\"mseal-whole\",\"headroom\":-1,"
	"\"result\":\"unavailable\",\"errno\":\"ENOSYS\",\"change\":null},"
	"{\"operation\":\"of-tomorrow\",\"headroom\":0,\"result\":\"ok\"},"
	"{\"operation\":\"munmap-whole\",\"headroom\":99,\"result\":\"ok\"},"
	"{\"operation\":\"fork\",\"headroom\":0,\"result\":\"ok\","
	"\"errno\":null,\"change\":0,\"unstable\":true},"
	"{\"operation\":\"fork\",\"headroom\":0,\"result\":\"killed\","
	"\"errno\":null,\"change\":null,\"signal\":11,\"unstable\":true}]}";

static struct vmp_truth one, other;

static void read_both(void)
{
	ck_assert_int_eq(vmp_truth_parse(table, strlen(table), &one), 0);
	ck_assert_int_eq(vmp_truth_parse(table, strlen(table), &other), 0);
}

START_TEST(reads_table)
{
	const struct vmp_truth_row *row =
		&one.row[VMP_OPERATION_mprotect_middle];

	read_both();
	ck_assert_str_eq(one.kernel, "6.1.0-9");
	ck_assert_int_eq(one.limit, 3000);
	ck_assert(row->present);
	ck_assert_int_eq(row->cell[2].run[0].error, ENOMEM);
	ck_assert_int_eq(row->cell[2].run[0].change, 1);
	ck_assert_int_eq(vmp_truth_needs(row), 2);
	ck_assert(vmp_truth_available(row));
	ck_assert(!vmp_truth_available(&one.row[VMP_OPERATION_mseal_whole]));
	ck_assert(!one.row[VMP_OPERATION_munmap_whole].present);
}
END_TEST

START_TEST(keeps_both_of_unstable)
{
	const struct vmp_truth_cell *cell =
		&one.row[VMP_OPERATION_fork].cell[0 - VMP_HEADROOM_LEAST];

	read_both();
	ck_assert(cell->unstable);
	ck_assert_uint_eq(cell->run[0].result, VMP_CELL_OK);
	ck_assert_uint_eq(cell->run[1].result, VMP_CELL_KILLED);
	ck_assert_int_eq(cell->run[1].error, 11);
}
END_TEST

START_TEST(tells_differences)
{
	struct vmp_difference found[VMP_OPERATIONS * VMP_HEADROOMS];
	bool skipped[VMP_OPERATIONS];

	read_both();
	ck_assert_uint_eq(vmp_truth_compare(&one, &other, found, skipped), 0);
	ck_assert(skipped[VMP_OPERATION_mseal_whole]);
	ck_assert(!skipped[VMP_OPERATION_mprotect_middle]);
	other.row[VMP_OPERATION_mprotect_middle].cell[3].run[0].change = 1;
	other.row[VMP_OPERATION_mprotect_middle].cell[3].run[1].change = 1;
	other.row[VMP_OPERATION_fork].cell[1].run[0].result = VMP_CELL_KILLED;
	other.row[VMP_OPERATION_fork].cell[1].run[0].error = 11;
	ck_assert_uint_eq(vmp_truth_compare(&one, &other, found, skipped), 1);
	ck_assert_int_eq(found[0].operation, VMP_OPERATION_mprotect_middle);
	ck_assert_int_eq(found[0].headroom, 2);
	ck_assert_int_eq(found[0].expected->change, 2);
	ck_assert_int_eq(found[0].found->change, 1);
}
END_TEST

static const struct {
	const char *text, *words;
} wrong[] = {
	{ "", "no JSON" },
	{ "[]", "no JSON object" },
	{ "{}", "no vmaprobe.limits/1" },
	{ "{\"schema\":\"vmaprobe.limits/11\",\"calls\":[]}", "no vmaprobe" },
	{ "{\"schema\":\"vmaprobe.limits/1\"}", "no \"calls\"" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":{}}", "no \"calls\"" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[]}", "empty" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{}]}", "calls[0]" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{\"operation\":"
	  "\"fork\",\"headroom\":\"0\",\"result\":\"ok\"}]}",
	  "calls[0]" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{\"operation\":"
	  "\"fork\",\"headroom\":0,\"result\":\"nice\"}]}",
	  "calls[0]" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{\"operation\":"
	  "\"fork\",\"headroom\":0,\"result\":\"ok\",\"change\":1e30}]}",
	  "calls[0]" },
};

START_TEST(refuses_other_files)
{
	const char *text = wrong[_i].text;

	ck_assert_int_eq(vmp_truth_parse(text, strlen(text), &one), -EBADMSG);
	assert_holds(one.reason, wrong[_i].words);
}
END_TEST

/* Every name once, and found by it. */
START_TEST(names_operations)
{
	for (int i = 0; i < VMP_OPERATIONS; i++) {
		ck_assert_int_eq(vmp_operation_find(vmp_operations[i].name), i);
		ck_assert_uint_gt(strlen(vmp_operations[i].what), 5);
	}
	ck_assert_int_eq(vmp_operation_find("munmap"), -1);
}
END_TEST

Suite *suite_truth(void)
{
	Suite *s = suite_create("truth");
	TCase *t = tcase_create("truth");

	tcase_add_test(t, reads_table);
	tcase_add_test(t, keeps_both_of_unstable);
	tcase_add_test(t, tells_differences);
	tcase_add_loop_test(t, refuses_other_files, 0, VMP_COUNT(wrong));
	tcase_add_test(t, names_operations);
	suite_add_tcase(s, t);
	return s;
}
