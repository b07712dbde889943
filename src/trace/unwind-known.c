// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps frames that were looked up: in one process, or in a file for all. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/census.h"
#include "trace/unwind-inside.h"

enum { LEAST = 256, MOST = 65536 };

/* What it is found by; nothing of it is padding. */
struct key {
	uint64_t address, serial;
};

static struct vmp_known *slot(const struct vmp_frame_table *t,
			      const struct vmp_known *wanted)
{
	struct key key = { wanted->frame.address,
			   (uint64_t)wanted->serial << 1 | wanted->exact };
	size_t i = vmp_hash((const char *)&key, sizeof(key));

	for (;; i++) {
		struct vmp_known *row = &t->rows[i & (t->room - 1)];

		if (!row->serial || (row->serial == wanted->serial &&
				     row->exact == wanted->exact &&
				     row->frame.address == key.address))
			return row;
	}
}

const struct vmp_known *vmp_frame_find(const struct vmp_frame_table *t,
				       const struct vmp_known *wanted)
{
	const struct vmp_known *row = t->room ? slot(t, wanted) : NULL;

	return row && row->serial ? row : NULL;
}

/* Twice the room; where that is too much, all is forgotten. */
static int make_room(struct vmp_frame_table *t)
{
	struct vmp_frame_table old = *t;

	if (t->count < t->room / 2)
		return 0;
	t->room = !old.room ? LEAST : old.room < MOST ? 2 * old.room : MOST;
	t->rows = calloc(t->room, sizeof(*t->rows));
	if (!t->rows) {
		*t = old;
		return -ENOMEM;
	}
	t->count = old.room < MOST ? old.count : 0;
	for (size_t i = 0; i < old.room && old.room < MOST; i++)
		if (old.rows[i].serial)
			*slot(t, &old.rows[i]) = old.rows[i];
	free(old.rows);
	return 0;
}

void vmp_frame_keep(struct vmp_frame_table *t, const struct vmp_known *known)
{
	struct vmp_known *row;

	if (make_room(t) < 0)
		return;
	row = slot(t, known);
	t->count += !row->serial;
	*row = *known;
}

uint32_t vmp_file_number(struct vmp_unwinder *u, int fd)
{
	struct vmp_file file = { 0 };
	struct stat now;

	if (fstat(fd, &now) < 0)
		return 0;
	file.device = now.st_dev;
	file.inode = now.st_ino;
	file.bytes = (uint64_t)now.st_size;
	file.changed_s = (uint64_t)now.st_ctim.tv_sec;
	file.changed_ns = (uint64_t)now.st_ctim.tv_nsec;
	for (size_t i = 0; i < u->file_count; i++)
		if (!memcmp(&u->files[i], &file, sizeof(file)))
			return (uint32_t)i + 1;
	if (vmp_grow(&u->files, u->file_count, &u->file_room, sizeof(file)) < 0)
		return 0;
	u->files[u->file_count++] = file;
	return (uint32_t)u->file_count;
}
