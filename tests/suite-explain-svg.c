// SPDX-License-Identifier: GPL-2.0-or-later
/* The picture of an address space: well-formed, small, and to the point. */
#include <string.h>

#include "census-text.h"
#include "report/explain.h"
#include "sample.h"
#include "unit.h"

enum { MOST_BYTES = 300 * 1024 };

/* Owns: the caller, free(). Frees the census. */
static char *draw(struct vmp_census *c)
{
	char *picture = NULL;
	FILE *out = text_open(&picture);

	vmp_explain_svg(c, out);
	text_close(out);
	vmp_census_free(c);
	assert_well_formed(picture);
	ck_assert_uint_lt(strlen(picture), MOST_BYTES);
	return picture;
}

static size_t count_pieces(const char *text, const char *piece)
{
	size_t count = 0;

	for (; (text = strstr(text, piece)) != NULL; text++)
		count++;
	return count;
}

/* A picture, and what has to be in it, each so many times. */
static const struct {
	const char *brief;
	struct {
		const char *piece;
		size_t times;
	} has[8];
} pictures[] = {
	/* one mapping has nothing to enlarge */
	{ "1 rw-p\n",
	  { { "<title>maps file: 1 mapping</title>", 1 },
	    { ">0x7f0000000000, 4 KiB: 1 mapping</text>", 1 },
	    { ">The limit of the machine", 1 },
	    { "class=\"limit", 0 },
	    { "one by one", 0 } } },
	/* the gate line is none */
	{ "at ffffffffff600000\n1 --xp 00000000 00:00 0 [vsyscall]\n",
	  { { "<title>maps file: 0 mappings</title>", 1 },
	    { "class=\"frame\"", 0 },
	    { "Where they are", 0 } } },
	/* far apart: three clusters, gaps said */
	{ "at 10000\n4 r-xp /bin/a\nat 7f0000000000\n1 rw-p\nhole\n1 ---p\n"
	  "at 7ffffff00000\n8 rw-p [stack]\n",
	  { { ": 1 mapping<", 1 },
	    { ": 1 mapping, 1.0 TiB further up<", 1 },
	    { "0x7f0000000000, 12 KiB: 2 mappings, 127.0 TiB further up", 1 },
	    { "12 KiB: 2 mappings one by one", 1 },
	    { "class=\"frame\"", 1 },
	    { ", rw-p </title>", 1 },
	    { ", ---p </title>", 1 } } },
	/* 100 MiB are too little to be a row of their own in 1 GiB */
	{ "1 rw-p\nat 7f0006400000\n240000 rw-p\n",
	  { { "1.0 GiB: 2 mappings<", 1 } } },
	/* names that want to break out */
	{ "1 r--p /<&\"'\x1b\x80\xff\nhole\n1 r--p /]]>\n",
	  { { "r--p /]]&gt;</title>", 1 },
	    { "r--p /&lt;&amp;&quot;&#39;\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd<",
	      1 } } },
};

START_TEST(draws_picture)
{
	VMP_FREE char *picture = draw(census_of(pictures[_i].brief));

	for (size_t i = 0; i < VMP_COUNT(pictures[_i].has); i++) {
		const char *piece = pictures[_i].has[i].piece;
		size_t times = piece ? count_pieces(picture, piece) : 0;

		if (times != pictures[_i].has[i].times)
			ck_abort_msg("%zu times \"%s\"", times, piece);
	}
}
END_TEST

/* The limit, and words of the picture of a process with two mappings. */
static const struct {
	const char *limit, *words;
} limits[] = {
	{ "1000", ">&lt;a&gt; (process 7): 2 of 1,000 mappings, 0.2 %<" },
	{ "1000", "\"end limit\" x=\"936.0\"" },
	{ "1000", ">limit 1,000, 998 left<" },
	{ "2", "2 of 2 mappings, 100.0 %<" },
	{ "2", ">limit 2, none left<" },
	{ "1", "2 of 1 mapping, 200.0 %<" },
	{ "1", "x=\"480.0\"" },
	{ "1", ">limit 1, none left<" },
	{ "1", ">The next mmap() fails; a munmap() from the middle of a "
	       "mapping fails: the memory is not given back; an mremap() that "
	       "moves fails.<" },
	{ "2147483647", ">limit 2,147,483,647, 2,147,483,645 left<" },
};

START_TEST(draws_limit)
{
	VMP_FREE char *picture = NULL;

	scratch_text("sys/vm/max_map_count", limits[_i].limit);
	scratch_text("7/comm", "<a>\n");
	picture = draw(census_of_process(7, "1 rw-p\n1 r--p [heap]\n"));
	assert_holds(picture, limits[_i].words);
}
END_TEST

/* Ten owners in eight clusters, no two columns alike, and names that grow. */
START_TEST(draws_much)
{
	enum { CLUSTERS = 12, MAPPINGS = 6000, OWNERS = 10 };
	VMP_FREE char *brief = NULL, *picture = NULL;
	FILE *out = text_open(&brief);

	for (unsigned int i = 0; i < CLUSTERS; i++) {
		fprintf(out, "at %x00000000000\n", i + 1);
		for (unsigned int k = 0; k < MAPPINGS; k++)
			fprintf(out, "%u r--p /%.*s%c\n%s",
				1 + k * k % 97 * (k % 3), 40,
				"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""
				"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"",
				'a' + (k * k / 7 + i) % OWNERS,
				k % 2 ? "hole\n" : "");
	}
	text_close(out);
	picture = draw(census_of(brief));
	assert_holds(picture, "maps file: 72,000 mappings<");
	assert_holds(picture, "160 mappings one by one<");
	ck_assert_uint_eq(count_pieces(picture, " further up"), 7);
}
END_TEST

/* Most of a cluster in little of it: a row of its own. */
START_TEST(draws_dense_part)
{
	VMP_FREE char *brief = NULL, *picture = NULL;
	FILE *out = text_open(&brief);

	fputs("100000 ---p /a\n", out);
	for (int i = 0; i < 200; i++)
		fputs("1 rw-p\n1 ---p\n", out);
	text_close(out);
	picture = draw(census_of(brief));
	assert_holds(picture, "1.6 MiB: 400 mappings, enlarged<");
	assert_holds(picture, ": 401 mappings<");
	ck_assert_uint_eq(count_pieces(picture, "class=\"frame\""), 2);
}
END_TEST

Suite *suite_explain_svg(void)
{
	Suite *suite = suite_create("explain-svg");
	TCase *picture = tcase_create("picture");

	tcase_add_unchecked_fixture(picture, scratch_begin, scratch_end);
	tcase_add_loop_test(picture, draws_picture, 0, VMP_COUNT(pictures));
	tcase_add_loop_test(picture, draws_limit, 0, VMP_COUNT(limits));
	tcase_add_test(picture, draws_much);
	tcase_add_test(picture, draws_dense_part);
	suite_add_tcase(suite, picture);
	return suite;
}
