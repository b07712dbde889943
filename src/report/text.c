// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of a run for people. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lib/internal.h"
#include "report/report.h"
#include "report/table.h"

struct text {
	const struct vmp_run *run;
	const struct vmp_style *style;
	FILE *out;
};

static const char *number(uint64_t value, char *buffer)
{
	return vmp_group_digits((int64_t)value, buffer);
}

static const struct vmp_verb_row *verb_of(const struct vmp_run *run, size_t i)
{
	return &vmp_verbs[run->scenario->steps[i].verb];
}

/* The step that the headline is about: the first that failed, else -1. */
static ssize_t failed_step(const struct vmp_run *run)
{
	for (size_t i = 0; i < run->scenario->step_count; i++)
		if (run->steps[i].failed)
			return (ssize_t)i;
	return -1;
}

static void print_headline(const struct text *t, enum vmp_accent accent,
			   const char *words)
{
	fputs(vmp_accent(t->style, accent), t->out);
	vmp_print_wrapped(t->style, t->out, words, 0, 0);
	fputs(vmp_accent(t->style, VMP_PLAIN), t->out);
}

const char *const vmp_cause_words[VMP_CAUSES] = {
	[VMP_CAUSE_MAP_COUNT] = "the limit of mappings is reached",
	[VMP_CAUSE_RLIMIT_AS] = "RLIMIT_AS is reached",
	[VMP_CAUSE_RLIMIT_DATA] = "RLIMIT_DATA is reached",
	[VMP_CAUSE_RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK is reached",
	[VMP_CAUSE_RLIMIT_NPROC] = "too many threads or processes",
	[VMP_CAUSE_OVERCOMMIT] = "the commit limit is reached",
	[VMP_CAUSE_ADDRESS_SPACE] = "no address range is free",
	[VMP_CAUSE_UNMAPPED_RANGE] = "a part of the range is not mapped",
	[VMP_CAUSE_NO_ROOM] = "another mapping is in the way",
	[VMP_CAUSE_HUGE_PAGES] = "too few huge pages are free",
	[VMP_CAUSE_CGROUP] = "the memory cgroup is full",
	[VMP_CAUSE_UNKNOWN] = "cannot tell why",
};

static void headline_failure(const struct text *t, size_t i)
{
	const struct vmp_step_result *r = &t->run->steps[i];
	const struct vmp_diagnosis *d = &r->diagnosis;
	const char *name = vmp_errno_name(r->first.error);
	char failed[32], calls[32], bytes[32], words[512];

	number(r->calls, calls);
	if (r->first.error == VMP_ERROR_LEAK)
		snprintf(words, sizeof(words),
			 "free() leaked %s without a "
			 "word: %s of %s blocks are still mapped.",
			 vmp_human_bytes(r->leaked_bytes, bytes),
			 number(r->failed, failed), calls);
	else
		snprintf(words, sizeof(words), "%s() failed with %s: %s%s.",
			 verb_of(t->run, i)->call, name ? name : "an error",
			 d->certainty == VMP_LIKELY ? "likely " : "",
			 !r->first_mappings ? "its cause was not read"
			 : r->first.error == EINVAL
				 ? "an argument is not valid"
				 : vmp_cause_words[d->cause]);
	print_headline(t, VMP_STRONG, words);
	if (r->diagnosis.explanation[0])
		vmp_print_wrapped(t->style, t->out, r->diagnosis.explanation, 0,
				  0);
}

static void headline_success(const struct text *t)
{
	char calls[32], peak[32], limit[32], words[256];
	uint64_t sum = 0;

	for (size_t i = 0; i < t->run->scenario->step_count; i++)
		sum += t->run->steps[i].calls;
	print_headline(t, VMP_STRONG,
		       sum ? "No call failed." : "No call was made.");
	if (!sum)
		return;
	snprintf(words, sizeof(words),
		 "All %s calls did what they were asked "
		 "to; the process held at most %s of %s mappings.",
		 number(sum, calls), number(t->run->peak, peak),
		 number((uint64_t)t->run->limit, limit));
	vmp_print_wrapped(t->style, t->out, words, 0, 0);
}

static void print_answer(const struct text *t)
{
	ssize_t failed = failed_step(t->run);
	char words[900], reason[800];

	if (t->run->ended != VMP_FINISHED) {
		snprintf(words, sizeof(words), "Cut short: %s.",
			 vmp_escape(t->run->reason, reason, sizeof(reason)));
		print_headline(t, VMP_BAD, words);
	}
	if (failed >= 0)
		headline_failure(t, (size_t)failed);
	else if (t->run->ended == VMP_FINISHED)
		headline_success(t);
}

static void print_place(const struct text *t)
{
	const struct vmp_run *run = t->run;
	char words[1024], name[256], library[600], limit[32];

	snprintf(words, sizeof(words),
		 "Scenario %s, %s, vm.max_map_count %s, "
		 "%s.",
		 vmp_escape(run->scenario->name, name, sizeof(name)),
		 run->kernel, number((uint64_t)run->limit, limit),
		 vmp_escape(run->allocator, library, sizeof(library)));
	fprintf(t->out, "\n%s", vmp_accent(t->style, VMP_QUIET));
	vmp_print_wrapped(t->style, t->out, words, 0, 0);
	fputs(vmp_accent(t->style, VMP_PLAIN), t->out);
}

enum step_column { STEP, CALLS, FAILED, MAPPINGS, TIME, STEP_COLUMNS };

static void put_mappings(const struct text *t, size_t i, char *buffer,
			 size_t size)
{
	const struct vmp_step_result *r = &t->run->steps[i];
	char before[32], after[32] = "?";

	if (r->mappings_after)
		number(r->mappings_after, after);
	snprintf(buffer, size, "%s %s %s", number(r->mappings_before, before),
		 t->style->unicode ? "→" : "to", after);
}

/* What the columns beside STEP take, with two blanks before each. */
static size_t other_columns(const struct text *t)
{
	char text[80], calls[32];
	size_t mappings = 0, most = 0, columns;

	for (size_t i = 0; i < t->run->scenario->step_count; i++) {
		put_mappings(t, i, text, sizeof(text));
		columns = vmp_columns(text);
		mappings = columns > mappings ? columns : mappings;
		columns = strlen(number(t->run->steps[i].calls, calls));
		most = columns > most ? columns : most;
	}
	/* FAILED has no more digits than CALLS; TIME is "0.166 s" */
	return mappings + 2 * (most > 6 ? most : 6) + 8 + 4 * 2;
}

static void add_step(struct vmp_table *table, const struct text *t, size_t i,
		     size_t others)
{
	const struct vmp_step *step = &t->run->scenario->steps[i];
	const struct vmp_step_result *r = &t->run->steps[i];
	char text[2048];

	vmp_table_row(table);
	vmp_table_wrapped(table, STEP,
			  vmp_escape(step->text, text, sizeof(text)),
			  t->style->width - others);
	if (!r->run) {
		vmp_table_text(table, CALLS, "not run");
		return;
	}
	vmp_table_number(table, CALLS, r->calls);
	vmp_table_number(table, FAILED, r->failed);
	put_mappings(t, i, text, sizeof(text));
	vmp_table_text(table, MAPPINGS, text);
	snprintf(text, sizeof(text), "%.3f s", r->seconds);
	vmp_table_text(table, TIME, text);
	if (r->failed)
		vmp_table_accent(table, FAILED, VMP_BAD);
}

static void print_steps(const struct text *t)
{
	static const struct vmp_column columns[STEP_COLUMNS] = {
		[STEP] = { "STEP", VMP_TABLE_WRAP },
		[CALLS] = { "CALLS", VMP_TABLE_RIGHT },
		[FAILED] = { "FAILED", VMP_TABLE_RIGHT },
		[MAPPINGS] = { "MAPPINGS", VMP_TABLE_RIGHT },
		[TIME] = { "TIME", VMP_TABLE_RIGHT },
	};
	struct vmp_table *table =
		vmp_table_new(t->style, t->out, columns, STEP_COLUMNS);
	size_t others = other_columns(t);

	for (size_t i = 0; i < t->run->scenario->step_count; i++)
		add_step(table, t, i, others);
	putc('\n', t->out);
	vmp_table_print(table);
}

/* "Resident: 4.2 MiB after touch buffer, 2.2 MiB after advise buffer." */
static void print_resident(const struct text *t)
{
	const struct vmp_scenario *s = t->run->scenario;
	char words[1024], bytes[32];
	bool gives_back = false;
	size_t used = 0, values = 0;
	int n;

	for (size_t i = 0; i < s->step_count; i++) {
		if (!t->run->steps[i].resident_bytes)
			continue;
		n = snprintf(words + used, sizeof(words) - used,
			     "%s%s after %s %s", used ? ", " : "Resident: ",
			     vmp_human_bytes(t->run->steps[i].resident_bytes,
					     bytes),
			     verb_of(t->run, i)->name,
			     s->groups[s->steps[i].group].name);
		if (n < 0 || (size_t)n >= sizeof(words) - used - 1)
			break;
		used += (size_t)n;
		values++;
		gives_back |= s->steps[i].verb == VMP_VERB_advise;
	}
	/* it says something where there is a before and an after */
	if (values < 2 || !gives_back)
		return;
	words[used] = '\0';
	putc('\n', t->out);
	vmp_print_wrapped(t->style, t->out, strcat(words, "."), 0, 0);
}

/* Blocks that an allocator keeps without a claim: nobody can call them lost. */
static void print_kept(const struct text *t)
{
	char kept[32], calls[32], words[300];

	for (size_t i = 0; i < t->run->scenario->step_count; i++) {
		const struct vmp_step_result *r = &t->run->steps[i];

		/* the few that glibc puts on its heap are no news */
		if (r->kept < r->failed || !r->kept)
			continue;
		snprintf(words, sizeof(words),
			 "%s of %s freed blocks stayed mapped without a claim: "
			 "the allocator keeps them for later use, or lost "
			 "them. It does not say.",
			 number(r->kept, kept), number(r->calls, calls));
		putc('\n', t->out);
		vmp_print_wrapped(t->style, t->out, words, 0, 0);
	}
}

static void print_field(const struct text *t, const char *label,
			const char *value)
{
	fprintf(t->out, "  %-10s", label);
	vmp_print_wrapped(t->style, t->out, value, 12, 12);
}

/* "munmap(0x7f0012345000, 4,096) = ENOMEM" */
static void print_call(const struct text *t, size_t i)
{
	const struct vmp_step_result *r = &t->run->steps[i];
	const struct vmp_verb_row *verb = verb_of(t->run, i);
	const char *name = vmp_errno_name(r->first.error);
	char length[32], at[32], calls[32], words[256];
	int n;

	number(r->first.length, length);
	if (r->first.address && r->first.length)
		n = snprintf(words, sizeof(words), "%s(0x%" PRIx64 ", %s)",
			     verb->call, r->first.address, length);
	else if (r->first.length)
		n = snprintf(words, sizeof(words), "%s(%s)", verb->call,
			     length);
	else
		n = snprintf(words, sizeof(words), "%s()", verb->call);
	snprintf(words + n, sizeof(words) - (size_t)n, " %s, call %s of %s",
		 r->first.error == VMP_ERROR_LEAK ? "left it mapped"
		 : name				  ? name
						  : "failed",
		 number(r->first.index + 1, at), number(r->calls, calls));
	print_field(t, "call", words);
}

static void print_failure(const struct text *t, size_t i, bool explain)
{
	const struct vmp_step_result *r = &t->run->steps[i];
	char count[32], limit[32], headroom[32], text[512], words[256];

	fprintf(t->out, "\nFirst failure of step %zu, %s\n", i + 1,
		vmp_escape(t->run->scenario->steps[i].text, text,
			   sizeof(text)));
	print_call(t, i);
	if (!r->first_mappings)
		return;
	snprintf(words, sizeof(words), "%s of %s, headroom %s",
		 number(r->first_mappings, count),
		 number((uint64_t)r->first_limit, limit),
		 vmp_group_digits(r->first_limit - (int64_t)r->first_mappings,
				  headroom));
	print_field(t, "mappings", words);
	if (r->diagnosis.cause == VMP_CAUSE_UNKNOWN)
		snprintf(words, sizeof(words), "unknown");
	else
		snprintf(words, sizeof(words), "%s (%s)",
			 vmp_cause_name(r->diagnosis.cause),
			 vmp_certainty_name(r->diagnosis.certainty));
	print_field(t, "cause", words);
	if (explain)
		print_field(t, "why", r->diagnosis.explanation);
}

static void print_leak(const struct text *t, size_t i)
{
	const struct vmp_step_result *r = &t->run->steps[i];
	uint64_t back = r->bytes_before > r->bytes_after
				? r->bytes_before - r->bytes_after
				: 0;
	char asked[32], given[32], leaked[32], words[400];

	if (r->claims)
		snprintf(words, sizeof(words),
			 "malloc says that it gave back "
			 "%s (mallinfo2). The process shrank by %s: %s are "
			 "still mapped, and nobody knows of them.",
			 vmp_human_bytes(r->claimed_bytes, asked),
			 vmp_human_bytes(back, given),
			 vmp_human_bytes(r->leaked_bytes, leaked));
	else
		snprintf(words, sizeof(words),
			 "The program asked to give back "
			 "%s. %s of that came back, %s are still mapped.",
			 vmp_human_bytes(back + r->leaked_bytes, asked),
			 vmp_human_bytes(back, given),
			 vmp_human_bytes(r->leaked_bytes, leaked));
	print_field(t, "leaked", words);
}

static void print_failures(const struct text *t)
{
	ssize_t headline = failed_step(t->run);

	for (size_t i = 0; i < t->run->scenario->step_count; i++) {
		if (!t->run->steps[i].failed)
			continue;
		print_failure(t, i, (ssize_t)i != headline);
		if (t->run->steps[i].leaked_bytes)
			print_leak(t, i);
	}
}

static void print_expectations(const struct text *t)
{
	const struct vmp_scenario *s = t->run->scenario;
	bool done = t->run->verdict != VMP_CANNOT_RUN;
	const char *yes = t->style->unicode ? "✓" : "yes";
	const char *no = t->style->unicode ? "✗" : "NO";
	char text[512];

	if (!s->expectation_count || !done)
		return;
	fputs("\nExpected\n", t->out);
	for (size_t i = 0; i < s->expectation_count; i++)
		fprintf(t->out, "  %s%s%s  %s\n",
			vmp_accent(t->style,
				   t->run->met[i] ? VMP_GOOD : VMP_BAD),
			t->run->met[i] ? yes : no,
			vmp_accent(t->style, VMP_PLAIN),
			vmp_escape(s->expectations[i].text, text,
				   sizeof(text)));
}

static void print_verdict(const struct text *t)
{
	static const char *const words[] = {
		[VMP_REPRODUCED] = "reproduced: everything that the scenario "
				   "expects came true.",
		[VMP_NOT_REPRODUCED] = "not reproduced: something that the "
				       "scenario expects did not come true.",
		[VMP_CANNOT_RUN] = "cannot tell: the run was cut short.",
	};
	const struct vmp_run *run = t->run;
	const char *verdict = words[run->verdict];

	if (!run->scenario->expectation_count && run->verdict == VMP_REPRODUCED)
		verdict = "the scenario expects nothing; it ran to its end.";
	fprintf(t->out, "\n%sVerdict%s  %s\n", vmp_accent(t->style, VMP_STRONG),
		vmp_accent(t->style, VMP_PLAIN), verdict);
}

static void print_limit_change(const struct text *t)
{
	char before[32], after[32], words[200];

	if (t->run->limit == t->run->limit_at_end)
		return;
	snprintf(words, sizeof(words),
		 "vm.max_map_count changed during the run, from %s to %s: the "
		 "figures above mix both.",
		 vmp_group_digits(t->run->limit, before),
		 vmp_group_digits(t->run->limit_at_end, after));
	putc('\n', t->out);
	vmp_print_wrapped(t->style, t->out, words, 0, 0);
}

void vmp_report_text(const struct vmp_run *run, const struct vmp_style *style,
		     FILE *out)
{
	struct text t = { run, style, out };

	print_answer(&t);
	print_place(&t);
	print_steps(&t);
	print_resident(&t);
	print_kept(&t);
	print_failures(&t);
	print_limit_change(&t);
	print_expectations(&t);
	print_verdict(&t);
}
