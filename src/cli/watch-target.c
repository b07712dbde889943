// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds the process that watch is to look at. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/processes.h"
#include "cli/watch-options.h"
#include "lib/internal.h"
#include "report/style.h"

enum { LISTED = 20 };

#define ROW "%8s %-10s %10s %-10s %s"

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

/* By the clock of its boot: 14:05, or the day; of a namespace's own, too. */
static char *started_text(const struct vmp_watched *p, char *text, size_t size)
{
	time_t now = time(NULL), start;
	struct timespec boot = { 0 };
	struct tm today, then;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	start = now - boot.tv_sec +
		(time_t)(p->start / (uint64_t)sysconf(_SC_CLK_TCK));
	*text = '\0';
	if (localtime_r(&now, &today) && localtime_r(&start, &then))
		strftime(text, size,
			 now - start < 86400 && today.tm_mday == then.tm_mday
				 ? "%H:%M:%S"
				 : "%F",
			 &then);
	return text;
}

static char *user_text(uid_t user, char *text, size_t size)
{
	const struct passwd *entry = getpwuid(user);

	if (entry)
		return vmp_escape(entry->pw_name, text, size);
	snprintf(text, size, "%u", (unsigned int)user);
	return text;
}

/* With its arguments, which tell alike ones apart; its name has no other. */
static void print_one(struct vmp_ctx *ctx, const struct vmp_style *style,
		      const struct vmp_watched *p)
{
	char arguments[500], shown[4 * sizeof(arguments)], user[60];
	char started[20], line[sizeof(shown) + 200];
	char pid[20];
	size_t used;

	snprintf(pid, sizeof(pid), "%d", (int)p->pid);
	vmp_watched_arguments(ctx, p, arguments, sizeof(arguments));
	vmp_escape(*arguments ? arguments : p->command, shown, sizeof(shown));
	snprintf(line, sizeof(line), ROW, pid,
		 user_text(p->user, user, sizeof(user)),
		 vmp_digits((uint64_t)p->mappings),
		 started_text(p, started, sizeof(started)), shown);
	fprintf(stderr, "%.*s\n",
		(int)vmp_fitting(line, strlen(line), style->width, &used),
		line);
}

static void list(struct vmp_ctx *ctx, const struct vmp_sample *sample,
		 const char *what, size_t count)
{
	char shown[4 * sizeof(sample->processes[0].command)];
	struct vmp_style style;
	size_t printed = 0;

	vmp_style_init(&style, stderr, VMP_COLOR_NEVER);
	vmp_warn("%s processes are called \"%s\"; which? Say its PID:",
		 vmp_digits(count), vmp_escape(what, shown, sizeof(shown)));
	fprintf(stderr, ROW "\n", "PID", "USER", "MAPPINGS", "STARTED",
		"ARGUMENTS");
	for (size_t i = 0; i < sample->count && printed < LISTED; i++) {
		const struct vmp_watched *p = &sample->processes[i];

		if (p->pid == getpid())
			continue;
		print_one(ctx, &style, p);
		printed++;
	}
	if (count > printed)
		fprintf(stderr, "and %s more\n", vmp_digits(count - printed));
}

static int choose(struct vmp_ctx *ctx, const struct vmp_sample *sample,
		  const char *what, struct vmp_target *target, char *reason,
		  size_t size)
{
	const struct vmp_watched *found = NULL;
	size_t count = find_others(sample, &found);

	if (count > 1) {
		list(ctx, sample, what, count);
		return VMP_EXIT_USAGE;
	}
	if (count) {
		*target = (struct vmp_target){ found->pid, true, found->start };
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
		     struct vmp_target *target, char *reason, size_t size)
{
	const struct vmp_watch_request request = {
		.backend = (enum vmp_watch_backend)v->backend,
		.command = v->what,
	};
	struct vmp_watch *watch = NULL;
	struct vmp_sample sample;
	int rc;

	*target = (struct vmp_target){ .is_known = false };
	if (read_pid(v->what, &target->pid)) {
		if (!target->pid)
			snprintf(reason, size, "there is no process %s",
				 v->what);
		return target->pid ? VMP_EXIT_OK : VMP_EXIT_CANNOT;
	}
	rc = vmp_watch_open(ctx, &request, &watch);
	rc = rc < 0 ? rc : vmp_watch_sample(watch, &sample);
	if (rc < 0)
		snprintf(reason, size, "%s", vmp_error(ctx));
	else
		rc = choose(ctx, &sample, v->what, target, reason, size);
	vmp_watch_close(watch);
	return rc < 0 ? VMP_EXIT_CANNOT : rc;
}
