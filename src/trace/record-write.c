// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of a recording as lines of a scenario. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/record-inside.h"

static const char *const verbs[VMP_OPS] = {
	[VMP_OP_PLACE] = "place",   [VMP_OP_MAP] = "map",
	[VMP_OP_UNMAP] = "unmap",   [VMP_OP_PROTECT] = "protect",
	[VMP_OP_ADVISE] = "advise", [VMP_OP_LOCK] = "lock",
	[VMP_OP_UNLOCK] = "unlock", [VMP_OP_RESIZE] = "resize",
	[VMP_OP_TOUCH] = "touch",   [VMP_OP_RELOCATE] = "relocate",
	[VMP_OP_SEAL] = "seal",	    [VMP_OP_BRK] = "brk",
	[VMP_OP_FORK] = "fork",
};

static const char *const prots[] = { "none", "r",  "w",	 "rw",
				     "x",    "rx", "wx", "rwx" };

static const char *const backings[] = {
	[VMP_BACKING_ANON] = "anon",
	[VMP_BACKING_SHARED] = "shared",
	[VMP_BACKING_FILE] = "file",
	[VMP_BACKING_PRIVATE_FILE] = "private-file",
};

/* What madvise() takes, in the words of the scenario language. */
static const char *const advices[] = {
	[0] = "normal",		 [1] = "random",
	[2] = "sequential",	 [3] = "willneed",
	[4] = "dontneed",	 [8] = "free",
	[9] = "remove",		 [10] = "dontfork",
	[11] = "dofork",	 [12] = "mergeable",
	[13] = "unmergeable",	 [14] = "hugepage",
	[15] = "nohugepage",	 [16] = "dontdump",
	[17] = "dodump",	 [18] = "wipeonfork",
	[19] = "keeponfork",	 [20] = "cold",
	[21] = "pageout",	 [22] = "populate-read",
	[23] = "populate-write", [24] = "dontneed-locked",
	[25] = "collapse",	 [102] = "guard-install",
	[103] = "guard-remove",
};

const char *vmp_op_verb_name(enum vmp_op_verb verb)
{
	return verbs[verb];
}

bool vmp_op_knows_advice(uint64_t advice)
{
	return advice < VMP_COUNT(advices) && advices[advice];
}

void vmp_write_escaped(FILE *out, const char *text)
{
	enum { LONGEST = 200 };

	size_t length = strnlen(text, LONGEST);

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= ' ' && c <= '~')
			putc(c, out);
		else
			fprintf(out, "\\x%02x", c);
	}
	if (text[length])
		fputs("...", out);
}

/* " at=12p", or bytes where that is no number of pages. */
static void put_size(const struct vmp_record_text *t, const char *key,
		     int64_t bytes)
{
	int64_t page = (int64_t)t->page;

	if (bytes % page)
		fprintf(t->out, " %s=%" PRId64, key, bytes);
	else if (bytes)
		fprintf(t->out, " %s=%" PRId64 "p", key, bytes / page);
	else
		fprintf(t->out, " %s=0", key);
}

static void put_stride(const struct vmp_record_text *t, const char *key,
		       int64_t bytes, bool always)
{
	if (bytes || always)
		put_size(t, key, bytes);
}

static void put_mapped(const struct vmp_record_text *t,
		       const struct vmp_record_line *line)
{
	const struct vmp_op *op = &line->op;

	fprintf(t->out, " prot=%s", prots[op->prot & 7]);
	if (op->backing != VMP_BACKING_ANON)
		fprintf(t->out, " backing=%s", backings[op->backing]);
	if (op->backing == VMP_BACKING_FILE ||
	    op->backing == VMP_BACKING_PRIVATE_FILE) {
		put_size(t, "file-offset", (int64_t)op->file_offset);
		put_stride(t, "file-stride", line->file_stride, false);
	}
}

static void put_flags(const struct vmp_record_text *t, unsigned int flags)
{
	static const struct {
		unsigned int flag;
		const char *text;
	} rows[] = {
		{ VMP_OP_NORESERVE, "noreserve=yes" },
		{ VMP_OP_STACK, "stack=yes" },
		{ VMP_OP_LOCKED, "locked=yes" },
		{ VMP_OP_NO_REPLACE, "replace=no" },
		{ VMP_OP_KEEP, "keep=yes" },
		{ VMP_OP_STAY, "stay=yes" },
	};

	for (size_t i = 0; i < VMP_COUNT(rows); i++)
		if (flags & rows[i].flag)
			fprintf(t->out, " %s", rows[i].text);
}

/* Which part of the area, and how often. */
static void put_part(const struct vmp_record_text *t,
		     const struct vmp_record_line *line)
{
	fputs(" memory", t->out);
	put_size(t, "at",
		 (int64_t)vmp_space_offset(t->space, line->op.address));
	put_size(t, "length", (int64_t)line->op.length);
	if (line->count == 1)
		return;
	put_stride(t, "stride", line->stride, true);
	fprintf(t->out, " count=%" PRIu64, line->count);
}

static void put_target(const struct vmp_record_text *t,
		       const struct vmp_record_line *line)
{
	put_size(t, "size", (int64_t)line->op.size);
	if (!(line->op.flags & VMP_OP_ONTO))
		return;
	put_size(t, "onto", (int64_t)vmp_space_offset(t->space, line->op.onto));
	put_stride(t, "onto-stride", line->onto_stride, false);
}

static void put_keys(struct vmp_record_text *t,
		     const struct vmp_record_line *line)
{
	const struct vmp_op *op = &line->op;

	if (vmp_line_is_placed(line)) {
		put_part(t, line);
	} else {
		if (op->verb == VMP_OP_MAP)
			fprintf(t->out, " more%" PRIu64, ++t->maps);
		if (line->count > 1)
			fprintf(t->out, " count=%" PRIu64, line->count);
		if (op->verb == VMP_OP_MAP)
			put_size(t, "length", (int64_t)op->length);
		if (op->verb == VMP_OP_BRK)
			put_size(t, "size", (int64_t)op->size);
	}
	if (op->verb == VMP_OP_PLACE || op->verb == VMP_OP_MAP)
		put_mapped(t, line);
	if (op->verb == VMP_OP_PROTECT)
		fprintf(t->out, " prot=%s", prots[op->prot & 7]);
	if (op->verb == VMP_OP_ADVISE)
		fprintf(t->out, " advice=%s", advices[op->advice]);
	if (op->verb == VMP_OP_RESIZE || op->verb == VMP_OP_RELOCATE)
		put_target(t, line);
	put_flags(t, op->flags);
}

/* What happened to a line of which a call failed. */
static void put_expected(const struct vmp_record_text *t,
			 const struct vmp_record_line *line)
{
	if (!line->failures)
		return;
	fprintf(t->out, "expect it fails %s",
		line->op.error == EAGAIN ? "EAGAIN" : "ENOMEM");
	if (line->op.cause < VMP_CAUSE_UNKNOWN)
		fprintf(t->out, " because %s", vmp_cause_name(line->op.cause));
	if (line->count > 1)
		fprintf(t->out,
			" # first in call %" PRIu64 ", %" PRIu64 " in all",
			line->first_failure + 1, line->failures);
	putc('\n', t->out);
}

static void put_site(struct vmp_record_text *t,
		     const struct vmp_record_line *line)
{
	uint32_t site = line->op.site;

	if (!t->callers || line->takes_turns || site == t->site)
		return;
	t->site = site;
	fputs("\n# ", t->out);
	vmp_write_escaped(t->out, site ? vmp_callers_text(t->callers, site)
				       : "a place without a name");
	putc('\n', t->out);
}

size_t vmp_write_lines(struct vmp_record_text *t,
		       const struct vmp_record_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!lines[i].takes_turns &&
		    t->expected >= VMP_MOST_FAILING_LINES)
			return i;
		t->expected += lines[i].failures > 0;
		put_site(t, &lines[i]);
		if (lines[i].takes_turns)
			fputs("and ", t->out);
		fputs(verbs[lines[i].op.verb], t->out);
		put_keys(t, &lines[i]);
		putc('\n', t->out);
		put_expected(t, &lines[i]);
	}
	return count;
}
