// SPDX-License-Identifier: GPL-2.0-or-later
/* The reports as CSV (RFC 4180): a header, then a row a step. */
#include <inttypes.h>

#include "report/csv.h"
#include "report/report.h"

void vmp_csv_text(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

void vmp_csv_name(FILE *out, const char *name)
{
	char text[VMP_NAME_SIZE];

	vmp_csv_text(out, vmp_escape(name, text, sizeof(text)));
}

static void put_first_failure(FILE *out, const struct vmp_step_result *r)
{
	const char *name = vmp_errno_name(r->first.error);

	if (!r->failed) {
		fputs(",,,,,", out);
		return;
	}
	fprintf(out, ",%" PRIu64 ",0x%" PRIx64 ",%" PRIu64 ",%s,%s",
		r->first.index, r->first.address, r->first.length,
		name ? name : "",
		r->first_mappings ? vmp_cause_name(r->diagnosis.cause) : "");
}

/* A map count; empty where it could not be told. */
static void put_known(FILE *out, uint64_t count)
{
	putc(',', out);
	if (count)
		fprintf(out, "%" PRIu64, count);
}

static void put_step(FILE *out, const struct vmp_run *run, size_t i)
{
	const struct vmp_step *s = &run->scenario->steps[i];
	const struct vmp_step_result *r = &run->steps[i];

	fprintf(out, "%zu,", i + 1);
	vmp_csv_text(out, s->text);
	fprintf(out, ",%s,", vmp_verbs[s->verb].name);
	vmp_csv_text(out,
		     s->group < 0 ? "" : run->scenario->groups[s->group].name);
	fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%.9f", r->calls, r->failed,
		r->seconds);
	put_known(out, r->mappings_before);
	put_known(out, r->mappings_after);
	fprintf(out, ",%" PRIu64, r->leaked_bytes);
	put_first_failure(out, r);
	fputs("\r\n", out);
}

void vmp_report_csv(const struct vmp_run *run, FILE *out)
{
	fputs("number,step,verb,group,calls,failed,seconds,mappings_before,"
	      "mappings_after,leaked_bytes,first_index,first_address,"
	      "first_length_bytes,first_errno,first_cause\r\n",
	      out);
	for (size_t i = 0; i < run->scenario->step_count; i++)
		put_step(out, run, i);
}

void vmp_report_list_csv(const struct vmp_listed *list, size_t count, FILE *out)
{
	fputs("name,summary,available,reason\r\n", out);
	for (size_t i = 0; i < count; i++) {
		vmp_csv_text(out, list[i].scenario->name);
		putc(',', out);
		vmp_csv_text(out, list[i].scenario->summary);
		fprintf(out, ",%s,", list[i].available ? "true" : "false");
		vmp_csv_text(out, list[i].available ? "" : list[i].reason);
		fputs("\r\n", out);
	}
}
