// SPDX-License-Identifier: GPL-2.0-or-later
/* Judges the processes of a sample by two thresholds, the worst first. */
#include <errno.h>
#include <stdlib.h>

#include "watch/judge.h"

const char *const vmp_status_names[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN",
					 NULL };

/* What weighs more than what. */
static const int weight[VMP_STATUSES] = {
	[VMP_OK] = 0,
	[VMP_UNKNOWN] = 1,
	[VMP_WARNING] = 2,
	[VMP_CRITICAL] = 3,
};

enum vmp_status vmp_status_worse(enum vmp_status a, enum vmp_status b)
{
	return weight[a] >= weight[b] ? a : b;
}

static enum vmp_status status_of(const struct vmp_watched *p, int64_t limit,
				 const struct vmp_thresholds *t)
{
	if (vmp_threshold_raised(&t->critical, p->mappings, limit))
		return VMP_CRITICAL;
	if (vmp_threshold_raised(&t->warning, p->mappings, limit))
		return VMP_WARNING;
	return VMP_OK;
}

/* Adds the rows of one status, in their order. Returns: how many. */
static size_t add_rows(const struct vmp_sample *sample,
		       const struct vmp_thresholds *t, pid_t except,
		       enum vmp_status status, struct vmp_verdict *verdict)
{
	size_t before = verdict->count;

	for (size_t i = 0; i < sample->count; i++) {
		const struct vmp_watched *p = &sample->processes[i];

		if (p->pid != except &&
		    status_of(p, sample->limit, t) == status)
			verdict->rows[verdict->count++] = p;
	}
	return verdict->count - before;
}

int vmp_judge_sample(const struct vmp_sample *sample,
		     const struct vmp_thresholds *thresholds, pid_t except,
		     struct vmp_verdict *verdict)
{
	*verdict = (struct vmp_verdict){ .status = VMP_UNKNOWN };
	if (!sample->count)
		return 0;
	verdict->rows = calloc(sample->count, sizeof(struct vmp_watched *));
	if (!verdict->rows)
		return -ENOMEM;
	verdict->critical =
		add_rows(sample, thresholds, except, VMP_CRITICAL, verdict);
	verdict->warning =
		add_rows(sample, thresholds, except, VMP_WARNING, verdict);
	add_rows(sample, thresholds, except, VMP_OK, verdict);
	if (!verdict->count)
		return 0;
	verdict->status = VMP_OK;
	if (verdict->warning)
		verdict->status = VMP_WARNING;
	if (verdict->critical)
		verdict->status = VMP_CRITICAL;
	return 0;
}
