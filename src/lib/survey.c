// SPDX-License-Identifier: LGPL-2.1-or-later
/* Counts mappings, and looks at one range of them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/diagnose.h"
#include "lib/maps.h"
#include "lib/query.h"

/* vm.mmap_min_addr, at its default: nothing is mapped below. */
enum { LOWEST_ADDRESS = 64 * 1024 };

/* Is `at` strictly inside the mapping, so that a cut there makes two? */
static bool is_inside(const struct vmp_mapping *m, uint64_t at)
{
	return m->start < at && at < m->end;
}

struct range {
	uint64_t start, end;
	uint64_t reached; /* mapped from start up to here */
};

static void survey_range(struct vmp_survey *s, struct range *r,
			 const struct vmp_mapping *m)
{
	if (m->start == r->end)
		s->next_is_adjacent = true;
	if (m->end <= r->start || m->start >= r->end)
		return;
	if (s->touched == 0)
		s->first = *m;
	if (s->touched < 2)
		s->touched++;
	if (m->start <= r->reached)
		r->reached = m->end;
	s->splits += (unsigned int)is_inside(m, r->start) +
		     (unsigned int)is_inside(m, r->end);
}

static void survey_gap(struct vmp_survey *s, uint64_t end,
		       const struct vmp_mapping *m)
{
	if (m->start <= end || m->start - end <= s->gap_end - s->gap_start)
		return;
	s->gap_start = end;
	s->gap_end = m->start;
}

static bool is_ballast(const struct vmp_mapping *m)
{
	static const char name[] = VMP_BALLAST_NAME;

	return m->name_length >= sizeof(name) - 1 &&
	       !memcmp(m->name, name, sizeof(name) - 1);
}

/* A range that wraps around ends at the top, where nothing is mapped. */
static uint64_t range_end(uint64_t address, uint64_t length)
{
	return length > UINT64_MAX - address ? UINT64_MAX : address + length;
}

int vmp_survey(struct vmp_ctx *ctx, pid_t pid, uint64_t address,
	       uint64_t length, struct vmp_survey *survey)
{
	struct range range = { address, range_end(address, length), address };
	struct vmp_survey s = { 0 };
	struct vmp_maps *maps;
	struct vmp_mapping m;
	uint64_t end = LOWEST_ADDRESS;
	int rc = vmp_maps_open(ctx, pid, &maps);

	if (rc < 0)
		return rc;
	while ((rc = vmp_maps_next(maps, &m)) > 0) {
		if (!m.counted)
			continue;
		s.mappings++;
		s.bytes += m.end - m.start;
		s.ballast += is_ballast(&m);
		survey_gap(&s, end, &m);
		end = m.end;
		if (length)
			survey_range(&s, &range, &m);
	}
	vmp_maps_close(maps);
	if (rc < 0)
		return rc;
	if (!s.mappings)
		return vmp_fail(ctx, -ESRCH, "process %d has no mappings",
				(int)pid);
	s.covered = length && range.reached >= range.end;
	s.first.name = NULL;
	s.first.name_length = 0;
	*survey = s;
	return 0;
}

/* The mapping that holds an address, or the next one. Returns: 0 or -errno. */
static int query_mapping(int fd, uint64_t address, struct vmp_mapping *m)
{
	struct vmp_query q = { .size = sizeof(q),
			       .flags = VMP_QUERY_COVERING_OR_NEXT,
			       .address = address };

	if (ioctl(fd, VMP_QUERY, &q))
		return -errno;
	*m = (struct vmp_mapping){
		.start = q.start,
		.end = q.end,
		.offset = q.offset,
		.inode = q.inode,
		.readable = q.rights & VMP_QUERY_READABLE,
		.writable = q.rights & VMP_QUERY_WRITABLE,
		.executable = q.rights & VMP_QUERY_EXECUTABLE,
		.shared = q.rights & VMP_QUERY_SHARED,
		.counted = true,
	};
	return 0;
}

int vmp_survey_range(struct vmp_ctx *ctx, pid_t pid, uint64_t address,
		     uint64_t length, struct vmp_survey *survey)
{
	struct range range = { address, range_end(address, length), address };
	struct vmp_survey s = { 0 };
	struct vmp_mapping m = { .end = address };
	char path[256];
	VMP_CLOSE int fd = -1;
	int rc;

	vmp_proc_path(ctx, pid, "maps", path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	do {
		rc = query_mapping(fd, m.end, &m);
		if (rc == 0)
			survey_range(&s, &range, &m);
	} while (rc == 0 && m.end <= range.end);
	/* ENOENT: nothing is mapped above; ENOTTY: before 6.11 */
	if (rc < 0 && rc != -ENOENT)
		return rc;
	survey->covered = range.reached >= range.end;
	survey->next_is_adjacent = s.next_is_adjacent;
	survey->touched = s.touched;
	survey->splits = s.splits;
	survey->first = s.first;
	return 0;
}

int64_t vmp_count_near(struct vmp_ctx *ctx, pid_t pid, uint64_t start,
		       uint64_t end)
{
	struct vmp_mapping m = { .end = start ? start - 1 : 0 };
	char path[256];
	VMP_CLOSE int fd = -1;
	int64_t count = 0;
	int rc;

	vmp_proc_path(ctx, pid, "maps", path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((rc = query_mapping(fd, m.end, &m)) == 0 && m.start <= end)
		count++;
	return rc < 0 && rc != -ENOENT ? rc : count;
}

int64_t vmp_count(struct vmp_ctx *ctx, pid_t pid)
{
	struct vmp_survey survey;
	int rc = vmp_survey(ctx, pid, 0, 0, &survey);

	return rc < 0 ? rc : (int64_t)survey.mappings;
}

int vmp_headroom(struct vmp_ctx *ctx, pid_t pid, int64_t *headroom)
{
	int64_t limit = vmp_map_limit(ctx), count;

	if (limit < 0)
		return (int)limit;
	count = vmp_count(ctx, pid);
	if (count < 0)
		return (int)count;
	*headroom = limit - count;
	return 0;
}
