// SPDX-License-Identifier: GPL-2.0-or-later
/* One scenario under several allocators: what each leaves behind, as a table. */
#include "lib/internal.h"
#include "report/report.h"
#include "report/table.h"

enum { ALLOCATOR, PEAK, LEAKED, MAPPED, RESIDENT, WORKS, COLUMNS };

static const struct vmp_step_result *last_malloc(const struct vmp_run *run)
{
	const struct vmp_step_result *last = NULL;

	for (size_t i = 0; i < run->scenario->step_count; i++)
		if (run->scenario->steps[i].verb == VMP_VERB_malloc)
			last = &run->steps[i];
	return last;
}

static void put_bytes(struct vmp_table *table, size_t column, uint64_t bytes)
{
	char text[32];

	vmp_table_text(table, column, vmp_human_bytes(bytes, text));
}

/* "yes", or at which call of the last malloc step it ended */
static void put_works(struct vmp_table *table, const struct vmp_run *run)
{
	const struct vmp_step_result *r = last_malloc(run);
	char at[32], text[64];

	if (!r || !r->run) {
		vmp_table_text(table, WORKS, "not tried");
		return;
	}
	if (!r->failed) {
		vmp_table_text(table, WORKS, "yes");
		return;
	}
	snprintf(text, sizeof(text), "no: NULL at call %s",
		 vmp_group_digits((int64_t)r->first.index + 1, at));
	vmp_table_text(table, WORKS, text);
	vmp_table_accent(table, WORKS, VMP_BAD);
}

/* Only what is claimed can be leaked: others keep memory, and say so. */
static bool claims(const struct vmp_run *run)
{
	for (size_t i = 0; i < run->scenario->step_count; i++)
		if (run->steps[i].claimed_bytes)
			return true;
	return false;
}

static void put_run(struct vmp_table *table, const struct vmp_run *run,
		    const char *name)
{
	vmp_table_row(table);
	vmp_table_text(table, ALLOCATOR, name);
	if (run->ended != VMP_FINISHED) {
		vmp_table_wrapped(table, WORKS, run->reason, 36);
		return;
	}
	vmp_table_number(table, PEAK, run->peak);
	if (claims(run))
		put_bytes(table, LEAKED, run->leaked_bytes);
	else
		vmp_table_text(table, LEAKED, "no claim");
	if (run->leaked_bytes)
		vmp_table_accent(table, LEAKED, VMP_BAD);
	put_bytes(table, MAPPED, run->size_bytes);
	put_bytes(table, RESIDENT, run->resident_bytes);
	put_works(table, run);
}

void vmp_report_allocators(const struct vmp_run *runs, const char *const *names,
			   size_t count, const struct vmp_style *style,
			   FILE *out)
{
	static const struct vmp_column columns[COLUMNS] = {
		[ALLOCATOR] = { "ALLOCATOR", 0 },
		[PEAK] = { "MAPPINGS", VMP_TABLE_RIGHT },
		[LEAKED] = { "LEAKED", VMP_TABLE_RIGHT },
		[MAPPED] = { "STILL MAPPED", VMP_TABLE_RIGHT },
		[RESIDENT] = { "RESIDENT", VMP_TABLE_RIGHT },
		[WORKS] = { "MALLOC STILL WORKS", VMP_TABLE_WRAP },
	};
	struct vmp_table *table = vmp_table_new(style, out, columns, COLUMNS);
	char limit[32], words[400];

	for (size_t i = 0; i < count; i++)
		put_run(table, &runs[i], names[i]);
	vmp_table_print(table);
	snprintf(words, sizeof(words),
		 "MAPPINGS is the highest count, of %s "
		 "allowed. LEAKED is what malloc says it gave back and did "
		 "not: only glibc makes such a claim. The rest of what is "
		 "still mapped is in use, or kept for later.",
		 vmp_group_digits(runs[0].limit, limit));
	putc('\n', out);
	vmp_print_wrapped(style, out, words, 0, 0);
}
