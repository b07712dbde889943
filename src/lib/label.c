// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the rows of owners are called. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/census.h"

int vmp_own_files(struct vmp_census *c)
{
	int rc = 0;

	for (int o = 0; o < VMP_OWNERS && rc == 0; o++)
		if (vmp_has_globs((enum vmp_owner)o))
			rc = vmp_globs_make(c, (enum vmp_owner)o);
	for (size_t i = 0; i < c->count && rc == 0; i++)
		if (c->entries[i].row == VMP_NO_ROW)
			vmp_own(c, &c->entries[i],
				c->names.rows[c->entries[i].name].row);
	return rc;
}

__attribute__((format(printf, 1, 2))) static char *format(const char *words,
							  ...)
{
	va_list args;
	char *text;

	va_start(args, words);
	if (vasprintf(&text, words, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

static char *label_program(const struct vmp_census *c, const struct vmp_row *r)
{
	(void)r;
	return strdup(c->path ? c->path : "the program");
}

static char *label_libraries(const struct vmp_census *c,
			     const struct vmp_row *r)
{
	uint32_t name = 0, count = 0;

	for (uint32_t i = 1; i < c->names.count; i++)
		if (&c->rows[c->names.rows[i].row] == r) {
			name = i;
			count++;
		}
	if (count == 1)
		return strdup(vmp_name_text(&c->names, name));
	return format("%u shared libraries", count);
}

static char *label_arenas(const struct vmp_census *c, const struct vmp_row *r)
{
	unsigned long long heaps = (r->public.mappings + 1) / 2;

	(void)c;
	return format("%llu %s of malloc's arenas (rw-p / ---p)", heaps,
		      heaps == 1 ? "heap" : "heaps");
}

static char *label_stacks(const struct vmp_census *c, const struct vmp_row *r)
{
	unsigned long long stacks = r->stacks ? r->stacks : r->public.mappings;
	bool guards = r->public.mappings > stacks;
	char text[32], threads[80] = "";

	if (c->subject.threads)
		snprintf(threads, sizeof(threads), "; the process has %s %s",
			 vmp_group_digits((int64_t)c->subject.threads, text),
			 c->subject.threads == 1 ? "thread" : "threads");
	return format("%s %s%s%s%s", vmp_group_digits((int64_t)stacks, text),
		      stacks == 1 ? "stack" : "stacks",
		      !guards	    ? ""
		      : stacks == 1 ? " with its guard"
				    : " with their guards",
		      c->subject.has_stacks ? "" : ", by their size", threads);
}

static char *label_sizes(const struct vmp_row *r)
{
	char rights[5], low[32], high[32];

	vmp_permission_text((unsigned int)r->key & 15, rights);
	vmp_human_bytes(r->smallest, low);
	vmp_human_bytes(r->largest, high);
	if (!strcmp(low, high))
		return format("%s %s", rights, low);
	return format("%s %s to %s", rights, low, high);
}

static char *label_anonymous(const struct vmp_census *c,
			     const struct vmp_row *r)
{
	uint64_t a = r->key >> 30 & 0x3fffffff, b = r->key & 0x3fffffff;
	char first[5], second[5], x[32], y[32];

	(void)c;
	if (!(r->key & VMP_PATTERN))
		return label_sizes(r);
	return format("%s %s / %s %s, alternating",
		      vmp_permission_text((unsigned int)a & 15, first),
		      vmp_human_bytes((a >> 4) * 4096, x),
		      vmp_permission_text((unsigned int)b & 15, second),
		      vmp_human_bytes((b >> 4) * 4096, y));
}

/* A label that is the same always, or one that is made. */
static const struct {
	const char *text;
	char *(*make)(const struct vmp_census *c, const struct vmp_row *r);
} labels[VMP_OWNERS] = {
	[VMP_OWNER_PROGRAM] = { .make = label_program },
	[VMP_OWNER_LIBRARY] = { .make = label_libraries },
	[VMP_OWNER_BALLAST] = { "ballast that vmaprobe made", NULL },
	[VMP_OWNER_SYSV_SHM] = { "System V shared memory", NULL },
	[VMP_OWNER_SHARED_ANON] = { "shared anonymous memory", NULL },
	[VMP_OWNER_HUGETLB] = { "huge pages", NULL },
	[VMP_OWNER_IO_URING] = { "rings of io_uring", NULL },
	[VMP_OWNER_HEAP] = { "[heap], which brk() grows", NULL },
	[VMP_OWNER_ARENA] = { .make = label_arenas },
	[VMP_OWNER_THREAD_STACK] = { .make = label_stacks },
	[VMP_OWNER_MAIN_STACK] = { "[stack]", NULL },
	[VMP_OWNER_GUARD] = { "---p beside a larger mapping", NULL },
	[VMP_OWNER_JIT] = { "executable memory without a file", NULL },
	[VMP_OWNER_ANON] = { .make = label_anonymous },
};

int vmp_label_rows(struct vmp_census *c)
{
	for (size_t i = 0; i < c->row_count; i++) {
		struct vmp_row *r = &c->rows[i];
		enum vmp_owner owner = r->public.owner;

		if (!r->label)
			r->label = labels[owner].make
					   ? labels[owner].make(c, r)
					   : strdup(labels[owner].text);
		if (!r->label)
			return -ENOMEM;
	}
	return vmp_sort_rows(c);
}
