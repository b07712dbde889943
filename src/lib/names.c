// SPDX-License-Identifier: LGPL-2.1-or-later
/* Keeps each distinct name once, and finds its number. */
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>

#include "lib/census.h"

int vmp_grow(void *array, size_t count, size_t *room, size_t size)
{
	void **at = array, *larger;
	size_t wanted = *room ? *room * 2 : 64;

	if (count < *room)
		return 0;
	larger = reallocarray(*at, wanted, size);
	if (!larger)
		return -ENOMEM;
	*at = larger;
	*room = wanted;
	return 0;
}

/* What nobody who makes names knows: the kernel's 16 bytes for this process. */
static void read_secret(uint64_t secret[2])
{
	const void *bytes = (const void *)getauxval(AT_RANDOM);

	if (bytes)
		memcpy(secret, bytes, 2 * sizeof(*secret));
}

static uint64_t rotate(uint64_t value, unsigned int bits)
{
	return value << bits | value >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012): a process could else choose its
 * names so that all are in one slot, and a census of it never ends.
 */
uint64_t vmp_hash(const char *text, size_t length)
{
	uint64_t secret[2] = { 1, 2 }, v[4], word,
		 last = (uint64_t)length << 56;
	size_t i;

	read_secret(secret);
	v[0] = secret[0] ^ UINT64_C(0x736f6d6570736575);
	v[1] = secret[1] ^ UINT64_C(0x646f72616e646f6d);
	v[2] = secret[0] ^ UINT64_C(0x6c7967656e657261);
	v[3] = secret[1] ^ UINT64_C(0x7465646279746573);
	for (i = 0; i + 8 <= length; i += 8) {
		memcpy(&word, text + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = 0;
	memcpy(&word, text + i, length - i);
	word |= last;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

const char *vmp_name_text(const struct vmp_names *names, uint32_t name)
{
	return names->text + names->rows[name].offset;
}

static bool is_name(const struct vmp_names *n, uint32_t i, const char *text,
		    size_t length)
{
	return n->rows[i].length == length &&
	       !memcmp(vmp_name_text(n, i), text, length);
}

static void place(struct vmp_names *n, uint32_t name)
{
	size_t mask = n->slot_count - 1, at = n->rows[name].hash & mask;

	while (n->slots[at])
		at = (at + 1) & mask;
	n->slots[at] = name;
}

/* At most half of the slots are taken. */
static int grow_slots(struct vmp_names *n)
{
	size_t wanted = n->slot_count ? n->slot_count * 2 : 256;
	uint32_t *slots;

	if (n->count * 2 < n->slot_count)
		return 0;
	slots = calloc(wanted, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(n->slots);
	n->slots = slots;
	n->slot_count = wanted;
	for (uint32_t i = 1; i < n->count; i++)
		place(n, i);
	return 0;
}

static int grow_text(struct vmp_names *n, size_t length)
{
	size_t wanted = n->size ? n->size : 4096;
	char *larger;

	while (wanted - n->used <= length)
		wanted *= 2;
	if (wanted == n->size)
		return 0;
	larger = realloc(n->text, wanted);
	if (!larger)
		return -ENOMEM;
	n->text = larger;
	n->size = wanted;
	return 0;
}

static int64_t append(struct vmp_names *n, const char *text, size_t length,
		      uint32_t hash)
{
	struct vmp_name name = {
		.offset = n->used,
		.length = (uint32_t)length,
		.hash = hash,
		.row = VMP_NO_ROW,
	};

	if (length > UINT32_MAX || n->count >= UINT32_MAX)
		return -ENOMEM;
	if (grow_text(n, length) < 0 ||
	    vmp_grow(&n->rows, n->count, &n->room, sizeof(*n->rows)) < 0 ||
	    grow_slots(n) < 0)
		return -ENOMEM;
	memcpy(n->text + n->used, text, length);
	n->text[n->used + length] = '\0';
	n->used += length + 1;
	n->rows[n->count] = name;
	if (n->count)
		place(n, (uint32_t)n->count);
	return (int64_t)n->count++;
}

int64_t vmp_names_add(struct vmp_names *n, const char *text, size_t length)
{
	uint32_t hash;
	int64_t name;
	size_t at;

	if (!n->count && append(n, "", 0, 0) < 0)
		return -ENOMEM;
	if (!length || is_name(n, n->last, text, length))
		return length ? n->last : 0;
	hash = (uint32_t)vmp_hash(text, length);
	at = hash & (n->slot_count - 1);
	while (n->slots[at]) {
		n->last = n->slots[at];
		if (n->rows[n->last].hash == hash &&
		    is_name(n, n->last, text, length))
			return n->last;
		at = (at + 1) & (n->slot_count - 1);
	}
	name = append(n, text, length, hash);
	if (name > 0)
		n->last = (uint32_t)name;
	return name;
}

void vmp_names_free(struct vmp_names *n)
{
	free(n->text);
	free(n->rows);
	free(n->slots);
}
