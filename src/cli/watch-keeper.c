// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads one process again and again, until there is a reason to end. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "cli/hook.h"
#include "cli/pace.h"
#include "cli/processes.h"
#include "cli/watch-keeper.h"
#include "cli/watch-keys.h"
#include "lib/internal.h"
#include "trace/interrupt.h"

/* The highest between the readings: what could be opened can be read. */
static int64_t read_peak(struct vmp_keeper *k)
{
	int64_t peak = 0;

	if (k->peak)
		vmp_peak_read(k->peak, &peak);
	return peak;
}

/* Since the last reading: there may be samples without one between. */
static void tell_limit(struct vmp_keeper *k, int64_t limit)
{
	struct vmp_watch_report *r = &k->report;
	char text[200];

	r->limit_before = k->series.readings ? r->limit : limit;
	r->limit = limit;
	if (limit == r->limit_before)
		return;
	snprintf(text, sizeof(text), "The limit was changed from %s to %s.",
		 vmp_digits((uint64_t)r->limit_before),
		 vmp_digits((uint64_t)limit));
	k->format->event(&k->report, text);
}

/* The same process: it ran another program, or gave itself a name. */
static void tell_command(struct vmp_keeper *k, const struct vmp_watched *p)
{
	char name[4 * sizeof(p->command)], text[400];

	if (!k->series.readings || !strcmp(k->report.command, p->command))
		return;
	snprintf(text, sizeof(text), "Process %d is called %s now.",
		 (int)p->pid, vmp_escape(p->command, name, sizeof(name)));
	k->format->event(&k->report, text);
}

/* Put a reading into the report. */
static void take(struct vmp_keeper *k, const struct vmp_sample *sample,
		 const struct vmp_watched *p)
{
	struct vmp_watch_report *r = &k->report;
	int64_t peak = read_peak(k);

	if (!k->series.readings) {
		k->target.is_known = true;
		k->target.start = p->start;
		k->first_seconds = sample->time_seconds;
		r->first_unix_seconds = sample->unix_seconds;
	}
	tell_limit(k, sample->limit);
	tell_command(k, p);
	k->highest = peak > p->mappings ? peak : p->mappings;
	r->highest = k->highest;
	r->pid = p->pid;
	memcpy(r->command, p->command, sizeof(r->command));
	r->unix_seconds = sample->unix_seconds;
	r->seconds = sample->time_seconds - k->first_seconds;
	r->mappings = p->mappings;
	r->has_growth = p->seen_before;
	r->growth = p->growth;
	r->has_rate = p->has_rate;
	r->per_minute = p->per_minute;
	r->every_seconds = p->every_seconds;
	r->backend = vmp_watch_backends[sample->backend];
	vmp_series_add(&k->series, sample->time_seconds, p->mappings,
		       k->highest, sample->limit);
	vmp_series_trend(&k->series, sample->limit, &r->trend);
}

static void show(struct vmp_keeper *k)
{
	struct vmp_watch_report row = k->report;
	bool is_first = k->series.readings == 1;

	/* a terminal may have been resized */
	vmp_style_init(&k->style, stdout,
		       (enum vmp_color_mode)k->values->color);
	if (is_first)
		k->format->begin(&k->report);
	k->format->sample(&k->report);
	fflush(stdout);
	if (!k->log.file)
		return;
	row.out = k->log.file;
	if (is_first)
		vmp_watch_csv.begin(&row);
	vmp_watch_csv.sample(&row);
	fflush(row.out);
}

/* What a reading comes to; the rest of enum vmp_watch_ended says it is over. */
enum { GOES_ON = -1 };

static int fail(struct vmp_keeper *k, const char *reason)
{
	snprintf(k->reason, sizeof(k->reason), "%s", reason);
	return VMP_WATCH_FAILED;
}

static int judge(struct vmp_keeper *k, int64_t highest)
{
	const struct vmp_watch_values *v = k->values;

	k->highest = highest;
	if (!v->until ||
	    !vmp_threshold_reached(&v->threshold, highest, k->report.limit))
		return GOES_ON;
	k->report.reached = highest;
	return VMP_WATCH_REACHED;
}

/* Also where nothing was read. */
static int look_at_time(const struct vmp_keeper *k)
{
	double seconds = vmp_seconds() - k->first_seconds;

	if (ferror(stdout))
		return VMP_WATCH_INTERRUPTED;
	/* timers are a little early or late */
	if (k->values->duration > 0 && seconds >= k->values->duration - 0.001)
		return VMP_WATCH_DURATION;
	return GOES_ON;
}

/* What has ended can be read from its pidfd. */
static bool is_there(int pidfd)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&fd, 1, 0) == 0;
}

/*
 * A process whose second thread is calling execve() looks as if it had ended,
 * for a moment: without a pidfd only time tells.
 */
static int take_sample(struct vmp_keeper *k, struct vmp_sample *sample,
		       int pidfd)
{
	enum { TRIES = 20, PAUSE_MS = 2 };
	int rc = vmp_watch_sample(k->watch, sample);

	for (int i = 0; i < TRIES && rc == 0 && !sample->count; i++) {
		if (!k->series.readings || pidfd >= 0 ||
		    (kill(k->target.pid, 0) < 0 && errno == ESRCH))
			break;
		poll(NULL, 0, PAUSE_MS);
		rc = vmp_watch_sample(k->watch, sample);
	}
	return rc;
}

/* What BPF could not count this time it can the next; a permission is lost. */
static int miss(struct vmp_keeper *k, const struct vmp_sample *sample,
		int pidfd)
{
	bool is_lost = sample->unreadable && sample->backend == VMP_WATCH_MAPS;

	if (k->series.readings && !is_lost)
		return is_there(pidfd) ? GOES_ON : VMP_WATCH_PROCESS_ENDED;
	vmp_process_missing(k->ctx, k->target.pid, k->reason,
			    sizeof(k->reason));
	return VMP_WATCH_FAILED;
}

static int end_of_other(struct vmp_keeper *k)
{
	if (k->series.readings)
		return VMP_WATCH_PROCESS_ENDED;
	snprintf(k->reason, sizeof(k->reason),
		 "process %d has ended, and another one has its number",
		 (int)k->target.pid);
	return VMP_WATCH_FAILED;
}

static int open_side(struct vmp_keeper *k, struct vmp_side *side,
		     const char *path)
{
	int rc = path ? vmp_side_open_now(side, path) : 0;

	if (rc < 0)
		snprintf(k->reason, sizeof(k->reason), "cannot write %s: %s",
			 path,
			 rc == -ENXIO ? "nobody reads it" : strerror(-rc));
	return rc;
}

/* When there is something to write: what they hold is lost. */
static bool open_sides(struct vmp_keeper *k)
{
	if (open_side(k, &k->log, k->values->log) < 0 ||
	    open_side(k, &k->plot, k->values->plot) < 0)
		return false;
	vmp_side_empty(&k->log);
	vmp_side_empty(&k->plot);
	return true;
}

/* Returns: enum vmp_watch_ended, or GOES_ON. */
static int look(struct vmp_keeper *k, int pidfd)
{
	const struct vmp_watched *p;
	struct vmp_sample sample;

	if (take_sample(k, &sample, pidfd) < 0)
		return fail(k, vmp_error(k->ctx));
	if (!sample.count)
		return miss(k, &sample, pidfd);
	p = &sample.processes[0];
	if (k->target.is_known && p->start != k->target.start)
		return end_of_other(k);
	/* not read this time, to cost less */
	if (k->series.readings && p->age_seconds > 0)
		return GOES_ON;
	if (!k->series.readings && !open_sides(k))
		return VMP_WATCH_FAILED;
	take(k, &sample, p);
	show(k);
	return judge(k, k->highest);
}

/* The shell writes below the view, which is there again in the end. */
static void see_to_stop(struct vmp_keeper *k)
{
	if (vmp_keys_stopped()) {
		vmp_view_wipe(&k->report);
		fflush(stdout);
		vmp_keys_stop();
	}
	if (!vmp_keys_continued() || !k->series.readings)
		return;
	k->report.lines = 0; /* where they are is not known any more */
	k->format->sample(&k->report);
	fflush(stdout);
}

enum { WAITS = -2 }; /* and has to go on with that */

/* Until something happens. Returns: as below, or WAITS. */
static int wait_once(struct vmp_keeper *k, int pidfd, double seconds)
{
	struct pollfd fds[] = {
		{ .fd = vmp_trace_interrupt_fd(), .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = vmp_keys_fd(), .events = POLLIN },
	};
	double left = fmax(seconds - vmp_seconds(), 0);
	struct timespec timeout = { .tv_sec = (time_t)left };
	int rc;

	timeout.tv_nsec = (long)((left - floor(left)) * 1e9);
	rc = ppoll(fds, VMP_COUNT(fds), &timeout, vmp_keys_mask());
	if (vmp_trace_interrupted())
		return VMP_WATCH_INTERRUPTED;
	if (rc < 0 && errno != EINTR)
		return fail(k, strerror(errno));
	if (rc < 0)
		see_to_stop(k);
	if (rc > 0 && fds[1].revents)
		return VMP_WATCH_PROCESS_ENDED;
	if (rc > 0 && fds[2].revents && vmp_keys_quit())
		return VMP_WATCH_QUIT;
	return rc ? WAITS : GOES_ON;
}

/* Returns: enum vmp_watch_ended, or GOES_ON when the time has come. */
static int wait_until(struct vmp_keeper *k, int pidfd, double seconds)
{
	int how;

	do
		how = wait_once(k, pidfd, seconds);
	while (how == WAITS);
	return how;
}

static double next_turn(const struct vmp_keeper *k, double due)
{
	double next = vmp_pace_next(due, k->values->interval);
	double end = k->first_seconds + k->values->duration;

	return k->values->duration > 0 && end < next ? end : next;
}

static int take_turn(struct vmp_keeper *k, int pidfd, double *next)
{
	int how = look(k, pidfd);

	if (how == GOES_ON)
		how = look_at_time(k);
	if (how != GOES_ON)
		return how;
	*next = next_turn(k, *next);
	return wait_until(k, pidfd, *next);
}

/* What came between the last reading and the end counts, too. */
static int conclude(struct vmp_keeper *k, int how)
{
	int64_t peak = read_peak(k);

	k->report.gone = how == VMP_WATCH_PROCESS_ENDED;
	if (!k->series.readings)
		return how;
	vmp_series_peak(&k->series, peak);
	k->report.seconds = vmp_seconds() - k->first_seconds;
	if (how == VMP_WATCH_REACHED || how == VMP_WATCH_FAILED ||
	    peak <= k->report.mappings)
		return how;
	return judge(k, peak) == VMP_WATCH_REACHED ? VMP_WATCH_REACHED : how;
}

enum vmp_watch_ended vmp_keep_watch(struct vmp_keeper *k)
{
	VMP_CLOSE int pidfd = vmp_pidfd_open(k->target.pid);
	double next = vmp_seconds();
	int how;

	do
		how = take_turn(k, pidfd, &next);
	while (how == GOES_ON);
	return (enum vmp_watch_ended)conclude(k, how);
}
