// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations of the truth table: processes, threads, and what libc does. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "worker/cell.h"

bool vmp_is_mapped(const void *page, size_t page_bytes)
{
	unsigned char resident;

	return !mincore((void *)(uintptr_t)page, page_bytes, &resident) ||
	       errno != ENOMEM;
}

/* Where the page begins that it lies in. */
static void *page_at(const struct cell *c, const void *address)
{
	uint64_t mask = ~(uint64_t)(c->w->page_bytes - 1);

	return vmp_pointer((uint64_t)(uintptr_t)address & mask);
}

static int do_fork(struct cell *c)
{
	c->child = fork();
	if (c->child == 0)
		_exit(0);
	return c->child < 0 ? errno : 0;
}

static void reap(struct cell *c)
{
	if (c->child <= 0)
		return;
	while (waitpid(c->child, NULL, 0) < 0 && errno == EINTR)
		;
}

const struct attempt try_fork = { .make = do_fork, .undo = reap };

/* Until it has become another program the child lives in this one's memory. */
static int do_exec(struct cell *c)
{
	char name[] = "vmaprobe-worker", option[] = "--exit";
	char *const arguments[] = { name, option, NULL };
	char *const environment[] = { NULL };
	volatile int error = 0;

	c->child = vfork();
	if (c->child == 0) {
		execve("/proc/self/exe", arguments, environment);
		error = errno;
		_exit(1);
	}
	return c->child < 0 ? errno : error;
}

const struct attempt try_exec = { .make = do_exec, .undo = reap };

static void *wait_to_end(void *data)
{
	struct cell *c = data;

	c->at = (char *)__builtin_frame_address(0);
	while (sem_wait(&c->thread_may_end) && errno == EINTR)
		;
	return NULL;
}

int vmp_thread_start(struct cell *c, size_t stack_bytes)
{
	pthread_attr_t attributes;
	int error;

	sem_init(&c->thread_may_end, 0, 0);
	pthread_attr_init(&attributes);
	error = pthread_attr_setstacksize(&attributes, stack_bytes);
	if (!error)
		error = pthread_create(&c->thread, &attributes, wait_to_end, c);
	pthread_attr_destroy(&attributes);
	c->thread_runs = !error;
	return error;
}

static int end_thread(struct cell *c)
{
	sem_post(&c->thread_may_end);
	c->thread_runs = false;
	return pthread_join(c->thread, NULL);
}

static int do_pthread_create(struct cell *c)
{
	return vmp_thread_start(c, c->length);
}

static void undo_pthread_create(struct cell *c)
{
	if (c->thread_runs)
		end_thread(c);
}

const struct attempt try_pthread_create = {
	.make = do_pthread_create,
	.undo = undo_pthread_create,
};

/* libc keeps small stacks for the next thread; one so large it unmaps. */
static int do_pthread_exit(struct cell *c)
{
	int error = end_thread(c);

	if (error)
		return error;
	return vmp_is_mapped(page_at(c, c->at), c->w->page_bytes)
		       ? VMP_ERROR_LEAK
		       : 0;
}

const struct attempt try_pthread_exit = { .make = do_pthread_exit };

static int do_malloc(struct cell *c)
{
	c->block[0] = malloc(c->length);
	return c->block[0] ? 0 : errno;
}

static void undo_malloc(struct cell *c)
{
	free(c->block[0]);
}

const struct attempt try_malloc = { .make = do_malloc, .undo = undo_malloc };

/*
 * free() reports nothing. The block is one of its own, which libc gives back
 * to the kernel at once: mapped all the same, it has leaked.
 */
static int do_free(struct cell *c)
{
	void *page = page_at(c, c->at);

	for (int i = 0; i < MOST_BLOCKS; i++)
		if (c->block[i] == c->at)
			c->block[i] = NULL;
	free(c->at);
	if (!vmp_is_mapped(page, c->w->page_bytes))
		return 0;
	c->made = page;
	c->made_bytes = vmp_whole_pages(c->length + 1, c->w->page_bytes);
	return VMP_ERROR_LEAK;
}

/* What has leaked is no one's any more; its size is malloc's, see scene.c. */
static void undo_free(struct cell *c)
{
	if (c->made)
		munmap(c->made, c->made_bytes);
}

const struct attempt try_free = { .make = do_free, .undo = undo_free };

/* dlopen() sets no errno; some of its messages end in the words of one. */
static int told_error(const char *message)
{
	static const int errors[] = { ENOMEM, ENOENT };

	for (size_t i = 0; message && i < sizeof(errors) / sizeof(*errors); i++)
		if (strstr(message, strerror(errors[i])))
			return errors[i];
	return VMP_ERROR_UNTOLD;
}

/* Of glibc's own libraries one that the worker does not need. */
static int do_dlopen(struct cell *c)
{
	c->library = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL);
	return c->library ? 0 : told_error(dlerror());
}

static void undo_dlopen(struct cell *c)
{
	if (c->library)
		dlclose(c->library);
}

/*
 * One that failed halfway may leave mappings of the library behind. They have
 * no neighbours that merge with them, and are not found by the next one.
 */
const struct attempt try_dlopen = {
	.make = do_dlopen,
	.undo = undo_dlopen,
	.leaves = true,
};
