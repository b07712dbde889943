// SPDX-License-Identifier: GPL-2.0-or-later
/* A census as JSON: schema vmaprobe.explain/1. */
#include <inttypes.h>
#include <string.h>
#include <json-c/json.h>

#include "lib/internal.h"
#include "report/explain.h"
#include "report/json.h"

static struct json_object *text_or_null(const char *text)
{
	return text ? vmp_json_text(text) : NULL;
}

static struct json_object *source(const struct vmp_subject *s)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "kind", vmp_json_text(vmp_kind_name(s->kind)));
	vmp_json_add(o, "pid", s->pid ? json_object_new_int(s->pid) : NULL);
	vmp_json_add(o, "command", text_or_null(s->command));
	vmp_json_add(o, "path", text_or_null(s->path));
	vmp_json_add(o, "kernel", text_or_null(s->kernel));
	vmp_json_add(o, "container",
		     s->kind == VMP_KIND_PROCESS
			     ? json_object_new_boolean(s->in_container)
			     : NULL);
	return o;
}

static struct json_object *owners(const struct vmp_census *c, size_t top)
{
	struct json_object *array = json_object_new_array(), *o;
	const struct vmp_owner_row *rows;
	size_t count = vmp_shown_of(vmp_census_owners(c, &rows), top);

	for (size_t i = 0; i < count; i++) {
		o = json_object_new_object();
		vmp_json_add(o, "owner",
			     vmp_json_text(vmp_owner_name(rows[i].owner)));
		vmp_json_add(o, "label", vmp_json_text(rows[i].label));
		vmp_json_add(o, "mappings", vmp_json_number(rows[i].mappings));
		vmp_json_add(o, "bytes", vmp_json_number(rows[i].bytes));
		vmp_json_add(o, "example", vmp_json_address(rows[i].example));
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *reason_row(const struct vmp_reason_row *row)
{
	struct json_object *o = json_object_new_object();
	struct json_object *pair = json_object_new_array();

	vmp_json_add(o, "reason", vmp_json_text(vmp_reason_name(row->reason)));
	vmp_json_add(o, "detail", vmp_json_text(row->detail));
	vmp_json_add(o, "pairs", vmp_json_number(row->pairs));
	vmp_json_add(o, "example", vmp_json_address(row->example));
	json_object_array_add(pair, vmp_json_text(vmp_owner_name(row->first)));
	json_object_array_add(pair, vmp_json_text(vmp_owner_name(row->second)));
	vmp_json_add(o, "owners", pair);
	return o;
}

static struct json_object *neighbours(const struct vmp_census *c,
				      const struct vmp_explain_view *view)
{
	const struct vmp_subject *s = vmp_census_subject(c);
	struct json_object *o = json_object_new_object();
	struct json_object *array = json_object_new_array();
	const struct vmp_reason_row *rows;
	size_t count = vmp_shown_of(vmp_census_reasons(c, &rows), view->top);

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, reason_row(&rows[i]));
	vmp_json_add(o, "pairs", vmp_json_number(s->pairs));
	vmp_json_add(o, "flags_read", json_object_new_boolean(s->has_flags));
	vmp_json_add(o, "hidden_read", json_object_new_boolean(s->has_hidden));
	vmp_json_add(o, "hidden_reason", text_or_null(view->hidden_reason));
	vmp_json_add(o, "reasons", array);
	return o;
}

static struct json_object *advice(const struct vmp_census *c)
{
	struct json_object *array = json_object_new_array(), *o;
	const struct vmp_advice_row *rows;
	size_t count = vmp_census_advice(c, &rows);

	for (size_t i = 0; i < count; i++) {
		o = json_object_new_object();
		vmp_json_add(o, "id", vmp_json_text(rows[i].id));
		vmp_json_add(o, "text", vmp_json_text(rows[i].text));
		vmp_json_add(o, "reason", vmp_json_text(rows[i].reason));
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *next_calls(const struct vmp_subject *s)
{
	struct vmp_next_calls next = vmp_next_calls(s);
	struct json_object *o;

	if (!next.known)
		return NULL;
	o = json_object_new_object();
	vmp_json_add(o, "munmap_middle_fails",
		     json_object_new_boolean(next.munmap_fails));
	vmp_json_add(o, "mmap_fails", json_object_new_boolean(next.mmap_fails));
	vmp_json_add(o, "mremap_fails",
		     json_object_new_boolean(next.mremap_fails));
	return o;
}

static struct json_object *mapping(const struct vmp_mapping *m,
				   const struct vmp_owner_row *row)
{
	struct json_object *o = json_object_new_object();
	char rights[5];

	vmp_json_add(o, "start", vmp_json_address(m->start));
	vmp_json_add(o, "end", vmp_json_address(m->end));
	vmp_json_add(o, "permissions",
		     json_object_new_string(vmp_rights_text(m, rights)));
	vmp_json_add(o, "offset_bytes", vmp_json_number(m->offset));
	vmp_json_add(o, "owner", vmp_json_text(vmp_owner_name(row->owner)));
	vmp_json_add(o, "name", m->name_length ? vmp_json_text(m->name) : NULL);
	return o;
}

static struct json_object *mappings(const struct vmp_census *c)
{
	struct json_object *array = json_object_new_array();
	const struct vmp_owner_row *row;
	struct vmp_mapping m;

	for (size_t i = 0; vmp_census_mapping(c, i, &m, &row); i++)
		json_object_array_add(array, mapping(&m, row));
	return array;
}

int vmp_explain_json(const struct vmp_census *c,
		     const struct vmp_explain_view *view, FILE *out)
{
	const struct vmp_subject *s = vmp_census_subject(c);
	struct json_object *o = json_object_new_object();
	int64_t headroom = s->limit - (int64_t)s->mappings;

	vmp_json_add(o, "schema", json_object_new_string("vmaprobe.explain/1"));
	vmp_json_add(o, "source", source(s));
	vmp_json_add(o, "limit",
		     s->limit < 0 ? NULL : json_object_new_int64(s->limit));
	vmp_json_add(o, "mappings", vmp_json_number(s->mappings));
	vmp_json_add(o, "headroom",
		     s->limit < 0 ? NULL : json_object_new_int64(headroom));
	vmp_json_add(o, "size_bytes", vmp_json_number(s->bytes));
	vmp_json_add(o, "threads",
		     s->threads ? vmp_json_number(s->threads) : NULL);
	vmp_json_add(o, "next", next_calls(s));
	vmp_json_add(o, "owners", owners(c, view->top));
	vmp_json_add(o, "neighbours", neighbours(c, view));
	vmp_json_add(o, "advice", advice(c));
	if (view->maps)
		vmp_json_add(o, "maps", mappings(c));
	return vmp_json_print(o, out);
}

int vmp_explain_json_error(pid_t pid, const char *path, const char *reason,
			   FILE *out)
{
	struct json_object *o = json_object_new_object();
	struct json_object *from = json_object_new_object();

	vmp_json_add(from, "kind",
		     path ? NULL : json_object_new_string("process"));
	vmp_json_add(from, "pid", pid ? json_object_new_int(pid) : NULL);
	vmp_json_add(from, "command", NULL);
	vmp_json_add(from, "path", NULL);
	vmp_json_add(o, "schema", json_object_new_string("vmaprobe.explain/1"));
	vmp_json_add(o, "source", from);
	vmp_json_add(o, "reason", vmp_json_text(reason));
	return vmp_json_print(o, out);
}
