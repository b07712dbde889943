// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a tracer has to stand: busy WHAT [N].
 *
 *   cut N       N munmap() in the middle at the limit; prints failures, bytes
 *   cut-wait N  the same after a newline on standard input
 *   retry N     the same; then all of them are unmapped after all
 *   wait        prints a line, waits for the end of standard input, maps 200
 *   headless    the same in a thread, when the first thread has ended
 *   life        threads, signals, stops, forks, exec; prints sums; exits with 5
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 20, ROUNDS = 5, CALLS = 200, CHILDREN = 10 };

static size_t page;
static int signals;

/* Not a tail call: it shall be in the stack. */
__attribute__((noinline)) static int cut(char *at)
{
	int failed = munmap(at, page) != 0;

	__asm__ volatile("");
	return failed;
}

static char *area;
static size_t area_bytes;

/* Every second page, until so many failed. Returns: how many did. */
static long cut_until(long wanted)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
	long limit = 0, failures = 0;

	if (!file || fscanf(file, "%ld", &limit) != 1)
		exit(EXIT_FAILURE);
	fclose(file);
	area_bytes = (size_t)(2 * (limit + wanted) + 2) * page;
	area = mmap(NULL, area_bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	for (size_t at = page; failures < wanted && at < area_bytes;
	     at += 2 * page)
		failures += cut(area + at);
	return failures;
}

static int run_cut(long wanted)
{
	long failures = cut_until(wanted);
	char line[64];
	int length;

	length = snprintf(line, sizeof(line), "%ld %ld\n", failures,
			  failures * (long)page);
	return write(1, line, (size_t)length) != length;
}

static int run_cut_wait(long wanted)
{
	char byte;

	if (write(1, "waiting\n", 8) != 8)
		return 1;
	while (read(0, &byte, 1) > 0)
		;
	return run_cut(wanted);
}

static int run_wait(long unused)
{
	int worked = 0;
	char byte;

	(void)unused;
	printf("waiting\n");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	for (int i = 0; i < CALLS; i++) {
		void *at = mmap(NULL, page, PROT_READ,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		worked += at != MAP_FAILED && !munmap(at, page);
	}
	printf("%d of %d worked\n", worked, CALLS);
	return 0;
}

static void *wait_in_thread(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	exit(run_wait(0));
}

static int run_headless(long unused)
{
	static pthread_t first, thread;

	(void)unused;
	first = pthread_self();
	if (pthread_create(&thread, NULL, wait_in_thread, &first))
		return 1;
	pthread_exit(NULL);
}

static void count_signal(int number)
{
	(void)number;
	__atomic_add_fetch(&signals, 1, __ATOMIC_RELAXED);
}

static void *map_and_raise(void *sum)
{
	for (int i = 0; i < CALLS; i++) {
		char *at = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		*at = 1;
		__atomic_add_fetch((long *)sum, 1 + munmap(at, 2 * page),
				   __ATOMIC_RELAXED);
		if (i % 10 == 0)
			raise(SIGUSR1);
	}
	return NULL;
}

static long run_threads(void)
{
	pthread_t threads[THREADS];
	long sum = 0;

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, map_and_raise, &sum);
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
	}
	return sum;
}

static int run_child(int how)
{
	pid_t child = how % 2 ? vfork() : fork();
	int status = 0;

	if (child == 0) {
		execlp("sh", "sh", "-c", "exit 3", (char *)NULL);
		_exit(9);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

/* A child that stops, goes on when told, and ends; one that is killed. */
static void run_stops(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		raise(SIGSTOP);
		_exit(3);
	}
	waitpid(child, &status, WUNTRACED);
	printf("stopped: %d\n", WIFSTOPPED(status));
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	printf("ended with %d\n", WEXITSTATUS(status));
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	printf("ended by %d\n", WTERMSIG(status));
	fflush(stdout);
}

static int run_life(long again)
{
	int children = 0;

	signal(SIGUSR1, count_signal);
	printf("calls that worked: %ld\n", run_threads());
	printf("signals: %d\n", signals);
	fflush(stdout);
	for (int i = 0; i < CHILDREN; i++)
		children += run_child(i);
	printf("children: %d\n", children);
	fflush(stdout);
	run_stops();
	if (!again)
		execl("/proc/self/exe", "busy", "life", "1", (char *)NULL);
	return 5;
}

/* Whole areas can always be unmapped: it needs no mapping more. */
static int run_retry(long wanted)
{
	return cut_until(wanted) != wanted || munmap(area, area_bytes) != 0;
}

static const struct {
	const char *name;
	int (*run)(long number);
} modes[] = {
	{ "cut", run_cut },	{ "cut-wait", run_cut_wait },
	{ "retry", run_retry }, { "wait", run_wait },
	{ "life", run_life },	{ "headless", run_headless },
};

int main(int argc, char **argv)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(argv[1], modes[i].name))
			return modes[i].run(argc > 2 ? atol(argv[2]) : 0);
	return 2;
}
