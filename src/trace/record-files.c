// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of a program as parts of the one file that a replay maps: each has
 * a place of its own there, so that what did not merge does not merge.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

/* Room behind a file, and what its size is rounded to. */
#define SLOT_STEP ((uint64_t)1 << 20)

static size_t hash(uint64_t device, uint64_t inode)
{
	uint64_t h = (device * 31 + inode) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h >> 32);
}

/* Where it is, or would be. */
static struct vmp_file_slot *find(const struct vmp_files *f, uint64_t device,
				  uint64_t inode)
{
	size_t i = hash(device, inode) & (f->room - 1);

	while (f->slots[i].bytes &&
	       (f->slots[i].device != device || f->slots[i].inode != inode))
		i = (i + 1) & (f->room - 1);
	return &f->slots[i];
}

static int make_room(struct vmp_files *f)
{
	struct vmp_files larger = { .room = f->room ? 2 * f->room : 64,
				    .count = f->count,
				    .end = f->end };

	if (4 * f->count < 3 * f->room)
		return 0;
	larger.slots = calloc(larger.room, sizeof(*larger.slots));
	if (!larger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < f->room; i++)
		if (f->slots[i].bytes)
			*find(&larger, f->slots[i].device, f->slots[i].inode) =
				f->slots[i];
	free(f->slots);
	*f = larger;
	return 0;
}

int vmp_files_place(struct vmp_files *f, uint64_t device, uint64_t inode,
		    uint64_t bytes, uint64_t offset, uint64_t length,
		    uint64_t *place)
{
	uint64_t end = offset + length > bytes ? offset + length : bytes;
	struct vmp_file_slot *slot;

	if (make_room(f) < 0)
		return -ENOMEM;
	slot = find(f, device, inode);
	f->count += !slot->bytes;
	/* one that has grown beyond its place gets a new one */
	if (end > slot->bytes) {
		*slot = (struct vmp_file_slot){
			device, inode, f->end, (end / SLOT_STEP + 2) * SLOT_STEP
		};
		f->end += slot->bytes;
	}
	*place = slot->base + offset;
	return 0;
}

void vmp_files_clear(struct vmp_files *f)
{
	free(f->slots);
	*f = (struct vmp_files){ 0 };
}
