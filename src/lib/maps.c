// SPDX-License-Identifier: LGPL-2.1-or-later
/* Walks mappings: reads text on, line by line, or an array that was made. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ahead.h"
#include "lib/maps.h"

/* A mapping with its attributes: what is longer is none, and fills memory. */
enum { LONGEST = 16 * 1024 * 1024 };

/* The context's own iterator, so that nothing is allocated at the limit. */
struct vmp_maps *vmp_maps_new(struct vmp_ctx *ctx)
{
	struct vmp_maps *it = ctx->maps;

	if (it->in_use)
		it = malloc(sizeof(*it));
	if (!it)
		return NULL;
	*it = (struct vmp_maps){ .ctx = ctx, .fd = -1, .in_use = true };
	it->notes.limit = -1;
	return it;
}

int vmp_maps_buffer(struct vmp_maps *it, size_t size)
{
	bool spare = it == it->ctx->maps && size <= VMP_SPARE_BUFFER;

	it->owned = spare ? NULL : malloc(size);
	it->buffer = spare ? it->ctx->spare : it->owned;
	it->size = size;
	if (!it->buffer)
		return vmp_fail(it->ctx, -ENOMEM, "no memory to read mappings");
	return 0;
}

static int open_process(struct vmp_ctx *ctx, pid_t pid, const char *file,
			struct vmp_maps **maps)
{
	struct vmp_maps *it = vmp_maps_new(ctx);
	char path[256];
	int rc, error;

	if (!it)
		return vmp_fail(ctx, -ENOMEM, "no memory to read mappings");
	it->pid = pid;
	it->foreign = pid && pid != getpid();
	it->smaps = file[0] == 's';
	snprintf(it->source, sizeof(it->source), "%s of process %d", file,
		 (int)pid);
	rc = vmp_maps_buffer(it, VMP_SPARE_BUFFER);
	vmp_proc_path(ctx, pid, file, path, sizeof(path));
	it->fd = rc < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	error = errno == ENOENT ? ESRCH : errno;
	if (it->fd >= 0) {
		*maps = it;
		return 0;
	}
	vmp_maps_close(it);
	if (rc < 0)
		return rc;
	if (error == ESRCH && pid)
		return vmp_fail(ctx, -error, "there is no process %d",
				(int)pid);
	return vmp_fail(ctx, -error, "open %s: %s", path, strerror(error));
}

int vmp_maps_open(struct vmp_ctx *ctx, pid_t pid, struct vmp_maps **maps)
{
	return open_process(ctx, pid, "maps", maps);
}

int vmp_smaps_open(struct vmp_ctx *ctx, pid_t pid, struct vmp_maps **maps)
{
	return open_process(ctx, pid, "smaps", maps);
}

/* Make room behind the unread text: move it down, or take a larger buffer. */
static int make_room(struct vmp_maps *it)
{
	char *larger;

	/* one line may be all of it: not moved onto itself for each read */
	if (it->begin)
		memmove(it->buffer, it->buffer + it->begin,
			it->end - it->begin);
	it->end -= it->begin;
	it->begin = 0;
	if (it->end < it->size)
		return 0;
	larger = realloc(it->owned, it->size * 2);
	if (!larger)
		return vmp_fail(it->ctx, -ENOMEM, "no memory for line %llu",
				(unsigned long long)it->line + 1);
	if (!it->owned)
		memcpy(larger, it->buffer, it->end);
	it->buffer = it->owned = larger;
	it->size *= 2;
	return 0;
}

/* After so many reads it is a long list: a thread then reads ahead. */
enum { LONG_LIST = 16 };

/*
 * More text. Every read() of /proc answers at most one page, whatever the
 * buffer (seq_file), so that a larger one saves nothing. Our own mappings are
 * read alone: a thread would change them.
 */
static ssize_t read_more(struct vmp_maps *it, char *buffer, size_t size)
{
	ssize_t n;

	if (it->foreign && ++it->reads == LONG_LIST)
		it->ahead = vmp_ahead_start(it->fd);
	if (it->ahead)
		return vmp_ahead_read(it->ahead, buffer, size);
	do
		n = read(it->fd, buffer, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int vmp_maps_refill(struct vmp_maps *it)
{
	ssize_t n;
	int rc = make_room(it);

	if (rc < 0)
		return rc;
	n = read_more(it, it->buffer + it->end, it->size - it->end);
	if (n < 0 && n != -ESRCH)
		return vmp_fail(it->ctx, (int)n, "read %s: %s", it->source,
				strerror((int)-n));
	if (n <= 0)
		it->at_end = true;
	else
		it->end += (size_t)n;
	return 0;
}

static int too_long(struct vmp_maps *it)
{
	return vmp_fail(it->ctx, -EBADMSG,
			"%s, line %llu: goes on for more than 16 MiB",
			it->source, (unsigned long long)it->line + 1);
}

int vmp_maps_line(struct vmp_maps *it, size_t skip, size_t *length)
{
	size_t seen = skip;
	const char *newline;
	int rc;

	for (;;) {
		newline = memchr(it->buffer + it->begin + seen, '\n',
				 it->end - it->begin - seen);
		if (newline || it->at_end)
			break;
		seen = it->end - it->begin;
		if (seen > LONGEST)
			return too_long(it);
		rc = vmp_maps_refill(it);
		if (rc < 0)
			return rc;
	}
	*length = newline ? (size_t)(newline - (it->buffer + it->begin)) - skip
			  : it->end - it->begin - skip;
	return newline || *length ? 1 : 0;
}

/* What a line's end adds to its length: nothing at the end of a file. */
static size_t past(const struct vmp_maps *it, size_t length)
{
	return it->begin + length < it->end ? length + 1 : length;
}

static int not_a_mapping(struct vmp_maps *it, size_t length)
{
	const char *line = it->buffer + it->begin;

	return vmp_fail(it->ctx, -EBADMSG,
			"%s, line %llu: \"%.*s\" is no line of maps%s",
			it->source, (unsigned long long)it->line,
			length > 60 ? 60 : (int)length, line,
			it->begin + length == it->end ? ": the text ends in it"
						      : "");
}

/* Lines of smaps that are no mapping begin with a capital letter. */
static bool is_attribute(const char *line, size_t length)
{
	return length && *line >= 'A' && *line <= 'Z';
}

/* The attributes behind a mapping of `skip` bytes. Returns: with them. */
static int read_attributes(struct vmp_maps *it, size_t skip,
			   struct vmp_mapping *m, size_t *total)
{
	size_t length;
	int rc;

	*total = skip;
	while ((rc = vmp_maps_line(it, *total, &length)) > 0) {
		const char *line = it->buffer + it->begin + *total;

		if (!is_attribute(line, length))
			return 0;
		it->line++;
		vmp_smaps_attribute(line, length, m);
		*total = past(it, *total + length);
	}
	return rc;
}

/*
 * A line of /proc ends in a newline, and a JVM's log goes on behind them: what
 * does not was cut. At the end of a saved file it may be missing.
 */
static bool is_cut(const struct vmp_maps *it, size_t length)
{
	return it->begin + length == it->end &&
	       (it->kind == VMP_KIND_PROCESS || it->kind == VMP_KIND_HS_ERR);
}

/* Without the carriage return. */
static size_t text_length(const struct vmp_maps *it, size_t length)
{
	bool cr = it->crlf && length &&
		  it->buffer[it->begin + length - 1] == '\r';

	return length - cr;
}

static int parse_line(struct vmp_maps *it, size_t length, struct vmp_mapping *m)
{
	it->line++;
	if (is_cut(it, length) ||
	    vmp_parse_maps_line(it->buffer + it->begin, text_length(it, length),
				m) < 0)
		return not_a_mapping(it, length);
	if (m->start < it->last_end)
		return vmp_fail(it->ctx, -EBADMSG,
				"%s, line %llu: 0x%llx is below the end of the "
				"mapping before it",
				it->source, (unsigned long long)it->line,
				(unsigned long long)m->start);
	it->last_end = m->end;
	return 0;
}

/* What people leave at the end of a file. */
static bool is_blank(const struct vmp_maps *it, size_t length)
{
	return it->kind != VMP_KIND_PROCESS && !text_length(it, length);
}

static int next_line(struct vmp_maps *it, struct vmp_mapping *m)
{
	size_t length, total, name;
	int rc;

	while ((rc = vmp_maps_line(it, 0, &length)) > 0 &&
	       is_blank(it, length)) {
		it->begin += past(it, length);
		it->line++;
	}
	if (rc <= 0)
		return rc;
	rc = parse_line(it, length, m);
	if (rc < 0)
		return rc;
	total = past(it, length);
	if (it->smaps) {
		name = (size_t)(m->name - (it->buffer + it->begin));
		rc = read_attributes(it, total, m, &total);
		m->name = it->buffer + it->begin + name;
	}
	it->begin += total;
	return rc < 0 ? rc : 1;
}

int vmp_maps_next(struct vmp_maps *it, struct vmp_mapping *m)
{
	if (it->kind != VMP_KIND_CORE)
		return next_line(it, m);
	if (it->index == it->count)
		return 0;
	*m = it->list[it->index++];
	return 1;
}

void vmp_maps_close(struct vmp_maps *it)
{
	if (!it)
		return;
	vmp_ahead_stop(it->ahead);
	if (it->fd >= 0)
		close(it->fd);
	free(it->owned);
	free(it->list);
	free(it->names);
	free(it->notes.path);
	free(it->notes.kernel);
	free(it->notes.stacks);
	it->in_use = false;
	if (it != it->ctx->maps)
		free(it);
}

enum vmp_kind vmp_maps_kind(const struct vmp_maps *it)
{
	return it->kind;
}

const struct vmp_notes *vmp_maps_notes(const struct vmp_maps *it)
{
	return &it->notes;
}

/*
 * A process that has ended, or called exec, has given up the memory that this
 * file describes: it reads as empty from then on.
 */
bool vmp_maps_ended(struct vmp_maps *it)
{
	char byte;

	return it->kind == VMP_KIND_PROCESS && pread(it->fd, &byte, 1, 0) <= 0;
}
