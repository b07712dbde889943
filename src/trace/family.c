// SPDX-License-Identifier: GPL-2.0-or-later
/* Ballast for the programs of a command, as each of them begins. */
#include <errno.h>
#include <signal.h>

#include "trace/family.h"

bool vmp_family_exec(struct vmp_family *family, struct vmp_thread *thread)
{
	bool is_first = !family->begun;
	int64_t made = 0;
	int rc;

	family->begun = true;
	if (!family->ballast || (!is_first && !family->children))
		return true;
	rc = vmp_ballast_make(thread->tid, family->ballast, &made,
			      family->reason, sizeof(family->reason));
	thread->in_call = false; /* it has left exec */
	if (rc == 0 && is_first)
		family->made = made;
	if (rc == 0)
		return true;
	/* as its loader does where a library is missing: its own end */
	if (rc == -ESRCH)
		return false;
	if (!is_first) {
		family->without(family, thread->pid);
		return true;
	}
	family->refused = rc;
	kill(thread->pid, SIGKILL);
	return false;
}
