/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ptrace loop: every thread and child of a command that was started, or of
 * a process that was seized, stopped where a hook wants it, with each signal,
 * group stop and exit going on as without us.
 */
#ifndef VMP_FOLLOW_H
#define VMP_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Where threads stop for calls. */
enum vmp_follow_calls {
	VMP_FOLLOW_NO_CALLS, /* for exec, exits and new threads alone */
	VMP_FOLLOW_FILTERED, /* where the command's seccomp filter says so */
	VMP_FOLLOW_ALL_CALLS,
};

/* A thread that is followed. */
struct vmp_thread {
	pid_t tid, pid;
	bool in_call; /* between a call's entry and its exit */
	bool wanted;  /* the entry hook wants to see the exit */
	/* the entry hook's own: */
	const void *call;
	uint64_t arguments[6], entry;
	int64_t mark;
};

struct vmp_follow;

/* Called while the thread is stopped; NULL where it is not wanted. */
struct vmp_follow_hooks {
	/* Returns: false where the call's end is of no interest. */
	bool (*enter)(struct vmp_follow *f, struct vmp_thread *thread);
	void (*leave)(struct vmp_follow *f, struct vmp_thread *thread);
	/* The thread ended in a call that the entry hook wanted. */
	void (*abandon)(struct vmp_follow *f, struct vmp_thread *thread);
	/* After exec, before the new program's first instruction. */
	void (*exec)(struct vmp_follow *f, struct vmp_thread *thread);
	/* A thread is about to end; its mappings are still there. */
	void (*ending)(struct vmp_follow *f, struct vmp_thread *thread);
	/* The last thread of a process has ended. */
	void (*exit)(struct vmp_follow *f, pid_t pid);
	/*
	 * The command ended half a second ago or more, and so many processes
	 * that it left are followed. Called once.
	 */
	void (*left)(struct vmp_follow *f, size_t processes);
};

struct vmp_follow {
	void *owner; /* the hooks' own */
	const struct vmp_follow_hooks *hooks;
	enum vmp_follow_calls calls;
	pid_t root; /* the command; 0 where a process was seized */
	int status; /* of root, as from waitpid(2) */
	bool ended; /* root has */
	bool stop;  /* set by a hook: let all go */
	/* private: */
	void *tree;	 /* of struct vmp_thread, by tid; tsearch(3) */
	bool letting_go; /* no hook is called any more */
	bool released;	 /* threads are being detached */
	bool serving;	 /* for the sake of the filter alone */
	pid_t reporter;	 /* whose end vmp_follow_leave() is to pass on */
	int ticks;	 /* half seconds since the end of root */
};

/* The process of a thread; the thread itself where that cannot be read. */
pid_t vmp_process_of(pid_t tid);

/* ptrace options for PTRACE_SEIZE: what the hooks need. */
unsigned long vmp_follow_options(const struct vmp_follow *f);

/*
 * Take on a child that vmp_start() left stopped after its exec; or seize all
 * threads of a process.
 * Returns: 0 or a negative errno: -EPERM (Yama, another tracer, another user),
 *   -ESRCH, -ENOMEM.
 */
int vmp_follow_child(struct vmp_follow *f, pid_t pid);
int vmp_follow_process(struct vmp_follow *f, pid_t pid);

/*
 * Run until nothing is left to follow, or f->stop: then a seized process is
 * let go; a command goes on with no hook called, and when it has ended, what it
 * left is let go. What has a filter that asks for a tracer must keep one: it
 * is still followed then, which vmp_follow_is_left() tells.
 * In: stopped, asked twice a second and after each wait: shall it stop?
 * Returns: 0 or a negative errno.
 */
int vmp_follow_run(struct vmp_follow *f,
		   bool (*stopped)(const struct vmp_follow *f));

/* Is something followed still? */
bool vmp_follow_is_left(const struct vmp_follow *f);

void vmp_follow_end(struct vmp_follow *f);

/*
 * Fork, so that killing the program that was called leaves what it traces
 * unharmed: the child goes on; the parent waits for it, passes SIGTERM, SIGHUP,
 * SIGINT and SIGQUIT on unless they are ignored, and ends as it ends.
 * Returns: in the child alone; 0, or a negative errno without a child.
 */
int vmp_follow_shield(void);

/*
 * Behind a shield: report while what is left goes on. Forks: the caller becomes
 * a child, with whose status the program that was called ends. The tracer stays
 * in the background, without a terminal and files, until its last tracee ends.
 * Out: *tracer, its number, where there is one.
 * Returns: in the child alone; without one (fork() failed) when all have ended.
 */
int vmp_follow_leave(struct vmp_follow *f, pid_t *tracer);

#endif
