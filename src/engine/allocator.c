// SPDX-License-Identifier: GPL-2.0-or-later
/* Starts the worker with LD_PRELOAD, and looks whether it was obeyed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/allocator.h"
#include "lib/internal.h"

const struct vmp_allocator vmp_allocators[] = {
	{ "jemalloc", { "libjemalloc.so.2", "libjemalloc.so" } },
	{ "tcmalloc",
	  { "libtcmalloc_minimal.so.4", "libtcmalloc.so.4",
	    "libtcmalloc_minimal.so" } },
	{ "mimalloc",
	  { "libmimalloc.so.2", "libmimalloc.so.2.0", "libmimalloc.so.3",
	    "libmimalloc.so" } },
};

const size_t vmp_allocator_count = VMP_COUNT(vmp_allocators);

/* "/usr/lib/libjemalloc.so.2.3" is "libjemalloc.so.2", found by ld.so. */
static bool is_library(const struct vmp_mapping *m, const char *library)
{
	size_t length = strlen(library);
	const char *slash = memrchr(m->name, '/', m->name_length);
	const char *name = *library == '/' || !slash ? m->name : slash + 1;

	return (size_t)(m->name + m->name_length - name) >= length &&
	       !memcmp(name, library, length);
}

/*
 * ld.so only warns where it cannot preload, so the mappings are asked: a
 * library named without a path may come from anywhere ld.so looks.
 */
static bool is_mapped(struct vmp_ctx *ctx, pid_t pid, const char *library)
{
	struct vmp_maps *maps;
	struct vmp_mapping m;
	bool found = false;

	if (vmp_maps_open(ctx, pid, &maps) < 0)
		return false;
	while (!found && vmp_maps_next(maps, &m) > 0)
		found = is_library(&m, library);
	vmp_maps_close(maps);
	return found;
}

static bool start_with(struct vmp_ctx *ctx, struct vmp_child *child,
		       const char *worker, const char *library, char *reason,
		       size_t size)
{
	if (vmp_child_start(child, worker, library, reason, size) < 0)
		return false;
	if (is_mapped(ctx, child->pid, library))
		return true;
	vmp_child_end(child);
	return false;
}

/* The worker's libc: it says which one that is when it starts. */
static bool is_own(const char *name)
{
	return !strcmp(name, "glibc") || !strcmp(name, "libc");
}

static const struct vmp_allocator *find(const char *name)
{
	for (size_t i = 0; i < vmp_allocator_count; i++)
		if (!strcmp(name, vmp_allocators[i].name))
			return &vmp_allocators[i];
	return NULL;
}

static int check_file(const char *file, char *reason, size_t size)
{
	char real[4096];

	if (!realpath(file, real)) {
		snprintf(reason, size, "%s", strerror(errno));
		return -errno;
	}
	if (!strpbrk(real, " \t:"))
		return 0;
	snprintf(reason, size,
		 "ld.so cannot preload a path with a blank or a "
		 "colon in it: use a link without");
	return -EINVAL;
}

int vmp_allocator_check(const char *name, char *reason, size_t size)
{
	if (is_own(name) || find(name))
		return 0;
	if (strchr(name, '/') || strstr(name, ".so"))
		return check_file(name, reason, size);
	snprintf(reason, size,
		 "there is no such allocator; known are glibc, "
		 "jemalloc, tcmalloc, mimalloc, all, and any file ./NAME.so");
	return -EINVAL;
}

static int start_named(struct vmp_ctx *ctx, struct vmp_child *child,
		       const char *worker, const struct vmp_allocator *a,
		       char *reason, size_t size)
{
	for (size_t i = 0; i < VMP_COUNT(a->libraries) && a->libraries[i]; i++)
		if (start_with(ctx, child, worker, a->libraries[i], reason,
			       size))
			return 0;
	snprintf(reason, size, "%s is not installed: ld.so finds no %s",
		 a->name, a->libraries[0]);
	return -ENOENT;
}

static int start_file(struct vmp_ctx *ctx, struct vmp_child *child,
		      const char *worker, const char *file, char *reason,
		      size_t size)
{
	char real[4096];

	if (realpath(file, real) &&
	    start_with(ctx, child, worker, real, reason, size))
		return 0;
	snprintf(reason, size,
		 "%s was not loaded: it is no shared library "
		 "for this machine, or lacks one itself",
		 file);
	return -ELIBBAD;
}

int vmp_allocator_start(struct vmp_ctx *ctx, struct vmp_child *child,
			const char *worker, const char *name, char *loaded,
			char *reason, size_t size)
{
	int rc;

	snprintf(loaded, 256, "%s", name ? name : "");
	if (name && find(name))
		return start_named(ctx, child, worker, find(name), reason,
				   size);
	if (name && !is_own(name))
		return start_file(ctx, child, worker, name, reason, size);
	rc = vmp_child_start(child, worker, NULL, reason, size);
	snprintf(loaded, 256, "%s", child->libc);
	return rc;
}
