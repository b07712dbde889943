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

#ifdef __cplusplus
extern "C" {
#endif

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
 * One mapping. Addresses and offsets are in bytes. What an input does not tell
 * is 0 or false: a core dump knows no sharing, device, inode or flags.
 */
struct vmp_mapping {
	uint64_t start, end; /* [start, end) */
	uint64_t offset;     /* in the file; 0 for anonymous memory */
	uint64_t inode;
	uint32_t device_major, device_minor;
	bool readable, writable, executable, shared;
	bool counted;	  /* false: the gate line, not in map_count */
	const char *name; /* as the kernel escaped it; not terminated */
	size_t name_length;
	/* From smaps alone: */
	bool has_flags; /* the fields below were told */
	bool anonymous; /* has pages of its own, or in swap */
	uint8_t key;	/* protection key */
	uint64_t flags; /* VmFlags: a bit for each, vmp_flag_name() */
};

/* The two letters of a bit in flags ("dc"), "??" for one not known. */
const char *vmp_flag_name(unsigned int bit);

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

/* What mappings are read from. */
enum vmp_kind {
	VMP_KIND_PROCESS, /* /proc/PID/maps or smaps */
	VMP_KIND_MAPS,	  /* a saved maps file */
	VMP_KIND_SMAPS,	  /* a saved smaps file */
	VMP_KIND_CORE,	  /* an ELF core dump */
	VMP_KIND_HS_ERR,  /* a JVM's hs_err_pid*.log */
	VMP_KINDS
};

/* "process", "maps", "smaps", "core", "hs-err"; NULL beyond the last. */
const char *vmp_kind_name(enum vmp_kind kind);

/*
 * Walk mappings in the order of their addresses.
 *
 * vmp_maps_open: of a process. In: pid, or 0 for this process.
 * vmp_smaps_open: the same with flags, which costs several times as much, and on
 *   kernels before 7.2 holds up calls that map and unmap in that process.
 * vmp_maps_open_file: of a file whose kind is told from what it holds. In:
 *   path, "-" for standard input.
 * vmp_maps_open_text: of a saved maps, smaps or hs_err text in memory, which
 *   must stay there until the walk is closed.
 *
 * Errors: open: -ESRCH no such process, -EACCES, -ENOMEM, what open(2) says;
 *   -EBADMSG, a file of no kind that is known; -ENOTSUP, a core where this
 *   library was built without libelf. next: -EBADMSG with the line or offset
 *   in vmp_error(), or what read(2) answered.
 * Owns: the caller closes; m->name is valid until the next call.
 * Notes: next returns 1 for a mapping, 0 at the end. The kernel promises a
 *   consistent answer within one page of text only: stop a process first
 *   where the count must be exact. A process that ends is read as the end;
 *   vmp_maps_ended() tells it from the last mapping. Opening a process's maps
 *   allocates nothing while no other walk of the context is open: it works at
 *   the limit. A long list of another process is read ahead by a thread, which
 *   takes no signals and ends with the walk: none may go on across a fork().
 * Source: Documentation/filesystems/proc.rst, "maps"; fs/binfmt_elf.c.
 */
struct vmp_maps;
int vmp_maps_open(struct vmp_ctx *ctx, pid_t pid, struct vmp_maps **maps);
int vmp_smaps_open(struct vmp_ctx *ctx, pid_t pid, struct vmp_maps **maps);
int vmp_maps_open_file(struct vmp_ctx *ctx, const char *path,
		       struct vmp_maps **maps);
int vmp_maps_open_text(struct vmp_ctx *ctx, const char *text, size_t length,
		       struct vmp_maps **maps);
int vmp_maps_next(struct vmp_maps *maps, struct vmp_mapping *m);
void vmp_maps_close(struct vmp_maps *maps);

enum vmp_kind vmp_maps_kind(const struct vmp_maps *maps);

/* After the walk of a process: has it ended, or run another program, since? */
bool vmp_maps_ended(struct vmp_maps *maps);

/*
 * The map count of a process, and its headroom (limit - count, which may be
 * -1). In: pid, 0 for this process. Out: *headroom.
 * Returns: count: it, or a negative errno; headroom: 0 or a negative errno.
 * Errors: those of the iterator; headroom also those of vmp_map_limit().
 */
int64_t vmp_count(struct vmp_ctx *ctx, pid_t pid);
int vmp_headroom(struct vmp_ctx *ctx, pid_t pid, int64_t *headroom);

/*
 * Ask the kernel about this process, without reading anything: can it make a
 * mapping (mmap, brk), cut one in two (munmap, mprotect in the middle), move
 * one (mremap)? Each question is one or two system calls, 0.2 to 3 microseconds,
 * and leaves everything as it was.
 * Returns: 1 yes; 0 no, the limit is reached; -ENOTSUP where this kernel does
 *   not answer (move: before 5.7); -ENOMEM when the first call in a context
 *   cannot reserve the three pages that it asks with.
 * Notes: allocates nothing, but the first call in a context does, opens a
 *   descriptor and maps three pages (one mapping), all of which stay: make that
 *   one early. An answer is about this instant: other threads may map.
 * Source: mm/mmap.c, do_mmap(); mm/vma.c, split_vma(); mm/mremap.c.
 */
int vmp_can_map(struct vmp_ctx *ctx);
int vmp_can_split(struct vmp_ctx *ctx);
int vmp_can_move(struct vmp_ctx *ctx);

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
	VMP_CAUSE_HUGE_PAGES,
	VMP_CAUSE_CGROUP,
	VMP_CAUSE_UNKNOWN,
	VMP_CAUSES
};

enum vmp_certainty {
	VMP_CERTAIN,   /* follows from the kernel's rules and the figures */
	VMP_LIKELY,    /* fits the figures; others could not be ruled out */
	VMP_UNCERTAIN, /* cannot tell */
	VMP_EXCLUDED,  /* it was not that */
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

struct vmp_diagnosis {
	enum vmp_cause cause;
	enum vmp_certainty certainty;
	enum vmp_certainty map_limit; /* was it that? Also VMP_EXCLUDED */
	char explanation[640];	      /* sentences for a person, UTF-8 */
};

/*
 * Say why a memory call of this process failed that the caller has just seen
 * fail.
 * In: call; address and length of its range, in bytes (0 where it has none: for
 *   VMP_CALL_MAP without MAP_FIXED address is 0); of mremap() the old one, of
 *   brk() where the heap ended; error, its errno.
 * Out: *diagnosis. certainty is that of the cause; map_limit says it of the map
 *   limit alone: VMP_EXCLUDED means that it was not the reason.
 * Errors: -EINVAL for a call that is none; what reading maps or limits
 *   answered, and then *diagnosis says "unknown".
 * Notes: allocates nothing, so that it works at the limit; reads
 *   /proc/self/maps, which takes 20 ms and more at 65,530 mappings. Call it at
 *   once, in the thread that saw the failure: the figures are those of now.
 */
int vmp_explain_errno(struct vmp_ctx *ctx, enum vmp_call call,
		      const void *address, size_t length, int error,
		      struct vmp_diagnosis *diagnosis);

/* Who mappings belong to. The names are part of every JSON output. */
enum vmp_owner {
	VMP_OWNER_PROGRAM,
	VMP_OWNER_LIBRARY,
	VMP_OWNER_BALLAST, /* made by vmaprobe to use up mappings */
	VMP_OWNER_FILE,
	VMP_OWNER_DELETED_FILE,
	VMP_OWNER_MEMFD,
	VMP_OWNER_SYSV_SHM,
	VMP_OWNER_SHARED_ANON,
	VMP_OWNER_DEVICE,
	VMP_OWNER_HUGETLB,
	VMP_OWNER_IO_URING,
	VMP_OWNER_HEAP,
	VMP_OWNER_ARENA,
	VMP_OWNER_THREAD_STACK,
	VMP_OWNER_MAIN_STACK,
	VMP_OWNER_GUARD,
	VMP_OWNER_NAMED_ANON,
	VMP_OWNER_JIT,
	VMP_OWNER_ANON,
	VMP_OWNER_SPECIAL,
	VMP_OWNERS
};

/* Why the kernel keeps two adjacent mappings apart. */
enum vmp_reason {
	VMP_REASON_PROTECTION,
	VMP_REASON_SHARING,
	VMP_REASON_FLAGS,
	VMP_REASON_SPECIAL,
	VMP_REASON_FILE,
	VMP_REASON_FILE_OFFSET,
	VMP_REASON_NAME,
	VMP_REASON_POLICY,
	VMP_REASON_IDENTICAL, /* as far as user space can see */
	VMP_REASONS
};

/* "thread-stack", "file-offset"; NULL beyond the last. */
const char *vmp_owner_name(enum vmp_owner owner);
const char *vmp_reason_name(enum vmp_reason reason);

/* Mappings that belong together. */
struct vmp_owner_row {
	enum vmp_owner owner;
	const char *label; /* "/data/seg-*.dvd (deleted)" */
	uint64_t mappings, bytes;
	uint64_t example; /* the start of one */
	/* Of anonymous memory: a number for its access rights and sizes. */
	uint64_t size_class;
};

/* Pairs of adjacent mappings that are kept apart for the same reason. */
struct vmp_reason_row {
	enum vmp_reason reason;
	const char *detail;	      /* "rw-p | ---p", "dc in one of them" */
	enum vmp_owner first, second; /* of the two neighbours */
	uint64_t pairs;
	uint64_t example; /* where the two meet */
};

struct vmp_advice_row {
	const char *id;	  /* "raise-limit" */
	const char *text; /* what to do, and what it costs */
	const char *reason;
};

/* What the figures of a census are about. Strings are NULL if not told. */
struct vmp_subject {
	enum vmp_kind kind;
	pid_t pid;	      /* 0: not told */
	const char *command;  /* "java", as the kernel has it */
	const char *path;     /* of the program */
	const char *kernel;   /* release that it runs on */
	int64_t limit;	      /* -1: not told */
	uint64_t mappings;    /* the map count */
	uint64_t bytes;	      /* that they cover together */
	uint64_t threads;     /* 0: not told */
	uint64_t pairs;	      /* adjacent mappings */
	bool has_stacks;      /* where threads have theirs was told */
	bool has_flags;	      /* VmFlags were read */
	bool has_hidden;      /* what only the kernel sees was read */
	bool in_container;    /* of another root or PID namespace */
	double flags_seconds; /* what reading smaps took, or would take */
};

enum vmp_why { VMP_WHY_AUTO, VMP_WHY_ALWAYS, VMP_WHY_NEVER };

/* What decides whether two mappings merge, and /proc does not show. */
struct vmp_hidden {
	uint64_t start, end;
	uint64_t anon_vma, file, policy, userfault; /* identities, 0 for none */
	uint64_t page_offset;			    /* vm_pgoff */
	bool inherited; /* its anon_vma came through a fork() */
};

/* Where a census takes its mappings from, and how much it reads. */
struct vmp_census_request {
	pid_t pid;	  /* 0: this process, where path is NULL */
	const char *path; /* a file in place of a process; "-": stdin */
	int64_t limit;	  /* of the machine that a file is from; 0: not told */
	enum vmp_why why; /* read VmFlags; AUTO: where that is cheap */
	/*
	 * Reads hidden facts in order of their addresses; NULL: nobody. Returns
	 * 0, or a negative errno, and the census does without. In: pid as
	 * above. Out: *facts from malloc(), which the census frees; *count.
	 */
	int (*read_hidden)(void *reader, pid_t pid, struct vmp_hidden **facts,
			   size_t *count);
	void *reader;
};

/*
 * Who owns the mappings, why neighbours did not merge, what to do.
 * In: *request, which may go when this returns.
 * Out: *census.
 * Errors: those of the maps iterator; -ESRCH also for a process that ends
 *   while it is read, and for one without mappings (kernel threads, zombies);
 *   -ENOMEM.
 * Owns: the caller; vmp_census_free() takes it back (NULL is fine). Rows and
 *   strings live as long as the census.
 * Notes: about 50 bytes a mapping, and the names of distinct files.
 */
struct vmp_census;
int vmp_census_read(struct vmp_ctx *ctx,
		    const struct vmp_census_request *request,
		    struct vmp_census **census);
void vmp_census_free(struct vmp_census *census);

const struct vmp_subject *vmp_census_subject(const struct vmp_census *census);

/*
 * The rows, most mappings (or pairs) first; of advice, most useful first.
 * Out: *rows. Returns: how many.
 */
size_t vmp_census_owners(const struct vmp_census *census,
			 const struct vmp_owner_row **rows);
size_t vmp_census_reasons(const struct vmp_census *census,
			  const struct vmp_reason_row **rows);
size_t vmp_census_advice(const struct vmp_census *census,
			 const struct vmp_advice_row **rows);

/*
 * One mapping of the census, the gate line included.
 * In: index, from 0. Out: *m; *row, its owner's row (NULL: not wanted).
 * Returns: 1; 0 where there is none.
 */
int vmp_census_mapping(const struct vmp_census *census, size_t index,
		       struct vmp_mapping *m, const struct vmp_owner_row **row);

/*
 * Give memory back even where munmap() cannot: at the limit a range that the
 * kernel merged with its neighbours cannot be cut out. Its pages are given
 * back then (MADV_DONTNEED), the range is remembered, and unmapped when there
 * is room again: by a later vmp_release() that finds some, or vmp_retry().
 * In: address, length in bytes, as for munmap(2). Private memory, or memory
 *   whose pages nobody else needs: of shared memory only the mapping is given
 *   back, its pages stay.
 * Returns: 0 unmapped; 1 pages given back, range remembered. vmp_retry(): how
 *   many ranges are still waiting. vmp_pending_bytes(): in these ranges.
 * Errors: -EINVAL as for munmap(); -EPERM, it is sealed; -ENOMEM when the
 *   table of ranges (65,536) is full or cannot be mapped: the pages are given
 *   back, the range is not remembered.
 * Notes: the memory must not be used after it, as with munmap(), nor be
 *   unmapped or mapped over by other means while it waits. Before Linux 5.18
 *   pages that are locked stay until the range is unmapped. Allocates nothing
 *   but one mapping for the table, in the first call of a context.
 */
int vmp_release(struct vmp_ctx *ctx, void *address, size_t length);
size_t vmp_retry(struct vmp_ctx *ctx);
size_t vmp_pending_bytes(const struct vmp_ctx *ctx);

/*
 * A pool of slices of one size that stays clear of the limit: it maps large
 * chunks with an inaccessible page at their end, so that no chunk merges with
 * its neighbours, and gives a chunk back whole, which never needs a mapping
 * more. A slice that is put back gives its pages back at once.
 * In: slice_bytes, rounded up to pages; slices in a chunk, 0 for a default
 *   (as many as fit in 4 MiB, at least 16).
 * Returns: new: 0; get: a slice of zeroes, page-aligned, NULL when there is no
 *   memory (errno is set).
 * Errors: -EINVAL, slice_bytes is 0 or too large; -ENOMEM.
 * Owns: the caller; vmp_pool_free() unmaps every slice (NULL is fine).
 * Notes: two mappings a chunk, whatever the slices in use. One thread at a
 *   time. vmp_pool_put() needs a slice of this pool; anything else ends the
 *   process.
 */
struct vmp_pool;
int vmp_pool_new(size_t slice_bytes, size_t slices, struct vmp_pool **pool);
void *vmp_pool_get(struct vmp_pool *pool);
void vmp_pool_put(struct vmp_pool *pool, void *slice);
void vmp_pool_free(struct vmp_pool *pool);

#ifdef __cplusplus
}
#endif

#endif
