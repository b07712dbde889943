// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the names of code that a process has made itself: /tmp/perf-PID.map,
 * "START SIZE NAME" a line, as JITs write it for perf.
 * Source: tools/perf/Documentation/jit-interface.txt.
 */
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/census.h"
#include "trace/unwind-inside.h"

enum {
	LOOK_AGAIN_NS = 100 * 1000 * 1000,
	MOST_BYTES = 256 * 1024 * 1024, /* of one file; no JIT has as many */
};

/* Its number as it sees it: in its own PID namespace. */
static long own_number(const char *status, pid_t pid)
{
	const char *at = strstr(status, "\nNStgid:"), *end;

	if (!at)
		return pid;
	at++;
	end = strchrnul(at, '\n');
	while (end > at && isdigit((unsigned char)end[-1]))
		end--;
	return strtol(end, NULL, 10);
}

/* Its own file, not one that somebody else has laid there. */
static bool is_its_own(int fd, const char *status, struct stat *file)
{
	const char *at = strstr(status, "\nUid:");

	return at && fstat(fd, file) == 0 &&
	       strtoul(at + 5, NULL, 10) == file->st_uid;
}

static int open_map(struct vmp_image *image)
{
	char status[VMP_STATUS_WINDOW], path[64];
	struct stat file;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)image->tid);
	if (vmp_read_file(path, status, sizeof(status)) < 0)
		return -1;
	snprintf(path, sizeof(path), "/tmp/perf-%ld.map",
		 own_number(status, image->pid));
	fd = vmp_file_open(image->tid, path);
	if (fd >= 0 && is_its_own(fd, status, &file))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A line, which ends in a NUL. What is none is passed over. */
static void take_line(struct vmp_image *image, char *line)
{
	struct vmp_jit *jit = &image->jit;
	char *end;
	uint64_t start = strtoull(line, &end, 16), bytes;
	const char *name;

	if (end == line || *end != ' ')
		return;
	line = end;
	bytes = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !bytes || bytes > UINT64_MAX - start)
		return;
	name = vmp_intern(image->unwinder, end + 1);
	if (!name || vmp_grow(&jit->names, jit->count, &jit->room,
			      sizeof(*jit->names)) < 0)
		return;
	jit->names[jit->count++] = (struct vmp_jit_name){ .start = start,
							  .end = start + bytes,
							  .name = name };
}

/* Whole lines of what was written since; one may just be in the making. */
static void read_on(struct vmp_image *image)
{
	struct vmp_jit *jit = &image->jit;
	char text[64 * 1024], *line, *end;
	ssize_t n;

	while (jit->bytes < MOST_BYTES) {
		n = pread(jit->fd, text, sizeof(text) - 1, (off_t)jit->bytes);
		if (n <= 0)
			return;
		text[n] = '\0';
		for (line = text;; line = end + 1) {
			end = memchr(line, '\n', (size_t)(text + n - line));
			if (!end)
				break;
			*end = '\0';
			take_line(image, line);
		}
		if (line == text && n < (ssize_t)sizeof(text) - 1)
			return;
		/* a line without an end is none */
		jit->bytes += (size_t)(line == text ? n : line - text);
	}
}

uint64_t vmp_jit_refresh(struct vmp_image *image)
{
	struct vmp_jit *jit = &image->jit;
	uint64_t now = vmp_now_ns();
	struct stat file;

	if (jit->fd < 0 && now >= jit->next_look) {
		jit->fd = open_map(image);
		jit->next_look = now + LOOK_AGAIN_NS;
	}
	if (jit->fd >= 0 && fstat(jit->fd, &file) == 0 &&
	    (uint64_t)file.st_size > jit->bytes)
		read_on(image);
	return jit->bytes;
}

const char *vmp_jit_find(const struct vmp_image *image, uint64_t address)
{
	const struct vmp_jit *jit = &image->jit;

	for (size_t i = jit->count; i; i--)
		if (jit->names[i - 1].start <= address &&
		    address < jit->names[i - 1].end)
			return jit->names[i - 1].name;
	return NULL;
}

void vmp_jit_free(struct vmp_jit *jit)
{
	if (jit->fd >= 0)
		close(jit->fd);
	free(jit->names);
	*jit = (struct vmp_jit){ .fd = -1 };
}
