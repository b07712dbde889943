// SPDX-License-Identifier: GPL-2.0-or-later
/* Whom to watch: by number, by user, by name. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "lib/internal.h"
#include "watch/watch-inside.h"

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

int vmp_watch_copy_asked(struct vmp_watch *w)
{
	const struct vmp_watch_request *r = &w->request;
	struct vmp_pids *a = &w->asked;

	if (!r->pid_count)
		return 0;
	a->list = malloc(r->pid_count * sizeof(*a->list));
	if (!a->list)
		return -ENOMEM;
	memcpy(a->list, r->pids, r->pid_count * sizeof(*a->list));
	qsort(a->list, r->pid_count, sizeof(*a->list), by_pid);
	for (size_t i = 0; i < r->pid_count; i++)
		if (!a->count || a->list[a->count - 1] != a->list[i])
			a->list[a->count++] = a->list[i];
	return 0;
}

bool vmp_watch_wants_pid(const struct vmp_watch *w, pid_t pid)
{
	return !w->asked.count || bsearch(&pid, w->asked.list, w->asked.count,
					  sizeof(pid), by_pid) != NULL;
}

static bool wants_user(const struct vmp_watch *w, uid_t user)
{
	const struct vmp_watch_request *r = &w->request;

	for (size_t i = 0; i < r->user_count; i++)
		if (r->users[i] == user)
			return true;
	return !r->user_count;
}

static bool wants_command(const struct vmp_watch *w, const char *command)
{
	return !w->request.command ||
	       fnmatch(w->request.command, command, 0) == 0;
}

bool vmp_watch_wants(const struct vmp_watch *w, uid_t user, const char *command)
{
	return wants_user(w, user) && wants_command(w, command);
}
