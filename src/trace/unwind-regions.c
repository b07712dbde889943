// SPDX-License-Identifier: GPL-2.0-or-later
/* Keeps the executable mappings of a process, as far as stacks meet them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <string.h>
#include <time.h>

#include "lib/census.h"
#include "lib/query.h"
#include "trace/unwind-inside.h"

uint64_t vmp_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The number of the first region that ends behind an address. */
static size_t position(const struct vmp_image *image, uint64_t address)
{
	size_t low = 0, high = image->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (image->regions[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static struct vmp_code *known(const struct vmp_image *image, uint64_t address)
{
	size_t i = position(image, address);

	return i < image->count && image->regions[i].start <= address
		       ? &image->regions[i]
		       : NULL;
}

/* Parts of one file, moved by the same distance. */
static bool same_file(const struct vmp_code *a, const struct vmp_code *b)
{
	return a->inode == b->inode && a->device_major == b->device_major &&
	       a->device_minor == b->device_minor &&
	       a->start - a->offset == b->start - b->offset &&
	       (a->inode || !strcmp(a->name, b->name));
}

/* Drop what lies in [start, end); it is another file's now, or nobody's. */
static void drop(struct vmp_image *image, uint64_t start, uint64_t end,
		 const struct vmp_code *by)
{
	size_t first = position(image, start), last = first;

	for (; last < image->count && image->regions[last].start < end; last++)
		if (image->regions[last].reported &&
		    !(by && same_file(&image->regions[last], by)))
			image->stale = true;
	if (first == last)
		return;
	memmove(image->regions + first, image->regions + last,
		(image->count - last) * sizeof(*image->regions));
	image->count -= last - first;
}

/* Returns: where it is now, NULL without memory. */
static struct vmp_code *insert(struct vmp_image *image,
			       const struct vmp_code *region)
{
	size_t at;

	drop(image, region->start, region->end, region);
	if (vmp_grow(&image->regions, image->count, &image->room,
		     sizeof(*region)) < 0)
		return NULL;
	at = position(image, region->start);
	memmove(image->regions + at + 1, image->regions + at,
		(image->count - at) * sizeof(*region));
	image->regions[at] = *region;
	image->count++;
	return &image->regions[at];
}

/* It is split or merged all the time; what is cached of it stays. */
static void keep_identity(const struct vmp_image *image, struct vmp_code *now)
{
	const struct vmp_code *before = known(image, now->start);

	if (!before || before->start > now->start)
		before = known(image, now->end - 1);
	if (!before || !same_file(before, now))
		return;
	now->serial = before->serial;
	now->tried = before->tried;
	now->reported = before->reported;
	now->file = before->file;
}

static const char *region_name(struct vmp_image *image, const char *name)
{
	return vmp_intern(image->unwinder, *name ? name : "[anon]");
}

/* Returns: 0 or a negative errno. */
static int query(const struct vmp_image *image, uint64_t address,
		 struct vmp_code *region, char *name, size_t size)
{
	struct vmp_query q = { .size = sizeof(q), .address = address };

	q.name_bytes = (uint32_t)size;
	q.name = (uintptr_t)name;
	if (ioctl(image->maps, VMP_QUERY, &q) < 0)
		return -errno;
	if (!(q.rights & VMP_QUERY_EXECUTABLE))
		return -ENOENT;
	if (name && !q.name_bytes)
		*name = '\0';
	*region = (struct vmp_code){
		.start = q.start,
		.end = q.end,
		.offset = q.offset,
		.inode = q.inode,
		.device_major = q.device_major,
		.device_minor = q.device_minor,
	};
	return 0;
}

static struct vmp_code *look(struct vmp_image *image, uint64_t address,
			     struct vmp_code *before)
{
	struct vmp_code now = { 0 };
	char name[PATH_MAX] = "";
	int rc = query(image, address, &now, NULL, 0);

	if (rc == 0 && before && now.start == before->start &&
	    now.end == before->end && now.inode && same_file(before, &now)) {
		before->checked = image->unwinder->walk;
		return before;
	}
	/* a name can be longer; or between two calls it became another one */
	if (rc == 0)
		rc = query(image, address, &now, name, sizeof(name));
	if (rc == -ENOENT && before)
		drop(image, before->start, before->end, NULL);
	if (rc == -ENOENT)
		return NULL;
	if (rc == -ENOTTY)
		image->unwinder->no_query = true;
	image->ended = image->ended || rc == -ESRCH;
	if (rc < 0)
		return before;
	now.name = region_name(image, name);
	now.serial = ++image->serial;
	now.checked = image->unwinder->walk;
	if (!now.name)
		return NULL;
	keep_identity(image, &now);
	return insert(image, &now);
}

/* In place: the kernel writes a newline so, and nothing else. */
static void unescape(char *name)
{
	char *to = name;

	for (; *name; name++) {
		*to = *name;
		if (!strncmp(name, "\\012", 4)) {
			*to = '\n';
			name += 3;
		}
		to++;
	}
	*to = '\0';
}

static int add_mapping(struct vmp_image *image, const struct vmp_mapping *m)
{
	struct vmp_code now = {
		.start = m->start,
		.end = m->end,
		.offset = m->offset,
		.inode = m->inode,
		.device_major = m->device_major,
		.device_minor = m->device_minor,
		.serial = ++image->serial,
	};
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%.*s", (int)m->name_length, m->name);
	unescape(name);
	now.name = region_name(image, name);
	if (!now.name)
		return -ENOMEM;
	keep_identity(image, &now);
	return insert(image, &now) ? 0 : -ENOMEM;
}

void vmp_code_read(struct vmp_image *image)
{
	uint64_t begin = vmp_now_ns(), last = 0;
	struct vmp_maps *maps;
	struct vmp_mapping m;
	int rc;

	if (vmp_maps_open(image->unwinder->ctx, image->tid, &maps) < 0)
		return;
	for (;;) {
		rc = vmp_maps_next(maps, &m);
		if (rc <= 0)
			break;
		if (!m.executable || !m.counted)
			continue;
		drop(image, last, m.start, NULL);
		last = m.end;
		rc = add_mapping(image, &m);
		if (rc < 0)
			break;
	}
	image->ended = vmp_maps_ended(maps);
	if (rc == 0 && !image->ended)
		drop(image, last, UINT64_MAX, NULL);
	vmp_maps_close(maps);
	image->next_read = vmp_now_ns() + 10 * (vmp_now_ns() - begin);
}

struct vmp_code *vmp_code_find(struct vmp_image *image, uint64_t address,
			       bool sure)
{
	struct vmp_code *region = known(image, address);

	if (image->ended || image->maps < 0 ||
	    (region && region->checked == image->unwinder->walk))
		return region;
	if (!image->unwinder->no_query)
		region = look(image, address, region);
	if (region || !image->unwinder->no_query)
		return region;
	/* a stack that ends in nonsense does so each time */
	if (sure || vmp_now_ns() >= image->next_read)
		vmp_code_read(image);
	return known(image, address);
}
