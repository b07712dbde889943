// SPDX-License-Identifier: LGPL-2.1-or-later
/* Takes the census: reads all mappings, then lets each pass look at them. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/census.h"
#include "lib/internal.h"

enum {
	/* At most so many mappings: smaps is then read without being asked */
	FEW = 4096,
	/* Sets of flags that are told apart: there are a few dozen in practice */
	MOST_SETS = 4096,
	NANOSECOND = 1000000000,
};

/* What a line of smaps costs, where it was not measured: seconds a mapping. */
static const double smaps_seconds = 4e-6;

static uint8_t entry_bits(const struct vmp_mapping *m)
{
	return (uint8_t)((m->readable ? VMP_READ : 0) |
			 (m->writable ? VMP_WRITE : 0) |
			 (m->executable ? VMP_EXECUTE : 0) |
			 (m->shared ? VMP_SHARED : 0) |
			 (m->counted ? VMP_COUNTED : 0) |
			 (m->anonymous ? VMP_TOUCHED : 0));
}

/* The number of a set of flags; few sets are distinct. Or -ENOMEM. */
static int flag_set(struct vmp_census *c, const struct vmp_mapping *m)
{
	struct vmp_flag_set set = { m->flags, m->key };

	for (size_t i = c->flag_count; i > 1; i--)
		if (c->flag_sets[i - 1].flags == set.flags &&
		    c->flag_sets[i - 1].key == set.key)
			return (int)i - 1;
	if (c->flag_count == MOST_SETS)
		return 0;
	if (!c->flag_count)
		c->flag_count = 1; /* number 0: not read */
	if (vmp_grow(&c->flag_sets, c->flag_count, &c->flag_room,
		     sizeof(*c->flag_sets)) < 0)
		return -ENOMEM;
	c->flag_sets[c->flag_count] = set;
	return (int)c->flag_count++;
}

static int add_entry(struct vmp_census *c, const struct vmp_mapping *m)
{
	/* a saved file may be damaged: text ends where a label will */
	size_t length = strnlen(m->name, m->name_length);
	int64_t name = vmp_names_add(&c->names, m->name, length);
	int flags = m->has_flags ? flag_set(c, m) : 0;
	struct vmp_entry *e;

	if (name < 0 || flags < 0 ||
	    vmp_grow(&c->entries, c->count, &c->room, sizeof(*c->entries)) < 0)
		return -ENOMEM;
	e = &c->entries[c->count++];
	*e = (struct vmp_entry){
		.start = m->start,
		.end = m->end,
		.offset = m->offset,
		.inode = m->inode,
		.device = m->device_major << 20 | m->device_minor,
		.name = (uint32_t)name,
		.row = VMP_NO_ROW,
		.flags = (uint16_t)flags,
		.bits = entry_bits(m),
	};
	c->names.rows[name].executable |= m->executable;
	c->names.rows[name].mappings++;
	if (m->counted) {
		c->subject.mappings++;
		c->subject.bytes += m->end - m->start;
	}
	return 0;
}

static int too_large(struct vmp_ctx *ctx)
{
	return vmp_fail(ctx, -ENOMEM, "no memory for this many mappings");
}

static char *copy(const char *text)
{
	return text && *text ? strdup(text) : NULL;
}

/* What the input itself told about its process. */
static void take_notes(struct vmp_census *c, const struct vmp_maps *maps)
{
	const struct vmp_notes *notes = vmp_maps_notes(maps);
	size_t bytes = notes->stack_count * sizeof(*notes->stacks);

	c->subject.kind = vmp_maps_kind(maps);
	if (notes->pid)
		c->subject.pid = notes->pid;
	if (notes->limit >= 0 && c->subject.limit < 0)
		c->subject.limit = notes->limit;
	c->subject.threads = notes->threads;
	snprintf(c->command, sizeof(c->command), "%s", notes->command);
	c->path = copy(notes->path);
	c->kernel = copy(notes->kernel);
	c->stacks = bytes ? malloc(bytes) : NULL;
	if (!c->stacks)
		return;
	memcpy(c->stacks, notes->stacks, bytes);
	c->stack_count = notes->stack_count;
}

static int walk(struct vmp_ctx *ctx, struct vmp_census *c,
		struct vmp_maps *maps)
{
	struct vmp_mapping m;
	int rc;

	while ((rc = vmp_maps_next(maps, &m)) > 0)
		if (add_entry(c, &m) < 0)
			return too_large(ctx);
	if (rc < 0)
		return rc;
	if (vmp_maps_ended(maps))
		return vmp_fail(ctx, -ESRCH,
				c->count ? "process %d ended, or ran another "
					   "program, while it was read"
					 : "process %d has no mappings",
				(int)c->subject.pid);
	take_notes(c, maps);
	return 0;
}

static void forget_entries(struct vmp_census *c)
{
	vmp_names_free(&c->names);
	c->names = (struct vmp_names){ .count = 0 };
	free(c->flag_sets);
	c->flag_sets = NULL;
	c->count = c->flag_count = c->flag_room = 0;
	c->subject.mappings = c->subject.bytes = 0;
}

/* Reads all of one input. In: smaps, where it is of a process. */
static int read_input(struct vmp_ctx *ctx, struct vmp_census *c,
		      const struct vmp_census_request *r, bool smaps)
{
	struct vmp_maps *maps;
	double begun = vmp_seconds();
	int rc;

	if (r->path)
		rc = vmp_maps_open_file(ctx, r->path, &maps);
	else if (smaps)
		rc = vmp_smaps_open(ctx, c->thread, &maps);
	else
		rc = vmp_maps_open(ctx, c->thread, &maps);
	if (rc < 0)
		return rc;
	forget_entries(c);
	rc = walk(ctx, c, maps);
	vmp_maps_close(maps);
	c->subject.has_flags = c->flag_count > 0;
	if (smaps)
		c->subject.flags_seconds = vmp_seconds() - begun;
	return rc;
}

/* "12 (name) T ...": the letter of its state; 0 where there is none. */
static char state_of(struct vmp_ctx *ctx, pid_t pid)
{
	char path[256], text[256];
	const char *state;

	vmp_proc_path(ctx, pid, "stat", path, sizeof(path));
	if (vmp_read_file(path, text, sizeof(text)) < 0)
		return 0;
	state = strrchr(text, ')');
	return state && state[1] ? state[2] : 0;
}

/* Stopped, or being traced, so that nobody waits for it. */
static bool is_stopped(struct vmp_ctx *ctx, pid_t pid)
{
	char state = state_of(ctx, pid);

	return state == 'T' || state == 't';
}

/* A thread of a process whose first has ended; 0 where there is none. */
static pid_t other_thread(struct vmp_ctx *ctx, pid_t pid)
{
	VMP_CLOSEDIR DIR *dir = NULL;
	const struct dirent *entry;
	char path[256];
	pid_t thread = 0;

	vmp_proc_path(ctx, pid, "task", path, sizeof(path));
	dir = opendir(path);
	while (dir && !thread && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != pid)
			thread = atoi(entry->d_name);
	return thread;
}

/*
 * Without mappings: its first thread has ended, and others go on; or all have,
 * and its parent has not looked; or it is the kernel's.
 */
static int read_without_leader(struct vmp_ctx *ctx, struct vmp_census *c,
			       const struct vmp_census_request *r, bool smaps)
{
	char state = state_of(ctx, r->pid);

	if (!state)
		return -ESRCH; /* which was said */
	c->thread = state == 'Z' ? other_thread(ctx, r->pid) : 0;
	if (c->thread)
		return read_input(ctx, c, r, smaps);
	return vmp_fail(
		ctx, -ESRCH, "process %d has no mappings: it %s", (int)r->pid,
		state == 'Z' ? "has ended (a zombie)" : "is a kernel thread");
}

/* Kernels without CONFIG_PROC_PAGE_MONITOR have none. */
static bool has_smaps(struct vmp_ctx *ctx, pid_t pid)
{
	char path[256];

	vmp_proc_path(ctx, pid, "smaps", path, sizeof(path));
	return access(path, R_OK) == 0;
}

static int read_process(struct vmp_ctx *ctx, struct vmp_census *c,
			const struct vmp_census_request *r)
{
	bool always = r->why == VMP_WHY_ALWAYS;
	int rc;

	c->thread = r->pid;
	rc = read_input(ctx, c, r, always);
	if (rc == -ESRCH && !c->count && r->pid)
		rc = read_without_leader(ctx, c, r, always);
	if (rc < 0 || always || r->why == VMP_WHY_NEVER)
		return rc;
	if (!has_smaps(ctx, c->thread))
		return 0;
	if (c->count <= FEW || is_stopped(ctx, c->thread))
		return read_input(ctx, c, r, true);
	c->subject.flags_seconds = (double)c->count * smaps_seconds;
	return 0;
}

static bool has_identical(const struct vmp_census *c)
{
	for (size_t i = 0; i < c->reason_count; i++)
		if (c->reasons[i].reason == VMP_REASON_IDENTICAL)
			return true;
	return false;
}

/* Hidden facts tell which mappings have a policy, not what it says. */
static bool has_policies(const struct vmp_census *c)
{
	for (size_t i = 0; i < c->hidden_count; i++)
		if (c->hidden[i].policy)
			return true;
	return false;
}

/* What only the kernel sees: from who can read it; and policies. */
static bool read_more(struct vmp_ctx *ctx, struct vmp_census *c,
		      const struct vmp_census_request *r)
{
	if (r->read_hidden && r->read_hidden(r->reader, r->pid, &c->hidden,
					     &c->hidden_count) < 0) {
		c->hidden = NULL;
		c->hidden_count = 0;
	}
	c->subject.has_hidden = c->hidden != NULL;
	if (c->hidden && !has_policies(c))
		return true;
	return vmp_policies_read(ctx, c, r->pid) > 1 || c->hidden;
}

/* Why pairs stay apart; what looks identical is worth a closer look. */
static int find_reasons(struct vmp_ctx *ctx, struct vmp_census *c,
			const struct vmp_census_request *r)
{
	int rc = vmp_find_reasons(c);

	if (rc < 0 || c->subject.kind != VMP_KIND_PROCESS ||
	    !c->subject.has_flags || !has_identical(c) || !read_more(ctx, c, r))
		return rc;
	return vmp_find_reasons(c);
}

/* The passes over what was read. */
static int analyse(struct vmp_ctx *ctx, struct vmp_census *c,
		   const struct vmp_census_request *r)
{
	int rc = vmp_own_names(c);

	rc = rc < 0 ? rc : vmp_own_arenas(c);
	rc = rc < 0 ? rc : vmp_own_stacks(ctx, c);
	rc = rc < 0 ? rc : vmp_own_anonymous(c);
	rc = rc < 0 ? rc : vmp_own_files(c);
	rc = rc < 0 ? rc : vmp_label_rows(c);
	rc = rc < 0 ? rc : find_reasons(ctx, c, r);
	return rc < 0 ? rc : vmp_find_advice(c);
}

static int take(struct vmp_ctx *ctx, struct vmp_census *c,
		const struct vmp_census_request *r)
{
	int rc;

	c->subject.limit = r->limit ? r->limit : -1;
	c->subject.pid = r->path ? 0 : r->pid ? r->pid : getpid();
	rc = r->path ? read_input(ctx, c, r, false) : read_process(ctx, c, r);
	if (rc < 0)
		return rc;
	if (!c->count)
		return vmp_fail(ctx, -EBADMSG, "no mappings in it");
	vmp_find_deleted(ctx, c);
	if (!r->path)
		vmp_subject_read(ctx, c, r->pid);
	c->subject.command = *c->command ? c->command : NULL;
	c->subject.path = c->path;
	c->subject.kernel = c->kernel;
	rc = analyse(ctx, c, r);
	return rc == -ENOMEM ? too_large(ctx) : rc;
}

int vmp_census_read(struct vmp_ctx *ctx, const struct vmp_census_request *r,
		    struct vmp_census **census)
{
	struct vmp_census *c = calloc(1, sizeof(*c));
	int rc = c ? take(ctx, c, r) : too_large(ctx);

	if (rc < 0)
		vmp_census_free(c);
	else
		*census = c;
	return rc;
}

void vmp_census_free(struct vmp_census *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->row_count; i++)
		free(c->rows[i].label);
	vmp_forget_reasons(c);
	for (size_t i = 0; i < c->advice_count; i++) {
		free((char *)c->advice[i].text);
		free((char *)c->advice[i].reason);
	}
	vmp_names_free(&c->names);
	free(c->entries);
	free(c->flag_sets);
	free(c->stacks);
	free(c->hidden);
	free(c->rows);
	free(c->owners);
	free(c->advice);
	free(c->path);
	free(c->kernel);
	free(c);
}
