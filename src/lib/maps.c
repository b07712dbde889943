// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads /proc/PID/maps: the line parser, the iterator, and the survey. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/internal.h"

enum { MAPS_BUFFER = 64 * 1024 };

/* vm.mmap_min_addr, at its default: nothing is mapped below. */
enum { LOWEST_ADDRESS = 64 * 1024 };

struct vmp_maps {
	struct vmp_ctx *ctx;
	int fd;
	pid_t pid;
	bool at_end;
	uint64_t line;
	size_t begin, end; /* unread text in the buffer */
	size_t size;
	char *buffer;
};

/* A number that ends before `end`; NULL when there is no digit or too many. */
static const char *parse_hex(const char *p, const char *end, uint64_t *value)
{
	static const signed char digit[256] = {
		['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,
		['4'] = 5,  ['5'] = 6,	['6'] = 7,  ['7'] = 8,
		['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
		['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	};
	const char *start = p;
	uint64_t v = 0;

	while (p < end && digit[(unsigned char)*p]) {
		v = v << 4 | (uint64_t)(digit[(unsigned char)*p] - 1);
		p++;
	}
	*value = v;
	return p == start || p - start > 16 ? NULL : p;
}

static const char *parse_decimal(const char *p, const char *end,
				 uint64_t *value)
{
	const char *start = p;
	uint64_t v = 0;

	while (p < end && *p >= '0' && *p <= '9') {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return NULL;
		p++;
	}
	*value = v;
	return p == start ? NULL : p;
}

static const char *expect_char(const char *p, const char *end, char c)
{
	return p && p < end && *p == c ? p + 1 : NULL;
}

static bool is_flag(char c, char on, bool *set)
{
	*set = c == on;
	return c == on || c == '-';
}

static const char *parse_permissions(const char *p, const char *end,
				     struct vmp_mapping *m)
{
	if (!p || end - p < 4 || !is_flag(p[0], 'r', &m->readable) ||
	    !is_flag(p[1], 'w', &m->writable) ||
	    !is_flag(p[2], 'x', &m->executable) || (p[3] != 's' && p[3] != 'p'))
		return NULL;
	m->shared = p[3] == 's';
	return p + 4;
}

static const char *parse_device(const char *p, const char *end,
				struct vmp_mapping *m)
{
	uint64_t major, minor;

	p = p ? parse_hex(p, end, &major) : NULL;
	p = expect_char(p, end, ':');
	p = p ? parse_hex(p, end, &minor) : NULL;
	if (!p || major > UINT32_MAX || minor > UINT32_MAX)
		return NULL;
	m->device_major = (uint32_t)major;
	m->device_minor = (uint32_t)minor;
	return p;
}

/* The gate line's name: x86 [vsyscall], arm [vectors]. Never in map_count. */
static bool is_gate(const char *name, size_t length)
{
	static const char *const gates[] = { "[vsyscall]", "[vectors]" };

	for (size_t i = 0; i < VMP_COUNT(gates); i++)
		if (length == strlen(gates[i]) &&
		    !memcmp(name, gates[i], length))
			return true;
	return false;
}

int vmp_parse_maps_line(const char *line, size_t length, struct vmp_mapping *m)
{
	const char *end = line + length, *p;
	struct vmp_mapping r = { 0 };

	p = parse_hex(line, end, &r.start);
	p = expect_char(p, end, '-');
	p = p ? parse_hex(p, end, &r.end) : NULL;
	p = expect_char(p, end, ' ');
	p = parse_permissions(p, end, &r);
	p = expect_char(p, end, ' ');
	p = p ? parse_hex(p, end, &r.offset) : NULL;
	p = expect_char(p, end, ' ');
	p = parse_device(p, end, &r);
	p = expect_char(p, end, ' ');
	p = p ? parse_decimal(p, end, &r.inode) : NULL;
	if (!p || r.end <= r.start || (p < end && *p != ' '))
		return -EBADMSG;
	while (p < end && *p == ' ')
		p++;
	r.name = p;
	r.name_length = (size_t)(end - p);
	r.counted = r.name_length == 0 || !is_gate(p, r.name_length);
	*m = r;
	return 0;
}

int vmp_maps_open(struct vmp_ctx *ctx, pid_t pid, struct vmp_maps **maps)
{
	struct vmp_maps *it = calloc(1, sizeof(*it));
	char path[256];
	int error;

	if (!it)
		return vmp_fail(ctx, -ENOMEM, "no memory to read mappings");
	vmp_proc_path(ctx, pid, "maps", path, sizeof(path));
	it->ctx = ctx;
	it->pid = pid;
	it->size = MAPS_BUFFER;
	it->buffer = malloc(it->size);
	it->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (it->buffer && it->fd >= 0) {
		*maps = it;
		return 0;
	}
	error = it->buffer ? errno : ENOMEM;
	vmp_maps_close(it);
	error = error == ENOENT ? ESRCH : error;
	return vmp_fail(ctx, -error, "open %s: %s", path, strerror(error));
}

/* Make room behind the unread text: move it down, or take a larger buffer. */
static int make_room(struct vmp_maps *it)
{
	char *larger;

	memmove(it->buffer, it->buffer + it->begin, it->end - it->begin);
	it->end -= it->begin;
	it->begin = 0;
	if (it->end < it->size)
		return 0;
	larger = realloc(it->buffer, it->size * 2);
	if (!larger)
		return vmp_fail(it->ctx, -ENOMEM,
				"no memory for a line of maps");
	it->buffer = larger;
	it->size *= 2;
	return 0;
}

/*
 * Read on. Every read() answers at most one page of text, whatever the buffer
 * (seq_file), so that a larger one saves nothing.
 */
static int refill(struct vmp_maps *it)
{
	ssize_t n;
	int rc = make_room(it);

	if (rc < 0)
		return rc;
	do {
		n = read(it->fd, it->buffer + it->end, it->size - it->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno != ESRCH)
		return vmp_fail(it->ctx, -errno, "read maps of process %d: %s",
				(int)it->pid, strerror(errno));
	if (n <= 0)
		it->at_end = true;
	else
		it->end += (size_t)n;
	return 0;
}

static const char *find_newline(struct vmp_maps *it)
{
	return memchr(it->buffer + it->begin, '\n', it->end - it->begin);
}

int vmp_maps_next(struct vmp_maps *it, struct vmp_mapping *m)
{
	const char *line, *newline = find_newline(it);
	size_t length;
	int rc = 0;

	while (!newline && !it->at_end) {
		rc = refill(it);
		if (rc < 0)
			return rc;
		newline = find_newline(it);
	}
	line = it->buffer + it->begin;
	length = newline ? (size_t)(newline - line) : it->end - it->begin;
	if (!newline && !length)
		return 0;
	it->begin += length + (newline ? 1 : 0);
	it->line++;
	if (!newline || vmp_parse_maps_line(line, length, m) < 0)
		return vmp_fail(it->ctx, -EBADMSG,
				"maps of process %d, line %llu: not a mapping",
				(int)it->pid, (unsigned long long)it->line);
	return 1;
}

void vmp_maps_close(struct vmp_maps *it)
{
	if (!it)
		return;
	if (it->fd >= 0)
		close(it->fd);
	free(it->buffer);
	free(it);
}

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
	if (m->start <= end || m->start - end <= s->largest_gap_bytes)
		return;
	s->largest_gap_bytes = m->start - end;
	s->gap_start = end;
	s->gap_end = m->start;
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
