// SPDX-License-Identifier: LGPL-2.1-or-later
/* The library's context: where /proc is, and the words of the last error. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/maps.h"

struct vmp_ctx *vmp_new(void)
{
	struct vmp_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		return NULL;
	strcpy(ctx->procfs, "/proc");
	ctx->maps = calloc(1, sizeof(*ctx->maps));
	if (ctx->maps)
		return ctx;
	free(ctx);
	return NULL;
}

void vmp_free(struct vmp_ctx *ctx)
{
	if (!ctx)
		return;
	vmp_self_free(ctx->self);
	vmp_ranges_free(ctx->ranges);
	free(ctx->maps);
	free(ctx);
}

const char *vmp_error(const struct vmp_ctx *ctx)
{
	return ctx->error;
}

int vmp_set_procfs(struct vmp_ctx *ctx, const char *root)
{
	if (strlen(root) >= sizeof(ctx->procfs))
		return vmp_fail(ctx, -ENAMETOOLONG, "path of /proc too long");
	strcpy(ctx->procfs, root);
	return 0;
}

int vmp_fail(struct vmp_ctx *ctx, int rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ctx->error, sizeof(ctx->error), format, args);
	va_end(args);
	return rc;
}

void vmp_proc_path(const struct vmp_ctx *ctx, pid_t pid, const char *file,
		   char *path, size_t size)
{
	if (pid)
		snprintf(path, size, "%s/%d/%s", ctx->procfs, (int)pid, file);
	else
		snprintf(path, size, "%s/self/%s", ctx->procfs, file);
}

double vmp_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

ssize_t vmp_read_file(const char *path, char *buffer, size_t size)
{
	VMP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n = 1;

	if (fd < 0)
		return -errno;
	while (n > 0 && length < size - 1) {
		n = read(fd, buffer + length, size - 1 - length);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			return -errno;
		else
			length += (size_t)n;
	}
	buffer[length] = '\0';
	return (ssize_t)length;
}

uint64_t vmp_field(const char *text, const char *label, uint64_t missing)
{
	size_t length = strlen(label);
	const char *line = text;

	while (line) {
		if (!strncmp(line, label, length))
			return strtoull(line + length, NULL, 10);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return missing;
}

char *vmp_group_digits(int64_t value, char *buffer)
{
	char digits[24];
	uint64_t u = value < 0 ? -(uint64_t)value : (uint64_t)value;
	int length =
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)u);
	char *out = buffer;

	if (value < 0)
		*out++ = '-';
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return buffer;
}

char *vmp_human_bytes(uint64_t bytes, char *buffer)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
					     "TiB",   "PiB", "EiB" };
	double value = (double)bytes;
	size_t unit = 0;

	/* what would be printed as 1024.0 goes up, too */
	while (value >= 1023.95 && unit < VMP_COUNT(units) - 1) {
		value /= 1024;
		unit++;
	}
	snprintf(buffer, 32, "%.*f %s",
		 value == (double)(uint64_t)value ? 0 : 1, value, units[unit]);
	return buffer;
}
