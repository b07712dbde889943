// SPDX-License-Identifier: GPL-2.0-or-later
/* Logs of a JVM that has crashed: JDK 8 to 24. */
#include <errno.h>
#include <string.h>

#include "lib/maps.h"
#include "unit.h"

#define HEAD                                                              \
	"#\n# A fatal error has been detected by the Java Runtime "       \
	"Environment:\n#\n"                                               \
	"#  SIGSEGV (0xb) at pc=0x00007f3e558b3f14, pid=2576, tid=2577\n" \
	"# JRE version: OpenJDK Runtime Environment (17.0.9+9)\n#\n"
#define NO_MEMORY                                                      \
	"#\n# There is insufficient memory for the Java Runtime "      \
	"Environment to continue.\n# Native memory allocation (mmap) " \
	"failed to map 12288 bytes for committing reserved memory.\n"  \
	"#  Out of Memory Error (os_linux.cpp:2640), pid=7, tid=0x00007f\n"
#define THREADS                                                              \
	"Current thread (0x00007f01):  JavaThread \"main\" [_thread_in_vm, " \
	"id=2577, stack(0x00007febe1f00000,0x00007febe2000000)]\n\n"         \
	"Java Threads: ( => current thread )\n"                              \
	"=>0x00007f01 JavaThread \"main\" [_thread_in_vm, id=2577, "         \
	"stack(0x00007febe1f00000,0x00007febe2000000)]\n"                    \
	"  0x00007f02 JavaThread \"Finalizer\" daemon [_thread_blocked, "    \
	"id=2372, stack(0x00007febb8180000,0x00007febb8280000) (1024K)]\n"   \
	"  0x00007f03 JavaThread \"new\" [_thread_new, id=0, "               \
	"stack(0x0000000000000000,0x0000000000000000)]\n\n"                  \
	"Other Threads:\n"                                                   \
	"  0x00007f04 VMThread \"VM Thread\" "                               \
	"[stack: 0x00007febb8281000,0x00007febb8381000] [id=2371]\n\n"
#define LIMIT                                                             \
	"/proc/sys/vm/max_map_count (maximum number of memory map areas " \
	"a process may have):"
#define DYNAMIC "Dynamic libraries:\n"
#define HEAP "687400000-69f000000 rw-p 00000000 00:00 0 \n"
#define ARCHIVE "800000000-800001000 r-xp 00001000 fe:00 9 /jdk/classes.jsa\n"
#define JAVA "55c3228b8000-55c3228b9000 r-xp 00001000 fe:00 1835 /bin/java\n"
#define JVM "7febe2000000-7febe3000000 r-xp 0 fe:00 1836 /jdk/libjvm.so\n"
#define GATE "ffffffffff600000-ffffffffff601000 --xp 0 00:00 0 [vsyscall]\n"
#define ALL HEAP ARCHIVE JAVA JVM GATE

struct told {
	pid_t pid;
	const char *path, *kernel;
	int64_t limit;
	uint64_t threads;
};

static const struct {
	const char *text;
	int count;
	struct told told;
} logs[] = {
	/* JDK 17 */
	{ HEAD THREADS DYNAMIC ALL "\n\nVM Arguments:\n"
				   "uname: Linux 6.1.0-18-amd64 #1 SMP\n" LIMIT
				   " 65530\n",
	  5,
	  { .pid = 2576,
	    .path = "/bin/java",
	    .kernel = "6.1.0-18-amd64",
	    .limit = 65530,
	    .threads = 3 } },
	/* JDK 8: its values on lines of their own, no space */
	{ NO_MEMORY THREADS DYNAMIC ALL
	  "\n" LIMIT "\n262144\n\n\nuname:Linux 4.19.0-6-amd64\n",
	  5,
	  { .pid = 7,
	    .path = "/bin/java",
	    .kernel = "4.19.0-6-amd64",
	    .limit = 262144,
	    .threads = 3 } },
	/* JDK 23 tells the total */
	{ HEAD DYNAMIC HEAP JVM "Total number of mappings: 2\n",
	  2,
	  { .pid = 2576, .limit = -1 } },
	/* little is told */
	{ "# A fatal error has been detected by the Java Runtime Environment\n"
	  "uname: AIX 7\n" DYNAMIC HEAP "\n" LIMIT " <Not Available>\n" LIMIT,
	  1,
	  { .limit = -1 } },
	{ HEAD "stack(\nstack(0x\nstack(0x1,\nstack(0x1,0x\n"
	       "stack(0x10,0x1)\nstack(0x11111111111111111,0x2)\n"
	       "stack(0x1000,0x1008)\n" DYNAMIC HEAP "\n" LIMIT
	       " 99999999999999999999\n",
	  1,
	  { .pid = 2576, .limit = -1, .threads = 1 } },
	/* a second section is another log */
	{ HEAD DYNAMIC HEAP "\n" DYNAMIC JAVA "\n",
	  1,
	  { .pid = 2576, .limit = -1 } },
};

static void assert_notes(const struct vmp_notes *notes,
			 const struct told *expected)
{
	ck_assert_int_eq(notes->pid, expected->pid);
	ck_assert_str_eq(notes->command, "java");
	ck_assert_str_eq(notes->path ? notes->path : "",
			 expected->path ? expected->path : "");
	ck_assert_str_eq(notes->kernel ? notes->kernel : "",
			 expected->kernel ? expected->kernel : "");
	ck_assert_int_eq(notes->limit, expected->limit);
	ck_assert_uint_eq(notes->threads, expected->threads);
	ck_assert_uint_eq(notes->stack_count, expected->threads);
}

static void check(const char *text, size_t length, size_t i)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;

	ck_assert_int_eq(vmp_maps_open_text(ctx, text, length, &maps), 0);
	ck_assert_int_eq(vmp_maps_kind(maps), VMP_KIND_HS_ERR);
	assert_notes(vmp_maps_notes(maps), &logs[i].told);
	for (int k = 0; k < logs[i].count; k++)
		ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	vmp_maps_close(maps);
	vmp_free(ctx);
}

/* From a block of exactly this length, so that reading on is found. */
START_TEST(reads_log)
{
	size_t length = strlen(logs[_i].text);
	char *block = malloc(length);

	ck_assert_ptr_nonnull(block);
	memcpy(block, logs[_i].text, length);
	check(block, length, (size_t)_i);
	free(block);
}
END_TEST

START_TEST(reads_crlf)
{
	const char *text = logs[_i].text;
	char *block = malloc(2 * strlen(text) + 1), *to = block;

	ck_assert_ptr_nonnull(block);
	for (; *text; text++) {
		if (*text == '\n')
			*to++ = '\r';
		*to++ = *text;
	}
	check(block, (size_t)(to - block), (size_t)_i);
	free(block);
}
END_TEST

START_TEST(reads_file)
{
	struct vmp_ctx *ctx = vmp_new();
	const struct vmp_notes *notes;
	struct vmp_mapping m;
	struct vmp_maps *maps;
	char path[256];

	scratch_text("hs_err_pid2576.log", logs[0].text);
	snprintf(path, sizeof(path), "%s/hs_err_pid2576.log", scratch_root());
	ck_assert_int_eq(vmp_maps_open_file(ctx, path, &maps), 0);
	notes = vmp_maps_notes(maps);
	ck_assert_uint_eq(notes->stacks[0], 0x00007febb8280000 - 16);
	ck_assert_uint_eq(notes->stacks[1], 0x00007febb8381000 - 16);
	ck_assert_uint_eq(notes->stacks[2], 0x00007febe2000000 - 16);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
		ck_assert_int_eq(m.counted, i < 4);
	}
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

/* What cannot be read, and the place that is told. */
static const struct {
	const char *text, *words;
} wrong[] = {
	{ HEAD, "no section \"Dynamic libraries\"" },
	{ HEAD DYNAMIC, "or nothing in it" },
	{ HEAD DYNAMIC "\n\n", "or nothing in it" },
	{ HEAD DYNAMIC "Can not get library information for pid = 7\n",
	  "or nothing in it" },
	{ HEAD DYNAMIC HEAP "7febe2000000-7febe30", "line 9: \"7febe" },
	{ HEAD DYNAMIC HEAP "55c3228b8000-55c3228b9000 r-xp 0 0:0 0 /bin/ja",
	  "the text ends in it" },
	{ HEAD DYNAMIC HEAP "\r7\n\n", "line 9" },
	{ HEAD DYNAMIC HEAP "[timeout occurred during error reporting]\n\n",
	  "line 9: \"[timeout" },
	{ HEAD DYNAMIC JAVA HEAP "\n", "line 9: 0x687400000 is below" },
};

START_TEST(refuses_wrong)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;
	int rc = vmp_maps_open_text(ctx, wrong[_i].text, strlen(wrong[_i].text),
				    &maps);

	if (rc == 0) {
		while ((rc = vmp_maps_next(maps, &m)) > 0)
			;
		vmp_maps_close(maps);
	}
	ck_assert_int_eq(rc, -EBADMSG);
	assert_holds(vmp_error(ctx), wrong[_i].words);
	vmp_free(ctx);
}
END_TEST

/* Cut anywhere: no mappings yet, an error in the last line, or all right. */
START_TEST(reads_each_prefix)
{
	const char *text = logs[0].text;
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;
	size_t length = strlen(text);
	int rc;

	for (size_t i = 0; i < length; i++) {
		VMP_FREE char *block = malloc(i + !i);

		ck_assert_ptr_nonnull(block);
		memcpy(block, text, i);
		rc = vmp_maps_open_text(ctx, block, i, &maps);
		if (rc == 0) {
			while ((rc = vmp_maps_next(maps, &m)) > 0)
				;
			vmp_maps_close(maps);
		}
		ck_assert(rc == 0 || rc == -EBADMSG);
	}
	vmp_free(ctx);
}
END_TEST

Suite *suite_hs_err(void)
{
	Suite *suite = suite_create("hs-err");
	TCase *text = tcase_create("text");
	TCase *file = tcase_create("file");

	tcase_add_loop_test(text, reads_log, 0, VMP_COUNT(logs));
	tcase_add_loop_test(text, reads_crlf, 0, VMP_COUNT(logs));
	tcase_add_loop_test(text, refuses_wrong, 0, VMP_COUNT(wrong));
	tcase_add_test(text, reads_each_prefix);
	suite_add_tcase(suite, text);
	tcase_add_unchecked_fixture(file, scratch_begin, scratch_end);
	tcase_add_test(file, reads_file);
	suite_add_tcase(suite, file);
	return suite;
}
