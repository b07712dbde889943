// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts by BPF, all in one go. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"
#include "watch/watch-inside.h"

/* BPF counts this system's processes, by the PIDs of our namespace. */
static int open_counter(struct vmp_watch *w)
{
	if (strcmp(w->ctx->procfs, "/proc")) {
		snprintf(w->reason, sizeof(w->reason),
			 "%.200s is read, not this system", w->ctx->procfs);
		return -ENOTSUP;
	}
	if (!vmp_proc_is_own(w->ctx)) {
		snprintf(w->reason, sizeof(w->reason),
			 "/proc is that of another PID namespace");
		return -ENOTSUP;
	}
	return vmp_counter_open(&w->counter, w->reason, sizeof(w->reason));
}

static int by_pid(const void *a, const void *b)
{
	const struct vmp_counted *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static bool is_shown(const struct vmp_counted *rows, size_t count, pid_t pid)
{
	const struct vmp_counted key = { .pid = pid };

	return count && bsearch(&key, rows, count, sizeof(*rows), by_pid);
}

/*
 * There are systems whose kernel does not show each process to BPF, and be it
 * PID 1 of a virtual machine: those are counted by maps. In: w->found, listed
 * before the rows were counted, so that what has begun since is not in it. What
 * has ended since is, and so are kernel threads.
 */
static void find_unshown(struct vmp_watch *w, const struct vmp_counted *rows,
			 size_t count)
{
	struct vmp_stat stat;

	for (size_t i = 0; i < w->found.count; i++) {
		pid_t pid = w->found.list[i];

		if (vmp_watch_wants_pid(w, pid) &&
		    !is_shown(rows, count, pid) &&
		    vmp_stat_read(w->ctx, pid, &stat) == 0 && stat.size_bytes)
			w->unshown.list[w->unshown.count++] = pid;
	}
}

static int compare_with_proc(struct vmp_watch *w)
{
	const struct vmp_counted *rows;
	size_t count;
	int rc = vmp_proc_list(w->ctx, &w->found);

	rc = rc < 0 ? rc : vmp_counter_read(w->counter, &rows, &count);
	if (rc < 0)
		return rc;
	w->unshown.list = malloc((w->found.count + 1) * sizeof(pid_t));
	if (!w->unshown.list)
		return -ENOMEM;
	find_unshown(w, rows, count);
	return 0;
}

int vmp_watch_open_bpf(struct vmp_watch *w)
{
	int rc = open_counter(w);

	if (rc < 0)
		return rc;
	rc = compare_with_proc(w);
	if (rc < 0) {
		snprintf(w->reason, sizeof(w->reason),
			 "cannot compare with /proc: %s", strerror(-rc));
		vmp_counter_close(w->counter);
		w->counter = NULL;
	}
	return rc;
}

/* Numbers are used again, and whoever has one now may be shown. */
static void drop_shown(struct vmp_watch *w, const struct vmp_counted *rows,
		       size_t count)
{
	struct vmp_pids *u = &w->unshown;
	size_t kept = 0;

	for (size_t i = 0; i < u->count; i++)
		if (!is_shown(rows, count, u->list[i]))
			u->list[kept++] = u->list[i];
	u->count = kept;
}

/* One that BPF has counted, or has tried to. Returns: 0 or -ENOMEM. */
static int add_counted(struct vmp_watch *w, const struct vmp_counted *row,
		       double now, struct vmp_sample *s)
{
	struct vmp_past *past;

	if (!vmp_watch_wants_pid(w, row->pid) ||
	    !vmp_watch_wants(w, row->user, row->command))
		return 0;
	past = vmp_history_get(&w->history, row->pid, row->start);
	if (!past)
		return -ENOMEM;
	if (row->mappings < 0) {
		s->unreadable++;
		return 0;
	}
	vmp_past_add(past, now, row->mappings);
	return vmp_watch_add_row(w, past, row->user, row->command);
}

int vmp_watch_by_bpf(struct vmp_watch *w, struct vmp_sample *s)
{
	const struct vmp_counted *rows;
	size_t count;
	int rc = vmp_counter_read(w->counter, &rows, &count);
	double now = vmp_seconds();

	if (rc < 0)
		return vmp_fail(w->ctx, rc, "count mappings by BPF: %s",
				strerror(-rc));
	drop_shown(w, rows, count);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = add_counted(w, &rows[i], now, s);
	return rc < 0 ? rc : vmp_watch_these(w, &w->unshown, s);
}
