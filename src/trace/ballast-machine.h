/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs from machine to machine where code is run inside a program. */
#ifndef VMP_BALLAST_MACHINE_H
#define VMP_BALLAST_MACHINE_H

#include <stddef.h>
#include <stdint.h>

enum { VMP_USER_REGISTERS = 40 }; /* words of NT_PRSTATUS at most */

/*
 * Registers are indices into the words of NT_PRSTATUS. The loop makes `left`
 * calls of mprotect(address, length, prot, -, -, mark), each a page further and
 * shorter than the one before, with PROT_NONE and PROT_READ in turn, and ends
 * at its trap; with what `result` holds, unless it is 0, a call failed.
 */
struct vmp_machine {
	size_t words;	       /* of NT_PRSTATUS; less is a 32-bit program */
	unsigned char call[4]; /* the instruction of a system call */
	size_t call_bytes;
	unsigned char trap[4];
	size_t trap_bytes;
	uint64_t trap_advance; /* where pc is behind a trap */
	uint64_t longest;      /* instruction, in bytes */
	int pc, sp, number, result;
	int argument[6];
	int restart; /* -1 in it: no call to be made again; -1: has none */
	const unsigned char *loop;
	size_t loop_bytes;
	int loop_address, loop_page, loop_left;
};

/* NULL where no facts of this machine are known. */
extern const struct vmp_machine *const vmp_machine;

#endif
