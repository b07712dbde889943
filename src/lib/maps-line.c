// SPDX-License-Identifier: LGPL-2.1-or-later
/* Parses the lines of /proc/PID/maps, and what smaps adds to them. */
#include <errno.h>
#include <string.h>

#include "lib/maps.h"

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

/* A bit for each, in the order of the kernel's table; new ones at the end. */
static const char flag_names[][3] = {
	"rd", "wr", "ex", "sh", "mr", "mw", "me", "ms", "gd", "pf", "dw",
	"lo", "io", "sr", "rr", "dc", "de", "lf", "ac", "nr", "ht", "sf",
	"nl", "ar", "wf", "dd", "sd", "mm", "hg", "nh", "mg", "um", "uw",
	"ui", "mt", "bt", "ss", "sl", "dp", "gu", "ur", "mp",
};

enum { FLAG_NOT_KNOWN = 63 };

const char *vmp_flag_name(unsigned int bit)
{
	return bit < VMP_COUNT(flag_names) ? flag_names[bit] : "??";
}

static unsigned int flag_bit(const char *name)
{
	for (unsigned int i = 0; i < VMP_COUNT(flag_names); i++)
		if (name[0] == flag_names[i][0] && name[1] == flag_names[i][1])
			return i;
	return FLAG_NOT_KNOWN;
}

/* "rd wr mr mw me ac sd " */
static uint64_t parse_flags(const char *p, const char *end)
{
	uint64_t flags = 0;

	while (p < end) {
		while (p < end && *p == ' ')
			p++;
		if (end - p >= 2)
			flags |= UINT64_C(1) << flag_bit(p);
		while (p < end && *p != ' ')
			p++;
	}
	return flags;
}

/* "Anonymous:           12 kB" */
static uint64_t parse_value(const char *p, const char *end)
{
	uint64_t value;

	while (p < end && *p == ' ')
		p++;
	return parse_decimal(p, end, &value) ? value : 0;
}

void vmp_smaps_attribute(const char *line, size_t length, struct vmp_mapping *m)
{
	static const struct {
		const char *name;
		size_t length;
		enum { PAGES, KEY, FLAGS } what;
	} rows[] = {
		{ "Anonymous:", 10, PAGES },
		{ "Swap:", 5, PAGES },
		{ "ProtectionKey:", 14, KEY },
		{ "VmFlags:", 8, FLAGS },
	};
	const char *end = line + length, *value;

	for (size_t i = 0; i < VMP_COUNT(rows); i++) {
		if (length < rows[i].length || line[0] != rows[i].name[0] ||
		    memcmp(line, rows[i].name, rows[i].length) != 0)
			continue;
		value = line + rows[i].length;
		if (rows[i].what == PAGES)
			m->anonymous |= parse_value(value, end) > 0;
		else if (rows[i].what == KEY)
			m->key = (uint8_t)parse_value(value, end);
		else
			m->flags = parse_flags(value, end);
		m->has_flags |= rows[i].what == FLAGS;
	}
}
