// SPDX-License-Identifier: GPL-2.0-or-later
/* Catching memory calls in the kernel: programs run on at nearly full speed. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/trace.h"

#ifdef HAVE_BPF

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "trace/bpf-catch.h"
#include "trace/bpf-figures.h"
#include "trace/follow.h"
#include "trace/interrupt.h"
#include "trace/start.h"

enum { RING_BYTES = 32 << 20, SMALL_RING_BYTES = 64 << 10 };

struct tracer {
	const struct vmp_trace_request *request;
	struct vmp_trace_result *result;
	struct vmp_catch catch;
	struct vmp_figures figures;
	double start;
	/* Held where records are consumed and the sink is told. */
	pthread_mutex_t lock;
	_Atomic bool stop; /* the sink wants no more; read without the lock */
	bool last;	   /* nothing is added any more: take all of it */
	uint64_t delivered, delivered_failures;
	int end, interrupt; /* descriptors that become readable then */
};

static void tell_call(struct tracer *t, const struct vmp_catch_record *r,
		      size_t size)
{
	struct vmp_snapshot snapshot;
	struct vmp_trace_call call;

	if (!vmp_figures_call(&t->figures, r, size, &call, &snapshot))
		return;
	t->delivered++;
	t->delivered_failures += call.failed;
	if (!t->request->sink->call(t->request->sink, &call))
		t->stop = true;
}

static void tell_exec(struct tracer *t, pid_t pid)
{
	if (t->request->sink->exec)
		t->request->sink->exec(t->request->sink, pid);
}

static void tell_exit(struct tracer *t, pid_t pid)
{
	if (t->request->sink->exit)
		t->request->sink->exit(t->request->sink, pid);
}

static bool time_is_over(const struct tracer *t)
{
	double seconds = t->request->duration_seconds;

	return seconds > 0 && vmp_seconds() - t->start >= seconds;
}

/* A ring that is filled faster than it is read would never be empty. */
static bool is_over(const struct tracer *t)
{
	return !t->last && (vmp_trace_interrupted() || time_is_over(t));
}

static int take(void *context, void *data, size_t size)
{
	const struct vmp_catch_record *r = data;
	struct tracer *t = context;

	if (t->stop)
		return -ECANCELED;
	if (r->kind == VMP_CATCH_CALL)
		tell_call(t, r, size);
	else if (r->kind == VMP_CATCH_EXEC)
		tell_exec(t, (pid_t)r->pid);
	else
		tell_exit(t, (pid_t)r->pid);
	return is_over(t) ? -ECANCELED : 0;
}

static void consume(struct tracer *t)
{
	pthread_mutex_lock(&t->lock);
	vmp_catch_consume(&t->catch);
	if (t->stop)
		vmp_catch_detach(&t->catch);
	pthread_mutex_unlock(&t->lock);
}

/* In milliseconds. Where all calls are sent, not each of them wakes us. */
static int wait_time(const struct tracer *t)
{
	bool all = t->request->all_calls || t->request->all_stacks;
	double most = all ? 0.1 : 1, left = most;

	if (t->request->duration_seconds > 0)
		left = t->start + t->request->duration_seconds - vmp_seconds();
	left = left < 0 ? 0 : left > most ? most : left;
	return (int)(left * 1000) + 1;
}

/* Consume until `end`, a descriptor or -1, is readable, or it is time. */
static void consume_until(struct tracer *t, int end)
{
	struct pollfd fds[] = {
		{ ring_buffer__epoll_fd(t->catch.ring), POLLIN, 0 },
		{ end, POLLIN, 0 },
		{ t->interrupt, POLLIN, 0 },
	};

	do {
		poll(fds, VMP_COUNT(fds), wait_time(t));
		consume(t);
	} while (!fds[1].revents && !fds[2].revents && !t->stop &&
		 !time_is_over(t));
}

/* Readable once all threads of the process have ended. */
static int open_process(struct tracer *t, pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? vmp_trace_refuse(t->result, -errno, "trace the process")
		      : fd;
}

static int attach(struct tracer *t)
{
	return vmp_catch_attach(&t->catch, t->result->reason,
				sizeof(t->result->reason));
}

/* Of one process, or all of them. */
static int watch(struct tracer *t)
{
	/* it may be asked for by the number of a thread */
	pid_t pid = t->request->pid ? vmp_process_of(t->request->pid) : 0;
	VMP_CLOSE int process = -1;
	int rc = pid ? vmp_trace_look_at(t->result, pid, false) : 0;

	if (rc < 0)
		return rc;
	if (pid && (process = open_process(t, pid)) < 0)
		return process;
	rc = vmp_catch_follow(&t->catch, pid);
	if (rc < 0)
		return vmp_trace_refuse(t->result, rc, "follow the process");
	rc = attach(t);
	if (rc < 0)
		return rc;
	if (t->request->sink->ready)
		t->request->sink->ready(t->request->sink);
	consume_until(t, process);
	return 0;
}

static void *run_thread(void *argument)
{
	struct tracer *t = argument;

	consume_until(t, t->end);
	/* the command goes on, with nobody who looks */
	pthread_mutex_lock(&t->lock);
	vmp_catch_detach(&t->catch);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static void note_exec(struct vmp_follow *f, struct vmp_thread *thread)
{
	struct tracer *t = f->owner;

	consume(t);
	pthread_mutex_lock(&t->lock);
	tell_exec(t, thread->pid);
	pthread_mutex_unlock(&t->lock);
}

/* Its mappings go: what it has sent must get its names before. */
static void note_ending(struct vmp_follow *f, struct vmp_thread *thread)
{
	(void)thread;
	consume(f->owner);
}

static void note_exit(struct vmp_follow *f, pid_t pid)
{
	struct tracer *t = f->owner;

	consume(t);
	pthread_mutex_lock(&t->lock);
	tell_exit(t, pid);
	pthread_mutex_unlock(&t->lock);
}

static void tell_left(struct vmp_follow *f, size_t processes)
{
	struct tracer *t = f->owner;

	pthread_mutex_lock(&t->lock);
	if (t->request->sink->left)
		t->request->sink->left(t->request->sink, processes);
	pthread_mutex_unlock(&t->lock);
}

static const struct vmp_follow_hooks hooks = {
	.exec = note_exec,
	.ending = note_ending,
	.exit = note_exit,
	.left = tell_left,
};

/* The command is waited for, whatever becomes of the trace. */
static bool is_stopped(const struct vmp_follow *f)
{
	const struct tracer *t = f->owner;

	return f->ended &&
	       (t->stop || vmp_trace_interrupted() || time_is_over(t));
}

static int follow(struct tracer *t, struct vmp_follow *f)
{
	struct vmp_start start = {
		.command = t->request->command,
		.signals = t->request->signals,
		.options = (long)vmp_follow_options(f),
	};
	struct vmp_trace_result *result = t->result;
	pid_t pid;
	int rc;

	rc = vmp_start(&start, &pid, result->reason, sizeof(result->reason));
	if (rc < 0)
		return rc;
	vmp_pass_on_to(pid);
	rc = vmp_catch_follow(&t->catch, pid);
	rc = rc < 0 ? rc : vmp_follow_child(f, pid);
	rc = rc < 0 ? rc : vmp_follow_run(f, is_stopped);
	result->status = f->status;
	return rc < 0 ? vmp_trace_refuse(result, rc, "follow the command") : 0;
}

static int start_thread(struct tracer *t, pthread_t *thread)
{
	sigset_t all, before;
	int rc;

	t->end = eventfd(0, EFD_CLOEXEC);
	if (t->end < 0)
		return -errno;
	/* signals are for the one that waits for the command */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	rc = -pthread_create(thread, NULL, run_thread, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc < 0)
		close(t->end);
	return rc;
}

static void end_thread(struct tracer *t, pthread_t thread)
{
	if (eventfd_write(t->end, 1) == 0)
		pthread_join(thread, NULL);
	close(t->end);
}

static int run_command(struct tracer *t)
{
	struct vmp_follow f = { .owner = t,
				.hooks = &hooks,
				.calls = VMP_FOLLOW_NO_CALLS };
	pthread_t thread;
	int rc = attach(t);

	if (rc < 0)
		return rc;
	rc = start_thread(t, &thread);
	if (rc < 0)
		return vmp_trace_refuse(t->result, rc, "start a thread");
	rc = follow(t, &f);
	vmp_follow_end(&f);
	end_thread(t, thread);
	return rc;
}

/* What is still in the ring, and what never came to be there. */
static void finish(struct tracer *t)
{
	struct vmp_trace_result *result = t->result;
	uint64_t sent, failed;

	vmp_catch_detach(&t->catch);
	t->last = true;
	consume(t);
	vmp_catch_sent(&t->catch, &sent, &failed);
	if (!t->stop && sent > t->delivered)
		result->lost = sent - t->delivered;
	if (!t->stop && failed > t->delivered_failures)
		result->lost_failures = failed - t->delivered_failures;
	vmp_catch_result(&t->catch, result);
	result->stopped_by_sink = t->stop;
	result->interrupted = !t->stop && vmp_trace_interrupted();
	result->timed_out = !t->stop && time_is_over(t);
}

static int run_tracer(struct tracer *t)
{
	int rc;

	t->interrupt = vmp_trace_interrupt_fd();
	if (t->interrupt < 0)
		return vmp_trace_refuse(t->result, t->interrupt, "wait");
	rc = vmp_catch_load(&t->catch, t->request, RING_BYTES, take, t,
			    t->result->reason, sizeof(t->result->reason));
	if (rc == 0)
		rc = t->request->command ? run_command(t) : watch(t);
	if (rc == 0)
		finish(t);
	vmp_catch_end(&t->catch);
	return rc;
}

static int run(const struct vmp_trace_request *request,
	       struct vmp_trace_result *result)
{
	struct tracer t = { .request = request,
			    .result = result,
			    .lock = PTHREAD_MUTEX_INITIALIZER,
			    .start = vmp_seconds() };
	int rc = vmp_figures_start(&t.figures, t.start);

	rc = rc < 0 ? vmp_trace_refuse(result, rc, "read the limits")
		    : run_tracer(&t);
	vmp_figures_end(&t.figures);
	return rc;
}

static int refuse(char *reason, size_t size, const char *why)
{
	snprintf(reason, size, "%s", why);
	return -ENOTSUP;
}

/* The kernel names processes as those outside see them (PROC_PID_INIT_INO). */
static bool is_contained(void)
{
	enum { OUTSIDE = 0xeffffffc };
	struct stat s;

	return stat("/proc/self/ns/pid", &s) == 0 && s.st_ino != OUTSIDE;
}

static int available(const struct vmp_trace_request *request, char *reason,
		     size_t size)
{
	struct vmp_catch catch;
	int rc;

	if (request->ballast)
		return refuse(reason, size,
			      "ballast is made with ptrace, not with BPF");
	if (request->pin)
		return refuse(reason, size, "only ptrace can pin a program");
	if (is_contained())
		return refuse(reason, size,
			      "BPF sees processes as they are numbered outside "
			      "of this container: run it there");
	rc = vmp_catch_load(&catch, request, SMALL_RING_BYTES, take, NULL,
			    reason, size);
	rc = rc < 0 ? rc : vmp_catch_attach(&catch, reason, size);
	vmp_catch_end(&catch);
	return rc;
}

#else /* without BPF */

static int available(const struct vmp_trace_request *request, char *reason,
		     size_t size)
{
	(void)request;
	snprintf(reason, size, "built without BPF");
	return -ENOTSUP;
}

static int run(const struct vmp_trace_request *request,
	       struct vmp_trace_result *result)
{
	return available(request, result->reason, sizeof(result->reason));
}

#endif

const struct vmp_trace_backend vmp_trace_bpf = {
	.name = "bpf",
	.available = available,
	.run = run,
};
