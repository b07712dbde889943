// SPDX-License-Identifier: GPL-2.0-or-later
/* Ballast, and how many mappings are left, to the unit and without /proc. */
#include "worker/cell.h"

static char *page_of(const struct room *r, uint64_t i)
{
	return r->base + i * r->page_bytes;
}

/* Neighbours differ, so that none merges with another. */
static int rights_of(uint64_t page)
{
	return page % 2 ? PROT_READ : PROT_NONE;
}

/* All from this page on: one mapping, by rights of its own. */
static bool protect_rest(const struct room *r, uint64_t from, int rights)
{
	return !mprotect(page_of(r, from), (r->pages - from) * r->page_bytes,
			 rights);
}

/* It was not the limit that ended it, but the reservation. */
static bool all_is_held(const struct room *r)
{
	return r->held + 2 > r->pages;
}

/* Page number `held` is cut off from the rest: a split, while there is room. */
static bool hold_one(struct room *r)
{
	if (all_is_held(r) ||
	    !protect_rest(r, r->held + 1, rights_of(r->held + 1)))
		return false;
	r->held++;
	return true;
}

/* No split, and the rest merges with the page: works over the limit, too. */
static bool release_one(struct room *r)
{
	if (!r->held || !protect_rest(r, r->held, rights_of(r->held - 1)))
		return false;
	r->held--;
	return true;
}

static uint64_t release(struct room *r, uint64_t count)
{
	uint64_t done = 0;

	while (done < count && release_one(r))
		done++;
	return done;
}

static uint64_t hold(struct room *r, uint64_t count)
{
	uint64_t done = 0;

	while (done < count && hold_one(r))
		done++;
	return done;
}

/*
 * Two at once, while `held` is even: a page in the midst of the rest. Where
 * the limit lets only the first of its splits pass, hold_one() takes the two
 * halves as they are.
 */
static void hold_pairs(struct room *r)
{
	while (r->held + 3 < r->pages &&
	       !mprotect(page_of(r, r->held + 1), r->page_bytes, PROT_READ))
		r->held += 2;
}

char *vmp_room_spare(const struct room *r)
{
	return r->base - SPARE_PAGES * r->page_bytes;
}

int vmp_reserve(char *at, size_t bytes)
{
	char *got = mmap(at, bytes, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				 MAP_FIXED_NOREPLACE,
			 -1, 0);

	if (got == MAP_FAILED)
		return errno;
	if (got == at)
		return 0;
	munmap(got, bytes); /* before 4.17 the place was but a wish */
	return EEXIST;
}

static bool map_spare(struct room *r)
{
	r->spare = !vmp_reserve(vmp_room_spare(r), r->page_bytes);
	return r->spare;
}

static void unmap_spare(struct room *r)
{
	if (r->spare)
		munmap(vmp_room_spare(r), r->page_bytes);
	r->spare = false;
}

int vmp_room_open(struct room *r, uint64_t slack)
{
	int error = vmp_reserve(r->base, r->pages * r->page_bytes);

	if (error)
		return error;
	hold_pairs(r);
	hold(r, r->pages);
	if (all_is_held(r))
		return ERANGE;
	return release(r, slack) == slack ? 0 : ENOMEM;
}

int64_t vmp_room_left(struct room *r)
{
	uint64_t left;

	unmap_spare(r);
	while (vmp_oracle_over(r->oracle) == VMP_YES)
		if (!release_one(r))
			return -1;
	left = hold(r, r->pages);
	if (all_is_held(r))
		return -1;
	release(r, left);
	return (int64_t)left;
}

int64_t vmp_room_level(struct room *r)
{
	int64_t left = vmp_room_left(r);

	return left < 0 ? left : left + (int64_t)r->held;
}

/*
 * A split is refused from the limit on; mmap() alone goes beyond it, by one
 * (do_mmap() compares with >, and all the others with >=).
 */
bool vmp_room_bring(struct room *r, int headroom)
{
	int64_t left = vmp_room_left(r);
	int64_t wanted = headroom < 0 ? 0 : headroom;

	if (left < 0)
		return false;
	if (left > wanted)
		left -= (int64_t)hold(r, (uint64_t)(left - wanted));
	else
		left += (int64_t)release(r, (uint64_t)(wanted - left));
	if (left != wanted || headroom >= 0)
		return left == wanted;
	return map_spare(r) && vmp_oracle_over(r->oracle) == VMP_YES;
}
