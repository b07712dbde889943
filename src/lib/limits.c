// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads what bounds memory on this machine and in one process. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "lib/diagnose.h"
#include "lib/internal.h"

enum {
	CAP_IPC_LOCK_BIT = 14,
	CAP_SYS_ADMIN_BIT = 21,
	CAP_SYS_RESOURCE_BIT = 24
};

static uint64_t from_kib(uint64_t kib)
{
	return kib > VMP_UNLIMITED / 1024 ? VMP_UNLIMITED : kib * 1024;
}

int64_t vmp_map_limit(struct vmp_ctx *ctx)
{
	char path[256], text[64], *end;
	long long value;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/sys/vm/max_map_count", ctx->procfs);
	n = vmp_read_file(path, text, sizeof(text));
	if (n < 0)
		return vmp_fail(ctx, (int)n, "read %s: %s", path,
				strerror((int)-n));
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || errno || value < 0)
		return vmp_fail(ctx, -EBADMSG, "%s holds no number", path);
	return value;
}

static int read_overcommit(struct vmp_ctx *ctx)
{
	char path[256], text[64];

	snprintf(path, sizeof(path), "%s/sys/vm/overcommit_memory",
		 ctx->procfs);
	return vmp_read_file(path, text, sizeof(text)) > 0 ? atoi(text) : 0;
}

static void read_meminfo(struct vmp_ctx *ctx, struct vmp_limits *l)
{
	char path[256], text[8192];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/meminfo", ctx->procfs);
	n = vmp_read_file(path, text, sizeof(text));
	if (n < 0)
		text[0] = '\0';
	l->total_bytes = from_kib(vmp_field(text, "MemTotal:", UINT64_MAX));
	l->available_bytes =
		from_kib(vmp_field(text, "MemAvailable:", UINT64_MAX));
	l->swap_bytes = from_kib(vmp_field(text, "SwapTotal:", 0));
	l->commit_limit_bytes =
		from_kib(vmp_field(text, "CommitLimit:", UINT64_MAX));
	l->committed_bytes = from_kib(vmp_field(text, "Committed_AS:", 0));
}

int vmp_limits_read(struct vmp_ctx *ctx, struct vmp_limits *limits)
{
	struct vmp_limits l = { 0 };

	l.max_map_count = vmp_map_limit(ctx);
	if (l.max_map_count < 0)
		return (int)l.max_map_count;
	l.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	l.overcommit_memory = read_overcommit(ctx);
	read_meminfo(ctx, &l);
	vmp_cgroup_read(ctx, &l);
	*limits = l;
	return 0;
}

/* The soft limit in a line such as "Max address space   unlimited   ...". */
static uint64_t soft_limit(const char *text, const char *label)
{
	const char *line = strstr(text, label);

	if (!line)
		return VMP_UNLIMITED;
	line += strlen(label);
	while (*line == ' ')
		line++;
	return isdigit((unsigned char)*line) ? strtoull(line, NULL, 10)
					     : VMP_UNLIMITED;
}

static bool has_capability(const char *status, int bit)
{
	const char *line = strstr(status, "\nCapEff:");
	uint64_t mask = 0;

	if (line)
		mask = strtoull(line + strlen("\nCapEff:"), NULL, 16);
	return mask >> bit & 1;
}

static int read_process_file(struct vmp_ctx *ctx, pid_t pid, const char *file,
			     char *text, size_t size)
{
	char path[256];
	ssize_t n;

	vmp_proc_path(ctx, pid, file, path, sizeof(path));
	n = vmp_read_file(path, text, size);
	if (n == -ENOENT)
		n = -ESRCH;
	if (n < 0)
		return vmp_fail(ctx, (int)n, "read %s: %s", path,
				strerror((int)-n));
	return 0;
}

/* Has the text the whole line that is wanted last? */
static bool has_capabilities(const char *text)
{
	const char *line = strstr(text, "\nCapEff:");

	return line && strchr(line + 1, '\n');
}

/*
 * The line of groups before what is wanted may be longer than any stack, and at
 * the limit there is no other memory: a window moves over the text.
 */
int vmp_status_read(struct vmp_ctx *ctx, pid_t pid, char *text)
{
	char path[256];
	ssize_t n = 1;

	vmp_proc_path(ctx, pid, "status", path, sizeof(path));
	VMP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	for (off_t at = 0; fd >= 0 && n > 0; at += VMP_STATUS_WINDOW / 2) {
		n = pread(fd, text, VMP_STATUS_WINDOW - 1, at);
		if (n > 0)
			text[n] = '\0';
		if (n > 0 && has_capabilities(text))
			return 0;
	}
	if (fd >= 0 && n == 0)
		return 0;
	return vmp_fail(ctx, errno == ENOENT ? -ESRCH : -errno, "read %s: %s",
			path, strerror(errno));
}

int vmp_process_read(struct vmp_ctx *ctx, pid_t pid,
		     struct vmp_process *process)
{
	char text[VMP_STATUS_WINDOW] = "";
	struct vmp_process p = { 0 };
	int rc = vmp_status_read(ctx, pid, text);

	if (rc < 0)
		return rc;
	p.size_bytes = from_kib(vmp_field(text, "VmSize:", 0));
	p.data_bytes = from_kib(vmp_field(text, "VmData:", 0));
	p.locked_bytes = from_kib(vmp_field(text, "VmLck:", 0));
	p.may_lock = has_capability(text, CAP_IPC_LOCK_BIT);
	p.may_fork = has_capability(text, CAP_SYS_ADMIN_BIT) ||
		     has_capability(text, CAP_SYS_RESOURCE_BIT);
	rc = read_process_file(ctx, pid, "limits", text, sizeof(text));
	if (rc < 0)
		return rc;
	p.as_limit = soft_limit(text, "Max address space");
	p.data_limit = soft_limit(text, "Max data size");
	p.memlock_limit = soft_limit(text, "Max locked memory");
	p.nproc_limit = soft_limit(text, "Max processes");
	*process = p;
	return 0;
}

int64_t vmp_size_bytes(struct vmp_ctx *ctx, pid_t pid)
{
	char text[256];
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages;
	int rc = read_process_file(ctx, pid, "statm", text, sizeof(text));

	if (rc < 0)
		return rc;
	pages = strtoull(text, NULL, 10);
	return pages > INT64_MAX / page ? INT64_MAX : (int64_t)(pages * page);
}

int64_t vmp_resident_bytes(struct vmp_ctx *ctx, pid_t pid)
{
	char text[4096];
	uint64_t bytes;
	int rc =
		read_process_file(ctx, pid, "smaps_rollup", text, sizeof(text));

	if (rc < 0)
		return rc;
	bytes = from_kib(vmp_field(text, "Rss:", 0));
	return bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}
