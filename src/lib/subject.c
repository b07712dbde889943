// SPDX-License-Identifier: LGPL-2.1-or-later
/* What /proc tells about the process whose mappings are counted. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "lib/census.h"

static void read_command(struct vmp_ctx *ctx, struct vmp_census *c, pid_t pid)
{
	char path[256];

	vmp_proc_path(ctx, pid, "comm", path, sizeof(path));
	if (vmp_read_file(path, c->command, sizeof(c->command)) > 0)
		c->command[strcspn(c->command, "\n")] = '\0';
}

static char *read_link(struct vmp_ctx *ctx, pid_t pid, const char *file)
{
	char path[256], target[4200];
	ssize_t length;

	vmp_proc_path(ctx, pid, file, path, sizeof(path));
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return NULL;
	target[length] = '\0';
	return strdup(target);
}

/* Does a link of the process, an identity of the kernel, differ from mine? */
static bool differs(struct vmp_ctx *ctx, pid_t pid, const char *link)
{
	char path[256], mine[256];
	struct stat a, b;

	vmp_proc_path(ctx, pid, link, path, sizeof(path));
	vmp_proc_path(ctx, 1, link, mine, sizeof(mine));
	return stat(path, &a) == 0 && stat(mine, &b) == 0 &&
	       (a.st_ino != b.st_ino || a.st_dev != b.st_dev);
}

/*
 * Another root or PID namespace, or marks that container engines leave. Not its
 * own mount namespace: services of systemd have that (PrivateTmp=).
 */
static bool is_in_container(struct vmp_ctx *ctx, pid_t pid)
{
	static const char *const marks[] = { "root/.dockerenv",
					     "root/run/.containerenv" };
	char path[256];

	for (size_t i = 0; i < VMP_COUNT(marks); i++) {
		vmp_proc_path(ctx, pid, marks[i], path, sizeof(path));
		if (access(path, F_OK) == 0)
			return true;
	}
	return differs(ctx, pid, "ns/pid") || differs(ctx, pid, "root");
}

static uint64_t read_threads(struct vmp_ctx *ctx, pid_t pid)
{
	char status[VMP_STATUS_WINDOW] = "";

	if (vmp_status_read(ctx, pid, status) < 0)
		return 0;
	return vmp_field(status, "Threads:", 0);
}

void vmp_subject_read(struct vmp_ctx *ctx, struct vmp_census *c, pid_t pid)
{
	int64_t limit = vmp_map_limit(ctx);
	struct utsname name;

	if (c->subject.limit < 0)
		c->subject.limit = limit < 0 ? -1 : limit;
	c->subject.threads = read_threads(ctx, pid);
	c->subject.in_container = is_in_container(ctx, pid);
	read_command(ctx, c, pid);
	c->path = read_link(ctx, pid, "exe");
	if (uname(&name) == 0)
		c->kernel = strdup(name.release);
}
