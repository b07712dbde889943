// SPDX-License-Identifier: GPL-2.0-or-later
/* Private memory without a name: arenas, guards, patterns, sizes. */
#include <string.h>

#include "census-text.h"

/* 64 MiB from an address that is a multiple of it: a heap of an arena. */
#define HEAP "33 rw-p\n16351 ---p\n"
#define HEAP_32 "33 rw-p\n223 ---p\n"
#define GUARDED "5 rw-p\n1 ---p\n"
#define GUARDS "guard 2 ---p beside a larger mapping\n"

static const struct {
	const char *text, *expected;
} cases[] = {
	/* arenas */
	{ HEAP, "arena 2 1 heap of malloc's arenas (rw-p / ---p)\n" },
	{ HEAP HEAP, "arena 4 2 heaps of malloc's arenas (rw-p / ---p)\n" },
	/* one is full, and merged with the next */
	{ "16400 rw-p\n16368 ---p\n",
	  "arena 2 1 heap of malloc's arenas (rw-p / ---p)\n" },
	{ "49252 rw-p\n16284 ---p\n",
	  "arena 2 1 heap of malloc's arenas (rw-p / ---p)\n" },
	/* of four that are full it could be anything */
	{ "65636 rw-p\n16284 ---p\n",
	  "anon 1 rw-p 256.4 MiB\n"
	  "guard 1 ---p beside a larger mapping\n" },
	/* glibc named the part that is used */
	{ "33 rw-p [anon: glibc: malloc arena]\n16351 ---p\n",
	  "arena 2 1 heap of malloc's arenas (rw-p / ---p)\n" },
	/* it does not begin, or does not end, where a heap does */
	{ "hole\n" HEAP, "anon 1 ---p 63.9 MiB\nanon 1 rw-p 132 KiB\n" },
	{ "hole\n32 rw-p\n16351 ---p\n",
	  "anon 1 ---p 63.9 MiB\nanon 1 rw-p 128 KiB\n" },
	{ "33 rw-p\n16350 ---p\n",
	  "anon 1 ---p 63.9 MiB\nanon 1 rw-p 132 KiB\n" },
	{ "33 rw-p\nhole\n16350 ---p\n",
	  "anon 1 ---p 63.9 MiB\nanon 1 rw-p 132 KiB\n" },
	{ "33 r--p\n16351 ---p\n",
	  "anon 1 ---p 63.9 MiB\nanon 1 r--p 132 KiB\n" },
	/* 1 MiB in a process of 32 bits */
	{ "at f7500000\n" HEAP_32,
	  "arena 2 1 heap of malloc's arenas (rw-p / ---p)\n" },
	{ "at f7500000\n" HEAP_32 "at 7f0000000000\n1 r--p\n",
	  "anon 1 ---p 892 KiB\nanon 1 rw-p 132 KiB\nanon 1 r--p 4 KiB\n" },
	/* guards: beside what is larger; two pairs are guarded buffers */
	{ "1 ---p\n5 rw-p\n",
	  "anon 1 rw-p 20 KiB\nguard 1 ---p beside a larger mapping\n" },
	{ "5 r--p\n1 ---p\n",
	  "anon 1 r--p 20 KiB\nguard 1 ---p beside a larger mapping\n" },
	{ "5 r--p /data/x\n1 ---p\n",
	  "file 1 /data/x\nguard 1 ---p beside a larger mapping\n" },
	{ GUARDED GUARDED, "anon 2 rw-p 20 KiB\n" GUARDS },
	{ "1 ---p\n5 rw-p\n1 ---p\n", GUARDS "anon 1 rw-p 20 KiB\n" },
	/* three and more are a pattern, wherever it begins */
	{ GUARDED GUARDED GUARDED,
	  "anon 6 rw-p 20 KiB / ---p 4 KiB, alternating\n" },
	{ "1 ---p\n" GUARDED GUARDED GUARDED,
	  "anon 7 rw-p 20 KiB / ---p 4 KiB, alternating\n" },
	{ "9 rw-p\n" GUARDED GUARDED GUARDED,
	  "anon 6 rw-p 20 KiB / ---p 4 KiB, alternating\n"
	  "anon 1 rw-p 36 KiB\n" },
	{ GUARDED GUARDED GUARDED "hole\n1 ---p\n" GUARDED GUARDED GUARDED,
	  "anon 13 rw-p 20 KiB / ---p 4 KiB, alternating\n" },
	{ GUARDED GUARDED "hole\n" GUARDED,
	  "anon 3 rw-p 20 KiB\nguard 3 ---p beside a larger mapping\n" },
	{ "1 rw-p\n1 r--p\n1 rw-p\n1 r--p\n1 rw-p\n1 r--p\n",
	  "anon 6 rw-p 4 KiB / r--p 4 KiB, alternating\n" },
	/* one that has other sizes ends it; so does one of the same rights */
	{ GUARDED GUARDED "5 rw-p\n2 ---p\n",
	  "anon 3 rw-p 20 KiB\nguard 3 ---p beside a larger mapping\n" },
	{ "1 rw-p\n1 rw-p\n1 rw-p\n1 rw-p\n1 rw-p\n1 rw-p\n",
	  "anon 6 rw-p 4 KiB\n" },
	/* a reserve is larger than what is used of it */
	{ "5 rw-p\n90 ---p\n", "anon 1 ---p 360 KiB\nanon 1 rw-p 20 KiB\n" },
	{ "5 rw-p\n5 ---p\n", "anon 1 rw-p 20 KiB\nanon 1 ---p 20 KiB\n" },
	/* a guard of what has no rights, or is no memory of the process */
	{ "1 ---p\n5 ---p\n", "anon 1 ---p 20 KiB\nanon 1 ---p 4 KiB\n" },
	{ "1 ---p\n5 r-xp [vsyscall]\n", "anon 1 ---p 4 KiB\n" },
	{ "1 ---p\nhole\n5 rw-p\n", "anon 1 rw-p 20 KiB\nanon 1 ---p 4 KiB\n" },
	/* sizes go by powers of two, and by rights */
	{ "1 rw-p\nhole\n1 rw-p\n", "anon 2 rw-p 4 KiB\n" },
	{ "1 rw-p\nhole\n2 rw-p\n", "anon 1 rw-p 8 KiB\nanon 1 rw-p 4 KiB\n" },
	{ "2 rw-p\nhole\n3 rw-p\n", "anon 2 rw-p 8 KiB to 12 KiB\n" },
	{ "4 rw-p\nhole\n7 rw-p\nhole\n5 rw-p\n",
	  "anon 3 rw-p 16 KiB to 28 KiB\n" },
	{ "2 rw-p\nhole\n2 r--p\n", "anon 1 rw-p 8 KiB\nanon 1 r--p 8 KiB\n" },
	{ "268435456 rw-p\n", "anon 1 rw-p 1 TiB\n" },
};

START_TEST(tells_anonymous)
{
	struct vmp_census *c = census_of(cases[_i].text);

	expect_owners(c, cases[_i].expected);
	vmp_census_free(c);
}
END_TEST

/* Patterns that are told apart are few; what is left goes by its size. */
START_TEST(tells_some_patterns)
{
	VMP_FREE char *text = NULL;
	FILE *out = text_open(&text);
	const struct vmp_owner_row *rows;
	struct vmp_census *c;
	size_t count, patterns = 0;

	for (unsigned int i = 1; i <= 100; i++)
		for (unsigned int j = 0; j < 3; j++)
			fprintf(out, "%u r--p\n%u rw-p\n", i, i);
	text_close(out);
	c = census_of(text);
	count = vmp_census_owners(c, &rows);
	for (size_t i = 0; i < count; i++)
		patterns += strstr(rows[i].label, "alternating") != NULL;
	ck_assert_uint_eq(patterns, 64);
	ck_assert_uint_lt(count, 80);
	vmp_census_free(c);
}
END_TEST

Suite *suite_anon(void)
{
	Suite *suite = suite_create("anon");
	TCase *anon = tcase_create("anon");

	tcase_add_unchecked_fixture(anon, scratch_begin, scratch_end);
	tcase_add_loop_test(anon, tells_anonymous, 0, VMP_COUNT(cases));
	tcase_add_test(anon, tells_some_patterns);
	suite_add_tcase(suite, anon);
	return suite;
}
