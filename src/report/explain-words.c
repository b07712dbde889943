// SPDX-License-Identifier: GPL-2.0-or-later
/* A census in a few sentences: how full, by whom, and what would fail next. */
#include "lib/internal.h"
#include "report/explain.h"

enum {
	ALMOST_FULL = 80, /* percent: the report leads with it */
	NEEDS_TO_MOVE =
		4,    /* headroom that mremap() looks for before it moves */
	LABEL = 4200, /* bytes of a label, escaped */
};

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
	fprintf(out, " %s %s of %s mappings, %.1f%%: %s left.",
		s->kind == VMP_KIND_PROCESS ? "holds" : "held",
		vmp_digits(s->mappings), vmp_digits((uint64_t)s->limit),
		vmp_percent(s->mappings, (uint64_t)s->limit),
		vmp_group_digits(s->limit - (int64_t)s->mappings,
				 (char[32]){ 0 }));
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

/* Owners in a sentence: "60,000 of them are ...". */
static const char *const words[VMP_OWNERS] = {
	[VMP_OWNER_PROGRAM] = "the program",
	[VMP_OWNER_LIBRARY] = "of shared libraries",
	[VMP_OWNER_BALLAST] = "ballast",
	[VMP_OWNER_FILE] = "files",
	[VMP_OWNER_DELETED_FILE] = "deleted files",
	[VMP_OWNER_MEMFD] = "memfds",
	[VMP_OWNER_SYSV_SHM] = "shared memory",
	[VMP_OWNER_SHARED_ANON] = "shared memory",
	[VMP_OWNER_DEVICE] = "of a device",
	[VMP_OWNER_HUGETLB] = "huge pages",
	[VMP_OWNER_IO_URING] = "of io_uring",
	[VMP_OWNER_HEAP] = "the heap",
	[VMP_OWNER_ARENA] = "of malloc",
	[VMP_OWNER_THREAD_STACK] = "thread stacks",
	[VMP_OWNER_MAIN_STACK] = "the main stack",
	[VMP_OWNER_GUARD] = "guard pages",
	[VMP_OWNER_NAMED_ANON] = "memory with a name",
	[VMP_OWNER_JIT] = "executable memory",
	[VMP_OWNER_ANON] = "anonymous memory",
	[VMP_OWNER_SPECIAL] = "the kernel's",
};

void vmp_explain_largest(const struct vmp_census *c,
			 const struct vmp_style *style, FILE *out)
{
	const struct vmp_subject *s = vmp_census_subject(c);
	const struct vmp_owner_row *rows;
	char label[LABEL], text[LABEL + 200];

	if (!vmp_census_owners(c, &rows))
		return;
	snprintf(text, sizeof(text), "%s of them (%.1f%%) are %s: %s.",
		 vmp_digits(rows->mappings),
		 vmp_percent(rows->mappings, s->mappings), words[rows->owner],
		 vmp_escape(rows->label, label, sizeof(label)));
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
	if (!next.mremap_fails) {
		vmp_print_wrapped(
			style, out,
			"The next mmap(), the next munmap() from the middle of a "
			"mapping, and the next mremap() find room.",
			0, 0);
		return;
	}
	snprintf(text, sizeof(text),
		 "The next mmap() %s; a munmap() from the middle of a mapping "
		 "%s; an mremap() that moves fails.",
		 next.mmap_fails ? "fails" : "works",
		 next.munmap_fails ? "fails: the memory is not given back"
				   : "works");
	vmp_print_wrapped(style, out, text, 0, 0);
}
