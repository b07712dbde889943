// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads a file ahead in a thread: two blocks go round between it and us. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ahead.h"

enum {
	BLOCK = 64 * 1024,
	BLOCKS = 2,
	PART = 4096,	   /* /proc answers so much a read, at most */
	STACK = 64 * 1024, /* read(2) needs little */
};

struct block {
	size_t length, taken;
	int error; /* errno behind the text; 0: the end, if it is not full */
	bool last;
	char text[BLOCK];
};

struct vmp_ahead {
	int fd;
	bool stop; /* read and written atomically */
	pthread_t thread;
	sem_t filled, empty; /* blocks */
	size_t turn;	     /* the block that is being taken from */
	bool holds;	     /* one is */
	struct block blocks[BLOCKS];
};

static void wait_for(sem_t *semaphore)
{
	while (sem_wait(semaphore) && errno == EINTR)
		;
}

static void fill(int fd, struct block *b)
{
	ssize_t n = 1;

	b->length = b->taken = 0;
	b->error = 0;
	while (n > 0 && BLOCK - b->length >= PART) {
		n = read(fd, b->text + b->length, BLOCK - b->length);
		if (n > 0)
			b->length += (size_t)n;
	}
	b->last = n <= 0;
	if (n < 0)
		b->error = errno;
}

static void *run(void *argument)
{
	struct vmp_ahead *a = argument;
	bool last = false;

	for (size_t i = 0; !last; i = (i + 1) % BLOCKS) {
		wait_for(&a->empty);
		if (__atomic_load_n(&a->stop, __ATOMIC_ACQUIRE))
			break;
		fill(a->fd, &a->blocks[i]);
		last = a->blocks[i].last;
		sem_post(&a->filled);
	}
	return NULL;
}

static bool has_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) > 1;
}

/* Signals are for the threads of the program that calls us. */
static int start_thread(struct vmp_ahead *a)
{
	pthread_attr_t attributes;
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&a->thread, &attributes, run, a);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	return rc;
}

struct vmp_ahead *vmp_ahead_start(int fd)
{
	struct vmp_ahead *a = has_processors() ? malloc(sizeof(*a)) : NULL;

	if (!a)
		return NULL;
	a->fd = fd;
	a->stop = a->holds = false;
	a->turn = 0;
	sem_init(&a->filled, 0, 0);
	sem_init(&a->empty, 0, BLOCKS);
	if (!start_thread(a))
		return a;
	free(a);
	return NULL;
}

ssize_t vmp_ahead_read(struct vmp_ahead *a, char *buffer, size_t size)
{
	struct block *b = &a->blocks[a->turn];
	size_t left;

	if (!a->holds)
		wait_for(&a->filled);
	a->holds = true;
	left = b->length - b->taken;
	if (!left && b->last)
		return -b->error;
	if (size > left)
		size = left;
	memcpy(buffer, b->text + b->taken, size);
	b->taken += size;
	if (b->taken == b->length && !b->last) {
		a->turn = (a->turn + 1) % BLOCKS;
		a->holds = false;
		sem_post(&a->empty);
	}
	return (ssize_t)size;
}

void vmp_ahead_stop(struct vmp_ahead *a)
{
	if (!a)
		return;
	__atomic_store_n(&a->stop, true, __ATOMIC_RELEASE);
	sem_post(&a->empty);
	pthread_join(a->thread, NULL);
	sem_destroy(&a->filled);
	sem_destroy(&a->empty);
	free(a);
}
