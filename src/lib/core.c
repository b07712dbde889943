// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads the mappings of a core dump: each PT_LOAD segment is one. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/maps.h"

bool vmp_is_core(const char *text, size_t length)
{
	return length >= 4 && !memcmp(text, "\177ELF", 4);
}

#ifndef HAVE_LIBELF
int vmp_core_read(struct vmp_maps *it)
{
	return vmp_fail(it->ctx, -ENOTSUP,
			"this vmaprobe was built without libelf, which reads "
			"core dumps");
}
#else

#include "lib/core.h"

enum { BATCH = 256 /* program headers that are read at once */ };

/* ELF has its headers in two widths. */
union elf_header {
	char ident[EI_NIDENT];
	Elf32_Ehdr narrow;
	Elf64_Ehdr wide;
};

union section_header {
	Elf32_Shdr narrow;
	Elf64_Shdr wide;
};

union program_headers {
	Elf32_Phdr narrow[BATCH];
	Elf64_Phdr wide[BATCH];
};

#define FIELD(core, header, name) \
	((core)->wide ? (header).wide.name : (header).narrow.name)

static Elf64_Phdr widen(const struct vmp_core *core,
			const union program_headers *headers, size_t i)
{
	const Elf32_Phdr *p = &headers->narrow[i];

	if (core->wide)
		return headers->wide[i];
	return (Elf64_Phdr){ .p_type = p->p_type,
			     .p_flags = p->p_flags,
			     .p_offset = p->p_offset,
			     .p_vaddr = p->p_vaddr,
			     .p_filesz = p->p_filesz,
			     .p_memsz = p->p_memsz };
}

static int is_cut(const struct vmp_core *core, const char *where)
{
	return vmp_fail(core->it->ctx, -EBADMSG,
			"%s ends at offset 0x%llx, in its %s", core->it->source,
			(unsigned long long)core->size, where);
}

static int fetch_headers(const struct vmp_core *core, uint64_t first,
			 size_t count, union program_headers *headers)
{
	size_t size = vmp_core_sizeof(core, ELF_T_PHDR);
	int rc = vmp_core_fetch(core, core->headers + first * size, ELF_T_PHDR,
				count, headers, sizeof(*headers));

	return rc > 0 ? is_cut(core, "program headers") : rc;
}

/*
 * The kernel lays the notes right behind the program headers, and then the
 * memory of the mappings. Returns: how many headers there are then, or 0.
 */
static uint64_t count_up_to_notes(const struct vmp_core *core,
				  const union program_headers *headers)
{
	Elf64_Phdr note = widen(core, headers, 0);
	Elf64_Phdr memory = widen(core, headers, 1);
	uint64_t bytes = note.p_offset - core->headers;
	size_t size = vmp_core_sizeof(core, ELF_T_PHDR);

	if (note.p_type != PT_NOTE || note.p_offset < core->headers ||
	    memory.p_offset < note.p_offset || bytes % size)
		return 0;
	return bytes / size;
}

/*
 * More than 65,534 headers: their count is in the first section header, which
 * is written last, and so the first to be lost.
 */
static int real_count(struct vmp_core *core, uint64_t sections)
{
	union program_headers first;
	union section_header section;
	int rc = 1;

	core->header_count = 0;
	if (sections)
		rc = vmp_core_fetch(core, sections, ELF_T_SHDR, 1, &section,
				    sizeof(section));
	if (rc < 0)
		return rc;
	if (rc == 0)
		core->header_count = FIELD(core, section, sh_info);
	if (core->header_count)
		return 0;
	rc = fetch_headers(core, 0, 2, &first);
	if (rc < 0)
		return rc;
	core->header_count = count_up_to_notes(core, &first);
	if (!core->header_count)
		return vmp_fail(core->it->ctx, -EBADMSG,
				"%s: the count of its program headers was at "
				"its end, which is lost",
				core->it->source);
	return 0;
}

static int count_headers(struct vmp_core *core, const union elf_header *header)
{
	size_t size = vmp_core_sizeof(core, ELF_T_PHDR);
	uint64_t bytes;
	int rc = 0;

	core->headers = FIELD(core, *header, e_phoff);
	core->header_count = FIELD(core, *header, e_phnum);
	if (core->header_count && FIELD(core, *header, e_phentsize) != size)
		return vmp_fail(core->it->ctx, -EBADMSG,
				"%s: program headers of %u bytes",
				core->it->source,
				FIELD(core, *header, e_phentsize));
	if (core->header_count == PN_XNUM)
		rc = real_count(core, FIELD(core, *header, e_shoff));
	if (rc < 0)
		return rc;
	if (__builtin_mul_overflow(core->header_count, size, &bytes) ||
	    core->headers > core->size || bytes > core->size - core->headers)
		return is_cut(core, "program headers");
	return 0;
}

static int read_header(struct vmp_core *core)
{
	struct vmp_maps *it = core->it;
	union elf_header header = { 0 };
	ssize_t n = vmp_core_bytes(core, 0, &header, sizeof(header));
	unsigned int class = (unsigned char)header.ident[EI_CLASS];

	if (n < 0)
		return (int)n;
	if (n < EI_NIDENT)
		return is_cut(core, "ELF header");
	core->wide = class == ELFCLASS64;
	core->encoding = (unsigned char)header.ident[EI_DATA];
	if ((class != ELFCLASS32 && class != ELFCLASS64) ||
	    (core->encoding != ELFDATA2LSB && core->encoding != ELFDATA2MSB))
		return vmp_fail(it->ctx, -EBADMSG,
				"%s: an ELF file of no known class",
				it->source);
	if ((size_t)n < vmp_core_sizeof(core, ELF_T_EHDR))
		return is_cut(core, "ELF header");
	vmp_core_translate(core, ELF_T_EHDR, &header,
			   vmp_core_sizeof(core, ELF_T_EHDR));
	core->machine = FIELD(core, header, e_machine);
	if (FIELD(core, header, e_type) != ET_CORE)
		return vmp_fail(it->ctx, -EBADMSG,
				"%s: an ELF file, but no core dump",
				it->source);
	return count_headers(core, &header);
}

int vmp_core_add(struct vmp_core *core, const struct vmp_mapping *m)
{
	struct vmp_maps *it = core->it;
	struct vmp_mapping *larger;

	/* full at each power of two */
	if (!(it->count & (it->count - 1))) {
		larger = realloc(it->list, sizeof(*larger) * (it->count * 2 +
							      !it->count));
		if (!larger)
			return vmp_fail(it->ctx, -ENOMEM,
					"no memory for the mappings of %s",
					it->source);
		it->list = larger;
	}
	it->list[it->count++] = *m;
	return 0;
}

static int add_segment(struct vmp_core *core, const Elf64_Phdr *p,
		       uint64_t index)
{
	struct vmp_maps *it = core->it;
	struct vmp_mapping m = { .start = p->p_vaddr,
				 .readable = p->p_flags & PF_R,
				 .writable = p->p_flags & PF_W,
				 .executable = p->p_flags & PF_X,
				 .counted = true,
				 .name = "" };

	if (p->p_memsz == 0)
		return 0;
	if (__builtin_add_overflow(p->p_vaddr, p->p_memsz, &m.end))
		return vmp_fail(it->ctx, -EBADMSG,
				"%s, program header %llu: 0x%llx bytes at "
				"0x%llx",
				it->source, (unsigned long long)index,
				(unsigned long long)p->p_memsz,
				(unsigned long long)p->p_vaddr);
	if (m.start < it->last_end)
		return vmp_fail(it->ctx, -EBADMSG,
				"%s, program header %llu: 0x%llx is below the "
				"end of the mapping before it",
				it->source, (unsigned long long)index,
				(unsigned long long)m.start);
	it->last_end = m.end;
	return vmp_core_add(core, &m);
}

static int read_segments(struct vmp_core *core)
{
	union program_headers headers;
	Elf64_Phdr p;
	int rc = 0;

	for (uint64_t i = 0; i < core->header_count && rc == 0; i++) {
		uint64_t left = core->header_count - i;

		if (i % BATCH == 0)
			rc = fetch_headers(core, i, left < BATCH ? left : BATCH,
					   &headers);
		if (rc < 0)
			return rc;
		p = widen(core, &headers, i % BATCH);
		if (p.p_type == PT_LOAD)
			rc = add_segment(core, &p, i);
		else if (p.p_type == PT_NOTE)
			rc = vmp_core_notes(core, p.p_offset, p.p_filesz);
	}
	return rc;
}

int vmp_core_read(struct vmp_maps *it)
{
	struct vmp_core core = { .it = it };
	struct stat status;
	int rc;

	if (fstat(it->fd, &status) < 0)
		return vmp_fail(it->ctx, -errno, "%s: %s", it->source,
				strerror(errno));
	core.size = (uint64_t)status.st_size;
	elf_version(EV_CURRENT);
	rc = read_header(&core);
	rc = rc < 0 ? rc : read_segments(&core);
	rc = rc < 0 ? rc : vmp_core_name(&core);
	free(core.files);
	return rc;
}

#endif
