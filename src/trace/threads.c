// SPDX-License-Identifier: GPL-2.0-or-later
/* The set of threads that are followed: a tree by their numbers. */
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "lib/internal.h"
#include "trace/threads.h"

static int by_tid(const void *a, const void *b)
{
	const struct vmp_thread *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

struct vmp_thread *vmp_thread_find(struct vmp_follow *f, pid_t tid)
{
	struct vmp_thread key = { .tid = tid };
	struct vmp_thread *const *found = tfind(&key, &f->tree, by_tid);

	return found ? *found : NULL;
}

pid_t vmp_process_of(pid_t tid)
{
	char path[64], text[VMP_STATUS_WINDOW];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	if (vmp_read_file(path, text, sizeof(text)) <= 0)
		return tid;
	return (pid_t)vmp_field(text, "Tgid:", (uint64_t)tid);
}

struct vmp_thread *vmp_thread_add(struct vmp_follow *f, pid_t tid)
{
	struct vmp_thread *t = vmp_thread_find(f, tid);

	if (t)
		return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	t->pid = vmp_process_of(tid);
	if (tsearch(t, &f->tree, by_tid))
		return t;
	free(t);
	return NULL;
}

void vmp_thread_forget(struct vmp_follow *f, struct vmp_thread *t)
{
	if (t->wanted && f->hooks->abandon)
		f->hooks->abandon(f, t);
	tdelete(t, &f->tree, by_tid);
	free(t);
}

bool vmp_thread_is_zombie(pid_t tid)
{
	char path[64], text[VMP_STATUS_WINDOW];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	return vmp_read_file(path, text, sizeof(text)) <= 0 ||
	       strstr(text, "\nState:\tZ") || strstr(text, "\nState:\tX");
}

/* twalk(3) hands nothing on; there is one loop in a program. */
static struct vmp_thread *zombie;
static size_t processes;
static pid_t first_process;

static void look_for_zombie(const void *node, VISIT visit, int depth)
{
	struct vmp_thread *const *t = node;

	(void)depth;
	if ((visit == postorder || visit == leaf) && !zombie &&
	    vmp_thread_is_zombie((*t)->tid))
		zombie = *t;
}

void vmp_threads_drop_zombies(struct vmp_follow *f)
{
	do {
		zombie = NULL;
		twalk(f->tree, look_for_zombie);
		if (zombie)
			vmp_thread_forget(f, zombie);
	} while (zombie);
}

static void interrupt(const void *node, VISIT visit, int depth)
{
	struct vmp_thread *const *t = node;

	(void)depth;
	if (visit == postorder || visit == leaf)
		ptrace(PTRACE_INTERRUPT, (*t)->tid, NULL, NULL);
}

void vmp_threads_interrupt(struct vmp_follow *f)
{
	twalk(f->tree, interrupt);
}

/* The first thread stays until the others have ended. */
static void count_process(const void *node, VISIT visit, int depth)
{
	struct vmp_thread *const *t = node;

	(void)depth;
	if (visit != postorder && visit != leaf)
		return;
	processes += (*t)->tid == (*t)->pid;
	if (!first_process)
		first_process = (*t)->pid;
}

size_t vmp_threads_processes(const struct vmp_follow *f, pid_t *first)
{
	processes = 0;
	first_process = 0;
	twalk(f->tree, count_process);
	if (first)
		*first = first_process;
	return processes;
}
