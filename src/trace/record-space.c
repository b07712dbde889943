// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of a program as places in the area of a scenario: near ones keep
 * their distance, to the byte; a gap that is wide stays a gap, and gets small.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

/* Gaps above the first are cut to the second. */
#define WIDE_GAP ((uint64_t)1 << 30)
#define CUT_GAP ((uint64_t)16 << 20)

bool vmp_line_is_placed(const struct vmp_record_line *line)
{
	return line->op.verb != VMP_OP_MAP && line->op.verb != VMP_OP_BRK &&
	       line->op.verb != VMP_OP_FORK;
}

static void hull(uint64_t first, int64_t stride, uint64_t count,
		 uint64_t length, uint64_t *start, uint64_t *end)
{
	uint64_t last = first + (count - 1) * (uint64_t)stride;

	*start = first < last ? first : last;
	*end = (first < last ? last : first) + length;
}

void vmp_line_hull(const struct vmp_record_line *line, uint64_t *start,
		   uint64_t *end)
{
	uint64_t length = line->op.length;

	/* where it grows, too, if it did not move */
	if (line->op.verb == VMP_OP_RESIZE && !(line->op.flags & VMP_OP_ONTO) &&
	    line->op.size > length)
		length = line->op.size;
	hull(line->op.address, line->stride, line->count,
	     vmp_record_page() > length ? vmp_record_page() : length, start,
	     end);
}

bool vmp_line_targets(const struct vmp_record_line *line, uint64_t *start,
		      uint64_t *end)
{
	if (!(line->op.flags & VMP_OP_ONTO))
		return false;
	hull(line->op.onto, line->onto_stride, line->count, line->op.size,
	     start, end);
	return true;
}

int vmp_space_add(struct vmp_space *s, uint64_t start, uint64_t end)
{
	size_t room = s->room ? 2 * s->room : 64;
	struct vmp_space_range *ranges;

	if (s->count == s->room) {
		ranges = reallocarray(s->ranges, room, sizeof(*ranges));
		if (!ranges)
			return -ENOMEM;
		s->ranges = ranges;
		s->room = room;
	}
	s->ranges[s->count++] = (struct vmp_space_range){ start, end, 0 };
	return 0;
}

int vmp_space_add_lines(struct vmp_space *s,
			const struct vmp_record_line *lines, size_t count)
{
	uint64_t start, end;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!vmp_line_is_placed(&lines[i]))
			continue;
		vmp_line_hull(&lines[i], &start, &end);
		rc = vmp_space_add(s, start, end);
		if (rc == 0 && vmp_line_targets(&lines[i], &start, &end))
			rc = vmp_space_add(s, start, end);
	}
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct vmp_space_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void vmp_space_arrange(struct vmp_space *s, uint64_t page)
{
	uint64_t next = page; /* a free page before the first */
	size_t n = 0;

	if (s->count)
		qsort(s->ranges, s->count, sizeof(*s->ranges), by_start);
	for (size_t i = 0; i < s->count; i++) {
		struct vmp_space_range r = s->ranges[i];

		if (n && (r.start <= s->ranges[n - 1].end ||
			  r.start - s->ranges[n - 1].end <= WIDE_GAP)) {
			if (r.end > s->ranges[n - 1].end)
				s->ranges[n - 1].end = r.end;
			continue;
		}
		s->ranges[n++] = r;
	}
	s->count = n;
	for (size_t i = 0; i < n; i++) {
		s->ranges[i].offset = next;
		next += s->ranges[i].end - s->ranges[i].start;
		next += i + 1 < n ? CUT_GAP : page;
	}
	s->length = next;
}

uint64_t vmp_space_offset(const struct vmp_space *s, uint64_t address)
{
	size_t low = 0, high = s->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (s->ranges[middle].start <= address)
			low = middle;
		else
			high = middle;
	}
	return s->count ? s->ranges[low].offset + address - s->ranges[low].start
			: 0;
}

void vmp_space_clear(struct vmp_space *s)
{
	free(s->ranges);
	*s = (struct vmp_space){ 0 };
}
