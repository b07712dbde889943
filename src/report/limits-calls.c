// SPDX-License-Identifier: GPL-2.0-or-later
/* The truth table for people: a matrix, or what differs from another one. */
#include <string.h>

#include "engine/verb.h"
#include "report/limits.h"
#include "report/table.h"

enum { OPERATION_COLUMN, FIRST_CELL };
enum { NEEDS_COLUMN = FIRST_CELL + VMP_HEADROOMS, ERRNO_COLUMN, COLUMNS };

static const char legend[] =
	"0, +1, -1: it worked, and the map count changed by so much. x: it "
	"failed; x+1: it failed, and what it had done until then stays. leak: "
	"the memory is still mapped, and nobody was told. NEEDS: how many "
	"mappings must be left so that it works.";

/* "works", "ENOMEM, +1": also what a failed call left. Returns: buffer. */
static char *cell_words(const struct vmp_cell *c, char *buffer, size_t size)
{
	const char *name = vmp_errno_name(c->error);
	char change[16] = "";

	if (c->change)
		snprintf(change, sizeof(change), ", %+d", c->change);
	if (c->result == VMP_CELL_OK)
		snprintf(buffer, size, "works%s", change);
	else if (c->result == VMP_CELL_FAILED)
		snprintf(buffer, size, "%s%s", name ? name : "fails", change);
	else if (c->result == VMP_CELL_UNAVAILABLE)
		snprintf(buffer, size, "%s: not there", name ? name : "?");
	else if (c->result == VMP_CELL_KILLED)
		snprintf(buffer, size, "signal %d", c->error);
	else
		snprintf(buffer, size, "%s", vmp_cell_results[c->result]);
	return buffer;
}

static const char *cell_text(const struct vmp_truth_cell *cell, char *buffer,
			     size_t size)
{
	static const char *const marks[VMP_CELL_RESULTS] = {
		[VMP_CELL_NOT_RUN] = "",    [VMP_CELL_LEAKED] = "leak",
		[VMP_CELL_KILLED] = "kill", [VMP_CELL_CANNOT] = "-",
		[VMP_CELL_UNSETTLED] = "-",
	};
	const struct vmp_cell *c = &cell->run[0];

	if (cell->unstable)
		snprintf(buffer, size, "?");
	else if (c->result == VMP_CELL_OK)
		snprintf(buffer, size, c->change ? "%+d" : "0", c->change);
	else if (c->result == VMP_CELL_FAILED)
		snprintf(buffer, size, c->change ? "x%+d" : "x", c->change);
	else
		snprintf(buffer, size, "%s", marks[c->result]);
	return buffer;
}

static enum vmp_accent cell_accent(const struct vmp_truth_cell *cell)
{
	if (cell->unstable)
		return VMP_STRONG;
	return cell->run[0].result == VMP_CELL_OK ? VMP_PLAIN : VMP_BAD;
}

static void put_needs(struct vmp_table *table, const struct vmp_truth_row *row)
{
	int needs = vmp_truth_needs(row);
	char text[16];

	snprintf(text, sizeof(text), needs > VMP_HEADROOM_MOST ? ">%d" : "%d",
		 needs > VMP_HEADROOM_MOST ? VMP_HEADROOM_MOST : needs);
	vmp_table_text(table, NEEDS_COLUMN,
		       needs == VMP_HEADROOM_LEAST ? "any" : text);
}

/* What it fails with: of several names the first. */
static const char *row_errno(const struct vmp_truth_row *row)
{
	for (int i = 0; i < VMP_HEADROOMS; i++)
		if (row->cell[i].run[0].result == VMP_CELL_FAILED)
			return vmp_errno_name(row->cell[i].run[0].error);
	return NULL;
}

static void put_row(struct vmp_table *table, int operation,
		    const struct vmp_truth_row *row)
{
	char text[32];

	vmp_table_row(table);
	vmp_table_text(table, OPERATION_COLUMN, vmp_operations[operation].name);
	for (int i = 0; i < VMP_HEADROOMS; i++) {
		vmp_table_text(table, FIRST_CELL + (size_t)i,
			       cell_text(&row->cell[i], text, sizeof(text)));
		vmp_table_accent(table, FIRST_CELL + (size_t)i,
				 cell_accent(&row->cell[i]));
	}
	put_needs(table, row);
	vmp_table_text(table, ERRNO_COLUMN, row_errno(row));
}

static void print_matrix(const struct vmp_truth *truth,
			 const struct vmp_style *style, FILE *out)
{
	static const struct vmp_column columns[COLUMNS] = {
		{ "OPERATION", 0 },	  { "-1", VMP_TABLE_RIGHT },
		{ "0", VMP_TABLE_RIGHT }, { "1", VMP_TABLE_RIGHT },
		{ "2", VMP_TABLE_RIGHT }, { "3", VMP_TABLE_RIGHT },
		{ "4", VMP_TABLE_RIGHT }, { "5", VMP_TABLE_RIGHT },
		{ "6", VMP_TABLE_RIGHT }, { "NEEDS", VMP_TABLE_RIGHT },
		{ "ERRNO", 0 },
	};
	struct vmp_table *table = vmp_table_new(style, out, columns, COLUMNS);

	_Static_assert(VMP_HEADROOM_LEAST == -1 && VMP_HEADROOM_MOST == 6,
		       "the columns are named by hand");
	for (int i = 0; i < VMP_OPERATIONS; i++)
		if (vmp_truth_available(&truth->row[i]))
			put_row(table, i, &truth->row[i]);
	vmp_table_print(table);
}

static void print_unstable(const struct vmp_truth *truth, FILE *out)
{
	char first[64], second[64];

	for (int i = 0; i < VMP_OPERATIONS; i++)
		for (int j = 0; j < VMP_HEADROOMS; j++) {
			const struct vmp_truth_cell *c = &truth->row[i].cell[j];

			if (!truth->row[i].present || !c->unstable)
				continue;
			fprintf(out,
				"Unstable: %s with headroom %d: first %s, then "
				"%s.\n",
				vmp_operations[i].name, VMP_HEADROOM_LEAST + j,
				cell_words(&c->run[0], first, sizeof(first)),
				cell_words(&c->run[1], second, sizeof(second)));
		}
}

/* A sentence that names operations: it begins, goes on with them, and ends. */
struct list {
	char text[VMP_OPERATIONS * 48 + 128];
	size_t used, count;
};

static void begin_list(struct list *list, const char *words)
{
	list->count = 0;
	list->used =
		(size_t)snprintf(list->text, sizeof(list->text), "%s", words);
}

static void put_name(struct list *list, int operation, const char *remark)
{
	list->used += (size_t)snprintf(list->text + list->used,
				       sizeof(list->text) - list->used,
				       "%s %s%s", list->count ? "," : "",
				       vmp_operations[operation].name, remark);
	list->count++;
}

static void print_list(struct list *list, const struct vmp_style *style,
		       FILE *out)
{
	if (!list->count)
		return;
	snprintf(list->text + list->used, sizeof(list->text) - list->used, ".");
	putc('\n', out);
	vmp_print_wrapped(style, out, list->text, 0, 0);
}

/* "..: mseal-middle (ENOSYS), ..." */
static void print_unavailable(const struct vmp_truth *truth,
			      const struct vmp_style *style, FILE *out)
{
	struct list list;
	char remark[32];

	begin_list(&list, "Not available here, whatever the headroom:");
	for (int i = 0; i < VMP_OPERATIONS; i++) {
		const struct vmp_truth_row *row = &truth->row[i];
		const char *error;

		if (!row->present || vmp_truth_available(row))
			continue;
		error = vmp_errno_name(row->cell[0].run[0].error);
		snprintf(remark, sizeof(remark), " (%s)",
			 error ? error : "no reason is told");
		put_name(&list, i, remark);
	}
	print_list(&list, style, out);
}

static bool has_rows(const struct vmp_truth *t)
{
	for (int i = 0; i < VMP_OPERATIONS; i++)
		if (vmp_truth_available(&t->row[i]))
			return true;
	return false;
}

/* An accented beginning of a paragraph, and the rest of it. */
static void print_answer(const struct vmp_style *style, FILE *out,
			 enum vmp_accent accent, const char *answer,
			 const char *rest)
{
	fprintf(out, "%s%s%s ", vmp_accent(style, accent), answer,
		vmp_accent(style, VMP_PLAIN));
	vmp_print_wrapped(style, out, rest, 0, strlen(answer) + 1);
}

static void print_table(const struct vmp_truth *t,
			const struct vmp_style *style, FILE *out)
{
	char kernel[300], text[400];

	vmp_escape(t->kernel, kernel, sizeof(kernel));
	snprintf(text, sizeof(text),
		 "on Linux %s. Each was made twice, in a process at its limit "
		 "of %s mappings.",
		 kernel, vmp_digits((uint64_t)t->limit));
	print_answer(style, out, VMP_STRONG,
		     "What memory calls do with -1 to 6 mappings left,", text);
	if (has_rows(t)) {
		putc('\n', out);
		print_matrix(t, style, out);
		putc('\n', out);
		vmp_print_wrapped(style, out, legend, 0, 0);
	}
	print_unstable(t, out);
	print_unavailable(t, style, out);
}

/* The same with one mapping more: a row of the table holds both. */
static bool goes_on(const struct vmp_difference *d,
		    const struct vmp_difference *next)
{
	return next->operation == d->operation &&
	       next->headroom == d->headroom + 1 &&
	       vmp_cell_same(next->expected, d->expected) &&
	       vmp_cell_same(next->found, d->found);
}

static void put_difference(struct vmp_table *table,
			   const struct vmp_difference *d,
			   const struct vmp_difference *last)
{
	char text[64];

	vmp_table_row(table);
	vmp_table_text(table, 0, vmp_operations[d->operation].name);
	snprintf(text, sizeof(text), d == last ? "%d" : "%d to %d", d->headroom,
		 last->headroom);
	vmp_table_text(table, 1, text);
	vmp_table_text(table, 2, cell_words(d->expected, text, sizeof(text)));
	vmp_table_text(table, 3, cell_words(d->found, text, sizeof(text)));
	vmp_table_accent(table, 3, VMP_BAD);
}

static void print_differences(const struct vmp_comparison *c,
			      const struct vmp_style *style, FILE *out)
{
	static const struct vmp_column columns[] = {
		{ "OPERATION", 0 },
		{ "HEADROOM", VMP_TABLE_RIGHT },
		{ "EXPECTED", 0 },
		{ "FOUND", 0 },
	};
	struct vmp_table *table = vmp_table_new(style, out, columns, 4);

	for (size_t i = 0, next; i < c->count; i = next) {
		next = i + 1;
		while (next < c->count && goes_on(&c->differences[next - 1],
						  &c->differences[next]))
			next++;
		put_difference(table, &c->differences[i],
			       &c->differences[next - 1]);
	}
	vmp_table_print(table);
}

static void print_skipped(const struct vmp_comparison *c,
			  const struct vmp_style *style, FILE *out)
{
	static const char *const words[VMP_SKIPS] = {
		[VMP_NOT_EXPECTED] = "Only here, and so not compared:",
		[VMP_NOT_PERMITTED] = "Not permitted here, or a resource limit "
				      "forbids it, and so not compared:",
		[VMP_OTHER_LIBC] = "Not compared, for the C library is another "
				   "one:",
	};
	struct list list;

	for (int why = VMP_COMPARED + 1; why < VMP_SKIPS; why++) {
		begin_list(&list, words[why]);
		for (int i = 0; i < VMP_OPERATIONS; i++)
			if ((int)c->skipped[i] == why)
				put_name(&list, i, "");
		print_list(&list, style, out);
	}
}

static void print_verdict(const struct vmp_truth_report *r,
			  const struct vmp_style *style, FILE *out)
{
	const struct vmp_comparison *c = r->comparison;
	char name[VMP_NAME_SIZE], kernel[300], expected[300], answer[96];
	char text[VMP_NAME_SIZE + 700];

	vmp_escape(r->expected_name, name, sizeof(name));
	vmp_escape(r->truth->kernel, kernel, sizeof(kernel));
	vmp_escape(r->expected->kernel, expected, sizeof(expected));
	if (!c->compared)
		snprintf(answer, sizeof(answer), "Nothing could be compared:");
	else if (c->count)
		snprintf(answer, sizeof(answer),
			 "%s of %s results differ%s:", vmp_digits(c->count),
			 vmp_digits(c->compared), c->count == 1 ? "s" : "");
	else
		snprintf(answer, sizeof(answer),
			 "All %s results agree:", vmp_digits(c->compared));
	snprintf(text, sizeof(text), "Linux %s, held against %s (Linux %s).",
		 kernel, strcmp(name, "-") ? name : "standard input",
		 *expected ? expected : "?");
	print_answer(style, out, c->count || !c->compared ? VMP_BAD : VMP_GOOD,
		     answer, text);
}

static void print_comparison(const struct vmp_truth_report *r,
			     const struct vmp_style *style, FILE *out)
{
	print_verdict(r, style, out);
	if (r->comparison->count) {
		putc('\n', out);
		print_differences(r->comparison, style, out);
	}
	print_unstable(r->truth, out);
	print_skipped(r->comparison, style, out);
	if (r->expected->unknown)
		fprintf(out,
			"\n%s results there are of operations that this "
			"version does not know.\n",
			vmp_digits(r->expected->unknown));
}

void vmp_report_truth(const struct vmp_truth_report *report,
		      const struct vmp_style *style, FILE *out)
{
	if (report->expected)
		print_comparison(report, style, out);
	else
		print_table(report->truth, style, out);
}
