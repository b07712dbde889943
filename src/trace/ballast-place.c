// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds the entry point and main() of a program, and room for ballast. */
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "lib/internal.h"
#include "trace/ballast-place.h"

enum {
	MOST_STEPS = 500,  /* from the entry into the C library's start code */
	LOWEST_BITS = 32,  /* of addresses; what is below is asked for */
	DISTANT_BITS = 38, /* from the mappings above */
};

int vmp_ballast_entry(pid_t pid, uint64_t *entry)
{
	uint64_t words[128];
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);
	n = vmp_read_file(path, (char *)words, sizeof(words));
	if (n < 0)
		return (int)n;
	for (size_t i = 0; i + 1 < (size_t)n / sizeof(*words); i += 2)
		if (words[i] == AT_ENTRY) {
			*entry = words[i + 1];
			return 0;
		}
	return -ENOEXEC;
}

/* What the start code of C programs hands over. */
struct start {
	uint64_t argc, argv; /* as the kernel laid them out */
	uint64_t main;
};

/*
 * Does it come into __libc_start_main(main, argc, argv, ...)? The call is told
 * by its arguments, so that neither symbols nor relocations are needed, and
 * static and stripped programs of glibc and musl are alike.
 */
static bool enters_libc(void *argument, uint64_t from, const uint64_t *words)
{
	const struct vmp_machine *m = vmp_machine;
	struct start *s = argument;

	if (words[m->pc] >= from && words[m->pc] - from <= m->longest)
		return false;
	if ((uint32_t)words[m->argument[1]] != (uint32_t)s->argc ||
	    words[m->argument[2]] != s->argv)
		return false;
	s->main = words[m->argument[0]];
	return true;
}

/* Is it code? */
static int is_executable(pid_t pid, uint64_t address)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;
	struct vmp_mapping m;
	int rc, found = 0;

	if (!ctx)
		return -ENOMEM;
	rc = vmp_maps_open(ctx, pid, &maps);
	if (rc == 0) {
		while (!found && vmp_maps_next(maps, &m) > 0)
			found = m.executable && address >= m.start &&
				address < m.end;
		vmp_maps_close(maps);
	}
	vmp_free(ctx);
	return rc < 0 ? rc : found;
}

int vmp_ballast_main(struct vmp_tracee *t, uint64_t *address)
{
	uint64_t registers[VMP_USER_REGISTERS];
	struct start start = { 0 };
	int rc = vmp_tracee_registers(t->tid, registers);
	uint64_t sp = registers[vmp_machine->sp];

	start.argv = sp + sizeof(uint64_t);
	rc = rc ? rc : vmp_tracee_peek(t->tid, sp, &start.argc, sizeof(sp));
	rc = rc ? rc : vmp_tracee_step(t, MOST_STEPS, enters_libc, &start);
	if (rc < 0)
		return rc;
	if (rc == 0 || !is_executable(t->tid, start.main))
		return -ENOEXEC;
	*address = start.main;
	return 0;
}

static void widen(struct vmp_ballast_survey *s, uint64_t start, uint64_t end)
{
	if (end > start && end - start > s->gap_end - s->gap_start) {
		s->gap_start = start;
		s->gap_end = end;
	}
}

int vmp_ballast_survey(struct vmp_ctx *ctx, pid_t pid,
		       struct vmp_ballast_survey *survey)
{
	uint64_t end = UINT64_C(1) << LOWEST_BITS;
	struct vmp_maps *maps;
	struct vmp_mapping m;
	int rc = vmp_maps_open(ctx, pid, &maps);

	*survey = (struct vmp_ballast_survey){ 0 };
	if (rc < 0)
		return rc;
	while ((rc = vmp_maps_next(maps, &m)) > 0) {
		if (!m.counted)
			continue;
		survey->count++;
		widen(survey, end, m.start);
		if (m.end > end)
			end = m.end;
	}
	if (rc == 0 && vmp_maps_ended(maps))
		rc = -ESRCH;
	vmp_maps_close(maps);
	return rc;
}

/*
 * The heap and, where mmap() goes upwards, new mappings grow from a gap's
 * start; the stack and mmap() that goes downwards from its end. Sanitizers map
 * what they shadow with far from both, at fixed places, and check that nothing
 * is there: not in the middle of a large gap, but at a distance from its end.
 */
uint64_t vmp_ballast_address(const struct vmp_ballast_survey *s, uint64_t bytes,
			     uint64_t page_bytes)
{
	uint64_t distance = UINT64_C(1) << DISTANT_BITS;
	uint64_t gap = s->gap_end - s->gap_start, at;

	if (gap <= bytes)
		return 0;
	if (gap / 2 > distance + bytes)
		at = s->gap_end - distance - bytes;
	else
		at = s->gap_start + (gap - bytes) / 2;
	return at & ~(page_bytes - 1);
}
