// SPDX-License-Identifier: GPL-2.0-or-later
/* Sums over the calls of a trace. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/census.h"
#include "lib/newer.h"
#include "trace/leaks.h"
#include "trace/sites.h"

struct vmp_tally {
	struct vmp_tally_row *rows;
	size_t row_count, row_room;
	struct vmp_sites sites;
	struct vmp_leaks leaks;
	uint64_t failures;
};

struct vmp_tally *vmp_tally_new(void)
{
	return calloc(1, sizeof(struct vmp_tally));
}

void vmp_tally_free(struct vmp_tally *t)
{
	if (!t)
		return;
	vmp_leaks_fini(&t->leaks);
	vmp_sites_fini(&t->sites);
	free(t->rows);
	free(t);
}

static int count_row(struct vmp_tally *t, const struct vmp_tally_row *kind)
{
	struct vmp_tally_row *r = t->rows, *end = r + t->row_count;

	while (r < end && (r->row != kind->row || r->error != kind->error ||
			   r->cause != kind->cause))
		r++;
	if (r == end) {
		if (vmp_grow(&t->rows, t->row_count, &t->row_room, sizeof(*r)) <
		    0)
			return -ENOMEM;
		r = &t->rows[t->row_count++];
		*r = *kind;
	}
	r->doubted |= kind->doubted;
	r->failures++;
	t->failures++;
	return 0;
}

/* Returns: is it the first of its errno and cause here? */
static bool count_failure(struct vmp_place *p, const struct vmp_tally_row *kind)
{
	unsigned int error = kind->error == ENOMEM   ? 0
			     : kind->error == EAGAIN ? 1
						     : 2;
	uint64_t bit = UINT64_C(1) << (3 * (unsigned int)kind->cause + error);
	bool is_new = !(p->kinds & bit);

	if (!p->site.failures++)
		p->site.first = *kind;
	p->kinds |= bit;
	return is_new;
}

/* It shall be given back and was not: munmap(), or mremap() to less. */
static int leak(struct vmp_tally *t, const struct vmp_trace_call *call,
		struct vmp_site *site)
{
	uint64_t bytes = vmp_syscall_release(call->row, call->arguments);
	uint64_t start = call->arguments[0];

	if (!bytes)
		return 0;
	if (call->row->number == SYS_mremap)
		start += vmp_page_align(call->arguments[2]);
	return vmp_leaks_add(&t->leaks, call->pid, start, start + bytes,
			     &site->leaked_bytes);
}

static int remove_from(struct vmp_tally *t, pid_t pid, uint64_t start,
		       uint64_t bytes)
{
	return vmp_leaks_remove(&t->leaks, pid, start,
				start + vmp_page_align(bytes));
}

static int release_mremap(struct vmp_tally *t, const struct vmp_trace_call *c)
{
	uint64_t old = c->arguments[0], made = (uint64_t)c->result;
	uint64_t before = vmp_page_align(c->arguments[1]);
	uint64_t after = vmp_page_align(c->arguments[2]);
	int rc = 0;

	if (made == old && before < after)
		return remove_from(t, c->pid, old + before, after - before);
	if (made == old)
		return remove_from(t, c->pid, old + after, before - after);
	if (!(c->arguments[3] & MREMAP_DONTUNMAP))
		rc = remove_from(t, c->pid, old, before);
	return rc ? rc : remove_from(t, c->pid, made, after);
}

/* What a call that worked has unmapped, or mapped over. */
static int release(struct vmp_tally *t, const struct vmp_trace_call *c)
{
	switch (t->leaks.ranges ? c->row->number : -1) {
	case SYS_munmap:
		return remove_from(t, c->pid, c->arguments[0], c->arguments[1]);
	case SYS_mmap:
		return remove_from(t, c->pid, (uint64_t)c->result,
				   c->arguments[1]);
	case SYS_mremap:
		return release_mremap(t, c);
	default:
		return 0;
	}
}

static void count_call(struct vmp_site *site, const struct vmp_trace_call *call)
{
	site->calls++;
	if (call->change == VMP_CHANGE_UNKNOWN)
		return;
	site->counted++;
	site->mappings += call->change;
}

int vmp_tally_add(struct vmp_tally *t, const struct vmp_trace_call *call,
		  const struct vmp_frame *frames, size_t count)
{
	const struct vmp_tally_row kind = {
		.row = call->row,
		.error = call->error,
		.cause = call->diagnosis.cause,
		.doubted = call->diagnosis.certainty == VMP_LIKELY
	};
	int rc = call->error ? 0 : release(t, call);
	struct vmp_place *place;
	bool is_new;

	if (rc < 0 || (!call->failed && !count))
		return rc;
	place = vmp_sites_find(&t->sites, call, frames, count);
	if (!place)
		return -ENOMEM;
	count_call(&place->site, call);
	if (!call->failed)
		return 0;
	is_new = count_failure(place, &kind);
	rc = count_row(t, &kind);
	rc = rc ? rc : leak(t, call, &place->site);
	return rc ? rc : is_new;
}

void vmp_tally_settle(struct vmp_tally *t, pid_t pid)
{
	vmp_leaks_settle(&t->leaks, pid);
}

static int compare_rows(const void *a_, const void *b_)
{
	const struct vmp_tally_row *a = a_, *b = b_;
	int order = vmp_order_of(b->failures, a->failures);

	if (!order)
		order = vmp_order_of((uintptr_t)a->row, (uintptr_t)b->row);
	if (!order)
		order = a->error - b->error;
	return order ? order : (int)a->cause - (int)b->cause;
}

const struct vmp_tally_row *vmp_tally_rows(struct vmp_tally *t, size_t *count)
{
	*count = t->row_count;
	if (t->row_count)
		qsort(t->rows, t->row_count, sizeof(*t->rows), compare_rows);
	return t->rows;
}

const struct vmp_site *const *
vmp_tally_sites(struct vmp_tally *t, enum vmp_site_order order, size_t *count)
{
	vmp_sites_sort(&t->sites, order);
	*count = t->sites.count;
	return t->sites.list;
}

uint64_t vmp_tally_leaked_bytes(const struct vmp_tally *t)
{
	return t->leaks.bytes;
}

uint64_t vmp_tally_failures(const struct vmp_tally *t)
{
	return t->failures;
}
