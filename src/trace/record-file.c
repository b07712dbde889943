// SPDX-License-Identifier: GPL-2.0-or-later
/* A recording as a whole: what is said about it, the start, the calls. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

/* Where things are put aside: no program has addresses there. */
#define ASIDE ((uint64_t)1 << 60)

static const char *digits(int64_t value)
{
	static char buffers[4][32];
	static unsigned int next;

	return vmp_group_digits(value, buffers[next++ % 4]);
}

static void put_system(FILE *out)
{
	struct utsname system;

	if (uname(&system) < 0)
		return;
	fputs("# ", out);
	vmp_write_escaped(out, system.sysname);
	putc(' ', out);
	vmp_write_escaped(out, system.release);
	putc(' ', out);
	vmp_write_escaped(out, system.machine);
}

/* A recording that is written, from one of its starts. */
struct writing {
	struct vmp_recorded *p;
	const struct vmp_record_start *start;
	struct vmp_record_line *lines; /* from it on */
	size_t count;
	bool is_short; /* a replay may have less headroom than there was */
};

static int64_t start_mappings(const struct writing *w)
{
	return (int64_t)w->start->layout.mappings;
}

static void put_failure(const struct writing *w, FILE *out)
{
	const struct vmp_recorded *p = w->p;
	bool is_known = p->cause < VMP_CAUSE_UNKNOWN;

	if (!p->failed) {
		fputs("# No call failed for want of mappings or memory.\n",
		      out);
		return;
	}
	fprintf(out, "# First failure: %s, %s%s%s", p->call->name,
		p->error == EAGAIN ? "EAGAIN" : "ENOMEM", is_known ? ", " : "",
		is_known ? vmp_cause_name(p->cause) : "");
	if (p->mappings_then >= 0)
		fprintf(out, ", with %s mappings (%+" PRId64 ")",
			digits(p->mappings_then),
			p->mappings_then - start_mappings(w));
	fputs(".\n", out);
}

static void put_left_out(const struct writing *w, FILE *out)
{
	const struct vmp_recorded *p = w->p;
	uint64_t sum = 0, refused = p->refused - w->start->refused;
	const char *separator = ": ";

	for (size_t i = 0; i < vmp_syscall_count; i++)
		sum += p->missing[i];
	if (sum > w->start->missing) {
		sum -= w->start->missing;
		fprintf(out, "# %s call%s not replayed, for want of a verb",
			digits((int64_t)sum), sum == 1 ? " is" : "s are");
		for (size_t i = 0; i < vmp_syscall_count; i++) {
			if (!p->missing[i])
				continue;
			fprintf(out, "%s%s", separator, vmp_syscalls[i].name);
			separator = ", ";
		}
		fputs(".\n", out);
	}
	if (refused)
		fprintf(out,
			"# %s call%s left out that failed for other reasons "
			"and changed nothing.\n",
			digits((int64_t)refused),
			refused == 1 ? " is" : "s are");
}

/* What is told of the mappings that were there when it began. */
static void put_start(const struct writing *w, FILE *out)
{
	const struct vmp_recorded *p = w->p;

	fprintf(out, "# The recording begins %s, with %s mappings of %s",
		w->start->calls ? "in the course of the program"
		: p->at_exec	? "where the program does"
				: "with the process",
		digits(start_mappings(w)), digits(p->limit));
	if (p->mappings_at_end >= 0)
		fprintf(out, ", and ends with %s (%+" PRId64 ")",
			digits(p->mappings_at_end),
			p->mappings_at_end - start_mappings(w));
	fputs(".\n", out);
}

static void put_header(const struct writing *w, const char *command, FILE *out)
{
	const struct vmp_recorded *p = w->p;
	uint64_t calls;

	fputs("# The memory calls of: ", out);
	vmp_write_escaped(out, command);
	fputs("\n#\n", out);
	put_system(out);
	calls = p->loops.calls - w->start->calls;
	fprintf(out, "; %s call%s.\n", digits((int64_t)calls),
		calls == 1 ? "" : "s");
	put_start(w, out);
	put_failure(w, out);
	put_left_out(w, out);
	fputs("# Addresses are places in an area of a replay's own. What was "
	      "written to memory\n"
	      "# is not recorded, and seen only where a call changed that "
	      "memory later; merging\n"
	      "# depends on it, so that counts may differ by 2 % where memory "
	      "was in use. They\n"
	      "# are exact where it was not.\n",
	      out);
	if (w->is_short && p->by_count)
		fputs("# The program had fewer mappings than a replay has by "
		      "itself, so that fewer\n"
		      "# calls than here may work before the limit is met.\n",
		      out);
}

/* What every recording begins with: the area, and what was mapped. */
static void put_layout(struct vmp_record_text *t, const struct vmp_loops *start)
{
	fprintf(t->out, "\narea memory length=%" PRIu64 "p\n",
		t->space->length / t->page);
	if (!start->count)
		return;
	fputs("\n# what was there at the start\n", t->out);
	vmp_write_lines(t, start->lines, start->count);
}

/* Where nothing failed, everything is expected to succeed again. */
static void put_expectations(const struct writing *w, FILE *out)
{
	bool used[VMP_OPS] = { false };

	if (w->p->failed)
		return;
	for (size_t i = 0; i < w->count; i++)
		used[w->lines[i].op.verb] = true;
	putc('\n', out);
	for (int i = 0; i < VMP_OPS; i++)
		if (used[i])
			fprintf(out, "expect %s succeeds\n",
				vmp_op_verb_name((enum vmp_op_verb)i));
}

static void put_calls(const struct writing *w, struct vmp_record_text *t,
		      const struct vmp_callers *callers)
{
	size_t done;

	/* only where it matters: it takes time where the limit is high */
	if (w->p->by_count)
		fprintf(t->out,
			"\n# as much as the program had left\n"
			"fill leave=min(headroom, %" PRId64 ")\n",
			w->p->limit - start_mappings(w));
	fputs("\n# The calls, each with the place that makes it:\n", t->out);
	t->callers = callers;
	t->site = UINT32_MAX;
	done = vmp_write_lines(t, w->lines, w->count);
	if (done < w->count)
		fprintf(t->out,
			"\n# %s line%s left out: too many of them "
			"fail.\n",
			digits((int64_t)(w->count - done)),
			w->count - done == 1 ? " more is" : "s more are");
	if (w->p->full)
		fputs("\n# The program went on; this is as far as a file "
		      "should go.\n",
		      t->out);
	put_expectations(w, t->out);
}

/*
 * Mappings that a replay's worker has by itself, with a few to spare: fifteen
 * with glibc, once it has merged its own (call_area()).
 */
enum { WORKER_MAPPINGS = 20 };

/* The earliest start with so many mappings that the replay need not make. */
static int choose_start(struct writing *w)
{
	struct vmp_recorded *p = w->p;
	struct vmp_layout *layout;
	uint64_t made;
	int rc = p->start_count ? 0 : -ENODATA;

	for (size_t i = 0; rc == 0 && i < p->start_count; i++) {
		w->start = &p->starts[i];
		free(w->lines);
		w->lines = NULL;
		rc = vmp_loops_from(&p->loops, w->start->calls, &w->lines,
				    &w->count);
		if (rc < 0)
			return rc;
		layout = &p->starts[i].layout;
		vmp_layout_mark(layout, w->lines, w->count, vmp_record_page());
		made = 0;
		for (size_t j = 0; j < layout->count; j++)
			made += layout->entries[j].matters;
		w->is_short = layout->mappings < made + WORKER_MAPPINGS;
		if (!w->is_short)
			return 0;
	}
	/* the one that comes nearest is the last */
	return rc;
}

static int arrange(struct vmp_space *space, const struct vmp_loops *start,
		   const struct vmp_record_line *lines, size_t count)
{
	int rc = vmp_space_add_lines(space, start->lines, start->count);

	rc = rc < 0 ? rc : vmp_space_add_lines(space, lines, count);
	vmp_space_arrange(space, vmp_record_page());
	return rc;
}

static int write_from(const struct writing *w,
		      const struct vmp_callers *callers, const char *command,
		      struct vmp_loops *start, FILE *out)
{
	struct vmp_space space = { 0 };
	struct vmp_record_text text = { .out = out,
					.space = &space,
					.page = vmp_record_page() };
	int rc = vmp_layout_ops(&w->start->layout, true, ASIDE, start);

	rc = rc < 0 ? rc : arrange(&space, start, w->lines, w->count);
	if (rc == 0) {
		put_header(w, command, out);
		put_layout(&text, start);
		put_calls(w, &text, callers);
	}
	vmp_space_clear(&space);
	return rc;
}

int vmp_record_write(struct vmp_recorded *p, const struct vmp_callers *callers,
		     const char *command, FILE *out)
{
	struct writing w = { .p = p };
	struct vmp_loops *start = calloc(1, sizeof(*start));
	int rc = start ? vmp_loops_end(&p->loops) : -ENOMEM;

	rc = rc < 0 ? rc : choose_start(&w);
	rc = rc < 0 ? rc : write_from(&w, callers, command, start, out);
	free(w.lines);
	if (start)
		vmp_loops_clear(start);
	free(start);
	return rc;
}

static void put_layout_header(const struct vmp_layout *l, pid_t pid,
			      const char *path, FILE *out)
{
	uint64_t special = 0;

	for (size_t i = 0; i < l->count; i++)
		special += l->entries[i].special;
	if (path) {
		fputs("# The mappings in: ", out);
		vmp_write_escaped(out, path);
		fputs("\n#\n", out);
	} else {
		fprintf(out, "# The mappings of process %d\n#\n", (int)pid);
		put_system(out);
		fputs(".\n", out);
	}
	fprintf(out,
		"# It holds %s mappings. %s that every process has are left "
		"out: its stack, the\n"
		"# vdso and the like. Addresses are places in an area of a "
		"replay's own.\n",
		digits((int64_t)l->mappings), digits((int64_t)special));
	if (!l->has_flags)
		fputs("# VmFlags were not told, so that everything is mapped "
		      "with MAP_NORESERVE.\n",
		      out);
}

/* No process has longer ones, but a file may say so. */
#define LONGEST ((uint64_t)1 << 55)

static bool is_replayed(const struct vmp_layout_entry *e)
{
	return !e->special && e->end - e->start < LONGEST;
}

int vmp_record_layout(struct vmp_ctx *ctx, pid_t pid, const char *path,
		      FILE *out, char *reason, size_t size)
{
	struct vmp_files files = { 0 };
	struct vmp_layout layout;
	struct vmp_space space = { 0 };
	struct vmp_loops *start = calloc(1, sizeof(*start));
	struct vmp_record_text text = { .out = out,
					.space = &space,
					.page = vmp_record_page() };
	int rc = vmp_layout_read(ctx, pid, path, &files, &layout);

	snprintf(reason, size, "%s", rc < 0 ? vmp_error(ctx) : "");
	for (size_t i = 0; i < layout.count; i++)
		layout.entries[i].matters = is_replayed(&layout.entries[i]);
	if (rc == 0 && !start)
		rc = -ENOMEM;
	rc = rc < 0 ? rc : vmp_layout_ops(&layout, false, ASIDE, start);
	rc = rc < 0 ? rc : arrange(&space, start, NULL, 0);
	if (rc == 0 && !start->count)
		rc = -ENOENT;
	if (rc == 0) {
		put_layout_header(&layout, pid, path, out);
		put_layout(&text, start);
	} else if (!*reason) {
		snprintf(reason, size, "%s",
			 rc == -ENOENT ? "there is no mapping to write"
				       : strerror(-rc));
	}
	vmp_space_clear(&space);
	vmp_layout_clear(&layout);
	vmp_files_clear(&files);
	if (start)
		vmp_loops_clear(start);
	free(start);
	return rc;
}
