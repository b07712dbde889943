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
	LARGEST_LOG = 256 * 1024 * 1024,
	/*
	 * The kernel writes program headers and notes first: 56 MB at 1,000,000
	 * mappings, and up to 12 KiB a thread. What follows is memory.
	 */
	LARGEST_SPOOL = 1024 * 1024 * 1024,
};

int vmp_maps_add_stack(struct vmp_maps *it, uint64_t address)
{
	struct vmp_notes *notes = &it->notes;
	size_t count = notes->stack_count;
	uint64_t *larger;

	/* full at each power of two */
	if (!(count & (count - 1))) {
		larger = realloc(notes->stacks,
				 (count * 2 + !count) * sizeof(*larger));
		if (!larger)
			return vmp_fail(it->ctx, -ENOMEM,
					"no memory for the threads of %s",
					it->source);
		notes->stacks = larger;
	}
	notes->stacks[notes->stack_count++] = address;
	return 0;
}

/* The rest of an input into memory; it grows by doubling. */
static int read_whole(struct vmp_maps *it)
{
	int rc = 0;

	while (rc == 0 && !it->at_end && it->end <= LARGEST_LOG)
		rc = vmp_maps_refill(it);
	if (rc == 0 && !it->at_end)
		return vmp_fail(it->ctx, -EBADMSG,
				"%s: a JVM's log of more than 256 MiB",
				it->source);
	return rc;
}

static int spool_failed(struct vmp_maps *it)
{
	int error = errno;

	return vmp_fail(it->ctx, -error, "%s, in a temporary file: %s",
			it->source, strerror(error));
}

/* A core from a pipe: spooled to a file without a name, which can be seeked. */
static int spool(struct vmp_maps *it)
{
	VMP_FCLOSE FILE *file = tmpfile();
	size_t spooled = 0;
	int rc = 0;

	if (!file)
		return spool_failed(it);
	while (rc == 0 && it->end) {
		if (fwrite(it->buffer, 1, it->end, file) != it->end)
			return spool_failed(it);
		spooled += it->end;
		it->begin = it->end = 0;
		if (!it->at_end && spooled < LARGEST_SPOOL)
			rc = vmp_maps_refill(it);
	}
	if (rc == 0 &&
	    (fflush(file) || dup3(fileno(file), it->fd, O_CLOEXEC) < 0))
		return spool_failed(it);
	return rc;
}

static bool parses(const char *line, size_t length)
{
	struct vmp_mapping m;

	return vmp_parse_maps_line(line, length, &m) == 0;
}

/* Does it begin with a mapping, or with what is there of one? */
static bool begins_with_mapping(struct vmp_maps *it)
{
	const char *newline = memchr(it->buffer, '\n', it->end);
	size_t length = newline ? (size_t)(newline - it->buffer) : it->end;

	it->crlf = length && it->buffer[length - 1] == '\r';
	return parses(it->buffer, length - it->crlf);
}

/* Text of /proc: the second line, once it is there, shows whether smaps. */
static int detect_maps(struct vmp_maps *it)
{
	size_t length, second;
	int rc;

	if (!it->end)
		return vmp_fail(it->ctx, -EBADMSG, "%s is empty", it->source);
	if (!begins_with_mapping(it))
		return vmp_fail(
			it->ctx, -EBADMSG,
			"%s, line 1: neither the text of maps or smaps, "
			"nor a core dump, nor a JVM's hs_err log",
			it->source);
	rc = vmp_maps_line(it, 0, &length);
	if (rc > 0 && length < it->end)
		rc = vmp_maps_line(it, length + 1, &second);
	if (rc < 0)
		return rc;
	it->crlf = length && it->buffer[length - 1] == '\r';
	it->smaps = length + 1 < it->end && it->buffer[length + 1] >= 'A' &&
		    it->buffer[length + 1] <= 'Z';
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

/* What errors call it: its path, of a long one the end. */
static void name_source(struct vmp_maps *it, const char *path)
{
	size_t length = strlen(path), most = sizeof(it->source) - 4;

	if (!strcmp(path, "-"))
		path = "standard input";
	snprintf(it->source, sizeof(it->source), "%s%s",
		 length > most ? "..." : "",
		 length > most ? path + length - most : path);
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
	int rc, fd;

	if (!it)
		return vmp_fail(ctx, -ENOMEM, "no memory to read %s", path);
	name_source(it, path);
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
