// SPDX-License-Identifier: GPL-2.0-or-later
/* Advice: each piece where it applies, and silence just below. */
#include <string.h>

#include "census-text.h"

/* A pair of neighbours that a flag keeps apart; of an owner with no advice. */
#define FLAG(flag)                     \
	"1 rw-p [heap]\nVmFlags: rd\n" \
	"1 rw-p [heap]\nVmFlags: rd " flag "\nhole\n"

/* What a piece of advice counts, with so many mappings in each. */
static const struct {
	const char *unit;
	unsigned int mappings;
	const char *once; /* a mapping more, before the others */
	const char *expected;
} rows[] = {
	{ "1 r--s /d/x (deleted)\nhole\n", 1, NULL, "unmap-deleted" },
	{ "1 r--s /d/x\nhole\n", 1, NULL, "larger-windows" },
	{ FLAG("dc"), 2, NULL, "dofork" },
	{ FLAG("dd"), 2, NULL, "dodump" },
	{ FLAG("hg"), 2, NULL, "hugepage" },
	{ FLAG("nh"), 2, NULL, "hugepage" },
	{ FLAG("hg nh"), 2, NULL, "hugepage" },
	{ FLAG("lo"), 2, NULL, "mlock" },
	{ FLAG("ac"), 2, NULL, "noreserve" },
	{ FLAG("dc dd lo"), 2, NULL, "dofork dodump mlock" },
	{ FLAG("mg"), 2, NULL, "" },
	{ "1 r--s /dev/d\n1 r--s 00001000 fe:00 7 /dev/d\nhole\n", 2, NULL,
	  "one-open" },
	{ "1 rw-p [anon:a]\n1 rw-p [anon:b]\nhole\n", 2, NULL, "one-name" },
	{ "9 r--p /l.so\n1 ---p\nhole\n", 2, NULL, "guard-install" },
	{ "1 ---p\nhole\n", 1, NULL, "guard-install" },
	{ "1 rw-p [stack:7]\nhole\n", 1, NULL, "fewer-threads" },
	{ "1 rw-p [anon: glibc: malloc arena]\nhole\n", 1, NULL, "arenas" },
	{ "1 rw-p\nhole\n", 1, NULL, "chunks" },
	{ "1 rw-p\nhole\n", 1, "1 r--p /l/libjemalloc.so.2\n",
	  "jemalloc-retain chunks" },
	{ "1 r--p\nhole\n", 1, NULL, "" },
	{ "1 r--p /l/libm.so.6\nhole\n", 1, NULL, "" },
	{ "1 rw-s 00000000 00:01 5 /dev/zero (deleted)\nhole\n", 1, NULL,
	  "one-object" },
};

/* So many of what a row counts among so many mappings; others are [heap]. */
static struct vmp_census *census_with(int row, unsigned int units,
				      unsigned int total)
{
	VMP_FREE char *text = NULL;
	FILE *out = text_open(&text);
	unsigned int used = units * rows[row].mappings;

	fputs("at 7f0000000000\n", out);
	if (rows[row].once) {
		fprintf(out, "%shole\n", rows[row].once);
		used++;
	}
	for (unsigned int i = 0; i < units; i++)
		fputs(rows[row].unit, out);
	for (; used < total; used++)
		fputs("1 rw-p [heap]\nhole\n", out);
	text_close(out);
	return census_of(text);
}

START_TEST(advises_on_a_tenth)
{
	struct vmp_census *c = census_with(_i, 64, 640);
	const struct vmp_advice_row *advice;

	expect_advice(c, rows[_i].expected);
	if (vmp_census_advice(c, &advice))
		assert_holds(advice[0].reason, "64 ");
	vmp_census_free(c);
}
END_TEST

START_TEST(is_silent_of_less_than_a_tenth)
{
	struct vmp_census *c = census_with(_i, 64, 641);

	expect_advice(c, "");
	vmp_census_free(c);
}
END_TEST

START_TEST(is_silent_of_few)
{
	struct vmp_census *c = census_with(_i, 63, 63);

	expect_advice(c, "");
	vmp_census_free(c);
}
END_TEST

/* How many mappings, the limit (0: not told), and what is advised. */
static const struct {
	unsigned int mappings;
	int64_t limit;
	unsigned int advised; /* 0: nothing */
} limits[] = {
	{ 79, 100, 0 },		  { 80, 100, 65536 },
	{ 101, 126, 65536 },	  { 100, 126, 0 },
	{ 200, 100, 65536 },	  { 200, 0, 0 },
	{ 200, 1, 65536 },	  { 200, INT64_C(1) << 60, 0 },
	{ 200, INT64_MAX, 0 },	  { 32768, 40000, 65536 },
	{ 32769, 40000, 131072 }, { 52423, 65530, 0 },
	{ 52424, 65530, 131072 }, { 65530, 65530, 131072 },
	{ 65537, 65530, 196608 },
};

static void check_limit_advice(const struct vmp_census *c, int i)
{
	const struct vmp_advice_row *advice;
	size_t count = vmp_census_advice(c, &advice);
	char value[64];

	ck_assert_uint_eq(count, limits[i].advised != 0);
	if (!count)
		return;
	ck_assert_str_eq(advice[0].id, "raise-limit");
	snprintf(value, sizeof(value), "vm.max_map_count=%u, and",
		 limits[i].advised);
	assert_holds(advice[0].text, value);
	assert_holds(advice[0].reason, "more than half have one owner");
}

START_TEST(advises_a_limit)
{
	struct vmp_census_request request = { .limit = limits[_i].limit };
	VMP_FREE char *text = NULL;
	FILE *out = text_open(&text);
	struct vmp_census *c;
	char path[256];

	for (unsigned int i = 1; i <= limits[_i].mappings; i++)
		fprintf(out, "%x000-%x000 rw-p 00000000 00:00 0 [heap]\n",
			2 * i, 2 * i + 1);
	text_close(out);
	scratch_text("limits", text);
	snprintf(path, sizeof(path), "%s/limits", scratch_root());
	request.path = path;
	c = census_as(&request);
	check_limit_advice(c, _i);
	vmp_census_free(c);
}
END_TEST

/* The limit of a container is its host's; two owners share the mappings. */
START_TEST(advises_a_container)
{
	const struct vmp_advice_row *advice;
	struct vmp_census *c;

	scratch_text("sys/vm/max_map_count", "4\n");
	scratch_text("1/ns/pid", "");
	scratch_text("70/ns/pid", "");
	c = census_of_process(70, "1 rw-p\nhole\n1 rw-p\nhole\n1 rw-p [heap]\n"
				  "1 rw-p [heap]\n");
	ck_assert(vmp_census_subject(c)->in_container);
	expect_advice(c, "raise-limit");
	vmp_census_advice(c, &advice);
	assert_holds(advice[0].text, "on the host");
	ck_assert_ptr_null(strstr(advice[0].reason, "one owner"));
	vmp_census_free(c);
}
END_TEST

/* A service of systemd has its own mounts, and is in no container. */
START_TEST(tells_a_root_from_mounts)
{
	struct vmp_census *c;

	scratch_text("1/ns/mnt", "");
	scratch_text("71/ns/mnt", "");
	c = census_of_process(71, "1 rw-p\n");
	ck_assert(!vmp_census_subject(c)->in_container);
	vmp_census_free(c);
	scratch_text("1/root/x", "");
	scratch_text("71/root/x", "");
	c = census_of_process(71, "1 rw-p\n");
	ck_assert(vmp_census_subject(c)->in_container);
	vmp_census_free(c);
	scratch_text("72/root/.dockerenv", "");
	c = census_of_process(72, "1 rw-p\n");
	ck_assert(vmp_census_subject(c)->in_container);
	vmp_census_free(c);
}
END_TEST

Suite *suite_advice(void)
{
	Suite *suite = suite_create("advice");
	TCase *advice = tcase_create("advice");

	tcase_add_unchecked_fixture(advice, scratch_begin, scratch_end);
	tcase_add_loop_test(advice, advises_on_a_tenth, 0, VMP_COUNT(rows));
	tcase_add_loop_test(advice, is_silent_of_less_than_a_tenth, 0,
			    VMP_COUNT(rows));
	tcase_add_loop_test(advice, is_silent_of_few, 0, VMP_COUNT(rows));
	tcase_add_loop_test(advice, advises_a_limit, 0, VMP_COUNT(limits));
	tcase_add_test(advice, advises_a_container);
	tcase_add_test(advice, tells_a_root_from_mounts);
	suite_add_tcase(suite, advice);
	return suite;
}
