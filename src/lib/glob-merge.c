// SPDX-License-Identifier: LGPL-2.1-or-later
/* Merges globs of files that differ in one component of their paths only. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/glob.h"

enum {
	FEWEST = 4,	/* globs that differ in one place, to become one */
	DEEPEST = 24,	/* folders that are looked at */
	EXTENSION = 12, /* characters after a dot that are one */
};

/* A glob with a star in one place, and what must be alike for a merge. */
struct candidate {
	size_t glob;
	char *text;   /* owned */
	size_t place; /* where the star is */
};

static bool is_left(const struct vmp_globs *g, size_t i)
{
	return g->globs[i].into == i && !g->globs[i].alone;
}

static const char deleted[] = " (deleted)";

/* The length of a name without the kernel's " (deleted)". */
static size_t live_length(const char *text)
{
	size_t length = strlen(text), end = sizeof(deleted) - 1;

	if (length > end && !memcmp(text + length - end, deleted, end))
		return length - end;
	return length;
}

/* Where the extension of the last component begins; `end` where none is. */
static size_t find_extension(const char *text, size_t base, size_t end)
{
	for (size_t i = end; i-- > base + 1;)
		if (text[i] == '.')
			return end - i <= EXTENSION ? i : end;
	return end;
}

/* The component number `depth` from the end, 0 the last: [from, to). */
static bool find_component(const char *text, unsigned int depth, size_t *from,
			   size_t *to)
{
	size_t end = live_length(text), start;

	for (;;) {
		for (start = end; start && text[start - 1] != '/';)
			start--;
		if (!start)
			return false;
		*from = start;
		*to = depth ? end : find_extension(text, start, end);
		if (!depth--)
			return start < end;
		end = start - 1;
	}
}

/* The text with a star for [from, to). */
static char *with_star(const char *text, size_t from, size_t to)
{
	size_t length = strlen(text);
	char *star = malloc(length + 2);

	if (!star)
		return NULL;
	memcpy(star, text, from);
	star[from] = '*';
	memcpy(star + from + 1, text + to, length - to + 1);
	return star;
}

static int by_text(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	if (order)
		return order;
	return x->glob < y->glob ? -1 : x->glob > y->glob;
}

/* Merge a run of candidates with one text into the first of them. */
static void merge_run(struct vmp_globs *g, struct candidate *run, size_t count)
{
	struct vmp_glob *first = &g->globs[run[0].glob];

	free(first->text);
	first->text = run[0].text;
	run[0].text = NULL;
	for (size_t i = 1; i < count; i++) {
		g->globs[run[i].glob].into = run[0].glob;
		first->names += g->globs[run[i].glob].names;
	}
}

/*
 * What the last components of a run have in common before they differ, up to
 * where a word ends: "_a.dvd", "_b.dvd" are "_*.dvd".
 */
static size_t common_prefix(const struct vmp_globs *g,
			    const struct candidate *run, size_t count)
{
	const char *a = g->globs[run[0].glob].text + run[0].place;
	size_t length = strlen(a), same;

	for (size_t i = 1; i < count; i++) {
		const char *b = g->globs[run[i].glob].text + run[i].place;

		for (same = 0; same < length && a[same] == b[same];)
			same++;
		length = same;
	}
	while (length && (isalnum((unsigned char)a[length - 1]) ||
			  a[length - 1] == '*' || a[length - 1] == '.'))
		length--;
	return length;
}

/* Put the common prefix before the star of the first of a run. */
static int add_prefix(const struct vmp_globs *g, struct candidate *run,
		      size_t count)
{
	size_t length = common_prefix(g, run, count), place = run[0].place;
	const char *from = g->globs[run[0].glob].text + place;
	char *text;

	if (!length)
		return 0;
	text = malloc(strlen(run[0].text) + length + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, run[0].text, place);
	memcpy(text + place, from, length);
	strcpy(text + place + length, run[0].text + place);
	free(run[0].text);
	run[0].text = text;
	return 0;
}

static int merge_alike(struct vmp_globs *g, struct candidate *list,
		       size_t count, bool last_component)
{
	size_t end;
	int rc = 0;

	qsort(list, count, sizeof(*list), by_text);
	for (size_t i = 0; i < count && rc == 0; i = end) {
		for (end = i + 1;
		     end < count && !strcmp(list[i].text, list[end].text);)
			end++;
		if (end - i < FEWEST)
			continue;
		if (last_component)
			rc = add_prefix(g, &list[i], end - i);
		if (rc == 0)
			merge_run(g, &list[i], end - i);
	}
	return rc;
}

/* Collect the candidates of one depth. Returns: how many, or -ENOMEM. */
static int64_t find_candidates(struct vmp_globs *g, unsigned int depth,
			       struct candidate *list)
{
	size_t count = 0, from, to;

	for (size_t i = 0; i < g->count; i++) {
		if (!is_left(g, i) ||
		    !find_component(g->globs[i].text, depth, &from, &to))
			continue;
		list[count].glob = i;
		list[count].place = from;
		list[count].text = with_star(g->globs[i].text, from, to);
		if (!list[count++].text)
			return -ENOMEM;
	}
	return (int64_t)count;
}

static int merge_depth(struct vmp_globs *g, unsigned int depth,
		       struct candidate *list)
{
	int64_t found;
	int rc;

	memset(list, 0, g->count * sizeof(*list));
	found = find_candidates(g, depth, list);
	rc = found < 0 ? (int)found
		       : merge_alike(g, list, (size_t)found, depth == 0);
	for (size_t i = 0; i < g->count; i++)
		free(list[i].text);
	return rc < 0 ? rc : found > 0;
}

int vmp_globs_merge(struct vmp_globs *g)
{
	VMP_FREE struct candidate *list = NULL;
	int rc = 1;

	if (g->count < FEWEST)
		return 0;
	list = calloc(g->count, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (unsigned int depth = 0; depth < DEEPEST && rc > 0; depth++)
		rc = merge_depth(g, depth, list);
	return rc < 0 ? rc : 0;
}
