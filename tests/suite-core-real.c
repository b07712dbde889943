// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Core dumps of a process that lives: by the kernel, where this machine writes
 * them into the working directory, and by gcore, where there is one.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/maps.h"
#include "unit.h"

/* A shadow of terabytes fits in no core. */
#if defined(HAVE_LIBELF) && !SANITIZED

enum { FILE_PAGES = 6 };

/* Neighbours that differ, a file, and one that is gone. */
static void map_things(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open("kept", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int gone = open("gone\nfile", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char *p;

	if (ftruncate(fd, (off_t)(FILE_PAGES * page)) ||
	    ftruncate(gone, (off_t)page))
		_exit(2);
	p = mmap(NULL, FILE_PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		 fd, 0);
	if (p == MAP_FAILED || mmap(NULL, page, PROT_READ | PROT_WRITE,
				    MAP_SHARED, gone, 0) == MAP_FAILED)
		_exit(2);
	mprotect(p + page, page, PROT_NONE);
	mprotect(p + 3 * page, page, PROT_READ);
	unlink("gone\nfile");
	p = mmap(NULL, 8 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		_exit(2);
	mprotect(p + 2 * page, page, PROT_READ | PROT_WRITE);
	mprotect(p + 4 * page, page, PROT_READ);
	p[2 * page] = 1;
}

/* A process that waits, with all that mapped. Returns: its PID. */
static pid_t start_process(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(chdir(scratch_root()), 0);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		const struct rlimit core = { RLIM_INFINITY, RLIM_INFINITY };

		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
		prctl(PR_SET_DUMPABLE, 1);
		setrlimit(RLIMIT_CORE, &core);
		map_things();
		if (write(ends[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(2);
	}
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

/* The only file of that name; the test is over where there is none. */
static bool find_core(const char *pattern, char *path, size_t size)
{
	glob_t found = { 0 };
	bool one = glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1;

	if (one)
		snprintf(path, size, "%s", found.gl_pathv[0]);
	globfree(&found);
	return one;
}

static bool has_name(const struct vmp_mapping *m, const char *name)
{
	return m->name_length == strlen(name) &&
	       !memcmp(m->name, name, m->name_length);
}

static void assert_same(const struct vmp_mapping *core,
			const struct vmp_mapping *m)
{
	ck_assert_uint_eq(core->start, m->start);
	ck_assert_uint_eq(core->end, m->end);
	ck_assert_int_eq(core->counted, m->counted);
	if (m->name_length == 0 || m->name[0] == '/') {
		ck_assert_uint_eq(core->name_length, m->name_length);
		ck_assert_mem_eq(core->name, m->name, m->name_length);
		ck_assert_uint_eq(core->offset, m->offset);
	}
}

/* The kernel lists them all. */
static void assert_all(struct vmp_maps *core, struct vmp_maps *maps)
{
	struct vmp_mapping m, c;

	while (vmp_maps_next(maps, &m) > 0) {
		ck_assert_int_eq(vmp_maps_next(core, &c), 1);
		assert_same(&c, &m);
		ck_assert_int_eq(c.readable, m.readable);
		ck_assert_int_eq(c.writable, m.writable);
		ck_assert_int_eq(c.executable, m.executable);
		if (has_name(&m, "[stack]") || has_name(&m, "[vdso]") ||
		    has_name(&m, "[heap]"))
			ck_assert(c.name_length == m.name_length &&
				  !memcmp(c.name, m.name, m.name_length));
	}
	ck_assert_int_eq(vmp_maps_next(core, &c), 0);
}

/* gdb leaves out what nobody may touch, and what is the kernel's. */
static void assert_most(struct vmp_maps *core, struct vmp_maps *maps)
{
	struct vmp_mapping m, c;
	int rc = vmp_maps_next(core, &c);

	while (vmp_maps_next(maps, &m) > 0) {
		if (rc > 0 && c.start == m.start) {
			assert_same(&c, &m);
			rc = vmp_maps_next(core, &c);
		} else {
			ck_assert(m.name_length == 0 || m.name[0] == '[');
			ck_assert(!m.writable);
		}
	}
	ck_assert_int_eq(rc, 0);
}

/* In: saved, the maps of the process while it was there. */
static void check(const char *path, const char *saved, pid_t pid,
		  void (*compare)(struct vmp_maps *, struct vmp_maps *))
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *core, *maps;
	const struct vmp_notes *notes;
	int rc = vmp_maps_open_file(ctx, path, &core);

	ck_assert_msg(rc == 0, "%s", vmp_error(ctx));
	ck_assert_int_eq(vmp_maps_open_file(ctx, saved, &maps), 0);
	notes = vmp_maps_notes(core);
	ck_assert_int_eq(notes->pid, pid);
	ck_assert_uint_eq(notes->threads, 1);
	ck_assert_ptr_nonnull(notes->path);
	compare(core, maps);
	vmp_maps_close(core);
	vmp_maps_close(maps);
	vmp_free(ctx);
}

static void save_maps(pid_t pid)
{
	static char text[1 << 20];
	char path[64];
	size_t length;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	length = fread(text, 1, sizeof(text), f);
	fclose(f);
	scratch_write("saved", text, length);
}

START_TEST(reads_kernels_core)
{
	pid_t pid = start_process();
	char path[256];
	int status;

	save_maps(pid);
	kill(pid, SIGABRT);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WCOREDUMP(status) && find_core("core*", path, sizeof(path)))
		check(path, "saved", pid, assert_all);
}
END_TEST

/* Where gcore is missing, or may not, this says nothing. */
START_TEST(reads_gdbs_core)
{
	pid_t pid = start_process();
	char command[128], path[256];
	int status, rc;

	save_maps(pid);
	snprintf(command, sizeof(command),
		 "gcore -o by-gdb %d >gcore.log 2>&1 </dev/null", (int)pid);
	rc = system(command);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (rc == 0 && find_core("by-gdb.*", path, sizeof(path)))
		check(path, "saved", pid, assert_most);
}
END_TEST

#endif

Suite *suite_core_real(void)
{
	Suite *suite = suite_create("core-real");
	TCase *real = tcase_create("real");

	tcase_add_checked_fixture(real, scratch_begin, scratch_end);
#if defined(HAVE_LIBELF) && !SANITIZED
	tcase_add_test(real, reads_kernels_core);
	tcase_add_test(real, reads_gdbs_core);
#endif
	suite_add_tcase(suite, real);
	return suite;
}
