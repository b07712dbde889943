// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: the census of a saved input, and what has to be true of it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "lib/internal.h"
#include "census-fault.h"
#include "fuzz.h"

/* The census wants a path: of a file in memory, which is made once. */
static const char *path_of(const uint8_t *data, size_t size)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("census", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) < 0 ||
	    pwrite(fd, data, size, 0) != (ssize_t)size)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmp_census_request request = {
		.path = path_of(data, size),
		.limit = 65530,
	};
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_census *census;
	int rc;

	if (ctx && request.path) {
		rc = vmp_census_read(ctx, &request, &census);
		if (rc == 0 && census_fault(census))
			abort();
		if (rc == 0)
			vmp_census_free(census);
		else if (rc != -EBADMSG && rc != -ENOMEM && rc != -ENOTSUP)
			abort();
	}
	vmp_free(ctx);
	return 0;
}
