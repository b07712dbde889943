// SPDX-License-Identifier: GPL-2.0-or-later
/* Which /proc this is: whose PIDs it has, and whether it shows all of them. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/internal.h"
#include "watch/proc.h"

/*
 * Does a line of mountinfo say that this is a /proc that does not list other
 * users' processes? hidepid=1 lists them. Since Linux 5.8 it has words.
 *
 *   24 31 0:22 / /proc rw,relatime shared:12 - proc proc rw,hidepid=invisible
 */
static bool says_hidden(const char *line, const char *root)
{
	static const char *const options[] = { "hidepid=2", "hidepid=4",
					       "hidepid=invisible",
					       "hidepid=ptraceable" };
	const char *rest = strstr(line, " - proc ");
	char place[256];

	if (!rest || sscanf(line, "%*s %*s %*s %*s %255s", place) != 1 ||
	    strcmp(place, root))
		return false;
	for (size_t i = 0; i < VMP_COUNT(options); i++)
		if (strstr(rest, options[i]))
			return true;
	return false;
}

bool vmp_proc_hides(struct vmp_ctx *ctx)
{
	VMP_FCLOSE FILE *f = NULL;
	VMP_FREE char *line = NULL;
	struct stat status;
	bool hides = false;
	char path[256];
	size_t size = 0;

	vmp_proc_path(ctx, 1, "", path, sizeof(path));
	if (!stat(path, &status))
		return false;
	vmp_proc_path(ctx, 0, "mountinfo", path, sizeof(path));
	f = fopen(path, "re");
	while (f && getline(&line, &size, f) >= 0)
		hides |= says_hidden(line, ctx->procfs);
	return hides;
}

bool vmp_proc_is_own(struct vmp_ctx *ctx)
{
	char path[256], target[32], own[32];
	ssize_t n;

	vmp_proc_path(ctx, 0, "", path, sizeof(path));
	path[strlen(path) - 1] = '\0';
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	snprintf(own, sizeof(own), "%d", (int)getpid());
	return !strcmp(target, own);
}
