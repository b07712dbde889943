/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ballast: mappings made inside a program that we started, before its first
 * instruction of its own, so that only so many are left to it.
 */
#ifndef VMP_BALLAST_H
#define VMP_BALLAST_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

struct vmp_ballast {
	int64_t headroom; /* mappings that shall be left */
	bool percent;	  /* headroom is a share of the limit */
	bool at_main;	  /* at main(), else at the entry point: after the
			     loader, before constructors */
};

/* Seccomp filters let a mprotect() pass that has this as its sixth argument. */
#define VMP_BALLAST_MARK UINT64_C(0x766d617062616c6c)

/*
 * Make ballast in a process that is stopped under ptrace right after its exec
 * (PTRACE_EVENT_EXEC, seized), and leave it stopped at the place that `ballast`
 * names, with registers, memory, signals and limits as they would have been.
 * In: tid, of its only thread.
 * Out: *made, how many mappings; reason, in words.
 * Returns: 0, or a negative errno, and then no ballast is left in it:
 *   -ESRCH, it ended meanwhile; its status is left for waitpid(2)
 *   -ENOSPC, it has not that much headroom to begin with
 *   -ENOEXEC, the place is not found in it; -ENOTSUP, a program for another
 *   machine than this program is for, or a machine that is not known
 *   -ENOMEM, RLIMIT_AS or the address space has no room
 *   -EBUSY, it starts a thread or process before that place, which is traced
 *   too: it would wait for that, and that for us; or its other threads map and
 *   unmap
 *   -EPERM and others: what a call in it was answered.
 * Notes: signals and seccomp stops are passed over; those signals that arrive while the ballast is
 *   made wait for its end. The exec is over then: its end is no more stopped at.
 *   Takes 2 microseconds a mapping.
 */
int vmp_ballast_make(pid_t tid, const struct vmp_ballast *ballast,
		     int64_t *made, char *reason, size_t size);

#endif
