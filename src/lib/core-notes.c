// SPDX-License-Identifier: LGPL-2.1-or-later
/* Takes what the notes of a core dump tell: process, threads, files. */
#include <errno.h>
#include <gelf.h>
#include <string.h>

#include "lib/core.h"

/*
 * The notes of a thread are 1 to 12 KiB, NT_FILE at most 16 MiB; headers that
 * say more, together, are not believed: each may name all of the file.
 */
enum { LARGEST = 512 * 1024 * 1024 };

/* Where struct elf_prpsinfo has its fields; its size tells which it is. */
static const struct {
	size_t size, pid, command;
} processes[] = {
	{ 136, 24, 40 }, /* 64 bits */
	{ 128, 16, 32 }, /* 32 bits */
	{ 124, 12, 28 }, /* 32 bits, user IDs of 16 */
};

/* Where struct elf_prstatus has the stack pointer. */
static const struct {
	unsigned int machine;
	size_t size, pointer, pointer_size;
} threads[] = {
	{ EM_X86_64, 336, 264, 8 },
	{ EM_386, 144, 132, 4 },
	{ EM_AARCH64, 392, 360, 8 },
};

static void read_process(struct vmp_core *core, const char *desc, size_t size)
{
	struct vmp_notes *notes = &core->it->notes;

	for (size_t i = 0; i < VMP_COUNT(processes); i++) {
		if (size != processes[i].size)
			continue;
		notes->pid = (pid_t)vmp_core_number(core,
						    desc + processes[i].pid, 4);
		memcpy(notes->command, desc + processes[i].command, 16);
	}
}

static int read_thread(struct vmp_core *core, const char *desc, size_t size)
{
	core->it->notes.threads++;
	for (size_t i = 0; i < VMP_COUNT(threads); i++)
		if (core->machine == threads[i].machine &&
		    size == threads[i].size)
			return vmp_maps_add_stack(
				core->it,
				vmp_core_number(core, desc + threads[i].pointer,
						threads[i].pointer_size));
	return 0;
}

static void read_auxv(struct vmp_core *core, const char *desc, size_t size)
{
	size_t word = core->wide ? 8 : 4;
	uint64_t key, value;

	for (; size >= 2 * word; desc += 2 * word, size -= 2 * word) {
		key = vmp_core_number(core, desc, word);
		value = vmp_core_number(core, desc + word, word);
		if (key == AT_SYSINFO_EHDR)
			core->vdso = value;
		else if (key == AT_RANDOM || key == AT_EXECFN)
			core->stack = value;
		else if (key == AT_PHDR || (key == AT_ENTRY && !core->program))
			core->program = value;
	}
}

/* As /proc/PID/maps has it: a newline is escaped, and nothing else. */
static char *escape(char *to, const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (name[i] == '\n')
			to = mempcpy(to, "\\012", 4);
		else
			*to++ = name[i];
	}
	return to;
}

static char *names_buffer(const char *names, size_t length)
{
	size_t size = length + 1;

	for (size_t i = 0; i < length; i++)
		size += names[i] == '\n' ? 3 : 0;
	return malloc(size);
}

/* One range. Returns: is it right, and behind those before it? */
static bool read_range(struct vmp_core *core, const char *desc, uint64_t page)
{
	size_t word = core->wide ? 8 : 4;
	struct vmp_core_file *file = &core->files[core->file_count];

	file->start = vmp_core_number(core, desc, word);
	file->end = vmp_core_number(core, desc + word, word);
	file->offset = vmp_core_number(core, desc + 2 * word, word);
	if (__builtin_mul_overflow(file->offset, page, &file->offset))
		return false;
	return file->start < file->end &&
	       (!core->file_count || file[-1].end <= file->start);
}

/*
 * NT_FILE (fs/binfmt_elf.c, fill_files_note): count, page size; then start, end
 * and offset in pages for each; then the names, each with its NUL.
 */
static int read_files(struct vmp_core *core, const char *desc, size_t size)
{
	size_t word = core->wide ? 8 : 4, length;
	const char *end = desc + size, *name, *nul;
	uint64_t count, page;
	char *to;

	if (core->files || size < 2 * word)
		return 0;
	count = vmp_core_number(core, desc, word);
	page = vmp_core_number(core, desc + word, word);
	if (!count || count > (size / word - 2) / 3)
		return 0;
	desc += 2 * word;
	name = desc + count * 3 * word;
	core->files = calloc(count, sizeof(*core->files));
	core->it->names = to = names_buffer(name, (size_t)(end - name));
	if (!core->files || !to)
		return vmp_fail(core->it->ctx, -ENOMEM,
				"no memory for the file names of %s",
				core->it->source);
	while (core->file_count < count && read_range(core, desc, page)) {
		struct vmp_core_file *file = &core->files[core->file_count];

		nul = memchr(name, '\0', (size_t)(end - name));
		if (!nul)
			break;
		length = (size_t)(nul - name);
		file->name = to;
		to = escape(to, name, length);
		file->name_length = (size_t)(to - file->name);
		core->file_count++;
		name = nul + 1;
		desc += 3 * word;
	}
	return 0;
}

static int read_note(struct vmp_core *core, const GElf_Nhdr *note,
		     const char *desc)
{
	switch (note->n_type) {
	case NT_PRSTATUS:
		return read_thread(core, desc, note->n_descsz);
	case NT_FILE:
		return read_files(core, desc, note->n_descsz);
	case NT_PRPSINFO:
		read_process(core, desc, note->n_descsz);
		break;
	case NT_AUXV:
		read_auxv(core, desc, note->n_descsz);
		break;
	}
	return 0;
}

int vmp_core_notes(struct vmp_core *core, uint64_t offset, uint64_t size)
{
	Elf_Data data = { .d_type = ELF_T_NHDR, .d_version = EV_CURRENT };
	VMP_FREE char *bytes = NULL;
	size_t name, desc, next = 0;
	GElf_Nhdr note;
	ssize_t n;
	int rc = 0;

	if (offset >= core->size)
		return 0;
	size = size < core->size - offset ? size : core->size - offset;
	size = size < LARGEST - core->notes ? size : LARGEST - core->notes;
	core->notes += size;
	bytes = malloc(size + 1);
	if (!bytes)
		return vmp_fail(core->it->ctx, -ENOMEM,
				"no memory for the notes of %s",
				core->it->source);
	n = vmp_core_bytes(core, offset, bytes, size);
	if (n < 0)
		return (int)n;
	vmp_core_translate(core, ELF_T_NHDR, bytes, (size_t)n);
	data.d_buf = bytes;
	data.d_size = (size_t)n;
	while (rc == 0 &&
	       (next = gelf_getnote(&data, next, &note, &name, &desc)) > 0)
		if (note.n_namesz == sizeof("CORE") &&
		    !memcmp(bytes + name, "CORE", sizeof("CORE")))
			rc = read_note(core, &note, bytes + desc);
	return rc;
}
