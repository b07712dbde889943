// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What to do, from what was found: each row of advice is asked whether it
 * applies. What it counts has to be a tenth of the mappings to be worth a word.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/advice.h"
#include "lib/newer.h"

enum {
	FEWEST = 64, /* mappings that are worth a word */
	SHARE = 10,  /* and one in so many of all */
};

/* Does this kernel know it? Asked of a page of our own. */
static bool has_guard_install(void)
{
	size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool has;

	if (page == MAP_FAILED)
		return false;
	has = madvise(page, bytes, MADV_GUARD_INSTALL) == 0;
	munmap(page, bytes);
	return has;
}

static bool has_library(const struct vmp_census *c, const char *base)
{
	const char *text, *slash;

	for (uint32_t i = 1; i < c->names.count; i++) {
		text = vmp_name_text(&c->names, i);
		slash = strrchr(text, '/');
		if (slash && !strncmp(slash + 1, base, strlen(base)))
			return true;
	}
	return false;
}

static void collect(struct vmp_facts *f)
{
	const struct vmp_owner_row *owners;
	const struct vmp_reason_row *reasons;
	size_t count = vmp_census_owners(f->c, &owners);

	for (size_t i = 0; i < count; i++)
		f->owner[owners[i].owner] += owners[i].mappings;
	count = vmp_census_reasons(f->c, &reasons);
	for (size_t i = 0; i < count; i++)
		f->reason[reasons[i].reason] += reasons[i].pairs;
	for (size_t i = 0; i < f->c->count; i++) {
		const struct vmp_entry *e = &f->c->entries[i];
		enum vmp_owner owner = f->c->rows[e->row].public.owner;

		if (owner != VMP_OWNER_ANON)
			continue;
		f->rights_none += !vmp_permissions(e);
		f->anonymous += e->bits & VMP_WRITE ||
				f->c->rows[e->row].key & VMP_PATTERN;
	}
	for (uint32_t i = 1; i < f->c->names.count; i++)
		f->files += f->c->names.rows[i].mappings &&
			    f->c->names.rows[i].owner == VMP_OWNER_FILE;
	f->glibc = has_library(f->c, "libc.so.6");
	f->jvm = has_library(f->c, "libjvm.so");
	f->jemalloc = has_library(f->c, "libjemalloc");
	f->guard_install = has_guard_install();
}

static bool applies(const struct vmp_facts *f, const struct vmp_advice *row)
{
	uint64_t count = row->count ? row->count(f, row) : UINT64_MAX / SHARE;

	return (!row->applies || row->applies(f)) && count >= FEWEST &&
	       count * SHARE >= f->c->subject.mappings;
}

static void say_why(const struct vmp_facts *f, const struct vmp_advice *row,
		    FILE *out)
{
	char count[32], all[32];

	if (row->reason_of) {
		row->reason_of(f, out);
		return;
	}
	vmp_group_digits((int64_t)row->count(f, row), count);
	vmp_group_digits((int64_t)f->c->subject.mappings, all);
	if (row->pairs)
		fprintf(out, "%s pairs of neighbours stay apart %s", count,
			row->why);
	else
		fprintf(out, "%s of %s mappings are %s", count, all, row->why);
}

static void say_text(const struct vmp_facts *f, const struct vmp_advice *row,
		     FILE *out)
{
	if (row->text)
		fputs(row->text, out);
	if (row->add)
		row->add(f, out);
}

/* What one of the two says, as a string of its own; NULL without memory. */
static char *text_of(const struct vmp_facts *f, const struct vmp_advice *row,
		     void (*say)(const struct vmp_facts *f,
				 const struct vmp_advice *row, FILE *out))
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool failed;

	if (!out)
		return NULL;
	say(f, row, out);
	failed = ferror(out);
	if (fclose(out) == 0 && !failed)
		return text;
	free(text);
	return NULL;
}

/* The census owns the texts, also where one of the two is missing. */
static int add_advice(struct vmp_census *c, const struct vmp_facts *f,
		      const struct vmp_advice *row)
{
	struct vmp_advice_row *advice = &c->advice[c->advice_count++];

	advice->id = row->id;
	advice->text = text_of(f, row, say_text);
	advice->reason = text_of(f, row, say_why);
	return advice->text && advice->reason ? 0 : -ENOMEM;
}

int vmp_find_advice(struct vmp_census *c)
{
	struct vmp_facts f = { .c = c };
	int rc = 0;

	c->advice = calloc(vmp_advice_count, sizeof(*c->advice));
	if (!c->advice)
		return -ENOMEM;
	collect(&f);
	for (size_t i = 0; i < vmp_advice_count && rc == 0; i++)
		if (applies(&f, &vmp_advice_rows[i]))
			rc = add_advice(c, &f, &vmp_advice_rows[i]);
	return rc;
}
