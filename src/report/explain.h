/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reports on a census: who owns the mappings, why neighbours did not
 * merge, what to do. A struct vmp_census in; text, JSON, CSV or a picture out.
 */
#ifndef VMP_EXPLAIN_H
#define VMP_EXPLAIN_H

#include "lib/vmaprobe.h"
#include "report/style.h"

/* Which parts are asked for, and how much of each. */
struct vmp_explain_view {
	bool owners, neighbours, maps; /* none of them: a report of all */
	size_t top;		       /* rows of a table; 0: all */
	const char *hidden_reason; /* why no hidden facts; NULL: not asked */
};

void vmp_explain_text(const struct vmp_census *census,
		      const struct vmp_explain_view *view,
		      const struct vmp_style *style, FILE *out);

/* vmaprobe.explain/1; with view->maps it has mappings[], too. */
int vmp_explain_json(const struct vmp_census *census,
		     const struct vmp_explain_view *view, FILE *out);

/* vmaprobe.explain/1 of what could not be read. In: pid 0, path NULL: none. */
int vmp_explain_json_error(pid_t pid, const char *path, const char *reason,
			   FILE *out);

/* A row an owner; or a reason, or a mapping, where these are asked for. */
void vmp_explain_csv(const struct vmp_census *census,
		     const struct vmp_explain_view *view, FILE *out);

/* The address space: owners by colour, dense parts enlarged. */
void vmp_explain_svg(const struct vmp_census *census, FILE *out);

/* Owners of two censuses side by side, what changed most first. */
void vmp_explain_diff(const struct vmp_census *a, const struct vmp_census *b,
		      size_t top, const struct vmp_style *style, FILE *out);
/* vmaprobe.explain-diff/1 */
int vmp_explain_diff_json(const struct vmp_census *a,
			  const struct vmp_census *b, FILE *out);
void vmp_explain_diff_csv(const struct vmp_census *a,
			  const struct vmp_census *b, FILE *out);

/* How many rows of a table are shown. */
static inline size_t vmp_shown_of(size_t count, size_t top)
{
	return top && top < count ? top : count;
}

/* "rw-p". In: text of 5. Returns: it. */
char *vmp_rights_text(const struct vmp_mapping *m, char *text);

/* Which of the next calls would fail, by the headroom; false: not known. */
struct vmp_next_calls {
	bool known;
	bool munmap_fails; /* from the middle of a mapping */
	bool mmap_fails;
	bool mremap_fails; /* that moves */
};

struct vmp_next_calls vmp_next_calls(const struct vmp_subject *subject);

/* Sentences: how many mappings of how many; who has most; what fails next. */
void vmp_explain_count(const struct vmp_subject *subject,
		       const struct vmp_style *style, FILE *out);
void vmp_explain_largest(const struct vmp_census *census,
			 const struct vmp_style *style, FILE *out);
void vmp_explain_next(const struct vmp_subject *subject,
		      const struct vmp_style *style, FILE *out);

#endif
