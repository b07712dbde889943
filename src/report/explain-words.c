// SPDX-License-Identifier: GPL-2.0-or-later
/* A census in a few sentences: how full, by whom, and what would fail next. */
#include "lib/internal.h"
#include "report/explain.h"

enum {
	ALMOST_FULL = 80, /* percent: the report leads with it */
	/*
	 * Headroom that mremap() looks for before it moves; to an address that
	 * it is given (MREMAP_FIXED), 5.1 to 7.0, or with MREMAP_DONTUNMAP.
	 */
	NEEDS_TO_MOVE = 4,
	NEEDS_TO_MOVE_THERE = 6,
};

char *vmp_rights_text(const struct vmp_mapping *m, char *text)
{
	text[0] = m->readable ? 'r' : '-';
	text[1] = m->writable ? 'w' : '-';
	text[2] = m->executable ? 'x' : '-';
	text[3] = m->shared ? 's' : 'p';
	text[4] = '\0';
	return text;
}

struct vmp_next_calls vmp_next_calls(const struct vmp_subject *s)
{
	int64_t headroom = s->limit - (int64_t)s->mappings;

	return (struct vmp_next_calls){
		.known = s->limit >= 0,
		.munmap_fails = headroom <= 0,
		.mmap_fails = headroom < 0,
		.mremap_fails = headroom < NEEDS_TO_MOVE,
	};
}

/* "Process 12 (java)", "The process of this maps file" */
static void print_subject(const struct vmp_subject *s, bool first, FILE *out)
{
	static const char *const inputs[VMP_KINDS] = {
		[VMP_KIND_MAPS] = "he process of this maps file",
		[VMP_KIND_SMAPS] = "he process of this smaps file",
		[VMP_KIND_CORE] = "he process of this core dump",
		[VMP_KIND_HS_ERR] = "he JVM of this error log",
	};
	char command[256];

	if (s->kind != VMP_KIND_PROCESS)
		fprintf(out, "%c%s", first ? 'T' : 't', inputs[s->kind]);
	else
		fprintf(out, "%crocess %d", first ? 'P' : 'p', (int)s->pid);
	if (s->command)
		fprintf(out, " (%s)",
			vmp_escape(s->command, command, sizeof(command)));
}

static void print_numbers(const struct vmp_subject *s, FILE *out)
{
	if (s->limit < 0) {
		fprintf(out, " held %s mappings.", vmp_digits(s->mappings));
		return;
	}
	fprintf(out, " %s %s of %s mappings, %.1f%%: ",
		s->kind == VMP_KIND_PROCESS ? "holds" : "held",
		vmp_digits(s->mappings), vmp_digits((uint64_t)s->limit),
		vmp_tenths(vmp_percent(s->mappings, (uint64_t)s->limit)));
	if ((uint64_t)s->limit < s->mappings)
		fprintf(out, "%s over.",
			vmp_digits(s->mappings - (uint64_t)s->limit));
	else
		fprintf(out, "%s left.",
			vmp_digits((uint64_t)s->limit - s->mappings));
}

void vmp_explain_count(const struct vmp_subject *s,
		       const struct vmp_style *style, FILE *out)
{
	bool full = s->limit >= 0 && s->mappings >= (uint64_t)s->limit;
	bool almost = s->limit >= 0 &&
		      s->mappings * 100 >= (uint64_t)s->limit * ALMOST_FULL;
	char text[512] = "";
	FILE *line = fmemopen(text, sizeof(text), "w");

	if (!line)
		return;
	fputs(full     ? "At its limit: "
	      : almost ? "Close to its limit: "
		       : "",
	      line);
	print_subject(s, !almost, line);
	print_numbers(s, line);
	fclose(line);
	fputs(vmp_accent(style, almost ? VMP_BAD : VMP_STRONG), out);
	vmp_print_wrapped(style, out, text, 0, 0);
	fputs(vmp_accent(style, VMP_PLAIN), out);
}

/* Owners in a sentence: "60,000 of them are ..."; a label says more of some. */
static const struct {
	const char *text;
	bool labelled;
} words[VMP_OWNERS] = {
	[VMP_OWNER_PROGRAM] = { "the program", true },
	[VMP_OWNER_LIBRARY] = { "of", true },
	[VMP_OWNER_BALLAST] = { "ballast that vmaprobe made", false },
	[VMP_OWNER_FILE] = { "files", true },
	[VMP_OWNER_DELETED_FILE] = { "deleted files", true },
	[VMP_OWNER_MEMFD] = { "memfds", true },
	[VMP_OWNER_SYSV_SHM] = { "System V shared memory", false },
	[VMP_OWNER_SHARED_ANON] = { "shared anonymous memory", false },
	[VMP_OWNER_DEVICE] = { "of a device", true },
	[VMP_OWNER_HUGETLB] = { "huge pages", false },
	[VMP_OWNER_IO_URING] = { "rings of io_uring", false },
	[VMP_OWNER_HEAP] = { "the heap", false },
	[VMP_OWNER_ARENA] = { "of malloc", true },
	[VMP_OWNER_THREAD_STACK] = { "thread stacks", true },
	[VMP_OWNER_MAIN_STACK] = { "the main stack", false },
	[VMP_OWNER_GUARD] = { "lone guard pages", false },
	[VMP_OWNER_NAMED_ANON] = { "memory with a name", true },
	[VMP_OWNER_JIT] = { "executable memory without a file", false },
	[VMP_OWNER_ANON] = { "anonymous memory", true },
	[VMP_OWNER_SPECIAL] = { "the kernel's", true },
};

/* Sizes are no proof: what is not told is not claimed. */
static const char *verb_of(const struct vmp_subject *s, enum vmp_owner owner)
{
	return owner == VMP_OWNER_THREAD_STACK && !s->has_stacks ? "look like"
								 : "are";
}

void vmp_explain_largest(const struct vmp_census *c,
			 const struct vmp_style *style, FILE *out)
{
	const struct vmp_subject *s = vmp_census_subject(c);
	const struct vmp_owner_row *rows;
	char label[VMP_NAME_SIZE], text[VMP_NAME_SIZE + 200];

	if (!vmp_census_owners(c, &rows))
		return;
	vmp_escape(rows->label, label, sizeof(label));
	snprintf(text, sizeof(text), "%s of them (%.1f%%) %s %s%s%s.",
		 vmp_digits(rows->mappings),
		 vmp_percent(rows->mappings, s->mappings),
		 verb_of(s, rows->owner), words[rows->owner].text,
		 !words[rows->owner].labelled	    ? ""
		 : rows->owner == VMP_OWNER_LIBRARY ? " "
						    : ": ",
		 words[rows->owner].labelled ? label : "");
	vmp_print_wrapped(style, out, text, 0, 0);
}

void vmp_explain_next(const struct vmp_subject *s,
		      const struct vmp_style *style, FILE *out)
{
	struct vmp_next_calls next = vmp_next_calls(s);
	char text[400];

	if (!next.known) {
		vmp_print_wrapped(
			style, out,
			"The limit of the machine that this is from is not told: "
			"--limit=N gives it.",
			0, 0);
		return;
	}
	if (s->limit - (int64_t)s->mappings >= NEEDS_TO_MOVE_THERE) {
		vmp_print_wrapped(
			style, out,
			"The next mmap(), the next munmap() from the middle of a "
			"mapping, and the next mremap() find room.",
			0, 0);
		return;
	}
	snprintf(text, sizeof(text),
		 "The next mmap() %s; a munmap() from the middle of a mapping "
		 "%s; an mremap() that moves %s.",
		 next.mmap_fails ? "fails" : "works",
		 next.munmap_fails ? "fails: the memory is not given back"
				   : "works",
		 next.mremap_fails ? "fails"
				   : "works, but may not with MREMAP_FIXED");
	vmp_print_wrapped(style, out, text, 0, 0);
}
