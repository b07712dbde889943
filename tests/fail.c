// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fail ROW: makes one memory call fail for a known cause, and prints
 *
 *   CALL ERRNO
 *
 * or "cannot" where this kernel or machine does not let it fail. fail without
 * arguments prints the rows: NAME CALL CAUSE.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fail.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

size_t fail_page;

static void stop(const char *why)
{
	perror(why);
	exit(EXIT_FAILURE);
}

char *fail_area(int prot)
{
	/* with a page around it that differs, so that it stays one mapping */
	char *area = mmap(NULL, (FAIL_AREA + 2) * fail_page, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (area == MAP_FAILED ||
	    mprotect(area + fail_page, FAIL_AREA * fail_page, prot))
		stop("area");
	return area + fail_page;
}

/* Lines of maps, without the gate. Reads by itself: stdio would allocate. */
static int count_mappings(void)
{
	static char text[1 << 16];
	int fd = open("/proc/self/maps", O_RDONLY), lines = 0;
	ssize_t n;

	if (fd < 0)
		stop("/proc/self/maps");
	while ((n = read(fd, text, sizeof(text) - 1)) > 0) {
		text[n] = '\0';
		for (char *p = text; (p = strchr(p, '\n')); p++)
			lines++;
		if (strstr(text, "[vsyscall]"))
			lines--;
	}
	close(fd);
	return lines;
}

static int read_limit(void)
{
	char text[32] = "";
	int fd = open("/proc/sys/vm/max_map_count", O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		stop("max_map_count");
	close(fd);
	return atoi(text);
}

void fail_leave(int headroom)
{
	size_t limit = (size_t)read_limit();
	/* a free range in which every second page finds room */
	char *place = mmap(NULL, (2 * limit + 2) * fail_page, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int more;

	if (place == MAP_FAILED || munmap(place, (2 * limit + 2) * fail_page))
		stop("ballast");
	more = (int)limit - headroom - count_mappings();
	for (int i = 0; i < more; i++)
		if (mmap(place + (size_t)(2 * i + 1) * fail_page, fail_page,
			 PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				 MAP_FIXED_NOREPLACE,
			 -1, 0) == MAP_FAILED)
			stop("ballast page");
}

int fail_errno(long result)
{
	return result == -1 ? errno : 0;
}

void fail_rlimit(int resource, uint64_t bytes)
{
	struct rlimit limit;

	getrlimit((__rlimit_resource_t)resource, &limit);
	limit.rlim_cur = bytes;
	if (setrlimit((__rlimit_resource_t)resource, &limit))
		stop("setrlimit");
}

void fail_drop(void)
{
	if (geteuid() == 0 &&
	    (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
		stop("setresuid");
}

static const struct fail_row *find(const struct fail_row *rows, size_t count,
				   const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static void list(const struct fail_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%s %s %s\n", rows[i].name, rows[i].call, rows[i].cause);
}

int main(int argc, char **argv)
{
	const struct fail_row *row = NULL;
	char line[128];
	int error, length;

	fail_page = (size_t)sysconf(_SC_PAGESIZE);
	if (argc == 1) {
		list(fail_count_rows, fail_count_row_count);
		list(fail_other_rows, fail_other_row_count);
		return 0;
	}
	row = find(fail_count_rows, fail_count_row_count, argv[1]);
	if (!row)
		row = find(fail_other_rows, fail_other_row_count, argv[1]);
	if (!row)
		return 2;
	error = row->run();
	/* no stdio: there may be no memory for it any more */
	length = error ? snprintf(line, sizeof(line), "%s %s\n", row->call,
				  strerrorname_np(error))
		       : snprintf(line, sizeof(line), "cannot\n");
	return write(1, line, (size_t)length) == length ? 0 : 1;
}
