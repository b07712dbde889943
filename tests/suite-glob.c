// SPDX-License-Identifier: GPL-2.0-or-later
/* Many names become few globs, as a person would write them. */
#include <string.h>

#include "census-text.h"

/* Names of files, a page each, and the globs that come out. */
static const struct {
	const char *names, *expected;
} globs[] = {
	/* what counts becomes a star, if it differs */
	{ "/d/seg-000123.dvd\n/d/seg-000124.dvd\n", "file 2 /d/seg-*.dvd\n" },
	{ "/d/7/seg-1.dvd\n/d/7/seg-2.dvd\n/d/7/seg-1.dvd\n",
	  "file 3 /d/7/seg-*.dvd\n" },
	{ "/d/7/seg-1\n/d/8/seg-1\n", "file 2 /d/*/seg-1\n" },
	{ "/d/7/seg-1\n/d/8/seg-2\n", "file 2 /d/*/seg-*\n" },
	{ "/d/seg9\n/d/seg10\n", "file 2 /d/seg*\n" },
	{ "/d/seg-9\n", "file 1 /d/seg-9\n" },
	{ "1\n2\n", "file 2 *\n" },
	{ "/1\n/2\n", "file 2 /*\n" },
	/* runs that hold digits and letters: hexadecimal, identifiers */
	{ "/d/3fa9c.bin\n/d/b0b1.bin\n", "file 2 /d/*.bin\n" },
	{ "/d/5f2e0c1a-7b6d-4e3f-9a8b-0c1d2e3f4a5b\n"
	  "/d/1e2f3a4b-5c6d-4e7f-8a9b-0c9d8e7f6a5b\n",
	  "file 2 /d/*-*-*-*-*\n" },
	{ "/d/x86_64.bin\n/d/x86_32.bin\n", "file 2 /d/x86_*.bin\n" },
	{ "/d/_0.cfs\n/d/_a1b.cfs\n", "file 2 /d/_*.cfs\n" },
	{ "/d/_0.cfs\n/d/_ab.cfs\n", "file 1 /d/_0.cfs\nfile 1 /d/_ab.cfs\n" },
	/* extensions keep their digits; numbers behind a dot are none */
	{ "/d/a1.mp3\n/d/a2.mp3\n/d/a1.mp4\n",
	  "file 2 /d/a*.mp3\nfile 1 /d/a1.mp4\n" },
	{ "/d/a.h264\n/d/a.h265\n", "file 1 /d/a.h264\nfile 1 /d/a.h265\n" },
	{ "/d/a.001\n/d/a.002\n", "file 2 /d/a.*\n" },
	{ "/d/a.7z\n/d/a.8z\n", "file 2 /d/a.*\n" },
	{ "/d/a.v1/x\n/d/a.v2/x\n", "file 1 /d/a.v1/x\nfile 1 /d/a.v2/x\n" },
	{ "/d/a.abcdef1\n/d/a.abcdef2\n", "file 2 /d/a.abcdef*\n" },
	/* files that are gone are others than files */
	{ "/d/a1\n/d/a2 (deleted)\n/d/a3 (deleted)\n/d/a4\n",
	  "file 2 /d/a*\ndeleted-file 2 /d/a* (deleted)\n" },
	{ "/d/a1.mp3 (deleted)\n/d/a2.mp3 (deleted)\n",
	  "deleted-file 2 /d/a*.mp3 (deleted)\n" },
	/* letters only: four and more of one folder and one extension */
	{ "/d/_a.dvd\n/d/_b.dvd\n/d/_c.dvd\n",
	  "file 1 /d/_a.dvd\nfile 1 /d/_b.dvd\nfile 1 /d/_c.dvd\n" },
	{ "/d/_a.dvd\n/d/_b.dvd\n/d/_c.dvd\n/d/_d.dvd\n",
	  "file 4 /d/_*.dvd\n" },
	{ "/d/_a.dvd (deleted)\n/d/_b.dvd (deleted)\n/d/_c.dvd (deleted)\n"
	  "/d/_d.dvd (deleted)\n",
	  "deleted-file 4 /d/_*.dvd (deleted)\n" },
	{ "/d/a.x\n/d/b.x\n/d/c.x\n/d/d.y\n",
	  "file 1 /d/a.x\nfile 1 /d/b.x\nfile 1 /d/c.x\nfile 1 /d/d.y\n" },
	{ "/d/ab\n/d/ac\n/d/ad\n/d/ae\n", "file 4 /d/*\n" },
	{ "/d/log-ab\n/d/log-ac\n/d/log-ad\n/d/log-ae\n", "file 4 /d/log-*\n" },
	{ "/d/.a\n/d/.b\n/d/.c\n/d/.d\n", "file 4 /d/*\n" },
	{ "/d/_a.dvd\n/d/_b.dvd\n/d/_c.dvd\n/d/_1.dvd\n/d/_2.dvd\n",
	  "file 5 /d/_*.dvd\n" },
	/* folders too, and what is in them */
	{ "/d/a/x\n/d/b/x\n/d/c/x\n/d/e/x\n", "file 4 /d/*/x\n" },
	{ "/d/a/x\n/d/b/x\n/d/c/x\n",
	  "file 1 /d/a/x\nfile 1 /d/b/x\nfile 1 /d/c/x\n" },
	{ "/a/x/y\n/b/x/y\n/c/x/y\n/e/x/y\n", "file 4 /*/x/y\n" },
	{ "/d/a/1\n/d/a/2\n/d/b/1\n/d/b/2\n/d/c/1\n/d/c/2\n/d/e/1\n/d/e/2\n",
	  "file 8 /d/*/*\n" },
	/* no slash: nothing to merge in */
	{ "a\nb\nc\ne\n", "file 1 a\nfile 1 b\nfile 1 c\nfile 1 e\n" },
	/* stars and control characters in names are characters like any */
	{ "/d/*.x\n/d/a*.x\n", "file 1 /d/*.x\nfile 1 /d/a*.x\n" },
	{ "/d/*1\n/d/*2\n", "file 2 /d/**\n" },
	{ "/d/s\001\n/d/s5\n", "file 1 /d/s\001\nfile 1 /d/s5\n" },
	{ "/d/s5\n/d/s\001\n/d/s6\n", "file 2 /d/s*\nfile 1 /d/s\001\n" },
	{ "/d/\001\001\001\n/d/1-2\n/d/3-4\n",
	  "file 2 /d/*-*\nfile 1 /d/\001\001\001\n" },
	{ "/d/\303\2451\n/d/\303\2452\n", "file 2 /d/\303\245*\n" },
	{ "/d/a b 1\n/d/a b 2\n", "file 2 /d/a b *\n" },
	{ "/d/a\\0121\n/d/a\\0122\n", "file 2 /d/a\\*\n" },
	/* other owners have globs, but only of what counts */
	{ "[anon:t1]\n[anon:t2]\n", "named-anon 2 [anon:t*]\n" },
	{ "/memfd:a (deleted)\n/memfd:b (deleted)\n/memfd:c (deleted)\n"
	  "/memfd:d (deleted)\n",
	  "memfd 1 /memfd:a (deleted)\nmemfd 1 /memfd:b (deleted)\n"
	  "memfd 1 /memfd:c (deleted)\nmemfd 1 /memfd:d (deleted)\n" },
	{ "/dev/dri/card0\n/dev/dri/card1\n", "device 2 /dev/dri/card*\n" },
};

/* A page of each name, apart from the others. */
static char *pages_of(const char *names)
{
	char *text = NULL;
	FILE *out = text_open(&text);
	uint64_t at = 0x10000;
	size_t length;

	for (; *names; names += length + 1, at += 0x2000) {
		length = strcspn(names, "\n");
		fprintf(out, "%llx-%llx r--s 00000000 fe:00 7 %.*s\n",
			(unsigned long long)at, (unsigned long long)at + 0x1000,
			(int)length, names);
	}
	text_close(out);
	return text;
}

static struct vmp_census *census_of_names(const char *names)
{
	VMP_FREE char *text = pages_of(names);

	return census_of_text(text, strlen(text));
}

START_TEST(makes_globs)
{
	struct vmp_census *c = census_of_names(globs[_i].names);

	expect_owners(c, globs[_i].expected);
	vmp_census_free(c);
}
END_TEST

static void repeat(FILE *out, unsigned int times, const char *name)
{
	for (unsigned int i = 0; i < times; i++)
		fprintf(out, "%s\n", name);
}

/* One file that is a tenth of all is told alone; one with a little less not. */
START_TEST(tells_hot_file_alone)
{
	VMP_FREE char *names = NULL;
	FILE *out = text_open(&names);
	struct vmp_census *c;

	repeat(out, 80, "/d/seg-1");
	repeat(out, 79, "/d/seg-2");
	for (unsigned int i = 3; i < 644; i++)
		fprintf(out, "/d/seg-%u\n", i);
	text_close(out);
	c = census_of_names(names);
	expect_owners(c, "file 720 /d/seg-*\nfile 80 /d/seg-1\n");
	vmp_census_free(c);
}
END_TEST

/* Of few mappings a tenth is not much. */
START_TEST(tells_no_cool_file_alone)
{
	VMP_FREE char *names = NULL;
	FILE *out = text_open(&names);
	struct vmp_census *c;

	repeat(out, 63, "/d/seg-1");
	repeat(out, 64, "/d/seg-2");
	repeat(out, 9, "/d/seg-3");
	text_close(out);
	c = census_of_names(names);
	expect_owners(c, "file 72 /d/seg-*\nfile 64 /d/seg-2\n");
	vmp_census_free(c);
}
END_TEST

/* A process is read twice, maps and smaps: its names count once. */
START_TEST(counts_names_of_a_process_once)
{
	VMP_FREE char *names = NULL, *text = NULL;
	FILE *out = text_open(&names);
	struct vmp_census_request request = { .pid = 20 };
	struct vmp_census *c;

	repeat(out, 63, "/d/seg-1");
	repeat(out, 9, "/d/seg-2");
	text_close(out);
	text = pages_of(names);
	scratch_text("20/maps", text);
	scratch_text("20/smaps", text);
	c = census_as(&request);
	expect_owners(c, "file 72 /d/seg-*\n");
	vmp_census_free(c);
}
END_TEST

enum { LONG = 200000 };

/* Two names that differ in their first, or their last digit. */
START_TEST(takes_long_names)
{
	VMP_FREE char *middle = malloc(LONG + 1), *names = NULL, *expected;
	FILE *out = text_open(&names);
	struct vmp_census *c;

	ck_assert_ptr_nonnull(middle);
	memset(middle, 'x', LONG);
	for (size_t i = 0; i < LONG; i += 50)
		middle[i] = '/';
	middle[LONG] = '\0';
	fprintf(out, "/a1%s-1\n/a2%s-2\n", middle, middle);
	text_close(out);
	c = census_of_names(names);
	expected = malloc(LONG + 100);
	sprintf(expected, "file 2 /a*%s-*\n", middle);
	expect_owners(c, expected);
	vmp_census_free(c);
}
END_TEST

/* More stars in a name than are told apart: the last is for all that follow. */
START_TEST(takes_many_stars)
{
	VMP_FREE char *names = NULL;
	FILE *out = text_open(&names);
	const struct vmp_owner_row *rows;
	struct vmp_census *c;

	for (unsigned int name = 1; name <= 2; name++) {
		fputs("/d", out);
		for (unsigned int i = 0; i < LONG / 2; i++)
			fprintf(out, "-%u", name);
		fputs("\n", out);
	}
	text_close(out);
	c = census_of_names(names);
	ck_assert_uint_eq(vmp_census_owners(c, &rows), 1);
	ck_assert_uint_eq(strlen(rows->label), strlen("/d") + 64 * 2);
	ck_assert_str_eq(rows->label + 2 + 62 * 2, "-*-*");
	vmp_census_free(c);
}
END_TEST

/* As many names as a process may hold, of letters: the slowest of all. */
START_TEST(takes_many_names)
{
	VMP_FREE char *names = NULL;
	FILE *out = text_open(&names);
	struct vmp_census *c;

	for (unsigned int i = 0; i < 70000; i++)
		fprintf(out, "/d/%c%c/%c%c%c.dvd\n", 'a' + i % 26,
			'a' + i / 26 % 26, 'a' + i / 676 % 26,
			'a' + i / 17576 % 26, 'a' + i / 456976 % 26);
	text_close(out);
	c = census_of_names(names);
	expect_owners(c, "file 70000 /d/*/*.dvd\n");
	vmp_census_free(c);
}
END_TEST

Suite *suite_glob(void)
{
	Suite *suite = suite_create("glob");
	TCase *glob = tcase_create("glob");

	tcase_add_unchecked_fixture(glob, scratch_begin, scratch_end);
	tcase_add_loop_test(glob, makes_globs, 0, VMP_COUNT(globs));
	tcase_add_test(glob, tells_hot_file_alone);
	tcase_add_test(glob, tells_no_cool_file_alone);
	tcase_add_test(glob, counts_names_of_a_process_once);
	tcase_add_test(glob, takes_long_names);
	tcase_add_test(glob, takes_many_stars);
	tcase_add_test(glob, takes_many_names);
	suite_add_tcase(suite, glob);
	return suite;
}
