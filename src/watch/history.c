// SPDX-License-Identifier: GPL-2.0-or-later
/* Remembers processes from sample to sample: growth, rate, peak. */
#include <stdlib.h>

#include "lib/internal.h"
#include "watch/history.h"

enum { SLOTS_AT_FIRST = 1024 };

/* Where a PID is, or would be. The upper bits of the product are spread best. */
static size_t slot_of(const struct vmp_history *h, pid_t pid)
{
	size_t mask = h->slot_count - 1;
	int shift = __builtin_clz((uint32_t)h->slot_count) + 1;
	size_t at = (uint32_t)pid * 2654435769u >> shift;

	while (h->slots[at] && h->list[h->slots[at] - 1].pid != pid)
		at = (at + 1) & mask;
	return at;
}

static void fill_slots(struct vmp_history *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->slots[slot_of(h, h->list[i].pid)] = (uint32_t)(i + 1);
}

/* Half of the slots stay free. */
static bool make_slots(struct vmp_history *h)
{
	size_t count = h->slot_count ? h->slot_count * 2 : SLOTS_AT_FIRST;
	uint32_t *slots;

	if (h->count < h->slot_count / 2)
		return true;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return false;
	free(h->slots);
	h->slots = slots;
	h->slot_count = count;
	fill_slots(h);
	return true;
}

static bool make_room(struct vmp_history *h)
{
	size_t room = h->room ? h->room * 2 : SLOTS_AT_FIRST / 2;
	struct vmp_past *list;

	if (h->count < h->room)
		return true;
	list = realloc(h->list, room * sizeof(*list));
	if (!list)
		return false;
	h->list = list;
	h->room = room;
	return true;
}

struct vmp_past *vmp_history_get(struct vmp_history *h, pid_t pid,
				 uint64_t start)
{
	struct vmp_past *past;
	size_t slot;

	if (!make_slots(h) || !make_room(h))
		return NULL;
	slot = slot_of(h, pid);
	if (!h->slots[slot]) {
		h->list[h->count] =
			(struct vmp_past){ .pid = pid, .start = start };
		h->slots[slot] = (uint32_t)++h->count;
	}
	past = &h->list[h->slots[slot] - 1];
	if (past->start != start)
		*past = (struct vmp_past){ .pid = pid, .start = start };
	past->turn = h->turn;
	return past;
}

/*
 * The rate is measured from a reading of one to two minutes ago: two are kept,
 * and each minute the newer one becomes the older one.
 */
static void measure(struct vmp_past *p, struct vmp_anchor now)
{
	double seconds;

	if (now.seconds - p->newer.seconds >= 60) {
		p->older = p->newer;
		p->newer = now;
	}
	seconds = now.seconds - p->older.seconds;
	p->has_rate = seconds >= 1;
	if (p->has_rate)
		p->per_minute = (double)(now.mappings - p->older.mappings) *
				60 / seconds;
}

void vmp_past_add(struct vmp_past *p, double seconds, int64_t mappings)
{
	struct vmp_anchor now = { seconds, mappings };

	if (!p->readings)
		p->older = p->newer = now;
	p->growth = p->readings ? mappings - p->mappings : 0;
	p->mappings = mappings;
	if (mappings > p->peak)
		p->peak = mappings;
	p->seconds = seconds;
	p->readings++;
	measure(p, now);
}

/*
 * What was not seen twice has ended. Once may be a miss: a process whose second
 * thread calls execve() has two numbers for a moment, and none to be found by.
 */
void vmp_history_sweep(struct vmp_history *h)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->count; i++)
		if (h->list[i].turn + 1 >= h->turn)
			h->list[kept++] = h->list[i];
	h->turn++;
	if (kept == h->count)
		return;
	h->count = kept;
	for (size_t i = 0; i < h->slot_count; i++)
		h->slots[i] = 0;
	fill_slots(h);
}

void vmp_history_free(struct vmp_history *h)
{
	free(h->list);
	free(h->slots);
	*h = (struct vmp_history){ 0 };
}
