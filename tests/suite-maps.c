// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/PID/maps: the line parser and the iterator. */
#include <errno.h>
#include <string.h>

#include "unit.h"

/* From a block of exactly this length, so that reading on is found. */
static int parse_exactly(const char *line, size_t length, char **block,
			 struct vmp_mapping *m)
{
	*block = malloc(length ? length : 1);
	ck_assert_ptr_nonnull(*block);
	memcpy(*block, line, length);
	return vmp_parse_maps_line(*block, length, m);
}

#define ANON .counted = true, .name = ""

static const struct {
	const char *line;
	struct vmp_mapping m;
} good_lines[] = {
	{ "7f1c2e400000-7f1c2e426000 r--p 00001000 fe:1f 1835   /lib/libc.so.6",
	  { .start = 0x7f1c2e400000,
	    .end = 0x7f1c2e426000,
	    .offset = 0x1000,
	    .inode = 1835,
	    .device_major = 0xfe,
	    .device_minor = 0x1f,
	    .readable = true,
	    .counted = true,
	    .name = "/lib/libc.so.6" } },
	{ "1000-2000 ---p 00000000 00:00 0 ",
	  { .start = 0x1000, .end = 0x2000, ANON } },
	{ "1000-2000 ---p 00000000 00:00 0",
	  { .start = 0x1000, .end = 0x2000, ANON } },
	{ "1000-2000 -w-p 00000000 00:00 0",
	  { .start = 0x1000, .end = 0x2000, .writable = true, ANON } },
	{ "1000-2000 --xp 00000000 00:00 0",
	  { .start = 0x1000, .end = 0x2000, .executable = true, ANON } },
	{ "1000-2000 ---s 00000000 00:00 0",
	  { .start = 0x1000, .end = 0x2000, .shared = true, ANON } },
	{ "0-ffffffffffffffff rwxs ffffffffffffffff ffffffff:ffffffff "
	  "18446744073709551615",
	  { .start = 0,
	    .end = UINT64_MAX,
	    .offset = UINT64_MAX,
	    .inode = UINT64_MAX,
	    .device_major = UINT32_MAX,
	    .device_minor = UINT32_MAX,
	    .readable = true,
	    .writable = true,
	    .executable = true,
	    .shared = true,
	    ANON } },
	/* the gate lines, and what looks like them */
	{ "1000-2000 ---p 00000000 00:00 0      [vsyscall]",
	  { .start = 0x1000, .end = 0x2000, .name = "[vsyscall]" } },
	{ "1000-2000 ---p 00000000 00:00 0 [vectors]",
	  { .start = 0x1000, .end = 0x2000, .name = "[vectors]" } },
	{ "1000-2000 ---p 00000000 00:00 0 [vdso]",
	  { .start = 0x1000,
	    .end = 0x2000,
	    .counted = true,
	    .name = "[vdso]" } },
	{ "1000-2000 ---p 00000000 00:00 7 /[vsyscall]",
	  { .start = 0x1000,
	    .end = 0x2000,
	    .inode = 7,
	    .counted = true,
	    .name = "/[vsyscall]" } },
	{ "1000-2000 ---p 00000000 00:00 0 [vsyscal",
	  { .start = 0x1000,
	    .end = 0x2000,
	    .counted = true,
	    .name = "[vsyscal" } },
	/* names stay as the kernel escaped them */
	{ "1000-2000 ---p 00000000 00:00 7 /a b  c (deleted)",
	  { .start = 0x1000,
	    .end = 0x2000,
	    .inode = 7,
	    .counted = true,
	    .name = "/a b  c (deleted)" } },
	{ "1000-2000 ---p 00000000 00:00 7 /two\\012lines\\134",
	  { .start = 0x1000,
	    .end = 0x2000,
	    .inode = 7,
	    .counted = true,
	    .name = "/two\\012lines\\134" } },
	{ "1000-2000 ---p 00000000 00:00 0 [anon: x]",
	  { .start = 0x1000,
	    .end = 0x2000,
	    .counted = true,
	    .name = "[anon: x]" } },
	{ "1000-2000 ---p 00000000 00:00 7 /\xff\x1b[31m",
	  { .start = 0x1000,
	    .end = 0x2000,
	    .inode = 7,
	    .counted = true,
	    .name = "/\xff\x1b[31m" } },
};

static void assert_same(const struct vmp_mapping *m,
			const struct vmp_mapping *expected)
{
	ck_assert_uint_eq(m->start, expected->start);
	ck_assert_uint_eq(m->end, expected->end);
	ck_assert_uint_eq(m->offset, expected->offset);
	ck_assert_uint_eq(m->inode, expected->inode);
	ck_assert_uint_eq(m->device_major, expected->device_major);
	ck_assert_uint_eq(m->device_minor, expected->device_minor);
	ck_assert_int_eq(m->readable, expected->readable);
	ck_assert_int_eq(m->writable, expected->writable);
	ck_assert_int_eq(m->executable, expected->executable);
	ck_assert_int_eq(m->shared, expected->shared);
	ck_assert_int_eq(m->counted, expected->counted);
	ck_assert_uint_eq(m->name_length, strlen(expected->name));
	ck_assert_mem_eq(m->name, expected->name, m->name_length);
}

START_TEST(parses_line)
{
	const char *line = good_lines[_i].line;
	struct vmp_mapping m;
	char *block;

	ck_assert_int_eq(parse_exactly(line, strlen(line), &block, &m), 0);
	assert_same(&m, &good_lines[_i].m);
	free(block);
}
END_TEST

static const char *const bad_lines[] = {
	"",
	" ",
	"-",
	"not a mapping",
	"\n1000-2000 rw-p 00000000 00:00 0",
	" 1000-2000 rw-p 00000000 00:00 0",
	"1000 -2000 rw-p 00000000 00:00 0",
	"1000- 2000 rw-p 00000000 00:00 0",
	"1000-2000  rw-p 00000000 00:00 0",
	"1000-2000\trw-p 00000000 00:00 0",
	"0x1000-0x2000 rw-p 00000000 00:00 0",
	"-1000-2000 rw-p 00000000 00:00 0",
	"A000-B000 rw-p 00000000 00:00 0",
	"100g-2000 rw-p 00000000 00:00 0",
	/* numbers that do not fit */
	"10000000000000000-10000000000001000 rw-p 00000000 00:00 0",
	"00000000000001000-2000 rw-p 00000000 00:00 0",
	"1000-00000000000002000 rw-p 00000000 00:00 0",
	"1000-2000 rw-p 10000000000000000 00:00 0",
	"1000-2000 rw-p 00000000 100000000:00 0",
	"1000-2000 rw-p 00000000 00:100000000 0",
	"1000-2000 rw-p 00000000 00:00 18446744073709551616",
	"1000-2000 rw-p 00000000 00:00 99999999999999999999999",
	/* a range without a byte in it */
	"2000-2000 rw-p 00000000 00:00 0",
	"2000-1fff rw-p 00000000 00:00 0",
	"0-0 rw-p 00000000 00:00 0",
	/* access rights */
	"1000-2000 rw- 00000000 00:00 0",
	"1000-2000 rw-pp 00000000 00:00 0",
	"1000-2000 wr-p 00000000 00:00 0",
	"1000-2000 rwxx 00000000 00:00 0",
	"1000-2000 RW-P 00000000 00:00 0",
	/* device and inode */
	"1000-2000 rw-p 00000000 0000 0",
	"1000-2000 rw-p 00000000 :00 0",
	"1000-2000 rw-p 00000000 00: 0",
	"1000-2000 rw-p 00000000 00:00:00 0",
	"1000-2000 rw-p 00000000 00:00 -1",
	"1000-2000 rw-p 00000000 00:00 1a",
	"1000-2000 rw-p 00000000 00:00 /name",
	"1000-2000 rw-p 00000000 00:00 0/name",
	"1000-2000 rw-p 00000000 00:00 0\t/name",
};

START_TEST(refuses_line)
{
	const char *line = bad_lines[_i];
	struct vmp_mapping m, untouched;
	char *block;

	memset(&m, 0x5a, sizeof(m));
	memset(&untouched, 0x5a, sizeof(untouched));
	ck_assert_int_eq(parse_exactly(line, strlen(line), &block, &m),
			 -EBADMSG);
	ck_assert_mem_eq(&m, &untouched, sizeof(m));
	free(block);
}
END_TEST

/* Whatever is cut off before the inode, it is no mapping any more. */
START_TEST(refuses_each_prefix)
{
	static const char line[] = "7f00000-7f01000 rw-p 00001000 fe:00 7";
	struct vmp_mapping m;
	char *block;
	int expected;

	for (size_t length = 0; length < sizeof(line); length++) {
		expected = length < sizeof(line) - 1 ? -EBADMSG : 0;
		ck_assert_int_eq(parse_exactly(line, length, &block, &m),
				 expected);
		free(block);
	}
}
END_TEST

START_TEST(refuses_nul_byte)
{
	static const char line[] = "1000-2000 rw-p 00000000\0 00:00 0";
	struct vmp_mapping m;

	ck_assert_int_eq(vmp_parse_maps_line(line, sizeof(line) - 1, &m),
			 -EBADMSG);
}
END_TEST

START_TEST(walks_process)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_mapping m;
	struct vmp_maps *maps;
	unsigned int counted = 0, all = 0;
	uint64_t end = 0;

	ck_assert_int_eq(vmp_maps_open(ctx, 100, &maps), 0);
	while (vmp_maps_next(maps, &m) > 0) {
		ck_assert_uint_ge(m.start, end);
		end = m.end;
		all++;
		counted += m.counted;
	}
	ck_assert_uint_eq(all, 14);
	ck_assert_uint_eq(counted, 13);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

START_TEST(walks_itself_as_pid_0)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_mapping m;
	struct vmp_maps *maps;

	ck_assert_int_eq(vmp_maps_open(ctx, 0, &maps), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_uint_eq(m.start, 0x80000);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

/* Fixtures that end with an error, and what a survey makes of them. */
static const struct {
	pid_t pid;
	int good, last, survey;
	const char *words;
} ends[] = {
	{ 101, 0, 0, -ESRCH, "process 101 has no mappings" },
	{ 108, 1, 0, -ESRCH, "process 108 has no mappings" },
	{ 102, 2, -EBADMSG, -EBADMSG, "process 102, line 3:" },
	{ 103, 1, -EBADMSG, -EBADMSG, "process 103, line 2:" },
	{ 104, 0, -EBADMSG, -EBADMSG, "process 104, line 1:" },
	{ 105, 1, -EBADMSG, -EBADMSG, "process 105, line 2:" },
	{ 106, 1, -EBADMSG, -EBADMSG, "process 106, line 2:" },
};

START_TEST(ends_as_it_should)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_survey survey, untouched;
	struct vmp_mapping m;
	struct vmp_maps *maps;

	ck_assert_int_eq(vmp_maps_open(ctx, ends[_i].pid, &maps), 0);
	for (int i = 0; i < ends[_i].good; i++)
		ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_int_eq(vmp_maps_next(maps, &m), ends[_i].last);
	vmp_maps_close(maps);
	memset(&survey, 0x5a, sizeof(survey));
	memset(&untouched, 0x5a, sizeof(untouched));
	ck_assert_int_eq(vmp_survey(ctx, ends[_i].pid, 0, 0, &survey),
			 ends[_i].survey);
	assert_holds(vmp_error(ctx), ends[_i].words);
	ck_assert_mem_eq(&survey, &untouched, sizeof(survey));
	vmp_free(ctx);
}
END_TEST

START_TEST(misses_process)
{
	struct vmp_ctx *ctx = fixture_ctx("proc");
	struct vmp_survey survey;
	struct vmp_maps *maps;

	ck_assert_int_eq(vmp_maps_open(ctx, 999, &maps), -ESRCH);
	assert_holds(vmp_error(ctx), "no process 999");
	ck_assert_int_eq(vmp_survey(ctx, 999, 0, 0, &survey), -ESRCH);
	vmp_maps_close(NULL);
	vmp_free(ctx);
}
END_TEST

START_TEST(passes_read_error_on)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_mapping m;
	struct vmp_maps *maps;

	scratch_text("9/maps/file", "");
	ck_assert_int_eq(vmp_maps_open(ctx, 9, &maps), 0);
	ck_assert_int_eq(vmp_maps_next(maps, &m), -EISDIR);
	assert_holds(vmp_error(ctx), "read maps of process 9");
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_very_long_name)
{
	enum { NAME = 200000 };
	static const char before[] = "1000-2000 rw-p 00000000 00:00 5 ",
			  after[] = "\n2000-3000 rw-p 00000000 00:00 0 \n";
	size_t length = sizeof(before) - 1 + NAME + sizeof(after) - 1;
	char *text = malloc(length + 1);
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_mapping m;
	struct vmp_maps *maps;

	ck_assert_ptr_nonnull(text);
	memcpy(text, before, sizeof(before) - 1);
	memset(text + sizeof(before) - 1, 'n', NAME);
	strcpy(text + sizeof(before) - 1 + NAME, after);
	scratch_write("1/maps", text, length);
	ck_assert_int_eq(vmp_maps_open(ctx, 1, &maps), 0);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_uint_eq(m.name_length, NAME);
	ck_assert_mem_eq(m.name, text + sizeof(before) - 1, NAME);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_uint_eq(m.start, 0x2000);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	vmp_maps_close(maps);
	vmp_free(ctx);
	free(text);
}
END_TEST

START_TEST(takes_another_procfs)
{
	struct vmp_ctx *ctx = vmp_new();
	char name[202];

	memset(name, 'd', sizeof(name));
	name[201] = '\0';
	ck_assert_int_eq(vmp_set_procfs(ctx, name), -ENAMETOOLONG);
	ck_assert_str_ne(vmp_error(ctx), "");
	name[200] = '\0';
	ck_assert_int_eq(vmp_set_procfs(ctx, name), 0);
	ck_assert_int_eq(vmp_map_limit(ctx), -ENOENT);
	vmp_free(ctx);
	vmp_free(NULL);
}
END_TEST

Suite *suite_maps(void)
{
	Suite *suite = suite_create("maps");
	TCase *lines = tcase_create("lines");
	TCase *walk = tcase_create("walk");

	tcase_add_loop_test(lines, parses_line, 0, VMP_COUNT(good_lines));
	tcase_add_loop_test(lines, refuses_line, 0, VMP_COUNT(bad_lines));
	tcase_add_test(lines, refuses_each_prefix);
	tcase_add_test(lines, refuses_nul_byte);
	suite_add_tcase(suite, lines);
	tcase_add_unchecked_fixture(walk, scratch_begin, scratch_end);
	tcase_add_test(walk, walks_process);
	tcase_add_test(walk, walks_itself_as_pid_0);
	tcase_add_loop_test(walk, ends_as_it_should, 0, VMP_COUNT(ends));
	tcase_add_test(walk, misses_process);
	tcase_add_test(walk, passes_read_error_on);
	tcase_add_test(walk, reads_very_long_name);
	tcase_add_test(walk, takes_another_procfs);
	suite_add_tcase(suite, walk);
	return suite;
}
