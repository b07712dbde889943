// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times two commands as whole processes, in turn, and prints their ratio:
 *   compare RUNS NAME GOAL COMMAND_A COMMAND_B
 * Each command is split at blanks; both are run once before they count.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_RUNS = 101, MOST_WORDS = 32 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_words(char *command)
{
	char *words[MOST_WORDS + 1];
	size_t count = 0;
	int null = open("/dev/null", O_WRONLY);

	for (char *w = strtok(command, " "); w && count < MOST_WORDS;
	     w = strtok(NULL, " "))
		words[count++] = w;
	words[count] = NULL;
	if (!count)
		_exit(127);
	dup2(null, STDOUT_FILENO);
	execvp(words[0], words);
	_exit(127);
}

/* Seconds from fork to reap. */
static double time_command(const char *command)
{
	double started = now();
	pid_t child = fork();
	int status;

	if (child == 0) {
		char *copy = strdup(command);

		if (copy)
			run_words(copy);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child ||
	    !WIFEXITED(status) || WEXITSTATUS(status) == 127) {
		fprintf(stderr, "compare: cannot run %s\n", command);
		exit(1);
	}
	return now() - started;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double ratio[MOST_RUNS], a[MOST_RUNS];
	long runs = argc == 6 ? strtol(argv[1], NULL, 10) : 0;

	if (runs < 1 || runs > MOST_RUNS) {
		fprintf(stderr, "usage: compare RUNS NAME GOAL A B\n");
		return 2;
	}
	time_command(argv[4]);
	time_command(argv[5]);
	for (long i = 0; i < runs; i++) {
		a[i] = time_command(argv[4]);
		ratio[i] = a[i] / time_command(argv[5]);
	}
	qsort(ratio, (size_t)runs, sizeof(*ratio), by_value);
	qsort(a, (size_t)runs, sizeof(*a), by_value);
	printf("%-44s %5.2f  (%.2f to %.2f)  goal %s\n", argv[2],
	       ratio[runs / 2], ratio[0], ratio[runs - 1], argv[3]);
	return 0;
}
