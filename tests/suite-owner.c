// SPDX-License-Identifier: GPL-2.0-or-later
/* Who owns mappings that have a name, and memory that lies beside them. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "census-text.h"

#define LIBC "2 r--p /usr/lib/libc.so.6\n2 r-xp /usr/lib/libc.so.6\n"

/* A fixture in short, and the rows of owners that come out. */
static const struct {
	const char *text, *expected;
} owners[] = {
	/* names of the kernel */
	{ "33 rw-p [heap]\n", "heap 1 [heap], which brk() grows\n" },
	{ "33 rw-p [heap]\n4 rw-p [heap]\n",
	  "heap 2 [heap], which brk() grows\n" },
	{ "33 rw-p [stack]\n", "main-stack 1 [stack]\n" },
	{ "4 rw-p [stack:12]\n4 rw-p [stack:13]\n",
	  "thread-stack 2 2 stacks\n" },
	{ "4 r--p [vvar]\n2 r--p [vvar_vclock]\n2 r-xp [vdso]\n",
	  "special 1 [vvar]\nspecial 1 [vvar_vclock]\nspecial 1 [vdso]\n" },
	{ "1 r-xp [uprobes]\n", "special 1 [uprobes]\n" },
	{ "1 rw-s 00000000 00:0d 9 /[aio] (deleted)\n",
	  "special 1 /[aio] (deleted)\n" },
	/* the gate line is nobody's, and no mapping of the process */
	{ "1 r--p [vvar]\nat ffffffffff600000\n1 --xp [vsyscall]\n",
	  "special 1 [vvar]\n" },
	/* names that a program gave */
	{ "4 rw-p [anon:stage]\n", "named-anon 1 [anon:stage]\n" },
	{ "4 rw-p [anon:]\n", "named-anon 1 [anon:]\n" },
	{ "4 rw-s 00000000 00:01 5 [anon_shmem:x]\n",
	  "named-anon 1 [anon_shmem:x]\n" },
	{ "33 rw-p [anon: glibc: malloc arena]\n",
	  "arena 1 1 heap of malloc's arenas (rw-p / ---p)\n" },
	{ "33 rw-p [anon: glibc: pthread stack: 77]\n",
	  "thread-stack 1 1 stack\n" },
	{ "33 rw-p [anon: glibc: pthread user stack: 77]\n",
	  "thread-stack 1 1 stack\n" },
	{ "33 rw-p [anon: glibc: unused stack]\n", "thread-stack 1 1 stack\n" },
	{ "33 rw-p [anon: glibc: malloc]\n",
	  "named-anon 1 [anon: glibc: malloc]\n" },
	/* shared memory */
	{ "4 rw-s 00000000 00:01 5 /memfd:wl_shm (deleted)\n",
	  "memfd 1 /memfd:wl_shm (deleted)\n" },
	{ "4 rw-s 00000000 00:01 5 /memfd:vmaprobe-ballast (deleted)\n",
	  "ballast 1 ballast that vmaprobe made\n" },
	{ "4 rw-s 00000000 00:01 5 /SYSV00000000 (deleted)\n",
	  "sysv-shm 1 System V shared memory\n" },
	{ "4 rw-s 00000000 00:01 5 /dev/zero (deleted)\n",
	  "shared-anon 1 shared anonymous memory\n" },
	{ "512 rw-p 00000000 00:0f 5 /anon_hugepage (deleted)\n",
	  "hugetlb 1 huge pages\n" },
	{ "512 rw-s 00000000 00:2d 5 /dev/hugepages/pool\n",
	  "hugetlb 1 huge pages\n" },
	{ "4 rw-s 00000000 00:19 5 /dev/shm/pg.1\n", "file 1 /dev/shm/pg.1\n" },
	{ "4 rw-s 00000000 00:19 5 /dev/shm/pg.1 (deleted)\n",
	  "deleted-file 1 /dev/shm/pg.1 (deleted)\n" },
	/* devices */
	{ "4 rw-s 00000000 00:05 5 /dev/zero\n", "device 1 /dev/zero\n" },
	{ "4 rw-s 00000000 00:05 5 /dev/dri/renderD128\n",
	  "device 1 /dev/dri/renderD128\n" },
	{ "4 rw-s 00000000 00:05 5 /i915 (deleted)\n",
	  "device 1 /i915 (deleted)\n" },
	{ "4 rw-s 00000000 00:16 5 /sys/devices/pci/resource0\n",
	  "device 1 /sys/devices/pci/resource0\n" },
	{ "4 rw-s 00000000 00:0d 5 anon_inode:[perf_event]\n",
	  "device 1 anon_inode:[perf_event]\n" },
	{ "4 rw-s 00000000 00:08 5 socket:[4711]\n",
	  "device 1 socket:[4711]\n" },
	{ "4 rw-s 00000000 00:0d 5 anon_inode:[io_uring]\n",
	  "io-uring 1 rings of io_uring\n" },
	/* files */
	{ "4 r--s /data/x\n", "file 1 /data/x\n" },
	{ "4 r--s /data/x (deleted)\n", "deleted-file 1 /data/x (deleted)\n" },
	{ "4 r--s /data/x (deleted) \n", "file 1 /data/x (deleted) \n" },
	{ "4 r--s / (deleted)\n", "deleted-file 1 / (deleted)\n" },
	{ "4 r--s 00000000 fe:00 7 (deleted)\n", "file 1 (deleted)\n" },
	{ "4 r--s 00000000 fe:00 7 relative/x\n", "file 1 relative/x\n" },
	/* libraries by their name, or by being executed */
	{ "4 r--p /usr/lib/libm-2.36.so\n",
	  "library 1 /usr/lib/libm-2.36.so\n" },
	{ "4 r--p /opt/x/libz.so.1.2 (deleted)\n",
	  "library 1 /opt/x/libz.so.1.2 (deleted)\n" },
	{ "4 r--p /data/notes.sort\n", "file 1 /data/notes.sort\n" },
	{ "4 r--p /data.so/notes\n", "file 1 /data.so/notes\n" },
	{ "4 r-xp /bin/x\n4 r-xp /opt/plugin.bundle\n4 r--p /opt/p.so\n",
	  "library 2 2 shared libraries\nprogram 1 /bin/x\n" },
	/* the program: the first file that is executed and no library */
	{ LIBC "2 r--p /bin/x\n2 r-xp /bin/x\n",
	  "library 2 /usr/lib/libc.so.6\nprogram 2 /bin/x\n" },
	{ "2 r--p /bin/x\n2 r--p /data/x\n2 r-xp /bin/x\n",
	  "program 2 /bin/x\nfile 1 /data/x\n" },
	/* .bss above what is mapped of a program or a library */
	{ LIBC "2 rw-p /usr/lib/libc.so.6\n3 rw-p\n",
	  "library 4 /usr/lib/libc.so.6\n" },
	{ "2 r-xp /bin/x\n1 rw-p /bin/x\n9 rw-p\n", "program 3 /bin/x\n" },
	{ LIBC "3 r--p\n",
	  "library 2 /usr/lib/libc.so.6\nanon 1 r--p 12 KiB\n" },
	{ LIBC "hole\n3 rw-p\n",
	  "library 2 /usr/lib/libc.so.6\nanon 1 rw-p 12 KiB\n" },
	{ LIBC "3 rw-p\n4 rwxp\n", "library 3 /usr/lib/libc.so.6\n"
				   "jit 1 executable memory without a file\n" },
	{ "2 rw-p /data/x\n3 rw-p\n", "anon 1 rw-p 12 KiB\nfile 1 /data/x\n" },
	/* code that a program made */
	{ "4 rwxp\n4 r-xp\nhole\n4 --xp\n",
	  "jit 3 executable memory without a file\n" },
	/* text of no kernel has owners too */
	{ "4 rw-s\n", "anon 1 rw-s 16 KiB\n" },
	{ "4 rw-p 00000000 fe:00 9\n", "anon 1 rw-p 16 KiB\n" },
};

START_TEST(tells_owners)
{
	struct vmp_census *c = census_of(owners[_i].text);

	expect_owners(c, owners[_i].expected);
	vmp_census_free(c);
}
END_TEST

/* A damaged file: names end at the first NUL, and may be nothing then. */
START_TEST(ends_names_at_nul)
{
	static const char text[] = "1000-2000 rw-p 00000000 00:00 0 \0x]\n"
				   "3000-4000 r--p 00000000 fe:00 7 /x\0y\n";
	struct vmp_census *c = census_of_text(text, sizeof(text) - 1);

	expect_owners(c, "anon 1 rw-p 4 KiB\nfile 1 /x\n");
	vmp_census_free(c);
}
END_TEST

START_TEST(names_owners)
{
	for (int i = 0; i < VMP_OWNERS; i++)
		for (int j = 0; j <= i; j++)
			ck_assert_int_eq(
				i == j,
				!strcmp(vmp_owner_name((enum vmp_owner)i),
					vmp_owner_name((enum vmp_owner)j)));
	ck_assert_ptr_null(vmp_owner_name(VMP_OWNERS));
}
END_TEST

/* A link in the tree of a process. */
static void put_link(const char *path, const char *target)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", scratch_root(), path);
	unlink(full);
	ck_assert_int_eq(symlink(target, full), 0);
}

/* exe tells the program: the guess would have been the first. */
START_TEST(knows_program_by_exe)
{
	struct vmp_census *c;

	scratch_text("10/comm", "jspawn\n");
	put_link("10/exe", "/opt/java (deleted)");
	c = census_of_process(10, "2 r-xp /bin/loader\n"
				  "2 r-xp /opt/java (deleted)\n");
	expect_owners(c, "library 1 /bin/loader\n"
			 "program 1 /opt/java (deleted)\n");
	ck_assert_str_eq(vmp_census_subject(c)->path, "/opt/java (deleted)");
	ck_assert_str_eq(vmp_census_subject(c)->command, "jspawn");
	vmp_census_free(c);
}
END_TEST

static unsigned long long inode_of(const char *path)
{
	char full[512];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", scratch_root(), path);
	ck_assert_int_eq(stat(full, &st), 0);
	return (unsigned long long)st.st_ino;
}

/* A file that is really called so is there, with the inode that is mapped. */
START_TEST(knows_files_called_deleted)
{
	struct vmp_census *c;
	char text[400];

	scratch_text("11/root/data/a (deleted)", "");
	scratch_text("11/root/data/b (deleted)", "");
	snprintf(text, sizeof(text),
		 "1 r--p 00000000 fe:00 %llu /data/a (deleted)\n"
		 "2 r--p 00000000 fe:00 %llu /data/b (deleted)\n"
		 "3 r--p 00000000 fe:00 7 /data/c (deleted)\n",
		 inode_of("11/root/data/a (deleted)"),
		 inode_of("11/root/data/b (deleted)") + 1);
	c = census_of_process(11, text);
	expect_owners(c, "deleted-file 1 /data/c (deleted)\n"
			 "deleted-file 1 /data/b (deleted)\n"
			 "file 1 /data/a (deleted)\n");
	vmp_census_free(c);
	/* a saved file is of some other machine: nothing is looked up */
	c = census_of(text);
	expect_owners(c, "deleted-file 1 /data/c (deleted)\n"
			 "deleted-file 1 /data/b (deleted)\n"
			 "deleted-file 1 /data/a (deleted)\n");
	vmp_census_free(c);
}
END_TEST

Suite *suite_owner(void)
{
	Suite *suite = suite_create("owner");
	TCase *owner = tcase_create("owner");

	tcase_add_unchecked_fixture(owner, scratch_begin, scratch_end);
	tcase_add_loop_test(owner, tells_owners, 0, VMP_COUNT(owners));
	tcase_add_test(owner, ends_names_at_nul);
	tcase_add_test(owner, names_owners);
	tcase_add_test(owner, knows_program_by_exe);
	tcase_add_test(owner, knows_files_called_deleted);
	suite_add_tcase(suite, owner);
	return suite;
}
