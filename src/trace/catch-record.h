/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What catch.bpf.c, in the kernel, and bpf-*.c, outside, tell each other.
 * Members are laid out so that every compiler agrees on them.
 */
#ifndef VMP_CATCH_RECORD_H
#define VMP_CATCH_RECORD_H

enum {
	VMP_CATCH_ROWS = 48,	 /* at least vmp_syscall_count */
	VMP_CATCH_NUMBERS = 512, /* of system calls, from 0 on */
	VMP_CATCH_ARGUMENTS = 6,
	VMP_CATCH_REGISTERS = 34, /* words of struct pt_regs: arm64 has most */
	VMP_CATCH_STACK = 64 * 1024,
	VMP_CATCH_CHUNK = 4096, /* the stack is read in such parts */
	VMP_CATCH_NOBODY = 255, /* no argument */
};

/* What the program must know of a row of vmp_syscalls[]. */
enum {
	VMP_ROW_FILTERED = 1,	 /* only where an argument has a value */
	VMP_ROW_BREAK = 2,	 /* brk: fails by another result */
	VMP_ROW_FORK = 4,	 /* returns twice, in the child with 0 */
	VMP_ROW_AGAIN = 8,	 /* EAGAIN stands for a shortage */
	VMP_ROW_RELEASES = 16,	 /* its failure leaks */
	VMP_ROW_REPLACES = 32,	 /* its success may undo a leak */
	VMP_ROW_ONLY_FIXED = 64, /* mmap: a range only with MAP_FIXED */
	VMP_ROW_RESIZE = 128,	 /* mremap */
};

struct vmp_catch_row {
	unsigned long long only_value;
	unsigned int flags;
	unsigned char only_argument;
	unsigned char address, length; /* arguments; VMP_CATCH_NOBODY */
	unsigned char read_argument, read_offset, read_words, read_to;
	unsigned char unused;
};

/* For tests: do as on a kernel that is older than this one. */
enum vmp_catch_age {
	VMP_CATCH_TODAY,
	VMP_CATCH_BEFORE_6_7,  /* no iterator over mappings */
	VMP_CATCH_BEFORE_5_17, /* no bpf_find_vma() */
};

/* Fixed when it is loaded, so that the kernel drops what is not asked for. */
struct vmp_catch_config {
	unsigned int everybody;	 /* not only the processes that were named */
	unsigned int myself;	 /* who is left out then */
	unsigned int all_calls;	 /* send those that worked too */
	unsigned int all_stacks; /* with a stack and the count before */
	unsigned int lives;	 /* send when a process execs and ends */
	unsigned int limit_rlimits[4]; /* RLIMIT_AS, DATA, MEMLOCK, NPROC */
	unsigned int page_bytes;
	unsigned int stack_share; /* of the ring, in bytes */
	unsigned int age;	  /* enum vmp_catch_age */
	struct vmp_catch_row rows[VMP_CATCH_ROWS];
	unsigned char row_of[VMP_CATCH_NUMBERS]; /* + 1; 0: not caught */
};

/* Changed while it runs. */
struct vmp_catch_state {
	unsigned int root;    /* a process that is followed; others in a map */
	unsigned int leakers; /* how many processes were seen to leak */
};

/* On each processor. */
struct vmp_catch_totals {
	unsigned long long calls[VMP_CATCH_ROWS];
	unsigned long long sent, failed; /* or what should have been */
	long long peak;
	unsigned long long peak_process;
};

enum vmp_catch_kind { VMP_CATCH_CALL, VMP_CATCH_EXEC, VMP_CATCH_EXIT };

enum {
	VMP_CATCH_FAILED = 1,	/* has the second part of the record */
	VMP_CATCH_SURVEYED = 2, /* the range was looked at, as below */
	VMP_CATCH_PART = 4,	/* but for what lies behind its first hole */
	VMP_CATCH_COVERED = 8,
	VMP_CATCH_ADJACENT = 16,
	VMP_CATCH_BLOCKED_KNOWN = 32, /* mremap() where it may not move: */
	VMP_CATCH_BLOCKED = 64,	      /* something lies where it would grow */
};

struct vmp_catch_record {
	/* of all: */
	unsigned long long time_ns; /* CLOCK_MONOTONIC */
	unsigned int pid, tid;
	unsigned int kind, row;
	unsigned int flags;
	int mappings, before; /* -1: not known */
	unsigned int threads; /* of the process; where it failed */
	char command[16];
	long long result;
	unsigned long long arguments[VMP_CATCH_ARGUMENTS];
	/* of calls that failed, or with a stack: */
	long long limit; /* vm.max_map_count; -1: not known */
	unsigned long long total_pages, data_pages, locked_pages;
	unsigned long long data_start, data_end, heap_start, heap_end;
	unsigned long long task_bytes; /* of the address space */
	unsigned long long limits[4];  /* soft, as in limit_rlimits */
	unsigned long long capabilities;
	/* the range, and what it meets: */
	unsigned long long address, length;
	unsigned long long first_start, first_end, first_flags;
	unsigned int touched, splits;
	unsigned long long stack_bytes;
	unsigned long long registers[VMP_CATCH_REGISTERS];
	/* behind it: the stack */
};

/* A small record ends before `limit`. */
#define VMP_CATCH_SMALL offsetof(struct vmp_catch_record, limit)

#endif
