// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A library to preload: what happens before a program's entry point. EARLY is
 * threads, which go on, or process, which is waited for.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *argument)
{
	pause();
	return argument;
}

static void __attribute__((constructor)) begin(void)
{
	const char *what = getenv("EARLY");
	pthread_t id;
	pid_t pid;

	if (!what)
		return;
	for (int i = 0; !strcmp(what, "threads") && i < 3; i++)
		pthread_create(&id, NULL, thread, NULL);
	if (strcmp(what, "process") != 0)
		return;
	pid = fork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}
