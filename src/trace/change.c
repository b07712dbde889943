// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The change of the map count by one call: the mappings in its range, and those
 * that touch it, before and after. Only they can be cut, merged, made or gone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/internal.h"
#include "trace/change.h"

struct window {
	uint64_t start, end;
};

static int64_t count(struct vmp_ctx *ctx, pid_t pid, struct window w)
{
	return w.end ? vmp_count_near(ctx, pid, w.start, w.end) : 0;
}

/* Field 47 of stat: where the heap begins; 0 where that is not told. */
static uint64_t heap_start(struct vmp_ctx *ctx, pid_t pid)
{
	char path[256], text[2048], *at;

	vmp_proc_path(ctx, pid, "stat", path, sizeof(path));
	if (vmp_read_file(path, text, sizeof(text)) <= 0)
		return 0;
	/* field 2 is a name in brackets, which may hold anything */
	at = strrchr(text, ')');
	for (int field = 2; at && field < 47; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

/* Where the call changes what is there now. */
static struct window source_of(struct vmp_ctx *ctx, pid_t pid,
			       const struct vmp_syscall *row, const uint64_t *a)
{
	struct vmp_failed_call f;
	uint64_t longer;

	if (row->number == __NR_mremap) {
		longer = a[1] > a[2] ? a[1] : a[2];
		return (struct window){ a[0], a[0] + longer };
	}
	if (row->call == VMP_CALL_BREAK)
		return (struct window){ heap_start(ctx, pid), a[0] };
	if (row->number == __NR_shmdt)
		return (struct window){ a[0], a[0] + 1 };
	vmp_syscall_figures(row, a, 0, &f);
	return (struct window){ f.address,
				f.length ? f.address + f.length : 0 };
}

/* Where mremap() is told to go. */
static struct window target_of(const struct vmp_syscall *row, const uint64_t *a)
{
	struct window nowhere = { 0, 0 };

	if (row->number != __NR_mremap || !(a[3] & MREMAP_FIXED))
		return nowhere;
	return (struct window){ a[4], a[4] + a[2] };
}

/* Where the kernel has put what it chose the place of. */
static struct window chosen_of(const struct vmp_trace_call *call)
{
	struct window nowhere = { 0, 0 };
	struct vmp_failed_call f;
	uint64_t at = (uint64_t)call->result;

	if (call->error)
		return nowhere;
	if (call->row->number == __NR_mremap)
		return at == call->arguments[0] ||
				       call->arguments[3] & MREMAP_FIXED
			       ? nowhere
			       : (struct window){ at, at + call->arguments[2] };
	if (call->row->call != VMP_CALL_MAP)
		return nowhere;
	vmp_syscall_figures(call->row, call->arguments, 0, &f);
	return f.length || !f.more_bytes
		       ? nowhere
		       : (struct window){ at, at + f.more_bytes };
}

int64_t vmp_change_before(struct vmp_ctx *ctx, pid_t pid,
			  const struct vmp_syscall *row,
			  const uint64_t *arguments)
{
	int64_t source = count(ctx, pid, source_of(ctx, pid, row, arguments));
	int64_t target = count(ctx, pid, target_of(row, arguments));

	return source < 0 || target < 0 ? -1 : source + target;
}

/* What was free before: its neighbours alone were there. */
static int64_t count_neighbours(struct vmp_ctx *ctx, pid_t pid, struct window w)
{
	struct vmp_survey below, above;

	if (!w.end)
		return 0;
	if (vmp_survey_range(ctx, pid, w.start - 1, 1, &below) < 0 ||
	    vmp_survey_range(ctx, pid, w.end, 1, &above) < 0)
		return -1;
	return (int64_t)below.touched + (int64_t)above.touched;
}

int64_t vmp_change_after(struct vmp_ctx *ctx, const struct vmp_trace_call *call,
			 int64_t mark)
{
	const uint64_t *a = call->arguments;
	struct window chosen = chosen_of(call);
	int64_t before = count_neighbours(ctx, call->pid, chosen);
	int64_t after = count(ctx, call->pid, chosen);
	int64_t rest = vmp_change_before(ctx, call->pid, call->row, a);

	if (mark < 0 || before < 0 || after < 0 || rest < 0 ||
	    call->row->number == __NR_io_setup)
		return VMP_CHANGE_UNKNOWN;
	return rest - mark + after - before;
}
