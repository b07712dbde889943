// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads one process again and again, until there is a reason to end. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/processes.h"
#include "cli/watch-keeper.h"
#include "lib/internal.h"
#include "trace/interrupt.h"

/* -1 before Linux 5.3: its end is seen at the next reading. */
static int open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

/* The highest between the readings; a failure leaves those alone. */
static int64_t read_peak(struct vmp_keeper *k)
{
	int64_t peak = 0;
	int rc;

	if (!k->peak)
		return 0;
	rc = vmp_peak_read(k->peak, &peak);
	if (rc == 0)
		return peak;
	vmp_warn("--exact-peak: %s; from now on it is what is read",
		 strerror(-rc));
	vmp_peak_close(k->peak);
	k->peak = NULL;
	k->report.exact = false;
	return 0;
}

static void tell_limit(struct vmp_keeper *k, const struct vmp_sample *sample)
{
	char text[200];

	if (sample->limit == sample->limit_before)
		return;
	snprintf(text, sizeof(text), "The limit was changed from %s to %s.",
		 vmp_digits((uint64_t)sample->limit_before),
		 vmp_digits((uint64_t)sample->limit));
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
		k->start = p->start;
		k->first_seconds = sample->time_seconds;
		r->first_unix_seconds = sample->unix_seconds;
	}
	tell_limit(k, sample);
	tell_command(k, p);
	k->highest = peak > p->mappings ? peak : p->mappings;
	r->pid = p->pid;
	memcpy(r->command, p->command, sizeof(r->command));
	r->unix_seconds = sample->unix_seconds;
	r->seconds = sample->time_seconds - k->first_seconds;
	r->mappings = p->mappings;
	r->limit = sample->limit;
	r->limit_before = sample->limit_before;
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

static int judge(struct vmp_keeper *k)
{
	const struct vmp_watch_values *v = k->values;

	if (v->until &&
	    vmp_threshold_raised(&v->threshold, k->highest, k->report.limit)) {
		k->report.reached = k->highest;
		return VMP_WATCH_REACHED;
	}
	if (ferror(stdout))
		return VMP_WATCH_INTERRUPTED;
	/* timers are a little early or late */
	if (v->duration > 0 && k->report.seconds >= v->duration - 0.001)
		return VMP_WATCH_DURATION;
	return GOES_ON;
}

/*
 * BPF may miss a process whose second thread is calling execve(). What has ended
 * can be read from its pidfd.
 */
static bool is_there(int pidfd)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&fd, 1, 0) == 0;
}

/* Returns: enum vmp_watch_ended, or GOES_ON. */
static int look(struct vmp_keeper *k, int pidfd)
{
	const struct vmp_watched *p;
	struct vmp_sample sample;

	if (vmp_watch_sample(k->watch, &sample) < 0)
		return fail(k, vmp_error(k->ctx));
	p = sample.count ? &sample.processes[0] : NULL;
	if (!p && (!k->series.readings || sample.unreadable)) {
		vmp_process_missing(k->ctx, k->report.pid, k->reason,
				    sizeof(k->reason));
		return VMP_WATCH_FAILED;
	}
	if (!p && is_there(pidfd))
		return GOES_ON;
	if (!p || (k->series.readings && p->start != k->start))
		return VMP_WATCH_PROCESS_ENDED;
	/* not read this time, to cost less */
	if (k->series.readings && p->age_seconds > 0)
		return GOES_ON;
	take(k, &sample, p);
	show(k);
	return judge(k);
}

/* Returns: enum vmp_watch_ended, or GOES_ON when the time has come. */
static int wait_until(struct vmp_keeper *k, int pidfd, double seconds)
{
	struct pollfd fds[] = {
		{ .fd = vmp_trace_interrupt_fd(), .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};
	double left = seconds - vmp_seconds();
	struct timespec timeout;
	int rc;

	left = fmax(left, 0);
	timeout.tv_sec = (time_t)left;
	timeout.tv_nsec = (long)((left - floor(left)) * 1e9);
	rc = ppoll(fds, VMP_COUNT(fds), &timeout, NULL);
	if (vmp_trace_interrupted())
		return VMP_WATCH_INTERRUPTED;
	if (rc < 0 && errno != EINTR)
		return fail(k, strerror(errno));
	return rc > 0 && fds[1].revents ? VMP_WATCH_PROCESS_ENDED : GOES_ON;
}

/* The next in step with the first; those that were missed are left out. */
static double next_turn(const struct vmp_keeper *k, double next)
{
	double interval = k->values->interval, now = vmp_seconds(), end;

	next += interval;
	if (next < now)
		next += interval * ceil((now - next) / interval);
	end = k->first_seconds + k->values->duration;
	return k->values->duration > 0 && end < next ? end : next;
}

enum vmp_watch_ended vmp_keep_watch(struct vmp_keeper *k)
{
	VMP_CLOSE int pidfd = open_pidfd(k->report.pid);
	double next = vmp_seconds();
	int how;

	for (;;) {
		how = look(k, pidfd);
		if (how != GOES_ON)
			break;
		next = next_turn(k, next);
		how = wait_until(k, pidfd, next);
		if (how != GOES_ON)
			break;
	}
	vmp_series_peak(&k->series, read_peak(k));
	if (k->series.readings)
		k->report.seconds = vmp_seconds() - k->first_seconds;
	return (enum vmp_watch_ended)how;
}
