// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls of a trace that never was. */
#include <errno.h>
#include <string.h>

#include "trace-sample.h"
#include "unit.h"

#define LIBC "/usr/lib/libc.so.6"
#define PROGRAM "/opt/hog"

#define UNMAP_FRAME                                              \
	{                                                        \
		.address = 0x7f0000101a07, .function = "munmap", \
		.module = LIBC, .offset = 0x101a07               \
	}
#define MAIN_FRAME                                                       \
	{                                                                \
		.address = 0x401201, .function = "main",                 \
		.file = "/src/hog/hog.c", .line = 14, .module = PROGRAM, \
		.offset = 0x1201                                         \
	}

const struct vmp_frame sample_stack[3] = {
	UNMAP_FRAME,
	{ .address = 0x4011b7,
	  .function = "drop",
	  .file = "/src/hog/cache.c",
	  .line = 9,
	  .module = PROGRAM,
	  .offset = 0x11b7 },
	MAIN_FRAME,
};

const struct vmp_frame other_stack[3] = {
	UNMAP_FRAME,
	{ .address = 0x4011c7,
	  .function = "drop",
	  .file = "/src/hog/cache.c",
	  .line = 12,
	  .module = PROGRAM,
	  .offset = 0x11c7 },
	MAIN_FRAME,
};

const struct vmp_syscall *row_of(const char *name)
{
	for (size_t i = 0; i < vmp_syscall_count; i++)
		if (!strcmp(vmp_syscalls[i].name, name))
			return &vmp_syscalls[i];
	ck_abort_msg("no call %s", name);
	return NULL;
}

struct vmp_trace_call worked(const char *name, uint64_t a, uint64_t b,
			     uint64_t c)
{
	return (struct vmp_trace_call){
		.time_seconds = 1.5,
		.pid = 1,
		.tid = 2,
		.command = "hog",
		.row = row_of(name),
		.arguments = { a, b, c },
		.mappings = -1,
		.change = VMP_CHANGE_UNKNOWN,
	};
}

struct vmp_trace_call failed(const char *name, uint64_t a, uint64_t b,
			     uint64_t c)
{
	struct vmp_trace_call call = worked(name, a, b, c);

	call.result = -ENOMEM;
	call.error = ENOMEM;
	call.failed = true;
	call.mappings = 1000;
	call.figures.limits.max_map_count = 1000;
	call.diagnosis.cause = VMP_CAUSE_MAP_COUNT;
	call.diagnosis.certainty = VMP_CERTAIN;
	strcpy(call.diagnosis.explanation, "The range lies inside.");
	return call;
}
