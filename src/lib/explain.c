// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Explains a failed call of this process, which does not stand still and tells
 * less of the call than an observer sees: what is not told is tried both ways,
 * and only what follows either way is certain. Nothing here allocates.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/cause.h"
#include "lib/oracle.h"

/* How much is told of a call by its range and its errno. */
enum told {
	ALL,   /* what the kernel compares */
	SOME,  /* not whether it asks for private writable memory */
	LITTLE /* other figures or calls decide, too: nothing is certain */
};

static const struct {
	const char *name;
	enum told told;
} calls[VMP_CALLS] = {
	[VMP_CALL_MAP] = { "mmap", SOME },
	[VMP_CALL_UNMAP] = { "munmap", ALL },
	[VMP_CALL_CHANGE] = { "mprotect or madvise", SOME },
	[VMP_CALL_LOCK] = { "mlock", ALL },
	[VMP_CALL_MOVE] = { "mremap", SOME },
	[VMP_CALL_RESIZE] = { "mremap", LITTLE },
	[VMP_CALL_BREAK] = { "brk", ALL },
	[VMP_CALL_THREAD] = { "pthread_create", LITTLE },
	[VMP_CALL_PROCESS] = { "fork", LITTLE },
	[VMP_CALL_ALLOCATE] = { "malloc", LITTLE },
	[VMP_CALL_FREE] = { "free", LITTLE },
	[VMP_CALL_TOUCH] = { "a page fault", LITTLE },
};

static uint64_t round_down(uint64_t bytes, uint64_t page)
{
	return bytes / page * page;
}

static uint64_t round_up(uint64_t bytes, uint64_t page)
{
	return bytes > UINT64_MAX - page ? round_down(bytes, page)
					 : round_down(bytes + page - 1, page);
}

/* What pthread_create() maps for a stack, unless it is told otherwise. */
static size_t stack_size(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return 2 * 1024 * 1024;
	return limit.rlim_cur;
}

/* The pages that the call is about, and what it would map. */
static void set_range(struct vmp_failed_call *f, uintptr_t address,
		      size_t length)
{
	uint64_t page = f->limits.page_bytes, end;

	if (f->call == VMP_CALL_THREAD && !length)
		length = stack_size();
	if (f->call == VMP_CALL_BREAK)
		address =
			round_up(address ? address : (uintptr_t)sbrk(0), page);
	end = length > UINT64_MAX - address ? UINT64_MAX : address + length;
	f->address = round_down(address, page);
	f->length = round_up(end, page) - f->address;
	if (f->call == VMP_CALL_MAP || f->call == VMP_CALL_CHANGE ||
	    f->call == VMP_CALL_BREAK || f->call == VMP_CALL_THREAD ||
	    f->call == VMP_CALL_ALLOCATE)
		f->more_bytes = f->length;
}

static int read_figures(struct vmp_ctx *ctx, struct vmp_failed_call *f,
			uintptr_t address, size_t length)
{
	int rc = vmp_limits_read(ctx, &f->limits);

	if (rc < 0)
		return rc;
	set_range(f, address, length);
	rc = vmp_process_read(ctx, 0, &f->process);
	if (rc < 0)
		return rc;
	/* without an address the call is about no range that is there */
	return vmp_survey(ctx, 0, f->address, f->address ? f->length : 0,
			  &f->survey);
}

/* The least that the call may have asked for. */
static void ask_for_least(struct vmp_failed_call *f)
{
	if (calls[f->call].told != SOME) {
		f->writable = f->accountable = true;
		return;
	}
	f->writable = f->accountable = false;
	/* what MAP_FIXED replaces does not count twice */
	if (f->address)
		f->more_bytes = 0;
}

/* And the most: private writable memory, none of which is there already. */
static void ask_for_most(struct vmp_failed_call *f)
{
	const struct vmp_survey *s = &f->survey;
	bool counts_already = f->call == VMP_CALL_CHANGE && s->touched == 1 &&
			      (s->first.writable || s->first.shared);

	f->writable = f->accountable = !counts_already;
	f->more_bytes = f->length;
}

static void weaken(enum vmp_certainty *certainty)
{
	if (*certainty == VMP_CERTAIN)
		*certainty = VMP_LIKELY;
}

/* Certain is what two looks agree on. */
static void diagnose(struct vmp_failed_call *f, struct vmp_diagnosis *d)
{
	enum told told = calls[f->call].told;
	struct vmp_diagnosis most;

	ask_for_least(f);
	vmp_diagnose(f, d);
	if (told == ALL)
		return;
	if (told == SOME) {
		ask_for_most(f);
		vmp_diagnose(f, &most);
		if (d->certainty == VMP_CERTAIN && most.cause == d->cause &&
		    most.certainty == VMP_CERTAIN)
			return;
		if (d->certainty != VMP_CERTAIN)
			*d = most;
	}
	weaken(&d->certainty);
	weaken(&d->map_limit);
}

static int cannot_explain(struct vmp_ctx *ctx, struct vmp_diagnosis *d, int rc)
{
	d->cause = VMP_CAUSE_UNKNOWN;
	d->certainty = d->map_limit = VMP_UNCERTAIN;
	snprintf(d->explanation, sizeof(d->explanation),
		 "What would tell the reason cannot be read: %s.",
		 vmp_error(ctx));
	return rc;
}

int vmp_explain_errno(struct vmp_ctx *ctx, enum vmp_call call,
		      const void *address, size_t length, int error,
		      struct vmp_diagnosis *diagnosis)
{
	struct vmp_failed_call f = { .call = call, .error = error };
	int rc;

	if ((unsigned int)call >= VMP_CALLS) {
		rc = vmp_fail(ctx, -EINVAL, "%d is no call", (int)call);
		return cannot_explain(ctx, diagnosis, rc);
	}
	f.name = calls[call].name;
	/* first, nearest to the failure; to reserve pages now would map more */
	if (ctx->self)
		vmp_self_ask(ctx, &f.oracles);
	rc = read_figures(ctx, &f, (uintptr_t)address, length);
	if (rc < 0)
		return cannot_explain(ctx, diagnosis, rc);
	diagnose(&f, diagnosis);
	return 0;
}
