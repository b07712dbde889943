// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of scenarios, as a table and as JSON. */
#include <json-c/json.h>

#include "report/json.h"
#include "report/report.h"
#include "report/table.h"

enum { NAME_COLUMN = 18 };

void vmp_report_list(const struct vmp_listed *list, size_t count,
		     const struct vmp_style *style, FILE *out)
{
	static const struct vmp_column columns[] = {
		{ "SCENARIO", 0 },
		{ "WHAT IT SHOWS", VMP_TABLE_WRAP },
	};
	struct vmp_table *table = vmp_table_new(style, out, columns, 2);
	char text[1200];

	for (size_t i = 0; i < count; i++) {
		vmp_table_row(table);
		vmp_table_text(table, 0, list[i].scenario->name);
		snprintf(text, sizeof(text), "%s%s%s%s",
			 list[i].scenario->summary,
			 list[i].available ? "" : " (cannot run here: ",
			 list[i].available ? "" : list[i].reason,
			 list[i].available ? "" : ")");
		vmp_table_wrapped(table, 1, text, style->width - NAME_COLUMN);
	}
	vmp_table_print(table);
}

static struct json_object *listed_object(const struct vmp_listed *l)
{
	struct json_object *o = json_object_new_object(), *p;
	struct json_object *parameters = json_object_new_array();

	for (size_t i = 0; i < l->scenario->parameter_count; i++) {
		p = json_object_new_object();
		json_object_object_add(
			p, "name",
			vmp_json_text(l->scenario->parameters[i].name));
		json_object_object_add(
			p, "default",
			vmp_json_text(l->scenario->parameters[i].text));
		json_object_array_add(parameters, p);
	}
	json_object_object_add(o, "name", vmp_json_text(l->scenario->name));
	json_object_object_add(o, "summary",
			       vmp_json_text(l->scenario->summary));
	json_object_object_add(o, "parameters", parameters);
	json_object_object_add(o, "available",
			       json_object_new_boolean(l->available));
	json_object_object_add(o, "reason",
			       l->available ? NULL : vmp_json_text(l->reason));
	return o;
}

int vmp_report_list_json(const struct vmp_listed *list, size_t count, FILE *out)
{
	struct json_object *o = json_object_new_object();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, listed_object(&list[i]));
	json_object_object_add(o, "schema",
			       json_object_new_string("vmaprobe.list/1"));
	json_object_object_add(o, "scenarios", array);
	return vmp_json_print(o, out);
}
