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
};

struct vmp_follow {
	void *owner; /* the hooks' own */
	const struct vmp_follow_hooks *hooks;
	enum vmp_follow_calls calls;
	pid_t root; /* the command; 0 where a process was seized */
	int status; /* of root, as from waitpid(2) */
	bool stop;  /* set by a hook or a signal handler: let all go */
	/* private: */
	void *tree; /* of struct vmp_thread, by tid; tsearch(3) */
	bool letting_go;
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
 * let go, and a command's threads go on with no hook called (a filter that asks
 * for a tracer must have one).
 * In: stopped, asked after each wait, which a signal interrupts: shall it stop?
 * Returns: 0 or a negative errno.
 */
int vmp_follow_run(struct vmp_follow *f, bool (*stopped)(void));

void vmp_follow_end(struct vmp_follow *f);

/*
 * Fork, so that killing the program that was called leaves what it traces
 * unharmed: the child goes on; the parent waits for it, passes SIGTERM and
 * SIGHUP on, and ends as it ends.
 * Returns: in the child alone; 0, or a negative errno without a child.
 */
int vmp_follow_shield(void);

#endif
