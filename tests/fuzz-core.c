// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: core dumps, as bytes or as a description (core-text.h). */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "core-text.h"
#include "fuzz-walk.h"
#include "fuzz.h"

/* What is slow finds nothing. */
enum { MOST = 300 };

static bool is_elf(const uint8_t *data, size_t size)
{
	return size >= 4 && !memcmp(data, "\177ELF", 4);
}

static void make(const uint8_t *data, size_t size, struct blob *core)
{
	VMP_FREE char *text = strndup((const char *)data, size);

	if (!text)
		abort();
	core_make(text, MOST, core);
}

static void open_and_walk(struct vmp_ctx *ctx, int fd)
{
	struct vmp_maps *maps;
	char path[32];
	int rc;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = vmp_maps_open_file(ctx, path, &maps);
	if (rc == 0)
		fuzz_walk(maps);
	else if (rc != -EBADMSG && rc != -ENOTSUP)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	VMP_CLOSE int fd = memfd_create("core", MFD_CLOEXEC);
	struct blob core = { (char *)data, size, size };
	struct vmp_ctx *ctx = vmp_new();

	if (!is_elf(data, size))
		make(data, size, &core);
	if (ctx && fd >= 0 &&
	    write(fd, core.bytes, core.length) == (ssize_t)core.length)
		open_and_walk(ctx, fd);
	if (core.bytes != (const char *)data)
		free(core.bytes);
	vmp_free(ctx);
	return 0;
}
