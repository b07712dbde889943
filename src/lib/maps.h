/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The walk over mappings, inside: one iterator for all kinds of input.
 *
 *   process, maps, smaps   text that is read on (maps.c)
 *   hs_err                 text in memory, one section of it (hs-err.c)
 *   core                   an array, made from program headers (core.c)
 */
#ifndef VMP_MAPS_H
#define VMP_MAPS_H

#include "lib/internal.h"

/* What an input tells beside its mappings. Owned by the iterator. */
struct vmp_notes {
	pid_t pid;	  /* 0: not told */
	char command[17]; /* "" : not told */
	char *path;	  /* of the program; NULL: not told */
	char *kernel;	  /* release; NULL: not told */
	int64_t limit;	  /* -1: not told */
	uint64_t threads; /* 0: not told */
	/* An address in the stack of each thread, where it is told. */
	uint64_t *stacks;
	size_t stack_count;
};

struct vmp_maps {
	struct vmp_ctx *ctx;
	enum vmp_kind kind;
	bool smaps; /* attributes follow each mapping */
	int fd;	    /* -1: text in memory, or an array */
	pid_t pid;
	bool foreign; /* of another process: may be read in a thread */
	unsigned int reads;
	struct vmp_ahead *ahead; /* reads it, or NULL */
	bool at_end, in_use;
	bool crlf;	   /* lines end so: saved through a terminal */
	uint64_t last_end; /* of the mapping before: they are in order */
	uint64_t line;
	size_t begin, end; /* unread text in the buffer */
	size_t size;
	char *buffer;
	char *owned;	  /* what close frees of the buffer; NULL: nothing */
	char source[200]; /* "maps of process 12", "core.1234": for errors */
	struct vmp_mapping *list; /* kind core */
	size_t count, index;
	char *names; /* that the list points into */
	struct vmp_notes notes;
};

/*
 * Read a core dump: fill it->list, it->count, it->names and it->notes.
 * In: it->fd, which can be seeked; it->source for errors.
 * Errors: -EBADMSG with the offset; -ENOTSUP without libelf; -ENOMEM.
 * Notes: what is allocated is freed by vmp_maps_close(), also after an error.
 *   Kernel text names what it can: [vdso], [stack], [vsyscall] get these names
 *   and [heap] where it is likely.
 */
int vmp_core_read(struct vmp_maps *it);

/*
 * Find the mappings in a JVM's error log: set it->begin and it->end to the
 * section "Dynamic libraries", it->line to the line before it, and it->notes.
 * In: it->buffer, it->end bytes, the whole log.
 * Errors: -EBADMSG, there is no such section; -ENOMEM.
 */
int vmp_hs_err_read(struct vmp_maps *it);

/*
 * Pieces of the iterator: a new one without an input; its buffer, of the
 * context where `size` allows; and more text into it, or it->at_end.
 */
struct vmp_maps *vmp_maps_new(struct vmp_ctx *ctx);
int vmp_maps_buffer(struct vmp_maps *it, size_t size);
int vmp_maps_refill(struct vmp_maps *it);

/*
 * The line that begins `skip` bytes behind it->begin; the text may move.
 * Returns: 1, its length in *length; 0 at the end; or a negative errno.
 */
int vmp_maps_line(struct vmp_maps *it, size_t skip, size_t *length);

/* One more address for the notes: it is in the stack of a thread. */
int vmp_maps_add_stack(struct vmp_maps *it, uint64_t address);

/* Does a file that begins so look like one? */
bool vmp_is_core(const char *text, size_t length);
bool vmp_is_hs_err(const char *text, size_t length);

const struct vmp_notes *vmp_maps_notes(const struct vmp_maps *maps);

/* A line of smaps that is no mapping: take what it tells into *m. */
void vmp_smaps_attribute(const char *line, size_t length,
			 struct vmp_mapping *m);

#endif
