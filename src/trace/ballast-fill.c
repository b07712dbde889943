// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Maps an empty memory file inside a program and runs a loop of mprotect() in
 * it that gives each page a mapping of its own.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/internal.h"
#include "lib/newer.h"
#include "trace/ballast-fill.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

enum {
	SPARE_PAGES = 8,    /* to add mappings when the count is not met */
	NAME_OFFSET = 1024, /* in the page of code */
	ATTEMPTS = 5,
};

static const char file_name[] = "vmaprobe-ballast";

int vmp_ballast_fail(struct vmp_ballast_work *b, int rc, const char *format,
		     ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(b->reason, b->size, format, args);
	va_end(args);
	return rc;
}

int vmp_ballast_fail_call(struct vmp_ballast_work *b, int64_t rc,
			  const char *call)
{
	if (rc == -ESRCH)
		return vmp_ballast_fail(b, -ESRCH,
					"the program ended before it began");
	return vmp_ballast_fail(b, (int)rc,
				"ballast cannot be made: %s in the program: %s",
				call, strerror((int)-rc));
}

/* Of a mapping that found no room. */
static int fail_room(struct vmp_ballast_work *b, int64_t rc, uint64_t bytes)
{
	struct vmp_process p;
	char need[32], held[32], most[32];

	if (rc != -ENOMEM || vmp_process_read(b->ctx, b->tracee.tid, &p) < 0 ||
	    p.as_limit == VMP_UNLIMITED || p.size_bytes + bytes <= p.as_limit)
		return vmp_ballast_fail_call(b, rc, "mmap");
	return vmp_ballast_fail(
		b, -ENOMEM,
		"ballast has no room: it needs %s of address space; "
		"RLIMIT_AS (ulimit -v) is %s, and %s are in use",
		vmp_human_bytes(bytes, need), vmp_human_bytes(p.as_limit, most),
		vmp_human_bytes(p.size_bytes, held));
}

static int64_t call(struct vmp_ballast_work *b, long number, uint64_t a0,
		    uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
		    uint64_t a5)
{
	return vmp_tracee_call(&b->tracee, number,
			       (uint64_t[6]){ a0, a1, a2, a3, a4, a5 });
}

/* The page that the loop runs in, and the file's name lies. */
static int map_code(struct vmp_ballast_work *b)
{
	const struct vmp_machine *m = vmp_machine;
	int64_t at = call(b, SYS_mmap, 0, b->page_bytes, PROT_READ | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0);
	int rc;

	if (at < 0)
		return fail_room(b, at, b->page_bytes);
	b->code = (uint64_t)at;
	rc = vmp_tracee_poke(b->tracee.tid, b->code, m->loop, m->loop_bytes);
	rc = rc ? rc
		: vmp_tracee_poke(b->tracee.tid, b->code + NAME_OFFSET,
				  file_name, sizeof(file_name));
	return rc ? vmp_ballast_fail_call(b, rc, "poke") : 0;
}

static int unmap_code(struct vmp_ballast_work *b)
{
	int64_t rc = 0;

	if (b->code)
		rc = call(b, SYS_munmap, b->code, b->page_bytes, 0, 0, 0, 0);
	b->code = 0;
	return rc < 0 ? vmp_ballast_fail_call(b, rc, "munmap") : 0;
}

/* Before Linux 6.3 there is no such flag, and none is needed. */
static int64_t open_file(struct vmp_ballast_work *b)
{
	uint64_t name = b->code + NAME_OFFSET;
	int64_t fd = call(b, SYS_memfd_create, name,
			  MFD_CLOEXEC | MFD_NOEXEC_SEAL, 0, 0, 0, 0);

	if (fd == -EINVAL)
		fd = call(b, SYS_memfd_create, name, MFD_CLOEXEC, 0, 0, 0, 0);
	return fd;
}

/* The file stays empty: no page of it can be touched, nothing is charged. */
static int map_file(struct vmp_ballast_work *b, uint64_t at, uint64_t bytes)
{
	int64_t fd = open_file(b), got;

	if (fd < 0)
		return vmp_ballast_fail_call(b, fd, "memfd_create");
	got = call(b, SYS_mmap, at, bytes, PROT_NONE,
		   MAP_SHARED | MAP_FIXED_NOREPLACE, (uint64_t)fd, 0);
	call(b, SYS_close, (uint64_t)fd, 0, 0, 0, 0, 0);
	if (got < 0)
		return fail_room(b, got, bytes);
	b->at = (uint64_t)got;
	b->bytes = bytes;
	b->cut = 1;
	/* a core dump of the program has no use for it */
	call(b, SYS_madvise, b->at, bytes, MADV_DONTDUMP, 0, 0, 0);
	return 0;
}

/* What lies behind the pages that are cut off, and how it is to be. */
static uint64_t tail(const struct vmp_ballast_work *b)
{
	return b->at + b->cut * b->page_bytes;
}

static uint64_t tail_bytes(const struct vmp_ballast_work *b)
{
	return b->bytes - b->cut * b->page_bytes;
}

static uint64_t tail_protection(const struct vmp_ballast_work *b)
{
	return b->cut % 2 ? PROT_READ : PROT_NONE;
}

/* So many calls in one go, each of which splits once and adds one mapping. */
static int run_loop(struct vmp_ballast_work *b, uint64_t calls)
{
	const struct vmp_machine *m = vmp_machine;
	uint64_t registers[VMP_USER_REGISTERS], done;
	int64_t result;
	int rc;

	memcpy(registers, b->tracee.saved, sizeof(registers));
	registers[m->pc] = b->code;
	registers[m->argument[1]] = tail_bytes(b);
	registers[m->argument[2]] = tail_protection(b);
	registers[m->argument[5]] = VMP_BALLAST_MARK;
	registers[m->loop_address] = tail(b);
	registers[m->loop_page] = b->page_bytes;
	registers[m->loop_left] = calls;
	rc = vmp_tracee_run(&b->tracee, registers,
			    b->code + m->loop_bytes - m->trap_bytes);
	if (rc < 0)
		return vmp_ballast_fail_call(b, rc, "mprotect");
	done = calls - registers[m->loop_left];
	result = (int64_t)registers[m->result];
	b->cut += done;
	/* one at the limit is met again, and said, when the count is checked */
	if (done < calls && result != -ENOMEM)
		return vmp_ballast_fail_call(b, result, "mprotect");
	return 0;
}

static int add_one(struct vmp_ballast_work *b)
{
	int64_t rc = -ENOMEM;

	if (tail_bytes(b))
		rc = call(b, SYS_mprotect, tail(b), tail_bytes(b),
			  tail_protection(b), 0, 0, VMP_BALLAST_MARK);
	b->cut += rc == 0;
	return rc < 0 ? vmp_ballast_fail_call(b, rc, "mprotect") : 0;
}

/* From its start, where pieces are a page each and nothing is split. */
static int drop(struct vmp_ballast_work *b, uint64_t pages)
{
	int64_t rc = -EBUSY;

	if (pages < b->cut - b->dropped)
		rc = call(b, SYS_munmap, b->at + b->dropped * b->page_bytes,
			  pages * b->page_bytes, 0, 0, 0, 0);
	b->dropped += rc == 0 ? pages : 0;
	return rc < 0 ? vmp_ballast_fail_call(b, rc, "munmap") : 0;
}

/* Count again, and mend what other threads of it have changed. */
static int meet_count(struct vmp_ballast_work *b)
{
	int64_t count, missing;
	int rc = 0;

	for (int i = 0; rc == 0 && i < ATTEMPTS; i++) {
		count = vmp_count(b->ctx, b->tracee.tid);
		if (count < 0)
			return vmp_ballast_fail(
				b, (int)count,
				"its mappings cannot be counted: %s",
				vmp_error(b->ctx));
		missing = b->limit - b->headroom - count;
		if (!missing)
			return 0;
		if (missing < 0)
			rc = drop(b, (uint64_t)-missing);
		for (; rc == 0 && missing > 0; missing--)
			rc = add_one(b);
	}
	return rc ? rc
		  : vmp_ballast_fail(
			    b, -EBUSY,
			    "other threads of the program map and unmap "
			    "meanwhile");
}

/*
 * The last mapping is made when the page of code is gone, so that there is room
 * for it where nothing is to be left.
 */
int vmp_ballast_fill(struct vmp_ballast_work *b,
		     const struct vmp_ballast_survey *survey)
{
	uint64_t need = (uint64_t)(b->limit - b->headroom - b->count);
	uint64_t bytes = (need + SPARE_PAGES) * b->page_bytes, at;
	int rc;

	if (!need)
		return 0;
	at = vmp_ballast_address(survey, bytes, b->page_bytes);
	if (!at)
		return fail_room(b, -ENOMEM, bytes);
	rc = map_code(b);
	rc = rc ? rc : map_file(b, at, bytes);
	if (rc == 0 && need > 2)
		rc = run_loop(b, need - 2);
	rc = rc ? rc : unmap_code(b);
	if (rc == 0 && need > 1)
		rc = add_one(b);
	rc = rc ? rc : meet_count(b);
	b->made = (int64_t)(b->cut - b->dropped);
	return rc;
}

void vmp_ballast_take_back(struct vmp_ballast_work *b)
{
	if (b->code)
		call(b, SYS_munmap, b->code, b->page_bytes, 0, 0, 0, 0);
	if (b->bytes)
		call(b, SYS_munmap, b->at, b->bytes, 0, 0, 0, 0);
}
