/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of vmaprobe trace, read and checked. */
#ifndef VMP_TRACE_OPTIONS_H
#define VMP_TRACE_OPTIONS_H

#include "cli/cli.h"
#include "trace/trace.h"

#define VMP_NOT_GIVEN UINT64_MAX

struct vmp_trace_values {
	struct vmp_list pids; /* as given; of them there may be one: */
	uint64_t pid, top, error_exitcode;
	bool all_processes, follow, all, sites, until_first, pin, children;
	const char *output, *folded, *record, *exec_on_failure, *headroom;
	double duration;
	int backend, format, at, color;
	char *const *command; /* NULL: none */
	struct vmp_ballast ballast;
};

/* A wrong number does not compile: it is that of the rows. */
enum { VMP_TRACE_OPTIONS = 20 };
extern const struct vmp_option vmp_trace_options[VMP_TRACE_OPTIONS];

/*
 * Read them, with the command behind them.
 * Returns: true, or false with *status, that help or a usage error ends with.
 */
bool vmp_trace_options_read(const struct vmp_command *self, int argc,
			    char **argv, struct vmp_trace_values *v,
			    int *status);

/* What they ask for; the sink and the command's signals are left out. */
struct vmp_trace_request vmp_trace_request_of(const struct vmp_trace_values *v);

/*
 * Who is to do it. BPF costs calls that work next to nothing; where every call
 * is wanted, or the caller held, ptrace is the one that can.
 */
const struct vmp_trace_backend *
vmp_trace_choose(const struct vmp_trace_values *v,
		 const struct vmp_trace_request *request);

/* How a failure of our own ends: a command's own status stays below that. */
int vmp_trace_own_failure(const struct vmp_trace_values *v);

#endif
