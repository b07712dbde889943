// SPDX-License-Identifier: GPL-2.0-or-later
/* What the suites of watch share: a watch, its context, its last sample. */
#include "watching.h"

struct vmp_ctx *ctx;
struct vmp_watch *watch;
struct vmp_sample sample;

void take(void)
{
	int rc = vmp_watch_sample(watch, &sample);

	ck_assert_msg(rc == 0, "%s", vmp_error(ctx));
}

const struct vmp_watched *find_watched(pid_t pid)
{
	for (size_t i = 0; i < sample.count; i++)
		if (sample.processes[i].pid == pid)
			return &sample.processes[i];
	return NULL;
}

void close_watch(void)
{
	vmp_watch_close(watch);
	vmp_free(ctx);
}
