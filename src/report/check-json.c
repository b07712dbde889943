// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe check` as JSON: schemas vmaprobe.check/1, vmaprobe.products/1. */
#include <json-c/json.h>

#include "report/check.h"
#include "report/json.h"

static struct json_object *integer(int64_t value)
{
	return json_object_new_int64(value);
}

static struct json_object *range(const struct vmp_threshold *t, int64_t limit)
{
	char text[80];

	if (limit < 0)
		return NULL;
	vmp_threshold_in_mappings(t, limit, text, sizeof(text));
	return vmp_json_text(text);
}

static struct json_object *thresholds(const struct vmp_check_report *r)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "warning", range(&r->thresholds->warning, r->limit));
	vmp_json_add(o, "critical", range(&r->thresholds->critical, r->limit));
	return o;
}

static struct json_object *worst_object(const struct vmp_watched *p,
					int64_t limit)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "pid", integer(p->pid));
	vmp_json_add(o, "uid", integer(p->user));
	vmp_json_add(o, "command", vmp_json_text(p->command));
	vmp_json_add(o, "mappings", integer(p->mappings));
	vmp_json_add(o, "limit_percent",
		     vmp_json_seconds(vmp_map_percent(p->mappings, limit), 2));
	vmp_json_add(o, "headroom", integer(limit - p->mappings));
	return o;
}

static struct json_object *worst_array(const struct vmp_check_report *r)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < r->verdict->count && i <= r->most; i++)
		json_object_array_add(array, worst_object(r->verdict->rows[i],
							  r->sample->limit));
	return array;
}

static struct json_object *processes(const struct vmp_check_report *r)
{
	struct json_object *o = json_object_new_object();
	const struct vmp_sample *s = r->sample;

	vmp_json_add(o, "count", vmp_json_number(r->verdict->count));
	vmp_json_add(o, "warning", vmp_json_number(r->verdict->warning));
	vmp_json_add(o, "critical", vmp_json_number(r->verdict->critical));
	vmp_json_add(o, "unreadable", vmp_json_number(s->unreadable));
	vmp_json_add(o, "vanished", vmp_json_number(s->vanished));
	vmp_json_add(o, "without_mappings", vmp_json_number(s->empty));
	vmp_json_add(o, "backend",
		     vmp_json_text(vmp_watch_backends[s->backend]));
	vmp_json_add(o, "worst", worst_array(r));
	return o;
}

void vmp_report_check_json(const struct vmp_check_report *r, FILE *out)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "schema", vmp_json_text("vmaprobe.check/1"));
	vmp_json_add(o, "status", vmp_json_text(vmp_status_names[r->status]));
	vmp_json_add(o, "exit_status", json_object_new_int(r->status));
	vmp_json_add(o, "reason", *r->reason ? vmp_json_text(r->reason) : NULL);
	vmp_json_add(o, "limit", r->limit >= 0 ? integer(r->limit) : NULL);
	vmp_json_add(o, "wanted", r->wanted ? integer(r->wanted) : NULL);
	vmp_json_add(o, "wanted_by",
		     r->wanted_by ? vmp_json_text(r->wanted_by->name) : NULL);
	vmp_json_add(o, "thresholds", thresholds(r));
	vmp_json_add(o, "processes", r->sample ? processes(r) : NULL);
	vmp_json_print_line(o, out);
}

void vmp_report_products_json(FILE *out)
{
	struct json_object *o = json_object_new_object(), *row;
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < vmp_product_count; i++) {
		const struct vmp_product *p = &vmp_products[i];

		row = json_object_new_object();
		vmp_json_add(row, "name", vmp_json_text(p->name));
		vmp_json_add(row, "limit", integer(p->limit));
		vmp_json_add(row, "kind",
			     vmp_json_text(vmp_product_kinds[p->kind]));
		vmp_json_add(row, "of", vmp_json_text(p->of));
		vmp_json_add(row, "source", vmp_json_text(p->source));
		json_object_array_add(array, row);
	}
	vmp_json_add(o, "schema", vmp_json_text("vmaprobe.products/1"));
	vmp_json_add(o, "products", array);
	vmp_json_print(o, out);
}
