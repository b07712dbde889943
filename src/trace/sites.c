// SPDX-License-Identifier: GPL-2.0-or-later
/* The places that call: a tree of libc's by stack, and a list to sort. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "lib/census.h"
#include "trace/sites.h"

/* Where a frame is, whichever process it is in. */
static uint64_t position(const struct vmp_frame *f)
{
	return f->module ? f->offset : f->address;
}

/* FNV-1a, by words. Modules are compared, not hashed: offsets suffice. */
static uint64_t hash(const struct vmp_site *site)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uintptr_t)site->row;

	for (size_t i = 0; i < site->frame_count; i++) {
		h *= UINT64_C(0x100000001b3);
		h ^= position(&site->frames[i]);
		h ^= h >> 29;
	}
	return h;
}

static int compare_frames(const struct vmp_frame *a, const struct vmp_frame *b)
{
	int order = vmp_order_of(position(a), position(b));

	if (order || a->module == b->module)
		return order;
	return strcmp(a->module ? a->module : "", b->module ? b->module : "");
}

static int compare_places(const void *a_, const void *b_)
{
	const struct vmp_place *a = a_, *b = b_;
	int order = vmp_order_of(a->hash, b->hash);

	if (!order)
		order = vmp_order_of((uintptr_t)a->site.row,
				     (uintptr_t)b->site.row);
	if (!order)
		order = vmp_order_of(a->site.frame_count, b->site.frame_count);
	for (size_t i = 0; !order && i < a->site.frame_count; i++)
		order = compare_frames(&a->site.frames[i], &b->site.frames[i]);
	return order;
}

static struct vmp_place *new_place(struct vmp_sites *s,
				   const struct vmp_place *key)
{
	size_t count = key->site.frame_count;
	struct vmp_place *p;

	if (vmp_grow(&s->list, s->count, &s->room, sizeof(*s->list)) < 0)
		return NULL;
	p = malloc(sizeof(*p) + count * sizeof(p->frames[0]));
	if (!p)
		return NULL;
	*p = *key;
	if (count)
		memcpy(p->frames, key->site.frames,
		       count * sizeof(p->frames[0]));
	p->site.frames = p->frames;
	p->number = s->count;
	if (!tsearch(p, &s->tree, compare_places)) {
		free(p);
		return NULL;
	}
	s->list[s->count++] = &p->site;
	return p;
}

struct vmp_place *vmp_sites_find(struct vmp_sites *s,
				 const struct vmp_trace_call *call,
				 const struct vmp_frame *frames, size_t count)
{
	struct vmp_place key = { .site = { .row = call->row,
					   .frames = frames,
					   .frame_count = count } };
	struct vmp_place **found;
	size_t last = sizeof(key.site.command) - 1;

	key.hash = hash(&key.site);
	found = tfind(&key, &s->tree, compare_places);
	if (found)
		return *found;
	memcpy(key.site.command, call->command, last);
	return new_place(s, &key);
}

static int compare_last(const struct vmp_site *a, const struct vmp_site *b)
{
	int order = vmp_order_of(b->calls, a->calls);

	return order ? order
		     : vmp_order_of(((const struct vmp_place *)a)->number,
				    ((const struct vmp_place *)b)->number);
}

static int by_failures(const void *a_, const void *b_)
{
	const struct vmp_site *a = *(const struct vmp_site *const *)a_;
	const struct vmp_site *b = *(const struct vmp_site *const *)b_;
	int order = vmp_order_of(b->leaked_bytes, a->leaked_bytes);

	if (!order)
		order = vmp_order_of(b->failures, a->failures);
	return order ? order : compare_last(a, b);
}

static int by_mappings(const void *a_, const void *b_)
{
	const struct vmp_site *a = *(const struct vmp_site *const *)a_;
	const struct vmp_site *b = *(const struct vmp_site *const *)b_;

	if (a->mappings != b->mappings)
		return a->mappings < b->mappings ? 1 : -1;
	return compare_last(a, b);
}

void vmp_sites_sort(struct vmp_sites *s, enum vmp_site_order order)
{
	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list),
		      order == VMP_BY_FAILURES ? by_failures : by_mappings);
}

void vmp_sites_fini(struct vmp_sites *s)
{
	tdestroy(s->tree, free);
	free(s->list);
}

/* How files of libc, its loader and allocators begin. */
static bool is_library(const char *module)
{
	static const char *const names[] = {
		"libc.so",     "libc-",	     "libc.musl",   "ld-linux",
		"ld-musl",     "libpthread", "libjemalloc", "libtcmalloc",
		"libmimalloc", "[vdso]",
	};
	const char *slash = strrchr(module, '/');
	const char *name = slash ? slash + 1 : module;

	for (size_t i = 0; i < VMP_COUNT(names); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return false;
}

/* The same where libc is linked in: its names, without leading underscores. */
static bool is_allocation(const char *function)
{
	static const char *const names[] = {
		"mmap",
		"mmap64",
		"munmap",
		"mremap",
		"mprotect",
		"madvise",
		"brk",
		"sbrk",
		"syscall",
		"malloc",
		"calloc",
		"realloc",
		"free",
		"cfree",
		"memalign",
		"aligned_alloc",
		"posix_memalign",
		"int_malloc",
		"int_free",
		"int_realloc",
		"int_memalign",
		"libc_malloc",
		"libc_calloc",
		"libc_realloc",
		"libc_free",
		"libc_memalign",
		"munmap_chunk",
		"mremap_chunk",
		"sysmalloc",
		"sysmalloc_mmap",
		"systrim",
		"heap_trim",
		"shrink_heap",
		"grow_heap",
		"new_heap",
		"arena_get2",
		"default_morecore",
		"minimal_malloc",
		"glibc_morecore",
	};

	function += strspn(function, "_");
	for (size_t i = 0; i < VMP_COUNT(names); i++)
		if (!strcmp(function, names[i]))
			return true;
	return false;
}

size_t vmp_place_of(const struct vmp_frame *frames, size_t count)
{
	size_t inside = count; /* a library, but no allocation */

	for (size_t i = 0; i < count; i++) {
		if (frames[i].function && is_allocation(frames[i].function))
			continue;
		if (!frames[i].module || !is_library(frames[i].module))
			return i;
		if (inside == count && frames[i].function)
			inside = i;
	}
	return inside < count ? inside : 0;
}
