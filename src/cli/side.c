// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that a command writes beside its report: logs, plots. */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"

bool vmp_side_open(struct vmp_side *side, const char *path)
{
	side->path = path;
	side->file = path ? fopen(path, "we") : NULL;
	if (!path || side->file)
		return true;
	vmp_warn("cannot write %s: %s", path, strerror(errno));
	return false;
}

int vmp_side_close(struct vmp_side *side, int rc)
{
	bool failed;

	if (!side->file)
		return rc;
	failed = ferror(side->file);
	if (fclose(side->file) || failed) {
		vmp_warn("cannot write %s: %s", side->path,
			 strerror(errno ? errno : EIO));
		rc = VMP_EXIT_CANNOT;
	}
	side->file = NULL;
	return rc;
}
