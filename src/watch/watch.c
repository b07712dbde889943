// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes samples: by which back end, and in what order. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "lib/internal.h"
#include "watch/watch-inside.h"

const char *const vmp_watch_backends[] = { "auto", "bpf", "maps", NULL };

const int vmp_over_percent[VMP_OVER] = { 50, 80, 95 };

double vmp_clock_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_backend(struct vmp_watch *w)
{
	int rc = -ENOTSUP;

	if (w->request.backend != VMP_WATCH_MAPS)
		rc = vmp_watch_open_bpf(w);
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
		rc = vmp_watch_copy_asked(w);
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
	free(w->unshown.list);
	free(w->rows);
	free(w);
}

int vmp_watch_add_row(struct vmp_watch *w, const struct vmp_past *p, uid_t user,
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
	double begun = vmp_clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
	struct vmp_sample s = {
		.time_seconds = vmp_seconds(),
		.unix_seconds = vmp_clock_seconds(CLOCK_REALTIME),
		.limit = vmp_map_limit(w->ctx),
		.turn = w->history.turn,
		.backend = w->counter ? VMP_WATCH_BPF : VMP_WATCH_MAPS,
		.reason = w->reason,
		.hides = w->hides,
	};
	int rc = s.limit < 0 ? (int)s.limit : 0;

	w->count = 0;
	if (rc == 0 && w->counter)
		rc = vmp_watch_by_bpf(w, &s);
	else if (rc == 0)
		rc = vmp_watch_by_maps(w, &s);
	if (rc == -ENOMEM)
		vmp_fail(w->ctx, rc, "no memory to keep watch");
	if (rc < 0)
		return rc;
	conclude(w, &s);
	s.cost_seconds = vmp_clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
	*sample = s;
	return 0;
}

double vmp_map_percent(int64_t mappings, int64_t limit)
{
	return limit > 0 ? 100.0 * (double)mappings / (double)limit : 100;
}
