/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that is stopped under ptrace and made to do things for us: system
 * calls and a piece of code. In the end it is as it was.
 */
#ifndef VMP_BALLAST_TRACEE_H
#define VMP_BALLAST_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/ballast-machine.h"

struct vmp_tracee {
	pid_t tid;
	/* SIGTRAP, before a trap made the kernel reset it */
	bool trap_ignored, trap_blocked;
	int stops, traps; /* sent to it meanwhile, for afterwards */
	/* while it is held: */
	uint64_t saved[VMP_USER_REGISTERS];
	uint64_t mask;
	unsigned char bytes[4]; /* of its program, where it is held */
};

/* Memory, also where it is not writable. Returns: 0 or -errno. */
int vmp_tracee_peek(pid_t tid, uint64_t address, void *to, size_t bytes);
int vmp_tracee_poke(pid_t tid, uint64_t address, const void *from,
		    size_t bytes);

/* Returns: 0; -ENOTSUP, it is a program of another machine; -ESRCH. */
int vmp_tracee_registers(pid_t tid, uint64_t *words);
int vmp_tracee_set_registers(pid_t tid, uint64_t *words);

/*
 * Wait for its next stop.
 * Out: *event, PTRACE_EVENT_... or 0; *number, the signal.
 * Returns: 0; -ESRCH, it has ended: its status is left for waitpid(2).
 */
int vmp_tracee_wait(pid_t tid, int *event, int *number);

/*
 * Let it run until it comes to a place, with all that happens on its way going
 * on as without us.
 * Returns: 0, pc is the place; 1, it is stopped at another exec; -EBUSY, it is
 *   stopped with a new thread or child, which is traced and may be waited for by
 *   it; -ESRCH.
 */
int vmp_tracee_go_to(struct vmp_tracee *t, uint64_t place);

/*
 * Run single instructions, with signals waiting, until one `leads` where it is
 * to stop, but no more than `most`.
 * In: leads, asked after each: from, the pc before it.
 * Returns: 1 it did, 0 none did, -errno.
 */
int vmp_tracee_step(struct vmp_tracee *t, int most,
		    bool (*leads)(void *argument, uint64_t from,
				  const uint64_t *registers),
		    void *argument);

/*
 * Hold it, with signals waiting; put everything back. Both while it is
 * stopped where a place was come to.
 */
int vmp_tracee_hold(struct vmp_tracee *t);
int vmp_tracee_release(struct vmp_tracee *t);

/* Only what traps have done to SIGTRAP is put back. It is not held. */
int vmp_tracee_mend(struct vmp_tracee *t);

/*
 * While it is held: make it call the kernel. In: six arguments.
 * Returns: what the kernel does, -errno, or -ESRCH.
 */
int64_t vmp_tracee_call(struct vmp_tracee *t, long number,
			const uint64_t *arguments);

/* While it is held: run from registers' pc to a trap. Out: those there. */
int vmp_tracee_run(struct vmp_tracee *t, uint64_t *registers, uint64_t trap);

#endif
