// SPDX-License-Identifier: GPL-2.0-or-later
/* What only the kernel sees of mappings: of this process, or of a child. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "trace/hidden.h"
#include "unit.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

enum {
	PREFERRED = 1, /* MPOL_PREFERRED, which libc does not have */
	MANY = 3000,   /* more than one read(), and than the first room */
};

static size_t page;
static char *at; /* the pages of the test, at the same place in the child */
static struct vmp_hidden_reader reader;
static struct vmp_hidden *facts;
static size_t count;

/* Pages without access, and one more on each side: nothing merges there. */
static void reserve(size_t pages)
{
	char *p = mmap(NULL, (pages + 2) * page, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	at = p + page;
}

static char *open_page(size_t index)
{
	char *p = at + index * page;

	ck_assert_int_eq(mprotect(p, page, PROT_READ | PROT_WRITE), 0);
	return p;
}

static void touch(size_t index)
{
	*(volatile char *)open_page(index) = 1;
}

static void read_facts(pid_t pid)
{
	int rc = vmp_hidden_read(&reader, pid, &facts, &count);

	ck_assert_msg(rc == 0, "%d: %s", rc, reader.reason);
	ck_assert_str_eq(reader.reason, "");
}

/* The mapping that holds a page of the test. */
static const struct vmp_hidden *fact(size_t index)
{
	uint64_t address = (uintptr_t)at + index * page;

	for (size_t i = 0; i < count; i++)
		if (facts[i].start <= address && address < facts[i].end)
			return &facts[i];
	ck_abort_msg("no mapping holds page %zu", index);
	return NULL;
}

/* Page `index` becomes the same page of a file, which is closed then. */
static void map_file(int fd, size_t index)
{
	char *p = mmap(at + index * page, page, PROT_READ,
		       MAP_SHARED | MAP_FIXED, fd, (off_t)(index * page));

	ck_assert_ptr_ne(p, MAP_FAILED);
	close(fd);
}

static int open_again(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDWR | O_CLOEXEC);
}

START_TEST(tells_opens_apart)
{
	int fd = memfd_create("hidden", MFD_CLOEXEC);

	reserve(3);
	ck_assert_int_eq(ftruncate(fd, (off_t)(3 * page)), 0);
	map_file(open_again(fd), 0);
	map_file(fcntl(fd, F_DUPFD_CLOEXEC, 0), 1);
	map_file(fd, 2);
	read_facts(0);
	ck_assert_uint_eq(fact(0)->end, fact(1)->start);
	ck_assert_uint_ne(fact(0)->file, 0);
	ck_assert_uint_ne(fact(1)->file, 0);
	ck_assert_uint_ne(fact(0)->file, fact(1)->file);
	ck_assert_uint_eq(fact(0)->page_offset, 0);
	ck_assert_uint_eq(fact(1)->page_offset, 1);
	/* of one open, through two descriptors: merged */
	ck_assert_ptr_eq(fact(1), fact(2));
	free(facts);
}
END_TEST

START_TEST(tells_where_memory_was)
{
	reserve(6);
	touch(0);
	touch(4);
	ck_assert_ptr_eq(mremap(at + 4 * page, page, page,
				MREMAP_MAYMOVE | MREMAP_FIXED, at + page),
			 at + page);
	read_facts(0);
	ck_assert_uint_eq(fact(0)->end, fact(1)->start);
	ck_assert_uint_ne(fact(0)->anon_vma, 0);
	ck_assert_uint_ne(fact(1)->anon_vma, 0);
	ck_assert_uint_eq(fact(1)->page_offset, fact(0)->page_offset + 4);
	ck_assert_uint_eq(fact(0)->file, 0);
	free(facts);
}
END_TEST

START_TEST(tells_policy)
{
	unsigned long first_node = 1;

	reserve(3);
	touch(0);
	touch(2);
	/* refused without NUMA, and by filters of system calls */
	if (syscall(SYS_mbind, at + 2 * page, page, PREFERRED, &first_node,
		    8 * sizeof(first_node), 0) < 0)
		return;
	read_facts(0);
	ck_assert_uint_eq(fact(0)->policy, 0);
	ck_assert_uint_ne(fact(2)->policy, 0);
	free(facts);
}
END_TEST

/* Returns: a descriptor, or -1 where it is not permitted. */
static int register_page(size_t index)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { (uintptr_t)open_page(index), page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0)
		return -1;
	ck_assert_int_eq(ioctl(fd, UFFDIO_API, &api), 0);
	ck_assert_int_eq(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	return fd;
}

START_TEST(tells_userfault_apart)
{
	int first, second;

	reserve(3);
	first = register_page(0);
	second = register_page(1);
	open_page(2);
	if (first < 0 || second < 0)
		return;
	read_facts(0);
	ck_assert_uint_ne(fact(0)->userfault, 0);
	ck_assert_uint_ne(fact(1)->userfault, 0);
	ck_assert_uint_ne(fact(0)->userfault, fact(1)->userfault);
	ck_assert_uint_eq(fact(2)->userfault, 0);
	free(facts);
	close(first);
	close(second);
}
END_TEST

/* A child that does what is to be seen, and waits to be killed. */
static pid_t start(void (*prepare)(void))
{
	int ready[2];
	pid_t child;
	char c;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prepare();
		while (write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return child;
}

static void stop(pid_t child)
{
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static void touch_own(void)
{
	touch(2);
	open_page(4);
}

START_TEST(tells_what_is_inherited)
{
	pid_t child;

	reserve(5);
	touch(0);
	child = start(touch_own);
	read_facts(child);
	ck_assert_uint_ne(fact(0)->anon_vma, 0);
	ck_assert(fact(0)->inherited);
	ck_assert_uint_ne(fact(2)->anon_vma, 0);
	ck_assert(!fact(2)->inherited);
	ck_assert_uint_eq(fact(4)->anon_vma, 0);
	ck_assert(!fact(4)->inherited);
	free(facts);
	stop(child);
	/* for the parent it is its own */
	read_facts(0);
	ck_assert(!fact(0)->inherited);
	free(facts);
}
END_TEST

/* As many as the limit allows. */
static void cut_many(void)
{
	for (size_t i = 0; i < MANY; i += 2)
		if (mprotect(at + i * page, page, PROT_READ))
			break;
}

static void *wait_forever(void *together)
{
	if (unshare(CLONE_FILES) == 0)
		pthread_barrier_wait(together);
	while (together)
		pause();
	return NULL;
}

/* With files of its own: the kernel's iterator visits such a thread as well. */
static void start_thread(void)
{
	static pthread_barrier_t together;
	pthread_t thread;

	pthread_barrier_init(&together, NULL, 2);
	if (pthread_create(&thread, NULL, wait_forever, &together))
		_exit(1);
	pthread_barrier_wait(&together);
	cut_many();
}

static void (*const preparations[])(void) = { cut_many, start_thread };

START_TEST(lists_what_maps_lists)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;
	struct vmp_mapping m;
	size_t n = 0;
	pid_t child;

	reserve(MANY);
	child = start(preparations[_i]);
	read_facts(child);
	ck_assert_int_eq(vmp_maps_open(ctx, child, &maps), 0);
	while (vmp_maps_next(maps, &m) > 0) {
		if (!m.counted)
			continue;
		ck_assert_uint_lt(n, count);
		ck_assert_uint_eq(facts[n].start, m.start);
		ck_assert_uint_eq(facts[n].end, m.end);
		ck_assert_int_eq(facts[n].file != 0, m.inode != 0);
		if (m.inode)
			ck_assert_uint_eq(facts[n].page_offset,
					  m.offset / page);
		n++;
	}
	ck_assert_uint_eq(n, count);
	vmp_maps_close(maps);
	vmp_free(ctx);
	free(facts);
	stop(child);
}
END_TEST

static void nothing(void)
{
}

START_TEST(misses_ended_process)
{
	unsigned int before = open_descriptors();
	siginfo_t info;
	pid_t child = start(nothing);

	read_facts(child);
	free(facts);
	facts = NULL;
	kill(child, SIGKILL);
	ck_assert_int_eq(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
	for (int i = 0; i < 2; i++) {
		/* a zombie; then nothing */
		ck_assert_int_eq(vmp_hidden_read(&reader, child, &facts,
						 &count),
				 -ESRCH);
		assert_holds(reader.reason, "has ended");
		ck_assert_int_eq(vmp_hidden_read(NULL, child, &facts, &count),
				 -ESRCH);
		waitpid(child, NULL, 0);
	}
	ck_assert_ptr_null(facts);
	ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

/* Both functions say the same. Returns: what. */
static int refused(void)
{
	char reason[256] = "";
	int rc = vmp_hidden_available(reason, sizeof(reason));

	ck_assert_int_lt(rc, 0);
	ck_assert_str_ne(reason, "");
	ck_assert_int_eq(vmp_hidden_read(&reader, 0, &facts, &count), rc);
	ck_assert_str_eq(reader.reason, reason);
	ck_assert_ptr_null(facts);
	return rc;
}

START_TEST(says_why_not)
{
	refused();
}
END_TEST

static void give_privilege_up(void)
{
	if (setgid(65534) || setuid(65534) || refused() != -EPERM ||
	    !strstr(reader.reason, "CAP_BPF and CAP_PERFMON"))
		_exit(1);
}

START_TEST(needs_privilege)
{
	pid_t child;

	if (geteuid())
		return;
	child = start(give_privilege_up);
	stop(child);
}
END_TEST

/* Where it cannot be read there is one thing to test: that it says so. */
Suite *suite_hidden(void)
{
	Suite *suite = suite_create("hidden");
	TCase *tests = tcase_create("hidden");
	char reason[256];

	page = (size_t)sysconf(_SC_PAGESIZE);
	suite_add_tcase(suite, tests);
	if (in_valgrind())
		return suite;
	if (vmp_hidden_available(reason, sizeof(reason)) < 0) {
		tcase_add_test(tests, says_why_not);
		return suite;
	}
	tcase_add_test(tests, tells_opens_apart);
	tcase_add_test(tests, tells_where_memory_was);
	tcase_add_test(tests, tells_policy);
	tcase_add_test(tests, tells_userfault_apart);
	tcase_add_test(tests, tells_what_is_inherited);
	tcase_add_loop_test(tests, lists_what_maps_lists, 0,
			    VMP_COUNT(preparations));
	tcase_add_test(tests, misses_ended_process);
	tcase_add_test(tests, needs_privilege);
	return suite;
}
