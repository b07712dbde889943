/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unwinding, inside.
 *
 *   unwind.c          processes, the walk
 *   unwind-known.c    frames that are known already
 *   unwind-regions.c  executable mappings of a process
 *   unwind-file.c     the file of a mapping, and where it begins
 *   unwind-symbols.c  libdw: one frame to the next, names, lines
 *   unwind-debug.c    where debug information lies
 *   unwind-jit.c      names of code that a process has made itself
 */
#ifndef VMP_UNWIND_INSIDE_H
#define VMP_UNWIND_INSIDE_H

#include "lib/internal.h"
#include "trace/memory.h"
#include "trace/unwind.h"

/* An executable mapping. */
struct vmp_code {
	uint64_t start, end, offset, inode;
	uint32_t device_major, device_minor;
	uint32_t serial;      /* another one for what comes in its place */
	unsigned int checked; /* in which walk it was seen to be there */
	const char *name;     /* as frames tell it */
	bool tried;	      /* to report it to libdw: */
	bool reported;	      /* it is an ELF file, known to libdw */
	uint32_t file;	      /* its number; 0: none */
};

/* Names that a JIT writes into /tmp/perf-PID.map. */
struct vmp_jit {
	int fd;			   /* -1: it writes none */
	uint64_t bytes, next_look; /* of it were read; no sooner, in ns */
	struct vmp_jit_name {
		uint64_t start, end;
		const char *name;
	} * names; /* later ones come in the place of earlier ones */
	size_t count, room;
};

/* A frame that was looked up. */
struct vmp_known {
	struct vmp_frame frame;
	uint32_t serial; /* of its region, or its file; 0: an empty slot */
	bool exact;	 /* address itself, not the call before it */
	bool by_jit;	 /* by the map of the JIT, when it had so many: */
	uint64_t jit_bytes;
};

/* They are found by address, serial and exact. */
struct vmp_frame_table {
	struct vmp_known *rows; /* a power of two, by hash */
	size_t count, room;
};

/* What tells files apart, and a file from what it was. */
struct vmp_file {
	uint64_t device, inode, bytes, changed_s, changed_ns;
};

/* What runs in one process. */
struct vmp_image {
	struct vmp_unwinder *unwinder;
	pid_t pid;
	pid_t tid;	   /* whose /proc is read: of the snapshot */
	unsigned int used; /* by which walk, last */
	int directory; /* /proc/PID: a later process of that number has another */
	int maps;      /* /proc/TID/maps; -1: cannot be read */
	bool ended;    /* these mappings are gone, the knowledge stays */
	bool stale;    /* something else is in the place of a known file */
	struct vmp_code *regions; /* in order of addresses */
	size_t count, room;
	uint32_t serial;
	uint64_t next_read; /* of all maps, no sooner, in ns */
	struct vmp_symbols *symbols;
	struct vmp_jit jit;
	struct vmp_frame_table known;
};

enum { VMP_MOST_IMAGES = 64 };

struct vmp_unwinder {
	struct vmp_ctx *ctx;
	void *texts; /* of tsearch(3) */
	struct vmp_image *images[VMP_MOST_IMAGES];
	unsigned int walk;
	/*
	 * By offset in a file: many processes use the same, and debug
	 * information of the C library takes 50 ms to be unpacked.
	 */
	struct vmp_frame_table shared;
	struct vmp_file *files;
	size_t file_count, file_room;
	bool no_query; /* the kernel has no PROCMAP_QUERY */
};

uint64_t vmp_now_ns(void);

/* The text, kept once and for as long as the unwinder. NULL: no memory. */
const char *vmp_intern(struct vmp_unwinder *u, const char *text);

/* NULL where it is not known. */
const struct vmp_known *vmp_frame_find(const struct vmp_frame_table *t,
				       const struct vmp_known *wanted);
/* Notes: it is not kept where there is no memory. */
void vmp_frame_keep(struct vmp_frame_table *t, const struct vmp_known *known);

/* A number for an open file, from 1 on; 0 where it has none. */
uint32_t vmp_file_number(struct vmp_unwinder *u, int fd);

/*
 * Read all of them; 65,000 mappings take some 20 ms, so that it is not done at
 * each word of a stack.
 */
void vmp_code_read(struct vmp_image *image);

/*
 * The executable mapping at an address, as it is now; NULL: there is none.
 * In: sure, an instruction has run there; not just a word of a stack.
 * Notes: sets image->stale where a file that libdw knows is gone.
 */
struct vmp_code *vmp_code_find(struct vmp_image *image, uint64_t address,
			       bool sure);

/* Open for reading a regular file, as the process sees it. An fd or -errno. */
int vmp_file_open(pid_t tid, const char *path);

/* The file behind a mapping: even if deleted, where that is allowed. */
int vmp_file_of_code(pid_t tid, const struct vmp_code *region);

/*
 * By how much is a file moved, which is mapped as that region?
 * Returns: 0; -ENOEXEC where it is no ELF file of this machine, or another one
 *   than what is mapped.
 */
int vmp_file_bias(int fd, const struct vmp_code *region, uint64_t *bias);

/* Read what a JIT has told since. Returns: how many bytes that makes. */
uint64_t vmp_jit_refresh(struct vmp_image *image);

/* Name of a function that a JIT made; NULL: it has told none. */
const char *vmp_jit_find(const struct vmp_image *image, uint64_t address);
void vmp_jit_free(struct vmp_jit *jit);

/*
 * Told of each frame before the next one is looked for.
 * In: exact, the instruction at the address is meant, not the call before.
 * Returns: whether to go on.
 */
typedef bool vmp_frame_told(void *arg, uint64_t address, bool exact);

/* libdw's part. Without it (NULL), there is no symbol, and one frame. */
struct vmp_symbols *vmp_symbols_new(struct vmp_image *image);
void vmp_symbols_free(struct vmp_symbols *s);
void vmp_symbols_report(struct vmp_symbols *s, struct vmp_code *region);
void vmp_symbols_name(struct vmp_symbols *s, uint64_t address,
		      struct vmp_frame *frame);
void vmp_symbols_walk(struct vmp_symbols *s,
		      const struct vmp_snapshot *snapshot, vmp_frame_told *told,
		      void *arg);

#ifdef HAVE_LIBDW
#include <elfutils/libdwfl.h>

/* find_debuginfo of Dwfl_Callbacks; its user data is the struct vmp_image. */
int vmp_find_debuginfo(Dwfl_Module *module, void **image, const char *name,
		       Dwarf_Addr base, const char *file, const char *link,
		       GElf_Word crc, char **path);
#endif

#endif
