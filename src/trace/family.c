// SPDX-License-Identifier: GPL-2.0-or-later
/* Ballast for the programs of a command, as each of them begins. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/family.h"

/* It begins without any: of how many are left to it nothing is taken away. */
static void count_lacking(struct vmp_family *family, pid_t pid)
{
	char path[64];

	if (family->lacking++)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (vmp_read_file(path, family->lacks, sizeof(family->lacks)) < 0)
		*family->lacks = '\0';
	family->lacks[strcspn(family->lacks, "\n")] = '\0';
}

bool vmp_family_exec(struct vmp_family *family, struct vmp_thread *thread)
{
	bool is_first = !family->begun;
	int64_t made = 0;
	int rc;

	family->begun = true;
	if (!family->ballast)
		return true;
	if (!is_first && !family->children) {
		count_lacking(family, thread->pid);
		return true;
	}
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
		count_lacking(family, thread->pid);
		family->without(family, thread->pid);
		return true;
	}
	family->refused = rc;
	kill(thread->pid, SIGKILL);
	return false;
}
