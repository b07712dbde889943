// SPDX-License-Identifier: LGPL-2.1-or-later
/* Who owns mappings that have a name: a table of the kernel's names. */
#include <string.h>
#include <sys/stat.h>

#include "lib/census.h"

/* How names are told; the first row that fits decides. */
static const struct {
	const char *prefix;
	enum vmp_owner owner;
} rules[] = {
	{ "[heap]", VMP_OWNER_HEAP },
	{ "[stack]", VMP_OWNER_MAIN_STACK },
	/* Linux 3.4 to 4.4 */
	{ "[stack:", VMP_OWNER_THREAD_STACK },
	/* glibc 2.39 with glibc.mem.decorate_maps */
	{ "[anon: glibc: malloc arena", VMP_OWNER_ARENA },
	{ "[anon: glibc: pthread stack", VMP_OWNER_THREAD_STACK },
	{ "[anon: glibc: pthread user stack", VMP_OWNER_THREAD_STACK },
	{ "[anon: glibc: unused stack", VMP_OWNER_THREAD_STACK },
	{ "[anon:", VMP_OWNER_NAMED_ANON },
	{ "[anon_shmem:", VMP_OWNER_NAMED_ANON },
	/* [vdso] [vvar] [vsyscall] [uprobes] */
	{ "[", VMP_OWNER_SPECIAL },
	{ "/[aio]", VMP_OWNER_SPECIAL },
	{ VMP_BALLAST_NAME, VMP_OWNER_BALLAST },
	{ "/memfd:", VMP_OWNER_MEMFD },
	{ "/SYSV", VMP_OWNER_SYSV_SHM },
	{ "/dev/zero (deleted)", VMP_OWNER_SHARED_ANON },
	{ "/anon_hugepage", VMP_OWNER_HUGETLB },
	{ "/dev/hugepages/", VMP_OWNER_HUGETLB },
	{ "anon_inode:[io_uring]", VMP_OWNER_IO_URING },
	{ "/dev/shm/", VMP_OWNER_FILE },
	{ "/dev/mqueue/", VMP_OWNER_FILE },
	{ "/dev/", VMP_OWNER_DEVICE },
	{ "/sys/", VMP_OWNER_DEVICE },
	{ "anon_inode:", VMP_OWNER_DEVICE },
	{ "socket:", VMP_OWNER_DEVICE },
	{ "/i915 (deleted)", VMP_OWNER_DEVICE },
	{ "/drm mm object", VMP_OWNER_DEVICE },
	{ "", VMP_OWNER_FILE },
};

static enum vmp_owner owner_by_rule(const char *name)
{
	for (size_t i = 0;; i++) {
		const char *p = rules[i].prefix, *q = name;

		while (*p && *p == *q) {
			p++;
			q++;
		}
		if (!*p)
			return rules[i].owner;
	}
}

static const char deleted[] = " (deleted)";

static bool says_deleted(const char *name, size_t length)
{
	size_t end = sizeof(deleted) - 1;

	return length > end && !memcmp(name + length - end, deleted, end);
}

/* "libm.so.6", "libm-2.36.so", but not "notes.sort" */
static bool is_library_name(const char *name)
{
	const char *slash = strrchr(name, '/'), *so;

	so = strstr(slash ? slash : name, ".so");
	return so && (!so[3] || so[3] == '.' || so[3] == ' ');
}

/*
 * How many names are looked up in the file system before it is believed that
 * none is really called so; each that is allows as many more.
 */
enum { LOOKUPS = 256 };

/*
 * A file may really be called "x (deleted)": it is there under this name, with
 * the inode that is mapped. Seen through the root directory of its process.
 */
static bool exists_so(struct vmp_ctx *ctx, const struct vmp_census *c,
		      const char *name, uint64_t inode)
{
	char path[4500];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%d/root%s", ctx->procfs,
			 (int)c->subject.pid, name);

	return n < (int)sizeof(path) && stat(path, &st) == 0 &&
	       st.st_ino == inode;
}

void vmp_find_deleted(struct vmp_ctx *ctx, struct vmp_census *c)
{
	bool living = c->subject.kind == VMP_KIND_PROCESS;
	uint32_t budget = LOOKUPS;

	for (size_t i = 0; i < c->count; i++) {
		const struct vmp_entry *e = &c->entries[i];
		struct vmp_name *n = &c->names.rows[e->name];
		const char *text = vmp_name_text(&c->names, e->name);

		if (n->looked_up || !says_deleted(text, n->length))
			continue;
		n->looked_up = n->deleted = true;
		if (!living || !budget--)
			living = false;
		else if (exists_so(ctx, c, text, e->inode)) {
			n->deleted = false;
			budget = LOOKUPS;
		}
	}
}

/*
 * The program of an input that does not tell it: the first file that is mapped
 * to be executed, and is not called like a library. It is mapped below them.
 */
static bool is_program(struct vmp_census *c, uint32_t name)
{
	const char *text = vmp_name_text(&c->names, name);

	if (c->path)
		return !strcmp(c->path, text);
	if (is_library_name(text))
		return false;
	c->path = strdup(text);
	return c->path;
}

static enum vmp_owner owner_of(struct vmp_census *c, uint32_t name)
{
	const struct vmp_name *n = &c->names.rows[name];
	const char *text = vmp_name_text(&c->names, name);
	enum vmp_owner owner = owner_by_rule(text);

	if (owner != VMP_OWNER_FILE)
		return owner;
	if (n->executable && is_program(c, name))
		return VMP_OWNER_PROGRAM;
	if (n->executable || is_library_name(text))
		return VMP_OWNER_LIBRARY;
	return n->deleted ? VMP_OWNER_DELETED_FILE : VMP_OWNER_FILE;
}

/* Owners whose names are collapsed into globs, each with rows of its own. */
bool vmp_has_globs(enum vmp_owner owner)
{
	return owner == VMP_OWNER_FILE || owner == VMP_OWNER_DELETED_FILE ||
	       owner == VMP_OWNER_MEMFD || owner == VMP_OWNER_DEVICE ||
	       owner == VMP_OWNER_NAMED_ANON || owner == VMP_OWNER_SPECIAL;
}

int vmp_own_names(struct vmp_census *c)
{
	int64_t row;

	for (uint32_t i = 1; i < c->names.count; i++) {
		struct vmp_name *n = &c->names.rows[i];

		n->owner = owner_of(c, i);
		if (vmp_has_globs(n->owner))
			continue;
		row = vmp_row_of(c, n->owner, 0);
		if (row < 0)
			return (int)row;
		n->row = (uint32_t)row;
	}
	for (size_t i = 0; i < c->count; i++) {
		struct vmp_entry *e = &c->entries[i];

		if (e->name && c->names.rows[e->name].row != VMP_NO_ROW)
			vmp_own(c, e, c->names.rows[e->name].row);
	}
	return 0;
}
