// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who owns private memory without a name: what it lies beside, and its
 * pattern, tell. Each pass takes what it recognises; the next gets the rest.
 */
#include <errno.h>
#include <string.h>

#include "lib/census.h"

enum {
	/* Pairs of the same two sizes and permissions that are a pattern */
	FEWEST_PAIRS = 3,
	/* Patterns that are told apart; more go by permissions and size alone */
	MOST_PATTERNS = 64,
};

#define MIB (UINT64_C(1024) * 1024)

static bool are_adjacent(const struct vmp_entry *a, const struct vmp_entry *b)
{
	return a->end == b->start;
}

static int give(struct vmp_census *c, struct vmp_entry *e, enum vmp_owner owner,
		uint64_t key)
{
	int64_t row = vmp_row_of(c, owner, key);

	if (row < 0)
		return (int)row;
	vmp_own(c, e, (uint32_t)row);
	return 0;
}

static bool has_rights(const struct vmp_entry *e, unsigned int bits)
{
	return vmp_permissions(e) == bits;
}

static enum vmp_owner owner_of(const struct vmp_census *c,
			       const struct vmp_entry *e)
{
	return e->row == VMP_NO_ROW ? VMP_OWNERS : c->rows[e->row].public.owner;
}

/*
 * A heap of a glibc arena: HEAP_MAX_SIZE long and aligned (64 MiB; 1 MiB in a
 * 32-bit process), writable as far as it is used. Where one is full it merges
 * with the next.
 *
 *   7f1a40000000-7f1a40021000 rw-p 00000000 00:00 0
 *   7f1a40021000-7f1a44000000 ---p 00000000 00:00 0
 */
static bool is_arena(const struct vmp_census *c, const struct vmp_entry *e,
		     uint64_t heap)
{
	const struct vmp_entry *rest = e + 1;
	bool named = owner_of(c, e) == VMP_OWNER_ARENA;

	return (named || vmp_is_plain(e)) &&
	       has_rights(e, VMP_READ | VMP_WRITE) && vmp_is_plain(rest) &&
	       has_rights(rest, 0) && are_adjacent(e, rest) &&
	       e->start % heap == 0 && rest->end % heap == 0 &&
	       vmp_entry_bytes(rest) < heap && rest->end - e->start <= 4 * heap;
}

/* glibc 2.39 gives the part that is used a name, if told to; not the rest. */
int vmp_own_arenas(struct vmp_census *c)
{
	bool small = c->entries[c->count - 1].end <= UINT64_C(1) << 32;
	uint64_t heap = small ? MIB : 64 * MIB;
	int rc = 0;

	for (size_t i = 0; i + 1 < c->count && rc == 0; i++) {
		struct vmp_entry *e = &c->entries[i];

		if (!is_arena(c, e, heap))
			continue;
		if (e->row == VMP_NO_ROW)
			rc = give(c, e, VMP_OWNER_ARENA, 0);
		rc = rc < 0 ? rc : give(c, e + 1, VMP_OWNER_ARENA, 0);
	}
	return rc;
}

/* The .bss: writable memory right above the last segment of a program. */
static void own_bss(struct vmp_census *c)
{
	for (size_t i = 1; i < c->count; i++) {
		struct vmp_entry *e = &c->entries[i], *below = e - 1;
		enum vmp_owner owner = owner_of(c, below);

		if ((owner == VMP_OWNER_PROGRAM ||
		     owner == VMP_OWNER_LIBRARY) &&
		    below->name && vmp_is_plain(e) && are_adjacent(below, e) &&
		    (e->bits & VMP_WRITE))
			vmp_own(c, e, below->row);
	}
}

static int own_code(struct vmp_census *c)
{
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i++)
		if (vmp_is_plain(&c->entries[i]) &&
		    (c->entries[i].bits & VMP_EXECUTE))
			rc = give(c, &c->entries[i], VMP_OWNER_JIT, 0);
	return rc;
}

/* Sizes go by powers of two: 4-7 KiB are one class. */
static uint64_t size_class(const struct vmp_entry *e)
{
	return 63 - (uint64_t)__builtin_clzll(vmp_entry_bytes(e));
}

/* One of the two of a pattern: its exact size, up to 256 GiB, and rights. */
static uint64_t half_key(const struct vmp_entry *e)
{
	return (vmp_entry_bytes(e) / 4096 & 0x3ffffff) << 4 |
	       vmp_permissions(e);
}

static uint64_t key_of(const struct vmp_entry *e)
{
	return size_class(e) << 4 | vmp_permissions(e);
}

static bool are_alike(const struct vmp_entry *a, const struct vmp_entry *b)
{
	return vmp_permissions(a) == vmp_permissions(b) &&
	       vmp_entry_bytes(a) == vmp_entry_bytes(b);
}

/* How many mappings from here on are a, b, a, b, ... without a hole. */
static size_t pattern_length(const struct vmp_census *c, size_t first)
{
	const struct vmp_entry *e = &c->entries[first];
	size_t n = 1, most = c->count - first;

	if (most < 2 || vmp_permissions(&e[0]) == vmp_permissions(&e[1]))
		return 1;
	while (n < most && vmp_is_plain(&e[n]) &&
	       are_adjacent(&e[n - 1], &e[n]) &&
	       (n == 1 || are_alike(&e[n - 2], &e[n])))
		n++;
	return n;
}

/* The pattern's key: the same whichever of the two comes first. */
static uint64_t pattern_key(const struct vmp_entry *e)
{
	uint64_t a = half_key(&e[0]), b = half_key(&e[1]);

	return VMP_PATTERN | (a > b ? a << 30 | b : b << 30 | a);
}

static int own_pattern(struct vmp_census *c, size_t first, size_t length,
		       size_t *patterns)
{
	uint64_t key = pattern_key(&c->entries[first]);
	size_t rows = c->row_count;
	int64_t row = vmp_row_of(c, VMP_OWNER_ANON, key);

	if (row < 0)
		return (int)row;
	*patterns += c->row_count - rows;
	for (size_t i = 0; i < length; i++)
		vmp_own(c, &c->entries[first + i], (uint32_t)row);
	return 0;
}

static int own_patterns(struct vmp_census *c)
{
	size_t patterns = 0, length;
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i += length) {
		length = 1;
		if (!vmp_is_plain(&c->entries[i]))
			continue;
		length = pattern_length(c, i);
		if (length >= 2 * FEWEST_PAIRS && patterns < MOST_PATTERNS)
			rc = own_pattern(c, i, length, &patterns);
		else if (length > 1)
			length--; /* its last may begin another */
	}
	return rc;
}

static bool is_larger(const struct vmp_entry *e, const struct vmp_entry *guard)
{
	return (e->bits & VMP_COUNTED) &&
	       (e->bits & (VMP_READ | VMP_WRITE | VMP_EXECUTE)) &&
	       vmp_entry_bytes(e) > vmp_entry_bytes(guard);
}

/* No access rights, and a larger mapping that has some right beside it. */
static bool is_guard(const struct vmp_census *c, size_t i)
{
	const struct vmp_entry *e = &c->entries[i];

	if (!vmp_is_plain(e) || vmp_permissions(e))
		return false;
	if (i && are_adjacent(e - 1, e) && is_larger(e - 1, e))
		return true;
	return i + 1 < c->count && are_adjacent(e, e + 1) &&
	       is_larger(e + 1, e);
}

static int own_guards(struct vmp_census *c)
{
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i++)
		if (is_guard(c, i))
			rc = give(c, &c->entries[i], VMP_OWNER_GUARD, 0);
	return rc;
}

/* Without a file or a name, but shared or with an inode: no kernel says so. */
static bool is_rest(const struct vmp_entry *e)
{
	return e->row == VMP_NO_ROW && !e->name;
}

static int own_rest(struct vmp_census *c)
{
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i++)
		if (is_rest(&c->entries[i]))
			rc = give(c, &c->entries[i], VMP_OWNER_ANON,
				  key_of(&c->entries[i]));
	return rc;
}

int vmp_own_anonymous(struct vmp_census *c)
{
	int rc;

	own_bss(c);
	rc = own_code(c);
	rc = rc < 0 ? rc : own_patterns(c);
	rc = rc < 0 ? rc : own_guards(c);
	return rc < 0 ? rc : own_rest(c);
}
