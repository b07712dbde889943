// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holds exactly so many mappings of a kind, for tests of who owns them:
 *   hold WHAT COUNT [WHAT COUNT]...
 * Prints "PID MAPPINGS" when all are there, the map count without the gate
 * line, and ends when standard input does, or has a line. Exit status 77: this
 * machine has no such thing. It works up to the limit: nothing is allocated but
 * what is held.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "hold.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { CANNOT = 77 };

enum nature {
	USUAL,
	OPTIONAL, /* not every machine has or allows it */
	FORKS,	  /* goes on in a child, so that it comes first */
};

struct row {
	const char *name, *help;
	void (*set_up)(size_t count);
	enum nature nature;
};

static const struct row rows[] = {
	{ "alternating", "a region of pairs rw-p page, ---p page",
	  hold_alternating, USUAL },
	{ "arenas", "malloc arenas, each of a thread", hold_arenas, OPTIONAL },
	{ "deep-files", "files with a path of 10,000 characters",
	  hold_deep_files, USUAL },
	{ "deleted-files", "index/NNN/seg-NNNNNN.dvd, deleted since",
	  hold_deleted_files, USUAL },
	{ "device", "lone pages of /dev/zero, private", hold_device, USUAL },
	{ "dontdump", "MADV_DONTDUMP pages, each beside a normal one",
	  hold_dontdump, USUAL },
	{ "dontfork", "MADV_DONTFORK pages, each beside a normal one",
	  hold_dontfork, USUAL },
	{ "files", "index/NNN/seg-NNNNNN.dvd, removed at the end", hold_files,
	  USUAL },
	{ "fork-heap", "pages beside memory that came through a fork",
	  hold_fork_heap, FORKS },
	{ "guardless-threads", "thread stacks with guardsize 0",
	  hold_guardless_threads, USUAL },
	{ "guards", "lone ---p pages, each below 16 pages rw-p", hold_guards,
	  USUAL },
	{ "hostile-files", "files, and a command, with escapes in their names",
	  hold_hostile_files, USUAL },
	{ "hugetlb", "huge pages", hold_hugetlb, OPTIONAL },
	{ "io-uring", "rings, each of two mappings", hold_io_uring, OPTIONAL },
	{ "isolated", "lone rw-p pages", hold_isolated, USUAL },
	{ "jit", "lone r-xp pieces of 64 KiB", hold_jit, USUAL },
	{ "locked", "locked pages, each beside a normal one", hold_locked,
	  OPTIONAL },
	{ "memfd", "one page of a memfd each, hold-NNN", hold_memfd, USUAL },
	{ "name-diff", "pages of two names in turn", hold_name_diff, OPTIONAL },
	{ "named", "lone pages with a name", hold_named, OPTIONAL },
	{ "nohugepage", "MADV_NOHUGEPAGE pages, each beside a normal one",
	  hold_nohugepage, OPTIONAL },
	{ "noreserve", "PROT_NONE pages once used, each beside one never used",
	  hold_noreserve, USUAL },
	{ "nothing", "what every process holds", hold_nothing, USUAL },
	{ "offset-gap", "pages of one file, every second one", hold_offset_gap,
	  USUAL },
	{ "policy", "pages of one node, each beside a normal one", hold_policy,
	  OPTIONAL },
	{ "really-deleted-name", "files really named \"... (deleted)\"",
	  hold_really_deleted_name, USUAL },
	{ "remapped", "pairs of touched pages that changed places",
	  hold_remapped, USUAL },
	{ "shared-anon", "shared anonymous pages", hold_shared_anon, USUAL },
	{ "sharing", "pairs of a shared page and a private one", hold_sharing,
	  USUAL },
	{ "small-threads", "thread stacks of 64 KiB", hold_small_threads,
	  USUAL },
	{ "special", "huge pages of one file, side by side", hold_special,
	  OPTIONAL },
	{ "sysv", "System V segments, removed since", hold_sysv, OPTIONAL },
	{ "threads", "thread stacks of the usual size", hold_threads, USUAL },
	{ "twins-faulted", "pairs that were touched while they differed",
	  hold_twins_faulted, USUAL },
	{ "twins-file", "pairs of pages of one file, opened twice",
	  hold_twins_file, USUAL },
	{ "twins-moved", "pairs of touched pages from two other places",
	  hold_twins_moved, USUAL },
	{ "uffd", "pairs of pages of two userfaultfds", hold_uffd, OPTIONAL },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

size_t hold_page;

/* What is being set up. */
static const struct row *row;

/* stdio would allocate a buffer. */
__attribute__((format(printf, 2, 3))) static void say(int fd,
						      const char *format, ...)
{
	char text[256];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (length < 0 || write(fd, text, strnlen(text, sizeof(text))) < 0)
		_exit(1);
}

int hold_check(long rc, const char *call)
{
	if (rc >= 0)
		return (int)rc;
	say(STDERR_FILENO, "hold: %s: %s: %s\n", row->name, call,
	    strerror(errno));
	hold_end(row->nature == OPTIONAL ? CANNOT : 1);
	return -1;
}

/* A call's answer with a pointer. */
static char *check_map(void *at, const char *call)
{
	hold_check(at == MAP_FAILED ? -1 : 0, call);
	return at;
}

char *hold_place(size_t pages)
{
	size_t bytes = (pages + 2) * hold_page;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	char *at =
		check_map(mmap(NULL, bytes, PROT_NONE, flags, -1, 0), "mmap");

	hold_check(munmap(at, bytes), "munmap");
	return at + hold_page;
}

void hold_map(char *at, size_t pages, int prot, int flags, int fd, off_t offset)
{
	size_t bytes = pages * hold_page;

	check_map(mmap(at, bytes, prot, flags | MAP_FIXED_NOREPLACE, fd,
		       offset),
		  "mmap");
}

void hold_map_anon(char *at, size_t pages, int prot)
{
	hold_map(at, pages, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

void hold_touch(char *at)
{
	*(volatile char *)at = 1;
}

static int usage(void)
{
	say(STDERR_FILENO, "usage: hold WHAT COUNT [WHAT COUNT]...\n");
	for (size_t i = 0; i < ROWS; i++)
		say(STDERR_FILENO, "  %-20s %s\n", rows[i].name, rows[i].help);
	return 2;
}

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/* The beginning of a line, and how long the whole is. */
struct line {
	char text[16];
	size_t length;
};

/* The one mapping in the kernel's half of the addresses: [vsyscall]. */
static bool is_gate(const struct line *line)
{
	return !strncmp(line->text, "ffffffffff600000", sizeof(line->text));
}

/* How many mappings end in these bytes of text? */
static long count_text(struct line *line, const char *text, size_t length)
{
	long count = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] != '\n') {
			if (line->length < sizeof(line->text))
				line->text[line->length] = text[i];
			line->length++;
			continue;
		}
		count += !is_gate(line);
		line->length = 0;
	}
	return count;
}

static long count_mappings(void)
{
	static char text[65536];
	static struct line line;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	long count = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	while ((got = read(fd, text, sizeof(text))) > 0)
		count += count_text(&line, text, (size_t)got);
	close(fd);
	return got < 0 ? -1 : count;
}

static int set_up(const char *name, const char *number, bool first)
{
	char *end;
	size_t count = number ? strtoul(number, &end, 10) : 0;

	row = find_row(name);
	if (!row || !count || *end || (row->nature == FORKS && !first))
		return usage();
	row->set_up(count);
	return 0;
}

static int set_up_all(char **words, int count)
{
	int rc = count ? 0 : usage();

	for (int i = 0; i < count && !rc; i += 2)
		rc = set_up(words[i], words[i + 1], !i);
	return rc;
}

static void wait_for_end(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
		;
}

/* glibc 2.41 maps the state of its getrandom() at the first call. */
static void map_random_state(void)
{
	char byte;

	if (getrandom(&byte, 1, GRND_NONBLOCK) < 0)
		errno = 0;
}

int main(int argc, char **argv)
{
	int rc;

	map_random_state();
	hold_page = (size_t)sysconf(_SC_PAGESIZE);
	rc = set_up_all(argv + 1, argc - 1);
	if (!rc) {
		say(STDOUT_FILENO, "%d %ld\n", (int)getpid(), count_mappings());
		wait_for_end();
	}
	hold_end(rc);
}
