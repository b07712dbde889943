/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libvmaprobe: how many memory mappings a process holds, how many it may hold,
 * and why a memory call failed. It observes and explains; it never prints,
 * never exits and never changes the system.
 *
 * Words: a "mapping" is one VMA of the kernel. The "limit" is
 * vm.max_map_count. The "map count" is the kernel's mm->map_count: every line
 * of /proc/PID/maps except the gate line ([vsyscall]), which no process owns.
 * "Headroom" is limit - map count; it may be -1, because mmap() compares with
 * ">" where a split compares with ">=".
 *
 * Every function returns 0 or a positive result, or a negative errno; the
 * words for the last error of a context are in vmp_error(). One context serves
 * one thread at a time. No function installs or needs a signal handler.
 */
#ifndef VMAPROBE_H
#define VMAPROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A rlimit or a figure that has no bound. */
#define VMP_UNLIMITED UINT64_MAX

struct vmp_ctx;

/*
 * Make a context.
 * Returns: the context, NULL when there is no memory.
 * Owns: the caller; vmp_free() takes it back (NULL is fine).
 */
struct vmp_ctx *vmp_new(void);
void vmp_free(struct vmp_ctx *ctx);

/* The words for the last error of this context; valid until the next one. */
const char *vmp_error(const struct vmp_ctx *ctx);

/*
 * Read another tree in place of /proc, for saved systems and for tests.
 * In: root, at most 200 bytes, copied.
 * Errors: -ENAMETOOLONG.
 */
int vmp_set_procfs(struct vmp_ctx *ctx, const char *root);

/*
 * Say what went wrong: fills the context's fixed buffer, allocates nothing.
 * Returns: rc, so that a caller can write `return vmp_fail(ctx, -EIO, ...)`.
 */
int vmp_fail(struct vmp_ctx *ctx, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One line of /proc/PID/maps. Addresses and offsets are in bytes. */
struct vmp_mapping {
	uint64_t start, end; /* [start, end) */
	uint64_t offset;     /* in the file; 0 for anonymous memory */
	uint64_t inode;
	uint32_t device_major, device_minor;
	bool readable, writable, executable, shared;
	bool counted;	  /* false: the gate line, not in map_count */
	const char *name; /* as the kernel escaped it; not terminated */
	size_t name_length;
};

/*
 * Parse one line of /proc/PID/maps, without its newline.
 *
 *   7f1c2e400000-7f1c2e426000 r--p 00000000 fe:00 1835  /usr/lib/libc.so.6
 *
 * Out: *m, only on success; m->name points into line.
 * Errors: -EBADMSG, the line is none that the kernel prints.
 * Notes: pure, allocates nothing.
 */
int vmp_parse_maps_line(const char *line, size_t length, struct vmp_mapping *m);

/*
 * Walk the mappings of a process in the order of their addresses.
 * In: pid, or 0 for this process.
 * Errors: open: -ESRCH no such process, -EACCES, -ENOMEM; next: -EBADMSG with
 *   the line number in vmp_error(), or what read(2) answered.
 * Owns: the caller closes; m->name is valid until the next call.
 * Notes: next returns 1 for a mapping, 0 at the end. The kernel promises a
 *   consistent answer within one page of text only: stop a process first
 *   where the count must be exact. A process that ends is read as the end.
 * Source: Documentation/filesystems/proc.rst, "maps".
 */
struct vmp_maps;
int vmp_maps_open(struct vmp_ctx *ctx, pid_t pid, struct vmp_maps **maps);
int vmp_maps_next(struct vmp_maps *maps, struct vmp_mapping *m);
void vmp_maps_close(struct vmp_maps *maps);

/* What one pass over the mappings tells about a process and one range. */
struct vmp_survey {
	uint64_t mappings;	    /* the map count */
	uint64_t bytes;		    /* that they cover together */
	uint64_t largest_gap_bytes; /* below or between mappings */
	/* About the range [address, address + length) that was asked for: */
	bool covered;		  /* no hole in it */
	bool next_is_adjacent;	  /* a mapping begins where the range ends */
	unsigned int touched;	  /* mappings that it meets; stops at 2 */
	unsigned int splits;	  /* of its two ends lie inside a mapping */
	struct vmp_mapping first; /* the first one that it meets; no name */
	/* The largest gap: a place for new mappings. */
	uint64_t gap_start, gap_end;
};

/*
 * Count the mappings and look at one range, in one pass.
 * In: address and length in bytes; length 0 asks for the counts alone.
 * Errors: those of the maps iterator; -ESRCH when nothing could be read.
 */
int vmp_survey(struct vmp_ctx *ctx, pid_t pid, uint64_t address,
	       uint64_t length, struct vmp_survey *survey);

/* The machine's limits. Bytes, unless the name says otherwise. */
struct vmp_limits {
	int64_t max_map_count;
	int overcommit_memory; /* vm.overcommit_memory: 0, 1 or 2 */
	uint64_t page_bytes;
	uint64_t total_bytes, swap_bytes;
	uint64_t available_bytes; /* MemAvailable */
	uint64_t commit_limit_bytes, committed_bytes;
	uint64_t cgroup_available_bytes; /* VMP_UNLIMITED without one */
	uint64_t cgroup_oom_kills;	 /* so far; VMP_UNLIMITED: not told */
};

/*
 * Read the machine's limits, and those of this process's memory cgroup.
 * Errors: -ENOENT or -EBADMSG where vm.max_map_count cannot be read; every
 *   other figure that is missing becomes VMP_UNLIMITED, or 0 for a count.
 */
int vmp_limits_read(struct vmp_ctx *ctx, struct vmp_limits *limits);

/* Only vm.max_map_count. Returns: it, or a negative errno. */
int64_t vmp_map_limit(struct vmp_ctx *ctx);

/* What the kernel accounts to one process. Bytes. */
struct vmp_process {
	uint64_t size_bytes;   /* VmSize, what RLIMIT_AS bounds */
	uint64_t data_bytes;   /* VmData, what RLIMIT_DATA bounds */
	uint64_t locked_bytes; /* VmLck, what RLIMIT_MEMLOCK bounds */
	uint64_t as_limit, data_limit, memlock_limit; /* soft limits */
	uint64_t nproc_limit; /* processes and threads */
	bool may_lock;	      /* CAP_IPC_LOCK is effective */
	bool may_fork;	      /* CAP_SYS_RESOURCE or CAP_SYS_ADMIN is */
};

/*
 * Read /proc/PID/status and /proc/PID/limits.
 * Errors: -ESRCH, -EACCES; figures that are missing are VMP_UNLIMITED or 0.
 */
int vmp_process_read(struct vmp_ctx *ctx, pid_t pid,
		     struct vmp_process *process);

/* VmSize in bytes, from statm: one cheap read. Returns: it or -errno. */
int64_t vmp_size_bytes(struct vmp_ctx *ctx, pid_t pid);

/*
 * Resident bytes, from smaps_rollup: exact, and as slow as a walk over every
 * page table of the process. Returns: it or -errno.
 */
int64_t vmp_resident_bytes(struct vmp_ctx *ctx, pid_t pid);

/* Why a memory call failed. The names are part of every JSON output. */
enum vmp_cause {
	VMP_CAUSE_MAP_COUNT,
	VMP_CAUSE_RLIMIT_AS,
	VMP_CAUSE_RLIMIT_DATA,
	VMP_CAUSE_RLIMIT_MEMLOCK,
	VMP_CAUSE_RLIMIT_NPROC,
	VMP_CAUSE_OVERCOMMIT,
	VMP_CAUSE_ADDRESS_SPACE,
	VMP_CAUSE_UNMAPPED_RANGE,
	VMP_CAUSE_NO_ROOM,
	VMP_CAUSE_CGROUP,
	VMP_CAUSE_UNKNOWN,
	VMP_CAUSES
};

enum vmp_certainty {
	VMP_CERTAIN,   /* follows from the kernel's rules and the figures */
	VMP_LIKELY,    /* fits the figures; others could not be ruled out */
	VMP_UNCERTAIN, /* cannot tell */
	VMP_CERTAINTIES
};

/* The name ("map-count", "certain"), NULL beyond the last. */
const char *vmp_cause_name(enum vmp_cause cause);
const char *vmp_certainty_name(enum vmp_certainty certainty);

/* What a call does to mappings: the kernel's checks follow from it. */
enum vmp_call {
	VMP_CALL_MAP,	   /* mmap: a new mapping */
	VMP_CALL_UNMAP,	   /* munmap */
	VMP_CALL_CHANGE,   /* mprotect, madvise: cuts at both ends */
	VMP_CALL_LOCK,	   /* mlock, munlock */
	VMP_CALL_MOVE,	   /* mremap to another place */
	VMP_CALL_RESIZE,   /* mremap, grows or shrinks, may move */
	VMP_CALL_BREAK,	   /* brk */
	VMP_CALL_THREAD,   /* pthread_create */
	VMP_CALL_PROCESS,  /* fork */
	VMP_CALL_ALLOCATE, /* malloc: some of the above, unseen */
	VMP_CALL_FREE,	   /* free whose munmap failed, unseen */
	VMP_CALL_TOUCH,	   /* a page fault, not a call */
	VMP_CALLS
};

/* What the kernel answered to a probe that changes nothing (oracle.h). */
enum vmp_answer { VMP_NOT_ASKED, VMP_NO, VMP_YES };

struct vmp_oracles {
	enum vmp_answer over;  /* map count > limit */
	enum vmp_answer full;  /* map count >= limit */
	enum vmp_answer tight; /* too little headroom for mremap() to move */
};

/* A failed call and what was read while its process was held still. */
struct vmp_failed_call {
	enum vmp_call call;
	const char *name;	  /* "munmap" */
	uint64_t address, length; /* bytes; address 0 where it has none */
	uint64_t more_bytes;	  /* mapped, if it had worked */
	int error;		  /* errno; 0 for free() */
	bool writable;		  /* asks for private writable memory */
	bool accountable;	  /* charged to the commit limit */
	struct vmp_oracles oracles;
	struct vmp_limits limits;
	struct vmp_process process;
	struct vmp_survey survey; /* of the call's range */
};

struct vmp_diagnosis {
	enum vmp_cause cause;
	enum vmp_certainty certainty;
	char explanation[640]; /* sentences for a person, UTF-8 */
};

/*
 * Say why a call failed.
 * Out: *diagnosis.
 * Notes: pure, allocates nothing. Certain is said only where the kernel's own
 *   order of checks leaves no other reason.
 * Source: mm/mmap.c, mm/vma.c, mm/mremap.c, Linux 4.19 to 7.3.
 */
void vmp_diagnose(const struct vmp_failed_call *failed,
		  struct vmp_diagnosis *diagnosis);

/*
 * Write a number as people read it: "65,530".
 * Out: buffer of at least 32 bytes. Returns: buffer.
 */
char *vmp_group_digits(int64_t value, char *buffer);

/*
 * Write bytes as people read them: "4 KiB", "268.4 MiB".
 * Out: buffer of at least 32 bytes. Returns: buffer.
 */
char *vmp_human_bytes(uint64_t bytes, char *buffer);

#endif
