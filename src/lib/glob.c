// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Collapses many names into few globs, as a person would write them.
 *
 * First what counts or identifies becomes a star: runs with a digit in them.
 * Where a star stands for the same text in all names it becomes that text
 * again. Then, for files, what still differs in the last component and then in
 * one folder becomes a star where at least four globs differ only there.
 *
 *   /data/index/7/seg-000123.dvd    /data/index/\0/seg-\0.dvd
 *   /data/index/7/seg-000124.dvd    /data/index/7/seg-*.dvd
 */
#include <errno.h>
#include <string.h>

#include "lib/census.h"
#include "lib/glob.h"

enum {
	STAR = '\0', /* in a key, which is only hashed: no name holds it */
	/* Extensions keep their digits up to here: "mp3", "7z" do, "001" not */
	LONGEST_EXTENSION = 5,
	/* A name of so many mappings is told alone, if they are a tenth of all */
	MANY = 64,
};

enum class { OTHER, LETTER, DIGIT };

/* Of each byte; the locale has no say in it. */
static const unsigned char class_of[256] = {
	['0' ... '9'] = DIGIT,
	['A' ... 'Z'] = LETTER,
	['a' ... 'z'] = LETTER,
};

static enum class class_at(const char *p) {
	return (enum class)class_of[(unsigned char)*p];
}

static size_t run_of(const char *p, enum class class)
{
	size_t length = 0;

	while (class_at(p + length) == class)
		length++;
	return length;
}

/* "dvd", "mp3", behind a dot and at the end of a component. */
static bool is_extension(const char *start, const char *run, size_t length)
{
	char after = run[length];

	return run > start && run[-1] == '.' && length <= LONGEST_EXTENSION &&
	       class_at(run) == LETTER &&
	       (!after || after == ' ' || after == '/');
}

/*
 * What becomes a star of the run of letters and digits at p: the digits of
 * "seg000123", all of "3fa9c", nothing of "seg" or of an extension.
 * Out: *length, of the run. Returns: where the star begins; *length for none.
 */
static size_t find_star(const char *start, const char *p, size_t *length)
{
	size_t letters = run_of(p, LETTER);
	size_t digits = run_of(p + letters, DIGIT), more = letters + digits;

	while (class_at(p + more) != OTHER)
		more++;
	*length = more;
	if (!digits || is_extension(start, p, more))
		return more;
	return more == letters + digits ? letters : 0;
}

/* The last one that there is room for stands for all that follow, too. */
static void add_star(struct vmp_stars *stars, uint32_t offset, uint32_t length)
{
	struct vmp_star *last = &stars->at[VMP_MOST_STARS - 1];

	if (stars->count < VMP_MOST_STARS)
		stars->at[stars->count++] = (struct vmp_star){ offset, length };
	else
		last->length = offset + length - last->offset;
}

/*
 * The name with STAR for what counts.
 * Out: key, no longer than the name; *stars, where they are in the name.
 */
static size_t make_key(const char *name, char *key, struct vmp_stars *stars)
{
	const char *p = name;
	size_t used = 0, length, star;

	stars->count = 0;
	while (*p) {
		for (; *p && class_at(p) == OTHER; p++)
			key[used++] = *p;
		star = find_star(name, p, &length);
		memcpy(key + used, p, star);
		used += star;
		if (star < length) {
			key[used++] = STAR;
			add_star(stars, (uint32_t)(p - name + star),
				 (uint32_t)(length - star));
		}
		p += length;
	}
	key[used] = '\0';
	return used;
}

static const char *text_of(const struct vmp_globs *g, uint32_t name)
{
	return vmp_name_text(&g->c->names, name);
}

/* Which stars of a glob stand for another text in this name? */
static uint64_t find_varied(const char *first, const struct vmp_stars *of_first,
			    const char *name, const struct vmp_stars *of_name)
{
	uint64_t varied = 0;

	/* as many in both, unless somebody made two keys of one hash */
	for (size_t i = 0; i < of_first->count && i < of_name->count; i++) {
		struct vmp_star a = of_first->at[i], b = of_name->at[i];

		if (a.length != b.length ||
		    memcmp(first + a.offset, name + b.offset, a.length) != 0)
			varied |= UINT64_C(1) << i;
	}
	return varied;
}

/* The glob of a key; found by hash, added where it is new. */
static struct vmp_glob *glob_of(struct vmp_globs *g, uint64_t hash,
				uint32_t name, bool alone)
{
	size_t mask = g->slot_count - 1, at = hash & mask;
	struct vmp_glob *glob;

	for (; g->slots[at] && !alone; at = (at + 1) & mask) {
		glob = &g->globs[g->slots[at] - 1];
		if (glob->hash == hash && !glob->alone)
			return glob;
	}
	while (g->slots[at])
		at = (at + 1) & mask;
	glob = &g->globs[g->count++];
	*glob = (struct vmp_glob){ hash, alone, .first = name };
	g->slots[at] = (uint32_t)g->count;
	return glob;
}

static bool is_told_alone(const struct vmp_globs *g, const struct vmp_name *n)
{
	return n->mappings >= MANY && n->mappings >= g->c->count / 10;
}

/* The stars of a glob's first name; of the last glob they are at hand. */
static const struct vmp_stars *stars_of(struct vmp_globs *g,
					const struct vmp_glob *glob)
{
	if (g->of != glob)
		make_key(text_of(g, glob->first), g->scratch, &g->stars);
	g->of = glob;
	return &g->stars;
}

static void add_name(struct vmp_globs *g, uint32_t name)
{
	struct vmp_name *n = &g->c->names.rows[name];
	const char *text = text_of(g, name);
	struct vmp_stars stars;
	uint64_t hash = vmp_hash(g->key, make_key(text, g->key, &stars));
	struct vmp_glob *glob = glob_of(g, hash, name, is_told_alone(g, n));

	if (glob->names++)
		glob->varied |= find_varied(text_of(g, glob->first),
					    stars_of(g, glob), text, &stars);
	n->row = (uint32_t)(glob - g->globs);
}

/* The text of a glob: its first name, with '*' where others vary. */
static char *render(struct vmp_globs *g, const struct vmp_glob *glob)
{
	const char *name = text_of(g, glob->first);
	const struct vmp_stars *stars = stars_of(g, glob);
	char *text = malloc(strlen(name) + 1), *out = text;
	size_t from = 0;

	if (!text)
		return NULL;
	for (size_t i = 0; i < stars->count; i++) {
		if (!(glob->varied >> i & 1))
			continue;
		out = mempcpy(out, name + from, stars->at[i].offset - from);
		*out++ = '*';
		from = stars->at[i].offset + stars->at[i].length;
	}
	strcpy(out, name + from);
	return text;
}

static int collect(struct vmp_globs *g, enum vmp_owner owner)
{
	struct vmp_names *names = &g->c->names;
	size_t longest = 0;

	for (uint32_t i = 1; i < names->count; i++)
		if (names->rows[i].owner == owner &&
		    names->rows[i].length > longest)
			longest = names->rows[i].length;
	g->key = malloc(longest + 1);
	g->scratch = malloc(longest + 1);
	if (!g->key || !g->scratch)
		return -ENOMEM;
	for (uint32_t i = 1; i < names->count; i++)
		if (names->rows[i].owner == owner)
			add_name(g, i);
	for (size_t i = 0; i < g->count; i++) {
		g->globs[i].into = i;
		g->globs[i].text = render(g, &g->globs[i]);
		if (!g->globs[i].text)
			return -ENOMEM;
	}
	return 0;
}

/* A row for each glob that is left, and its number for each of its names. */
static int make_rows(struct vmp_globs *g, enum vmp_owner owner)
{
	struct vmp_names *names = &g->c->names;
	int64_t row;

	for (size_t i = 0; i < g->count; i++) {
		if (g->globs[i].into != i)
			continue;
		row = vmp_row_add(g->c, owner, i);
		if (row < 0)
			return (int)row;
		g->c->rows[row].label = g->globs[i].text;
		g->globs[i].text = NULL;
		g->globs[i].row = (uint32_t)row;
	}
	for (uint32_t i = 1; i < names->count; i++) {
		size_t at = names->rows[i].row;

		if (names->rows[i].owner != owner)
			continue;
		while (g->globs[at].into != at)
			at = g->globs[at].into;
		names->rows[i].row = g->globs[at].row;
	}
	return 0;
}

static size_t count_names(const struct vmp_census *c, enum vmp_owner owner)
{
	size_t count = 0;

	for (uint32_t i = 1; i < c->names.count; i++)
		count += c->names.rows[i].owner == owner;
	return count;
}

static void release(struct vmp_globs *g)
{
	for (size_t i = 0; i < g->count; i++)
		free(g->globs[i].text);
	free(g->globs);
	free(g->slots);
	free(g->key);
	free(g->scratch);
}

int vmp_globs_make(struct vmp_census *c, enum vmp_owner owner)
{
	size_t count = count_names(c, owner);
	__attribute__((cleanup(release))) struct vmp_globs g = { .c = c };
	int rc;

	if (!count)
		return 0;
	for (g.slot_count = 4; g.slot_count < 2 * count;)
		g.slot_count *= 2;
	g.globs = calloc(count, sizeof(*g.globs));
	g.slots = calloc(g.slot_count, sizeof(*g.slots));
	if (!g.globs || !g.slots)
		return -ENOMEM;
	rc = collect(&g, owner);
	if (rc == 0 &&
	    (owner == VMP_OWNER_FILE || owner == VMP_OWNER_DELETED_FILE))
		rc = vmp_globs_merge(&g);
	return rc < 0 ? rc : make_rows(&g, owner);
}
