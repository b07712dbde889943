// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a deadline has to stand: waits as a reader of /proc/PID/maps does for
 * its lock, so that only a fatal signal ends it (TASK_KILLABLE): in vfork(),
 * for a child that does not go on. An alarm would not be heard.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/deadline.h"

int main(void)
{
	if (vmp_deadline_start(0.2, "late\n", 3) < 0)
		return 1;
	if (vfork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(60);
		for (;;)
			pause();
	}
	vmp_deadline_met();
	return 2;
}
