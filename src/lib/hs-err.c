// SPDX-License-Identifier: LGPL-2.1-or-later
/* Finds the mappings, and what else it tells, in a JVM's error log. */
#include <errno.h>
#include <string.h>

#include "lib/maps.h"

enum { HEADER = 4096 /* bytes, of which one line begins a log */ };

struct text {
	const char *at, *end;
};

/* The next line, its end left out. Returns: is there one? */
static bool next_line(struct text *rest, struct text *line)
{
	const char *newline;

	if (rest->at == rest->end)
		return false;
	newline = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
	line->at = rest->at;
	line->end = newline ? newline : rest->end;
	rest->at = newline ? newline + 1 : rest->end;
	if (line->end > line->at && line->end[-1] == '\r')
		line->end--;
	return true;
}

/* Does it begin so? Goes past it, if it does. */
static bool skip(struct text *text, const char *words)
{
	size_t length = strlen(words);

	if ((size_t)(text->end - text->at) < length ||
	    memcmp(text->at, words, length) != 0)
		return false;
	text->at += length;
	return true;
}

/* Goes past the first place where the words are. */
static bool find(struct text *text, const char *words)
{
	char *at = memmem(text->at, (size_t)(text->end - text->at), words,
			  strlen(words));

	if (!at)
		return false;
	text->at = at + strlen(words);
	return true;
}

bool vmp_is_hs_err(const char *text, size_t length)
{
	struct text rest = { text, text + (length < HEADER ? length : HEADER) };
	struct text line;

	while (next_line(&rest, &line))
		if (skip(&line, "# A fatal error has been detected by the "
				"Java Runtime Environment") ||
		    skip(&line, "# There is insufficient memory for the "
				"Java Runtime Environment to continue"))
			return true;
	return false;
}

static bool read_number(struct text *text, unsigned int base, uint64_t *value)
{
	const char *start = text->at;
	unsigned int digit;

	for (*value = 0; text->at < text->end; text->at++) {
		char c = *text->at;

		digit = c >= '0' && c <= '9'   ? (unsigned int)(c - '0')
			: c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10
					       : base;
		if (digit >= base)
			break;
		if (__builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit, value))
			return false;
	}
	return text->at > start;
}

/* "stack(0x00007f3e54220000,0x00007f3e54320000)", "[stack: 0x...,0x...]" */
static bool read_stack(struct text line, uint64_t *address)
{
	struct text other = line;
	uint64_t low, high;

	if (!find(&line, "stack(0x")) {
		line = other;
		if (!find(&line, "[stack: 0x"))
			return false;
	}
	if (!read_number(&line, 16, &low) || !skip(&line, ",0x") ||
	    !read_number(&line, 16, &high) || high <= low)
		return false;
	*address = high - 16 > low ? high - 16 : low;
	return true;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The thread that failed is told twice. */
static void count_threads(struct vmp_notes *notes)
{
	size_t kept = 0;

	if (!notes->stack_count)
		return;
	qsort(notes->stacks, notes->stack_count, sizeof(*notes->stacks),
	      compare);
	for (size_t i = 0; i < notes->stack_count; i++)
		if (!kept || notes->stacks[kept - 1] != notes->stacks[i])
			notes->stacks[kept++] = notes->stacks[i];
	notes->stack_count = notes->threads = kept;
}

/*
 * vm.max_map_count: on the same line since JDK 17, on the next one before.
 * Returns: was it this?
 */
static bool read_limit(struct vmp_notes *notes, struct text line, bool *is_next)
{
	static const char label[] =
		"/proc/sys/vm/max_map_count (maximum number of memory map "
		"areas a process may have):";
	uint64_t limit;

	if (!*is_next && !skip(&line, label))
		return false;
	while (skip(&line, " "))
		;
	*is_next = line.at == line.end;
	if (read_number(&line, 10, &limit) && limit <= INT64_MAX)
		notes->limit = (int64_t)limit;
	return true;
}

/* "uname: Linux 6.1.0-18-amd64 #1 SMP ..."; JDK 8 to 11 leave out a space. */
static bool read_kernel(struct vmp_notes *notes, struct text line)
{
	const char *space;

	if (notes->kernel || !skip(&line, "uname:"))
		return false;
	skip(&line, " ");
	if (!skip(&line, "Linux "))
		return true;
	space = memchr(line.at, ' ', (size_t)(line.end - line.at));
	notes->kernel = strndup(line.at,
				(size_t)((space ? space : line.end) - line.at));
	return true;
}

/* "#  SIGSEGV (0xb) at pc=0x00007f3e558b3f14, pid=2576, tid=2576" */
static bool read_pid(struct vmp_notes *notes, struct text line)
{
	uint64_t pid;

	if (notes->pid || !skip(&line, "#") || !find(&line, "pid=") ||
	    !read_number(&line, 10, &pid) || pid > INT32_MAX)
		return false;
	notes->pid = (pid_t)pid;
	return true;
}

static int read_line(struct vmp_maps *it, struct text line, bool *limit_is_next)
{
	struct vmp_notes *notes = &it->notes;
	uint64_t address;

	if (read_limit(notes, line, limit_is_next) ||
	    read_kernel(notes, line) || read_pid(notes, line) ||
	    !read_stack(line, &address))
		return 0;
	return vmp_maps_add_stack(it, address);
}

static bool is_program(const struct vmp_mapping *m)
{
	return m->executable && m->name_length && m->name[0] == '/' &&
	       !memmem(m->name, m->name_length, ".so", 3) &&
	       !memmem(m->name, m->name_length, ".jsa", 4);
}

/* The launcher: the first code of a file that is no library, nor of the JVM. */
static void read_program(struct vmp_maps *it, struct text section)
{
	struct vmp_notes *notes = &it->notes;
	struct vmp_mapping m;
	struct text line;

	snprintf(notes->command, sizeof(notes->command), "java");
	while (!notes->path && next_line(&section, &line)) {
		size_t length = (size_t)(line.end - line.at);

		if (!vmp_parse_maps_line(line.at, length, &m) && is_program(&m))
			notes->path = strndup(m.name, m.name_length);
	}
}

/*
 * Lines of maps, up to one that is none: blank, or "Total number of mappings"
 * since JDK 23, or "Can not get library information".
 * Out: *rest, behind them. Returns: how many.
 */
static uint64_t read_section(struct vmp_maps *it, struct text *rest)
{
	struct text section = { rest->at, rest->at }, line;
	uint64_t count = 0;

	while (next_line(rest, &line) && line.at < line.end &&
	       !(*line.at >= 'A' && *line.at <= 'Z')) {
		section.end = rest->at;
		count++;
	}
	it->begin = (size_t)(section.at - it->buffer);
	it->end = (size_t)(section.end - it->buffer);
	it->crlf = count && memchr(section.at, '\r', it->end - it->begin);
	read_program(it, section);
	return count;
}

int vmp_hs_err_read(struct vmp_maps *it)
{
	struct text rest = { it->buffer, it->buffer + it->end }, line;
	uint64_t number = 0, mappings = 0;
	bool limit_is_next = false;
	int rc = 0;

	it->end = 0;
	while (rc == 0 && next_line(&rest, &line)) {
		number++;
		if (!mappings && skip(&line, "Dynamic libraries:")) {
			it->line = number;
			mappings = read_section(it, &rest);
			number += mappings + 1;
			continue;
		}
		rc = read_line(it, line, &limit_is_next);
	}
	count_threads(&it->notes);
	if (rc == 0 && !mappings)
		return vmp_fail(it->ctx, -EBADMSG,
				"%s: a JVM's log without mappings: no section "
				"\"Dynamic libraries\", or nothing in it",
				it->source);
	return rc;
}
