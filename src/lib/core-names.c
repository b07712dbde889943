// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names the mappings of a core dump as /proc/PID/maps would. */
#include <errno.h>
#include <string.h>

#include "lib/core.h"

static const uint64_t VSYSCALL = 0xffffffffff600000;

/*
 * How far behind the program the kernel begins the heap: at random, up to
 * 32 MiB, and up to 1 GiB since 6.9 (arch_randomize_brk).
 */
static const uint64_t HEAP_GAP = 1024 * 1024 * 1024;

static void set_name(struct vmp_mapping *m, const char *name)
{
	if (m->name_length)
		return;
	m->name = name;
	m->name_length = strlen(name);
}

/* The mapping that holds an address, else the number of all. */
static size_t find(const struct vmp_maps *it, uint64_t address)
{
	size_t low = 0, high = it->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (it->list[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < it->count && it->list[low].start <= address ? low
								 : it->count;
}

/*
 * Files of mappings that have no segment: gdb writes none for memory that can
 * be read again from its file, nor does it say its rights.
 */
static int add_file(struct vmp_core *core, const struct vmp_core_file *file)
{
	struct vmp_mapping m = { .start = file->start,
				 .end = file->end,
				 .offset = file->offset,
				 .readable = true,
				 .counted = true,
				 .name = file->name,
				 .name_length = file->name_length };

	return vmp_core_add(core, &m);
}

static int compare_start(const void *a, const void *b)
{
	const struct vmp_mapping *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Both are in the order of their addresses. */
static int name_files(struct vmp_core *core)
{
	struct vmp_maps *it = core->it;
	size_t count = it->count, i = 0;
	int rc = 0;

	for (size_t k = 0; k < core->file_count && rc == 0; k++) {
		const struct vmp_core_file *file = &core->files[k];

		while (i < count && it->list[i].end <= file->start)
			i++;
		if (i == count || it->list[i].start >= file->end)
			rc = add_file(core, file);
		for (size_t j = i; j < count && it->list[j].end <= file->end;
		     j++) {
			struct vmp_mapping *m = &it->list[j];

			if (m->start < file->start)
				continue;
			m->name = file->name;
			m->name_length = file->name_length;
			m->offset = file->offset + (m->start - file->start);
		}
	}
	if (it->count > count)
		qsort(it->list, it->count, sizeof(*it->list), compare_start);
	return rc;
}

static bool is_vdso_data(const struct vmp_mapping *m)
{
	return m[0].end == m[1].start && !m->name_length && m->readable &&
	       !m->writable && !m->executable;
}

/* The vdso has its data right below: [vvar], and [vvar_vclock] since 6.13. */
static void name_vdso(struct vmp_maps *it, size_t vdso)
{
	struct vmp_mapping *m = it->list + vdso;

	if (vdso == it->count)
		return;
	set_name(m, "[vdso]");
	if (vdso >= 2 && is_vdso_data(m - 1) && is_vdso_data(m - 2)) {
		set_name(m - 1, "[vvar_vclock]");
		set_name(m - 2, "[vvar]");
	} else if (vdso >= 1 && is_vdso_data(m - 1)) {
		set_name(m - 1, "[vvar]");
	}
}

static bool same_name(const struct vmp_mapping *a, const struct vmp_mapping *b)
{
	return a->name_length == b->name_length &&
	       !memcmp(a->name, b->name, a->name_length);
}

/*
 * The heap: what is next behind the program and its zeroes (which begin where
 * its file ends), if it is near, private memory. A guess, but a good one.
 */
static void name_heap(struct vmp_maps *it, size_t program)
{
	const struct vmp_mapping *m = it->list + program, *name = m;
	size_t i = program;
	uint64_t end;

	while (i + 1 < it->count && same_name(&it->list[i + 1], name))
		i++;
	end = it->list[i++].end;
	if (i < it->count && it->list[i].start == end)
		end = it->list[i++].end;
	m = it->list + i;
	if (i < it->count && !m->name_length && m->readable && m->writable &&
	    m->start > end && m->start - end <= HEAP_GAP)
		set_name(it->list + i, "[heap]");
}

static int name_program(struct vmp_core *core)
{
	struct vmp_maps *it = core->it;
	size_t i = core->program ? find(it, core->program) : it->count;
	const struct vmp_mapping *m = it->list + i;

	if (i == it->count || !m->name_length)
		return 0;
	it->notes.path = strndup(m->name, m->name_length);
	if (!it->notes.path)
		return vmp_fail(it->ctx, -ENOMEM,
				"no memory for the names of %s", it->source);
	name_heap(it, i);
	return 0;
}

static void name_gate(struct vmp_maps *it)
{
	size_t i = find(it, VSYSCALL);

	if (i == it->count || it->list[i].start != VSYSCALL)
		return;
	set_name(it->list + i, "[vsyscall]");
	it->list[i].counted = false;
}

int vmp_core_name(struct vmp_core *core)
{
	struct vmp_maps *it = core->it;
	int rc = name_files(core);
	size_t i;

	if (rc < 0 || !it->count)
		return rc;
	if (core->machine == EM_X86_64)
		name_gate(it);
	if (core->vdso)
		name_vdso(it, find(it, core->vdso));
	i = core->stack ? find(it, core->stack) : it->count;
	if (i < it->count)
		set_name(it->list + i, "[stack]");
	return name_program(core);
}
