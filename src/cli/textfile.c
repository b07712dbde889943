// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Metrics in a file that is always whole: written beside it, synced, renamed.
 *
 * The collector reads what ends in .prom, and the name of what is being written
 * does not. It reads as another user, so the mode is 0644 whatever the umask.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/textfile.h"
#include "lib/internal.h"

/* Returns: 0 or a negative errno. */
static int write_all(int fd, const struct vmp_top_report *report)
{
	FILE *out = fdopen(fd, "w");
	int rc = 0;

	if (!out) {
		rc = -errno;
		close(fd);
		return rc;
	}
	errno = 0;
	vmp_report_top_metrics(report, out);
	if (fflush(out) || ferror(out))
		rc = errno ? -errno : -EIO;
	else if (fchmod(fd, 0644) || fsync(fd))
		rc = -errno;
	if (fclose(out) && !rc)
		rc = -errno;
	return rc;
}

/* The name lasts when the folder is synced; some file systems need not. */
static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = "./";
	VMP_CLOSE int fd = -1;

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s",
			 (int)(slash + 1 - path), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) && errno != EINVAL))
		return -errno;
	return 0;
}

/* A rename would replace a device, or a symbolic link to one. */
static int refuse_special(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	return S_ISREG(st.st_mode) ? 0 : -EEXIST;
}

/*
 * A new file beside it. Out: beside, its name, from malloc(), which the caller
 * frees whatever comes of it. Returns: a descriptor or a negative errno.
 */
static int open_beside(const char *path, char **beside)
{
	int fd, rc = refuse_special(path);

	if (rc < 0)
		return rc;
	if (asprintf(beside, "%s.XXXXXX", path) < 0) {
		*beside = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(*beside, O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* In: report, NULL to try without one. */
static int write_beside(const char *path, const struct vmp_top_report *report)
{
	VMP_FREE char *beside = NULL;
	int fd = open_beside(path, &beside), rc;

	if (fd < 0)
		return fd;
	if (!report) {
		close(fd);
		return unlink(beside) ? -errno : 0;
	}
	rc = write_all(fd, report);
	if (!rc && rename(beside, path))
		rc = -errno;
	if (rc)
		unlink(beside);
	return rc ? rc : sync_folder(path);
}

static int try_to_write(const char *path, const struct vmp_top_report *report)
{
	sigset_t all, before;
	char shown[1000];
	int rc;

	/* a signal that ends us would leave what is beside it */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	rc = write_beside(path, report);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!rc)
		return VMP_EXIT_OK;
	vmp_escape(path, shown, sizeof(shown));
	if (rc == -EEXIST)
		vmp_warn("cannot write %s: it is no regular file", shown);
	else
		vmp_warn("cannot write %s: %s", shown, strerror(-rc));
	return VMP_EXIT_CANNOT;
}

int vmp_textfile_check(const char *path)
{
	return try_to_write(path, NULL);
}

int vmp_textfile_write(const char *path, const struct vmp_top_report *report)
{
	return try_to_write(path, report);
}
