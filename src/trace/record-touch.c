// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Was memory written to? That is no call, and decides on what merges later:
 * whoever changes a mapping is asked for its pages first.
 */
#include <fcntl.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

uint64_t vmp_record_page(void)
{
	static uint64_t page;

	if (!page)
		page = (uint64_t)sysconf(_SC_PAGESIZE);
	return page;
}

uint64_t vmp_record_pages(uint64_t bytes)
{
	uint64_t below = vmp_record_page() - 1;

	return (bytes + below) & ~below;
}

/* Bits of an entry of /proc/PID/pagemap (Documentation/admin-guide/mm). */
#define PAGE_PRESENT (UINT64_C(1) << 63)
#define PAGE_SWAPPED (UINT64_C(1) << 62)
#define PAGE_OF_FILE (UINT64_C(1) << 61)
#define PAGE_EXCLUSIVE (UINT64_C(1) << 56)

/* Written to: no page of a file, and not the one zero page that all share. */
static bool is_written(uint64_t entry)
{
	if (entry & PAGE_OF_FILE)
		return false;
	return entry & PAGE_SWAPPED ||
	       (entry & PAGE_PRESENT && entry & PAGE_EXCLUSIVE);
}

/* Pages looked at, at most: 256 MiB of memory, half a MiB of pagemap. */
enum { MOST_PAGES = 64 * 1024, CHUNK = 512 };

/* The first page that was written to. Returns: its number; -1: none. */
static int64_t find_written(int pagemap, uint64_t address, uint64_t length)
{
	uint64_t pages = vmp_record_pages(length) / vmp_record_page();
	uint64_t entries[CHUNK];
	uint64_t done = 0;
	ssize_t n;

	if (pages > MOST_PAGES)
		pages = MOST_PAGES;
	while (done < pages) {
		uint64_t count = pages - done < CHUNK ? pages - done : CHUNK;

		n = pread(pagemap, entries, count * sizeof(*entries),
			  (off_t)((address / vmp_record_page() + done) *
				  sizeof(*entries)));
		if (n < (ssize_t)sizeof(*entries))
			return -1;
		for (size_t i = 0; i < (size_t)n / sizeof(*entries); i++)
			if (is_written(entries[i]))
				return (int64_t)(done + i);
		done += (uint64_t)n / sizeof(*entries);
	}
	return -1;
}

/* Does it change what kind of mapping its range is? */
static bool changes_kind(const struct vmp_op *op)
{
	switch (op->verb) {
	case VMP_OP_PROTECT:
	case VMP_OP_RESIZE:
	case VMP_OP_RELOCATE:
		return true;
	case VMP_OP_ADVISE:
		/* those that set a flag, see madvise_behavior_valid() */
		return op->advice <= 2 ||
		       (op->advice >= 10 && op->advice <= 19);
	default:
		return false;
	}
}

bool vmp_op_touched(struct vmp_recorded *p, const struct vmp_op *op,
		    struct vmp_op *touch)
{
	bool moved = op->flags & VMP_OP_ONTO && !op->error;
	uint64_t length = op->length;
	char path[64];
	int64_t page;

	if (!changes_kind(op))
		return false;
	if (p->pagemap < 0) {
		snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)p->pid);
		p->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	}
	/* what was cut off is there no more */
	if (op->size && op->size < length)
		length = op->size;
	page = p->pagemap < 0
		       ? -1
		       : find_written(p->pagemap,
				      moved ? op->onto : op->address, length);
	if (page < 0)
		return false;
	*touch = (struct vmp_op){
		.verb = VMP_OP_TOUCH,
		.address = op->address + (uint64_t)page * vmp_record_page(),
		.length = vmp_record_page(),
		.site = op->site,
	};
	return true;
}
