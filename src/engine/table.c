// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of verbs, keys, words and errnos, made from the .def files. */
#include <errno.h>
#include <string.h>

#include "engine/verb.h"
#include "lib/internal.h"

#define KEY(name) | 1U << VMP_KEY_##name
#define NONE VMP_GROUP_NONE, 0U
#define MAKES VMP_GROUP_MAKES, 0U
#define BLOCKS VMP_GROUP_BLOCKS, 0U KEY(from) KEY(offset) KEY(every) KEY(count)
#define USES                                                                   \
	VMP_GROUP_USES, 0U KEY(from) KEY(offset) KEY(every) KEY(count) KEY(at) \
				KEY(length) KEY(stride)

#define ROW(name_, call_, what_, group_, group_keys, keys_, mappings_, text) \
	[VMP_VERB_##name_] = {                                               \
		.name = #name_,                                              \
		.call = call_,                                               \
		.summary = text,                                             \
		.what = VMP_CALL_##what_,                                    \
		.group = group_,                                             \
		.keys = group_keys keys_,                                    \
		.mappings = mappings_,                                       \
	},
#define EXPAND(...) ROW(__VA_ARGS__)
#define VERB(name, call, what, group, keys, mappings, text) \
	EXPAND(name, call, what, group, keys, mappings, text)

const struct vmp_verb_row vmp_verbs[VMP_VERBS] = {
#include "engine/verbs.def"
};

#define KEY_ROW(name_, text, kind_, default_, least_, summary_) \
	[VMP_KEY_##name_] = {                                   \
		.name = text,                                   \
		.default_text = default_,                       \
		.summary = summary_,                            \
		.least = least_,                                \
		.kind = VMP_KEY_KIND_##kind_,                   \
	},

const struct vmp_key_row vmp_keys[VMP_KEYS] = {
#include "engine/keys.def"
};

#define WORD(list, text, number) { VMP_KEY_KIND_##list, text, number },

const struct vmp_word_row vmp_words[] = {
#include "engine/words.def"
};

const size_t vmp_word_count = VMP_COUNT(vmp_words);

/*
 * Those that memory calls answer with, the calls of the truth table and of its
 * scenes (shmat, execve, io_setup), and the usual company. By their numbers.
 */
#define ROW_OF(name)        \
	{                   \
		name, #name \
	}
static const struct {
	int number;
	const char *name;
} errnos[] = {
	ROW_OF(EPERM),	   ROW_OF(ENOENT),	 ROW_OF(ESRCH),
	ROW_OF(EINTR),	   ROW_OF(EIO),		 ROW_OF(ENXIO),
	ROW_OF(E2BIG),	   ROW_OF(ENOEXEC),	 ROW_OF(EBADF),
	ROW_OF(ECHILD),	   ROW_OF(EAGAIN),	 ROW_OF(ENOMEM),
	ROW_OF(EACCES),	   ROW_OF(EFAULT),	 ROW_OF(EBUSY),
	ROW_OF(EEXIST),	   ROW_OF(EXDEV),	 ROW_OF(ENODEV),
	ROW_OF(ENOTDIR),   ROW_OF(EISDIR),	 ROW_OF(EINVAL),
	ROW_OF(ENFILE),	   ROW_OF(EMFILE),	 ROW_OF(ENOTTY),
	ROW_OF(ETXTBSY),   ROW_OF(EFBIG),	 ROW_OF(ENOSPC),
	ROW_OF(EROFS),	   ROW_OF(EPIPE),	 ROW_OF(ERANGE),
	ROW_OF(EDEADLK),   ROW_OF(ENAMETOOLONG), ROW_OF(ENOSYS),
	ROW_OF(ELOOP),	   ROW_OF(EIDRM),	 ROW_OF(ENODATA),
	ROW_OF(EPROTO),	   ROW_OF(EOVERFLOW),	 ROW_OF(ELIBBAD),
	ROW_OF(EMSGSIZE),  ROW_OF(EOPNOTSUPP),	 ROW_OF(EADDRNOTAVAIL),
	ROW_OF(ENOBUFS),   ROW_OF(ETIMEDOUT),	 ROW_OF(EALREADY),
	ROW_OF(ESTALE),	   ROW_OF(EDQUOT),	 ROW_OF(ECANCELED),
	ROW_OF(EHWPOISON),
};
#undef ROW_OF

enum { HIGHEST_ERRNO = 4095 }; /* MAX_ERRNO of the kernel */

const char *vmp_errno_name(int error)
{
	for (size_t i = 0; i < VMP_COUNT(errnos); i++)
		if (errnos[i].number == error)
			return errnos[i].name;
	return NULL;
}

/* What a report says of one that has no name here: "99". 0 where it is none. */
static int errno_from_digits(const char *text, size_t length)
{
	int number = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		number = number * 10 + text[i] - '0';
		if (number > HIGHEST_ERRNO)
			return 0;
	}
	return number;
}

int vmp_errno_number(const char *name, size_t length)
{
	for (size_t i = 0; i < VMP_COUNT(errnos); i++)
		if (strlen(errnos[i].name) == length &&
		    !memcmp(errnos[i].name, name, length))
			return errnos[i].number;
	return errno_from_digits(name, length);
}

enum { LONGEST_WORD = 32 };

/* Edits that turn one word into the other (Levenshtein's distance). */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST_WORD + 1], diagonal, above, best;
	size_t length = strlen(b);

	if (strlen(a) > LONGEST_WORD || length > LONGEST_WORD)
		return LONGEST_WORD;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			best = above + 1 < best ? above + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[length];
}

const char *vmp_closest(const char *word, const char *(*next)(size_t i))
{
	size_t best = strlen(word) / 2 + 1, d;
	const char *name, *closest = NULL;

	if (strlen(word) > LONGEST_WORD)
		return NULL;
	for (size_t i = 0; (name = next(i)); i++) {
		d = distance(word, name);
		if (strlen(word) > 2 && !strncmp(word, name, strlen(word)))
			d = 1;
		if (d < best) {
			best = d;
			closest = name;
		}
	}
	return closest;
}
