/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the recorder share.
 *
 *   struct vmp_trace_call
 *     -> struct vmp_op            one call, and where (record-call.c)
 *     -> struct vmp_record_line   loops of them (record-loops.c)
 *   struct vmp_mapping
 *     -> struct vmp_layout        how it was at the start (record-layout.c)
 *   both -> struct vmp_space      addresses made small (record-space.c)
 *        -> the text              (record-write.c)
 */
#ifndef VMP_RECORD_INSIDE_H
#define VMP_RECORD_INSIDE_H

#include "trace/record.h"

/* The verbs that are written, as src/engine/verbs.def names them. */
enum vmp_op_verb {
	VMP_OP_PLACE,
	VMP_OP_MAP, /* failed, wherever the kernel would have put it */
	VMP_OP_UNMAP,
	VMP_OP_PROTECT,
	VMP_OP_ADVISE,
	VMP_OP_LOCK,
	VMP_OP_UNLOCK,
	VMP_OP_RESIZE,
	VMP_OP_RELOCATE,
	VMP_OP_SEAL,
	VMP_OP_TOUCH,
	VMP_OP_BRK,
	VMP_OP_FORK,
	VMP_OPS
};

/* The words of backing= */
enum vmp_backing {
	VMP_BACKING_ANON,
	VMP_BACKING_SHARED,
	VMP_BACKING_FILE,
	VMP_BACKING_PRIVATE_FILE
};

/* Keys of the value "yes", but VMP_OP_NO_REPLACE: replace=no */
enum {
	VMP_OP_NORESERVE = 1,
	VMP_OP_STACK = 2,
	VMP_OP_LOCKED = 4,
	VMP_OP_NO_REPLACE = 8,
	VMP_OP_KEEP = 16,
	VMP_OP_STAY = 32,
	VMP_OP_ONTO = 64, /* it has a target */
};

/* A call as it is to be replayed. Addresses are the program's own. */
struct vmp_op {
	enum vmp_op_verb verb;
	enum vmp_backing backing;
	unsigned int prot, flags, advice;
	uint64_t length, size;
	/* What may differ from one round of a loop to the next: */
	uint64_t address, onto, file_offset;
	/* How it ended, and where it was called: no part of what it is. */
	int error;
	enum vmp_cause cause;
	uint32_t site;	 /* 0: not known */
	uint64_t number; /* in the stream, from 0 */
};

/* A line of the scenario: a call, made `count` times. */
struct vmp_record_line {
	struct vmp_op op; /* the first; error and cause of the first failure */
	int64_t stride, onto_stride, file_stride;
	uint64_t count;
	uint64_t failures, first_failure; /* the index of that, from 0 */
	uint64_t period;  /* calls from one of its to the next: 1, or a round */
	bool takes_turns; /* with the line above */
};

enum {
	VMP_LONGEST_LOOP = 16, /* calls in a round: as many as take turns */
	VMP_LOOP_WINDOW = 3 * VMP_LONGEST_LOOP,
};

/* Finds loops in a stream of calls. */
struct vmp_loops {
	struct vmp_record_line *lines;
	size_t count, room;
	/* Calls that are in no loop yet; the loop that is under way. */
	struct vmp_op waiting[VMP_LOOP_WINDOW];
	size_t waiting_count;
	size_t matches[VMP_LONGEST_LOOP + 1];
	struct vmp_record_line round[VMP_LONGEST_LOOP];
	size_t period, next; /* 0: no loop is under way */
	uint64_t calls;
};

/* Returns: 0 or -ENOMEM. */
int vmp_loops_add(struct vmp_loops *l, const struct vmp_op *op);
/* All that is still under way becomes lines. Returns: 0 or -ENOMEM. */
int vmp_loops_end(struct vmp_loops *l);
/*
 * The lines without the calls before one, which may lie within a loop.
 * Out: *lines, from malloc(). Returns: 0 or -ENOMEM.
 */
int vmp_loops_from(const struct vmp_loops *l, uint64_t number,
		   struct vmp_record_line **lines, size_t *count);
/* Back to nothing. */
void vmp_loops_clear(struct vmp_loops *l);

/* Files by device and inode, each at a place of its own in the replay's. */
struct vmp_file_slot {
	uint64_t device, inode; /* of one that is not there: both 0 */
	uint64_t base, bytes;
};

struct vmp_files {
	struct vmp_file_slot *slots;
	size_t count, room; /* a power of two */
	uint64_t end;
};

/*
 * Where in the replay's file the bytes [offset, offset + length) of a file
 * lie. In: bytes, how long the file is, as far as it is known.
 * Out: *place. Returns: 0 or -ENOMEM.
 */
int vmp_files_place(struct vmp_files *files, uint64_t device, uint64_t inode,
		    uint64_t bytes, uint64_t offset, uint64_t length,
		    uint64_t *place);
void vmp_files_clear(struct vmp_files *files);

/* One mapping of a layout. */
struct vmp_layout_entry {
	uint64_t start, end, file_offset;
	enum vmp_backing backing;
	unsigned int prot, flags;
	uint32_t advice; /* bits: enum in record-layout.c */
	bool touched, special, matters;
};

struct vmp_layout {
	struct vmp_layout_entry *entries;
	size_t count, room;
	uint64_t mappings; /* the map count */
	uint64_t heap_end; /* 0: no [heap] */
	bool has_flags;
};

/*
 * Read one.
 * In: path, or NULL for the process. Returns: 0 or a negative errno with words
 *   in the context.
 */
int vmp_layout_read(struct vmp_ctx *ctx, pid_t pid, const char *path,
		    struct vmp_files *files, struct vmp_layout *layout);
void vmp_layout_clear(struct vmp_layout *layout);

/* Set `matters` where a line works on the mapping, or could merge with it. */
void vmp_layout_mark(struct vmp_layout *layout,
		     const struct vmp_record_line *lines, size_t count,
		     uint64_t page);

/*
 * The calls that make what matters of a layout.
 * In: touch, whether pages that were there are to be there; aside, how far
 *   from each place there is one to put things aside.
 * Returns: 0 or -ENOMEM.
 */
int vmp_layout_ops(const struct vmp_layout *layout, bool touch, uint64_t aside,
		   struct vmp_loops *loops);

/* Ranges of addresses, and where each begins in the area. */
struct vmp_space {
	struct vmp_space_range {
		uint64_t start, end, offset;
	} * ranges;
	size_t count, room;
	uint64_t length; /* of the area */
};

int vmp_space_add(struct vmp_space *s, uint64_t start, uint64_t end);
int vmp_space_add_lines(struct vmp_space *s,
			const struct vmp_record_line *lines, size_t count);
/* After all were added. */
void vmp_space_arrange(struct vmp_space *s, uint64_t page);
uint64_t vmp_space_offset(const struct vmp_space *s, uint64_t address);
void vmp_space_clear(struct vmp_space *s);

/* [*start, *end): all that a line works on, from its first to its last call. */
void vmp_line_hull(const struct vmp_record_line *line, uint64_t *start,
		   uint64_t *end);
/* The same of its targets. Returns: false where it has none. */
bool vmp_line_targets(const struct vmp_record_line *line, uint64_t *start,
		      uint64_t *end);
/* Does its verb work on addresses at all? */
bool vmp_line_is_placed(const struct vmp_record_line *line);

/* What a scenario is written from. */
struct vmp_record_text {
	FILE *out;
	const struct vmp_space *space;
	const struct vmp_callers *callers; /* NULL: none */
	uint64_t page;
	uint64_t maps;	   /* groups made by failed maps so far */
	uint64_t expected; /* lines that fail */
	uint32_t site;	   /* of the line before */
};

/* How many lines may fail: as few as a scenario may expect things. */
enum { VMP_MOST_FAILING_LINES = 500 };

/* Returns: how many were written; behind too many failures it ends. */
size_t vmp_write_lines(struct vmp_record_text *t,
		       const struct vmp_record_line *lines, size_t count);
/* Text from outside: printable ASCII, the rest as \xNN; cut when very long. */
void vmp_write_escaped(FILE *out, const char *text);
const char *vmp_op_verb_name(enum vmp_op_verb verb);
/* Is there a word for it? */
bool vmp_op_knows_advice(uint64_t advice);

/* Where a recording may begin: what was mapped, and what came later. */
struct vmp_record_start {
	struct vmp_layout layout;
	uint64_t calls;	  /* before it */
	uint64_t refused; /* of the process, before it */
	uint64_t missing;
};

enum { VMP_MOST_STARTS = 8 };

/* A process whose calls are recorded. */
struct vmp_recorded {
	struct vmp_recorded *next;
	pid_t pid;
	bool at_exec; /* the first start is where its program begins */
	bool full;    /* goes no further */
	struct vmp_record_start starts[VMP_MOST_STARTS];
	size_t start_count;
	size_t next_start; /* which is due, by the number of mappings */
	int64_t limit;
	int64_t mappings; /* now, where exact; else at most */
	bool exact;
	bool threads;	/* several of them have called */
	int64_t unseen; /* calls since all of its mappings were counted */
	struct vmp_loops loops;
	struct vmp_files files;
	uint64_t heap_end; /* the break; 0: not known yet */
	int pagemap;	   /* descriptor; -1: not open */
	uint64_t refused;  /* calls that changed nothing: EINVAL and the like */
	uint64_t *missing; /* without a verb, by row of vmp_syscalls */
	struct vmp_attached {
		uint64_t address, length;
	} attached[64]; /* shmat() */
	/* The first failure: */
	bool failed;
	bool by_count; /* any failed because of the map count */
	const struct vmp_syscall *call;
	int error;
	enum vmp_cause cause;
	int64_t mappings_then;
	uint64_t order; /* among the failures of all processes, from 1 */
	uint64_t failures;
	int64_t mappings_at_end; /* -1: not known */
};

/*
 * Make an op of a call that changed something, or failed for want of memory.
 * Returns: 1; 0, it has no effect; -ENOTSUP, the language has no verb for it;
 *   -ENOMEM.
 */
int vmp_op_from_call(struct vmp_recorded *p, const struct vmp_trace_call *call,
		     struct vmp_op *op);

/*
 * Has memory of the range been written to since? A page says so, which *touch
 * names. Returns: whether.
 */
bool vmp_op_touched(struct vmp_recorded *p, const struct vmp_op *op,
		    struct vmp_op *touch);

/* The size of a page; bytes rounded up to whole ones. */
uint64_t vmp_record_page(void);
uint64_t vmp_record_pages(uint64_t bytes);

/* The places that call, each with a number from 1, in words. */
struct vmp_callers;
struct vmp_callers *vmp_callers_new(void);
void vmp_callers_free(struct vmp_callers *c);
/* Returns: its number; 0 for NULL, and where there is no memory. */
uint32_t vmp_callers_number(struct vmp_callers *c,
			    const struct vmp_frame *frame);
const char *vmp_callers_text(const struct vmp_callers *c, uint32_t number);

/* Write the scenario of one process. Returns: 0 or -ENOMEM. */
int vmp_record_write(struct vmp_recorded *p, const struct vmp_callers *callers,
		     const char *command, FILE *out);

#endif
