/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A failed call in figures, and why it failed. Not installed: programs call
 * vmp_explain_errno(), which reads the figures of its own process; the observer
 * reads those of a worker.
 */
#ifndef VMP_DIAGNOSE_H
#define VMP_DIAGNOSE_H

#include "lib/vmaprobe.h"

/* What one pass over the mappings tells about a process and one range. */
struct vmp_survey {
	uint64_t mappings; /* the map count */
	uint64_t ballast;  /* of them, made by vmaprobe to use them up */
	uint64_t bytes;	   /* that they cover together */
	/* About the range [address, address + length) that was asked for: */
	bool covered;		  /* no hole in it */
	bool next_is_adjacent;	  /* a mapping begins where the range ends */
	unsigned int touched;	  /* mappings that it meets; stops at 2 */
	unsigned int splits;	  /* of its two ends lie inside a mapping */
	struct vmp_mapping first; /* the first one that it meets; no name */
	/* The largest gap below or between mappings: a place for new ones. */
	uint64_t gap_start, gap_end;
};

/*
 * Count the mappings and look at one range, in one pass.
 * In: address and length in bytes; length 0 asks for the counts alone.
 * Errors: those of the maps iterator; -ESRCH when nothing could be read.
 */
int vmp_survey(struct vmp_ctx *ctx, pid_t pid, uint64_t address,
	       uint64_t length, struct vmp_survey *survey);

/*
 * Look at one range alone, without the counts and the gap, which stay as they
 * are in *survey: a call to the kernel for each mapping that the range meets.
 * Errors: -ENOTTY, before Linux 6.11; -ESRCH, -EACCES.
 */
int vmp_survey_range(struct vmp_ctx *ctx, pid_t pid, uint64_t address,
		     uint64_t length, struct vmp_survey *survey);

/*
 * How many mappings lie in a range or touch it: what a call over this range
 * adds or takes away is the difference. Returns: it, or errors as above.
 */
int64_t vmp_count_near(struct vmp_ctx *ctx, pid_t pid, uint64_t start,
		       uint64_t end);

/* VmSize in bytes, from statm: one cheap read. Returns: it or -errno. */
int64_t vmp_size_bytes(struct vmp_ctx *ctx, pid_t pid);

/*
 * Resident bytes, from smaps_rollup: exact, and as slow as a walk over every
 * page table of the process. Returns: it or -errno.
 */
int64_t vmp_resident_bytes(struct vmp_ctx *ctx, pid_t pid);

/* What the kernel answered to a probe that changes nothing (oracle.h). */
enum vmp_answer { VMP_NOT_ASKED, VMP_NO, VMP_YES };

struct vmp_oracles {
	enum vmp_answer over;  /* map count > limit */
	enum vmp_answer full;  /* map count >= limit */
	enum vmp_answer tight; /* too little headroom for mremap() to move */
};

/* The system's huge pages of one size: /sys/kernel/mm/hugepages. */
struct vmp_huge_pool {
	uint64_t page_bytes; /* 0: the default size */
	bool told;	     /* the rest, in pages: */
	uint64_t pages;	     /* that there are, with the surplus */
	uint64_t free, reserved, surplus, overcommit;
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
	bool in_place;		  /* mremap() that may not move */
	bool blocked;		  /* something lies where it would grow */
	bool concurrent; /* threads may have changed the figures since */
	bool huge_pages; /* reserves huge pages, which are: */
	struct vmp_huge_pool pool;
	struct vmp_oracles oracles;
	struct vmp_limits limits;
	struct vmp_process process;
	struct vmp_survey survey; /* of the call's range */
};

/*
 * Read the pool that a call takes huge pages from, and round up what it asks
 * for to whole ones; does nothing for other calls, or where it is not told.
 */
void vmp_huge_pool_read(struct vmp_ctx *ctx, struct vmp_failed_call *failed);

/*
 * Say why a call failed.
 * Out: *diagnosis.
 * Notes: pure, allocates nothing. Certain is said only where the kernel's own
 *   order of checks leaves no other reason.
 * Source: mm/mmap.c, mm/vma.c, mm/mremap.c, Linux 4.19 to 7.3.
 */
void vmp_diagnose(const struct vmp_failed_call *failed,
		  struct vmp_diagnosis *diagnosis);

#endif
