// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds the process that watch is to look at. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/processes.h"
#include "cli/watch-options.h"
#include "lib/internal.h"
#include "report/style.h"

enum { LISTED = 20 };

/* All digits. Out: *pid, 0 for a number that no process can have. */
static bool read_pid(const char *text, pid_t *pid)
{
	unsigned long long number;

	if (!*text || text[strspn(text, "0123456789")])
		return false;
	number = strtoull(text, NULL, 10);
	*pid = number <= INT_MAX ? (pid_t)number : 0;
	return true;
}

/* Those of the name, but for this process. Returns: how many. */
static size_t find_others(const struct vmp_sample *sample,
			  const struct vmp_watched **found)
{
	size_t count = 0;

	for (size_t i = 0; i < sample->count; i++) {
		if (sample->processes[i].pid == getpid())
			continue;
		if (!count++)
			*found = &sample->processes[i];
	}
	return count;
}

static void list(const struct vmp_sample *sample, const char *what,
		 size_t count)
{
	char shown[4 * sizeof(sample->processes[0].command)];
	size_t printed = 0;

	vmp_warn("%zu processes are called \"%s\"; which? Say its PID:", count,
		 vmp_escape(what, shown, sizeof(shown)));
	fprintf(stderr, "%8s %10s  COMMAND\n", "PID", "MAPPINGS");
	for (size_t i = 0; i < sample->count && printed < LISTED; i++) {
		const struct vmp_watched *p = &sample->processes[i];

		if (p->pid == getpid())
			continue;
		fprintf(stderr, "%8d %10s  %s\n", (int)p->pid,
			vmp_digits((uint64_t)p->mappings),
			vmp_escape(p->command, shown, sizeof(shown)));
		printed++;
	}
	if (count > printed)
		fprintf(stderr, "and %zu more\n", count - printed);
}

static int choose(const struct vmp_sample *sample, const char *what, pid_t *pid,
		  char *reason, size_t size)
{
	const struct vmp_watched *found = NULL;
	size_t count = find_others(sample, &found);

	if (count > 1) {
		list(sample, what, count);
		return VMP_EXIT_USAGE;
	}
	if (count) {
		*pid = found->pid;
		return VMP_EXIT_OK;
	}
	if (sample->unreadable)
		snprintf(reason, size,
			 "no process that may be read is called \"%s\"; %s",
			 what, vmp_process_remedy());
	else
		snprintf(reason, size, "no process is called \"%s\"", what);
	return VMP_EXIT_CANNOT;
}

int vmp_watch_target(struct vmp_ctx *ctx, const struct vmp_watch_values *v,
		     pid_t *pid, char *reason, size_t size)
{
	const struct vmp_watch_request request = {
		.backend = (enum vmp_watch_backend)v->backend,
		.command = v->what,
	};
	struct vmp_watch *watch = NULL;
	struct vmp_sample sample;
	int rc;

	if (read_pid(v->what, pid)) {
		if (!*pid)
			snprintf(reason, size, "there is no process %s",
				 v->what);
		return *pid ? VMP_EXIT_OK : VMP_EXIT_CANNOT;
	}
	rc = vmp_watch_open(ctx, &request, &watch);
	rc = rc < 0 ? rc : vmp_watch_sample(watch, &sample);
	if (rc < 0)
		snprintf(reason, size, "%s", vmp_error(ctx));
	else
		rc = choose(&sample, v->what, pid, reason, size);
	vmp_watch_close(watch);
	return rc < 0 ? VMP_EXIT_CANNOT : rc;
}
