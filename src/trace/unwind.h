/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks: registers and a copy of the stack in, frames with names out. The copy
 * is taken while the thread is held (ptrace) or in the kernel (BPF); unwinding
 * then costs the thread nothing.
 */
#ifndef VMP_UNWIND_H
#define VMP_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum {
	VMP_STACK_BYTES = 64 * 1024, /* copied at most */
	VMP_MOST_REGISTERS = 33,
	VMP_MOST_FRAMES = 128,
};

/* What a thread was doing. Registers are in the order of DWARF's numbers. */
struct vmp_snapshot {
	pid_t pid, tid;
	uint64_t registers[VMP_MOST_REGISTERS];
	uint64_t pc, sp;
	const unsigned char *stack; /* from sp upwards */
	size_t stack_bytes;
	/* The thread is stopped until it is unwound: what the copy does not
	   reach (large frames, alternate stacks) may be read from it. */
	bool held;
};

/* Text belongs to the unwinder and stays until it is freed. */
struct vmp_frame {
	uint64_t address;     /* where it goes on; the call is before it */
	const char *function; /* NULL: not known */
	const char *file;     /* NULL: no line information */
	int line;
	const char *module; /* "/usr/lib/libc.so.6", "[vdso]", "[anon]"; NULL:
			       nothing is mapped there */
	uint64_t offset;    /* of address, in the module's file; for memory
			       without one, from the start of the mapping */
};

struct vmp_unwinder;

/* Returns: it, NULL where there is no memory. Owns: the caller. */
struct vmp_unwinder *vmp_unwinder_new(void);
void vmp_unwinder_free(struct vmp_unwinder *u);

/* "" where stacks have names and unwind everywhere, else what is missing. */
const char *vmp_unwinder_missing(void);

/*
 * Unwind.
 * Out: frames, the innermost first; at most `most`.
 * Returns: how many; at least one, for the registers alone say where it is.
 * Notes: asks /proc/PID/maps for what is mapped at an address; before Linux
 *   6.11 that means to read all of it, which is done for the first snapshot of
 *   a process and where an address is in no module that is known: there
 *   vmp_unwinder_forget() has to be told if others come in the place of these.
 *   What is known is used where the process has ended since. Never changes the
 *   process; reads its memory where it is held. A stack ends at code that has
 *   neither unwind tables nor frame pointers (musl of some distributions).
 *   The first stack takes 50 ms where the C library's debug information is
 *   installed, any other about 10 us.
 */
size_t vmp_unwind(struct vmp_unwinder *u, const struct vmp_snapshot *snapshot,
		  struct vmp_frame *frames, size_t most);

/*
 * Learn where its code is, while it is there: its stacks can then be unwound
 * after it has ended, as far as its files are still there.
 */
void vmp_unwinder_learn(struct vmp_unwinder *u, pid_t pid);

/* Its mappings are no longer what they were: it ended, or runs another file. */
void vmp_unwinder_forget(struct vmp_unwinder *u, pid_t pid);

/*
 * Take a snapshot of a thread that is stopped under ptrace.
 * Out: *snapshot; its stack is buffer, of VMP_STACK_BYTES.
 * Returns: 0 or a negative errno (-ESRCH).
 */
int vmp_snapshot_take(pid_t pid, pid_t tid, unsigned char *buffer,
		      struct vmp_snapshot *snapshot);

/*
 * Take registers, pc and sp from what the kernel hands out: struct pt_regs, as
 * BPF copies it, or NT_PRSTATUS of ptrace; both begin alike.
 * Returns: 0; -ENOTSUP for a 32-bit process, and on machines that are not
 *   known.
 */
int vmp_snapshot_registers(const void *user_regs, size_t size,
			   struct vmp_snapshot *snapshot);

#endif
