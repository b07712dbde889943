/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What watch is asked for, and which process that is. */
#ifndef VMP_CLI_WATCH_OPTIONS_H
#define VMP_CLI_WATCH_OPTIONS_H

#include "cli/cli.h"
#include "watch/threshold.h"
#include "watch/watch.h"

struct vmp_watch_values {
	const char *until, *exec, *log, *plot;
	bool exact_peak;
	double duration; /* 0: none */
	int format, color, backend;
	/* Made of the arguments: */
	const char *what; /* a PID or a glob */
	double interval;
	struct vmp_threshold threshold; /* where there is an `until` */
};

struct vmp_target {
	pid_t pid;
	bool is_known;	/* it was seen: another start is another process */
	uint64_t start; /* then; as in struct vmp_watched */
};

enum { VMP_WATCH_OPTIONS = 9 };
extern const struct vmp_option vmp_watch_options[VMP_WATCH_OPTIONS];

/*
 * Out: *values. Returns: false where there is nothing to be watched; *status is
 * the exit status then: an error, which is printed, or help.
 */
bool vmp_watch_options_read(const struct vmp_command *self, int argc,
			    char **argv, struct vmp_watch_values *values,
			    int *status);

/*
 * The one process that is meant. Out: *target; reason, why it is none.
 * Returns: VMP_EXIT_OK, or the exit status: VMP_EXIT_USAGE where there are
 *   several, which are printed; VMP_EXIT_CANNOT with the reason.
 */
int vmp_watch_target(struct vmp_ctx *ctx, const struct vmp_watch_values *values,
		     struct vmp_target *target, char *reason, size_t size);

#endif
