// SPDX-License-Identifier: GPL-2.0-or-later
/* The places of a program that call, for the comments of a recording. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

struct caller {
	char *text;
	uint32_t number;
};

struct vmp_callers {
	void *tree; /* by text */
	struct caller **list;
	uint32_t count, room;
	/* The last one that was asked for: most often it is the next, too. */
	struct vmp_frame last;
	uint32_t last_number;
};

struct vmp_callers *vmp_callers_new(void)
{
	return calloc(1, sizeof(struct vmp_callers));
}

static int by_text(const void *a, const void *b)
{
	const struct caller *x = a, *y = b;

	return strcmp(x->text, y->text);
}

void vmp_callers_free(struct vmp_callers *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->count; i++) {
		tdelete(c->list[i], &c->tree, by_text);
		free(c->list[i]->text);
		free(c->list[i]);
	}
	free(c->list);
	free(c);
}

/* "grow_cache (cache.c:120)", "worker_loop (/usr/lib/libx.so+0x1234)" */
static void describe(const struct vmp_frame *f, char *text, size_t size)
{
	const char *name = f->function ? f->function : "a place";

	if (f->file)
		snprintf(text, size, "%s (%s:%d)", name, f->file, f->line);
	else if (f->module)
		snprintf(text, size, "%s (%s+0x%llx)", name, f->module,
			 (unsigned long long)f->offset);
	else
		snprintf(text, size, "%s", name);
}

static struct caller *add(struct vmp_callers *c, const char *text)
{
	uint32_t room = c->room ? 2 * c->room : 64;
	struct caller **list = c->list, *caller;

	if (c->count == c->room) {
		list = reallocarray(list, room, sizeof(*list));
		if (!list)
			return NULL;
		c->list = list;
		c->room = room;
	}
	caller = calloc(1, sizeof(*caller));
	if (!caller)
		return NULL;
	caller->text = strdup(text);
	caller->number = c->count + 1;
	if (!caller->text || !tsearch(caller, &c->tree, by_text)) {
		free(caller->text);
		free(caller);
		return NULL;
	}
	c->list[c->count++] = caller;
	return caller;
}

uint32_t vmp_callers_number(struct vmp_callers *c,
			    const struct vmp_frame *frame)
{
	struct caller key, **found, *caller;
	char text[500];

	if (!frame)
		return 0;
	if (c->last_number && frame->address == c->last.address &&
	    frame->function == c->last.function &&
	    frame->module == c->last.module)
		return c->last_number;
	describe(frame, text, sizeof(text));
	key.text = text;
	found = tfind(&key, &c->tree, by_text);
	caller = found ? *found : add(c, text);
	c->last = *frame;
	c->last_number = caller ? caller->number : 0;
	return c->last_number;
}

const char *vmp_callers_text(const struct vmp_callers *c, uint32_t number)
{
	return c->list[number - 1]->text;
}
