/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory calls that are caught, and what their arguments mean. */
#ifndef VMP_SYSCALLS_H
#define VMP_SYSCALLS_H

#include "lib/diagnose.h"

enum { VMP_ARGUMENTS = 6 };

enum vmp_argument_kind {
	VMP_ARGUMENT_NONE,
	VMP_ARGUMENT_NUMBER,  /* a signed int */
	VMP_ARGUMENT_BYTES,   /* a size or offset */
	VMP_ARGUMENT_ADDRESS, /* shown in hexadecimal */
	VMP_ARGUMENT_PROT,    /* from here on: words, by a table */
	VMP_ARGUMENT_MAP_FLAGS,
	VMP_ARGUMENT_MREMAP_FLAGS,
	VMP_ARGUMENT_MLOCKALL_FLAGS,
	VMP_ARGUMENT_CLONE_FLAGS,
	VMP_ARGUMENT_ADVICE,
	VMP_ARGUMENT_IOCTL,
	VMP_ARGUMENT_PRCTL,
};

struct vmp_argument {
	const char *name;
	enum vmp_argument_kind kind;
};

struct vmp_syscall {
	const char *name;
	long number; /* of this machine; -1 where it has none */
	enum vmp_call call;
	/* Where `filtered`: only if this argument has this value. */
	bool filtered;
	unsigned int only_argument;
	uint64_t only_value;
	/* Where read_words: so many words behind a pointer become arguments. */
	unsigned int read_argument, read_offset, read_words, read_to;
	struct vmp_argument arguments[VMP_ARGUMENTS];
	/* Fills call, address, length, more_bytes, writable, accountable. */
	void (*figure)(const uint64_t *arguments, struct vmp_failed_call *f);
};

extern const struct vmp_syscall vmp_syscalls[];
extern const size_t vmp_syscall_count;

/* The row of a call; NULL for one that is not caught. */
const struct vmp_syscall *vmp_syscall_find(long number,
					   const uint64_t *arguments);

/*
 * How a call ended. In: result, as the kernel returned it.
 * Returns: errno, 0 where it worked. brk() returns the break: it failed with
 *   ENOMEM where that is not what was asked for, unless it only asked.
 */
int vmp_syscall_error(const struct vmp_syscall *row, const uint64_t *arguments,
		      int64_t result);

/*
 * Is it an errno that stands for want of mappings or memory? ENOMEM; EAGAIN of
 * calls that mean the same by it (madvise, mremap, mmap, mlock, clone).
 */
bool vmp_syscall_is_shortage(const struct vmp_syscall *row, int error);

/* Up to whole pages; what would wrap around stays as large as can be. */
uint64_t vmp_page_align(uint64_t bytes);

/* Bytes that the call would have given back; 0 for others. */
uint64_t vmp_syscall_release(const struct vmp_syscall *row,
			     const uint64_t *arguments);

/*
 * One argument in words: "PROT_READ|PROT_WRITE", "0x7f...", "4096".
 * Out: buffer, cut where it is too small. Returns: buffer.
 */
char *vmp_argument_text(const struct vmp_argument *argument, uint64_t value,
			char *buffer, size_t size);

/*
 * Begin the figures of a failed call: all that the arguments tell. What is
 * read of the process (limits, process, survey, blocked) is the back end's.
 */
void vmp_syscall_figures(const struct vmp_syscall *row,
			 const uint64_t *arguments, int64_t result,
			 struct vmp_failed_call *figures);

/*
 * After the survey: what depends on the mapping that the range meets. mprotect
 * charges only what was not writable, mremap has the rights of what it moves.
 */
void vmp_syscall_refine(const struct vmp_syscall *row,
			const uint64_t *arguments,
			struct vmp_failed_call *figures);

#endif
