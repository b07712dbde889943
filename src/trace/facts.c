// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads /proc at the moment of a failure: counts, limits, the call's range. */
#include <errno.h>
#include <string.h>

#include "trace/facts.h"

/* What the whole machine has does not matter to the millisecond. */
static const double fresh_seconds = 0.1;

int vmp_facts_start(struct vmp_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->ctx = vmp_new();
	return facts->ctx ? 0 : -ENOMEM;
}

void vmp_facts_end(struct vmp_facts *facts)
{
	vmp_free(facts->ctx);
	facts->ctx = NULL;
}

void vmp_facts_changed(struct vmp_facts *facts)
{
	facts->pid = 0;
}

static int read_limits(struct vmp_facts *facts, double now)
{
	int64_t limit;
	int rc;

	if (!facts->limits_read || now - facts->limits_read > fresh_seconds) {
		rc = vmp_limits_read(facts->ctx, &facts->limits);
		facts->limits_read = rc < 0 ? 0 : now;
		return rc;
	}
	limit = vmp_map_limit(facts->ctx);
	if (limit < 0)
		return (int)limit;
	facts->limits.max_map_count = limit;
	return 0;
}

/* In: kept, whose counts and gap still hold where nothing has changed since. */
static int read_survey(struct vmp_facts *facts, pid_t pid, uint64_t address,
		       uint64_t length)
{
	int rc = -ENOTTY;

	if (facts->pid == pid)
		rc = vmp_survey_range(facts->ctx, pid, address, length,
				      &facts->survey);
	if (rc != -ENOTTY)
		return rc;
	rc = vmp_survey(facts->ctx, pid, address, length, &facts->survey);
	facts->pid = rc < 0 ? 0 : pid;
	return rc;
}

/* mremap() that may not move: does anything lie where it would grow? */
static bool is_blocked(struct vmp_facts *facts, pid_t pid,
		       const struct vmp_failed_call *f)
{
	if (!f->in_place || !f->more_bytes)
		return false;
	return read_survey(facts, pid, f->address + f->length, f->more_bytes) ==
		       0 &&
	       facts->survey.touched;
}

void vmp_facts_read(struct vmp_facts *facts, struct vmp_trace_call *call,
		    double now)
{
	struct vmp_failed_call *f = &call->figures;
	int rc = read_limits(facts, now);

	call->mappings = -1;
	vmp_syscall_figures(call->row, call->arguments, call->result, f);
	f->limits = facts->limits;
	rc = rc < 0 ? rc : vmp_process_read(facts->ctx, call->pid, &f->process);
	if (rc < 0)
		return;
	f->blocked = is_blocked(facts, call->pid, f);
	if (read_survey(facts, call->pid, f->address, f->length) < 0)
		return;
	f->survey = facts->survey;
	call->mappings = (int64_t)f->survey.mappings;
	vmp_syscall_refine(call->row, call->arguments, f);
}
