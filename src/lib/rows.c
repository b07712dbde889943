// SPDX-License-Identifier: LGPL-2.1-or-later
/* The census as its callers see it: rows of owners, and one mapping at a time. */
#include <errno.h>
#include <string.h>

#include "lib/census.h"

static const char *const owner_names[VMP_OWNERS] = {
	[VMP_OWNER_PROGRAM] = "program",
	[VMP_OWNER_LIBRARY] = "library",
	[VMP_OWNER_BALLAST] = "ballast",
	[VMP_OWNER_FILE] = "file",
	[VMP_OWNER_DELETED_FILE] = "deleted-file",
	[VMP_OWNER_MEMFD] = "memfd",
	[VMP_OWNER_SYSV_SHM] = "sysv-shm",
	[VMP_OWNER_SHARED_ANON] = "shared-anon",
	[VMP_OWNER_DEVICE] = "device",
	[VMP_OWNER_HUGETLB] = "hugetlb",
	[VMP_OWNER_IO_URING] = "io-uring",
	[VMP_OWNER_HEAP] = "heap",
	[VMP_OWNER_ARENA] = "arena",
	[VMP_OWNER_THREAD_STACK] = "thread-stack",
	[VMP_OWNER_MAIN_STACK] = "main-stack",
	[VMP_OWNER_GUARD] = "guard",
	[VMP_OWNER_NAMED_ANON] = "named-anon",
	[VMP_OWNER_JIT] = "jit",
	[VMP_OWNER_ANON] = "anon",
	[VMP_OWNER_SPECIAL] = "special",
};

const char *vmp_owner_name(enum vmp_owner owner)
{
	return owner < VMP_OWNERS ? owner_names[owner] : NULL;
}

static const char *const kind_names[VMP_KINDS] = {
	[VMP_KIND_PROCESS] = "process", [VMP_KIND_MAPS] = "maps",
	[VMP_KIND_SMAPS] = "smaps",	[VMP_KIND_CORE] = "core",
	[VMP_KIND_HS_ERR] = "hs-err",
};

const char *vmp_kind_name(enum vmp_kind kind)
{
	return kind < VMP_KINDS ? kind_names[kind] : NULL;
}

char *vmp_permission_text(unsigned int bits, char *buffer)
{
	buffer[0] = bits & VMP_READ ? 'r' : '-';
	buffer[1] = bits & VMP_WRITE ? 'w' : '-';
	buffer[2] = bits & VMP_EXECUTE ? 'x' : '-';
	buffer[3] = bits & VMP_SHARED ? 's' : 'p';
	buffer[4] = '\0';
	return buffer;
}

int64_t vmp_row_of(struct vmp_census *c, enum vmp_owner owner, uint64_t key)
{
	for (size_t i = c->row_count; i-- > 0;)
		if (c->rows[i].public.owner == owner && c->rows[i].key == key)
			return (int64_t)i;
	return vmp_row_add(c, owner, key);
}

int64_t vmp_row_add(struct vmp_census *c, enum vmp_owner owner, uint64_t key)
{
	if (vmp_grow(&c->rows, c->row_count, &c->row_room, sizeof(*c->rows)) <
	    0)
		return -ENOMEM;
	c->rows[c->row_count] = (struct vmp_row){
		.public.owner = owner,
		.key = key,
		.smallest = UINT64_MAX,
	};
	return (int64_t)c->row_count++;
}

void vmp_own(struct vmp_census *c, struct vmp_entry *e, uint32_t row)
{
	struct vmp_row *r = &c->rows[row];
	uint64_t bytes = vmp_entry_bytes(e);

	e->row = row;
	if (!(e->bits & VMP_COUNTED))
		return;
	if (!r->public.mappings++)
		r->public.example = e->start;
	r->public.bytes += bytes;
	if (bytes < r->smallest)
		r->smallest = bytes;
	if (bytes > r->largest)
		r->largest = bytes;
}

static int by_mappings(const void *a, const void *b)
{
	const struct vmp_owner_row *x = a, *y = b;

	if (x->mappings != y->mappings)
		return x->mappings < y->mappings ? 1 : -1;
	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x->example < y->example ? -1 : x->example > y->example;
}

/* The rows that hold something, in the caller's order. */
int vmp_sort_rows(struct vmp_census *c)
{
	c->owners = calloc(c->row_count, sizeof(*c->owners));
	if (!c->owners)
		return -ENOMEM;
	for (size_t i = 0; i < c->row_count; i++) {
		c->rows[i].public.label = c->rows[i].label;
		if (c->rows[i].public.owner == VMP_OWNER_ANON)
			c->rows[i].public.size_class = c->rows[i].key;
		if (c->rows[i].public.mappings)
			c->owners[c->owner_count++] = c->rows[i].public;
	}
	qsort(c->owners, c->owner_count, sizeof(*c->owners), by_mappings);
	return 0;
}

const struct vmp_subject *vmp_census_subject(const struct vmp_census *c)
{
	return &c->subject;
}

size_t vmp_census_owners(const struct vmp_census *c,
			 const struct vmp_owner_row **rows)
{
	*rows = c->owners;
	return c->owner_count;
}

size_t vmp_census_reasons(const struct vmp_census *c,
			  const struct vmp_reason_row **rows)
{
	*rows = c->reasons;
	return c->reason_count;
}

size_t vmp_census_advice(const struct vmp_census *c,
			 const struct vmp_advice_row **rows)
{
	*rows = c->advice;
	return c->advice_count;
}

int vmp_census_mapping(const struct vmp_census *c, size_t index,
		       struct vmp_mapping *m, const struct vmp_owner_row **row)
{
	const struct vmp_entry *e;

	if (index >= c->count)
		return 0;
	e = &c->entries[index];
	*m = (struct vmp_mapping){
		.start = e->start,
		.end = e->end,
		.offset = e->offset,
		.inode = e->inode,
		.device_major = e->device >> 20,
		.device_minor = e->device & 0xfffff,
		.readable = e->bits & VMP_READ,
		.writable = e->bits & VMP_WRITE,
		.executable = e->bits & VMP_EXECUTE,
		.shared = e->bits & VMP_SHARED,
		.counted = e->bits & VMP_COUNTED,
		.name = vmp_name_text(&c->names, e->name),
		.name_length = c->names.rows[e->name].length,
		.has_flags = e->flags,
		.anonymous = e->bits & VMP_TOUCHED,
		.key = e->flags ? c->flag_sets[e->flags].key : 0,
		.flags = e->flags ? c->flag_sets[e->flags].flags : 0,
	};
	if (row)
		*row = &c->rows[e->row].public;
	return 1;
}
