// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Why the kernel keeps two adjacent mappings apart: the first test that says
 * yes. What maps shows comes first, so that reading more (flags, policies,
 * hidden fields) only refines what looked identical.
 */
#include <errno.h>
#include <string.h>

#include "lib/neighbour.h"

static const char *const reason_names[VMP_REASONS] = {
	[VMP_REASON_PROTECTION] = "protection",
	[VMP_REASON_SHARING] = "sharing",
	[VMP_REASON_FLAGS] = "flags",
	[VMP_REASON_SPECIAL] = "special",
	[VMP_REASON_FILE] = "file",
	[VMP_REASON_FILE_OFFSET] = "file-offset",
	[VMP_REASON_NAME] = "name",
	[VMP_REASON_POLICY] = "policy",
	[VMP_REASON_IDENTICAL] = "identical",
};

const char *vmp_reason_name(enum vmp_reason reason)
{
	return reason < VMP_REASONS ? reason_names[reason] : NULL;
}

static bool has_file(const struct vmp_entry *e)
{
	return e->inode || e->device;
}

/* A name that prctl(PR_SET_VMA_ANON_NAME) gave, or one that the kernel gives. */
static bool has_own_name(const struct vmp_pair *p, const struct vmp_entry *e)
{
	return !has_file(e) && e->name &&
	       *vmp_name_text(&p->census->names, e->name) == '[';
}

static bool other_protection(const struct vmp_pair *p, uint64_t *detail)
{
	unsigned int rwx = VMP_READ | VMP_WRITE | VMP_EXECUTE;
	unsigned int a = vmp_permissions(p->a), b = vmp_permissions(p->b);

	*detail = a << 4 | b;
	return (a & rwx) != (b & rwx);
}

static bool other_sharing(const struct vmp_pair *p, uint64_t *detail)
{
	*detail = p->b->bits & VMP_SHARED;
	return (p->a->bits ^ p->b->bits) & VMP_SHARED;
}

/* A core tells files by their names alone. */
static bool is_of_file(const struct vmp_pair *p, const struct vmp_entry *e)
{
	return has_file(e) || (e->name && !has_own_name(p, e));
}

static bool other_file(const struct vmp_pair *p, uint64_t *detail)
{
	const struct vmp_entry *a = p->a, *b = p->b;

	*detail = is_of_file(p, a) * VMP_FIRST_FILE +
		  is_of_file(p, b) * VMP_SECOND_FILE;
	if (has_own_name(p, a) || has_own_name(p, b))
		return is_of_file(p, a) != is_of_file(p, b);
	return a->inode != b->inode || a->device != b->device ||
	       a->name != b->name;
}

static bool other_offset(const struct vmp_pair *p, uint64_t *detail)
{
	const struct vmp_entry *a = p->a, *b = p->b;

	*detail = 0;
	return is_of_file(p, a) && a->offset + vmp_entry_bytes(a) != b->offset;
}

/* [heap] and [stack] only say where a mapping lies: they may merge. */
static uint32_t given_name(const struct vmp_pair *p, const struct vmp_entry *e)
{
	const char *text = vmp_name_text(&p->census->names, e->name);

	return strncmp(text, "[anon", 5) ? 0 : e->name;
}

static bool other_name(const struct vmp_pair *p, uint64_t *detail)
{
	*detail = 0;
	return given_name(p, p->a) != given_name(p, p->b);
}

static const struct vmp_flag_set *flags_of(const struct vmp_pair *p,
					   const struct vmp_entry *e)
{
	return &p->census->flag_sets[e->flags];
}

static bool other_flags(const struct vmp_pair *p, uint64_t *detail)
{
	const struct vmp_flag_set *a, *b;

	if (!p->a->flags || !p->b->flags)
		return false;
	a = flags_of(p, p->a);
	b = flags_of(p, p->b);
	*detail = (a->flags ^ b->flags) & ~p->ignored_flags;
	if (a->key == b->key)
		return *detail;
	*detail |= VMP_OTHER_KEY;
	return true;
}

static bool is_special_entry(const struct vmp_pair *p,
			     const struct vmp_entry *e)
{
	enum vmp_owner owner = p->census->rows[e->row].public.owner;

	if (e->flags)
		return flags_of(p, e)->flags & p->special_flags;
	return owner == VMP_OWNER_SPECIAL || owner == VMP_OWNER_IO_URING;
}

/* Of a device or the kernel's own: VM_SPECIAL never merges. */
static bool is_special(const struct vmp_pair *p, uint64_t *detail)
{
	*detail = 0;
	return is_special_entry(p, p->a) || is_special_entry(p, p->b);
}

/*
 * Merging compares what policies say (mpol_equal), and each mbind() makes one
 * of its own: of two, their words in numa_maps tell.
 */
static bool other_policy(const struct vmp_pair *p, uint64_t *detail)
{
	const struct vmp_hidden *a = p->hidden_a, *b = p->hidden_b;

	*detail = 0;
	if (a && b && (!a->policy || !b->policy))
		return a->policy != b->policy;
	return p->a->policy && p->b->policy && p->a->policy != p->b->policy;
}

/* The conditions of can_vma_merge_before() that no file in /proc shows. */
static uint64_t hidden_reason(const struct vmp_hidden *a,
			      const struct vmp_hidden *b, uint64_t page_bytes)
{
	uint64_t pages = (a->end - a->start) / page_bytes;

	if (a->file != b->file)
		return VMP_OPENED_TWICE;
	if (a->userfault != b->userfault)
		return VMP_USERFAULT;
	if (a->page_offset + pages != b->page_offset)
		return VMP_MOVED;
	if (a->anon_vma && b->anon_vma && a->anon_vma != b->anon_vma)
		return VMP_TOUCHED_APART;
	if ((a->anon_vma && !b->anon_vma && a->inherited) ||
	    (b->anon_vma && !a->anon_vma && b->inherited))
		return VMP_INHERITED;
	return VMP_NEVER_ASKED;
}

/* RELRO: private data of a program that the linker wrote, then protected. */
static bool is_read_only_data(const struct vmp_pair *p,
			      const struct vmp_entry *e)
{
	enum vmp_owner owner = p->census->rows[e->row].public.owner;

	return (owner == VMP_OWNER_PROGRAM || owner == VMP_OWNER_LIBRARY) &&
	       vmp_permissions(e) == VMP_READ;
}

static bool looks_identical(const struct vmp_pair *p, uint64_t *detail)
{
	const struct vmp_entry *a = p->a, *b = p->b;

	if (p->hidden_a && p->hidden_b)
		*detail =
			hidden_reason(p->hidden_a, p->hidden_b, p->page_bytes);
	else if (has_file(a) && !a->flags && is_read_only_data(p, a))
		*detail = VMP_GUESS_RELRO;
	else if (has_file(a))
		*detail = a->flags ? VMP_GUESS_FILE : VMP_GUESS_FILE_FLAGS;
	else if (!a->flags)
		*detail = VMP_GUESS_FLAGS;
	else if (flags_of(p, a)->flags & p->userfault_flags)
		*detail = VMP_GUESS_USERFAULT;
	else
		*detail = a->bits & b->bits & VMP_TOUCHED ? VMP_GUESS_TOUCHED
							  : VMP_GUESS_LATENT;
	return true;
}

/* In the order in which they are asked. */
static const struct {
	enum vmp_reason reason;
	bool (*is)(const struct vmp_pair *p, uint64_t *detail);
} tests[] = {
	{ VMP_REASON_PROTECTION, other_protection },
	{ VMP_REASON_SHARING, other_sharing },
	{ VMP_REASON_FILE, other_file },
	{ VMP_REASON_FILE_OFFSET, other_offset },
	{ VMP_REASON_SPECIAL, is_special },
	{ VMP_REASON_NAME, other_name },
	{ VMP_REASON_FLAGS, other_flags },
	{ VMP_REASON_POLICY, other_policy },
	{ VMP_REASON_IDENTICAL, looks_identical },
};

enum vmp_reason vmp_reason_of(const struct vmp_pair *p, uint64_t *detail)
{
	size_t i = 0;

	while (!tests[i].is(p, detail))
		i++;
	return tests[i].reason;
}
