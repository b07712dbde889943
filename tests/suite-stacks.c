// SPDX-License-Identifier: GPL-2.0-or-later
/* Stacks of threads, and what looks like them: fibers, arenas, guards. */
#include <inttypes.h>
#include <string.h>

#include "census-text.h"

#define STACK "1 ---p\n2048 rw-p\n"
#define MUSL "1 ---p\n32 rw-p\n"
#define STACKS_4 STACK STACK STACK STACK

/* Saved maps tell no stack pointers: sizes have to be like those of stacks. */
static const struct {
	const char *text, *expected;
} saved[] = {
	{ STACK, "thread-stack 2 1 stack with its guard, by their size\n" },
	{ STACKS_4,
	  "thread-stack 8 4 stacks with their guards, by their size\n" },
	{ "1 ---p\n31 rw-p\n",
	  "thread-stack 2 1 stack with its guard, by their size\n" },
	{ MUSL, "thread-stack 2 1 stack with its guard, by their size\n" },
	{ "256 ---p\n2048 rw-p\n",
	  "thread-stack 2 1 stack with its guard, by their size\n" },
	/* the guard is too large, or the stack too small, or not round */
	{ "272 ---p\n2048 rw-p\n", "anon 1 rw-p 8 MiB\n"
				   "guard 1 ---p beside a larger mapping\n" },
	{ "1 ---p\n15 rw-p\n", "anon 1 rw-p 60 KiB\n"
			       "guard 1 ---p beside a larger mapping\n" },
	{ "1 ---p\n2050 rw-p\n", "anon 1 rw-p 8.0 MiB\n"
				 "guard 1 ---p beside a larger mapping\n" },
	{ "1 ---p\n2048 r--p\n", "anon 1 r--p 8 MiB\n"
				 "guard 1 ---p beside a larger mapping\n" },
	{ "1 ---p\nhole\n2048 rw-p\n",
	  "anon 1 rw-p 8 MiB\nanon 1 ---p 4 KiB\n" },
	/* glibc named it, and not its guard */
	{ "1 ---p\n2047 rw-p [anon: glibc: pthread stack: 306]\n",
	  "thread-stack 2 1 stack with its guard\n" },
	/* musl: thread-local storage lies above the 128 KiB */
	{ "2 ---p\n33 rw-p\n",
	  "thread-stack 2 1 stack with its guard, by their size\n" },
	/* a stack without a guard is memory like any other */
	{ "2048 rw-p\n", "anon 1 rw-p 8 MiB\n" },
};

START_TEST(guesses_by_size)
{
	struct vmp_census *c = census_of(saved[_i].text);

	expect_owners(c, saved[_i].expected);
	vmp_census_free(c);
}
END_TEST

/*
 * A process: its threads, where their stack pointers are (NULL: it runs), and
 * maps whose first address is 0x7f0000000000.
 */
static const struct {
	unsigned int threads;
	const char *pointers[4];
	const char *text, *expected;
} living[] = {
	{ 3,
	  { "0x7f0000100000", "0x7f0000901000", "0x7ffc00000100" }, /* 0 */
	  STACK STACK "at 7ffc00000000\n33 rw-p [stack]\n",
	  "thread-stack 4 2 stacks with their guards; the process has 3 "
	  "threads\n"
	  "main-stack 1 [stack]\n" },
	/* one runs: its stack is of the size of another */
	{ 3,
	  { "0x7f0000100000", "running", "0x7ffc00000100" },
	  STACK STACK "at 7ffc00000000\n33 rw-p [stack]\n",
	  "thread-stack 4 2 stacks with their guards; the process has 3 "
	  "threads\n"
	  "main-stack 1 [stack]\n" },
	/* all run, or may not be asked: sizes tell, up to so many */
	{ 3,
	  { "running", "running", "running" },
	  STACK STACK,
	  "thread-stack 4 2 stacks with their guards, by their size; the "
	  "process has 3 threads\n" },
	{ 3,
	  { NULL },
	  STACK STACK "9 ---p\n700 rw-p\n",
	  "thread-stack 4 2 stacks with their guards, by their size; the "
	  "process has 3 threads\n"
	  "anon 1 rw-p 2.7 MiB\nguard 1 ---p beside a larger mapping\n" },
	/* stacks of threads that have ended are kept by the C library */
	{ 2,
	  { "0x7f0000100000", "0x7ffc00000100" },
	  STACKS_4 STACK,
	  "thread-stack 10 5 stacks with their guards; the process has 2 "
	  "threads\n" },
	/* two threads of another size than a third; a buffer of neither */
	{ 3,
	  { "0x7f0000001000", "0x7f0000802000" },
	  STACK MUSL "9 ---p\n700 rw-p\n",
	  "thread-stack 4 2 stacks with their guards; the process has 3 "
	  "threads\n"
	  "anon 1 rw-p 2.7 MiB\nguard 1 ---p beside a larger mapping\n" },
	/* without a guard: taken where it is pointed at, and no other */
	{ 2,
	  { "0x7f0000000800" },
	  "2048 rw-p\nhole\n2048 rw-p\n",
	  "thread-stack 1 1 stack; the process has 2 threads\n"
	  "anon 1 rw-p 8 MiB\n" },
	/* two that merged */
	{ 3,
	  { "0x7f0000000800", "0x7f0000900000" },
	  "4096 rw-p\n",
	  "thread-stack 1 2 stacks; the process has 3 threads\n" },
	/* but not a heap that is much larger than stacks are, or that of Go */
	{ 2, { "0x7f0000000800" }, "40000 rw-p\n", "anon 1 rw-p 156.2 MiB\n" },
	{ 2,
	  { "0xc000000800" },
	  "at c000000000\n1024 rw-p\n",
	  "anon 1 rw-p 4 MiB\n" },
	/* with a guard a stack may have any size */
	{ 2,
	  { "0x7f0000001800" },
	  "1 ---p\n40001 rw-p\n",
	  "thread-stack 2 1 stack with its guard; the process has 2 "
	  "threads\n" },
	/* two threads on one stack, one on its guard, one nowhere */
	{ 4,
	  { "0x7f0000001800", "0x7f0000001900", "0x7f0000000000", "0x10" },
	  STACK "hole\n3 rw-p\n",
	  "thread-stack 2 1 stack with its guard; the process has 4 threads\n"
	  "anon 1 rw-p 12 KiB\n" },
	/* one thread has the stack of its process */
	{ 1,
	  { "0x7f0000001800" },
	  STACK,
	  "anon 1 rw-p 8 MiB\nguard 1 ---p beside a larger mapping\n" },
	/* words that no kernel writes */
	{ 2, { "", "7 0x0" }, "2048 rw-p\n", "anon 1 rw-p 8 MiB\n" },
};

static void put_thread(pid_t pid, unsigned int thread, const char *pointer)
{
	char path[64], text[200];

	snprintf(path, sizeof(path), "%d/task/%u/syscall", (int)pid, thread);
	if (pointer[0] == '0')
		snprintf(text, sizeof(text),
			 "202 0x7f 0x189 0x0 0x0 0x0 0xffffffff %s 0x7f11\n",
			 pointer);
	else
		snprintf(text, sizeof(text), "%s\n", pointer);
	scratch_text(path, text);
}

static void put_status(pid_t pid, unsigned int threads)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "%d/status", (int)pid);
	snprintf(text, sizeof(text), "Name:\tx\nThreads:\t%u\n", threads);
	scratch_text(path, text);
}

START_TEST(finds_by_stack_pointers)
{
	pid_t pid = 100 + _i;
	struct vmp_census *c;

	put_status(pid, living[_i].threads);
	for (unsigned int i = 0; i < 4 && living[_i].pointers[i]; i++)
		put_thread(pid, 1000 + i, living[_i].pointers[i]);
	c = census_of_process(pid, living[_i].text);
	expect_owners(c, living[_i].expected);
	ck_assert_uint_eq(vmp_census_subject(c)->threads, living[_i].threads);
	vmp_census_free(c);
}
END_TEST

static const uint64_t first = UINT64_C(0x7f0000000000);

#define SLOT (UINT64_C(1024) * 1024) /* from one pair to the next */

/* Pairs of a guard and 128 KiB, some of which are stacks of threads. */
static char *pairs(unsigned int count)
{
	char *text = NULL;
	FILE *out = text_open(&text);

	for (unsigned int i = 0; i < count; i++)
		fprintf(out, "at %" PRIx64 "\n1 ---p\n31 rw-p\n",
			first + SLOT * i);
	text_close(out);
	return text;
}

static void put_threads(pid_t pid, unsigned int count)
{
	char pointer[32];

	put_status(pid, count);
	for (unsigned int i = 0; i < count; i++) {
		snprintf(pointer, sizeof(pointer), "0x%" PRIx64,
			 first + SLOT * i + 8192);
		put_thread(pid, 1 + i, pointer);
	}
}

/* The threads that were not asked have stacks of the same size. */
START_TEST(asks_some_of_many_threads)
{
	VMP_FREE char *text = pairs(200);
	struct vmp_census *c;

	put_threads(200, 200);
	c = census_of_process(200, text);
	expect_owners(c, "thread-stack 400 200 stacks with their guards; the "
			 "process has 200 threads\n");
	vmp_census_free(c);
}
END_TEST

/* Stacks of a hundred sizes: those of some threads do not show the others'. */
START_TEST(asks_all_if_sizes_differ)
{
	VMP_FREE char *text = NULL;
	FILE *out = text_open(&text);
	struct vmp_census *c;

	for (unsigned int i = 0; i < 100; i++)
		fprintf(out, "at %" PRIx64 "\n1 ---p\n%u rw-p\n",
			first + SLOT * i, 2 + i);
	text_close(out);
	put_threads(202, 100);
	c = census_of_process(202, text);
	expect_owners(c, "thread-stack 200 100 stacks with their guards; the "
			 "process has 100 threads\n");
	vmp_census_free(c);
}
END_TEST

/*
 * Fibers have guarded stacks too: more than there are threads, and than would
 * be kept of ended ones (320 of 128 KiB). All threads are asked then.
 */
START_TEST(tells_threads_from_fibers)
{
	VMP_FREE char *text = pairs(1000);
	struct vmp_census *c;

	put_threads(201, 150);
	c = census_of_process(201, text);
	expect_owners(c, "anon 850 rw-p 124 KiB\n"
			 "guard 850 ---p beside a larger mapping\n"
			 "thread-stack 300 150 stacks with their guards; the "
			 "process has 150 threads\n");
	vmp_census_free(c);
}
END_TEST

/* And where no thread may be asked, nothing tells them. */
START_TEST(tells_no_thread_from_fibers)
{
	VMP_FREE char *text = pairs(1000);
	struct vmp_census *c;

	put_status(203, 150);
	c = census_of_process(203, text);
	expect_owners(c, "anon 1000 rw-p 124 KiB\n"
			 "guard 1000 ---p beside a larger mapping\n");
	vmp_census_free(c);
}
END_TEST

Suite *suite_stacks(void)
{
	Suite *suite = suite_create("stacks");
	TCase *stacks = tcase_create("stacks");

	tcase_add_unchecked_fixture(stacks, scratch_begin, scratch_end);
	tcase_add_loop_test(stacks, guesses_by_size, 0, VMP_COUNT(saved));
	tcase_add_loop_test(stacks, finds_by_stack_pointers, 0,
			    VMP_COUNT(living));
	tcase_add_test(stacks, asks_some_of_many_threads);
	tcase_add_test(stacks, asks_all_if_sizes_differ);
	tcase_add_test(stacks, tells_threads_from_fibers);
	tcase_add_test(stacks, tells_no_thread_from_fibers);
	suite_add_tcase(suite, stacks);
	return suite;
}
