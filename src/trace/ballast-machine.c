// SPDX-License-Identifier: GPL-2.0-or-later
/* The facts of each machine that ballast can be made on. */
#include "trace/ballast-machine.h"

#if defined(__x86_64__)

/* struct user_regs_struct: r15 is word 0 */
enum {
	R14 = 1,
	R12 = 3,
	R10 = 7,
	R9 = 8,
	R8 = 9,
	RAX = 10,
	RDX = 12,
	RSI = 13,
	RDI = 14,
	ORIG_RAX = 15,
	RIP = 16,
	RSP = 19,
	WORDS = 27
};

static const unsigned char loop[] = {
	0xb8, 0x0a, 0x00, 0x00, 0x00, /* loop: mov $__NR_mprotect, %eax */
	0x0f, 0x05,		      /* syscall */
	0x85, 0xc0,		      /* test %eax, %eax */
	0x75, 0x0e,		      /* jnz out */
	0x4c, 0x01, 0xf7,	      /* add %r14, %rdi */
	0x4c, 0x29, 0xf6,	      /* sub %r14, %rsi */
	0x83, 0xf2, 0x01,	      /* xor $1, %edx */
	0x49, 0xff, 0xcc,	      /* dec %r12 */
	0x75, 0xe7,		      /* jnz loop */
	0xcc,			      /* out: int3 */
};

static const struct vmp_machine machine = {
	.words = WORDS,
	.call = { 0x0f, 0x05 },
	.call_bytes = 2,
	.trap = { 0xcc },
	.trap_bytes = 1,
	.trap_advance = 1,
	.longest = 15,
	.pc = RIP,
	.sp = RSP,
	.number = RAX,
	.result = RAX,
	.argument = { RDI, RSI, RDX, R10, R8, R9 },
	.restart = ORIG_RAX,
	.loop = loop,
	.loop_bytes = sizeof(loop),
	.loop_address = RDI,
	.loop_page = R14,
	.loop_left = R12,
};
const struct vmp_machine *const vmp_machine = &machine;

#elif defined(__aarch64__)

/*
 * Not tested: no such machine was at hand. struct user_pt_regs: x0 to x30, sp,
 * pc, pstate. A system call changes x0 alone, so the address is kept in x19.
 */
enum { X8 = 8, X19 = 19, X20 = 20, X21 = 21, SP = 31, PC = 32, WORDS = 34 };

static const unsigned char loop[] = {
	0xe0, 0x03, 0x13, 0xaa, /* loop: mov x0, x19 */
	0x48, 0x1c, 0x80, 0xd2, /* mov x8, #__NR_mprotect */
	0x01, 0x00, 0x00, 0xd4, /* svc #0 */
	0xc0, 0x00, 0x00, 0xb5, /* cbnz x0, out */
	0x73, 0x02, 0x14, 0x8b, /* add x19, x19, x20 */
	0x21, 0x00, 0x14, 0xcb, /* sub x1, x1, x20 */
	0x42, 0x00, 0x40, 0xd2, /* eor x2, x2, #1 */
	0xb5, 0x06, 0x00, 0xf1, /* subs x21, x21, #1 */
	0x01, 0xff, 0xff, 0x54, /* b.ne loop */
	0x00, 0x00, 0x20, 0xd4, /* out: brk #0 */
};

static const struct vmp_machine machine = {
	.words = WORDS,
	.call = { 0x01, 0x00, 0x00, 0xd4 },
	.call_bytes = 4,
	.trap = { 0x00, 0x00, 0x20, 0xd4 },
	.trap_bytes = 4,
	.trap_advance = 0,
	.longest = 4,
	.pc = PC,
	.sp = SP,
	.number = X8,
	.result = 0,
	.argument = { 0, 1, 2, 3, 4, 5 },
	.restart = -1,
	.loop = loop,
	.loop_bytes = sizeof(loop),
	.loop_address = X19,
	.loop_page = X20,
	.loop_left = X21,
};
const struct vmp_machine *const vmp_machine = &machine;

#else
const struct vmp_machine *const vmp_machine = NULL;
#endif
