// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes core dumps of descriptions, without libelf, which it is to test. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "core-text.h"

enum {
	LARGEST = 64 * 1024 * 1024,
	SPARE = 512,		   /* a note of a thread or process */
	BEHIND = 64 * 1024 * 1024, /* where the memory would begin */
};

struct maker {
	bool wide, msb, xnum, sections, last;
	uint64_t machine, type, page, claimed;
	uint64_t file_count, load_count, most_loads;
	struct blob loads; /* program headers */
	struct blob notes;
	struct blob ranges, names, auxv;
};

static void put_bytes(struct blob *blob, const void *bytes, size_t length)
{
	if (blob->length + length > LARGEST)
		return;
	if (blob->length + length > blob->room || !blob->bytes) {
		blob->room = 2 * (blob->length + length) + 1;
		blob->bytes = realloc(blob->bytes, blob->room);
	}
	if (!blob->bytes)
		abort();
	if (length)
		memcpy(blob->bytes + blob->length, bytes, length);
	blob->length += length;
}

static void write_number(const struct maker *maker, char *to, uint64_t value,
			 size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[maker->msb ? size - 1 - i : i] = (char)(value >> 8 * i);
}

static void put(const struct maker *maker, struct blob *blob, uint64_t value,
		size_t size)
{
	char bytes[8];

	write_number(maker, bytes, value, size);
	put_bytes(blob, bytes, size);
}

/* A number of the file's width. */
static void put_word(const struct maker *maker, struct blob *blob,
		     uint64_t value)
{
	put(maker, blob, value, maker->wide ? 8 : 4);
}

static void align(struct blob *blob)
{
	put_bytes(blob, "\0\0\0", -blob->length & 3);
}

static void put_note(struct maker *maker, uint32_t type, const void *desc,
		     size_t size)
{
	put(maker, &maker->notes, 5, 4);
	put(maker, &maker->notes, size, 4);
	put(maker, &maker->notes, type, 4);
	put_bytes(&maker->notes, "CORE\0\0\0", 8);
	put_bytes(&maker->notes, desc, size);
	align(&maker->notes);
}

static void put_header(struct maker *maker, struct blob *to, uint32_t type,
		       uint64_t offset, uint64_t address, uint64_t file_size,
		       uint64_t size, uint32_t flags)
{
	put(maker, to, type, 4);
	if (maker->wide)
		put(maker, to, flags, 4);
	put_word(maker, to, offset);
	put_word(maker, to, address);
	put_word(maker, to, 0);
	put_word(maker, to, file_size);
	put_word(maker, to, size);
	if (!maker->wide)
		put(maker, to, flags, 4);
	put_word(maker, to, 4096);
}

static void take_elf(struct maker *maker, const uint64_t *n, const char *rest)
{
	maker->wide = n[0] == 64;
	maker->msb = !strncmp(rest, "msb", 3);
	maker->machine = strlen(rest) > 3 ? strtoull(rest + 3, NULL, 0) : 0;
}

static void take_type(struct maker *maker, const uint64_t *n, const char *rest)
{
	(void)rest;
	maker->type = n[0];
}

static void take_load(struct maker *maker, const uint64_t *n, const char *rest)
{
	uint32_t flags = (strchr(rest, 'r') ? PF_R : 0) |
			 (strchr(rest, 'w') ? PF_W : 0) |
			 (strchr(rest, 'x') ? PF_X : 0);

	if (maker->load_count >= maker->most_loads)
		return;
	maker->load_count++;
	put_header(maker, &maker->loads, PT_LOAD, maker->last ? 0 : BEHIND,
		   n[0], 0, n[1], flags);
}

static void take_loads(struct maker *maker, const uint64_t *n, const char *rest)
{
	uint64_t page[2] = { n[0], 4096 };

	(void)rest;
	for (uint64_t i = 0; i < n[1] && i < maker->most_loads; i++) {
		take_load(maker, page, i % 2 ? "rw" : "");
		page[0] += 4096;
	}
}

static void take_page(struct maker *maker, const uint64_t *n, const char *rest)
{
	(void)rest;
	maker->page = n[0];
}

static void take_file(struct maker *maker, const uint64_t *n, const char *rest)
{
	for (int i = 0; i < 3; i++)
		put_word(maker, &maker->ranges, n[i]);
	for (; *rest; rest++) {
		bool newline = rest[0] == '\\' && rest[1] == 'n';

		rest += newline;
		put_bytes(&maker->names, newline ? "\n" : rest, 1);
	}
	put_bytes(&maker->names, "", 1);
	maker->file_count++;
}

static void take_files(struct maker *maker, const uint64_t *n, const char *rest)
{
	(void)rest;
	maker->claimed = n[0];
}

static void take_auxv(struct maker *maker, const uint64_t *n, const char *rest)
{
	(void)rest;
	put_word(maker, &maker->auxv, n[0]);
	put_word(maker, &maker->auxv, n[1]);
}

static void take_thread(struct maker *maker, const uint64_t *n,
			const char *rest)
{
	char desc[SPARE] = "";

	(void)rest;
	switch (maker->machine) {
	case EM_X86_64:
		write_number(maker, desc + 264, n[0], 8);
		put_note(maker, NT_PRSTATUS, desc, 336);
		break;
	case EM_AARCH64:
		write_number(maker, desc + 360, n[0], 8);
		put_note(maker, NT_PRSTATUS, desc, 392);
		break;
	default: /* i386; no other is looked into */
		write_number(maker, desc + 132, n[0], 4);
		put_note(maker, NT_PRSTATUS, desc, 144);
	}
}

static void take_process(struct maker *maker, const uint64_t *n,
			 const char *rest)
{
	bool narrow_ids = maker->machine == EM_386 || maker->machine == EM_ARM;
	size_t size = maker->wide ? 136 : narrow_ids ? 124 : 128;
	size_t at = maker->wide ? 24 : narrow_ids ? 12 : 16;
	char desc[SPARE] = "";

	write_number(maker, desc + at, n[0], 4);
	memcpy(desc + at + 16, rest, strnlen(rest, 16));
	put_note(maker, NT_PRPSINFO, desc, size);
}

static void take_note(struct maker *maker, const uint64_t *n, const char *rest)
{
	(void)rest;
	for (int i = 0; i < 3; i++)
		put(maker, &maker->notes, n[i], 4);
}

static void take_xnum(struct maker *maker, const uint64_t *n, const char *rest)
{
	(void)n, (void)rest;
	maker->xnum = true;
}

static void take_sections(struct maker *maker, const uint64_t *n,
			  const char *rest)
{
	(void)n, (void)rest;
	maker->sections = true;
}

static void take_last(struct maker *maker, const uint64_t *n, const char *rest)
{
	(void)n, (void)rest;
	maker->last = true;
}

/* A word, so many numbers, and the rest of the line. */
static const struct {
	const char *word;
	int numbers;
	void (*take)(struct maker *maker, const uint64_t *n, const char *rest);
} rows[] = {
	{ "elf", 1, take_elf },		  { "type", 1, take_type },
	{ "load", 2, take_load },	  { "loads", 2, take_loads },
	{ "page", 1, take_page },	  { "file", 3, take_file },
	{ "files", 1, take_files },	  { "auxv", 2, take_auxv },
	{ "thread", 1, take_thread },	  { "process", 1, take_process },
	{ "note", 3, take_note },	  { "xnum", 0, take_xnum },
	{ "sections", 0, take_sections }, { "last", 0, take_last },
};

/* Numbers behind the word. Returns: behind them, and a space. */
static char *read_numbers(char *line, int count, uint64_t *n)
{
	for (int i = 0; i < count; i++)
		n[i] = strtoull(line, &line, 0);
	return *line == ' ' ? line + 1 : line;
}

static void read_line(struct maker *maker, char *line)
{
	size_t length = strcspn(line, " ");
	uint64_t n[3];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (length == strlen(rows[i].word) &&
		    !memcmp(line, rows[i].word, length)) {
			line = read_numbers(line + length, rows[i].numbers, n);
			rows[i].take(maker, n, line);
			return;
		}
}

static void end_notes(struct maker *maker)
{
	struct blob desc = { 0 };

	if (maker->auxv.length)
		put_note(maker, NT_AUXV, maker->auxv.bytes, maker->auxv.length);
	if (!maker->file_count)
		return;
	put_word(maker, &desc,
		 maker->claimed ? maker->claimed : maker->file_count);
	put_word(maker, &desc, maker->page);
	put_bytes(&desc, maker->ranges.bytes, maker->ranges.length);
	put_bytes(&desc, maker->names.bytes, maker->names.length);
	put_note(maker, NT_FILE, desc.bytes, desc.length);
	free(desc.bytes);
}

static void put_elf_header(struct maker *maker, struct blob *core,
			   uint64_t count, uint64_t sections)
{
	const char ident[EI_NIDENT] = { 0x7f,
					'E',
					'L',
					'F',
					maker->wide ? ELFCLASS64 : ELFCLASS32,
					maker->msb ? ELFDATA2MSB : ELFDATA2LSB,
					EV_CURRENT };

	put_bytes(core, ident, sizeof(ident));
	put(maker, core, maker->type, 2);
	put(maker, core, maker->machine, 2);
	put(maker, core, EV_CURRENT, 4);
	put_word(maker, core, 0);
	put_word(maker, core, maker->wide ? 64 : 52);
	put_word(maker, core, sections);
	put(maker, core, 0, 4);
	put(maker, core, maker->wide ? 64 : 52, 2);
	put(maker, core, maker->wide ? 56 : 32, 2);
	put(maker, core, maker->xnum ? PN_XNUM : count, 2);
	put(maker, core, maker->wide ? 64 : 40, 2);
	put(maker, core, maker->sections ? 1 : 0, 2);
	put(maker, core, 0, 2);
}

/* The first section header, of which nothing is used but sh_info. */
static void put_section(struct maker *maker, struct blob *core, uint64_t count)
{
	put(maker, core, 0, 8);
	for (int i = 0; i < 4; i++)
		put_word(maker, core, 0);
	put(maker, core, 0, 4);
	put(maker, core, count, 4);
	put_word(maker, core, 0);
	put_word(maker, core, 0);
}

static void put_all(struct maker *maker, struct blob *core)
{
	uint64_t count = maker->load_count + 1;
	uint64_t notes =
		(maker->wide ? 64 : 52) + count * (maker->wide ? 56 : 32);
	uint64_t gap = maker->last ? 4096 : 0;

	put_elf_header(maker, core, count,
		       maker->sections ? notes + gap + maker->notes.length : 0);
	put_header(maker, core, PT_NOTE, notes + gap, 0, maker->notes.length, 0,
		   0);
	put_bytes(core, maker->loads.bytes, maker->loads.length);
	for (; gap; gap -= 8)
		put(maker, core, 0, 8);
	put_bytes(core, maker->notes.bytes, maker->notes.length);
	if (maker->sections)
		put_section(maker, core, count);
}

/* "set" and "cut", once everything is there. */
static void patch(struct maker *maker, struct blob *core, char *line)
{
	uint64_t n[3];

	if (!strncmp(line, "set ", 4)) {
		read_numbers(line + 4, 3, n);
		if (n[1] >= 1 && n[1] <= 8 && n[0] < core->length &&
		    n[1] <= core->length - n[0])
			write_number(maker, core->bytes + n[0], n[2], n[1]);
	} else if (!strncmp(line, "cut ", 4)) {
		read_numbers(line + 4, 1, n);
		if (n[0] < core->length)
			core->length = n[0];
	}
}

/* Lines end in NUL then: the two walks go over them one by one. */
static size_t split(char *text)
{
	size_t lines = 1;

	for (; *text; text++)
		if (*text == '\n') {
			*text = '\0';
			lines++;
		}
	return lines;
}

void core_make(const char *text, uint64_t most_loads, struct blob *core)
{
	struct maker maker = { .wide = true,
			       .machine = EM_X86_64,
			       .type = ET_CORE,
			       .page = 4096,
			       .most_loads = most_loads };
	char *copy = strdup(text), *line = copy;
	size_t lines;

	if (!copy)
		abort();
	*core = (struct blob){ 0 };
	lines = split(copy);
	for (size_t i = 0; i < lines; i++, line += strlen(line) + 1)
		read_line(&maker, line);
	end_notes(&maker);
	put_all(&maker, core);
	line = copy;
	for (size_t i = 0; i < lines; i++, line += strlen(line) + 1)
		patch(&maker, core, line);
	free(copy);
	free(maker.loads.bytes);
	free(maker.notes.bytes);
	free(maker.ranges.bytes);
	free(maker.names.bytes);
	free(maker.auxv.bytes);
}
