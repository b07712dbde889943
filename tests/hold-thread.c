// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads that hold starts: each waits for good, on a stack of its own. */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "hold.h"

static sem_t ready;

/* argument: how much to allocate first. */
static void *wait_for_good(void *argument)
{
	size_t bytes = (size_t)(uintptr_t)argument;
	char *memory = bytes ? malloc(bytes) : NULL;

	if (memory)
		hold_touch(memory);
	sem_post(&ready);
	for (;;)
		pause();
	return NULL;
}

/* One after the other, so that all is mapped when this returns. */
static void start(size_t count, const pthread_attr_t *attributes, size_t bytes)
{
	void *argument = (void *)(uintptr_t)bytes;
	pthread_t thread;

	sem_init(&ready, 0, 0);
	for (size_t i = 0; i < count; i++) {
		errno = pthread_create(&thread, attributes, wait_for_good,
				       argument);
		hold_check(-errno, "pthread_create");
		while (sem_wait(&ready))
			;
	}
}

void hold_threads(size_t count)
{
	start(count, NULL, 0);
}

void hold_small_threads(size_t count)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	start(count, &attributes, 0);
}

void hold_guardless_threads(size_t count)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setguardsize(&attributes, 0);
	start(count, &attributes, 0);
}

/* A thread's first malloc() makes an arena, up to M_ARENA_MAX of them. */
void hold_arenas(size_t count)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, (int)count + 1);
	start(count, NULL, 1000);
#else
	(void)count;
	errno = ENOSYS;
	hold_check(-1, "mallopt");
#endif
}
