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

static void set_cell(struct vmp_truth_row *row, int headroom, uint32_t result,
		     int error, int change)
{
	struct vmp_cell cell = { .result = result,
				 .error = error,
				 .change = change };

	row->cell[headroom - VMP_HEADROOM_LEAST].run[0] = cell;
	row->cell[headroom - VMP_HEADROOM_LEAST].run[1] = cell;
	row->present = true;
}

START_TEST(tells_differences)
{
	static struct vmp_comparison c;
	const struct vmp_difference *d = c.differences;

	read_both();
	vmp_truth_compare(&one, &other, &c);
	ck_assert_uint_eq(c.count, 0);
	/* the row, and of fork one cell */
	ck_assert_uint_eq(c.compared, VMP_HEADROOMS + 1);
	set_cell(&other.row[VMP_OPERATION_mprotect_middle], 2, VMP_CELL_OK, 0,
		 1);
	other.row[VMP_OPERATION_fork].cell[1].run[0].result = VMP_CELL_KILLED;
	other.row[VMP_OPERATION_fork].cell[1].run[0].error = 11;
	vmp_truth_compare(&one, &other, &c);
	ck_assert_uint_eq(c.count, 1);
	ck_assert_int_eq(d->operation, VMP_OPERATION_mprotect_middle);
	ck_assert_int_eq(d->headroom, 2);
	ck_assert_int_eq(d->expected->change, 2);
	ck_assert_int_eq(d->found->change, 1);
}
END_TEST

/* What it is that one of two tables does not have. */
static const struct {
	uint32_t result, expected;
	int error;
	enum vmp_skip skip;
	size_t differences;
} gone[] = {
	{ VMP_CELL_UNAVAILABLE, VMP_CELL_OK, ENOSYS, VMP_COMPARED, 1 },
	{ VMP_CELL_UNAVAILABLE, VMP_CELL_OK, EPERM, VMP_NOT_PERMITTED, 0 },
	{ VMP_CELL_UNAVAILABLE, VMP_CELL_OK, ENOMEM, VMP_NOT_PERMITTED, 0 },
	{ VMP_CELL_OK, VMP_CELL_UNAVAILABLE, ENOSYS, VMP_NOT_EXPECTED, 0 },
	{ VMP_CELL_OK, VMP_CELL_NOT_RUN, 0, VMP_NOT_EXPECTED, 0 },
	{ VMP_CELL_OK, VMP_CELL_CANNOT, 0, VMP_COMPARED, 0 },
	{ VMP_CELL_UNSETTLED, VMP_CELL_OK, 0, VMP_COMPARED, 0 },
	{ VMP_CELL_UNAVAILABLE, VMP_CELL_UNAVAILABLE, EPERM, VMP_COMPARED, 0 },
};

START_TEST(compares_what_both_have)
{
	static struct vmp_comparison c;

	memset(&one, 0, sizeof(one));
	memset(&other, 0, sizeof(other));
	set_cell(&other.row[VMP_OPERATION_fork], VMP_HEADROOM_LEAST,
		 gone[_i].result, gone[_i].error, 0);
	if (gone[_i].expected)
		set_cell(&one.row[VMP_OPERATION_fork], VMP_HEADROOM_LEAST,
			 gone[_i].expected, gone[_i].error, 0);
	vmp_truth_compare(&one, &other, &c);
	ck_assert_int_eq(c.skipped[VMP_OPERATION_fork], gone[_i].skip);
	ck_assert_uint_eq(c.count, gone[_i].differences);
	ck_assert_uint_eq(c.compared, gone[_i].differences);
}
END_TEST

START_TEST(leaves_out_another_libc)
{
	static struct vmp_comparison c;

	memset(&one, 0, sizeof(one));
	set_cell(&one.row[VMP_OPERATION_dlopen], 0, VMP_CELL_OK, 0, 1);
	other = one;
	strcpy(other.libc, "libc");
	vmp_truth_compare(&one, &other, &c);
	ck_assert_int_eq(c.skipped[VMP_OPERATION_dlopen], VMP_OTHER_LIBC);
	strcpy(one.libc, "libc");
	vmp_truth_compare(&one, &other, &c);
	ck_assert_int_eq(c.skipped[VMP_OPERATION_dlopen], VMP_COMPARED);
	ck_assert_uint_eq(c.compared, 1);
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
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[]}", "no operation" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{}]}", "calls[0]" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{\"operation\":"
	  "\"fork\",\"headroom\":\"0\",\"result\":\"ok\"}]}",
	  "calls[0]" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{\"operation\":"
	  "\"spoon\",\"headroom\":0,\"result\":\"ok\"}]}",
	  "no operation" },
	{ "{\"schema\":\"vmaprobe.limits/1\",\"calls\":[{\"operation\":"
	  "\"fork\",\"headroom\":0}]}",
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
	tcase_add_loop_test(t, compares_what_both_have, 0, VMP_COUNT(gone));
	tcase_add_test(t, leaves_out_another_libc);
	tcase_add_loop_test(t, refuses_other_files, 0, VMP_COUNT(wrong));
	tcase_add_test(t, names_operations);
	suite_add_tcase(s, t);
	return s;
}
