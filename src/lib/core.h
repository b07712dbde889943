/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A core dump while it is read, inside.
 *
 *   core.c        ELF header, program headers: the mappings
 *   core-elf.c    bytes of the file, in the byte order of this machine: libelf
 *   core-notes.c  notes: the process, its threads, its files
 *   core-names.c  which name each mapping has
 */
#ifndef VMP_CORE_H
#define VMP_CORE_H

#include <libelf.h>

#include "lib/maps.h"

/* A range of NT_FILE; the name is escaped, as the kernel does it in maps. */
struct vmp_core_file {
	uint64_t start, end, offset;
	const char *name;
	size_t name_length;
};

struct vmp_core {
	struct vmp_maps *it;
	uint64_t size; /* of the file */
	unsigned int encoding, machine;
	bool wide; /* 64 bits */
	uint64_t headers, header_count;
	uint64_t notes;		     /* bytes of them that were read */
	struct vmp_core_file *files; /* in the order of their addresses */
	size_t file_count;
	uint64_t vdso, stack, program; /* an address in each; 0: not told */
};

/*
 * Read up to `size` bytes. Returns: how many there were, or a negative errno.
 */
ssize_t vmp_core_bytes(const struct vmp_core *core, uint64_t offset,
		       void *buffer, size_t size);

/* The size of a thing in this file, of its class. */
size_t vmp_core_sizeof(const struct vmp_core *core, Elf_Type type);

/*
 * Read `count` things of a type, and turn them into this machine's byte order.
 * In: size of out. Returns: 0; 1 when the file ends before; a negative errno.
 */
int vmp_core_fetch(const struct vmp_core *core, uint64_t offset, Elf_Type type,
		   size_t count, void *out, size_t size);

/* Turn bytes of the file into this machine's byte order, where they are. */
void vmp_core_translate(const struct vmp_core *core, Elf_Type type, void *bytes,
			size_t size);

/* A number of 4 bytes, or of 8. */
uint64_t vmp_core_number(const struct vmp_core *core, const char *bytes,
			 size_t size);

/* Take what the notes at an offset tell; what is cut or wrong is left out. */
int vmp_core_notes(struct vmp_core *core, uint64_t offset, uint64_t size);

/* Append to the list of mappings. */
int vmp_core_add(struct vmp_core *core, const struct vmp_mapping *m);

/* Name the mappings, and add those that only NT_FILE tells. */
int vmp_core_name(struct vmp_core *core);

#endif
