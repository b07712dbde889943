// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that a command writes beside its report: logs, plots. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

int vmp_side_open_now(struct vmp_side *side, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);
	int error;

	side->path = path;
	side->file = NULL;
	if (fd < 0)
		return -errno;
	/* writes wait, as they do elsewhere */
	if (fcntl(fd, F_SETFL, 0) == 0)
		side->file = fdopen(fd, "w");
	error = errno;
	if (!side->file)
		close(fd);
	return side->file ? 0 : -error;
}

void vmp_side_empty(struct vmp_side *side)
{
	/* a FIFO and a device hold nothing */
	if (side->file && ftruncate(fileno(side->file), 0) < 0 &&
	    errno != EINVAL)
		vmp_warn("cannot empty %s: %s", side->path, strerror(errno));
}

int vmp_side_close(struct vmp_side *side, int rc)
{
	bool failed;

	if (!side->file)
		return rc;
	failed = ferror(side->file);
	errno = 0; /* that of an earlier write may be another's by now */
	if (fclose(side->file) || failed) {
		vmp_warn("cannot write %s: %s", side->path,
			 strerror(errno ? errno : EIO));
		rc = VMP_EXIT_CANNOT;
	}
	side->file = NULL;
	return rc;
}
