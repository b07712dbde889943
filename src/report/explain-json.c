// SPDX-License-Identifier: GPL-2.0-or-later
/* A census as JSON: schema vmaprobe.explain/1. */
#include <inttypes.h>
#include <string.h>
#include <json-c/json.h>

#include "lib/internal.h"
#include "report/explain.h"
#include "report/json.h"

static struct json_object *number(uint64_t value)
{
	return json_object_new_uint64(value);
}

static struct json_object *address(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_object_new_string(text);
}

static struct json_object *text_or_null(const char *text)
{
	return text ? vmp_json_text(text) : NULL;
}

static void add(struct json_object *o, const char *key,
		struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static struct json_object *source(const struct vmp_subject *s)
{
	struct json_object *o = json_object_new_object();

	add(o, "kind", vmp_json_text(vmp_kind_name(s->kind)));
	add(o, "pid", s->pid ? json_object_new_int(s->pid) : NULL);
	add(o, "command", text_or_null(s->command));
	add(o, "path", text_or_null(s->path));
	add(o, "kernel", text_or_null(s->kernel));
	add(o, "container",
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
		add(o, "owner", vmp_json_text(vmp_owner_name(rows[i].owner)));
		add(o, "label", vmp_json_text(rows[i].label));
		add(o, "mappings", number(rows[i].mappings));
		add(o, "bytes", number(rows[i].bytes));
		add(o, "example", address(rows[i].example));
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *reason_row(const struct vmp_reason_row *row)
{
	struct json_object *o = json_object_new_object();
	struct json_object *pair = json_object_new_array();

	add(o, "reason", vmp_json_text(vmp_reason_name(row->reason)));
	add(o, "detail", vmp_json_text(row->detail));
	add(o, "pairs", number(row->pairs));
	add(o, "example", address(row->example));
	json_object_array_add(pair, vmp_json_text(vmp_owner_name(row->first)));
	json_object_array_add(pair, vmp_json_text(vmp_owner_name(row->second)));
	add(o, "owners", pair);
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
	add(o, "pairs", number(s->pairs));
	add(o, "flags_read", json_object_new_boolean(s->has_flags));
	add(o, "hidden_read", json_object_new_boolean(s->has_hidden));
	add(o, "hidden_reason", text_or_null(view->hidden_reason));
	add(o, "reasons", array);
	return o;
}

static struct json_object *advice(const struct vmp_census *c)
{
	struct json_object *array = json_object_new_array(), *o;
	const struct vmp_advice_row *rows;
	size_t count = vmp_census_advice(c, &rows);

	for (size_t i = 0; i < count; i++) {
		o = json_object_new_object();
		add(o, "id", vmp_json_text(rows[i].id));
		add(o, "text", vmp_json_text(rows[i].text));
		add(o, "reason", vmp_json_text(rows[i].reason));
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
	add(o, "munmap_middle_fails",
	    json_object_new_boolean(next.munmap_fails));
	add(o, "mmap_fails", json_object_new_boolean(next.mmap_fails));
	add(o, "mremap_fails", json_object_new_boolean(next.mremap_fails));
	return o;
}

static struct json_object *mapping(const struct vmp_mapping *m,
				   const struct vmp_owner_row *row)
{
	struct json_object *o = json_object_new_object();
	char rights[5];

	add(o, "start", address(m->start));
	add(o, "end", address(m->end));
	add(o, "permissions",
	    json_object_new_string(vmp_rights_text(m, rights)));
	add(o, "offset_bytes", number(m->offset));
	add(o, "owner", vmp_json_text(vmp_owner_name(row->owner)));
	add(o, "name", m->name_length ? vmp_json_text(m->name) : NULL);
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

	add(o, "schema", json_object_new_string("vmaprobe.explain/1"));
	add(o, "source", source(s));
	add(o, "limit", s->limit < 0 ? NULL : json_object_new_int64(s->limit));
	add(o, "mappings", number(s->mappings));
	add(o, "headroom",
	    s->limit < 0 ? NULL : json_object_new_int64(headroom));
	add(o, "size_bytes", number(s->bytes));
	add(o, "threads", s->threads ? number(s->threads) : NULL);
	add(o, "next", next_calls(s));
	add(o, "owners", owners(c, view->top));
	add(o, "neighbours", neighbours(c, view));
	add(o, "advice", advice(c));
	if (view->maps)
		add(o, "maps", mappings(c));
	return vmp_json_print(o, out);
}

int vmp_explain_json_error(pid_t pid, const char *path, const char *reason,
			   FILE *out)
{
	struct json_object *o = json_object_new_object();
	struct json_object *from = json_object_new_object();

	add(from, "kind", path ? NULL : json_object_new_string("process"));
	add(from, "pid", pid ? json_object_new_int(pid) : NULL);
	add(from, "command", NULL);
	add(from, "path", NULL);
	add(o, "schema", json_object_new_string("vmaprobe.explain/1"));
	add(o, "source", from);
	add(o, "reason", vmp_json_text(reason));
	return vmp_json_print(o, out);
}
