// SPDX-License-Identifier: GPL-2.0-or-later
/* What trace and exec say of a command that they started. */
#include <string.h>

#include "cli/cli.h"
#include "cli/started.h"
#include "report/style.h"

void vmp_warn_without(pid_t pid, const char *reason)
{
	char text[600];

	vmp_warn("process %d goes without ballast: %s", (int)pid,
		 vmp_escape(reason, text, sizeof(text)));
}

void vmp_warn_left(const char *command, size_t processes, const char *doing)
{
	const char *slash = strrchr(command, '/'), *name = command;
	bool one = processes == 1;
	char text[24]; /* of 80 columns */

	if (slash && slash[1])
		name = slash + 1;
	vmp_warn("%s has ended; still %s %s process%s. Ctrl-C lets %s go.",
		 vmp_escape(name, text, sizeof(text)), doing,
		 vmp_digits(processes), one ? "" : "es", one ? "it" : "them");
}

void vmp_warn_tracer(pid_t tracer)
{
	vmp_warn("process %d (vmaprobe-tracer) stays until the processes that "
		 "it traces have ended. Do not kill it: their memory calls "
		 "would fail with ENOSYS.",
		 (int)tracer);
}
