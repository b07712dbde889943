// SPDX-License-Identifier: GPL-2.0-or-later
/* Unwinds stacks, and keeps what it has learnt about each process. */
#include <fcntl.h>
#include <search.h>
#include <string.h>

#include "trace/unwind-inside.h"

/* One walk over a stack. */
struct walk {
	struct vmp_image *image;
	struct vmp_frame *frames;
	size_t count, most;
};

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *vmp_intern(struct vmp_unwinder *u, const char *text)
{
	const char **found = tsearch(text, &u->texts, compare);

	if (!found)
		return NULL;
	if (*found == text) {
		*found = strdup(text);
		/* a tree cannot hold nothing */
		if (!*found) {
			*found = text;
			tdelete(text, &u->texts, compare);
			return NULL;
		}
	}
	return *found;
}

/* The same code in another process may have been looked up. */
static void name_in_file(struct vmp_image *image, const struct vmp_code *region,
			 struct vmp_known *frame)
{
	struct vmp_known in_file = *frame;
	const struct vmp_known *known = NULL;

	in_file.serial = region->file;
	in_file.frame.address = frame->frame.offset;
	if (region->file)
		known = vmp_frame_find(&image->unwinder->shared, &in_file);
	if (known) {
		frame->frame.function = known->frame.function;
		frame->frame.file = known->frame.file;
		frame->frame.line = known->frame.line;
		return;
	}
	vmp_symbols_name(image->symbols, frame->frame.address - !frame->exact,
			 &frame->frame);
	in_file.frame.function = frame->frame.function;
	in_file.frame.file = frame->frame.file;
	in_file.frame.line = frame->frame.line;
	if (region->file)
		vmp_frame_keep(&image->unwinder->shared, &in_file);
}

static void look_up(struct vmp_image *image, struct vmp_code *region,
		    struct vmp_known *known)
{
	struct vmp_frame *frame = &known->frame;

	frame->module = region->name;
	frame->offset = frame->address - region->start + region->offset;
	if (image->symbols) {
		vmp_symbols_report(image->symbols, region);
		name_in_file(image, region, known);
	}
	if (frame->function)
		return;
	known->by_jit = true;
	known->jit_bytes = vmp_jit_refresh(image);
	frame->function = vmp_jit_find(image, frame->address - !known->exact);
}

static void fill(struct vmp_image *image, struct vmp_code *region,
		 struct vmp_known *frame)
{
	const struct vmp_known *known;

	frame->serial = region->serial;
	known = vmp_frame_find(&image->known, frame);
	if (known &&
	    (!known->by_jit || known->jit_bytes == vmp_jit_refresh(image))) {
		*frame = *known;
		return;
	}
	look_up(image, region, frame);
	vmp_frame_keep(&image->known, frame);
}

static bool add_frame(void *arg, uint64_t address, bool exact)
{
	struct walk *walk = arg;
	struct vmp_image *image = walk->image;
	struct vmp_known known = { .frame.address = address, .exact = exact };
	struct vmp_code *region;

	region = vmp_code_find(image, address - !exact, !walk->count);
	if (image->stale)
		return false;
	if (region)
		fill(image, region, &known);
	else if (walk->count)
		return false; /* nothing can have been called from there */
	walk->frames[walk->count++] = known.frame;
	return walk->count < walk->most;
}

static size_t walk_stack(struct vmp_image *image,
			 const struct vmp_snapshot *snapshot,
			 struct vmp_frame *frames, size_t most)
{
	struct walk walk = { .image = image, .frames = frames, .most = most };

	image->tid = snapshot->tid;
	image->used = ++image->unwinder->walk;
	image->stale = false;
	if (image->symbols)
		vmp_symbols_walk(image->symbols, snapshot, add_frame, &walk);
	if (!walk.count && !image->stale)
		add_frame(&walk, snapshot->pc, true);
	return walk.count;
}

static void free_image(struct vmp_image *image)
{
	if (!image)
		return;
	vmp_symbols_free(image->symbols);
	vmp_jit_free(&image->jit);
	if (image->directory >= 0)
		close(image->directory);
	if (image->maps >= 0)
		close(image->maps);
	free(image->regions);
	free(image->known.rows);
	free(image);
}

static struct vmp_image *make_image(struct vmp_unwinder *u,
				    const struct vmp_snapshot *snapshot)
{
	struct vmp_image *image = calloc(1, sizeof(*image));
	char path[32];

	if (!image)
		return NULL;
	image->unwinder = u;
	image->pid = snapshot->pid;
	image->tid = snapshot->tid;
	image->jit.fd = -1;
	snprintf(path, sizeof(path), "/proc/%d", (int)snapshot->pid);
	image->directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* of the thread: where the first one has ended, its own are empty */
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)snapshot->tid);
	image->maps = open(path, O_RDONLY | O_CLOEXEC);
	if (image->maps >= 0)
		image->symbols = vmp_symbols_new(image);
	return image;
}

/* Does its directory still lead to a process? */
static bool is_alive(const struct vmp_image *image)
{
	return image->directory >= 0 &&
	       faccessat(image->directory, "stat", F_OK, 0) == 0;
}

static bool exists(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return access(path, F_OK) == 0;
}

/*
 * Is it another process, or another program, than what is known? One that has
 * just ended is neither.
 */
static bool is_outdated(const struct vmp_image *image)
{
	return is_alive(image) ? image->ended : exists(image->pid);
}

/* The slot of a process, or the one that was used least recently. */
static struct vmp_image **find_slot(struct vmp_unwinder *u, pid_t pid)
{
	struct vmp_image **oldest = &u->images[0];

	for (size_t i = 0; i < VMP_MOST_IMAGES; i++) {
		struct vmp_image **slot = &u->images[i];

		if (*slot && (*slot)->pid == pid)
			return slot;
		if (*oldest && (!*slot || (*slot)->used < (*oldest)->used))
			oldest = slot;
	}
	return oldest;
}

static void clear(struct vmp_image **slot)
{
	free_image(*slot);
	*slot = NULL;
}

size_t vmp_unwind(struct vmp_unwinder *u, const struct vmp_snapshot *snapshot,
		  struct vmp_frame *frames, size_t most)
{
	struct vmp_image **slot = find_slot(u, snapshot->pid);
	size_t count = 0;

	if (!most)
		return 0;
	if (*slot && ((*slot)->pid != snapshot->pid || is_outdated(*slot)))
		clear(slot);
	/* twice: what is in the place of a known file is learnt anew */
	for (int i = 0; i < 2 && !count; i++) {
		if (*slot && (*slot)->stale)
			clear(slot);
		if (!*slot)
			*slot = make_image(u, snapshot);
		if (*slot)
			count = walk_stack(*slot, snapshot, frames, most);
	}
	if (!count)
		frames[count++] = (struct vmp_frame){ .address = snapshot->pc };
	return count;
}

void vmp_unwinder_learn(struct vmp_unwinder *u, pid_t pid)
{
	struct vmp_snapshot nothing = { .pid = pid, .tid = pid };
	struct vmp_image **slot = find_slot(u, pid);

	clear(slot);
	*slot = make_image(u, &nothing);
	if (!*slot)
		return;
	vmp_code_read(*slot);
	for (size_t i = 0; (*slot)->symbols && i < (*slot)->count; i++)
		vmp_symbols_report((*slot)->symbols, &(*slot)->regions[i]);
}

void vmp_unwinder_forget(struct vmp_unwinder *u, pid_t pid)
{
	struct vmp_image **slot = find_slot(u, pid);

	if (*slot && (*slot)->pid == pid)
		clear(slot);
}

struct vmp_unwinder *vmp_unwinder_new(void)
{
	struct vmp_unwinder *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->ctx = vmp_new();
	if (!u->ctx) {
		free(u);
		return NULL;
	}
	return u;
}

void vmp_unwinder_free(struct vmp_unwinder *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < VMP_MOST_IMAGES; i++)
		clear(&u->images[i]);
	free(u->shared.rows);
	free(u->files);
	tdestroy(u->texts, free);
	vmp_free(u->ctx);
	free(u);
}

const char *vmp_unwinder_missing(void)
{
#ifndef HAVE_LIBDW
	return "built without libdw: stacks show only the innermost address";
#elif !defined(__x86_64__) && !defined(__aarch64__)
	return "registers of this machine are not known: no stacks";
#else
	return "";
#endif
}
