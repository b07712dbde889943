// SPDX-License-Identifier: GPL-2.0-or-later
/* Fixtures of the census in short, and its rows as text. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "census-fault.h"
#include "census-text.h"

static size_t text_length;

FILE *text_open(char **text)
{
	FILE *out = open_memstream(text, &text_length);

	ck_assert_ptr_nonnull(out);
	return out;
}

void text_close(FILE *out)
{
	ck_assert_int_eq(fclose(out), 0);
}

/* What maps says behind the rights: anonymous, a file, or as it is. */
static const char *rest_before(const char *rest)
{
	if (!*rest)
		return "00000000 00:00 0";
	if (*rest == '[')
		return "00000000 00:00 0 ";
	return *rest == '/' ? "00000000 fe:00 7 " : "";
}

static void expand_mapping(FILE *out, const char *line, uint64_t *address)
{
	char rights[5], *end;
	uint64_t pages = strtoull(line, &end, 10);
	int skip = 0;

	ck_assert_msg(pages && sscanf(end, " %4s%n", rights, &skip) == 1,
		      "no mapping: %s", line);
	end += skip;
	end += *end == ' ';
	fprintf(out, "%" PRIx64 "-%" PRIx64 " %s %s%s\n", *address,
		*address + pages * 4096, rights, rest_before(end), end);
	*address += pages * 4096;
}

static void expand(FILE *out, const char *line, uint64_t *address)
{
	if (!strncmp(line, "at ", 3))
		*address = strtoull(line + 3, NULL, 16);
	else if (!strcmp(line, "hole"))
		*address += 4096;
	else if (isupper((unsigned char)*line))
		fprintf(out, "%s\n", line);
	else
		expand_mapping(out, line, address);
}

char *census_text(const char *brief)
{
	VMP_FREE char *copy = strdup(brief);
	char *text = NULL, *line = copy, *end;
	uint64_t address = UINT64_C(0x7f0000000000);
	FILE *out = text_open(&text);

	ck_assert_ptr_nonnull(copy);
	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		ck_assert_msg(end, "no newline: %.100s", line);
		*end = '\0';
		expand(out, line, &address);
	}
	text_close(out);
	return text;
}

struct vmp_census *census_as(const struct vmp_census_request *request)
{
	struct vmp_ctx *ctx = scratch_ctx();
	struct vmp_census *c = NULL;
	const char *fault;
	int rc = vmp_census_read(ctx, request, &c);

	ck_assert_msg(rc == 0, "%d: %s", rc, vmp_error(ctx));
	vmp_free(ctx);
	fault = census_fault(c);
	ck_assert_msg(!fault, "%s", fault);
	return c;
}

struct vmp_census *census_of_text(const char *text, size_t length)
{
	struct vmp_census_request request = { .why = VMP_WHY_AUTO };
	char path[256];

	scratch_write("saved", text, length);
	snprintf(path, sizeof(path), "%s/saved", scratch_root());
	request.path = path;
	return census_as(&request);
}

struct vmp_census *census_of(const char *brief)
{
	VMP_FREE char *text = census_text(brief);

	return census_of_text(text, strlen(text));
}

struct vmp_census *census_of_process(pid_t pid, const char *brief)
{
	struct vmp_census_request request = { .pid = pid };
	VMP_FREE char *text = census_text(brief);
	char path[64];

	snprintf(path, sizeof(path), "%d/maps", (int)pid);
	scratch_text(path, text);
	return census_as(&request);
}

void expect_owners(const struct vmp_census *c, const char *expected)
{
	const struct vmp_owner_row *rows;
	size_t count = vmp_census_owners(c, &rows);
	VMP_FREE char *text = NULL;
	FILE *out = text_open(&text);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s %" PRIu64 " %s\n",
			vmp_owner_name(rows[i].owner), rows[i].mappings,
			rows[i].label);
	text_close(out);
	ck_assert_str_eq(text, expected);
}

void expect_reasons(const struct vmp_census *c, const char *expected)
{
	const struct vmp_reason_row *rows;
	size_t count = vmp_census_reasons(c, &rows);
	VMP_FREE char *text = NULL;
	FILE *out = text_open(&text);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s %" PRIu64 " %s\n",
			vmp_reason_name(rows[i].reason), rows[i].pairs,
			rows[i].detail);
	text_close(out);
	ck_assert_str_eq(text, expected);
}

void expect_advice(const struct vmp_census *c, const char *expected)
{
	const struct vmp_advice_row *rows;
	size_t count = vmp_census_advice(c, &rows);
	VMP_FREE char *text = NULL;
	FILE *out = text_open(&text);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? " " : "", rows[i].id);
	text_close(out);
	ck_assert_str_eq(text, expected);
}
