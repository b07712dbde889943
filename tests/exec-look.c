// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a program that vmaprobe starts finds, for tests of exec:
 *   exec-look left            mappings that are left when main() begins
 *   exec-look state [ARG]...  all that it was given: signals, limits, files
 *   exec-look fill            how many calls of mmap() succeed, each a mapping
 *   exec-look threads N       how many of so many threads can be started
 *   exec-look hold            "pid PID"; ends when standard input does
 * Nothing is allocated before the mappings are counted.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char text[1 << 20];
static char line[200];

/* Lines of maps, but for the gate's; by parts, of which none is kept. */
static long count_mappings(void)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	long lines = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while ((n = read(fd, text, sizeof(text) - 1)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			lines += text[i] == '\n';
		text[n] = '\0';
		/* the last line, in whole */
		lines -= strstr(text, "[vsyscall]") != NULL;
	}
	close(fd);
	return lines;
}

static long read_limit(void)
{
	int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, 31);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strtol(text, NULL, 10);
}

/* No stdio, which would map. */
static void say(const char *words, long number)
{
	int n = snprintf(line, sizeof(line), "%s%ld\n", words, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(EXIT_FAILURE);
}

static int left(char **argv)
{
	(void)argv;
	say("", read_limit() - count_mappings());
	return 0;
}

static int hold(char **argv)
{
	(void)argv;
	say("pid ", getpid());
	while (read(STDIN_FILENO, line, sizeof(line)) > 0)
		;
	return 0;
}

static int fill(char **argv)
{
	long calls = 0;

	(void)argv;
	/* two kinds of access in turn, so that none merges */
	while (mmap(NULL, 4096, calls % 2 ? PROT_READ : PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		calls++;
	say("", calls);
	return 0;
}

static pthread_barrier_t barrier;

static void *thread(void *argument)
{
	pthread_barrier_wait(&barrier);
	return argument;
}

static int threads(char **argv)
{
	long wanted = argv[0] ? atol(argv[0]) : 1, started = 0;
	pthread_t id;

	pthread_barrier_init(&barrier, NULL, (unsigned int)wanted + 1);
	while (started < wanted && !pthread_create(&id, NULL, thread, NULL))
		started++;
	if (started == wanted)
		pthread_barrier_wait(&barrier);
	say("", started);
	return 0;
}

static void show_signals(void)
{
	struct sigaction action;
	sigset_t mask, pending;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigpending(&pending);
	for (int i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &action))
			continue;
		printf("signal %d %s %#x%s%s\n", i,
		       action.sa_handler == SIG_IGN ? "ignored" : "default",
		       (unsigned int)action.sa_flags,
		       sigismember(&mask, i) ? " blocked" : "",
		       sigismember(&pending, i) ? " pending" : "");
	}
}

static void show_files(void)
{
	char path[40];
	ssize_t n;

	for (int fd = 0; fd < 200; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, line, sizeof(line) - 1);
		if (n > 0)
			printf("file %d %.*s\n", fd, (int)n, line);
	}
}

static int state(char **argv)
{
	struct rlimit limit;
	mode_t mask = umask(0);

	show_signals();
	show_files();
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (!getrlimit(i, &limit))
			printf("limit %d %llu %llu\n", i,
			       (unsigned long long)limit.rlim_cur,
			       (unsigned long long)limit.rlim_max);
	printf("umask %o group %d session %d nice %d\n", mask, (int)getpgrp(),
	       (int)getsid(0), getpriority(PRIO_PROCESS, 0));
	for (; *argv; argv++)
		printf("argument \"%s\"\n", *argv);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **argv);
	} rows[] = { { "left", left },
		     { "state", state },
		     { "fill", fill },
		     { "threads", threads },
		     { "hold", hold } };

	for (size_t i = 0; argc > 1 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(argv[1], rows[i].name))
			return rows[i].run(argv + 2);
	return left(argv);
}
