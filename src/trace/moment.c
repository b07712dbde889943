// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads /proc at the moment of a failure: counts, limits, the call's range. */
#include <errno.h>
#include <string.h>

#include "trace/moment.h"

/* What the whole machine has does not matter to the millisecond. */
static const double fresh_seconds = 0.1;

int vmp_moment_start(struct vmp_moment *moment)
{
	memset(moment, 0, sizeof(*moment));
	moment->ctx = vmp_new();
	return moment->ctx ? 0 : -ENOMEM;
}

void vmp_moment_end(struct vmp_moment *moment)
{
	vmp_free(moment->ctx);
	moment->ctx = NULL;
}

void vmp_moment_changed(struct vmp_moment *moment)
{
	moment->pid = 0;
}

static int read_limits(struct vmp_moment *moment, double now)
{
	int64_t limit;
	int rc;

	if (!moment->limits_read || now - moment->limits_read > fresh_seconds) {
		rc = vmp_limits_read(moment->ctx, &moment->limits);
		moment->limits_read = rc < 0 ? 0 : now;
		return rc;
	}
	limit = vmp_map_limit(moment->ctx);
	if (limit < 0)
		return (int)limit;
	moment->limits.max_map_count = limit;
	return 0;
}

/* In: kept, whose counts and gap still hold where nothing has changed since. */
static int read_survey(struct vmp_moment *moment, pid_t pid, uint64_t address,
		       uint64_t length)
{
	int rc = -ENOTTY;

	if (moment->pid == pid)
		rc = vmp_survey_range(moment->ctx, pid, address, length,
				      &moment->survey);
	if (rc != -ENOTTY)
		return rc;
	rc = vmp_survey(moment->ctx, pid, address, length, &moment->survey);
	moment->pid = rc < 0 ? 0 : pid;
	return rc;
}

/* mremap() that may not move: does anything lie where it would grow? */
static bool is_blocked(struct vmp_moment *moment, pid_t pid,
		       const struct vmp_failed_call *f)
{
	if (!f->in_place || !f->more_bytes)
		return false;
	return read_survey(moment, pid, f->address + f->length,
			   f->more_bytes) == 0 &&
	       moment->survey.touched;
}

void vmp_moment_read(struct vmp_moment *moment, struct vmp_trace_call *call,
		     double now)
{
	struct vmp_failed_call *f = &call->figures;
	int rc = read_limits(moment, now);

	call->mappings = -1;
	vmp_syscall_figures(call->row, call->arguments, call->result, f);
	f->limits = moment->limits;
	vmp_huge_pool_read(moment->ctx, f);
	rc = rc < 0 ? rc
		    : vmp_process_read(moment->ctx, call->pid, &f->process);
	if (rc < 0)
		return;
	f->blocked = is_blocked(moment, call->pid, f);
	if (read_survey(moment, call->pid, f->address, f->length) < 0)
		return;
	f->survey = moment->survey;
	call->mappings = (int64_t)f->survey.mappings;
	vmp_syscall_refine(call->row, call->arguments, f);
}
