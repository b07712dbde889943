// SPDX-License-Identifier: GPL-2.0-or-later
/* Saved maps and smaps: from files, pipes and memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/maps.h"
#include "unit.h"

/* Open a file of the scratch tree. */
static int open_scratch(struct vmp_ctx *ctx, const char *name,
			struct vmp_maps **maps)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", scratch_root(), name);
	return vmp_maps_open_file(ctx, path, maps);
}

static int open_text(struct vmp_ctx *ctx, const char *text,
		     struct vmp_maps **maps)
{
	return vmp_maps_open_text(ctx, text, strlen(text), maps);
}

/* Walk to the end. Returns: how many, or a negative errno. */
static int walk(struct vmp_maps *maps)
{
	struct vmp_mapping m;
	int rc, count = 0;

	while ((rc = vmp_maps_next(maps, &m)) > 0)
		count++;
	vmp_maps_close(maps);
	return rc < 0 ? rc : count;
}

#define FIRST "1000-2000 rw-p 00000000 00:00 0 "
#define SECOND "2000-3000 r--p 00001000 fe:00 12                         /a"
#define HEAD "# A fatal error has been detected by the Java Runtime Environment"

/* What a text is, and how many mappings it has; or the words of its error. */
static const struct {
	const char *text;
	enum vmp_kind kind;
	int count;
	const char *words;
} texts[] = {
	{ FIRST "\n" SECOND "\n", VMP_KIND_MAPS, 2, NULL },
	{ FIRST "\n" SECOND, VMP_KIND_MAPS, 2, NULL },
	{ FIRST, VMP_KIND_MAPS, 1, NULL },
	{ FIRST "\n\n\n", VMP_KIND_MAPS, 1, NULL },
	{ FIRST "\n\n" SECOND "\n", VMP_KIND_MAPS, 2, NULL },
	{ FIRST "\r\n" SECOND "\r\n", VMP_KIND_MAPS, 2, NULL },
	{ FIRST "\r\n" SECOND "\r\n\r\n\r\n", VMP_KIND_MAPS, 2, NULL },
	{ FIRST "\r\n" SECOND, VMP_KIND_MAPS, 2, NULL },
	{ "1000-2000 rw-p 00000000 00:00 0\r\n", VMP_KIND_MAPS, 1, NULL },
	{ FIRST "\nRss: 4 kB\n" SECOND "\nRss: 4 kB\n", VMP_KIND_SMAPS, 2,
	  NULL },
	{ FIRST "\r\nRss: 4 kB\r\n" SECOND "\r\n", VMP_KIND_SMAPS, 2, NULL },
	{ FIRST "\nA", VMP_KIND_SMAPS, 1, NULL },
	/* at the opening */
	{ "", 0, -1, "text is empty" },
	{ "\n", 0, -1, "line 1: neither" },
	{ "what\n", 0, -1, "line 1: neither" },
	{ "Rss: 4 kB\n", 0, -1, "line 1: neither" },
	{ "1000-2000 rw-p 00000000 00:0", 0, -1, "line 1: neither" },
	{ "\177ELF", 0, -1, "has to be a file" },
	{ HEAD "\n", 0, -1, "Dynamic libraries" },
	/* on the way */
	{ FIRST "\n2000-3000 r--p 000\n", VMP_KIND_MAPS, -1,
	  "line 2: \"2000-" },
	{ FIRST "\n2000-30", VMP_KIND_MAPS, -1, "the text ends in it" },
	{ FIRST "\n\n\n2000\n", VMP_KIND_MAPS, -1, "line 4: \"2000\" is no" },
	{ FIRST "\r\nx", VMP_KIND_MAPS, -1, "line 2: \"x\" is no" },
	{ FIRST "\n" SECOND "\nRss: 4 kB\n", VMP_KIND_MAPS, -1, "line 3" },
	{ FIRST "\nRss: 4 kB\n2000-3000 r", VMP_KIND_SMAPS, -1, "line 3" },
	{ FIRST "\nRss: 4 kB\nrss: 4 kB\n", VMP_KIND_SMAPS, -1, "line 3" },
	{ SECOND "\n" FIRST "\n", VMP_KIND_MAPS, -1,
	  "line 2: 0x1000 is below the end" },
	{ FIRST "\n1800-2800 rw-p 0 0:0 0\n", VMP_KIND_MAPS, -1, "line 2" },
	{ FIRST "\n10000000000000000-20000000000000000 r--p 0 0:0 0\n",
	  VMP_KIND_MAPS, -1, "line 2" },
};

static void check_text(struct vmp_ctx *ctx, int rc, struct vmp_maps *maps,
		       size_t i)
{
	if (rc == 0) {
		ck_assert_int_eq(vmp_maps_kind(maps), texts[i].kind);
		rc = walk(maps);
	}
	ck_assert_int_eq(rc, texts[i].words ? -EBADMSG : texts[i].count);
	if (texts[i].words)
		assert_holds(vmp_error(ctx), texts[i].words);
}

/* In a block of exactly its length, so that reading on is found. */
START_TEST(reads_text)
{
	size_t length = strlen(texts[_i].text);
	char *block = malloc(length + !length);
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps = NULL;
	int rc;

	ck_assert_ptr_nonnull(block);
	memcpy(block, texts[_i].text, length);
	rc = vmp_maps_open_text(ctx, block, length, &maps);
	check_text(ctx, rc, maps, (size_t)_i);
	vmp_free(ctx);
	free(block);
}
END_TEST

/* The same from a file; what an ELF file says is another matter. */
START_TEST(reads_file)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps = NULL;
	int rc;

	if (texts[_i].text[0] != '\177' && texts[_i].text[0]) {
		scratch_text("saved", texts[_i].text);
		rc = open_scratch(ctx, "saved", &maps);
		check_text(ctx, rc, maps, (size_t)_i);
	}
	vmp_free(ctx);
}
END_TEST

START_TEST(keeps_names)
{
	static const char text[] = "1000-2000 r--p 0 0:0 5 /two\\012lines\r\n"
				   "2000-3000 r--p 0 0:0 5 /a b (deleted)\r\n"
				   "3000-4000 --xp 0 0:0 0 [vsyscall]\r\n";
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;

	ck_assert_int_eq(open_text(ctx, text, &maps), 0);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_uint_eq(m.name_length, strlen("/two\\012lines"));
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_uint_eq(m.name_length, strlen("/a b (deleted)"));
	ck_assert(m.counted);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert(!m.counted);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	ck_assert(!vmp_maps_ended(maps));
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

/* Attributes in any order, some unknown, a flag that is. */
START_TEST(reads_attributes)
{
	static const char text[] = FIRST "\nVmFlags: wr zz rd\nSize: 4 kB\n"
					 "Anonymous: 4 kB\nXyz: what\n"
					 "Rss: 99999999999999999999 kB\n"
					 "ProtectionKey: 7\n" SECOND "\n"
					 "Swap: 8 kB\nAnonymousHuge: 4 kB\n"
					 "VmFlags:\nPss: 4 kB\n"
					 "3000-4000 ---p 0 0:0 0\nSize: 4 kB\n";
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;

	ck_assert_int_eq(open_text(ctx, text, &maps), 0);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert(m.has_flags && m.anonymous);
	ck_assert_uint_eq(m.key, 7);
	ck_assert_uint_eq(m.flags, UINT64_C(1) << 63 | 1 << 0 | 1 << 1);
	ck_assert_str_eq(vmp_flag_name(0), "rd");
	ck_assert_str_eq(vmp_flag_name(63), "??");
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert(m.has_flags && m.anonymous && !m.flags);
	ck_assert_uint_eq(m.key, 0);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert(!m.has_flags && !m.anonymous);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

/* The same of a process, where a line without its end was cut. */
START_TEST(reads_process_smaps)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_mapping m;
	struct vmp_maps *maps;

	scratch_text("7/smaps", FIRST "\nSwap: 8 kB\nVmFlags: wr \n" SECOND);
	ck_assert_int_eq(vmp_smaps_open(ctx, 7, &maps), 0);
	ck_assert_int_eq(vmp_maps_kind(maps), VMP_KIND_PROCESS);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert(m.has_flags && m.anonymous && m.flags == 1 << 1);
	ck_assert_int_eq(vmp_maps_next(maps, &m), -EBADMSG);
	assert_holds(vmp_error(ctx), "smaps of process 7, line 4");
	vmp_maps_close(maps);
	ck_assert_int_eq(vmp_smaps_open(ctx, 8, &maps), -ESRCH);
	vmp_free(ctx);
}
END_TEST

/* A first line of every length about those of the buffer, then smaps. */
START_TEST(tells_smaps_behind_long_line)
{
	enum { MOST = 200000 };
	static const int lengths[] = { 4094,   4095,   4096,   4097,  131070,
				       131071, 131072, 131073, 199999 };
	static char text[MOST + 100];
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;
	size_t before = strlen(FIRST), length = (size_t)lengths[_i];

	memcpy(text, FIRST, before);
	memset(text + before, 'n', length - before);
	strcpy(text + length, "\nSize: 4 kB\nVmFlags: rd\n");
	scratch_text("long", text);
	ck_assert_int_eq(open_scratch(ctx, "long", &maps), 0);
	ck_assert_int_eq(vmp_maps_kind(maps), VMP_KIND_SMAPS);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
	ck_assert_uint_eq(m.name_length, length - before);
	ck_assert_mem_eq(m.name, text + before, m.name_length);
	ck_assert(m.has_flags);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

/* What goes on and on is given up, and memory is not filled with it. */
START_TEST(gives_up_endless_line)
{
	enum { SIZE = 40 * 1024 * 1024 };
	char *text = malloc(SIZE);
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;

	ck_assert_ptr_nonnull(text);
	memset(text, 'n', SIZE);
	scratch_write("endless", text, SIZE);
	ck_assert_int_eq(open_scratch(ctx, "endless", &maps), -EBADMSG);
	assert_holds(vmp_error(ctx), "endless, line 1: neither");
	memcpy(text, FIRST, strlen(FIRST));
	scratch_write("endless", text, SIZE);
	ck_assert_int_eq(open_scratch(ctx, "endless", &maps), -EBADMSG);
	assert_holds(vmp_error(ctx), "line 1: goes on for more than 16 MiB");
	vmp_free(ctx);
	free(text);
}
END_TEST

START_TEST(passes_open_errors_on)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;

	ck_assert_int_eq(open_scratch(ctx, "none", &maps), -ENOENT);
	assert_holds(vmp_error(ctx), "/none: No such file");
	ck_assert_int_eq(open_scratch(ctx, ".", &maps), -EISDIR);
	assert_holds(vmp_error(ctx), "Is a directory");
	scratch_text("empty", "");
	ck_assert_int_eq(open_scratch(ctx, "empty", &maps), -EBADMSG);
	assert_holds(vmp_error(ctx), "empty is empty");
	scratch_text("saved", FIRST "\n");
	ck_assert_int_eq(open_scratch(ctx, "saved/none", &maps), -ENOTDIR);
	vmp_free(ctx);
}
END_TEST

START_TEST(tells_unreadable)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps = NULL;
	char path[256];
	int rc;

	scratch_text("secret", FIRST "\n");
	snprintf(path, sizeof(path), "%s/secret", scratch_root());
	ck_assert_int_eq(chmod(path, 0), 0);
	rc = vmp_maps_open_file(ctx, path, &maps);
	if (rc == 0) /* root reads all */
		vmp_maps_close(maps);
	else
		ck_assert_int_eq(rc, -EACCES);
	vmp_free(ctx);
}
END_TEST

/* A pipe in place of standard input, with all that is written there. */
static int open_pipe(struct vmp_ctx *ctx, const char *text, size_t length,
		     struct vmp_maps **maps)
{
	int ends[2], saved = dup(0), rc;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(write(ends[1], text, length), (ssize_t)length);
	close(ends[1]);
	dup2(ends[0], 0);
	close(ends[0]);
	rc = vmp_maps_open_file(ctx, "-", maps);
	if (saved >= 0) {
		dup2(saved, 0);
		close(saved);
	}
	return rc;
}

START_TEST(reads_standard_input)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;

	ck_assert_int_eq(
		open_pipe(ctx, FIRST "\nwhat", strlen(FIRST) + 1, &maps), 0);
	ck_assert_int_eq(walk(maps), 1);
	ck_assert_int_eq(open_pipe(ctx, "", 0, &maps), -EBADMSG);
	assert_holds(vmp_error(ctx), "standard input is empty");
	ck_assert_int_eq(
		open_pipe(ctx, FIRST "\nwhat", strlen(FIRST) + 5, &maps), 0);
	ck_assert_int_eq(walk(maps), -EBADMSG);
	assert_holds(vmp_error(ctx), "standard input, line 2: \"what\"");
	vmp_free(ctx);
}
END_TEST

/* A child writes: opening one end of a FIFO waits for the other. */
START_TEST(reads_named_pipe)
{
	static const char text[] = FIRST "\n" SECOND "\n";
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;
	char path[256];
	int fd, status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/pipe", scratch_root());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	pid = fork();
	if (pid == 0) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		_exit(write(fd, text, 5) != 5 ||
		      write(fd, text + 5, strlen(text) - 5) < 0);
	}
	ck_assert_int_eq(vmp_maps_open_file(ctx, path, &maps), 0);
	ck_assert_int_eq(walk(maps), 2);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	vmp_free(ctx);
}
END_TEST

Suite *suite_saved(void)
{
	Suite *suite = suite_create("saved");
	TCase *texts_case = tcase_create("texts");
	TCase *files = tcase_create("files");

	tcase_add_loop_test(texts_case, reads_text, 0, VMP_COUNT(texts));
	tcase_add_test(texts_case, keeps_names);
	tcase_add_test(texts_case, reads_attributes);
	suite_add_tcase(suite, texts_case);
	tcase_add_unchecked_fixture(files, scratch_begin, scratch_end);
	tcase_add_loop_test(files, reads_file, 0, VMP_COUNT(texts));
	tcase_add_loop_test(files, tells_smaps_behind_long_line, 0, 9);
	tcase_add_test(files, gives_up_endless_line);
	tcase_add_test(files, reads_process_smaps);
	tcase_add_test(files, passes_open_errors_on);
	tcase_add_test(files, tells_unreadable);
	tcase_add_test(files, reads_standard_input);
	tcase_add_test(files, reads_named_pipe);
	suite_add_tcase(suite, files);
	return suite;
}
