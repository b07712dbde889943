// SPDX-License-Identifier: GPL-2.0-or-later
/* Arguments of memory calls in words: PROT_READ|PROT_WRITE, MADV_DONTDUMP. */
#include <inttypes.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/internal.h"
#include "trace/syscalls.h"

struct word {
	enum vmp_argument_kind kind;
	uint64_t value;
	const char *text;
};

#define PROT(name)                             \
	{                                      \
		VMP_ARGUMENT_PROT, name, #name \
	}
#define MAP(name, value)                             \
	{                                            \
		VMP_ARGUMENT_MAP_FLAGS, value, #name \
	}
#define MREMAP(name, value)                             \
	{                                               \
		VMP_ARGUMENT_MREMAP_FLAGS, value, #name \
	}
#define MCL(name, value)                                  \
	{                                                 \
		VMP_ARGUMENT_MLOCKALL_FLAGS, value, #name \
	}
#define CLONE(name)                                   \
	{                                             \
		VMP_ARGUMENT_CLONE_FLAGS, name, #name \
	}
#define ADVICE(name, value)                               \
	{                                                 \
		VMP_ARGUMENT_ADVICE, value, "MADV_" #name \
	}

/* Numbers where headers are older than the name (include/uapi/asm-generic). */
static const struct word words[] = {
	PROT(PROT_READ),
	PROT(PROT_WRITE),
	PROT(PROT_EXEC),
	PROT(PROT_GROWSDOWN),
	PROT(PROT_GROWSUP),
	MAP(MAP_SHARED_VALIDATE, 3),
	MAP(MAP_SHARED, MAP_SHARED),
	MAP(MAP_PRIVATE, MAP_PRIVATE),
	MAP(MAP_FIXED, MAP_FIXED),
	MAP(MAP_ANONYMOUS, MAP_ANONYMOUS),
	MAP(MAP_GROWSDOWN, MAP_GROWSDOWN),
	MAP(MAP_DENYWRITE, MAP_DENYWRITE),
	MAP(MAP_LOCKED, MAP_LOCKED),
	MAP(MAP_NORESERVE, MAP_NORESERVE),
	MAP(MAP_POPULATE, MAP_POPULATE),
	MAP(MAP_NONBLOCK, MAP_NONBLOCK),
	MAP(MAP_STACK, MAP_STACK),
	MAP(MAP_HUGETLB, MAP_HUGETLB),
	MAP(MAP_SYNC, 0x80000),
	MAP(MAP_FIXED_NOREPLACE, 0x100000),
#ifdef MAP_32BIT
	MAP(MAP_32BIT, MAP_32BIT),
#endif
	MREMAP(MREMAP_MAYMOVE, 1),
	MREMAP(MREMAP_FIXED, 2),
	MREMAP(MREMAP_DONTUNMAP, 4),
	MCL(MCL_CURRENT, 1),
	MCL(MCL_FUTURE, 2),
	MCL(MCL_ONFAULT, 4),
	CLONE(CLONE_VM),
	CLONE(CLONE_FS),
	CLONE(CLONE_FILES),
	CLONE(CLONE_SIGHAND),
	CLONE(CLONE_VFORK),
	CLONE(CLONE_THREAD),
	CLONE(CLONE_SYSVSEM),
	CLONE(CLONE_SETTLS),
	CLONE(CLONE_PARENT_SETTID),
	CLONE(CLONE_CHILD_CLEARTID),
	CLONE(CLONE_CHILD_SETTID),
	CLONE(CLONE_NEWNS),
	CLONE(CLONE_NEWUSER),
	CLONE(CLONE_NEWPID),
	CLONE(CLONE_NEWNET),
	ADVICE(NORMAL, 0),
	ADVICE(RANDOM, 1),
	ADVICE(SEQUENTIAL, 2),
	ADVICE(WILLNEED, 3),
	ADVICE(DONTNEED, 4),
	ADVICE(FREE, 8),
	ADVICE(REMOVE, 9),
	ADVICE(DONTFORK, 10),
	ADVICE(DOFORK, 11),
	ADVICE(MERGEABLE, 12),
	ADVICE(UNMERGEABLE, 13),
	ADVICE(HUGEPAGE, 14),
	ADVICE(NOHUGEPAGE, 15),
	ADVICE(DONTDUMP, 16),
	ADVICE(DODUMP, 17),
	ADVICE(WIPEONFORK, 18),
	ADVICE(KEEPONFORK, 19),
	ADVICE(COLD, 20),
	ADVICE(PAGEOUT, 21),
	ADVICE(POPULATE_READ, 22),
	ADVICE(POPULATE_WRITE, 23),
	ADVICE(DONTNEED_LOCKED, 24),
	ADVICE(COLLAPSE, 25),
	ADVICE(HWPOISON, 100),
	ADVICE(SOFT_OFFLINE, 101),
	ADVICE(GUARD_INSTALL, 102),
	ADVICE(GUARD_REMOVE, 103),
	{ VMP_ARGUMENT_IOCTL, 0xc020aa00, "UFFDIO_REGISTER" },
	{ VMP_ARGUMENT_PRCTL, 0x53564d41, "PR_SET_VMA" },
};

static bool is_mask(enum vmp_argument_kind kind)
{
	return kind >= VMP_ARGUMENT_PROT && kind < VMP_ARGUMENT_ADVICE;
}

static void append(char *buffer, size_t size, const char *text)
{
	size_t length = strlen(buffer);

	snprintf(buffer + length, size - length, "%s%s", length ? "|" : "",
		 text);
}

static char *mask_text(enum vmp_argument_kind kind, uint64_t value,
		       char *buffer, size_t size)
{
	char rest[32];

	for (size_t i = 0; i < VMP_COUNT(words); i++)
		if (words[i].kind == kind &&
		    (value & words[i].value) == words[i].value) {
			append(buffer, size, words[i].text);
			value &= ~words[i].value;
		}
	snprintf(rest, sizeof(rest), "0x%" PRIx64, value);
	if (!*buffer && !value && kind == VMP_ARGUMENT_PROT)
		append(buffer, size, "PROT_NONE");
	else if (value || !*buffer) /* clone: the signal is in the rest */
		append(buffer, size, value ? rest : "0");
	return buffer;
}

static char *word_text(enum vmp_argument_kind kind, uint64_t value,
		       char *buffer, size_t size)
{
	for (size_t i = 0; i < VMP_COUNT(words); i++)
		if (words[i].kind == kind && words[i].value == value) {
			append(buffer, size, words[i].text);
			return buffer;
		}
	snprintf(buffer, size, "%" PRId32, (int32_t)value);
	return buffer;
}

char *vmp_argument_text(const struct vmp_argument *argument, uint64_t value,
			char *buffer, size_t size)
{
	enum vmp_argument_kind kind = argument->kind;

	*buffer = '\0';
	if (is_mask(kind))
		return mask_text(kind, value, buffer, size);
	if (kind >= VMP_ARGUMENT_ADVICE)
		return word_text(kind, (uint32_t)value, buffer, size);
	if (kind == VMP_ARGUMENT_ADDRESS)
		snprintf(buffer, size, "0x%" PRIx64, value);
	else if (kind == VMP_ARGUMENT_BYTES)
		snprintf(buffer, size, "%" PRIu64, value);
	else
		snprintf(buffer, size, "%" PRId32, (int32_t)value);
	return buffer;
}
