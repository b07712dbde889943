// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opens a saved input, and tells from what it holds which kind it is. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/maps.h"

enum {
	FILE_BUFFER = 128 * 1024,
	ENOUGH = 4096, /* bytes that show the kind */
};

/* The rest of an input into memory; it grows by doubling. */
static int read_whole(struct vmp_maps *it)
{
	int rc = 0;

	while (rc == 0 && !it->at_end)
		rc = vmp_maps_refill(it);
	return rc;
}

/* A core from a pipe: spooled to a file without a name, which can be seeked. */
static int spool(struct vmp_maps *it)
{
	VMP_FCLOSE FILE *file = tmpfile();
	int rc = 0;

	if (!file)
		return vmp_fail(it->ctx, -errno, "a temporary file: %s",
				strerror(errno));
	while (rc == 0 && !it->at_end) {
		if (fwrite(it->buffer, 1, it->end, file) != it->end)
			return vmp_fail(it->ctx, -errno,
					"write a temporary file: %s",
					strerror(errno));
		it->begin = it->end = 0;
		rc = vmp_maps_refill(it);
	}
	if (rc < 0 || fflush(file) || dup3(fileno(file), it->fd, O_CLOEXEC) < 0)
		return rc < 0 ? rc : -errno;
	return 0;
}

static bool parses(const char *line, size_t length)
{
	struct vmp_mapping m;

	return vmp_parse_maps_line(line, length, &m) == 0;
}

/* Text of /proc: the first line is a mapping, the second shows whether smaps. */
static int detect_maps(struct vmp_maps *it)
{
	const char *text = it->buffer, *newline = memchr(text, '\n', it->end);
	size_t length = newline ? (size_t)(newline - text) : it->end;

	if (!it->end)
		return vmp_fail(it->ctx, -EBADMSG, "%s is empty", it->source);
	it->crlf = length && text[length - 1] == '\r';
	if (!parses(text, length - it->crlf))
		return vmp_fail(
			it->ctx, -EBADMSG,
			"%s, line 1: neither the text of maps or smaps, "
			"nor a core dump, nor a JVM's hs_err log",
			it->source);
	it->smaps = newline && newline + 1 < text + it->end &&
		    newline[1] >= 'A' && newline[1] <= 'Z';
	it->kind = it->smaps ? VMP_KIND_SMAPS : VMP_KIND_MAPS;
	return 0;
}

/* Find out what it is, from its first kilobytes, and prepare to walk it. */
static int detect(struct vmp_maps *it)
{
	int rc = 0;

	while (rc == 0 && !it->at_end && it->end < ENOUGH)
		rc = vmp_maps_refill(it);
	if (rc < 0)
		return rc;
	if (vmp_is_core(it->buffer, it->end)) {
		it->kind = VMP_KIND_CORE;
		if (lseek(it->fd, 0, SEEK_CUR) < 0)
			rc = spool(it);
		return rc < 0 ? rc : vmp_core_read(it);
	}
	if (vmp_is_hs_err(it->buffer, it->end)) {
		it->kind = VMP_KIND_HS_ERR;
		rc = read_whole(it);
		return rc < 0 ? rc : vmp_hs_err_read(it);
	}
	return detect_maps(it);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int open_fd(const char *path)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
				   : fcntl(0, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

int vmp_maps_open_file(struct vmp_ctx *ctx, const char *path,
		       struct vmp_maps **maps)
{
	struct vmp_maps *it = vmp_maps_new(ctx);
	bool is_stdin = !strcmp(path, "-");
	int rc, fd;

	if (!it)
		return vmp_fail(ctx, -ENOMEM, "no memory to read %s", path);
	snprintf(it->source, sizeof(it->source), "%s",
		 is_stdin ? "standard input" : base_name(path));
	it->kind = VMP_KIND_MAPS;
	fd = open_fd(path);
	rc = fd < 0 ? vmp_fail(ctx, fd, "open %s: %s", it->source,
			       strerror(-fd))
		    : vmp_maps_buffer(it, FILE_BUFFER);
	it->fd = fd;
	rc = rc < 0 ? rc : detect(it);
	if (rc < 0)
		vmp_maps_close(it);
	else
		*maps = it;
	return rc;
}

int vmp_maps_open_text(struct vmp_ctx *ctx, const char *text, size_t length,
		       struct vmp_maps **maps)
{
	struct vmp_maps *it = vmp_maps_new(ctx);
	int rc;

	if (!it)
		return vmp_fail(ctx, -ENOMEM, "no memory to read mappings");
	snprintf(it->source, sizeof(it->source), "text");
	it->buffer = (char *)text;
	it->size = it->end = length;
	it->at_end = true;
	rc = vmp_is_core(text, length)
		     ? vmp_fail(ctx, -EBADMSG, "a core has to be a file")
		     : detect(it);
	if (rc < 0)
		vmp_maps_close(it);
	else
		*maps = it;
	return rc;
}
