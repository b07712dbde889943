// SPDX-License-Identifier: GPL-2.0-or-later
/* Taking the census: of what, how much is read, and what cannot be. */
#include <errno.h>
#include <string.h>

#include "census-text.h"

#define NONE 0x7fff /* no fact at all */

#define NOT_ASKED \
	"nothing that is known keeps them apart; likely no call has asked since"

/* What a reader that is not there tells of three pages, two neighbours. */
static const struct {
	struct vmp_hidden first, second; /* start and end aside */
	const char *expected;
} facts[] = {
	{ { .file = 1 }, { .file = 2 }, "identical 1 one file, opened twice\n" },
	{ { .userfault = 1 }, { 0 }, "identical 1 two userfaultfds\n" },
	{ { .page_offset = 10 },
	  { .page_offset = 13 },
	  "identical 1 moved by mremap() after it was touched\n" },
	{ { .page_offset = 10, .anon_vma = 1 },
	  { .page_offset = 12, .anon_vma = 2 },
	  "identical 1 each was touched apart from the other (two anon_vma)\n" },
	{ { .page_offset = 10, .anon_vma = 1, .inherited = true },
	  { .page_offset = 12 },
	  "identical 1 one was inherited through fork()\n" },
	{ { .page_offset = 10 },
	  { .page_offset = 12, .anon_vma = 1, .inherited = true },
	  "identical 1 one was inherited through fork()\n" },
	{ { .page_offset = 10, .anon_vma = 1 },
	  { .page_offset = 12 },
	  "identical 1 " NOT_ASKED "\n" },
	{ { .page_offset = 10, .anon_vma = 1, .inherited = true },
	  { .page_offset = 12, .anon_vma = 1 },
	  "identical 1 " NOT_ASKED "\n" },
	{ { .policy = 1 },
	  { .file = 3 },
	  "policy 1 two memory policies (mbind)\n" },
	/* each mbind() makes a policy: two may say the same */
	{ { .policy = 1 },
	  { .policy = 2, .file = 3 },
	  "identical 1 one file, opened twice\n" },
	/* what says nothing of both mappings is no help */
	{ { .file = NONE },
	  { .file = 2 },
	  "identical 1 cannot tell; moved by mremap(), inherited through "
	  "fork(), or not merged since\n" },
};

/* Maps and smaps of two neighbours that look the same. */
static void put_neighbours(const char *maps, const char *smaps)
{
	scratch_text(maps, "7f0000000000-7f0000002000 rw-p 00000000 00:00 0\n"
			   "7f0000002000-7f0000003000 rw-p 00000000 00:00 0\n");
	scratch_text(smaps, "7f0000000000-7f0000002000 rw-p 00000000 00:00 0\n"
			    "VmFlags: rd wr mr mw me ac\n"
			    "7f0000002000-7f0000003000 rw-p 00000000 00:00 0\n"
			    "VmFlags: rd wr mr mw me ac\n");
}

/* In: reader, the number of a row, as an int. */
static int read_facts(void *reader, pid_t pid, struct vmp_hidden **out,
		      size_t *count)
{
	int i = *(int *)reader;
	struct vmp_hidden *f = calloc(3, sizeof(*f));

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(pid, 30);
	f[0] = (struct vmp_hidden){ .start = 0x1000, .end = 0x2000 };
	f[1] = facts[i].first;
	f[2] = facts[i].second;
	f[1].start = UINT64_C(0x7f0000000000);
	f[1].end = f[1].start + 0x2000 - (f[1].file == NONE);
	f[2].start = f[1].start + 0x2000;
	f[2].end = f[2].start + 0x1000;
	*out = f;
	*count = 3;
	return 0;
}

/* Both have to be of pages of 4 KiB, as the fixtures are. */
static bool has_small_pages(void)
{
	return sysconf(_SC_PAGESIZE) == 4096;
}

START_TEST(asks_for_hidden_facts)
{
	int row = _i;
	struct vmp_census_request request = {
		.pid = 30,
		.why = VMP_WHY_ALWAYS,
		.read_hidden = read_facts,
		.reader = &row,
	};
	struct vmp_census *c;

	if (!has_small_pages())
		return;
	put_neighbours("30/maps", "30/smaps");
	c = census_as(&request);
	expect_reasons(c, facts[_i].expected);
	ck_assert(vmp_census_subject(c)->has_hidden);
	vmp_census_free(c);
}
END_TEST

/* Of two policies numa_maps has the words. */
START_TEST(compares_policies)
{
	int row = 0;
	struct vmp_census_request request = {
		.pid = 30,
		.why = VMP_WHY_ALWAYS,
		.read_hidden = read_facts,
		.reader = &row,
	};
	struct vmp_census *c;

	if (!has_small_pages())
		return;
	while (!facts[row].first.policy || !facts[row].second.policy)
		row++;
	put_neighbours("30/maps", "30/smaps");
	scratch_text("30/numa_maps", "7f0000000000 bind:0 anon=1\n"
				     "7f0000002000 bind:1\n");
	c = census_as(&request);
	expect_reasons(c, "policy 1 two memory policies (mbind)\n");
	ck_assert(vmp_census_subject(c)->has_hidden);
	vmp_census_free(c);
}
END_TEST

static int asked;

static int refuse(void *reader, pid_t pid, struct vmp_hidden **out,
		  size_t *count)
{
	(void)reader, (void)pid, (void)out;
	*count = 7; /* of nothing: no one is to look */
	asked++;
	return -EPERM;
}

/* A reader that may not, and one that is not asked. */
START_TEST(does_without_hidden_facts)
{
	struct vmp_census_request request = { .pid = 30,
					      .read_hidden = refuse };
	struct vmp_census *c;

	put_neighbours("30/maps", "30/smaps");
	c = census_as(&request);
	ck_assert_int_eq(asked, 1);
	ck_assert(!vmp_census_subject(c)->has_hidden);
	ck_assert(vmp_census_subject(c)->has_flags);
	vmp_census_free(c);
	request.why = VMP_WHY_NEVER;
	c = census_as(&request);
	ck_assert_int_eq(asked, 1);
	ck_assert(!vmp_census_subject(c)->has_flags);
	vmp_census_free(c);
}
END_TEST

/* Two policies, from numa_maps, are looked for where nothing else tells. */
START_TEST(reads_policies)
{
	struct vmp_census_request request = { .pid = 31 };
	struct vmp_census *c;

	put_neighbours("31/maps", "31/smaps");
	scratch_text("31/numa_maps", "7f0000000000 bind:0 anon=1\n"
				     "7f0000002000 default\n");
	c = census_as(&request);
	expect_reasons(c, "policy 1 two memory policies (mbind)\n");
	vmp_census_free(c);
}
END_TEST

/* Pages apart: so many mappings, with a line of flags each if asked for. */
static char *many(unsigned int count, const char *flags)
{
	char *text = NULL;
	FILE *out = text_open(&text);

	for (unsigned int i = 1; i <= count; i++)
		fprintf(out, "%x000-%x000 rw-p 00000000 00:00 0\n%s", 2 * i,
			2 * i + 1, flags);
	text_close(out);
	return text;
}

static const char *const flag_line = "VmFlags: rd wr\n";

/* How many mappings, whether it is stopped, and what is asked for. */
static const struct {
	unsigned int mappings;
	enum vmp_why why;
	const char *stat;
	bool flags;
} amounts[] = {
	{ 4096, VMP_WHY_AUTO, NULL, true },
	{ 4096, VMP_WHY_NEVER, NULL, false },
	{ 4097, VMP_WHY_AUTO, NULL, false },
	{ 4097, VMP_WHY_ALWAYS, NULL, true },
	{ 4097, VMP_WHY_AUTO, "1 (x) S 1 1", false },
	{ 4097, VMP_WHY_AUTO, "1 (a) T) S 1 1", false },
	{ 4097, VMP_WHY_AUTO, "1 (x) T 1 1", true },
	{ 4097, VMP_WHY_AUTO, "1 (x y) z) t 1 1", true },
	{ 4097, VMP_WHY_AUTO, "1 (x)", false },
};

START_TEST(reads_flags_where_cheap)
{
	struct vmp_census_request request = { .pid = 40 + _i,
					      .why = amounts[_i].why };
	VMP_FREE char *maps = many(amounts[_i].mappings, "");
	VMP_FREE char *smaps = many(amounts[_i].mappings, flag_line);
	const struct vmp_subject *subject;
	struct vmp_census *c;
	char path[32];

	snprintf(path, sizeof(path), "%d/maps", request.pid);
	scratch_text(path, maps);
	snprintf(path, sizeof(path), "%d/smaps", request.pid);
	scratch_text(path, smaps);
	snprintf(path, sizeof(path), "%d/stat", request.pid);
	if (amounts[_i].stat)
		scratch_text(path, amounts[_i].stat);
	c = census_as(&request);
	subject = vmp_census_subject(c);
	ck_assert_int_eq(subject->has_flags, amounts[_i].flags);
	ck_assert_uint_eq(subject->mappings, amounts[_i].mappings);
	ck_assert_int_eq(subject->flags_seconds > 0,
			 amounts[_i].why != VMP_WHY_NEVER);
	vmp_census_free(c);
}
END_TEST

/* Kernels without CONFIG_PROC_PAGE_MONITOR have no smaps. */
START_TEST(does_without_smaps)
{
	struct vmp_census *c = census_of_process(50, "1 rw-p\n1 rw-p\n");

	ck_assert(!vmp_census_subject(c)->has_flags);
	expect_reasons(c, "identical 1 cannot tell without VmFlags\n");
	vmp_census_free(c);
}
END_TEST

/* The line of groups is before that of threads, and may be long. */
START_TEST(counts_threads_behind_many_groups)
{
	char text[16384] = "Name:\tx\nGroups:\t";
	struct vmp_census *c;

	for (int i = 0; i < 1000; i++)
		strcat(text, "100000000 ");
	strcat(text, "\nThreads:\t7\nCapEff:\t0000000000000000\n");
	scratch_text("52/status", text);
	c = census_of_process(52, "1 rw-p\n");
	ck_assert_uint_eq(vmp_census_subject(c)->threads, 7);
	vmp_census_free(c);
}
END_TEST

START_TEST(tells_subject)
{
	const struct vmp_subject *s;
	struct vmp_census *c;

	scratch_text("51/status", "Name:\tjava\nThreads:\t7\n");
	scratch_text("51/comm", "java\n");
	scratch_text("sys/vm/max_map_count", "70000\n");
	c = census_of_process(51, "2 rw-p\n1 r--p /x\nhole\n1 rw-p\n");
	s = vmp_census_subject(c);
	ck_assert_int_eq(s->kind, VMP_KIND_PROCESS);
	ck_assert_int_eq(s->pid, 51);
	ck_assert_str_eq(s->command, "java");
	ck_assert_ptr_null(s->path);
	ck_assert_ptr_nonnull(s->kernel);
	ck_assert_int_eq(s->limit, 70000);
	ck_assert_uint_eq(s->mappings, 3);
	ck_assert_uint_eq(s->bytes, 16384);
	ck_assert_uint_eq(s->threads, 7);
	ck_assert_uint_eq(s->pairs, 1);
	vmp_census_free(c);
}
END_TEST

START_TEST(tells_subject_of_file)
{
	struct vmp_census *c = census_of("2 r-xp /bin/x\n");
	const struct vmp_subject *s = vmp_census_subject(c);

	ck_assert_int_eq(s->kind, VMP_KIND_MAPS);
	ck_assert_int_eq(s->pid, 0);
	ck_assert_ptr_null(s->command);
	ck_assert_ptr_null(s->path);
	ck_assert_ptr_null(s->kernel);
	ck_assert_int_eq(s->limit, -1);
	ck_assert_uint_eq(s->threads, 0);
	ck_assert(!s->has_flags && !s->has_hidden && !s->in_container);
	vmp_census_free(c);
}
END_TEST

/* A mapping comes out as it went in. */
START_TEST(tells_mappings)
{
	const struct vmp_owner_row *row;
	struct vmp_mapping m;
	struct vmp_census *c = census_of(
		"3 rw-s 00005000 fe:1f 77 /data/x\nAnonymous: 4 kB\n"
		"ProtectionKey: 3\nVmFlags: rd wr\n"
		"at ffffffffff600000\n1 --xp [vsyscall]\nVmFlags: ex\n");

	ck_assert_int_eq(vmp_census_mapping(c, 0, &m, &row), 1);
	ck_assert_uint_eq(m.start, 0x7f0000000000);
	ck_assert_uint_eq(m.end, 0x7f0000003000);
	ck_assert_uint_eq(m.offset, 0x5000);
	ck_assert_uint_eq(m.inode, 77);
	ck_assert_uint_eq(m.device_major, 0xfe);
	ck_assert_uint_eq(m.device_minor, 0x1f);
	ck_assert(m.readable && m.writable && !m.executable && m.shared);
	ck_assert(m.counted && m.has_flags && m.anonymous);
	ck_assert_uint_eq(m.key, 3);
	ck_assert_uint_eq(m.flags, 3);
	ck_assert_str_eq(m.name, "/data/x");
	ck_assert_uint_eq(m.name_length, 7);
	ck_assert_int_eq(row->owner, VMP_OWNER_FILE);
	ck_assert_int_eq(vmp_census_mapping(c, 1, &m, NULL), 1);
	ck_assert(!m.counted);
	ck_assert_int_eq(vmp_census_mapping(c, 2, &m, &row), 0);
	vmp_census_free(c);
}
END_TEST

/* What maps of the process (NULL: none) makes of the census, in words. */
static const struct {
	const char *maps;
	int rc;
	const char *words;
} failures[] = {
	{ NULL, -ESRCH, "there is no process 60" },
	/* kernel threads and zombies have maps, with nothing in them */
	{ "", -ESRCH, "process 61 has no mappings" },
	{ "x\n", -EBADMSG, "maps of process 62, line 1" },
	{ "1000-2000 rw-p 00000000 00:00 0", -EBADMSG, "the text ends in it" },
	{ "2000-3000 rw-p 00000000 00:00 0\n1000-2000 rw-p 00000000 00:00 0\n",
	  -EBADMSG, "is below the end" },
};

START_TEST(says_what_failed)
{
	struct vmp_census_request request = { .pid = 60 + _i };
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_census *c;
	char path[32];

	snprintf(path, sizeof(path), "%d/maps", request.pid);
	if (failures[_i].maps)
		scratch_text(path, failures[_i].maps);
	ck_assert_int_eq(vmp_census_read(ctx, &request, &c), failures[_i].rc);
	assert_holds(vmp_error(ctx), failures[_i].words);
	vmp_free(ctx);
}
END_TEST

START_TEST(says_which_file_failed)
{
	struct vmp_census_request request = { .path = "/nowhere/at-all" };
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_census *c;

	ck_assert_int_eq(vmp_census_read(ctx, &request, &c), -ENOENT);
	assert_holds(vmp_error(ctx), "at-all");
	vmp_census_free(NULL);
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_this_process)
{
	struct vmp_census_request request = { .pid = 0 };
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_census *c;

	ck_assert_int_eq(vmp_census_read(ctx, &request, &c), 0);
	ck_assert_int_eq(vmp_census_subject(c)->pid, getpid());
	ck_assert_uint_gt(vmp_census_subject(c)->mappings, 1);
	ck_assert_uint_ge(vmp_census_subject(c)->threads, 1);
	vmp_census_free(c);
	vmp_free(ctx);
}
END_TEST

Suite *suite_census(void)
{
	Suite *suite = suite_create("census");
	TCase *census = tcase_create("census");

	tcase_add_unchecked_fixture(census, scratch_begin, scratch_end);
	tcase_add_loop_test(census, asks_for_hidden_facts, 0, VMP_COUNT(facts));
	tcase_add_test(census, compares_policies);
	tcase_add_test(census, does_without_hidden_facts);
	tcase_add_test(census, reads_policies);
	tcase_add_loop_test(census, reads_flags_where_cheap, 0,
			    VMP_COUNT(amounts));
	tcase_add_test(census, does_without_smaps);
	tcase_add_test(census, counts_threads_behind_many_groups);
	tcase_add_test(census, tells_subject);
	tcase_add_test(census, tells_subject_of_file);
	tcase_add_test(census, tells_mappings);
	tcase_add_loop_test(census, says_what_failed, 0, VMP_COUNT(failures));
	tcase_add_test(census, says_which_file_failed);
	tcase_add_test(census, reads_this_process);
	suite_add_tcase(suite, census);
	return suite;
}
