// SPDX-License-Identifier: LGPL-2.1-or-later
/* Asks the kernel what this process may still do, without reading /proc. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/internal.h"
#include "lib/oracle.h"

struct vmp_self {
	struct vmp_oracle_pages pages;
};

/* A file of nobody else's, so that the three pages merge with nothing. */
static int reserve(struct vmp_self *self)
{
	int fd = memfd_create("vmaprobe-oracle", MFD_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = vmp_oracle_reserve(&self->pages, fd);
	if (rc < 0)
		close(fd);
	return rc;
}

/* The pages to ask with, reserved at the first call. NULL: there are none. */
static struct vmp_self *self_of(struct vmp_ctx *ctx)
{
	struct vmp_self *self = ctx->self;
	int rc;

	if (self)
		return self;
	self = calloc(1, sizeof(*self));
	rc = self ? reserve(self) : -ENOMEM;
	if (rc < 0) {
		vmp_fail(ctx, rc, "cannot reserve three pages to ask with: %s",
			 strerror(-rc));
		free(self);
		return NULL;
	}
	return ctx->self = self;
}

void vmp_self_free(struct vmp_self *self)
{
	if (!self)
		return;
	munmap(self->pages.base, 3 * self->pages.page_bytes);
	close(self->pages.fd);
	free(self);
}

int vmp_self_ask(struct vmp_ctx *ctx, struct vmp_oracles *answers)
{
	const struct vmp_self *self = self_of(ctx);

	if (!self)
		return -ENOMEM;
	vmp_oracle_ask(&self->pages, answers);
	return 0;
}

/* "Is it full?" answered yes is "it cannot". */
static int can(struct vmp_ctx *ctx, enum vmp_answer answer)
{
	if (answer == VMP_NOT_ASKED)
		return vmp_fail(ctx, -ENOTSUP,
				"this kernel does not answer the probe");
	return answer == VMP_NO;
}

int vmp_can_map(struct vmp_ctx *ctx)
{
	const struct vmp_self *self = self_of(ctx);

	return self ? can(ctx, vmp_oracle_over(&self->pages)) : -ENOMEM;
}

int vmp_can_split(struct vmp_ctx *ctx)
{
	const struct vmp_self *self = self_of(ctx);

	return self ? can(ctx, vmp_oracle_full(&self->pages)) : -ENOMEM;
}

int vmp_can_move(struct vmp_ctx *ctx)
{
	const struct vmp_self *self = self_of(ctx);

	return self ? can(ctx, vmp_oracle_tight(&self->pages)) : -ENOMEM;
}
