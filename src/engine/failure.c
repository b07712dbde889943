// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads all that tells why a call of the worker failed, while it is fresh. */
#include "engine/observe.h"
#include "lib/diagnose.h"

static uint64_t page_round(const struct vmp_observer *o, uint64_t bytes)
{
	return vmp_whole_pages(bytes, o->run->page_bytes);
}

/* How many bytes more would be mapped, had the call worked? */
static uint64_t more_bytes(const struct vmp_observer *o,
			   const struct vmp_step_order *order,
			   const struct vmp_call_failure *f)
{
	uint64_t size = (uint64_t)order->key[VMP_KEY_size];

	switch (vmp_verbs[order->verb].what) {
	case VMP_CALL_MAP:
	case VMP_CALL_CHANGE:
		return page_round(o, f->length);
	case VMP_CALL_RESIZE:
	case VMP_CALL_MOVE:
		return size > f->length ? page_round(o, size - f->length) : 0;
	case VMP_CALL_BREAK:
	case VMP_CALL_THREAD:
	case VMP_CALL_ALLOCATE:
		return page_round(o, size);
	default:
		return 0;
	}
}

enum { PROTECTION_WRITE = 2 };

/* What is mapped, as words.def numbers it. */
enum { VMP_ANON = 0, VMP_SHARED = 1, VMP_PRIVATE_FILE = 3 };

/* Does the call map one of these two? */
static bool maps_backing(const struct vmp_step_order *order, int64_t one,
			 int64_t other)
{
	int64_t backing = order->key[VMP_KEY_backing];

	return (order->verb == VMP_VERB_map || order->verb == VMP_VERB_place) &&
	       (backing == one || backing == other);
}

/* Does the call ask for private writable memory that was not so before? */
static bool asks_for_writable(const struct vmp_step_order *order,
			      const struct vmp_survey *survey)
{
	switch (vmp_verbs[order->verb].what) {
	case VMP_CALL_MAP:
		return maps_backing(order, VMP_ANON, VMP_PRIVATE_FILE) &&
		       order->key[VMP_KEY_prot] & PROTECTION_WRITE;
	case VMP_CALL_CHANGE:
		return order->verb == VMP_VERB_protect &&
		       order->key[VMP_KEY_prot] & PROTECTION_WRITE &&
		       !survey->first.writable && !survey->first.shared;
	case VMP_CALL_RESIZE:
	case VMP_CALL_MOVE:
		return survey->first.writable && !survey->first.shared;
	case VMP_CALL_BREAK:
	case VMP_CALL_THREAD:
	case VMP_CALL_ALLOCATE:
		return true;
	default:
		return false;
	}
}

/* Charged to the commit limit: mode 2 charges MAP_NORESERVE all the same. */
static bool is_accountable(const struct vmp_step_order *order,
			   const struct vmp_failed_call *call)
{
	if (!call->writable && !maps_backing(order, VMP_SHARED, VMP_SHARED))
		return false;
	return !order->key[VMP_KEY_noreserve] ||
	       call->limits.overcommit_memory == 2;
}

static int read_facts(struct vmp_observer *o,
		      const struct vmp_step_order *order,
		      struct vmp_failed_call *call)
{
	pid_t pid = o->child.pid;
	uint64_t length = call->length;
	int rc = vmp_limits_read(o->ctx, &call->limits);

	if (call->call == VMP_CALL_BREAK) {
		call->address = page_round(o, call->address);
		length = page_round(o, (uint64_t)order->key[VMP_KEY_size]);
	}
	/* what a shrink unmaps is the tail */
	if (call->call == VMP_CALL_RESIZE && !call->more_bytes) {
		call->address += (uint64_t)order->key[VMP_KEY_size];
		length -= page_round(o, (uint64_t)order->key[VMP_KEY_size]);
	}
	rc = rc < 0 ? rc : vmp_process_read(o->ctx, pid, &call->process);
	rc = rc < 0 ? rc
		    : vmp_survey(o->ctx, pid, call->address, length,
				 &call->survey);
	if (rc < 0)
		return rc;
	call->in_place = order->verb == VMP_VERB_resize &&
			 order->key[VMP_KEY_stay];
	call->blocked = call->in_place && call->survey.next_is_adjacent;
	call->writable = asks_for_writable(order, &call->survey);
	call->accountable = is_accountable(order, call);
	return 0;
}

int vmp_observe_failure(struct vmp_observer *o,
			const struct vmp_step_order *order,
			const struct vmp_step_progress *p,
			struct vmp_step_result *r)
{
	struct vmp_failed_call call = {
		.call = vmp_verbs[order->verb].what,
		.name = vmp_verbs[order->verb].call,
		.address = p->first.address,
		.length = page_round(o, p->first.length),
		.more_bytes = more_bytes(o, order, &p->first),
		.error = p->first.error > 0 ? p->first.error : 0,
		.oracles = o->child.shared->oracles,
	};
	int rc = read_facts(o, order, &call);

	if (rc < 0)
		return rc;
	vmp_diagnose(&call, &r->diagnosis);
	r->first = p->first;
	r->first_mappings = call.survey.mappings;
	r->first_limit = call.limits.max_map_count;
	o->mappings = call.survey.mappings;
	return 0;
}
