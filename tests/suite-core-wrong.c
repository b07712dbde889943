// SPDX-License-Identifier: GPL-2.0-or-later
/* Core dumps that are cut, or lie: an error that says where, or an answer. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "core-text.h"
#include "lib/maps.h"
#include "unit.h"

#ifdef HAVE_LIBELF

static const struct {
	const char *text, *words;
} wrong[] = {
	{ "type 2\n", "core.7: an ELF file, but no core dump" },
	{ "type 3\nload 0x1000 0x1000 r\n", "no core dump" },
	{ "set 4 1 3\n", "no known class" },
	{ "set 5 1 0\n", "no known class" },
	{ "cut 4\n", "ends at offset 0x4, in its ELF header" },
	{ "cut 63\n", "ends at offset 0x3f, in its ELF header" },
	{ "set 54 2 57\n", "program headers of 57 bytes" },
	{ "set 32 8 -1\n", "in its program headers" },
	{ "set 32 8 0xffffffff\n", "in its program headers" },
	{ "set 56 2 0xfffe\n", "in its program headers" },
	{ "load 0x1000 0x1000 r\ncut 175\n",
	  "core.7 ends at offset 0xaf, in its program headers" },
	{ "load 0x3000 0x1000 r\nload 0x1000 0x1000 r\n",
	  "core.7, program header 2: 0x1000 is below the end" },
	{ "load 0x1000 0x2000 r\nload 0x2000 0x1000 r\n", "program header 2" },
	{ "load 0xfffffffffffff000 0x2000 r\n",
	  "program header 1: 0x2000 bytes at 0xfffffffffffff000" },
	{ "last\nloads 0x10000 70000\nxnum\n", "at its end, which is lost" },
	{ "xnum\nset 40 8 -1\nset 64 4 7\nload 0x1000 0x1000 r\n", "lost" },
	{ "xnum\ncut 100\n", "in its program headers" },
	{ "xnum\nsections\nload 0x1000 0x1000 r\nset 220 4 -1\n",
	  "in its program headers" },
};

START_TEST(refuses_wrong)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;

	ck_assert_int_eq(open_core(ctx, wrong[_i].text, &maps), -EBADMSG);
	assert_holds(vmp_error(ctx), wrong[_i].words);
	vmp_free(ctx);
}
END_TEST

enum { SEGMENTS = 4 };

/* Every kind of note; addresses that double. */
static const char whole[] = "process 77 java\n"
			    "thread 0x20100\n"
			    "thread 0x40100\n"
			    "load 0x10000 0x1000 rx\n"
			    "load 0x20000 0x1000 rw\n"
			    "load 0x40000 0x1000 rx\n"
			    "load 0x80000 0x1000 rw\n"
			    "file 0x10000 0x11000 0 /bin/java\n"
			    "file 0x40000 0x41000 64 /lib/two\\nlines\n"
			    "auxv 33 0x40000\n"
			    "auxv 3 0x10040\n"
			    "auxv 25 0x80000\n";

/* Without a file system, for tests that open thousands. */
static int open_memory(struct vmp_ctx *ctx, int fd, struct vmp_maps **maps)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return vmp_maps_open_file(ctx, path, maps);
}

static int make_memory(const char *text, struct blob *core)
{
	int fd = memfd_create("core", MFD_CLOEXEC);

	core_make(text, MOST_LOADS, core);
	ck_assert_int_eq(write(fd, core->bytes, core->length),
			 (ssize_t)core->length);
	return fd;
}

/* Each prefix is an error, or has all mappings, though not all names. */
START_TEST(reads_each_prefix)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;
	struct blob core;
	size_t headers = 64 + 56 * (SEGMENTS + 1), count;
	int fd = make_memory(whole, &core), rc;

	ck_assert_uint_gt(core.length, headers);
	for (size_t length = core.length; length; length--) {
		ck_assert_int_eq(ftruncate(fd, (off_t)length), 0);
		rc = open_memory(ctx, fd, &maps);
		ck_assert_int_eq(rc, length < headers ? -EBADMSG : 0);
		if (rc < 0)
			continue;
		for (count = 0; vmp_maps_next(maps, &m) > 0; count++)
			ck_assert_uint_eq(m.start, 0x10000 << count);
		ck_assert_uint_eq(count, SEGMENTS);
		vmp_maps_close(maps);
	}
	close(fd);
	free(core.bytes);
	vmp_free(ctx);
}
END_TEST

/* One bit changed anywhere: an error or an answer, in order. */
START_TEST(survives_each_change)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_mapping m;
	struct vmp_maps *maps;
	struct blob core;
	int fd = make_memory(whole, &core);
	uint64_t end;

	for (size_t bit = 0; bit < 8 * core.length; bit++) {
		char byte = core.bytes[bit / 8] ^ (char)(1 << bit % 8);

		ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)bit / 8), 1);
		if (open_memory(ctx, fd, &maps) == 0) {
			for (end = 0; vmp_maps_next(maps, &m) > 0; end = m.end)
				ck_assert_uint_ge(m.start, end);
			vmp_maps_close(maps);
		}
		if (bit % 8 == 7)
			ck_assert_int_eq(pwrite(fd, &core.bytes[bit / 8], 1,
						(off_t)bit / 8),
					 1);
	}
	close(fd);
	free(core.bytes);
	vmp_free(ctx);
}
END_TEST

#else

START_TEST(says_that_it_cannot)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;

	ck_assert_int_eq(open_core(ctx, "load 0x1000 0x1000 r\n", &maps),
			 -ENOTSUP);
	assert_holds(vmp_error(ctx), "built without libelf");
	vmp_free(ctx);
}
END_TEST

#endif

Suite *suite_core_wrong(void)
{
	Suite *suite = suite_create("core-wrong");
	TCase *made = tcase_create("made");

	tcase_add_unchecked_fixture(made, scratch_begin, scratch_end);
#ifdef HAVE_LIBELF
	tcase_add_loop_test(made, refuses_wrong, 0, VMP_COUNT(wrong));
	tcase_add_test(made, reads_each_prefix);
	tcase_add_test(made, survives_each_change);
#else
	tcase_add_test(made, says_that_it_cannot);
#endif
	suite_add_tcase(suite, made);
	return suite;
}
