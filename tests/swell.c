// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holds as many mappings as it is told to, line by line on standard input:
 *   N        N more, or fewer where it is negative
 *   spike N  N more, and at once fewer
 *   rate N   N more each second, by the clock, until the next line
 *   name X   be called X, where \n is a newline
 *   exec N   execute itself N times, each time from a second thread; nothing is
 *            held any more
 * Answers each line, and the start, with its PID and how many mappings it has
 * made; ends with standard input.
 */
#include <poll.h>
#include <pthread.h>
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

/* In: text, how often. */
static void *execute(void *text)
{
	execl("/proc/self/exe", "swell", text, NULL);
	perror("execl");
	exit(1);
}

static void execute_from_thread(long times)
{
	pthread_t thread;
	char text[30];

	snprintf(text, sizeof(text), "%ld", times);
	if (times > 0 && !pthread_create(&thread, NULL, execute, text))
		pthread_join(thread, NULL);
}

static void be_called(char *name)
{
	char *newline = strstr(name, "\\n");

	if (newline) {
		*newline = '\n';
		memmove(newline + 1, newline + 2, strlen(newline + 2) + 1);
	}
	prctl(PR_SET_NAME, name);
}

static void answer(void)
{
	printf("%d %ld\n", (int)getpid(), count);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[100];
	long number;

	if (argc > 1)
		execute_from_thread(atol(argv[1]) - 1);
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
		if (sscanf(line, "exec %ld", &number) == 1) {
			execute_from_thread(number);
			continue;
		}
		if (sscanf(line, "spike %ld", &number) == 1) {
			grow(number);
			grow(-number);
		} else if (!strncmp(line, "name ", 5)) {
			be_called(line + 5);
		} else {
			grow(atol(line));
		}
		answer();
	}
	return 0;
}
