// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe limits` as JSON and CSV: schema vmaprobe.limits/1. */
#include <inttypes.h>
#include <string.h>
#include <json-c/json.h>

#include "engine/verb.h"
#include "report/csv.h"
#include "report/json.h"
#include "report/limits.h"

/* Empty text is not known. */
static struct json_object *known(const char *text)
{
	return *text ? vmp_json_text(text) : NULL;
}

static struct json_object *bounded(uint64_t value)
{
	return value == VMP_UNLIMITED ? NULL : vmp_json_number(value);
}

static struct json_object *new_report(const char *kernel, const char *machine)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "schema", vmp_json_text("vmaprobe.limits/1"));
	vmp_json_add(o, "kernel", known(kernel));
	vmp_json_add(o, "machine", known(machine));
	return o;
}

static struct json_object *source_object(const struct vmp_system *s)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "kind",
		     vmp_json_text(vmp_limit_source_name(s->source)));
	vmp_json_add(o, "path", known(s->source_path));
	vmp_json_add(o, "line",
		     s->source_line ? vmp_json_number(s->source_line) : NULL);
	vmp_json_add(o, "distribution_default",
		     json_object_new_boolean(s->source_is_default));
	vmp_json_add(o, "value",
		     s->source_value < 0
			     ? NULL
			     : json_object_new_int64(s->source_value));
	return o;
}

static struct json_object *rlimits_object(const struct vmp_process *p)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "as_bytes", bounded(p->as_limit));
	vmp_json_add(o, "data_bytes", bounded(p->data_limit));
	vmp_json_add(o, "memlock_bytes", bounded(p->memlock_limit));
	vmp_json_add(o, "nproc", bounded(p->nproc_limit));
	return o;
}

static struct json_object *features_array(const struct vmp_bounds *b)
{
	struct json_object *array = json_object_new_array(), *o;

	for (size_t i = 0; i < b->feature_count; i++) {
		const struct vmp_probed *f = &b->features[i];

		o = json_object_new_object();
		vmp_json_add(o, "name", vmp_json_text(f->name));
		vmp_json_add(o, "available",
			     json_object_new_boolean(f->available));
		vmp_json_add(o, "reason",
			     f->available ? NULL : vmp_json_text(f->reason));
		json_object_array_add(array, o);
	}
	return array;
}

static void add_memory(struct json_object *o, const struct vmp_limits *l)
{
	vmp_json_add(o, "overcommit_memory",
		     json_object_new_int(l->overcommit_memory));
	vmp_json_add(o, "page_bytes", vmp_json_number(l->page_bytes));
	vmp_json_add(o, "total_bytes", bounded(l->total_bytes));
	vmp_json_add(o, "available_bytes", bounded(l->available_bytes));
	vmp_json_add(o, "swap_bytes", bounded(l->swap_bytes));
	vmp_json_add(o, "commit_limit_bytes", bounded(l->commit_limit_bytes));
	vmp_json_add(o, "committed_bytes", bounded(l->committed_bytes));
	vmp_json_add(o, "cgroup_available_bytes",
		     bounded(l->cgroup_available_bytes));
}

static struct json_object *bounds_object(const struct vmp_bounds *b)
{
	const struct vmp_system *s = &b->system;
	struct json_object *o = new_report(s->kernel, s->machine);

	vmp_json_add(o, "limit",
		     json_object_new_int64(b->limits.max_map_count));
	vmp_json_add(o, "limit_source", source_object(s));
	vmp_json_add(o, "distribution", known(s->distribution));
	vmp_json_add(o, "container", known(s->container));
	vmp_json_add(o, "sandbox", known(s->sandbox));
	vmp_json_add(o, "hypervisor", known(s->hypervisor));
	add_memory(o, &b->limits);
	vmp_json_add(o, "rlimits", rlimits_object(&b->self));
	vmp_json_add(o, "features", features_array(b));
	return o;
}

int vmp_report_bounds_json(const struct vmp_bounds *bounds, FILE *out)
{
	return vmp_json_print(bounds_object(bounds), out);
}

int vmp_report_limits_refused(const char *reason, FILE *out)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "schema", vmp_json_text("vmaprobe.limits/1"));
	vmp_json_add(o, "reason", vmp_json_text(reason));
	return vmp_json_print(o, out);
}

static void csv_value(FILE *out, const char *prefix, const char *key,
		      struct json_object *value)
{
	char name[128];

	snprintf(name, sizeof(name), "%s%s", prefix, key);
	vmp_csv_text(out, name);
	putc(',', out);
	if (value)
		vmp_csv_name(out, json_object_get_string(value));
	putc('\n', out);
}

/* All values of an object but arrays; those of one in it behind a dot. */
static void csv_values(FILE *out, const char *prefix, struct json_object *o)
{
	char deeper[64];

	for (struct lh_entry *e = json_object_get_object(o)->head; e;
	     e = e->next) {
		const char *key = lh_entry_k(e);
		struct json_object *value = lh_entry_v(e);

		snprintf(deeper, sizeof(deeper), "%s.", key);
		if (json_object_is_type(value, json_type_object))
			csv_values(out, deeper, value);
		else if (!json_object_is_type(value, json_type_array))
			csv_value(out, prefix, key, value);
	}
}

/* The same keys as in JSON. */
void vmp_report_bounds_csv(const struct vmp_bounds *bounds, FILE *out)
{
	struct json_object *o = bounds_object(bounds);

	fputs("key,value\n", out);
	csv_values(out, "", o);
	for (size_t i = 0; i < bounds->feature_count; i++)
		fprintf(out, "\"feature.%s\",\"%s\"\n",
			bounds->features[i].name,
			bounds->features[i].available ? "true" : "false");
	json_object_put(o);
}

static bool has_change(const struct vmp_cell *c)
{
	return c->result == VMP_CELL_OK || c->result == VMP_CELL_FAILED ||
	       c->result == VMP_CELL_LEAKED;
}

static void add_cell(struct json_object *o, const struct vmp_cell *c)
{
	bool killed = c->result == VMP_CELL_KILLED;

	vmp_json_add(o, "result", vmp_json_text(vmp_cell_results[c->result]));
	vmp_json_add(o, "errno", killed ? NULL : vmp_json_errno(c->error));
	vmp_json_add(o, "change",
		     has_change(c) ? json_object_new_int(c->change) : NULL);
	if (killed)
		vmp_json_add(o, "signal", json_object_new_int(c->error));
}

static struct json_object *cell_object(int operation, int headroom,
				       const struct vmp_cell *c)
{
	struct json_object *o = json_object_new_object();

	vmp_json_add(o, "operation",
		     vmp_json_text(vmp_operations[operation].name));
	vmp_json_add(o, "headroom", json_object_new_int(headroom));
	add_cell(o, c);
	return o;
}

/* In one line, so that a saved table can be read and compared line by line. */
static struct json_object *one_line(struct json_object *o)
{
	char *text = strdup(
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));

	if (text)
		json_object_set_serializer(o,
					   json_object_userdata_to_json_string,
					   text, json_object_free_userdata);
	return o;
}

static void add_call(struct json_object *array, int operation, int i,
		     const struct vmp_truth_cell *cell)
{
	for (int run = 0; run < 1 + cell->unstable; run++) {
		struct json_object *o = cell_object(
			operation, VMP_HEADROOM_LEAST + i, &cell->run[run]);

		if (cell->unstable)
			vmp_json_add(o, "unstable",
				     json_object_new_boolean(true));
		json_object_array_add(array, one_line(o));
	}
}

static struct json_object *calls_array(const struct vmp_truth *truth)
{
	struct json_object *array = json_object_new_array();

	for (int i = 0; i < VMP_OPERATIONS; i++)
		for (int j = 0; j < VMP_HEADROOMS && truth->row[i].present; j++)
			add_call(array, i, j, &truth->row[i].cell[j]);
	return array;
}

static struct json_object *side(const struct vmp_cell *c)
{
	struct json_object *o = json_object_new_object();

	add_cell(o, c);
	return o;
}

static struct json_object *
differences_array(const struct vmp_comparison *comparison)
{
	struct json_object *array = json_object_new_array(), *o;

	for (size_t i = 0; i < comparison->count; i++) {
		const struct vmp_difference *d = &comparison->differences[i];

		o = json_object_new_object();
		vmp_json_add(o, "operation",
			     vmp_json_text(vmp_operations[d->operation].name));
		vmp_json_add(o, "headroom", json_object_new_int(d->headroom));
		vmp_json_add(o, "expected", side(d->expected));
		vmp_json_add(o, "found", side(d->found));
		json_object_array_add(array, one_line(o));
	}
	return array;
}

static struct json_object *
skipped_array(const struct vmp_comparison *comparison)
{
	struct json_object *array = json_object_new_array();

	for (int i = 0; i < VMP_OPERATIONS; i++)
		if (comparison->skipped[i] != VMP_COMPARED)
			json_object_array_add(
				array, vmp_json_text(vmp_operations[i].name));
	return array;
}

static struct json_object *limit(int64_t value)
{
	return value < 0 ? NULL : json_object_new_int64(value);
}

static void add_comparison(struct json_object *o,
			   const struct vmp_truth_report *r)
{
	struct json_object *e = json_object_new_object();

	vmp_json_add(e, "name", vmp_json_text(r->expected_name));
	vmp_json_add(e, "kernel", known(r->expected->kernel));
	vmp_json_add(e, "machine", known(r->expected->machine));
	vmp_json_add(e, "libc", known(r->expected->libc));
	vmp_json_add(e, "limit", limit(r->expected->limit));
	vmp_json_add(e, "operations_unknown",
		     vmp_json_number(r->expected->unknown));
	vmp_json_add(o, "expected", e);
	vmp_json_add(o, "compared", vmp_json_number(r->comparison->compared));
	vmp_json_add(o, "differences", differences_array(r->comparison));
	vmp_json_add(o, "not_compared", skipped_array(r->comparison));
}

/* Null where it fails with all that were tried, or is not available. */
static struct json_object *needs_array(const struct vmp_truth *truth)
{
	struct json_object *array = json_object_new_array(), *o;

	for (int i = 0; i < VMP_OPERATIONS; i++) {
		const struct vmp_truth_row *row = &truth->row[i];
		int needs = vmp_truth_needs(row);
		bool is_known = vmp_truth_available(row) &&
				needs <= VMP_HEADROOM_MOST;

		if (!row->present)
			continue;
		o = json_object_new_object();
		vmp_json_add(o, "operation",
			     vmp_json_text(vmp_operations[i].name));
		vmp_json_add(o, "needs",
			     is_known ? json_object_new_int(needs) : NULL);
		json_object_array_add(array, one_line(o));
	}
	return array;
}

int vmp_report_truth_json(const struct vmp_truth_report *r, FILE *out)
{
	const struct vmp_truth *t = r->truth;
	struct json_object *o = new_report(t->kernel, t->machine);

	vmp_json_add(o, "libc", known(t->libc));
	vmp_json_add(o, "version", known(t->version));
	vmp_json_add(o, "limit", limit(t->limit));
	if (t->reason[0])
		vmp_json_add(o, "reason", vmp_json_text(t->reason));
	if (r->expected)
		add_comparison(o, r);
	vmp_json_add(o, "needs", needs_array(t));
	vmp_json_add(o, "calls", calls_array(t));
	return vmp_json_print(o, out);
}

static void csv_result(FILE *out, const struct vmp_cell *c)
{
	const char *error = vmp_errno_name(c->error);
	char number[16] = "";

	if (c->error && c->result != VMP_CELL_KILLED)
		snprintf(number, sizeof(number), "%d", c->error);
	fprintf(out, ",%s,%s,", vmp_cell_results[c->result],
		*number && error ? error : number);
	if (has_change(c))
		fprintf(out, "%d", c->change);
}

static void csv_cells(FILE *out, int operation, const struct vmp_truth_row *row)
{
	for (int i = 0; i < VMP_HEADROOMS && row->present; i++)
		for (int run = 0; run < 1 + row->cell[i].unstable; run++) {
			fprintf(out, "%s,%d", vmp_operations[operation].name,
				VMP_HEADROOM_LEAST + i);
			csv_result(out, &row->cell[i].run[run]);
			putc('\n', out);
		}
}

static void csv_differences(FILE *out, const struct vmp_comparison *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct vmp_difference *d = &c->differences[i];

		fprintf(out, "%s,%d", vmp_operations[d->operation].name,
			d->headroom);
		csv_result(out, d->found);
		csv_result(out, d->expected);
		putc('\n', out);
	}
}

void vmp_report_truth_csv(const struct vmp_truth_report *r, FILE *out)
{
	fputs("operation,headroom,result,errno,change", out);
	if (r->expected) {
		fputs(",expected_result,expected_errno,expected_change\n", out);
		csv_differences(out, r->comparison);
		return;
	}
	putc('\n', out);
	for (int i = 0; i < VMP_OPERATIONS; i++)
		csv_cells(out, i, &r->truth->row[i]);
}
