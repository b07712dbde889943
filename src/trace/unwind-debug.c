// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds debug information that is kept apart, on this machine alone: libdw's
 * own search asks servers in the network (debuginfod), which takes seconds
 * while a thread is held, and tells them what runs here.
 */
#include "trace/unwind-inside.h"

#ifdef HAVE_LIBDW

#include <elfutils/libdwelf.h>
#include <linux/limits.h>
#include <string.h>

/* Of .gnu_debuglink, which is that of Ethernet (IEEE 802.3). */
static uint32_t checksum(int fd)
{
	unsigned char bytes[16 * 1024];
	uint32_t crc = ~UINT32_C(0);
	off_t at = 0;
	ssize_t n;

	for (;;) {
		n = pread(fd, bytes, sizeof(bytes), at);
		if (n <= 0)
			return ~crc;
		at += n;
		for (ssize_t i = 0; i < n; i++) {
			crc ^= bytes[i];
			for (int bit = 0; bit < 8; bit++)
				crc = crc >> 1 ^
				      (crc & 1 ? UINT32_C(0xedb88320) : 0);
		}
	}
}

/* Does a file belong to a module? By its build ID, else by its checksum. */
static bool belongs(int fd, Dwfl_Module *module, uint32_t crc)
{
	const unsigned char *wanted;
	const void *found;
	GElf_Addr address;
	int length = dwfl_module_build_id(module, &wanted, &address);
	bool same;
	Elf *elf;

	if (length <= 0)
		return checksum(fd) == crc;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	same = elf && dwelf_elf_gnu_build_id(elf, &found) == length &&
	       !memcmp(found, wanted, (size_t)length);
	elf_end(elf);
	return same;
}

int vmp_find_debuginfo(Dwfl_Module *module, void **image, const char *name,
		       Dwarf_Addr base, const char *file, const char *link,
		       GElf_Word crc, char **path)
{
	static const char *const places[][2] = { { "", "" },
						 { "", "/.debug" },
						 { "/usr/lib/debug", "" } };
	const struct vmp_image *of = *image;
	const char *slash = file ? strrchr(file, '/') : NULL;
	char candidate[PATH_MAX];
	int fd = dwfl_build_id_find_debuginfo(module, image, name, base, file,
					      link, crc, path);

	if (fd >= 0 || !slash || !link || strchr(link, '/'))
		return fd;
	for (size_t i = 0; i < VMP_COUNT(places); i++) {
		snprintf(candidate, sizeof(candidate), "%s%.*s%s/%s",
			 places[i][0], (int)(slash - file), file, places[i][1],
			 link);
		fd = vmp_file_open(of->tid, candidate);
		if (fd >= 0 && belongs(fd, module, crc))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

#endif
