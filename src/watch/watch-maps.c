// SPDX-License-Identifier: GPL-2.0-or-later
/* Counts by /proc, a process at a time, and no more often than it may cost. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "lib/internal.h"
#include "watch/watch-inside.h"

/* Reading is to take 1 % of a processor at most. */
enum { PACE = 100 };

/*
 * Count again, if that is due. Returns: 1 it was read, 0 its last count stands,
 * or as vmp_proc_count(); -ENODATA: without mappings.
 */
static int64_t count_again(struct vmp_watch *w, struct vmp_stat *stat,
			   struct vmp_past *past)
{
	double begun, now = vmp_seconds();
	int64_t count;

	if (past->readings && now < past->seconds + past->every_seconds)
		return 0;
	begun = vmp_clock_seconds(CLOCK_THREAD_CPUTIME_ID);
	count = vmp_proc_count(w->ctx, stat);
	if (count <= 0)
		return count ? count : -ENODATA;
	vmp_past_add(past, vmp_seconds(), count);
	past->every_seconds =
		PACE * (vmp_clock_seconds(CLOCK_THREAD_CPUTIME_ID) - begun);
	return 1;
}

/* Whether the pace holds it back at the interval that samples have. */
static void tell_age(const struct vmp_watch *w, const struct vmp_past *past,
		     bool read, struct vmp_sample *s)
{
	struct vmp_watched *row = &w->rows[w->count - 1];

	if (!read) {
		s->spaced++;
		row->age_seconds = s->time_seconds - past->seconds;
		row->seen_before = false;
		row->growth = 0;
	}
	if (!read || (past->readings > 1 &&
		      s->time_seconds - w->seconds < past->every_seconds))
		row->every_seconds = past->every_seconds;
}

/* One process. Returns: 0 or -ENOMEM; else as vmp_proc_count(). */
static int sample_process(struct vmp_watch *w, pid_t pid, struct vmp_sample *s)
{
	struct vmp_past *past;
	struct vmp_stat stat;
	uid_t user = 0;
	int64_t read;
	int rc = vmp_stat_read(w->ctx, pid, &stat);

	if (rc == 0)
		rc = vmp_proc_user(w->ctx, pid, &user);
	if (rc < 0)
		return rc;
	if (!vmp_watch_wants(w, user, stat.command))
		return 0;
	past = vmp_history_get(&w->history, pid, stat.start);
	if (!past)
		return -ENOMEM;
	read = count_again(w, &stat, past);
	if (read < 0)
		return (int)read;
	rc = vmp_watch_add_row(w, past, user, stat.command);
	if (rc == 0)
		tell_age(w, past, read, s);
	return rc;
}

/*
 * What could not be counted, and why: that we are short of something is said of
 * no process. Returns: 0 where that is no error.
 */
static int account(struct vmp_watch *w, pid_t pid, int rc, struct vmp_sample *s)
{
	if (rc == -ENOMEM)
		return rc;
	if (rc == -EMFILE || rc == -ENFILE)
		return vmp_fail(w->ctx, rc, "read %s/%d: %s", w->ctx->procfs,
				(int)pid, strerror(-rc));
	if (rc == -ESRCH)
		s->vanished++;
	else if (rc == -ENODATA)
		s->empty++;
	else if (rc < 0)
		s->unreadable++;
	return 0;
}

static int sample_all(struct vmp_watch *w, struct vmp_sample *s)
{
	int rc = vmp_proc_list(w->ctx, &w->found);
	pid_t pid;

	for (size_t i = 0; rc == 0 && i < w->found.count; i++) {
		pid = w->found.list[i];
		rc = account(w, pid, sample_process(w, pid, s), s);
	}
	return rc;
}

int vmp_watch_these(struct vmp_watch *w, const struct vmp_pids *pids,
		    struct vmp_sample *s)
{
	int rc = 0, one;

	for (size_t i = 0; rc == 0 && i < pids->count; i++) {
		if (!vmp_proc_is_process(w->ctx, pids->list[i]))
			continue;
		one = sample_process(w, pids->list[i], s);
		rc = one == -ESRCH ? 0 : account(w, pids->list[i], one, s);
	}
	return rc;
}

int vmp_watch_by_maps(struct vmp_watch *w, struct vmp_sample *s)
{
	return w->asked.count ? vmp_watch_these(w, &w->asked, s)
			      : sample_all(w, s);
}
