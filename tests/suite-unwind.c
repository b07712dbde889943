// SPDX-License-Identifier: GPL-2.0-or-later
/* Where an address is: of this process and of children; stacks.test has more. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "trace/unwind-inside.h"
#include "unit.h"

enum { MANY = VMP_MOST_IMAGES + 6 };

static struct vmp_unwinder *u;
static struct vmp_frame frames[4];
static size_t page;

static void setup(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	u = vmp_unwinder_new();
	ck_assert_ptr_nonnull(u);
}

static void teardown(void)
{
	vmp_unwinder_free(u);
}

/* An address alone: no stack, no registers. */
static const struct vmp_frame *look(pid_t pid, const void *address)
{
	struct vmp_snapshot snapshot = { .pid = pid, .tid = pid };

	snapshot.pc = (uintptr_t)address;
	ck_assert_uint_eq(vmp_unwind(u, &snapshot, frames, VMP_COUNT(frames)),
			  1);
	ck_assert_uint_eq(frames[0].address, (uintptr_t)address);
	return &frames[0];
}

#if defined(__x86_64__) && defined(__LP64__)
#include <sys/user.h>

START_TEST(takes_registers)
{
	struct user_regs_struct regs = { .rax = 100,
					 .rdx = 101,
					 .rcx = 102,
					 .rbx = 103,
					 .rsi = 104,
					 .rdi = 105,
					 .rbp = 106,
					 .rsp = 107,
					 .r8 = 108,
					 .r9 = 109,
					 .r10 = 110,
					 .r11 = 111,
					 .r12 = 112,
					 .r13 = 113,
					 .r14 = 114,
					 .r15 = 115,
					 .rip = 116,
					 .cs = 0x33 };
	struct vmp_snapshot s;

	ck_assert_int_eq(vmp_snapshot_registers(&regs, sizeof(regs), &s), 0);
	for (unsigned int i = 0; i <= 16; i++)
		ck_assert_uint_eq(s.registers[i], 100 + i);
	ck_assert_uint_eq(s.sp, 107);
	ck_assert_uint_eq(s.pc, 116);
	/* struct pt_regs ends with the stack segment */
	ck_assert_int_eq(vmp_snapshot_registers(&regs, 21 * 8, &s), 0);
	ck_assert_int_eq(vmp_snapshot_registers(&regs, 17 * 4, &s), -ENOTSUP);
	regs.cs = 0x23;
	ck_assert_int_eq(vmp_snapshot_registers(&regs, sizeof(regs), &s),
			 -ENOTSUP);
}
END_TEST

#elif defined(__aarch64__)

START_TEST(takes_registers)
{
	uint64_t regs[34];
	struct vmp_snapshot s;

	for (unsigned int i = 0; i < 33; i++)
		regs[i] = 100 + i;
	regs[33] = 0;
	ck_assert_int_eq(vmp_snapshot_registers(regs, sizeof(regs), &s), 0);
	for (unsigned int i = 0; i < 32; i++)
		ck_assert_uint_eq(s.registers[i], 100 + i);
	ck_assert_uint_eq(s.sp, 131);
	ck_assert_uint_eq(s.pc, 132);
	ck_assert_int_eq(vmp_snapshot_registers(regs, 18 * 4, &s), -ENOTSUP);
	regs[33] = 0x10;
	ck_assert_int_eq(vmp_snapshot_registers(regs, sizeof(regs), &s),
			 -ENOTSUP);
}
END_TEST

#else

START_TEST(takes_registers)
{
	struct vmp_snapshot s;

	ck_assert_int_eq(vmp_snapshot_registers("", 0, &s), -ENOTSUP);
}
END_TEST

#endif

/* A page at a place; without one between two that are closed: nothing merges. */
static void *map_at(void *at, int fd, off_t offset)
{
	int flags = MAP_PRIVATE | MAP_FIXED | (fd < 0 ? MAP_ANONYMOUS : 0);
	char *p = at;

	if (!at) {
		p = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
		ck_assert_ptr_ne(p, MAP_FAILED);
		p += page;
	}
	p = mmap(p, page, PROT_READ | PROT_EXEC, flags, fd, offset);
	ck_assert_ptr_ne(p, MAP_FAILED);
	return p;
}

/* Some file, no ELF file, mapped from its second page on. */
static void *map_file(void *at, const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	void *p;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)(2 * page)), 0);
	p = map_at(at, fd, (off_t)page);
	close(fd);
	return p;
}

/* As on kernels with a query and without. */
static void choose(int old)
{
	u->no_query = old;
}

START_TEST(tells_file)
{
	char *p = map_file(NULL, "first");

	choose(_i);
	look(getpid(), p + 5);
	ck_assert_str_eq(frames[0].module, "/memfd:first (deleted)");
	ck_assert_uint_eq(frames[0].offset, page + 5);
	ck_assert_ptr_null(frames[0].function);
	ck_assert_ptr_null(frames[0].file);
}
END_TEST

START_TEST(tells_anonymous_memory)
{
	char *p = map_at(NULL, -1, 0);

	choose(_i);
	look(getpid(), p + 5);
	ck_assert_str_eq(frames[0].module, "[anon]");
	ck_assert_uint_eq(frames[0].offset, 5);
}
END_TEST

START_TEST(tells_nothing)
{
	char *p = map_at(NULL, -1, 0);

	choose(_i);
	look(getpid(), p);
	ck_assert_int_eq(munmap(p, page), 0);
	ck_assert_ptr_null(look(getpid(), (void *)8)->module);
	ck_assert_uint_eq(frames[0].offset, 0);
}
END_TEST

/* What it was is forgotten, be it told or found out. */
START_TEST(tells_what_is_there_now)
{
	char *p = map_file(NULL, "first");

	choose(_i);
	look(getpid(), p);
	map_file(p, "second");
	/* without a query it is not found out */
	if (u->no_query)
		vmp_unwinder_forget(u, getpid());
	ck_assert_str_eq(look(getpid(), p)->module, "/memfd:second (deleted)");
	map_at(p, -1, 0);
	vmp_unwinder_forget(u, getpid());
	ck_assert_str_eq(look(getpid(), p)->module, "[anon]");
	look(getpid(), p + page);
}
END_TEST

/* New to a process that is known. */
START_TEST(tells_new_mapping)
{
	char *p;

	choose(_i);
	look(getpid(), map_at(NULL, -1, 0));
	p = map_file(NULL, "late");
	ck_assert_str_eq(look(getpid(), p)->module, "/memfd:late (deleted)");
}
END_TEST

START_TEST(tells_function)
{
	void (*function)(int) = choose;
	const struct vmp_frame *frame = look(getpid(), *(void **)&function);

	choose(_i);
	ck_assert_str_eq(frame->function, "choose");
	ck_assert_ptr_nonnull(strstr(frame->module, "unit"));
}
END_TEST

static FILE *open_jit_map(char *path, size_t size)
{
	FILE *map;

	snprintf(path, size, "/tmp/perf-%d.map", (int)getpid());
	map = fopen(path, "we");
	ck_assert_ptr_nonnull(map);
	return map;
}

START_TEST(reads_jit_map)
{
	char path[64], *p = map_at(NULL, -1, 0);
	unsigned long long at = (uintptr_t)p;
	FILE *map = open_jit_map(path, sizeof(path));

	fprintf(map, "%llx 10 first\n\n%llx\nq 10 no\n%llx q no\n", at, at, at);
	fprintf(map, "%llx ffffffffffffffff too large\n%llx 0 empty\n", at, at);
	fprintf(map, "%llx 8 not a whole line", at + 16);
	fflush(map);
	ck_assert_str_eq(look(getpid(), p)->function, "first");
	ck_assert_str_eq(look(getpid(), p + 15)->function, "first");
	ck_assert_ptr_null(look(getpid(), p + 16)->function);
	fprintf(map, ", now it is\n%llx 10 LazyCompile: again\n", at);
	fflush(map);
	ck_assert_str_eq(look(getpid(), p + 16)->function,
			 "not a whole line, now it is");
	ck_assert_str_eq(look(getpid(), p)->function, "LazyCompile: again");
	fclose(map);
	unlink(path);
}
END_TEST

/* More than is read at once, and a line as long as that. */
START_TEST(reads_long_jit_map)
{
	char path[64], *p = map_at(NULL, -1, 0);
	FILE *map = open_jit_map(path, sizeof(path));

	for (unsigned int i = 0; i < 10000; i++)
		fprintf(map, "%x 10 some function %u\n", 16 * i, i);
	for (unsigned int i = 0; i < 200000; i++)
		fputc('x', map);
	fprintf(map, "\n%llx 10 last\n", (unsigned long long)(uintptr_t)p);
	fclose(map);
	look(getpid(), p);
	unlink(path);
	ck_assert_str_eq(frames[0].function, "last");
}
END_TEST

/* Anybody may write in /tmp. */
START_TEST(distrusts_jit_map)
{
	char path[64], *p = map_at(NULL, -1, 0);
	FILE *map = open_jit_map(path, sizeof(path));

	fprintf(map, "%llx 10 wrong\n", (unsigned long long)(uintptr_t)p);
	ck_assert_int_eq(fchown(fileno(map), 65534, 65534), 0);
	fclose(map);
	look(getpid(), p);
	unlink(path);
	ck_assert_ptr_null(frames[0].function);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	vmp_unwinder_forget(u, getpid());
	look(getpid(), p);
	unlink(path);
	ck_assert_ptr_null(frames[0].function);
}
END_TEST

static pid_t start_child(void)
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return child;
}

static void stop_child(pid_t child)
{
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(keeps_few_processes)
{
	char *p = map_file(NULL, "shared");
	unsigned int before = open_descriptors();
	pid_t children[MANY];

	for (size_t i = 0; i < MANY; i++)
		children[i] = start_child();
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < MANY; i++)
			ck_assert_str_eq(look(children[i], p)->module,
					 "/memfd:shared (deleted)");
	for (size_t i = 0; i < MANY; i++) {
		stop_child(children[i]);
		vmp_unwinder_forget(u, children[i]);
	}
	ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

START_TEST(survives_ended_process)
{
	char *p = map_file(NULL, "shared");
	pid_t child = start_child();
	siginfo_t info;

	choose(_i);
	look(child, p);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
	/* a zombie; then nothing */
	ck_assert_str_eq(look(child, p)->module, "/memfd:shared (deleted)");
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_str_eq(look(child, p)->module, "/memfd:shared (deleted)");
	vmp_unwinder_forget(u, child);
	ck_assert_ptr_null(look(child, p)->module);
	look(child, p + page);
}
END_TEST

/* Returns: whether it makes out nothing. In a process of its own. */
static bool is_blind(pid_t child, const void *address)
{
	return !setgid(65534) && !setuid(65534) &&
	       !look(child, address)->module && !look(child, address)->module;
}

START_TEST(does_without_permission)
{
	char *p = map_file(NULL, "shared");
	pid_t child = start_child(), blind = fork();
	int status = 1;

	ck_assert_int_ge(blind, 0);
	if (!blind)
		_exit(!is_blind(child, p));
	ck_assert_int_eq(waitpid(blind, &status, 0), blind);
	stop_child(child);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(gives_no_more_than_asked_for)
{
	struct vmp_snapshot snapshot = { .pid = getpid(),
					 .tid = getpid(),
					 .pc = (uintptr_t)map_at(NULL, -1, 0) };

	ck_assert_uint_eq(vmp_unwind(u, &snapshot, frames, 0), 0);
	ck_assert_uint_eq(vmp_unwind(u, &snapshot, frames, 1), 1);
}
END_TEST

Suite *suite_unwind(void)
{
	Suite *suite = suite_create("unwind");
	TCase *tests = tcase_create("unwind");

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, takes_registers);
	tcase_add_loop_test(tests, tells_file, 0, 2);
	tcase_add_loop_test(tests, tells_anonymous_memory, 0, 2);
	tcase_add_loop_test(tests, tells_nothing, 0, 2);
	tcase_add_loop_test(tests, tells_what_is_there_now, 0, 2);
	tcase_add_loop_test(tests, tells_new_mapping, 0, 2);
	tcase_add_test(tests, reads_jit_map);
	tcase_add_test(tests, reads_long_jit_map);
	tcase_add_test(tests, keeps_few_processes);
	tcase_add_loop_test(tests, survives_ended_process, 0, 2);
	tcase_add_test(tests, gives_no_more_than_asked_for);
	if (!*vmp_unwinder_missing())
		tcase_add_loop_test(tests, tells_function, 0, 2);
	if (!geteuid()) {
		tcase_add_test(tests, distrusts_jit_map);
		tcase_add_test(tests, does_without_permission);
	}
	return suite;
}
