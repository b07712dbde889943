// SPDX-License-Identifier: GPL-2.0-or-later
/* Core dumps that are made of descriptions, and can be read. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core-text.h"
#include "lib/maps.h"
#include "unit.h"

int open_core(struct vmp_ctx *ctx, const char *text, struct vmp_maps **maps)
{
	struct blob core;
	char path[256];

	core_make(text, MOST_LOADS, &core);
	scratch_write("core.7", core.bytes, core.length);
	free(core.bytes);
	snprintf(path, sizeof(path), "%s/core.7", scratch_root());
	return vmp_maps_open_file(ctx, path, maps);
}

#ifdef HAVE_LIBELF

struct row {
	uint64_t start, end, offset;
	const char *rights, *name;
};

static void assert_row(const struct vmp_mapping *m, const struct row *row)
{
	char rights[4] = { m->readable ? 'r' : '-', m->writable ? 'w' : '-',
			   m->executable ? 'x' : '-' };

	ck_assert_uint_eq(m->start, row->start);
	ck_assert_uint_eq(m->end, row->end);
	ck_assert_uint_eq(m->offset, row->offset);
	ck_assert_str_eq(rights, row->rights);
	ck_assert_uint_eq(m->name_length, strlen(row->name));
	ck_assert_mem_eq(m->name, row->name, m->name_length);
	ck_assert_int_eq(m->counted, strcmp(row->name, "[vsyscall]") != 0);
	ck_assert(!m->shared && !m->inode && !m->has_flags);
}

static void assert_rows(struct vmp_maps *maps, const struct row *rows,
			size_t count)
{
	struct vmp_mapping m;

	for (size_t i = 0; i < count; i++) {
		ck_assert_int_eq(vmp_maps_next(maps, &m), 1);
		assert_row(&m, &rows[i]);
	}
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	ck_assert_int_eq(vmp_maps_next(maps, &m), 0);
	ck_assert_int_eq(vmp_maps_kind(maps), VMP_KIND_CORE);
	ck_assert(!vmp_maps_ended(maps));
	vmp_maps_close(maps);
}

/* What there is in a process, and each kind of note. */
static const char whole[] =
	"process 77 java\n"
	"thread 0x7ffffffde100\n"
	"thread 0x7ffff7c00100\n"
	"load 0x555555554000 0x1000 r\n"
	"load 0x555555555000 0x2000 rx\n"
	"load 0x555555557000 0x1000 rw\n"
	"load 0x555555558000 0x3000 rw\n"
	"load 0x555555600000 0x21000 rw\n"
	"load 0x7ffff7c00000 0x1000 rx\n"
	"load 0x7ffff7fc1000 0x4000 r\n"
	"load 0x7ffff7fc5000 0x2000 r\n"
	"load 0x7ffff7fc7000 0x2000 rx\n"
	"load 0x7ffffffde000 0x21000 rw\n"
	"load 0xffffffffff600000 0x1000 x\n"
	"file 0x555555554000 0x555555555000 0 /bin/java\n"
	"file 0x555555555000 0x555555557000 1 /bin/java\n"
	"file 0x555555557000 0x555555558000 3 /bin/java\n"
	"file 0x7ffff7c00000 0x7ffff7c01000 64 /lib/two\\nlines (deleted)\n"
	"auxv 33 0x7ffff7fc7000\n"
	"auxv 3 0x555555554040\n"
	"auxv 9 0x555555555100\n"
	"auxv 25 0x7fffffffe000\n";

static const struct row whole_rows[] = {
	{ 0x555555554000, 0x555555555000, 0, "r--", "/bin/java" },
	{ 0x555555555000, 0x555555557000, 0x1000, "r-x", "/bin/java" },
	{ 0x555555557000, 0x555555558000, 0x3000, "rw-", "/bin/java" },
	{ 0x555555558000, 0x55555555b000, 0, "rw-", "" },
	{ 0x555555600000, 0x555555621000, 0, "rw-", "[heap]" },
	{ 0x7ffff7c00000, 0x7ffff7c01000, 0x40000, "r-x",
	  "/lib/two\\012lines (deleted)" },
	{ 0x7ffff7fc1000, 0x7ffff7fc5000, 0, "r--", "[vvar]" },
	{ 0x7ffff7fc5000, 0x7ffff7fc7000, 0, "r--", "[vvar_vclock]" },
	{ 0x7ffff7fc7000, 0x7ffff7fc9000, 0, "r-x", "[vdso]" },
	{ 0x7ffffffde000, 0x7ffffffff000, 0, "rw-", "[stack]" },
	{ 0xffffffffff600000, 0xffffffffff601000, 0, "--x", "[vsyscall]" },
};

START_TEST(reads_whole)
{
	struct vmp_ctx *ctx = vmp_new();
	const struct vmp_notes *notes;
	struct vmp_maps *maps;

	ck_assert_int_eq(open_core(ctx, whole, &maps), 0);
	notes = vmp_maps_notes(maps);
	ck_assert_int_eq(notes->pid, 77);
	ck_assert_str_eq(notes->command, "java");
	ck_assert_str_eq(notes->path, "/bin/java");
	ck_assert_ptr_null(notes->kernel);
	ck_assert_int_eq(notes->limit, -1);
	ck_assert_uint_eq(notes->threads, 2);
	ck_assert_uint_eq(notes->stack_count, 2);
	ck_assert_uint_eq(notes->stacks[0], 0x7ffffffde100);
	ck_assert_uint_eq(notes->stacks[1], 0x7ffff7c00100);
	assert_rows(maps, whole_rows, VMP_COUNT(whole_rows));
	vmp_free(ctx);
}
END_TEST

/* Other machines, and gdb's way to write cores. */
static const struct {
	const char *text;
	struct row rows[6];
	size_t count;
	const char *command;
	uint64_t threads, stack;
} others[] = {
	{ "elf 32 msb 20\nprocess 12 powerpc\n"
	  "load 0x1000 0x1000 rx\nload 0x10000000 0x2000 rw\n"
	  "file 0x1000 0x2000 7 /a\nauxv 25 0x10000100\nauxv 3 0x1040\n",
	  { { 0x1000, 0x2000, 0x7000, "r-x", "/a" },
	    { 0x10000000, 0x10002000, 0, "rw-", "[stack]" } },
	  2,
	  "powerpc",
	  0,
	  0 },
	{ "elf 64 msb 22\nthread 5\nprocess 12 0123456789abcdefg\n"
	  "load 0xfffffffffffff000 0xfff rw\n",
	  { { 0xfffffffffffff000, UINT64_MAX, 0, "rw-", "" } },
	  1,
	  "0123456789abcdef",
	  1,
	  0 },
	{ "elf 32 lsb 3\nprocess 12 wine\nthread 0xfff00100\n"
	  "load 0x8048000 0x1000 rx\nload 0x8049000 0x1000 rw\n"
	  "load 0x804a000 0x1000 rw\nload 0x804c000 0x1000 rw\n"
	  "load 0xfff00000 0x21000 rw\n"
	  "file 0x8048000 0x8049000 0 /wine\nfile 0x8049000 0x804a000 1 /wine\n"
	  "auxv 9 0x8048100\nauxv 31 0xfff00ff0\n",
	  { { 0x8048000, 0x8049000, 0, "r-x", "/wine" },
	    { 0x8049000, 0x804a000, 0x1000, "rw-", "/wine" },
	    { 0x804a000, 0x804b000, 0, "rw-", "" },
	    { 0x804c000, 0x804d000, 0, "rw-", "[heap]" },
	    { 0xfff00000, 0xfff21000, 0, "rw-", "[stack]" } },
	  5,
	  "wine",
	  1,
	  0xfff00100 },
	{ "elf 64 lsb 183\nthread 0xffffb0001000\n"
	  "load 0xffffb0000000 0x10000 rw\n"
	  "load 0xffffffffff600000 0x1000 x\n",
	  { { 0xffffb0000000, 0xffffb0010000, 0, "rw-", "" },
	    { 0xffffffffff600000, 0xffffffffff601000, 0, "--x", "" } },
	  2,
	  "",
	  1,
	  0xffffb0001000 },
	/* no heap: too far, no memory of its own, not there */
	{ "load 0x1000 0x1000 rx\nload 0x50002000 0x1000 rw\n"
	  "file 0x1000 0x2000 0 /a\nauxv 3 0x1000\n",
	  { { 0x1000, 0x2000, 0, "r-x", "/a" },
	    { 0x50002000, 0x50003000, 0, "rw-", "" } },
	  2,
	  "",
	  0,
	  0 },
	{ "load 0x1000 0x1000 rx\nload 0x3000 0x1000 r\n"
	  "file 0x1000 0x2000 0 /a\nauxv 3 0x1000\n",
	  { { 0x1000, 0x2000, 0, "r-x", "/a" },
	    { 0x3000, 0x4000, 0, "r--", "" } },
	  2,
	  "",
	  0,
	  0 },
	{ "load 0x1000 0x1000 rx\nfile 0x1000 0x2000 0 /a\nauxv 3 0x1000\n",
	  { { 0x1000, 0x2000, 0, "r-x", "/a" } },
	  1,
	  "",
	  0,
	  0 },
	/* gdb: notes last, offsets in bytes, no segments of unchanged files */
	{ "elf 64 lsb 62\nlast\nsections\npage 1\n"
	  "load 0x10000 0x1000 rw\nload 0x30000 0x1000 rw\n"
	  "file 0x8000 0x9000 0 /a\nfile 0x10000 0x11000 8192 /a\n"
	  "file 0x20000 0x21000 0 /b\nfile 0x40000 0x41000 0 /c\n",
	  { { 0x8000, 0x9000, 0, "r--", "/a" },
	    { 0x10000, 0x11000, 0x2000, "rw-", "/a" },
	    { 0x20000, 0x21000, 0, "r--", "/b" },
	    { 0x30000, 0x31000, 0, "rw-", "" },
	    { 0x40000, 0x41000, 0, "r--", "/c" } },
	  5,
	  "",
	  0,
	  0 },
	/* files that lie askew to segments */
	{ "load 0x1000 0x1000 r\nload 0x2000 0x1000 w\nload 0x3000 0x1000 x\n"
	  "file 0x1800 0x3800 0 /a\nfile 0x3800 0x9000 0 /b\n",
	  { { 0x1000, 0x2000, 0, "r--", "" },
	    { 0x2000, 0x3000, 0x800, "-w-", "/a" },
	    { 0x3000, 0x4000, 0, "--x", "" } },
	  3,
	  "",
	  0,
	  0 },
	{ "load 0x1000 0 r\nload 0x1000 0x1000 r\n",
	  { { 0x1000, 0x2000, 0, "r--", "" } },
	  1,
	  "",
	  0,
	  0 },
	{ "", { { 0 } }, 0, "", 0, 0 },
	/* the count in the first section header, though it would fit */
	{ "xnum\nsections\nload 0x1000 0x1000 r\n",
	  { { 0x1000, 0x2000, 0, "r--", "" } },
	  1,
	  "",
	  0,
	  0 },
/* notes that lie: the mappings are there, without names */
#define ONE { { 0x1000, 0x2000, 0, "r--", "" } }, 1, "", 0, 0
	{ "load 0x1000 0x1000 r\nfile 0x1000 0x2000 0 /a\nfiles 2\n", ONE },
	{ "load 0x1000 0x1000 r\nfile 0x1000 0x2000 0 /a\nfiles -1\n", ONE },
	{ "load 0x1000 0x1000 r\nfile 0x1000 0x2000 0 /a\n"
	  "files 0x5555555555555555\n",
	  ONE },
	{ "load 0x1000 0x1000 r\nfile 0x1000 0x2000 -1 /a\n", ONE },
	{ "load 0x1000 0x1000 r\nfile 0x2000 0x1000 0 /a\n", ONE },
	{ "load 0x1000 0x1000 r\nnote 5 -1 1\nthread 9\n", ONE },
	{ "load 0x1000 0x1000 r\nnote -1 5 1\nthread 9\n", ONE },
	{ "load 0x1000 0x1000 r\nnote -1 -1 1\nthread 9\n", ONE },
	{ "load 0x1000 0x1000 r\nnote 0 0 1\nnote 0 0 0x46494c45\n", ONE },
	/* the header of the notes: an offset beyond all, a size beyond all */
	{ "load 0x1000 0x1000 r\nset 72 8 -1\nthread 9\n", ONE },
	{ "load 0x1000 0x1000 r\nset 96 8 -1\nnote 9 9 9\n", ONE },
};

START_TEST(reads_other)
{
	struct vmp_ctx *ctx = vmp_new();
	const struct vmp_notes *notes;
	struct vmp_maps *maps;

	ck_assert_int_eq(open_core(ctx, others[_i].text, &maps), 0);
	notes = vmp_maps_notes(maps);
	ck_assert_str_eq(notes->command, others[_i].command);
	ck_assert_uint_eq(notes->threads, others[_i].threads);
	ck_assert_uint_eq(notes->stack_count, others[_i].stack != 0);
	if (others[_i].stack)
		ck_assert_uint_eq(notes->stacks[0], others[_i].stack);
	assert_rows(maps, others[_i].rows, others[_i].count);
	vmp_free(ctx);
}
END_TEST

static const char *const many[] = {
	"loads 0x10000 70000\nxnum\nsections\nthread 5\n",
	"loads 0x10000 70000\nxnum\nthread 5\n",
	"loads 0x10000 65533\nthread 5\n",
	"elf 32 lsb 3\nloads 0x10000 70000\nxnum\nthread 5\n",
	"elf 32 msb 3\nloads 0x10000 70000\nxnum\nsections\nthread 5\n",
};

START_TEST(reads_many)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;
	uint64_t count = 0;

	ck_assert_int_eq(open_core(ctx, many[_i], &maps), 0);
	ck_assert_uint_eq(vmp_maps_notes(maps)->threads, 1);
	for (; vmp_maps_next(maps, &m) > 0; count++) {
		ck_assert_uint_eq(m.start, 0x10000 + count * 4096);
		ck_assert_int_eq(m.writable, count % 2);
	}
	ck_assert_uint_eq(count, strstr(many[_i], "70000") ? 70000 : 65533);
	vmp_maps_close(maps);
	vmp_free(ctx);
}
END_TEST

/* From a pipe, short or longer than what shows the kind. */
START_TEST(reads_pipe)
{
	static const char *const texts[] = {
		"load 0x1000 0x1000 r\n",
		"loads 0x10000 1000\nthread 5\n",
	};
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;
	struct blob core;
	int ends[2], saved = dup(0), count = 0;

	core_make(texts[_i], MOST_LOADS, &core);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 1 << 17), 0);
	ck_assert_int_eq(write(ends[1], core.bytes, core.length),
			 (ssize_t)core.length);
	close(ends[1]);
	dup2(ends[0], 0);
	close(ends[0]);
	ck_assert_int_eq(vmp_maps_open_file(ctx, "-", &maps), 0);
	dup2(saved, 0);
	ck_assert_uint_eq(vmp_maps_notes(maps)->threads, (uint64_t)_i);
	while (vmp_maps_next(maps, &m) > 0)
		count++;
	ck_assert_int_eq(count, _i ? 1000 : 1);
	vmp_maps_close(maps);
	free(core.bytes);
	vmp_free(ctx);
}
END_TEST

#endif

Suite *suite_core(void)
{
	Suite *suite = suite_create("core");
	TCase *made = tcase_create("made");

	tcase_add_unchecked_fixture(made, scratch_begin, scratch_end);
#ifdef HAVE_LIBELF
	tcase_add_test(made, reads_whole);
	tcase_add_loop_test(made, reads_other, 0, VMP_COUNT(others));
	tcase_add_loop_test(made, reads_many, 0, VMP_COUNT(many));
	tcase_add_loop_test(made, reads_pipe, 0, 2);
#endif
	suite_add_tcase(suite, made);
	return suite;
}
