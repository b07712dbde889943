// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes samples: whose mappings are counted, by what, and in what order. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <time.h>

#include "lib/internal.h"
#include "trace/counts.h"
#include "watch/history.h"
#include "watch/proc.h"

const char *const vmp_watch_backends[] = { "auto", "bpf", "maps", NULL };

const int vmp_over_percent[VMP_OVER] = { 50, 80, 95 };

struct vmp_watch {
	struct vmp_ctx *ctx;
	struct vmp_watch_request request;
	struct vmp_counter *counter; /* BPF, or NULL: maps */
	char reason[256];	     /* why not BPF */
	bool hides;		     /* /proc does not list all */
	struct vmp_pids asked;	     /* ascending, once each */
	struct vmp_pids found;
	struct vmp_history history;
	struct vmp_watched *rows;
	size_t count, room;
	int64_t limit;	/* of the sample before */
	double seconds; /* when it was taken */
};

static double cpu_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* A copy of the PIDs that were asked for, in order. */
static int copy_asked(struct vmp_watch *w)
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

static int open_backend(struct vmp_watch *w)
{
	int rc = -ENOTSUP;

	if (w->request.backend != VMP_WATCH_MAPS)
		rc = open_counter(w);
	if (rc == 0) {
		w->reason[0] = '\0';
		return 0;
	}
	if (w->request.backend == VMP_WATCH_BPF)
		return vmp_fail(w->ctx, rc, "no BPF: %s", w->reason);
	w->hides = vmp_proc_hides(w->ctx);
	return vmp_proc_list(w->ctx, &w->found);
}

int vmp_watch_open(struct vmp_ctx *ctx, const struct vmp_watch_request *request,
		   struct vmp_watch **watch)
{
	struct vmp_watch *w = calloc(1, sizeof(*w));
	int rc = -ENOMEM;

	if (w) {
		w->ctx = ctx;
		w->request = *request;
		rc = copy_asked(w);
	}
	if (rc < 0)
		vmp_fail(ctx, rc, "no memory to keep watch");
	else
		rc = open_backend(w);
	if (rc < 0) {
		vmp_watch_close(w);
		return rc;
	}
	*watch = w;
	return 0;
}

void vmp_watch_close(struct vmp_watch *w)
{
	if (!w)
		return;
	vmp_counter_close(w->counter);
	vmp_history_free(&w->history);
	free(w->asked.list);
	free(w->found.list);
	free(w->rows);
	free(w);
}

static bool wants_pid(const struct vmp_watch *w, pid_t pid)
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

/* A row of the sample, as far as what was seen before tells it. */
static int add_row(struct vmp_watch *w, const struct vmp_past *p, uid_t user,
		   const char *command)
{
	size_t room = w->room ? w->room * 2 : 512;
	struct vmp_watched *rows, *row;

	if (w->count == w->room) {
		rows = realloc(w->rows, room * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		w->rows = rows;
		w->room = room;
	}
	row = &w->rows[w->count++];
	*row = (struct vmp_watched){
		.pid = p->pid,
		.user = user,
		.start = p->start,
		.mappings = p->mappings,
		.peak = p->peak,
		.seen_before = p->readings > 1,
		.growth = p->growth,
		.has_rate = p->has_rate,
		.per_minute = p->per_minute,
	};
	snprintf(row->command, sizeof(row->command), "%s", command);
	return 0;
}

/* Processes that BPF has counted. */
static int sample_bpf(struct vmp_watch *w)
{
	const struct vmp_counted *rows;
	struct vmp_past *past;
	size_t count;
	int rc = vmp_counter_read(w->counter, &rows, &count);
	double now = vmp_seconds();

	if (rc < 0)
		return vmp_fail(w->ctx, rc, "count mappings by BPF: %s",
				strerror(-rc));
	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!wants_pid(w, rows[i].pid) ||
		    !wants_user(w, rows[i].user) ||
		    !wants_command(w, rows[i].command))
			continue;
		past = vmp_history_get(&w->history, rows[i].pid, rows[i].start);
		if (!past)
			return -ENOMEM;
		vmp_past_add(past, now, rows[i].mappings);
		rc = add_row(w, past, rows[i].user, rows[i].command);
	}
	return rc;
}

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
	begun = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
	count = vmp_proc_count(w->ctx, stat);
	if (count <= 0)
		return count ? count : -ENODATA;
	vmp_past_add(past, vmp_seconds(), count);
	past->every_seconds =
		PACE * (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - begun);
	return 1;
}

/* Whether the pace holds it back at the interval that samples have. */
static void tell_age(const struct vmp_watch *w, const struct vmp_past *past,
		     bool read, struct vmp_sample *s)
{
	struct vmp_watched *row = &w->rows[w->count - 1];

	s->spaced += !read;
	if (!read)
		row->age_seconds = s->time_seconds - past->seconds;
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
	if (!wants_user(w, user) || !wants_command(w, stat.command))
		return 0;
	past = vmp_history_get(&w->history, pid, stat.start);
	if (!past)
		return -ENOMEM;
	read = count_again(w, &stat, past);
	if (read < 0)
		return (int)read;
	rc = add_row(w, past, user, stat.command);
	if (rc == 0)
		tell_age(w, past, read, s);
	return rc;
}

/* What could not be counted, and why. Returns: 0 where that is no error. */
static int account(int rc, struct vmp_sample *s)
{
	if (rc == -ENOMEM)
		return rc;
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

	for (size_t i = 0; rc == 0 && i < w->found.count; i++)
		rc = account(sample_process(w, w->found.list[i], s), s);
	return rc;
}

/* One that does not exist, or is a thread, is nothing that vanished. */
static int sample_asked(struct vmp_watch *w, struct vmp_sample *s)
{
	int rc = 0, one;

	for (size_t i = 0; rc == 0 && i < w->asked.count; i++) {
		if (!vmp_proc_is_process(w->ctx, w->asked.list[i]))
			continue;
		one = sample_process(w, w->asked.list[i], s);
		rc = one == -ESRCH ? 0 : account(one, s);
	}
	return rc;
}

static int by_fullness(const void *a, const void *b)
{
	const struct vmp_watched *x = a, *y = b;

	if (x->mappings != y->mappings)
		return x->mappings < y->mappings ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Order them, and count those that are nearly full. */
static void conclude(struct vmp_watch *w, struct vmp_sample *s)
{
	vmp_history_sweep(&w->history);
	if (w->count)
		qsort(w->rows, w->count, sizeof(*w->rows), by_fullness);
	for (size_t i = 0; i < w->count; i++)
		for (int k = 0; k < VMP_OVER; k++)
			s->over[k] += w->rows[i].mappings * 100 >=
				      s->limit * vmp_over_percent[k];
	s->processes = w->rows;
	s->count = w->count;
	s->limit_before = s->turn ? w->limit : s->limit;
	w->limit = s->limit;
	w->seconds = s->time_seconds;
}

int vmp_watch_sample(struct vmp_watch *w, struct vmp_sample *sample)
{
	double begun = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct vmp_sample s = {
		.time_seconds = vmp_seconds(),
		.unix_seconds = cpu_seconds(CLOCK_REALTIME),
		.limit = vmp_map_limit(w->ctx),
		.turn = w->history.turn,
		.backend = w->counter ? VMP_WATCH_BPF : VMP_WATCH_MAPS,
		.reason = w->reason,
		.hides = w->hides,
	};
	int rc = s.limit < 0 ? (int)s.limit : 0;

	w->count = 0;
	if (rc == 0 && w->counter)
		rc = sample_bpf(w);
	else if (rc == 0)
		rc = w->asked.count ? sample_asked(w, &s) : sample_all(w, &s);
	if (rc == -ENOMEM)
		vmp_fail(w->ctx, rc, "no memory to keep watch");
	if (rc < 0)
		return rc;
	conclude(w, &s);
	s.cost_seconds = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
	*sample = s;
	return 0;
}

double vmp_map_percent(int64_t mappings, int64_t limit)
{
	return limit > 0 ? 100.0 * (double)mappings / (double)limit : 100;
}
