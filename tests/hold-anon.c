// SPDX-License-Identifier: GPL-2.0-or-later
/* Anonymous memory that hold maps: in pieces that stay in pieces. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hold.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

enum { READ_WRITE = PROT_READ | PROT_WRITE };

static char *page_at(char *at, size_t index)
{
	return at + index * hold_page;
}

void hold_nothing(size_t count)
{
	(void)count;
}

/* One region of 2 * count pages, of which every second one is changed. */
static void change_every_second(size_t count, int prot, void (*change)(char *))
{
	char *at = hold_place(2 * count);

	hold_map_anon(at, 2 * count, prot);
	for (size_t i = 0; i < count; i++)
		change(page_at(at, 2 * i + 1));
}

static void protect(char *page)
{
	hold_check(mprotect(page, hold_page, PROT_NONE), "mprotect");
}

void hold_alternating(size_t count)
{
	change_every_second(count, READ_WRITE, protect);
}

static void advise_fork(char *page)
{
	hold_check(madvise(page, hold_page, MADV_DONTFORK), "madvise");
}

void hold_dontfork(size_t count)
{
	change_every_second(count, READ_WRITE, advise_fork);
}

static void advise_dump(char *page)
{
	hold_check(madvise(page, hold_page, MADV_DONTDUMP), "madvise");
}

void hold_dontdump(size_t count)
{
	change_every_second(count, READ_WRITE, advise_dump);
}

static void advise_huge(char *page)
{
	hold_check(madvise(page, hold_page, MADV_NOHUGEPAGE), "madvise");
}

void hold_nohugepage(size_t count)
{
	change_every_second(count, READ_WRITE, advise_huge);
}

static void lock(char *page)
{
	hold_check(mlock(page, hold_page), "mlock");
}

void hold_locked(size_t count)
{
	change_every_second(count, READ_WRITE, lock);
}

/* Writable memory is accounted, and remains so once it has been touched. */
static void use_once(char *page)
{
	hold_check(mprotect(page, hold_page, READ_WRITE), "mprotect");
	hold_touch(page);
	protect(page);
}

void hold_noreserve(size_t count)
{
	change_every_second(count, PROT_NONE, use_once);
}

static void bind_to_node(char *page)
{
	unsigned long nodes = 1;

	hold_check(syscall(SYS_mbind, page, hold_page, MPOL_BIND, &nodes,
			   8 * sizeof(nodes), 0),
		   "mbind");
}

void hold_policy(size_t count)
{
	change_every_second(count, READ_WRITE, bind_to_node);
}

static void name_page(char *page, const char *name)
{
	hold_check(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, page, hold_page,
			 name),
		   "prctl");
}

static void name_both(char *page)
{
	name_page(page - hold_page, "hold a");
	name_page(page, "hold b");
}

void hold_name_diff(size_t count)
{
	change_every_second(count, READ_WRITE, name_both);
}

/* So many pieces, each with a hole behind it. */
static void make_lone(size_t count, size_t pages, void (*make)(char *))
{
	char *at = hold_place(count * (pages + 1));

	for (size_t i = 0; i < count; i++)
		make(page_at(at, i * (pages + 1)));
}

static void map_page(char *at)
{
	hold_map_anon(at, 1, READ_WRITE);
}

void hold_isolated(size_t count)
{
	make_lone(count, 1, map_page);
}

static void map_named(char *at)
{
	map_page(at);
	name_page(at, "hold");
}

void hold_named(size_t count)
{
	make_lone(count, 1, map_named);
}

static size_t code_pages(void)
{
	return (65536 + hold_page - 1) / hold_page;
}

static void map_code(char *at)
{
	hold_map_anon(at, code_pages(), PROT_READ | PROT_EXEC);
}

void hold_jit(size_t count)
{
	make_lone(count, code_pages(), map_code);
}

static void map_guarded(char *at)
{
	hold_map_anon(at, 1, PROT_NONE);
	hold_map_anon(page_at(at, 1), 16, READ_WRITE);
}

void hold_guards(size_t count)
{
	make_lone(count, 17, map_guarded);
}

/* Each gets an anon_vma of its own while MADV_DONTFORK sets them apart. */
static void map_faulted(char *at)
{
	char *second = page_at(at, 1);

	hold_map_anon(at, 2, READ_WRITE);
	advise_fork(second);
	hold_touch(at);
	hold_touch(second);
	hold_check(madvise(second, hold_page, MADV_DOFORK), "madvise");
}

void hold_twins_faulted(size_t count)
{
	make_lone(count, 2, map_faulted);
}

static void move_page(char *from, char *to)
{
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	void *got = mremap(from, hold_page, hold_page, flags, to);

	hold_check(got == MAP_FAILED ? -1 : 0, "mremap");
}

/* A touched page keeps the page offset of where it was touched. */
static void map_moved(char *at)
{
	char *scratch = page_at(at, 3);

	for (size_t i = 0; i < 2; i++) {
		map_page(scratch);
		hold_touch(scratch);
		move_page(scratch, page_at(at, i));
	}
}

void hold_twins_moved(size_t count)
{
	make_lone(count, 4, map_moved);
}

/* One mapping, touched as one, whose halves change places. */
static void map_exchanged(char *at)
{
	char *scratch = page_at(at, 3);

	hold_map_anon(scratch, 2, READ_WRITE);
	hold_touch(scratch);
	hold_touch(page_at(scratch, 1));
	move_page(scratch, page_at(at, 1));
	move_page(page_at(scratch, 1), at);
}

void hold_remapped(size_t count)
{
	make_lone(count, 5, map_exchanged);
}

/* Goes on in a child, which is what is held; this process ends as it does. */
static void go_on_in_child(void)
{
	pid_t child = hold_check(fork(), "fork");
	int status = 0;

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* A new page never joins memory with more than one anon_vma in its chain. */
void hold_fork_heap(size_t count)
{
	char *at = hold_place(3 * count);

	for (size_t i = 0; i < count; i++) {
		map_page(page_at(at, 3 * i));
		hold_touch(page_at(at, 3 * i));
	}
	go_on_in_child();
	for (size_t i = 0; i < count; i++)
		map_page(page_at(at, 3 * i + 1));
}
