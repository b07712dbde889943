// SPDX-License-Identifier: LGPL-2.1-or-later
/* Counts pairs of adjacent mappings by why they stay apart, and whose they are. */
#include <errno.h>
#include <string.h>

#include "lib/neighbour.h"

/* A row in the making, and what tells it from others. */
struct found {
	enum vmp_reason reason;
	enum vmp_owner first, second;
	uint64_t detail, pairs, example;
};

struct tally {
	struct vmp_census *c;
	struct found *rows;
	size_t count, room;
	uint32_t *slots; /* by hash: number + 1; 0: empty */
	size_t slot_count;
	size_t recent[2]; /* rows */
	size_t hidden;	  /* where the last fact was */
};

static bool is_same(const struct found *a, const struct found *b)
{
	return a->reason == b->reason && a->detail == b->detail &&
	       a->first == b->first && a->second == b->second;
}

static size_t slot_of(const struct tally *t, const struct found *f)
{
	uint64_t key[] = { f->detail, (uint64_t)f->reason << 16 |
					      (uint64_t)f->first << 8 |
					      (uint64_t)f->second };
	size_t mask = t->slot_count - 1;
	size_t at = vmp_hash((const char *)key, sizeof(key)) & mask;

	while (t->slots[at] && !is_same(&t->rows[t->slots[at] - 1], f))
		at = (at + 1) & mask;
	return at;
}

static int grow(struct tally *t)
{
	size_t wanted = t->slot_count ? 2 * t->slot_count : 64;
	uint32_t *slots;

	if (vmp_grow(&t->rows, t->count, &t->room, sizeof(*t->rows)) < 0)
		return -ENOMEM;
	if (2 * t->count < t->slot_count)
		return 0;
	slots = calloc(wanted, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(t->slots);
	t->slots = slots;
	t->slot_count = wanted;
	for (size_t i = 0; i < t->count; i++)
		t->slots[slot_of(t, &t->rows[i])] = (uint32_t)i + 1;
	return 0;
}

/* One of the last two rows is likely the one: patterns take turns. */
static bool count_again(struct tally *t, const struct found *f)
{
	for (size_t i = 0; i < 2 && t->count; i++)
		if (is_same(&t->rows[t->recent[i]], f)) {
			t->rows[t->recent[i]].pairs++;
			return true;
		}
	return false;
}

static int count_pair(struct tally *t, const struct found *f)
{
	size_t at;

	if (count_again(t, f))
		return 0;
	if (grow(t) < 0)
		return -ENOMEM;
	at = slot_of(t, f);
	if (!t->slots[at]) {
		t->rows[t->count++] = *f;
		t->slots[at] = (uint32_t)t->count;
	}
	t->recent[1] = t->recent[0];
	t->recent[0] = t->slots[at] - 1;
	t->rows[t->recent[0]].pairs++;
	return 0;
}

/* The hidden fact of exactly this mapping; both go up in their addresses. */
static const struct vmp_hidden *hidden_of(struct tally *t,
					  const struct vmp_entry *e)
{
	const struct vmp_hidden *facts = t->c->hidden;

	while (t->hidden < t->c->hidden_count &&
	       facts[t->hidden].start < e->start)
		t->hidden++;
	if (t->hidden < t->c->hidden_count &&
	    facts[t->hidden].start == e->start &&
	    facts[t->hidden].end == e->end)
		return &facts[t->hidden];
	return NULL;
}

static enum vmp_owner owner_of(const struct vmp_census *c,
			       const struct vmp_entry *e)
{
	return c->rows[e->row].public.owner;
}

static int tally_pairs(struct tally *t)
{
	/* what maps shows; soft-dirty and guard marks, which merges ignore */
	static const char *const ignored[] = { "rd", "wr", "ex",
					       "sh", "sd", "gu" };
	static const char *const special[] = { "io", "de", "pf", "mm" };
	static const char *const userfault[] = { "um", "uw", "ui", "ur" };
	struct vmp_census *c = t->c;
	struct vmp_pair p = {
		.census = c,
		.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
		.ignored_flags = vmp_flags_named(ignored, VMP_COUNT(ignored)),
		.special_flags = vmp_flags_named(special, VMP_COUNT(special)),
		.userfault_flags =
			vmp_flags_named(userfault, VMP_COUNT(userfault)),
	};
	struct found f = { .pairs = 0 };
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i++) {
		p.a = p.b;
		p.b = &c->entries[i];
		p.hidden_a = p.hidden_b;
		p.hidden_b = hidden_of(t, p.b);
		if (!i || p.a->end != p.b->start ||
		    !(p.a->bits & p.b->bits & VMP_COUNTED))
			continue;
		c->subject.pairs++;
		f.reason = vmp_reason_of(&p, &f.detail);
		f.first = owner_of(c, p.a);
		f.second = owner_of(c, p.b);
		f.example = p.b->start;
		rc = count_pair(t, &f);
	}
	return rc;
}

static int by_pairs(const void *a, const void *b)
{
	const struct vmp_reason_row *x = a, *y = b;

	if (x->pairs != y->pairs)
		return x->pairs < y->pairs ? 1 : -1;
	return x->example < y->example ? -1 : x->example > y->example;
}

static int make_rows(struct tally *t)
{
	struct vmp_census *c = t->c;

	c->reasons = calloc(t->count + 1, sizeof(*c->reasons));
	if (!c->reasons)
		return -ENOMEM;
	for (; c->reason_count < t->count; c->reason_count++) {
		const struct found *f = &t->rows[c->reason_count];
		char *detail = vmp_detail_text(f->reason, f->detail);

		if (!detail)
			return -ENOMEM;
		c->reasons[c->reason_count] = (struct vmp_reason_row){
			.reason = f->reason,
			.detail = detail,
			.first = f->first,
			.second = f->second,
			.pairs = f->pairs,
			.example = f->example,
		};
	}
	qsort(c->reasons, c->reason_count, sizeof(*c->reasons), by_pairs);
	return 0;
}

void vmp_forget_reasons(struct vmp_census *c)
{
	for (size_t i = 0; i < c->reason_count; i++)
		free((char *)c->reasons[i].detail);
	free(c->reasons);
	c->reasons = NULL;
	c->reason_count = 0;
	c->subject.pairs = 0;
}

int vmp_find_reasons(struct vmp_census *c)
{
	struct tally t = { .c = c };
	int rc;

	vmp_forget_reasons(c);
	rc = tally_pairs(&t);

	rc = rc < 0 ? rc : make_rows(&t);
	free(t.rows);
	free(t.slots);
	return rc;
}
