/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads that the ptrace loop follows, found by their numbers. */
#ifndef VMP_THREADS_H
#define VMP_THREADS_H

#include "trace/follow.h"

struct vmp_thread *vmp_thread_find(struct vmp_follow *f, pid_t tid);

/* The one that is known, or a new one. Returns: NULL without memory. */
struct vmp_thread *vmp_thread_add(struct vmp_follow *f, pid_t tid);

/* It is gone: a call that it was in is abandoned. */
void vmp_thread_forget(struct vmp_follow *f, struct vmp_thread *t);

/* Has it ended, though nobody has been told yet? */
bool vmp_thread_is_zombie(pid_t tid);

/* Forget those. The first thread of a process is one until all have ended. */
void vmp_threads_drop_zombies(struct vmp_follow *f);

/* PTRACE_INTERRUPT them all. */
void vmp_threads_interrupt(struct vmp_follow *f);

/* How many processes they are of. Out: *first, one of them; NULL: no matter. */
size_t vmp_threads_processes(const struct vmp_follow *f, pid_t *first);

/* Behind a shield: let the program that was called end with this status. */
void vmp_shield_end(int status);

#endif
