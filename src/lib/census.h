/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The census, inside: all mappings of an input in a compact form, and what is
 * found out about them, pass by pass.
 *
 *   vmp_maps_next()  -> entries, names, flag sets      census.c, names.c
 *   names            -> owners of what has a name      owner.c
 *   entries          -> owners of what has none        anon.c, stacks.c
 *   names of files   -> globs, a row each              glob.c
 *   adjacent entries -> reasons                        neighbour.c, detail.c
 *   rows and facts   -> advice                         advice.c
 */
#ifndef VMP_CENSUS_H
#define VMP_CENSUS_H

#include "lib/internal.h"
#include "lib/maps.h"

enum vmp_entry_bits {
	VMP_READ = 1,
	VMP_WRITE = 2,
	VMP_EXECUTE = 4,
	VMP_SHARED = 8,
	VMP_PERMISSIONS = 15,
	VMP_COUNTED = 16,
	VMP_TOUCHED = 32, /* smaps: has pages of its own */
};

/* One mapping, in 48 bytes: a process may hold millions. */
struct vmp_entry {
	uint64_t start, end;
	uint64_t offset, inode;
	uint32_t device; /* major << 20 | minor */
	uint32_t name;	 /* in names; 0: it has none */
	uint32_t row;	 /* in rows; VMP_NO_ROW: not yet known */
	uint16_t flags;	 /* in flag_sets; 0: not read */
	uint8_t bits;	 /* enum vmp_entry_bits */
	uint8_t policy;	 /* a memory policy's number; 0: not read */
};

#define VMP_NO_ROW UINT32_MAX

/*
 * Keys of anonymous rows: permissions, and a class of sizes above them; or a
 * pattern of two, each its permissions and its pages, in 30 bits.
 */
#define VMP_PATTERN (UINT64_C(1) << 63)

/* A distinct name; row 0 is the empty one. */
struct vmp_name {
	size_t offset; /* of its text, which ends in a NUL */
	uint32_t length, hash;
	uint32_t row;	   /* in rows, once it is known */
	uint32_t mappings; /* that have it */
	enum vmp_owner owner : 8;
	bool executable : 1; /* mapped so somewhere */
	bool deleted : 1;
	bool looked_up : 1; /* whether it is deleted */
};

struct vmp_names {
	char *text;
	size_t used, size;
	struct vmp_name *rows;
	size_t count, room;
	uint32_t *slots; /* a power of two, by hash; 0: empty */
	size_t slot_count;
	uint32_t last; /* found most recently: neighbours share names */
};

/*
 * The number of a name, which is added where it is new.
 * Returns: it, or a negative errno.
 */
int64_t vmp_names_add(struct vmp_names *names, const char *text, size_t length);
void vmp_names_free(struct vmp_names *names);
const char *vmp_name_text(const struct vmp_names *names, uint32_t name);
uint64_t vmp_hash(const char *text, size_t length);

struct vmp_flag_set {
	uint64_t flags;
	uint8_t key; /* protection key */
};

/* A row of owners, and what its label is made from. */
struct vmp_row {
	struct vmp_owner_row public;
	uint64_t key;		    /* tells rows of one owner apart */
	uint64_t smallest, largest; /* bytes of a mapping */
	uint64_t stacks;	    /* thread stacks in it */
	char *label;		    /* owned; public.label points to it */
};

struct vmp_census {
	struct vmp_subject subject;
	char command[64];
	char *path, *kernel; /* owned */
	pid_t thread;	     /* whose /proc files are read: its first, mostly */
	struct vmp_entry *entries;
	size_t count, room;
	struct vmp_names names;
	struct vmp_flag_set *flag_sets;
	size_t flag_count, flag_room;
	uint64_t *stacks; /* addresses in stacks of threads */
	size_t stack_count;
	struct vmp_hidden *hidden; /* by address; NULL: not read */
	size_t hidden_count;
	struct vmp_row *rows;
	size_t row_count, row_room;
	struct vmp_owner_row *owners; /* sorted, for the caller */
	size_t owner_count;
	struct vmp_reason_row *reasons;
	size_t reason_count;
	struct vmp_advice_row *advice;
	size_t advice_count;
};

/*
 * Room for one element more in an array that grows by doubling.
 * Returns: 0 or -ENOMEM.
 */
int vmp_grow(void *array, size_t count, size_t *room, size_t size);

/* The row of this owner and key, which is added where it is new. Or -ENOMEM. */
int64_t vmp_row_of(struct vmp_census *c, enum vmp_owner owner, uint64_t key);
int64_t vmp_row_add(struct vmp_census *c, enum vmp_owner owner, uint64_t key);

/* Give an entry to a row: counts it there. */
void vmp_own(struct vmp_census *c, struct vmp_entry *e, uint32_t row);

/* Private memory without a file or a name, and nobody's yet. */
static inline bool vmp_is_plain(const struct vmp_entry *e)
{
	return !e->name && !e->inode && !(e->bits & VMP_SHARED) &&
	       (e->bits & VMP_COUNTED) && e->row == VMP_NO_ROW;
}

static inline uint64_t vmp_entry_bytes(const struct vmp_entry *e)
{
	return e->end - e->start;
}

static inline unsigned int vmp_permissions(const struct vmp_entry *e)
{
	return e->bits & VMP_PERMISSIONS;
}

/* "rw-p" of enum vmp_entry_bits. In: buffer of 5. Returns: it. */
char *vmp_permission_text(unsigned int bits, char *buffer);

/* Sort the rows that hold something into c->owners. 0 or -ENOMEM. */
int vmp_sort_rows(struct vmp_census *c);

/* What /proc tells about a process, into c->subject. */
void vmp_subject_read(struct vmp_ctx *ctx, struct vmp_census *c, pid_t pid);

/*
 * Which names are of files that are gone, as the kernel says; of a process
 * whose files can be looked at, it is looked whether one is just called so.
 */
void vmp_find_deleted(struct vmp_ctx *ctx, struct vmp_census *c);

/* Are this owner's names collapsed into globs, a row each? */
bool vmp_has_globs(enum vmp_owner owner);

/* The passes, in their order. Each returns 0 or a negative errno. */
int vmp_own_names(struct vmp_census *c);
int vmp_own_arenas(struct vmp_census *c);
int vmp_own_stacks(struct vmp_ctx *ctx, struct vmp_census *c);
int vmp_own_anonymous(struct vmp_census *c);
int vmp_own_files(struct vmp_census *c);
int vmp_label_rows(struct vmp_census *c);
int vmp_find_reasons(struct vmp_census *c); /* again: from the start */
int vmp_find_advice(struct vmp_census *c);

void vmp_forget_reasons(struct vmp_census *c);

/*
 * The memory policies of a process's mappings, where they can be read.
 * Returns: how many are distinct.
 */
size_t vmp_policies_read(struct vmp_ctx *ctx, struct vmp_census *c, pid_t pid);

/*
 * Globs that a person would write for the names of one owner:
 * "/data/seg-*.dvd (deleted)". Each of the names gets the row of its glob.
 */
int vmp_globs_make(struct vmp_census *c, enum vmp_owner owner);

#endif
