/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts a command under ptrace, in the state that it would have been started
 * in without us: signals, descriptors, process group and environment.
 */
#ifndef VMP_START_H
#define VMP_START_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

enum { VMP_OWN_FAILURE = 125 }; /* as timeout(1) says it of itself */

/* Dispositions and mask that the command shall have. */
struct vmp_signals {
	sigset_t mask;
	struct sigaction action[NSIG];
};

/* Take them as they are now: before the caller changes any. */
void vmp_signals_save(struct vmp_signals *signals);

struct vmp_start {
	char *const *command; /* as for execvp(3) */
	long options;	      /* PTRACE_O_...; TRACEEXEC is added */
	const struct vmp_signals *signals; /* NULL: as they are at the call */
	/*
	 * Called in the child right before its exec, signals and all in place
	 * (a seccomp filter). Returns: 0, or a negative errno, which ends it.
	 */
	int (*prepare)(void *argument);
	void *argument;
};

/*
 * Start it: fork; seize the child (PTRACE_SEIZE), which waits for that; let it
 * run until it is stopped at PTRACE_EVENT_EXEC of the command.
 * Out: *pid; reason, in words.
 * Returns: 0, or a negative errno; then there is no child left.
 * Errors: -ENOENT, there is no such command; -EACCES and what else execve(2)
 *   says (-ENOEXEC, -E2BIG, -ETXTBSY), it cannot be run; -EPERM, may not be
 *   traced; -EINTR, it was ended by a signal before its exec; -EAGAIN or
 *   -ENOMEM of fork(2), what prepare() returned.
 *   vmp_start_status() makes an exit status of it.
 * Notes: with a filter of prepare() that asks the tracer, stops for it come
 *   between the two; they are passed over. Signals that arrive meanwhile are
 *   delivered.
 */
int vmp_start(const struct vmp_start *start, pid_t *pid, char *reason,
	      size_t size);

/*
 * The signals that ask for an end: SIGINT and SIGQUIT, which the keyboard
 * sends to the command too, SIGTERM and SIGHUP: handled, but where they were
 * ignored; all ignored; and all of them as a set.
 */
void vmp_signals_handle(void (*keyboard)(int number),
			void (*other)(int number));
void vmp_signals_ignore(void);
void vmp_signals_fill(sigset_t *set);

/*
 * Handlers for them. One passes signals on, at once or, where they come before
 * there is somebody, when vmp_pass_on_to() tells who; one is for those that a
 * terminal sends to the command, too. After vmp_pass_on_end() both end the
 * trace, as the third always does: there is nobody whose matter it is.
 */
void vmp_pass_on(int number);
void vmp_leave_to_command(int number);
void vmp_end_trace(int number);
void vmp_pass_on_to(pid_t pid);
void vmp_pass_on_end(void);

/*
 * One for the time after the trace: ends us. A signal often comes twice, to
 * the process group and through the shield (follow.h): within a second of one
 * that was handled before it means the same, and nothing.
 */
void vmp_end_by(int number);

/* timeout(1)'s: 127 not found, 126 cannot be run, 125 else. In: rc < 0. */
int vmp_start_status(int rc);

/* The exit status of a command: its own, 128 + n where signal n ended it. */
int vmp_exit_status(int wait_status);

#endif
