// SPDX-License-Identifier: LGPL-2.1-or-later
/* The words for why two mappings stay apart. */
#include <stdio.h>
#include <string.h>

#include "lib/neighbour.h"

/* What sets a flag that keeps mappings apart, for a person. */
static const struct {
	char name[3];
	const char *set_by;
} flags[] = {
	{ "dc", "MADV_DONTFORK" },
	{ "dd", "MADV_DONTDUMP" },
	{ "wf", "MADV_WIPEONFORK" },
	{ "hg", "MADV_HUGEPAGE" },
	{ "nh", "MADV_NOHUGEPAGE" },
	{ "mg", "MADV_MERGEABLE" },
	{ "sr", "MADV_SEQUENTIAL" },
	{ "rr", "MADV_RANDOM" },
	{ "lo", "mlock()" },
	{ "lf", "MLOCK_ONFAULT" },
	{ "ac", "was writable once: accounted" },
	{ "nr", "MAP_NORESERVE" },
	{ "um", "userfaultfd, missing pages" },
	{ "uw", "userfaultfd, write protection" },
	{ "ui", "userfaultfd, minor faults" },
	{ "sl", "mseal()" },
	{ "gd", "grows down: a stack" },
	{ "ss", "shadow stack" },
	{ "mt", "memory tags" },
	{ "mr", "may be made readable" },
	{ "mw", "may be made writable: how the file was opened" },
	{ "me", "may be made executable" },
	{ "ms", "may be shared" },
	{ "ht", "huge pages" },
	{ "sf", "synchronous faults" },
	{ "dp", "droppable" },
};

uint64_t vmp_flags_named(const char *const *names, size_t count)
{
	uint64_t bits = 0;

	for (unsigned int bit = 0; bit < 63; bit++)
		for (size_t i = 0; i < count; i++)
			if (!strcmp(vmp_flag_name(bit), names[i]))
				bits |= UINT64_C(1) << bit;
	return bits;
}

static const char *set_by(const char *name)
{
	for (size_t i = 0; i < VMP_COUNT(flags); i++)
		if (!strcmp(flags[i].name, name))
			return flags[i].set_by;
	return NULL;
}

static void print_flag(FILE *out, const char *name, const char *separator)
{
	const char *why = set_by(name);

	fprintf(out, "%s%s", separator, name);
	if (why)
		fprintf(out, " (%s)", why);
}

/* "dc (MADV_DONTFORK) in one of them" */
static void print_flags(FILE *out, uint64_t detail)
{
	const char *separator = "";

	for (unsigned int bit = 0; bit < 62; bit++)
		if (detail >> bit & 1) {
			print_flag(out, vmp_flag_name(bit), separator);
			separator = ", ";
		}
	if (*separator)
		fputs(" in one of them", out);
	if (detail >> 63)
		fprintf(out, "%sa flag that has no name here", separator);
	if (detail & VMP_OTHER_KEY)
		fprintf(out, "%sanother protection key",
			*separator ? "; " : "");
}

static void print_protection(FILE *out, uint64_t detail)
{
	char a[5], b[5];

	fprintf(out, "%s | %s",
		vmp_permission_text((unsigned int)detail >> 4 & 15, a),
		vmp_permission_text((unsigned int)detail & 15, b));
}

static void print_sharing(FILE *out, uint64_t detail)
{
	fputs(detail ? "private | shared" : "shared | private", out);
}

static void print_file(FILE *out, uint64_t detail)
{
	static const char *const words[] = {
		[0] = "different objects",
		[VMP_FIRST_FILE] = "a file | no file",
		[VMP_SECOND_FILE] = "no file | a file",
		[VMP_FIRST_FILE | VMP_SECOND_FILE] = "two files",
	};

	fputs(words[detail & 3], out);
}

static void print_offset(FILE *out, uint64_t detail)
{
	(void)detail;
	fputs("of one file, but its offsets do not continue", out);
}

static void print_name(FILE *out, uint64_t detail)
{
	(void)detail;
	fputs("two names of anonymous memory", out);
}

static void print_special(FILE *out, uint64_t detail)
{
	(void)detail;
	fputs("memory of the kernel or a driver never merges", out);
}

static void print_policy(FILE *out, uint64_t detail)
{
	(void)detail;
	fputs("two memory policies (mbind)", out);
}

static void print_identical(FILE *out, uint64_t detail)
{
	static const char *const words[VMP_IDENTICALS] = {
		[VMP_OPENED_TWICE] = "one file, opened twice",
		[VMP_USERFAULT] = "two userfaultfds",
		[VMP_MOVED] = "moved by mremap() after it was touched",
		[VMP_TOUCHED_APART] =
			"each was touched apart from the other (two anon_vma)",
		[VMP_INHERITED] = "one was inherited through fork()",
		[VMP_NEVER_ASKED] =
			"nothing that is known keeps them apart; likely no "
			"call has asked since",
		[VMP_GUESS_FILE] = "cannot tell; likely one file, opened twice",
		[VMP_GUESS_FILE_FLAGS] = "cannot tell without VmFlags; likely "
					 "one file, opened twice",
		[VMP_GUESS_RELRO] = "cannot tell without VmFlags; likely made "
				    "read-only by the dynamic linker",
		[VMP_GUESS_FLAGS] = "cannot tell without VmFlags",
		[VMP_GUESS_USERFAULT] = "cannot tell; likely two userfaultfds",
		[VMP_GUESS_TOUCHED] =
			"cannot tell; touched apart, moved by mremap(), "
			"inherited through fork(), or not merged since",
		[VMP_GUESS_LATENT] =
			"cannot tell; moved by mremap(), inherited "
			"through fork(), or not merged since",
	};

	fputs(words[detail < VMP_IDENTICALS ? detail : VMP_GUESS_FLAGS], out);
}

static void (*const printers[VMP_REASONS])(FILE *out, uint64_t detail) = {
	[VMP_REASON_PROTECTION] = print_protection,
	[VMP_REASON_SHARING] = print_sharing,
	[VMP_REASON_FLAGS] = print_flags,
	[VMP_REASON_SPECIAL] = print_special,
	[VMP_REASON_FILE] = print_file,
	[VMP_REASON_FILE_OFFSET] = print_offset,
	[VMP_REASON_NAME] = print_name,
	[VMP_REASON_POLICY] = print_policy,
	[VMP_REASON_IDENTICAL] = print_identical,
};

char *vmp_detail_text(enum vmp_reason reason, uint64_t detail)
{
	size_t length;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	printers[reason](out, detail);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
