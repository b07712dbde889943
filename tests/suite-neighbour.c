// SPDX-License-Identifier: GPL-2.0-or-later
/* Why neighbours stay apart: in what maps shows, in flags, in hidden facts. */
#include <errno.h>
#include <string.h>

#include "census-text.h"

#define RW "VmFlags: rd wr mr mw me ac sd\n"
#define TOUCHED "Anonymous:             4 kB\n"

#define NO_FLAGS "identical 1 cannot tell without VmFlags\n"
#define TWICE "identical 1 cannot tell; likely one file, opened twice\n"
#define TWICE_NO_FLAGS                                               \
	"identical 1 cannot tell without VmFlags; likely one file, " \
	"opened twice\n"
#define LATENT                                                           \
	"identical 1 cannot tell; moved by mremap(), inherited through " \
	"fork(), or not merged since\n"
#define APART                                                         \
	"identical 1 cannot tell; touched apart, moved by mremap(), " \
	"inherited through fork(), or not merged since\n"
#define SPECIAL "special 1 memory of the kernel or a driver never merges\n"
#define OFFSET "file-offset 1 of one file, but its offsets do not continue\n"
#define NAMES "name 1 two names of anonymous memory\n"

/* Two neighbours, and why they are two. */
static const struct {
	const char *text, *expected;
} pairs[] = {
	{ "1 rw-p\n1 r--p\n", "protection 1 rw-p | r--p\n" },
	{ "1 r-xp\n1 ---s\n", "protection 1 r-xp | ---s\n" },
	{ "1 rw-p\n1 rw-s\n", "sharing 1 private | shared\n" },
	{ "1 rw-s /x\n1 rw-p /x\n", "sharing 1 shared | private\n" },
	/* files */
	{ "1 rw-p\n1 rw-p /x\n", "file 1 no file | a file\n" },
	{ "1 rw-p /x\n1 rw-p\n", "file 1 a file | no file\n" },
	{ "1 rw-p /x\n1 rw-p /y\n", "file 1 two files\n" },
	{ "1 r--p 00000000 fe:00 7 /x\n1 r--p 00001000 fe:00 8 /x\n",
	  "file 1 two files\n" },
	{ "1 r--p 00000000 fe:00 7 /x\n1 r--p 00001000 fe:01 7 /x\n",
	  "file 1 two files\n" },
	{ "1 rw-p [anon:x]\n1 rw-p /x\n", "file 1 no file | a file\n" },
	/* their offsets */
	{ "1 r--p /x\n1 r--p /x\n", OFFSET },
	{ "2 r--p /x\n1 r--p 00001000 fe:00 7 /x\n", OFFSET },
	{ "2 r--p /x\n1 r--p 00002000 fe:00 7 /x\n", TWICE_NO_FLAGS },
	{ "2 r--p fffffffffffff000 fe:00 7 /x\n1 r--p 00001000 fe:00 7 /x\n",
	  TWICE_NO_FLAGS },
	{ "2 r--p /x\n" RW "1 r--p 00002000 fe:00 7 /x\n" RW, TWICE },
	/* of a core, whose files have names and offsets only */
	{ "1 r--p 00000000 00:00 0 /x\n1 r--p 00000000 00:00 0 /x\n", OFFSET },
	{ "1 r--p 00000000 00:00 0 /x\n1 r--p 00001000 00:00 0 /y\n",
	  "file 1 two files\n" },
	{ "1 rw-p 00000000 00:00 0 /x\n1 rw-p [heap]\n",
	  "file 1 a file | no file\n" },
	/* of the kernel or a driver */
	{ "2 r--p [vvar]\n1 r--p [vvar_vclock]\n", SPECIAL },
	{ "1 rw-s 00000000 00:0d 5 anon_inode:[io_uring]\n"
	  "1 rw-s 00001000 00:0d 5 anon_inode:[io_uring]\n",
	  SPECIAL },
	{ "1 rw-s 00000000 00:05 5 /dev/x\n" RW
	  "1 rw-s 00001000 00:05 5 /dev/x\nVmFlags: rd wr io\n",
	  SPECIAL },
	{ "1 rw-s 00000000 00:05 5 /dev/x\nVmFlags: rd wr pf\n"
	  "1 rw-s 00001000 00:05 5 /dev/x\nVmFlags: rd wr pf\n",
	  SPECIAL },
	{ "1 rw-p\nVmFlags: mm\n1 rw-p\n" RW, SPECIAL },
	{ "1 rw-p\nVmFlags: de\n1 rw-p\n" RW, SPECIAL },
	/* names */
	{ "1 rw-p [anon:x]\n1 rw-p [anon:y]\n", NAMES },
	{ "1 rw-p [anon:x]\n1 rw-p\n", NAMES },
	{ "1 rw-p [anon:x]\n1 rw-p [anon:x]\n", NO_FLAGS },
	{ "1 rw-s 00000000 00:01 5 [anon_shmem:x]\n"
	  "1 rw-s 00001000 00:01 5 [anon_shmem:y]\n",
	  "file 1 two files\n" },
	/* [heap] is where it lies, not what it is called */
	{ "1 rw-p [heap]\n1 rw-p [heap]\n", NO_FLAGS },
	{ "1 rw-p [heap]\n1 rw-p\n", NO_FLAGS },
	{ "1 rw-p\n" RW "1 rw-p [stack]\nVmFlags: rd wr mr mw me gd ac sd\n",
	  "flags 1 gd (grows down: a stack) in one of them\n" },
	/* flags */
	{ "1 rw-p\n" RW "1 rw-p\nVmFlags: rd wr mr mw me ac sd dc\n",
	  "flags 1 dc (MADV_DONTFORK) in one of them\n" },
	{ "1 rw-p\nVmFlags: rd wr nh dd\n1 rw-p\nVmFlags: rd wr hg nr\n",
	  "flags 1 nr (MAP_NORESERVE), dd (MADV_DONTDUMP), hg "
	  "(MADV_HUGEPAGE), nh (MADV_NOHUGEPAGE) in one of them\n" },
	{ "1 rw-p\nVmFlags: rd wr dw\n1 rw-p\nVmFlags: rd wr\n",
	  "flags 1 dw in one of them\n" },
	{ "1 rw-p\nVmFlags: rd wr zz\n1 rw-p\nVmFlags: rd wr\n",
	  "flags 1 a flag that has no name here\n" },
	{ "1 rw-p\nVmFlags: rd wr ??\n1 rw-p\nVmFlags: rd wr dc\n",
	  "flags 1 dc (MADV_DONTFORK) in one of them, a flag that has no "
	  "name here\n" },
	{ "1 rw-p\nVmFlags: rd wr ??\n1 rw-p\nVmFlags: rd wr ??\n", LATENT },
	{ "1 rw-p\n" RW "ProtectionKey:         1\n1 rw-p\n" RW
	  "ProtectionKey:         2\n",
	  "flags 1 another protection key\n" },
	{ "1 rw-p\nVmFlags: rd wr\nProtectionKey:         1\n"
	  "1 rw-p\nVmFlags: rd wr lo\nProtectionKey:         0\n",
	  "flags 1 lo (mlock()) in one of them; another protection key\n" },
	/* soft-dirty and guard marks stop no merge */
	{ "1 rw-p\nVmFlags: rd wr sd gu\n1 rw-p\nVmFlags: rd wr\n", LATENT },
	/* one that has no flags, where the text was cut */
	{ "1 rw-p\n" RW "1 rw-p\n", LATENT },
	{ "1 rw-p\nSize: 4 kB\n1 rw-p\n" RW, NO_FLAGS },
	/* what looks the same */
	{ "1 rw-p\n" RW "1 rw-p\n" RW, LATENT },
	{ "1 rw-p\n" TOUCHED RW "1 rw-p\n" RW, LATENT },
	{ "1 rw-p\n" TOUCHED RW "1 rw-p\n" TOUCHED RW, APART },
	{ "1 rw-p\n" TOUCHED RW "1 rw-p\nSwap:                  4 kB\n" RW,
	  APART },
	/* no pair */
	{ "1 rw-p\nhole\n1 rw-p\n", "" },
	{ "at ffffffffff5ff000\n1 r-xp\n1 r-xp [vsyscall]\n", "" },
};

START_TEST(tells_reasons)
{
	struct vmp_census *c = census_of(pairs[_i].text);

	expect_reasons(c, pairs[_i].expected);
	vmp_census_free(c);
}
END_TEST

/* Without the lines of smaps that are no mappings. */
static char *without_attributes(const char *brief)
{
	char *maps = NULL;
	FILE *out = text_open(&maps);
	size_t length;

	for (; *brief; brief += length) {
		length = strcspn(brief, "\n") + 1;
		if (*brief < 'A' || *brief > 'Z')
			fprintf(out, "%.*s", (int)length, brief);
	}
	text_close(out);
	return maps;
}

static void count_reasons(const struct vmp_census *c, uint64_t *pairs_of)
{
	const struct vmp_reason_row *rows;
	size_t count = vmp_census_reasons(c, &rows);

	for (size_t i = 0; i < count; i++)
		pairs_of[rows[i].reason] += rows[i].pairs;
}

/* With flags only what looked identical may have another reason. */
START_TEST(refines_what_looked_identical)
{
	const char *text = pairs[_i].text;
	VMP_FREE char *maps = without_attributes(text);
	uint64_t few[VMP_REASONS] = { 0 }, many[VMP_REASONS] = { 0 };
	struct vmp_census *without = census_of(maps);
	struct vmp_census *with = census_of(text);

	count_reasons(without, few);
	count_reasons(with, many);
	for (int i = 0; i < VMP_REASONS; i++)
		if (i != VMP_REASON_FLAGS && i != VMP_REASON_SPECIAL &&
		    i != VMP_REASON_IDENTICAL)
			ck_assert_uint_eq(few[i], many[i]);
	ck_assert_uint_le(few[VMP_REASON_SPECIAL], many[VMP_REASON_SPECIAL]);
	ck_assert_uint_ge(few[VMP_REASON_IDENTICAL],
			  many[VMP_REASON_IDENTICAL]);
	ck_assert_uint_eq(few[VMP_REASON_FLAGS], 0);
	vmp_census_free(without);
	vmp_census_free(with);
}
END_TEST

START_TEST(names_reasons)
{
	ck_assert_str_eq(vmp_reason_name(VMP_REASON_FILE_OFFSET),
			 "file-offset");
	for (int i = 0; i < VMP_REASONS; i++)
		ck_assert_ptr_nonnull(vmp_reason_name((enum vmp_reason)i));
	ck_assert_ptr_null(vmp_reason_name(VMP_REASONS));
}
END_TEST

/* Rows go by reason, detail and both owners; most pairs first. */
START_TEST(counts_pairs)
{
	const struct vmp_reason_row *rows;
	struct vmp_census *c =
		census_of("1 rw-p\n5 r--p /x\n1 rw-p\n9 r--p /y\n"
			  "at 7f1000000000\n5 rw-p\n1 ---p\n");

	expect_reasons(c, "protection 2 rw-p | r--p\n"
			  "protection 1 r--p | rw-p\n"
			  "protection 1 rw-p | ---p\n");
	ck_assert_uint_eq(vmp_census_reasons(c, &rows), 3);
	ck_assert_int_eq(rows[0].first, VMP_OWNER_ANON);
	ck_assert_int_eq(rows[0].second, VMP_OWNER_FILE);
	ck_assert_uint_eq(rows[0].example, 0x7f0000001000);
	ck_assert_int_eq(rows[2].second, VMP_OWNER_GUARD);
	ck_assert_uint_eq(rows[2].example, 0x7f1000005000);
	vmp_census_free(c);
}
END_TEST

Suite *suite_neighbour(void)
{
	Suite *suite = suite_create("neighbour");
	TCase *neighbour = tcase_create("neighbour");

	tcase_add_unchecked_fixture(neighbour, scratch_begin, scratch_end);
	tcase_add_loop_test(neighbour, tells_reasons, 0, VMP_COUNT(pairs));
	tcase_add_loop_test(neighbour, refines_what_looked_identical, 0,
			    VMP_COUNT(pairs));
	tcase_add_test(neighbour, names_reasons);
	tcase_add_test(neighbour, counts_pairs);
	suite_add_tcase(suite, neighbour);
	return suite;
}
