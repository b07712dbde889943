// SPDX-License-Identifier: GPL-2.0-or-later
/* From one frame to the next, names and lines: what libdw knows. */
#include "trace/unwind-inside.h"

#ifdef HAVE_LIBDW

#include <dwarf.h>
#include <fcntl.h>
#include <string.h>

struct vmp_symbols {
	struct vmp_image *image;
	Dwfl_Callbacks callbacks;
	Dwfl *dwfl;
	Elf *own; /* which names the machine */
	int own_fd;
	/* During a walk: */
	const struct vmp_snapshot *snapshot;
	vmp_frame_told *told;
	void *arg;
	bool told_one;
	/* what the copy of the stack does not reach */
	unsigned char beyond[4096];
	uint64_t beyond_start;
	size_t beyond_bytes;
};

/* One thread, the snapshot's. */
static pid_t next_thread(Dwfl *dwfl, void *symbols, void **thread)
{
	const struct vmp_symbols *s = symbols;

	(void)dwfl;
	if (*thread)
		return 0;
	*thread = symbols;
	return s->snapshot->tid;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *symbols, void **thread)
{
	(void)dwfl, (void)tid;
	*thread = symbols;
	return true;
}

/* Returns: whether a word lies in bytes that are at start. */
static bool take(const unsigned char *bytes, uint64_t start, size_t size,
		 uint64_t address, Dwarf_Word *word)
{
	if (address < start || size < sizeof(*word) ||
	    address - start > size - sizeof(*word))
		return false;
	memcpy(word, bytes + (address - start), sizeof(*word));
	return true;
}

/* Constants that unwinding may ask for; the process could have no others. */
static bool read_module(Dwfl *dwfl, uint64_t address, Dwarf_Word *word)
{
	Dwfl_Module *module = dwfl_addrmodule(dwfl, address);
	Dwarf_Addr in_section = address, bias;
	Elf_Scn *section;
	Elf_Data *data;
	GElf_Shdr header;

	if (!module)
		return false;
	section = dwfl_module_address_section(module, &in_section, &bias);
	if (!section || !gelf_getshdr(section, &header) ||
	    header.sh_flags & SHF_WRITE || header.sh_type == SHT_NOBITS)
		return false;
	data = elf_rawdata(section, NULL);
	return data && take(data->d_buf, 0, data->d_size, in_section, word);
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word,
			void *symbols)
{
	struct vmp_symbols *s = symbols;
	const struct vmp_snapshot *from = s->snapshot;
	ssize_t n;

	if (take(from->stack, from->sp, from->stack_bytes, address, word) ||
	    take(s->beyond, s->beyond_start, s->beyond_bytes, address, word))
		return true;
	if (!from->held)
		return read_module(dwfl, address, word);
	n = vmp_memory_read(from->tid, address, s->beyond, sizeof(s->beyond));
	s->beyond_start = address;
	s->beyond_bytes = n > 0 ? (size_t)n : 0;
	return take(s->beyond, s->beyond_start, s->beyond_bytes, address, word);
}

static bool set_registers(Dwfl_Thread *thread, void *symbols)
{
	const struct vmp_symbols *s = symbols;
#if defined(__x86_64__)
	const unsigned int count = 17; /* the last one is pc */
#elif defined(__aarch64__)
	const unsigned int count = 32;
#else
	const unsigned int count = 0;
#endif
	Dwarf_Word registers[VMP_MOST_REGISTERS];

	for (unsigned int i = 0; i < count; i++)
		registers[i] = s->snapshot->registers[i];
	if (!count || !dwfl_thread_state_registers(thread, 0, count, registers))
		return false;
	dwfl_thread_state_register_pc(thread, s->snapshot->pc);
	return true;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = read_memory,
	.set_initial_registers = set_registers,
};

/* Returns: whether libdw has taken the file over. */
static bool report_file(struct vmp_symbols *s, const struct vmp_code *region,
			int fd)
{
	Dwfl_Module *module;
	void **data = NULL;
	uint64_t bias;

	if (vmp_file_bias(fd, region, &bias) < 0)
		return false;
	dwfl_report_begin_add(s->dwfl);
	module = dwfl_report_elf(s->dwfl, region->name, region->name, fd, bias,
				 true);
	dwfl_report_end(s->dwfl, NULL, NULL);
	if (!module)
		return false;
	dwfl_module_info(module, &data, NULL, NULL, NULL, NULL, NULL, NULL);
	*data = s->image;
	return true;
}

void vmp_symbols_report(struct vmp_symbols *s, struct vmp_code *region)
{
	int fd;

	if (region->tried)
		return;
	region->tried = true;
	/* another part of the same file */
	region->reported = dwfl_addrmodule(s->dwfl, region->start);
	if (region->reported)
		return;
	fd = vmp_file_of_code(s->image->tid, region);
	if (fd < 0)
		return;
	region->file = vmp_file_number(s->image->unwinder, fd);
	region->reported = report_file(s, region, fd);
	if (!region->reported)
		close(fd);
}

/* The module must be known before libdw looks further: it asks twice. */
static int tell_frame(Dwfl_Frame *frame, void *symbols)
{
	struct vmp_symbols *s = symbols;
	struct vmp_code *region;
	Dwarf_Addr pc;
	bool exact, first = !s->told_one;

	if (!dwfl_frame_pc(frame, &pc, NULL))
		return DWARF_CB_ABORT;
	s->told_one = true;
	region = vmp_code_find(s->image, pc - !first, first);
	if (region)
		vmp_symbols_report(s, region);
	if (!dwfl_frame_pc(frame, &pc, &exact))
		return DWARF_CB_ABORT;
	return s->told(s->arg, pc, exact) ? DWARF_CB_OK : DWARF_CB_ABORT;
}

void vmp_symbols_walk(struct vmp_symbols *s,
		      const struct vmp_snapshot *snapshot, vmp_frame_told *told,
		      void *arg)
{
	s->snapshot = snapshot;
	s->told = told;
	s->arg = arg;
	s->told_one = false;
	s->beyond_bytes = 0;
	dwfl_getthread_frames(s->dwfl, snapshot->tid, tell_frame, s);
	s->snapshot = NULL;
}

/*
 * Through the units of a file: libdw finds one by .debug_aranges, which clang
 * does not write.
 */
static Dwarf_Line *search_line(Dwfl_Module *module, uint64_t address)
{
	Dwarf_Die *unit = NULL;
	Dwarf_Addr bias;

	for (;;) {
		unit = dwfl_module_nextcu(module, unit, &bias);
		if (!unit)
			return NULL;
		if (dwarf_haspc(unit, address - bias) == 1)
			return dwarf_getsrc_die(unit, address - bias);
	}
}

static Dwarf_Line *find_line(Dwfl_Module *module, uint64_t address)
{
	Dwfl_Line *line = dwfl_module_getsrc(module, address);
	Dwarf_Addr bias;

	return line ? dwfl_dwarf_line(line, &bias)
		    : search_line(module, address);
}

static void name_line(struct vmp_symbols *s, Dwfl_Module *module,
		      uint64_t address, struct vmp_frame *frame)
{
	Dwarf_Line *line = find_line(module, address);
	const char *file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;

	if (!file)
		return;
	frame->file = vmp_intern(s->image->unwinder, file);
	if (frame->file && dwarf_lineno(line, &frame->line) < 0)
		frame->line = 0;
}

/*
 * The name that programs call it by: "munmap", which is "__munmap" to the C
 * library as well. In: name, of the function at `start`.
 */
static const char *public_name(Dwfl_Module *module, uint64_t start,
			       const char *name)
{
	int count = dwfl_module_getsymtab(module);
	const char *other;
	GElf_Sym symbol;
	GElf_Addr at;

	for (int i = 1; i < count; i++) {
		other = dwfl_module_getsym_info(module, i, &symbol, &at, NULL,
						NULL, NULL);
		if (other && at == start && *other && *other != '_' &&
		    GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
		    GELF_ST_BIND(symbol.st_info) != STB_LOCAL)
			return other;
	}
	return name;
}

static void name_function(struct vmp_symbols *s, Dwfl_Module *module,
			  uint64_t address, struct vmp_frame *frame)
{
	GElf_Off into;
	GElf_Sym symbol;
	const char *name = dwfl_module_addrinfo(module, address, &into, &symbol,
						NULL, NULL, NULL);
	char plain[1024];

	/* what is nearest need not be what it is in */
	if (!name || !*name || (symbol.st_size && into >= symbol.st_size))
		return;
	/* names of C++ and Rust begin so, but with one */
	if (!strncmp(name, "__", 2))
		name = public_name(module, address - into, name);
	/* the linker appends versions: "clock_gettime@@GLIBC_2.17" */
	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(name, "@"), name);
	frame->function = vmp_intern(s->image->unwinder, plain);
}

void vmp_symbols_name(struct vmp_symbols *s, uint64_t address,
		      struct vmp_frame *frame)
{
	Dwfl_Module *module = dwfl_addrmodule(s->dwfl, address);

	if (!module)
		return;
	name_function(s, module, address, frame);
	name_line(s, module, address, frame);
}

void vmp_symbols_free(struct vmp_symbols *s)
{
	if (!s)
		return;
	dwfl_end(s->dwfl);
	elf_end(s->own);
	if (s->own_fd >= 0)
		close(s->own_fd);
	free(s);
}

struct vmp_symbols *vmp_symbols_new(struct vmp_image *image)
{
	struct vmp_symbols *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	elf_version(EV_CURRENT);
	s->image = image;
	s->callbacks.find_debuginfo = vmp_find_debuginfo;
	s->own_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	s->own = elf_begin(s->own_fd, ELF_C_READ, NULL);
	s->dwfl = dwfl_begin(&s->callbacks);
	if (s->dwfl && s->own &&
	    dwfl_attach_state(s->dwfl, s->own, image->pid, &thread_callbacks,
			      s))
		return s;
	vmp_symbols_free(s);
	return NULL;
}

#else /* without libdw: no struct vmp_symbols is ever made */

struct vmp_symbols *vmp_symbols_new(struct vmp_image *image)
{
	(void)image;
	return NULL;
}

void vmp_symbols_free(struct vmp_symbols *s)
{
	(void)s;
}

void vmp_symbols_report(struct vmp_symbols *s, struct vmp_code *region)
{
	(void)s, (void)region;
}

void vmp_symbols_name(struct vmp_symbols *s, uint64_t address,
		      struct vmp_frame *frame)
{
	(void)s, (void)address, (void)frame;
}

void vmp_symbols_walk(struct vmp_symbols *s,
		      const struct vmp_snapshot *snapshot, vmp_frame_told *told,
		      void *arg)
{
	(void)s, (void)snapshot, (void)told, (void)arg;
}

#endif
