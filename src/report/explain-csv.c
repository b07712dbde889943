// SPDX-License-Identifier: GPL-2.0-or-later
/* A census as CSV: one table, of owners, reasons or mappings. */
#include <inttypes.h>

#include "report/csv.h"
#include "report/explain.h"

static void put_owners(const struct vmp_census *c, size_t top, FILE *out)
{
	const struct vmp_owner_row *rows;
	size_t count = vmp_shown_of(vmp_census_owners(c, &rows), top);

	fputs("owner,label,mappings,bytes,example\r\n", out);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s,", vmp_owner_name(rows[i].owner));
		vmp_csv_name(out, rows[i].label);
		fprintf(out, ",%" PRIu64 ",%" PRIu64 ",0x%" PRIx64 "\r\n",
			rows[i].mappings, rows[i].bytes, rows[i].example);
	}
}

static void put_reasons(const struct vmp_census *c, size_t top, FILE *out)
{
	const struct vmp_reason_row *rows;
	size_t count = vmp_shown_of(vmp_census_reasons(c, &rows), top);

	fputs("reason,detail,pairs,example,first_owner,second_owner\r\n", out);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s,", vmp_reason_name(rows[i].reason));
		vmp_csv_text(out, rows[i].detail);
		fprintf(out, ",%" PRIu64 ",0x%" PRIx64 ",%s,%s\r\n",
			rows[i].pairs, rows[i].example,
			vmp_owner_name(rows[i].first),
			vmp_owner_name(rows[i].second));
	}
}

static void put_mappings(const struct vmp_census *c, FILE *out)
{
	const struct vmp_owner_row *row;
	struct vmp_mapping m;
	char rights[5];

	fputs("start,end,permissions,offset_bytes,owner,name\r\n", out);
	for (size_t i = 0; vmp_census_mapping(c, i, &m, &row); i++) {
		fprintf(out, "0x%" PRIx64 ",0x%" PRIx64 ",%s,%" PRIu64 ",%s,",
			m.start, m.end, vmp_rights_text(&m, rights), m.offset,
			vmp_owner_name(row->owner));
		vmp_csv_name(out, m.name);
		fputs("\r\n", out);
	}
}

void vmp_explain_csv(const struct vmp_census *c,
		     const struct vmp_explain_view *view, FILE *out)
{
	if (view->maps)
		put_mappings(c, out);
	else if (view->neighbours)
		put_reasons(c, view->top, out);
	else
		put_owners(c, view->top, out);
}
