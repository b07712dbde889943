/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processes: the options that top and check share. */
#ifndef VMP_CLI_PROCESSES_H
#define VMP_CLI_PROCESSES_H

#include "cli/cli.h"
#include "watch/watch.h"

struct vmp_process_values {
	struct vmp_list pids, users; /* each may be several: "1,2" */
	const char *command;
	int backend; /* enum vmp_watch_backend */
};

/* Rows of a command's table, whose values hold this struct as `field`. */
#define VMP_PROCESS_OPTIONS(values, field)                                   \
	VMP_OPTION(values, "pid", "PID", LIST, field.pids,                   \
		   "only this process; may be given often", .letter = 'p'),  \
		VMP_OPTION(values, "user", "USER", LIST, field.users,        \
			   "only processes of this user, or UID",            \
			   .letter = 'u'),                                   \
		VMP_OPTION(values, "comm", "GLOB", TEXT, field.command,      \
			   "only processes of this name, such as 'java*'"),  \
		VMP_OPTION(values, "backend", "NAME", CHOICE, field.backend, \
			   "auto, bpf or maps: where counts are from",       \
			   .choices = vmp_watch_backends)

/* What they ask for; its arrays are its own. */
struct vmp_process_choice {
	struct vmp_watch_request request;
	pid_t pids[VMP_LIST_SIZE];
	uid_t users[VMP_LIST_SIZE];
};

/*
 * In: self, for its name in messages. Out: *choice.
 * Returns: VMP_EXIT_OK, or VMP_EXIT_USAGE after an error, which is printed.
 */
int vmp_processes_read(const struct vmp_command *self,
		       const struct vmp_process_values *values,
		       struct vmp_process_choice *choice);

/* Why the mappings of a process cannot be counted. Out: reason, in words. */
void vmp_process_missing(struct vmp_ctx *ctx, pid_t pid, char *reason,
			 size_t size);

/*
 * Was a process asked for that is not in the sample? Out: reason, as above, or
 * that --user or --comm leave it out.
 */
bool vmp_process_left_out(struct vmp_ctx *ctx,
			  const struct vmp_watch_request *request,
			  const struct vmp_sample *sample, pid_t pid,
			  char *reason, size_t size);

/* What to do where processes may not be read. */
const char *vmp_process_remedy(void);

#endif
