// SPDX-License-Identifier: GPL-2.0-or-later
/* The ptrace loop: what each stop means, and how the thread goes on. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "lib/internal.h"
#include "trace/follow.h"
#include "trace/start.h"
#include "trace/threads.h"

unsigned long vmp_follow_options(const struct vmp_follow *f)
{
	unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
				PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
				PTRACE_O_TRACEEXEC;

	if (f->calls == VMP_FOLLOW_FILTERED)
		options |= PTRACE_O_TRACESECCOMP;
	if (f->hooks->ending)
		options |= PTRACE_O_TRACEEXIT;
	return options;
}

/* Returns: 1 for a thread that is new, 0 for one that is gone or known. */
static int seize(struct vmp_follow *f, pid_t tid)
{
	if (vmp_thread_find(f, tid))
		return 0;
	/* it answers EPERM for one that has ended (ptrace_attach()) */
	if (ptrace(PTRACE_SEIZE, tid, NULL, vmp_follow_options(f))) {
		int error = errno;
		bool is_gone = error == ESRCH ||
			       (error == EPERM && vmp_thread_is_zombie(tid));

		return is_gone ? 0 : -error;
	}
	if (!vmp_thread_add(f, tid))
		return -ENOMEM;
	if (f->calls == VMP_FOLLOW_ALL_CALLS)
		ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	return 1;
}

/* One pass over its threads. Returns: how many were new. */
static int seize_threads(struct vmp_follow *f, pid_t pid)
{
	VMP_CLOSEDIR DIR *dir = NULL;
	struct dirent *entry;
	char path[64];
	int rc = 0, count = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? -ESRCH : -errno;
	while (rc >= 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			rc = seize(f, (pid_t)atoi(entry->d_name));
			count += rc > 0;
		}
	return rc < 0 ? rc : count;
}

/* Threads that are started meanwhile are followed if their parent is. */
int vmp_follow_process(struct vmp_follow *f, pid_t pid)
{
	int rc, all = 0;

	do {
		rc = seize_threads(f, pid);
		all += rc > 0;
	} while (rc > 0);
	return rc == 0 && !all ? -ESRCH : rc;
}

/* A filter asks for a tracer; a command is waited for whatever comes. */
static bool is_kept(const struct vmp_follow *f)
{
	return f->calls == VMP_FOLLOW_FILTERED || (f->root && !f->ended);
}

/* One that was killed meanwhile answers ESRCH; waitpid() tells of its end. */
static void go_on(struct vmp_follow *f, struct vmp_thread *t, int number)
{
	bool stop_at_calls = f->calls == VMP_FOLLOW_ALL_CALLS || t->in_call;
	uintptr_t with = (uintptr_t)number;

	if (f->letting_go && !is_kept(f)) {
		if (!ptrace(PTRACE_DETACH, t->tid, NULL, (void *)with))
			vmp_thread_forget(f, t);
		return;
	}
	if (f->letting_go)
		stop_at_calls = false;
	ptrace(stop_at_calls ? PTRACE_SYSCALL : PTRACE_CONT, t->tid, NULL,
	       (void *)with);
}

static void enter(struct vmp_follow *f, struct vmp_thread *t)
{
	t->in_call = !f->letting_go;
	if (t->in_call)
		t->wanted = !f->hooks->enter || f->hooks->enter(f, t);
	if (f->calls == VMP_FOLLOW_FILTERED)
		t->in_call = t->in_call && t->wanted;
}

static void leave(struct vmp_follow *f, struct vmp_thread *t)
{
	bool wanted = t->wanted && t->in_call;

	t->in_call = false;
	t->wanted = false;
	if (wanted && !f->letting_go)
		f->hooks->leave(f, t);
}

/* The thread that runs exec becomes the first one; all others are gone. */
static void run_exec(struct vmp_follow *f, struct vmp_thread *t)
{
	unsigned long former = 0;
	struct vmp_thread *old;

	ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &former);
	old = vmp_thread_find(f, (pid_t)former);
	if (old && old != t)
		vmp_thread_forget(f, old);
	/* where all calls stop, that of exec is still to end */
	t->in_call = f->calls == VMP_FOLLOW_ALL_CALLS;
	/* the first thread's own call will never end */
	if (t->wanted && f->hooks->abandon)
		f->hooks->abandon(f, t);
	t->wanted = false;
	if (f->hooks->exec && !f->letting_go)
		f->hooks->exec(f, t);
}

int vmp_follow_child(struct vmp_follow *f, pid_t pid)
{
	struct vmp_thread *t = vmp_thread_add(f, pid);

	if (!t)
		return -ENOMEM;
	f->root = pid;
	run_exec(f, t);
	go_on(f, t, 0);
	return 0;
}

static bool is_group_stop(int event, int number)
{
	return event == PTRACE_EVENT_STOP &&
	       (number == SIGSTOP || number == SIGTSTP || number == SIGTTIN ||
		number == SIGTTOU);
}

static void handle_event(struct vmp_follow *f, struct vmp_thread *t, int event)
{
	unsigned long tid = 0;

	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		enter(f, t);
		break;
	case PTRACE_EVENT_EXEC:
		run_exec(f, t);
		break;
	case PTRACE_EVENT_EXIT:
		if (f->hooks->ending && !f->letting_go)
			f->hooks->ending(f, t);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (!ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &tid) && tid)
			vmp_thread_add(f, (pid_t)tid);
		break;
	default:
		break;
	}
	go_on(f, t, 0);
}

static void handle_stop(struct vmp_follow *f, struct vmp_thread *t, int status)
{
	int number = WSTOPSIG(status), event = status >> 16;

	if (number == (SIGTRAP | 0x80)) {
		if (t->in_call)
			leave(f, t);
		else
			enter(f, t);
		go_on(f, t, 0);
	} else if (is_group_stop(event, number) &&
		   !(f->letting_go && !is_kept(f))) {
		ptrace(PTRACE_LISTEN, t->tid, NULL, NULL);
	} else if (event) {
		handle_event(f, t, event);
	} else {
		go_on(f, t, number);
	}
}

static void handle_end(struct vmp_follow *f, pid_t tid, int status)
{
	struct vmp_thread *t = vmp_thread_find(f, tid);
	bool whole = !t || t->pid == tid;

	if (tid == f->reporter) {
		f->reporter = 0;
		vmp_shield_end(status);
		return;
	}
	if (tid == f->root && !f->ended) {
		f->status = status;
		f->ended = true;
		vmp_pass_on_end(); /* its number may soon be another's */
	}
	if (t)
		vmp_thread_forget(f, t);
	if (whole && f->hooks->exit && !f->letting_go)
		f->hooks->exit(f, tid);
}

static void handle(struct vmp_follow *f, pid_t tid, int status)
{
	struct vmp_thread *t;

	if (WIFEXITED(status) || WIFSIGNALED(status))
		handle_end(f, tid, status);
	else if (WIFSTOPPED(status) && (t = vmp_thread_add(f, tid)))
		handle_stop(f, t, status);
}

/* Again, where a thread has ended meanwhile and cannot stop any more. */
static void release(struct vmp_follow *f)
{
	vmp_threads_drop_zombies(f);
	vmp_threads_interrupt(f);
}

static void let_go(struct vmp_follow *f)
{
	f->letting_go = true;
	if (f->released || is_kept(f))
		return;
	f->released = true;
	release(f);
}

static volatile sig_atomic_t ticked;

static void tick(int number)
{
	(void)number;
	ticked = 1;
}

/*
 * Wakes waitpid() twice a second to look at the clock, and in case that a
 * signal came right before it waited.
 */
static void set_timer(bool on)
{
	struct sigaction action = { .sa_handler = tick };
	struct itimerval timer = { .it_interval.tv_usec = on ? 500000 : 0,
				   .it_value.tv_usec = on ? 500000 : 0 };
	sigset_t alarm;

	/* the mask may be one that we were started with */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Many end right behind the command: the first tick is too early. */
static void look_around(struct vmp_follow *f)
{
	enum { LATE = 2 };

	ticked = 0;
	if (f->released)
		release(f);
	else if (f->ended && f->hooks->left && ++f->ticks == LATE)
		f->hooks->left(f, vmp_threads_processes(f, NULL));
}

bool vmp_follow_is_left(const struct vmp_follow *f)
{
	return f->tree != NULL;
}

static bool is_over(const struct vmp_follow *f)
{
	if (f->serving)
		return !f->tree && !f->reporter;
	return !f->tree || (f->letting_go && f->ended && is_kept(f));
}

static int follow(struct vmp_follow *f,
		  bool (*stopped)(const struct vmp_follow *f))
{
	pid_t tid;
	int status;

	while (!is_over(f)) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno != EINTR)
			return errno == ECHILD ? 0 : -errno;
		if (tid > 0)
			handle(f, tid, status);
		if (!f->tree || f->serving)
			continue;
		/* many busy threads leave no wait for a signal to interrupt */
		f->stop |= stopped(f);
		if (f->stop)
			let_go(f);
		if (ticked)
			look_around(f);
	}
	return 0;
}

int vmp_follow_run(struct vmp_follow *f,
		   bool (*stopped)(const struct vmp_follow *f))
{
	int rc;

	set_timer(!f->serving);
	rc = follow(f, stopped);
	set_timer(false);
	return rc;
}

void vmp_follow_end(struct vmp_follow *f)
{
	while (f->tree)
		vmp_thread_forget(f, *(struct vmp_thread **)f->tree);
}
