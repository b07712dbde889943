// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations of the truth table: what changes a range of a mapping. */
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "worker/cell.h"
#include "worker/uffd.h"

static int do_mprotect(struct cell *c)
{
	return mprotect(c->at, c->length, c->row->argument) ? errno : 0;
}

const struct attempt try_mprotect = { .make = do_mprotect };

static int do_pkey_mprotect(struct cell *c)
{
	return syscall(SYS_pkey_mprotect, c->at, c->length, c->row->argument,
		       c->key)
		       ? errno
		       : 0;
}

const struct attempt try_pkey_mprotect = { .make = do_pkey_mprotect };

static int do_madvise(struct cell *c)
{
	return madvise(c->at, c->length, c->row->argument) ? errno : 0;
}

const struct attempt try_madvise = { .make = do_madvise };

static int do_madvise_huge(struct cell *c)
{
	return madvise(c->area, c->window_bytes / 2, c->row->argument) ? errno
								       : 0;
}

const struct attempt try_madvise_huge = { .make = do_madvise_huge };

static int do_mlock(struct cell *c)
{
	return mlock(c->at, c->length) ? errno : 0;
}

const struct attempt try_mlock = { .make = do_mlock };

static int do_munlock(struct cell *c)
{
	return munlock(c->at, c->length) ? errno : 0;
}

const struct attempt try_munlock = { .make = do_munlock };

static int do_mlockall(struct cell *c)
{
	return mlockall(c->row->argument) ? errno : 0;
}

static void end_mlockall(void)
{
	munlockall();
}

/*
 * To lock and unlock a million mappings takes seconds. In the cells of this
 * row they stay locked; it is the scene's mapping that the call still locks.
 */
const struct attempt try_mlockall = {
	.make = do_mlockall,
	.end = end_mlockall,
};

static int do_anon_name(struct cell *c)
{
	return prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, c->at, c->length,
		     "vmaprobe")
		       ? errno
		       : 0;
}

const struct attempt try_anon_name = { .make = do_anon_name };

enum { POLICY_BIND = 2 }; /* MPOL_BIND, which is in no header of libc */

static int do_mbind(struct cell *c)
{
	unsigned long nodes = 1;

	return syscall(SYS_mbind, c->at, c->length, POLICY_BIND, &nodes,
		       8 * sizeof(nodes), 0)
		       ? errno
		       : 0;
}

const struct attempt try_mbind = { .make = do_mbind };

static int do_uffd_register(struct cell *c)
{
	struct uffd_register range = {
		.start = (uintptr_t)c->at,
		.length = c->length,
		.mode = UFFD_MODE_MISSING,
	};

	return ioctl(c->fd, UFFD_IOC_REGISTER, &range) ? errno : 0;
}

const struct attempt try_uffd_register = { .make = do_uffd_register };

static int do_mseal(struct cell *c)
{
	return syscall(SYS_mseal, c->at, c->length, 0) ? errno : 0;
}

/*
 * A seal is for ever. The mappings stay in a window that no other cell uses:
 * the next one finds all as it was, but for a few that count as ballast.
 */
const struct attempt try_mseal = { .make = do_mseal, .leaves = true };
