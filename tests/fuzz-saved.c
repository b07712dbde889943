// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: saved maps, smaps and logs of a JVM. */
#include <errno.h>

#include "fuzz-walk.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_maps *maps;
	int rc;

	if (!ctx)
		return 0;
	rc = vmp_maps_open_text(ctx, (const char *)data, size, &maps);
	if (rc == 0)
		fuzz_walk(maps);
	else if (rc != -EBADMSG)
		abort();
	vmp_free(ctx);
	return 0;
}
