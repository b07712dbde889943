// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads pieces of a core dump: what libelf is needed for. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/core.h"

/*
 * Not elf_begin(): that refuses, or cuts without a word, what cores are often
 * like, ended by a size limit; and it believes the count of sections.
 */
ssize_t vmp_core_bytes(const struct vmp_core *core, uint64_t offset,
		       void *buffer, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size && offset + done < core->size) {
		n = pread(core->it->fd, (char *)buffer + done, size - done,
			  (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return vmp_fail(core->it->ctx, -errno, "read %s: %s",
					core->it->source, strerror(errno));
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

size_t vmp_core_sizeof(const struct vmp_core *core, Elf_Type type)
{
	return core->wide ? elf64_fsize(type, 1, EV_CURRENT)
			  : elf32_fsize(type, 1, EV_CURRENT);
}

void vmp_core_translate(const struct vmp_core *core, Elf_Type type, void *bytes,
			size_t size)
{
	Elf_Data data = { .d_buf = bytes,
			  .d_type = type,
			  .d_size = size,
			  .d_version = EV_CURRENT };

	if (core->wide)
		elf64_xlatetom(&data, &data, core->encoding);
	else
		elf32_xlatetom(&data, &data, core->encoding);
}

int vmp_core_fetch(const struct vmp_core *core, uint64_t offset, Elf_Type type,
		   size_t count, void *out, size_t size)
{
	size_t wanted = count * vmp_core_sizeof(core, type);
	ssize_t n;

	if (wanted > size)
		return -EINVAL;
	n = vmp_core_bytes(core, offset, out, wanted);
	if (n < 0)
		return (int)n;
	if ((size_t)n < wanted)
		return 1;
	vmp_core_translate(core, type, out, wanted);
	return 0;
}

uint64_t vmp_core_number(const struct vmp_core *core, const char *bytes,
			 size_t size)
{
	uint64_t wide;
	uint32_t narrow;

	if (size == sizeof(narrow)) {
		memcpy(&narrow, bytes, sizeof(narrow));
		vmp_core_translate(core, ELF_T_WORD, &narrow, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, bytes, sizeof(wide));
	vmp_core_translate(core, ELF_T_XWORD, &wide, sizeof(wide));
	return wide;
}
