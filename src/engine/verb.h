/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of verbs, keys and words, for those who look things up. */
#ifndef VMP_VERB_H
#define VMP_VERB_H

#include "engine/protocol.h"

enum vmp_group_use {
	VMP_GROUP_NONE,
	VMP_GROUP_MAKES,
	VMP_GROUP_USES,
	VMP_GROUP_BLOCKS, /* uses one that malloc made */
};

/* What follows the "=" of a key. */
enum vmp_key_kind {
	VMP_KEY_KIND_NUMBER,
	VMP_KEY_KIND_GROUP,
	VMP_KEY_KIND_prot,
	VMP_KEY_KIND_backing,
	VMP_KEY_KIND_yesno,
	VMP_KEY_KIND_advice
};

struct vmp_verb_row {
	const char *name, *call, *summary;
	enum vmp_call what;
	enum vmp_group_use group;
	uint32_t keys;	       /* 1 << enum vmp_key */
	unsigned int mappings; /* that one call can add */
};

struct vmp_key_row {
	const char *name, *default_text, *summary;
	int64_t least;
	enum vmp_key_kind kind;
};

struct vmp_word_row {
	enum vmp_key_kind kind;
	const char *name;
	int64_t value;
};

extern const struct vmp_verb_row vmp_verbs[VMP_VERBS];
extern const struct vmp_key_row vmp_keys[VMP_KEYS];
extern const struct vmp_word_row vmp_words[];
extern const size_t vmp_word_count;

/*
 * The name in a list that is most like a word, for "did you mean".
 * In: next(i) gives the names, NULL at the end.
 * Returns: the name, NULL where none is near.
 */
const char *vmp_closest(const char *word, const char *(*next)(size_t i));

/*
 * The name of an errno ("ENOMEM"), and back; NULL and 0 for unknown ones. Back
 * goes also the number that stands where a name is not known ("99").
 */
const char *vmp_errno_name(int error);
int vmp_errno_number(const char *name, size_t length);

#endif
