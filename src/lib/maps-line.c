// SPDX-License-Identifier: LGPL-2.1-or-later
/* Parses the lines of /proc/PID/maps, and what smaps adds to them. */
#include <errno.h>
#include <string.h>

#include "lib/maps.h"

/* A number that ends before `end`; NULL when there is no digit or too many. */
static const char *parse_hex(const char *p, const char *end, uint64_t *value)
{
	static const unsigned char digit[256] = {
		['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,
		['4'] = 5,  ['5'] = 6,	['6'] = 7,  ['7'] = 8,
		['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
		['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	};
	const char *start = p;
	uint64_t v = 0;

	/* two at a time: most numbers have an even count of digits */
	while (end - p >= 2 && digit[(unsigned char)p[0]] &&
	       digit[(unsigned char)p[1]]) {
		v = v << 8 | (unsigned int)(digit[(unsigned char)p[0]] * 16 +
					    digit[(unsigned char)p[1]] - 17);
		p += 2;
	}
	if (p < end && digit[(unsigned char)*p])
		v = v << 4 | (unsigned int)(digit[(unsigned char)*p++] - 1);
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

/* "rw-p" */
static const char *parse_rights(const char *p, const char *end)
{
	if (!p || end - p < 4 || (p[0] != 'r' && p[0] != '-') ||
	    (p[1] != 'w' && p[1] != '-') || (p[2] != 'x' && p[2] != '-') ||
	    (p[3] != 's' && p[3] != 'p'))
		return NULL;
	return p + 4;
}

/* What is mapped: a file at an offset, or nothing. */
struct object {
	uint64_t offset, major, minor, inode;
};

/* " 00000000 00:00 0", " 0002c000 fe:00 1835"; most lines are the first. */
static const char *parse_object(const char *p, const char *end,
				struct object *o)
{
	static const char nothing[] = " 00000000 00:00 0 ";
	const size_t length = sizeof(nothing) - 2; /* without its last blank */

	*o = (struct object){ 0 };
	if (p && (size_t)(end - p) > length && !memcmp(p, nothing, length + 1))
		return p + length;
	p = expect_char(p, end, ' ');
	p = p ? parse_hex(p, end, &o->offset) : NULL;
	p = expect_char(p, end, ' ');
	p = p ? parse_hex(p, end, &o->major) : NULL;
	p = expect_char(p, end, ':');
	p = p ? parse_hex(p, end, &o->minor) : NULL;
	p = expect_char(p, end, ' ');
	p = p ? parse_decimal(p, end, &o->inode) : NULL;
	return o->major <= UINT32_MAX && o->minor <= UINT32_MAX ? p : NULL;
}

/* The gate line's name: x86 [vsyscall], arm [vectors]. Never in map_count. */
static bool is_gate(const char *name, size_t length)
{
	static const char *const gates[] = { "[vsyscall]", "[vectors]" };

	if (name[0] != '[')
		return false;
	for (size_t i = 0; i < VMP_COUNT(gates); i++)
		if (length == strlen(gates[i]) &&
		    !memcmp(name, gates[i], length))
			return true;
	return false;
}

/* Names begin at column 74 (seq_pad), behind up to 48 spaces. */
static const char *skip_spaces(const char *p, const char *end)
{
	while (end - p >= 8 && !memcmp(p, "        ", 8))
		p += 8;
	while (p < end && *p == ' ')
		p++;
	return p;
}

int vmp_parse_maps_line(const char *line, size_t length, struct vmp_mapping *m)
{
	const char *end = line + length, *p, *rights;
	uint64_t from = 0, to = 0;
	struct object o;

	p = parse_hex(line, end, &from);
	p = expect_char(p, end, '-');
	p = p ? parse_hex(p, end, &to) : NULL;
	rights = expect_char(p, end, ' ');
	p = parse_object(parse_rights(rights, end), end, &o);
	if (!p || to <= from || (p < end && *p != ' '))
		return -EBADMSG;
	p = skip_spaces(p, end);
	*m = (struct vmp_mapping){ .start = from,
				   .end = to,
				   .offset = o.offset,
				   .inode = o.inode,
				   .device_major = (uint32_t)o.major,
				   .device_minor = (uint32_t)o.minor,
				   .readable = rights[0] == 'r',
				   .writable = rights[1] == 'w',
				   .executable = rights[2] == 'x',
				   .shared = rights[3] == 's',
				   .counted = p == end ||
					      !is_gate(p, (size_t)(end - p)),
				   .name = p,
				   .name_length = (size_t)(end - p) };
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

/* "Anonymous:           12 kB"; 0 where the label is another one. */
static uint64_t parse_value(const char *p, const char *end)
{
	uint64_t value;

	while (p && p < end && *p == ' ')
		p++;
	return p && parse_decimal(p, end, &value) ? value : 0;
}

/* Behind the label, or NULL. */
static inline const char *after(const char *line, const char *end,
				const char *label)
{
	size_t length = strlen(label);

	return (size_t)(end - line) >= length && !memcmp(line, label, length)
		       ? line + length
		       : NULL;
}

/* Of some 25 lines that follow a mapping four are wanted. */
void vmp_smaps_attribute(const char *line, size_t length, struct vmp_mapping *m)
{
	const char *end = line + length, *p;

	switch (length ? line[0] : '\0') {
	case 'A':
		p = after(line, end, "Anonymous:");
		m->anonymous |= parse_value(p, end) > 0;
		break;
	case 'S':
		p = after(line, end, "Swap:");
		m->anonymous |= parse_value(p, end) > 0;
		break;
	case 'P':
		p = after(line, end, "ProtectionKey:");
		m->key |= (uint8_t)parse_value(p, end);
		break;
	case 'V':
		p = after(line, end, "VmFlags:");
		m->has_flags |= p != NULL;
		m->flags |= p ? parse_flags(p, end) : 0;
		break;
	default:
		break;
	}
}
