// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe top` as JSON and CSV: schema vmaprobe.top/1. */
#include <inttypes.h>
#include <json-c/json.h>

#include "report/csv.h"
#include "report/json.h"
#include "report/top-inside.h"

static struct json_object *integer(int64_t value)
{
	return json_object_new_int64(value);
}

static struct json_object *cell_value(const struct vmp_top_report *r,
				      const struct vmp_watched *p,
				      enum vmp_top_column column)
{
	struct vmp_top_cell cell;

	vmp_top_read(r, p, column, &cell);
	if (cell.kind == VMP_TOP_TEXT)
		return vmp_json_text(cell.text);
	if (cell.kind == VMP_TOP_INTEGER)
		return integer(cell.integer);
	if (cell.kind == VMP_TOP_REAL)
		return vmp_json_seconds(cell.real,
					vmp_top_columns[column].digits);
	return NULL;
}

/* What costs a look at each process is there only where it is asked for. */
static struct json_object *process_object(const struct vmp_top_report *r,
					  const struct vmp_watched *p)
{
	struct json_object *o = json_object_new_object();

	for (size_t i = 0; i < VMP_TOP_COLUMNS; i++) {
		enum vmp_top_column column = (enum vmp_top_column)i;

		if (vmp_top_columns[i].costly && !vmp_top_shows(r, column))
			continue;
		vmp_json_add(o, vmp_top_columns[i].key,
			     cell_value(r, p, column));
	}
	return o;
}

static struct json_object *counts_object(const struct vmp_top_report *r)
{
	const struct vmp_sample *s = r->sample;
	struct json_object *o = json_object_new_object();
	char key[32];

	vmp_json_add(o, "processes", vmp_json_number(s->count));
	for (int i = 0; i < VMP_OVER; i++) {
		snprintf(key, sizeof(key), "over_%d_percent",
			 vmp_over_percent[i]);
		vmp_json_add(o, key, vmp_json_number(s->over[i]));
	}
	vmp_json_add(o, "unreadable", vmp_json_number(s->unreadable));
	vmp_json_add(o, "vanished", vmp_json_number(s->vanished));
	vmp_json_add(o, "without_mappings", vmp_json_number(s->empty));
	vmp_json_add(o, "not_read_this_time", vmp_json_number(s->spaced));
	vmp_json_add(o, "left_out", vmp_json_number(r->left_out));
	return o;
}

static struct json_object *processes_array(const struct vmp_top_report *r)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < r->row_count; i++)
		json_object_array_add(array, process_object(r, r->rows[i]));
	return array;
}

static struct json_object *new_report(void)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "schema", vmp_json_text("vmaprobe.top/1"));
	return o;
}

void vmp_report_top_json(const struct vmp_top_report *r, bool line, FILE *out)
{
	const struct vmp_sample *s = r->sample;
	struct json_object *o = new_report();
	bool changed = s->limit_before != s->limit;

	vmp_json_add(o, "unix_seconds", vmp_json_seconds(s->unix_seconds, 3));
	vmp_json_add(o, "samples_before", vmp_json_number(s->turn));
	vmp_json_add(o, "limit", integer(s->limit));
	vmp_json_add(o, "limit_before",
		     changed ? integer(s->limit_before) : NULL);
	vmp_json_add(o, "backend",
		     vmp_json_text(vmp_watch_backends[s->backend]));
	vmp_json_add(o, "backend_reason",
		     *s->reason ? vmp_json_text(s->reason) : NULL);
	vmp_json_add(o, "proc_hides_processes",
		     json_object_new_boolean(s->hides));
	vmp_json_add(o, "cost_seconds", vmp_json_seconds(s->cost_seconds, 6));
	vmp_json_add(o, "counts", counts_object(r));
	vmp_json_add(o, "processes", processes_array(r));
	if (line)
		vmp_json_print_line(o, out);
	else
		vmp_json_print(o, out);
}

void vmp_report_top_refused(const char *reason, FILE *out)
{
	struct json_object *o = new_report();

	vmp_json_add(o, "reason", vmp_json_text(reason));
	vmp_json_print(o, out);
}

static void csv_cell(FILE *out, const struct vmp_top_report *r,
		     const struct vmp_watched *p, enum vmp_top_column column)
{
	struct vmp_top_cell cell;

	vmp_top_read(r, p, column, &cell);
	putc(',', out);
	if (cell.kind == VMP_TOP_TEXT)
		vmp_csv_name(out, cell.text);
	else if (cell.kind == VMP_TOP_INTEGER)
		fprintf(out, "%" PRId64, cell.integer);
	else if (cell.kind == VMP_TOP_REAL)
		fprintf(out, "%.*f", vmp_top_columns[column].digits, cell.real);
}

void vmp_report_top_csv(const struct vmp_top_report *r, bool header, FILE *out)
{
	if (header) {
		fputs("unix_seconds,limit", out);
		for (size_t i = 0; i < r->column_count; i++)
			fprintf(out, ",%s", vmp_top_columns[r->columns[i]].key);
		fputs("\r\n", out);
	}
	for (size_t i = 0; i < r->row_count; i++) {
		fprintf(out, "%.3f,%" PRId64, r->sample->unix_seconds,
			r->sample->limit);
		for (size_t j = 0; j < r->column_count; j++)
			csv_cell(out, r, r->rows[i], r->columns[j]);
		fputs("\r\n", out);
	}
}
