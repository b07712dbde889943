// SPDX-License-Identifier: GPL-2.0-or-later
/* Recordings: calls in, the text of a scenario out, which parses and plans. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/plan.h"
#include "trace/record-inside.h"
#include "unit.h"

/* A process that there is not: nothing of it is read. */
enum { NOBODY = 0x7ffffff0 };

#define BASE UINT64_C(0x7f0000000000)

static struct vmp_recorder *recorder;
static char *text;
static size_t text_length;

static void begin(void)
{
	recorder = vmp_recorder_new();
	ck_assert_ptr_nonnull(recorder);
	vmp_recorder_exec(recorder, NOBODY);
}

static void end(void)
{
	vmp_recorder_free(recorder);
	free(text);
	text = NULL;
}

static const struct vmp_syscall *row(const char *name)
{
	for (size_t i = 0; i < vmp_syscall_count; i++)
		if (!strcmp(vmp_syscalls[i].name, name))
			return &vmp_syscalls[i];
	ck_abort_msg("no row %s", name);
}

static void tell(const char *name, int error, uint64_t result,
		 const uint64_t *arguments, const struct vmp_frame *site)
{
	struct vmp_trace_call call = {
		.pid = NOBODY,
		.tid = NOBODY,
		.row = row(name),
		.result = error && strcmp(name, "brk") != 0 ? -error
							    : (int64_t)result,
		.error = error,
		.failed = error == ENOMEM || error == EAGAIN,
		.mappings = error ? 65530 : -1,
		.change = VMP_CHANGE_UNKNOWN,
		.diagnosis = { .cause = VMP_CAUSE_MAP_COUNT },
	};

	memcpy(call.arguments, arguments, sizeof(call.arguments));
	ck_assert_int_eq(vmp_recorder_call(recorder, &call, site), 0);
}

#define CALL(name, error, result, ...)                                      \
	tell(name, error, result, (uint64_t[VMP_ARGUMENTS]){ __VA_ARGS__ }, \
	     NULL)

/* A place in the program, by pages. */
static uint64_t at(uint64_t page)
{
	return BASE + page * vmp_record_page();
}

static uint64_t pages(uint64_t count)
{
	return count * vmp_record_page();
}

static void map_at(uint64_t page, uint64_t count)
{
	CALL("mmap", 0, at(page), 0, pages(count), PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0);
}

static void unmap_at(uint64_t page, uint64_t count, int error)
{
	CALL("munmap", error, 0, at(page), pages(count));
}

static void protect_at(uint64_t page, uint64_t count, int error)
{
	CALL("mprotect", error, 0, at(page), pages(count), PROT_NONE);
}

/* What is written parses, and can be planned on a machine like any other. */
static void check_text(void)
{
	struct vmp_limits limits = {
		.max_map_count = 65530,
		.page_bytes = vmp_record_page(),
		.available_bytes = UINT64_C(16) << 30,
		.cgroup_available_bytes = VMP_UNLIMITED,
	};
	struct vmp_scenario *s = parse_text(text);
	struct vmp_scenario_error error = { 0 };
	struct vmp_plan plan;
	char reason[768];

	ck_assert_msg(vmp_plan_init(&plan, s, &limits, 27, 10, &error) == 0,
		      "%u: %s in:\n%.3000s", error.line, error.text, text);
	ck_assert(vmp_plan_fits(&plan, &limits, reason, sizeof(reason)));
	vmp_plan_fini(&plan);
	vmp_scenario_free(s);
}

static void write_text(const char *command)
{
	FILE *f = open_memstream(&text, &text_length);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(vmp_recorder_write(recorder, command, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	check_text();
}

static size_t count_steps(void)
{
	struct vmp_scenario *s = parse_text(text);
	size_t count = s->step_count;

	vmp_scenario_free(s);
	return count;
}

START_TEST(writes_a_loop_as_one_line)
{
	for (uint64_t i = 65530; i > 0; i--)
		map_at(i, 1);
	for (uint64_t i = 65530; i > 0; i -= 2)
		unmap_at(i, 1, i < 100 ? ENOMEM : 0);
	write_text("interleave");
	assert_holds(text, "\nplace memory at=65530p length=1p stride=-1p "
			   "count=65530 prot=rw\n");
	assert_holds(text, "\nunmap memory at=65530p length=1p stride=-2p "
			   "count=32765\n"
			   "expect it fails ENOMEM because map-count # first "
			   "in call 32717, 49 in all\n");
	assert_holds(text, "\nfill leave=min(headroom, ");
	ck_assert_uint_eq(count_steps(), 4);
}
END_TEST

START_TEST(writes_a_round_as_turns)
{
	for (uint64_t i = 0; i < 100; i++) {
		map_at(20 * i, 17);
		protect_at(20 * i, 1, i == 90 ? ENOMEM : 0);
		unmap_at(20 * i + 16, 1, 0);
	}
	map_at(4000, 17);
	write_text("threads");
	assert_holds(text, "\nplace memory at=1p length=17p stride=20p "
			   "count=100 prot=rw\n"
			   "and protect memory at=1p length=1p stride=20p "
			   "count=100 prot=none\n"
			   "expect it fails ENOMEM because map-count # first "
			   "in call 91, 1 in all\n"
			   "and unmap memory at=17p length=1p stride=20p "
			   "count=100\n");
	ck_assert_uint_eq(count_steps(), 6);
}
END_TEST

/* The same block again and again: the stride is 0. */
START_TEST(writes_a_standing_loop)
{
	for (uint64_t i = 0; i < 1000; i++) {
		map_at(7, 33);
		unmap_at(7, 33, 0);
	}
	write_text("standing");
	assert_holds(text,
		     "\nplace memory at=1p length=33p stride=0 count=1000");
	assert_holds(text, "\nand unmap memory at=1p length=33p stride=0 "
			   "count=1000\n");
	assert_holds(text, "\nexpect place succeeds\nexpect unmap succeeds\n");
}
END_TEST

START_TEST(breaks_a_round_off)
{
	for (uint64_t i = 0; i < 10; i++) {
		map_at(20 * i, 5);
		if (i < 9)
			unmap_at(20 * i, 1, 0);
	}
	write_text("broken");
	assert_holds(text, "stride=20p count=10 prot=rw\nand unmap");
	assert_holds(text, "stride=20p count=9\n");
}
END_TEST

static const struct {
	const char *name;
	int error;
	uint64_t result;
	uint64_t arguments[VMP_ARGUMENTS];
	const char *line;
} calls[] = {
	{ "mmap",
	  0,
	  BASE,
	  { 0, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	    UINT64_MAX, 0 },
	  "place memory at=1p length=1p prot=none noreserve=yes" },
	{ "mmap",
	  0,
	  BASE,
	  { 0, 100, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, UINT64_MAX, 0 },
	  "place memory at=1p length=100 prot=r backing=shared" },
	{ "mmap",
	  0,
	  BASE,
	  { BASE, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, 77,
	    8192 },
	  "place memory at=1p length=1p prot=rx backing=private-file "
	  "file-offset=2p" },
	{ "mmap",
	  ENOMEM,
	  0,
	  { 0, 8192, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, UINT64_MAX, 0 },
	  "map more1 length=2p prot=rw stack=yes\nexpect it fails ENOMEM "
	  "because map-count" },
	{ "mmap",
	  ENOMEM,
	  0,
	  { BASE, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
	    UINT64_MAX, 0 },
	  "place memory at=1p length=2p prot=r\nexpect it fails ENOMEM" },
	{ "mremap",
	  0,
	  BASE,
	  { BASE, 4096, 8192, MREMAP_MAYMOVE },
	  "resize memory at=1p length=1p size=2p\n" },
	{ "mremap",
	  0,
	  BASE,
	  { BASE, 8192, 4096, 0 },
	  "resize memory at=1p length=2p size=1p stay=yes\n" },
	{ "mremap",
	  0,
	  BASE + 0x10000,
	  { BASE, 4096, 8192, MREMAP_MAYMOVE },
	  "resize memory at=1p length=1p size=2p onto=17p\n" },
	{ "mremap",
	  0,
	  BASE + 0x10000,
	  { BASE, 4096, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, BASE + 0x10000 },
	  "relocate memory at=1p length=1p size=2p onto=17p\n" },
	{ "mremap",
	  ENOMEM,
	  0,
	  { 0, 4096, 4096, MREMAP_MAYMOVE | 4, 0x10000 },
	  "relocate memory at=1p length=1p size=1p onto=17p keep=yes\n"
	  "expect it fails ENOMEM because map-count" },
	{ "mremap",
	  ENOMEM,
	  0,
	  { BASE, 4096, 8192, MREMAP_MAYMOVE },
	  "resize memory at=1p length=1p size=2p\nexpect it fails ENOMEM" },
	{ "madvise",
	  EAGAIN,
	  0,
	  { BASE, 4096, MADV_DONTFORK },
	  "advise memory at=1p length=1p advice=dontfork\n"
	  "expect it fails EAGAIN because map-count" },
	{ "madvise",
	  0,
	  0,
	  { BASE, 4096, 102 },
	  "advise memory at=1p length=1p advice=guard-install\n" },
	{ "pkey_mprotect",
	  0,
	  0,
	  { BASE, 4096, PROT_WRITE, UINT64_MAX },
	  "protect memory at=1p length=1p prot=w\n" },
	/* what begins within a page concerns all of it */
	{ "mlock", 0, 0, { BASE + 5, 10 }, "lock memory at=1p length=15\n" },
	{ "munlock", 0, 0, { BASE, 4096 }, "unlock memory at=1p length=1p\n" },
	{ "mseal", 0, 0, { BASE, 4096, 0 }, "seal memory at=1p length=1p\n" },
	{ "clone", 0, 99, { 17, 0 }, "fork\n" },
};

START_TEST(writes_call)
{
	if (vmp_record_page() != 4096)
		return;
	tell(calls[_i].name, calls[_i].error, calls[_i].result,
	     calls[_i].arguments, NULL);
	write_text("call");
	assert_holds(text, calls[_i].line);
}
END_TEST

START_TEST(follows_the_break)
{
	CALL("brk", 0, at(0), 0);
	CALL("brk", 0, at(33), at(33));
	CALL("brk", 0, at(20) + 5, at(20) + 5);
	CALL("brk", 0, at(0), 0);
	write_text("heap");
	assert_holds(text, "place memory at=1p length=33p prot=rw\n");
	assert_holds(text, "unmap memory at=22p length=12p\n");
}
END_TEST

START_TEST(asks_for_a_break_that_failed)
{
	CALL("brk", 0, at(0), 0);
	CALL("brk", ENOMEM, at(0), at(16));
	write_text("heap");
	assert_holds(text, "\nbrk size=16p\nexpect it fails ENOMEM");
}
END_TEST

/* Threads and borrowed memory are no copies; the rest is counted. */
START_TEST(leaves_out)
{
	CALL("clone", 0, 5, 0x100, 0);
	CALL("munmap", EINVAL, 0, 1, 2);
	CALL("mmap", EEXIST, 0, BASE, 4096, 0,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, UINT64_MAX, 0);
	CALL("mbind", 0, 0, BASE, 4096);
	CALL("mlockall", 0, 0, 1);
	CALL("mmap", 0, BASE, 0, 2 << 20, 3,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, UINT64_MAX, 0);
	map_at(0, 1);
	write_text("left");
	assert_holds(text, "# 3 calls are not replayed, for want of a verb: "
			   "mmap, mlockall, mbind.\n");
	assert_holds(text, "# 2 calls are left out that failed for other "
			   "reasons");
	ck_assert_uint_eq(count_steps(), 2);
}
END_TEST

START_TEST(writes_nothing_without_a_call)
{
	FILE *f = open_memstream(&text, &text_length);

	ck_assert_int_eq(vmp_recorder_write(recorder, "true", f), -ENOENT);
	fclose(f);
}
END_TEST

/* Names come from outside. */
START_TEST(escapes)
{
	struct vmp_frame frame = { .address = 1,
				   .function = "f\nunmap all",
				   .file = "a\033[2Jb.c",
				   .line = 3 };
	uint64_t arguments[VMP_ARGUMENTS] = { BASE, 4096 };

	tell("munmap", 0, 0, arguments, &frame);
	write_text("sh -c \nexpect it fails\r\xff\t");
	assert_holds(text, "# The memory calls of: sh -c \\x0aexpect it "
			   "fails\\x0d\\xff\\x09\n");
	assert_holds(text, "\n# f\\x0aunmap all (a\\x1b[2Jb.c:3)\n");
}
END_TEST

/* A wide gap stays a gap and gets small; a narrow one stays as it is. */
START_TEST(cuts_wide_gaps)
{
	uint64_t far = UINT64_C(1) << 40;

	map_at(0, 1);
	map_at(1000, 1);
	CALL("munmap", 0, 0, BASE + far, pages(1));
	write_text("far");
	assert_holds(text, "place memory at=1p ");
	assert_holds(text, "place memory at=1001p ");
	ck_assert_ptr_null(strstr(text, "at=268435457p"));
	assert_holds(text, "area memory length=5100p\n");
}
END_TEST

/* What is told of a child that has no program of its own. */
START_TEST(writes_the_one_that_failed_first)
{
	struct vmp_trace_call call = { .pid = NOBODY + 1,
				       .row = row("munmap"),
				       .error = ENOMEM,
				       .failed = true,
				       .result = -ENOMEM,
				       .mappings = 3,
				       .arguments = { BASE, 4096 },
				       .diagnosis.cause = VMP_CAUSE_MAP_COUNT };

	for (uint64_t i = 0; i < 10; i++)
		map_at(i, 1);
	ck_assert_int_eq(vmp_recorder_call(recorder, &call, NULL), 0);
	vmp_recorder_exit(recorder, NOBODY);
	write_text("fork");
	assert_holds(text, "# First failure: munmap, ENOMEM, map-count, with "
			   "3 mappings");
	assert_holds(text, "\nunmap memory at=1p length=1p\nexpect it fails");
}
END_TEST

/* A recording that gets too long begins anew, unless it has failed. */
START_TEST(stays_short)
{
	uint64_t seed = 1;

	for (uint64_t i = 0; i < 50000; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		map_at((seed >> 40) % 100000, 1 + (seed >> 33) % 7);
	}
	write_text("long");
	assert_holds(text, "# The recording begins in the course of the "
			   "program");
	ck_assert_uint_lt(count_steps(), 20100);
}
END_TEST

START_TEST(ends_when_too_much_fails)
{
	for (uint64_t i = 0; i < 3000; i++)
		unmap_at(i * i, 1, ENOMEM);
	write_text("failing");
	assert_holds(text, " lines more are left out: too many of them fail.");
	ck_assert_uint_lt(count_steps(), 600);
}
END_TEST

/* Loops are cut where a recording begins in their midst. */
START_TEST(cuts_loops)
{
	struct vmp_loops *l = calloc(1, sizeof(*l));
	struct vmp_op op = { .length = 1 };
	struct vmp_record_line *lines;
	size_t count;

	ck_assert_ptr_nonnull(l);
	for (uint64_t i = 0; i < 30; i++) {
		op.verb = i % 3 ? i % 3 == 1 ? VMP_OP_LOCK : VMP_OP_UNMAP
				: VMP_OP_PLACE;
		op.address = 100 * i;
		op.error = i >= 24 ? ENOMEM : 0;
		ck_assert_int_eq(vmp_loops_add(l, &op), 0);
	}
	ck_assert_int_eq(vmp_loops_end(l), 0);
	ck_assert_uint_eq(l->count, 3);
	ck_assert_int_eq(vmp_loops_from(l, 7, &lines, &count), 0);
	ck_assert_uint_eq(count, 3);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(lines[i].op.number, 7 + i);
		ck_assert_uint_eq(lines[i].op.address, 100 * (7 + i));
		ck_assert_int_eq(lines[i].takes_turns, i > 0);
		ck_assert_uint_eq(lines[i].op.number + 3 * (lines[i].count - 1),
				  lines[i].op.verb == VMP_OP_PLACE  ? 27
				  : lines[i].op.verb == VMP_OP_LOCK ? 28
								    : 29);
		ck_assert_uint_eq(lines[i].first_failure, lines[i].count - 2);
	}
	free(lines);
	ck_assert_int_eq(vmp_loops_from(l, 29, &lines, &count), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert(!lines[0].takes_turns);
	free(lines);
	vmp_loops_clear(l);
	free(l);
}
END_TEST

/* Files do not touch each other; one that grew too much has a new place. */
START_TEST(places_files)
{
	struct vmp_files files = { 0 };
	uint64_t a, b, again;

	for (uint64_t i = 1; i <= 1000; i++) {
		ck_assert_int_eq(
			vmp_files_place(&files, 8, i, 5000, 4096, 4096, &a), 0);
		ck_assert_uint_eq(a, (i - 1) * (2 << 20) + 4096);
	}
	ck_assert_int_eq(vmp_files_place(&files, 8, 7, 5000, 8192, 4096, &b),
			 0);
	ck_assert_uint_eq(b, 6 * (2 << 20) + 8192);
	ck_assert_int_eq(vmp_files_place(&files, 8, 7, 9 << 20, 8 << 20, 4096,
					 &again),
			 0);
	ck_assert_uint_ge(again, 1000 * (2 << 20));
	vmp_files_clear(&files);
}
END_TEST

static void write_layout(const char *maps)
{
	struct vmp_ctx *ctx = vmp_new();
	char reason[300], path[300];
	FILE *f = open_memstream(&text, &text_length);

	scratch_text("saved", maps);
	snprintf(path, sizeof(path), "%s/saved", scratch_root());
	ck_assert_msg(vmp_record_layout(ctx, 0, path, f, reason,
					sizeof(reason)) == 0,
		      "%s", reason);
	fclose(f);
	vmp_free(ctx);
	check_text();
}

START_TEST(writes_a_layout)
{
	if (vmp_record_page() != 4096)
		return;
	write_layout(
		"10000-11000 r--p 00000000 fe:00 11 /bin/a\n"
		"11000-12000 r-xp 00001000 fe:00 11 /bin/a\n"
		"20000-30000 rw-p 00000000 00:00 0 [heap]\n"
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 5 "
		"/dev/zero (deleted)\n"
		"7f0000002000-7f0000003000 r--s 00003000 fe:00 12 /b\n"
		"7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n"
		"7ffd00030000-7ffd00032000 r-xp 00000000 00:00 0 [vdso]\n");
	assert_holds(text, "# It holds 7 mappings. 2 that every process has");
	assert_holds(text, "\nplace memory at=1p length=1p prot=r "
			   "backing=private-file file-offset=0 noreserve=yes\n"
			   "place memory at=2p length=1p prot=rx "
			   "backing=private-file file-offset=1p noreserve=yes\n"
			   "place memory at=17p length=16p prot=rw "
			   "noreserve=yes\n"
			   "place memory at=4129p length=1p prot=rw "
			   "backing=shared noreserve=yes\n"
			   "place memory at=4131p length=1p prot=r "
			   "backing=file file-offset=515p noreserve=yes\n");
	ck_assert_uint_eq(count_steps(), 6);
}
END_TEST

/* Two that look alike stay two: one is made elsewhere, and moved. */
START_TEST(keeps_twins_apart)
{
	if (vmp_record_page() != 4096)
		return;
	write_layout("20000-30000 rw-p 00000000 00:00 0 \n"
		     "30000-31000 rw-p 00000000 00:00 0 \n");
	assert_holds(text, "place memory at=1p length=16p");
	assert_holds(text, "place memory at=4114p length=1p");
	assert_holds(text, "touch memory at=4114p length=1p\n"
			   "relocate memory at=4114p length=1p size=1p "
			   "onto=17p\n");
}
END_TEST

static void add_calls(Suite *suite)
{
	TCase *test = tcase_create("calls");

	tcase_add_checked_fixture(test, begin, end);
	tcase_add_test(test, writes_a_loop_as_one_line);
	tcase_add_test(test, writes_a_round_as_turns);
	tcase_add_test(test, writes_a_standing_loop);
	tcase_add_test(test, breaks_a_round_off);
	tcase_add_loop_test(test, writes_call, 0, VMP_COUNT(calls));
	tcase_add_test(test, follows_the_break);
	tcase_add_test(test, asks_for_a_break_that_failed);
	tcase_add_test(test, leaves_out);
	tcase_add_test(test, writes_nothing_without_a_call);
	tcase_add_test(test, escapes);
	tcase_add_test(test, cuts_wide_gaps);
	tcase_add_test(test, writes_the_one_that_failed_first);
	tcase_add_test(test, stays_short);
	tcase_add_test(test, ends_when_too_much_fails);
	suite_add_tcase(suite, test);
}

Suite *suite_record(void)
{
	Suite *suite = suite_create("record");
	TCase *pieces = tcase_create("pieces"),
	      *layout = tcase_create("layout");

	add_calls(suite);
	tcase_add_test(pieces, cuts_loops);
	tcase_add_test(pieces, places_files);
	suite_add_tcase(suite, pieces);
	tcase_add_unchecked_fixture(layout, scratch_begin, scratch_end);
	tcase_add_checked_fixture(layout, NULL, end);
	tcase_add_test(layout, writes_a_layout);
	tcase_add_test(layout, keeps_twins_apart);
	suite_add_tcase(suite, layout);
	return suite;
}
