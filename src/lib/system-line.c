// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a line of a sysctl.d file does to vm.max_map_count. */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "lib/internal.h"
#include "lib/system.h"

enum { KERNEL_NUMBER_CHARS = 22 }; /* TMPBUFLEN of kernel/sysctl.c */

static const char key_path[] = "vm/max_map_count";

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void strip(const char **text, size_t *length)
{
	while (*length && is_blank(**text)) {
		(*text)++;
		(*length)--;
	}
	while (*length && is_blank((*text)[*length - 1]))
		(*length)--;
}

/*
 * As do_proc_dointvec() takes it, which is no strtoll(): in base 0, from 0 to
 * INT_MAX, and only blanks may follow at once; what comes then is ignored.
 */
int64_t vmp_sysctl_value(const char *text, size_t length)
{
	char buffer[KERNEL_NUMBER_CHARS], *digits = buffer, *end;
	unsigned long long value;
	bool minus;

	strip(&text, &length);
	length = length < sizeof(buffer) ? length : sizeof(buffer) - 1;
	memcpy(buffer, text, length);
	buffer[length] = '\0';
	minus = *digits == '-';
	digits += minus;
	if (*digits < '0' || *digits > '9')
		return -1;
	errno = 0;
	value = strtoull(digits, &end, 0);
	/* -0 is fine */
	if (errno || value > (minus ? 0 : INT_MAX))
		return -1;
	/* a number that fills the kernel's buffer is refused: no end is seen */
	if (*end ? !strchr(" \t\n", *end) : length == sizeof(buffer) - 1)
		return -1;
	return (int64_t)value;
}

/*
 * The key as a path below /proc/sys: whichever of "." and "/" comes first
 * separates, and the other one then stands for it.
 * Returns: false where it is too long to be ours, pattern or not.
 */
static bool normalise(const char *key, size_t length, char *path, size_t size)
{
	const char *first = memchr(key, '.', length);
	const char *slash = memchr(key, '/', length);
	bool dots = first && (!slash || first < slash);
	size_t n = 0;
	char c;

	for (size_t i = 0; i < length; i++) {
		c = key[i];
		if (dots && (c == '.' || c == '/'))
			c = c == '.' ? '/' : '.';
		/* leading and double slashes are none */
		if (c == '/' && (!n || path[n - 1] == '/'))
			continue;
		if (n == size - 1)
			return false;
		path[n++] = c;
	}
	path[n] = '\0';
	return true;
}

static enum vmp_sysctl_line match(const char *key, size_t length, bool sets)
{
	char path[256];

	if (!normalise(key, length, path, sizeof(path)))
		return VMP_LINE_NOTHING;
	if (!strcmp(path, key_path))
		return sets ? VMP_LINE_VALUE : VMP_LINE_EXCLUDED;
	if (sets && strpbrk(path, "*?[") &&
	    !fnmatch(path, key_path, FNM_PATHNAME))
		return VMP_LINE_GLOB;
	return VMP_LINE_NOTHING;
}

enum vmp_sysctl_line vmp_sysctl_line(const char *line, size_t length,
				     int64_t *value)
{
	const char *equals;
	size_t key_length;
	bool dash;
	enum vmp_sysctl_line what;
	int64_t number = 0;

	length = strnlen(line, length);
	strip(&line, &length);
	if (!length || *line == '#' || *line == ';')
		return VMP_LINE_NOTHING;
	dash = *line == '-';
	line += dash;
	length -= dash;
	equals = memchr(line, '=', length);
	if (!equals && !dash)
		return VMP_LINE_NOTHING;
	if (equals)
		number = vmp_sysctl_value(equals + 1,
					  length - (size_t)(equals + 1 - line));
	key_length = equals ? (size_t)(equals - line) : length;
	strip(&line, &key_length);
	what = match(line, key_length, equals != NULL);
	/* a refused value sets nothing, but the key is named */
	if (number < 0)
		return what == VMP_LINE_VALUE ? VMP_LINE_EXCLUDED
					      : VMP_LINE_NOTHING;
	if (what == VMP_LINE_VALUE || what == VMP_LINE_GLOB)
		*value = number;
	return what;
}
