/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at the mappings that the range of a call meets. */
#ifndef VMP_CATCH_RANGE_BPF_H
#define VMP_CATCH_RANGE_BPF_H

#include "trace/catch-maps.bpf.h"

struct mapping {
	__u64 start, end, flags;
};

static __always_inline void copy_mapping(struct mapping *m,
					 const struct vm_area_struct *vma)
{
	m->start = vma->vm_start;
	m->end = vma->vm_end;
	m->flags = bpf_core_field_exists(vma->vm_flags) ? vma->vm_flags : 0;
}

static long see_mapping(struct task_struct *task, struct vm_area_struct *vma,
			struct mapping *m)
{
	(void)task;
	copy_mapping(m, vma);
	return 0;
}

/* A kernel before 5.16 refuses a program that names what it does not know. */
#ifdef VMP_CATCH_OLD
#define HAS_ITERATOR 0
#else
#define HAS_ITERATOR bpf_core_type_exists(struct bpf_iter_task_vma)
#endif
#define HAS_FIND                                             \
	(config.age < VMP_CATCH_BEFORE_5_17 &&               \
	 bpf_core_enum_value_exists(enum bpf_func_id___find, \
				    BPF_FUNC_find_vma))

/*
 * The mapping at an address or, where the kernel has an iterator, the next one.
 * Returns: 0; -ENOENT, there is none; others where it cannot be told, as when
 *   another thread of the process holds the lock of its mappings.
 */
static __noinline long look_once(struct mapping *m, __u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct bpf_iter_task_vma iterator;
	struct vm_area_struct *vma;
	long rc = -EAGAIN;

	if (!m)
		return rc;
	if (HAS_ITERATOR) {
		rc = bpf_iter_task_vma_new(&iterator, task, address);
		vma = rc ? 0 : bpf_iter_task_vma_next(&iterator);
		if (vma)
			copy_mapping(m, vma);
		else if (!rc)
			rc = -ENOENT;
		bpf_iter_task_vma_destroy(&iterator);
	} else if (HAS_FIND) {
		rc = bpf_find_vma(task, address, see_mapping, m, 0);
	}
	return rc;
}

/*
 * Somebody who reads /proc/PID/maps, as our own unwinder does, may stand in the
 * queue for the lock for a moment after this call has left it.
 */
static __always_inline long look(struct mapping *m, __u64 address)
{
	long rc = -EBUSY;

	for (int i = 0; i < MOST_TRIES && rc == -EBUSY; i++)
		rc = look_once(m, address);
	return rc;
}

static __always_inline _Bool is_inside(const struct mapping *m, __u64 at)
{
	return m->start < at && at < m->end;
}

/* As survey_range() of lib/survey.c. */
static __always_inline void survey_one(struct scratch *s,
				       const struct mapping *m)
{
	struct vmp_catch_record *r = &s->record;

	if (m->start == s->end)
		r->flags |= VMP_CATCH_ADJACENT;
	if (m->end <= r->address || m->start >= s->end)
		return;
	if (r->touched == 0) {
		r->first_start = m->start;
		r->first_end = m->end;
		r->first_flags = m->flags;
	}
	if (r->touched < 2)
		r->touched++;
	if (m->start <= s->reached)
		s->reached = m->end;
	r->splits += is_inside(m, r->address);
	r->splits += is_inside(m, s->end);
}

/*
 * Look at one mapping more. Functions that are not static are verified once,
 * not for each turn of a loop.
 */
__noinline int survey_step(void)
{
	struct scratch *s = own_scratch();
	struct mapping m = {};
	int rc;

	if (!s)
		return -EAGAIN;
	rc = look(&m, s->next);
	if (rc)
		return rc;
	survey_one(s, &m);
	s->next = m.end;
	return 0;
}

/* Before 6.7 what lies behind a hole cannot be seen, but for the very end. */
static __always_inline void survey_end(struct scratch *s)
{
	struct mapping m = {};

	s->record.flags |= VMP_CATCH_PART;
	if (!look(&m, s->end - 1) && m.start > s->record.address)
		survey_one(s, &m);
	s->reached = s->record.address;
}

static __always_inline void survey(struct scratch *s)
{
	struct vmp_catch_record *r = &s->record;
	int rc = 0;

	s->end = r->address + r->length;
	if (s->end < r->address)
		s->end = ~0ULL;
	s->reached = r->address;
	s->next = r->address;
	for (int i = 0; i < MOST_MAPPINGS && !rc && s->next <= s->end; i++)
		rc = survey_step();
	if (rc == -ENOENT && !HAS_ITERATOR && s->reached < s->end)
		survey_end(s);
	/* it cannot be told, or there are more than are looked at */
	if ((rc && rc != -ENOENT) || (!rc && s->next <= s->end))
		return;
	r->flags |= VMP_CATCH_SURVEYED;
	if (s->reached >= s->end)
		r->flags |= VMP_CATCH_COVERED;
}

/* As the figures of syscalls.c, which are compared with it. */
static void find_range(struct vmp_catch_record *r, const struct call *c)
{
	unsigned int flags = c->row->flags;
	__u64 after = whole_pages(r->arguments[2]);

	r->address = 0;
	r->length = 0;
	if (flags & VMP_ROW_BREAK) {
		__u64 old = whole_pages(c->result);
		__u64 wanted = whole_pages(r->arguments[0]);

		r->address = old < wanted ? old : wanted;
		r->length = old < wanted ? wanted - old : old - wanted;
		return;
	}
	if (c->row->address >= VMP_CATCH_ARGUMENTS ||
	    c->row->length >= VMP_CATCH_ARGUMENTS)
		return;
	if (flags & VMP_ROW_ONLY_FIXED &&
	    !(r->arguments[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		return;
	r->address = r->arguments[c->row->address];
	r->length = whole_pages(r->arguments[c->row->length]);
	if (flags & VMP_ROW_RESIZE && after < r->length &&
	    !(r->arguments[3] & MREMAP_ELSEWHERE)) {
		r->address += after;
		r->length -= after;
	}
}

/* mremap() that may not move: does anything lie where it would grow? */
static void look_above(struct vmp_catch_record *r)
{
	__u64 end = r->address + r->length;
	__u64 wanted = r->address + whole_pages(r->arguments[2]);
	struct mapping m = {};
	long rc;

	if (r->arguments[3] & MREMAP_MAYMOVE || wanted <= end)
		return;
	rc = look(&m, end);
	if (rc && (rc != -ENOENT || !HAS_ITERATOR))
		return;
	r->flags |= VMP_CATCH_BLOCKED_KNOWN;
	if (!rc && m.start < wanted)
		r->flags |= VMP_CATCH_BLOCKED;
}

static __always_inline void look_at_range(struct scratch *s,
					  const struct call *c)
{
	struct vmp_catch_record *r = &s->record;

	find_range(r, c);
	r->touched = 0;
	r->splits = 0;
	r->first_start = 0;
	r->first_end = 0;
	r->first_flags = 0;
	if (r->length)
		survey(s);
	if (r->length && c->row->flags & VMP_ROW_RESIZE)
		look_above(r);
}

#endif
