// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holds as many mappings as it is told to, line by line on standard input:
 *   N        N more, or fewer where it is negative
 *   spike N  N more, and at once fewer
 *   rate N   N more each second, by the clock, until the next line
 *   name X   be called X
 * Answers each line, and the start, with its PID and how many mappings it has
 * made; ends with standard input.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 20 };

static void *made[MOST];
static long count;
static size_t page;

/* Each shared mapping has a file of its own: none merges with another. */
static void grow(long by)
{
	for (; by > 0 && count < MOST; by--) {
		void *at = mmap(NULL, page, PROT_READ,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED)
			return;
		made[count++] = at;
	}
	for (; by < 0 && count; by++)
		munmap(made[--count], page);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until there is a line. */
static void grow_steadily(double each_second)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	double start = now();
	long before = count;

	while (!poll(&input, 1, 2))
		grow(before + (long)(each_second * (now() - start)) - count);
}

static void answer(void)
{
	printf("%d %ld\n", (int)getpid(), count);
	fflush(stdout);
}

int main(void)
{
	char line[100];
	long number;

	page = (size_t)sysconf(_SC_PAGESIZE);
	setvbuf(stdin, NULL, _IONBF, 0);
	answer();
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		number = 0;
		if (sscanf(line, "rate %ld", &number) == 1) {
			answer();
			grow_steadily((double)number);
			continue;
		}
		if (sscanf(line, "spike %ld", &number) == 1) {
			grow(number);
			grow(-number);
		} else if (!strncmp(line, "name ", 5)) {
			prctl(PR_SET_NAME, line + 5);
		} else {
			grow(atol(line));
		}
		answer();
	}
	return 0;
}
