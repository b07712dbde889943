// SPDX-License-Identifier: LGPL-2.1-or-later
/* How much this process's memory cgroup, v1 or v2, still has to give. */
#include <string.h>

#include "lib/internal.h"

/* The two hierarchies differ in their file names only. */
static const struct hierarchy {
	const char *mount, *limit, *usage, *events;
} hierarchies[] = {
	{ "/sys/fs/cgroup/memory", "memory.limit_in_bytes",
	  "memory.usage_in_bytes", "memory.oom_control" },
	{ "/sys/fs/cgroup", "memory.max", "memory.current", "memory.events" },
};

/* "max", and v1's huge number, read as no limit. */
static uint64_t read_number(const char *directory, const char *file)
{
	char path[4400], text[64];
	uint64_t value;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	if (vmp_read_file(path, text, sizeof(text)) <= 0 || text[0] < '0' ||
	    text[0] > '9')
		return VMP_UNLIMITED;
	value = strtoull(text, NULL, 10);
	return value > INT64_MAX / 2 ? VMP_UNLIMITED : value;
}

/* Of the lowest level that tells; the levels above count theirs too. */
static void read_oom_kills(const char *directory, const char *file,
			   struct vmp_limits *l)
{
	char path[4400], text[1024];

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	if (l->cgroup_oom_kills == VMP_UNLIMITED &&
	    vmp_read_file(path, text, sizeof(text)) > 0)
		l->cgroup_oom_kills = vmp_field(text, "oom_kill ", 0);
}

/*
 * Walk from the cgroup up to the root of the mount: each level may set a limit
 * of its own. Levels that this namespace does not show have no files.
 */
static void read_levels(const struct hierarchy *h, char *directory,
			struct vmp_limits *l)
{
	size_t root = strlen(h->mount);
	uint64_t limit, usage, left;
	char *slash;

	while (strlen(directory) >= root) {
		limit = read_number(directory, h->limit);
		usage = read_number(directory, h->usage);
		left = limit > usage ? limit - usage : 0;
		if (limit != VMP_UNLIMITED && usage != VMP_UNLIMITED &&
		    left < l->cgroup_available_bytes)
			l->cgroup_available_bytes = left;
		read_oom_kills(directory, h->events, l);
		slash = strrchr(directory, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
}

/* Does a line of /proc/self/cgroup, "ID:CONTROLLERS:PATH", belong to h? */
static bool is_memory_line(const char *controllers, size_t length,
			   const struct hierarchy *h)
{
	if (h == &hierarchies[1])
		return length == 0;
	return length == strlen("memory") &&
	       !memcmp(controllers, "memory", length);
}

static void read_hierarchy(const char *text, const struct hierarchy *h,
			   struct vmp_limits *l)
{
	char directory[4300];
	const char *line = text, *controllers, *path;

	while (*line) {
		size_t length = strcspn(line, "\n");

		controllers = memchr(line, ':', length);
		path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (path && path < line + length &&
		    is_memory_line(controllers + 1,
				   (size_t)(path - controllers - 1), h)) {
			snprintf(directory, sizeof(directory), "%s%.*s",
				 h->mount, (int)(line + length - path - 1),
				 path + 1);
			read_levels(h, directory, l);
		}
		line += length + (line[length] == '\n');
	}
}

void vmp_cgroup_read(struct vmp_ctx *ctx, struct vmp_limits *limits)
{
	char path[256], text[4096];

	limits->cgroup_available_bytes = VMP_UNLIMITED;
	limits->cgroup_oom_kills = VMP_UNLIMITED;
	vmp_proc_path(ctx, 0, "cgroup", path, sizeof(path));
	if (vmp_read_file(path, text, sizeof(text)) <= 0)
		return;
	for (size_t i = 0; i < VMP_COUNT(hierarchies); i++)
		read_hierarchy(text, &hierarchies[i], limits);
}
