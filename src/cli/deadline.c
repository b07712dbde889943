// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers in time: a thread that waits, and speaks where nobody else did. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/deadline.h"

enum { STACK_BYTES = 64 * 1024 };

static struct {
	struct timespec at;
	const char *text;
	int status;
} deadline;

static atomic_flag answered = ATOMIC_FLAG_INIT;

static void *wait_for_it(void *unused)
{
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline.at,
			       NULL) == EINTR)
		;
	if (atomic_flag_test_and_set(&answered))
		return unused;
	/* where that fails, the status still says it */
	if (write(STDOUT_FILENO, deadline.text, strlen(deadline.text)) < 0)
		_exit(deadline.status);
	_exit(deadline.status);
}

static void set_time(double seconds)
{
	const long billion = 1000000000;

	clock_gettime(CLOCK_MONOTONIC, &deadline.at);
	deadline.at.tv_sec += (time_t)seconds;
	deadline.at.tv_nsec +=
		(long)((seconds - (double)(time_t)seconds) * (double)billion);
	deadline.at.tv_sec += deadline.at.tv_nsec / billion;
	deadline.at.tv_nsec %= billion;
}

int vmp_deadline_start(double seconds, const char *text, int status)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int error;

	deadline.text = text;
	deadline.status = status;
	set_time(seconds);
	error = pthread_attr_init(&attributes);
	if (error)
		return -error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, wait_for_it, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

static bool is_over(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > deadline.at.tv_sec ||
	       (now.tv_sec == deadline.at.tv_sec &&
		now.tv_nsec >= deadline.at.tv_nsec);
}

void vmp_deadline_met(void)
{
	/* then the other thread writes, and ends this one */
	while (is_over() || atomic_flag_test_and_set(&answered))
		pause();
}
