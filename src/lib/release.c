// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Gives memory back where munmap() cannot.
 *
 * What cannot be unmapped waits in a set. A range is put together with those
 * that wait beside it before it is tried: the kernel refuses only a range that
 * lies strictly inside one mapping, and the longer one sooner reaches an edge.
 * It is never refused where its parts are not.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/ranges.h"

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24 /* since 5.18 */
#endif

static void *address_of(struct vmp_range range)
{
	return (void *)(uintptr_t)range.start;
}

static bool unmap(struct vmp_range range)
{
	return munmap(address_of(range), range.end - range.start) == 0;
}

/*
 * Give pages back, and keep the mapping. Of memory that is locked a kernel
 * before 5.18 gives none: its pages stay until it can be unmapped.
 */
static void give_pages_back(struct vmp_range range)
{
	size_t length = range.end - range.start;

	if (madvise(address_of(range), length, MADV_DONTNEED))
		madvise(address_of(range), length, MADV_DONTNEED_LOCKED);
}

/* What munmap() would make of its arguments. */
static int to_pages(struct vmp_ctx *ctx, const void *address, size_t length,
		    struct vmp_range *range)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = (uintptr_t)address;

	if (start % page || !length || length > UINTPTR_MAX - page - start)
		return vmp_fail(
			ctx, -EINVAL,
			"release: %zu bytes at %p are no range of pages",
			length, address);
	range->start = start;
	range->end = (start + length + page - 1) / page * page;
	return 0;
}

/* The range, and all that waits and overlaps or touches it. */
static struct vmp_range widen(const struct vmp_ranges *ranges,
			      struct vmp_range range)
{
	struct vmp_range wide = range, other;
	uint64_t at = range.start;

	while (vmp_ranges_find(ranges, at, &other) &&
	       other.start <= range.end) {
		if (other.start < wide.start)
			wide.start = other.start;
		if (other.end > wide.end)
			wide.end = other.end;
		at = other.end + 1;
	}
	return wide;
}

/* Drop what lies in a range that widen() made. */
static void forget(struct vmp_ranges *ranges, struct vmp_range wide)
{
	struct vmp_range other;

	while (vmp_ranges_find(ranges, wide.start, &other) &&
	       other.start < wide.end)
		vmp_ranges_remove(ranges, other.start);
}

/* Each in its turn, so that none that stays refused is in the way. */
static void try_one(struct vmp_ranges *ranges)
{
	struct vmp_range range;

	if (!vmp_ranges_find(ranges, ranges->next_to_try, &range) &&
	    !vmp_ranges_find(ranges, 0, &range))
		return;
	ranges->next_to_try = range.end + 1;
	if (unmap(range))
		vmp_ranges_remove(ranges, range.start);
}

static void try_all(struct vmp_ranges *ranges)
{
	struct vmp_range range;
	uint64_t at = 0;

	while (vmp_ranges_find(ranges, at, &range)) {
		at = range.end + 1;
		if (unmap(range))
			vmp_ranges_remove(ranges, range.start);
	}
}

/* Remember a range that was refused. */
static int keep(struct vmp_ctx *ctx, struct vmp_range wide)
{
	if (!ctx->ranges)
		return vmp_fail(ctx, -ENOMEM,
				"no mapping for the table of ranges: 0x%" PRIx64
				"-0x%" PRIx64 " stays mapped, without pages",
				wide.start, wide.end);
	forget(ctx->ranges, wide);
	if (vmp_ranges_add(ctx->ranges, wide))
		return 1;
	return vmp_fail(ctx, -ENOMEM,
			"the table of ranges is full: 0x%" PRIx64 "-0x%" PRIx64
			" stays mapped, without pages",
			wide.start, wide.end);
}

int vmp_release(struct vmp_ctx *ctx, void *address, size_t length)
{
	struct vmp_range range = { 0, 0 }, wide;
	int rc = to_pages(ctx, address, length, &range), error;

	if (rc < 0)
		return rc;
	wide = widen(ctx->ranges, range);
	error = unmap(wide) ? 0 : errno;
	/* after the first try: the table may take the last mapping */
	if (!ctx->ranges)
		ctx->ranges = vmp_ranges_new();
	if (error && error != ENOMEM)
		return vmp_fail(ctx, -error, "release %zu bytes at %p: %s",
				length, address, strerror(error));
	if (error) {
		give_pages_back(range);
		return keep(ctx, wide);
	}
	if (ctx->ranges) {
		forget(ctx->ranges, wide);
		try_one(ctx->ranges);
	}
	return 0;
}

size_t vmp_retry(struct vmp_ctx *ctx)
{
	struct vmp_ranges *ranges = ctx->ranges;
	size_t before;

	if (!ranges)
		return 0;
	/* again while it helps: one that was unmapped makes room for others */
	do {
		before = ranges->count;
		try_all(ranges);
	} while (ranges->count && ranges->count < before);
	return ranges->count;
}

size_t vmp_pending_bytes(const struct vmp_ctx *ctx)
{
	return ctx->ranges ? ctx->ranges->bytes : 0;
}

/* What still cannot be unmapped stays, without pages. */
void vmp_ranges_free(struct vmp_ranges *ranges)
{
	if (!ranges)
		return;
	try_all(ranges);
	if (munmap(ranges, sizeof(*ranges)))
		madvise(ranges, sizeof(*ranges), MADV_DONTNEED);
}
