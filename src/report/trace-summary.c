// SPDX-License-Identifier: GPL-2.0-or-later
/* The sums of a trace for people: the answer first, tables below it. */
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/internal.h"
#include "report/table.h"
#include "report/trace.h"

struct summary {
	const struct vmp_trace_view *view;
	const struct vmp_trace_end *end;
	FILE *out;
	const struct vmp_tally_row *rows;
	size_t row_count;
	uint64_t calls, failures;
};

static void print(const struct summary *s, enum vmp_accent accent,
		  const char *words)
{
	fputs(vmp_accent(s->view->style, accent), s->out);
	vmp_print_wrapped(s->view->style, s->out, words, 0, 0);
	fputs(vmp_accent(s->view->style, VMP_PLAIN), s->out);
}

/* ", all munmap() with ENOMEM: the limit of mappings is reached" */
static void kind_words(const struct summary *s, char *text, size_t size)
{
	const struct vmp_tally_row *r = s->rows;
	char error[32];

	*text = '\0';
	if (!s->row_count || 2 * r->failures <= s->failures)
		return;
	snprintf(text, size, ", %s%s() with %s: %s%s",
		 s->failures == 1	      ? ""
		 : r->failures == s->failures ? "all "
					      : "most of them ",
		 r->row->name, vmp_error_text(r->error, error, sizeof(error)),
		 r->doubted ? "likely " : "", vmp_cause_words[r->cause]);
}

static void print_answer(const struct summary *s)
{
	char words[400], kind[200];

	kind_words(s, kind, sizeof(kind));
	if (s->failures > s->calls)
		snprintf(words, sizeof(words), "%s memory call%s failed%s.",
			 vmp_digits(s->failures), s->failures == 1 ? "" : "s",
			 kind);
	else if (s->failures)
		snprintf(words, sizeof(words),
			 "%s of %s memory call%s failed%s.",
			 vmp_digits(s->failures), vmp_digits(s->calls),
			 s->calls == 1 ? "" : "s", kind);
	else if (s->calls)
		snprintf(words, sizeof(words),
			 "No memory call failed (%s call%s).",
			 vmp_digits(s->calls), s->calls == 1 ? "" : "s");
	else
		snprintf(words, sizeof(words), "No memory call was seen.");
	print(s, VMP_STRONG, words);
}

static void print_leak(const struct summary *s)
{
	uint64_t bytes = vmp_tally_leaked_bytes(s->end->tally);
	char words[200], size[32];

	if (!bytes)
		return;
	snprintf(words, sizeof(words),
		 "%s that the program asked to give back stayed mapped.",
		 vmp_human_bytes(bytes, size));
	print(s, VMP_PLAIN, words);
}

/* --headroom was meant for one of them, perhaps. */
static void print_lacking(const struct summary *s)
{
	const struct vmp_trace_result *r = s->end->result;
	bool one = r->lacking == 1;
	char words[400], name[80], others[64] = "";

	if (!r->lacking)
		return;
	if (!one)
		snprintf(others, sizeof(others), " and %s other%s",
			 vmp_digits(r->lacking - 1),
			 r->lacking == 2 ? "" : "s");
	snprintf(words, sizeof(words),
		 "%s program%s that it ran (%s%s) had no ballast%s",
		 vmp_digits(r->lacking), one ? "" : "s",
		 vmp_escape(*r->lacks ? r->lacks : "?", name, sizeof(name)),
		 others,
		 s->end->children ? "."
		 : one		  ? ": --children gives it the same headroom."
		       : ": --children gives them the same headroom.");
	print(s, VMP_BAD, words);
}

/* How long, by what, the peak, and how the command ended. */
static void print_place(const struct summary *s)
{
	const struct vmp_trace_result *r = s->end->result;
	char words[600], peak[120] = "", status[80] = "", ballast[80] = "";

	if (r->peak_mappings >= 0)
		snprintf(peak, sizeof(peak),
			 " Most mappings at once: %s, in process %d.",
			 vmp_digits((uint64_t)r->peak_mappings), r->peak_pid);
	if (r->ballast)
		snprintf(ballast, sizeof(ballast),
			 " %s of the command's mappings %s ballast "
			 "(--headroom).",
			 vmp_digits((uint64_t)r->ballast),
			 r->ballast == 1 ? "was" : "were");
	if (s->end->status >= 0 && WIFSIGNALED(r->status))
		snprintf(status, sizeof(status),
			 " The command was ended by signal %d.",
			 WTERMSIG(r->status));
	else if (s->end->status > 0)
		snprintf(status, sizeof(status),
			 " The command ended with status %d.", s->end->status);
	snprintf(words, sizeof(words), "Traced by %s for %.3f s%s.%s%s%s%s",
		 s->end->backend, s->end->seconds,
		 r->timed_out	  ? ", as long as asked for"
		 : r->interrupted ? ", until it was interrupted"
				  : "",
		 r->stopped_by_sink
			 ? " Stopped at the first failure (--until-first)."
			 : "",
		 ballast, peak, status);
	print(s, VMP_QUIET, words);
}

static void print_lost(const struct summary *s)
{
	const struct vmp_trace_result *r = s->end->result;
	uint64_t others = r->lost - r->lost_failures;
	char words[400];

	if (r->lost_failures) {
		snprintf(words, sizeof(words),
			 "%s failure%s came too fast to be looked at: counted "
			 "in the first line, and not in the tables.",
			 vmp_digits(r->lost_failures),
			 r->lost_failures == 1 ? "" : "s");
		print(s, VMP_BAD, words);
	}
	if (others) {
		snprintf(
			words, sizeof(words),
			"Calls that worked, came too fast to be looked at, and "
			"are not in the tables: %s.",
			vmp_digits(others));
		print(s, VMP_BAD, words);
	}
	if (r->missed) {
		snprintf(words, sizeof(words),
			 "Up to %s call%s not seen, failures among them "
			 "perhaps: the kernel did not let BPF look at them "
			 "(those of all processes and all system calls are "
			 "counted here). "
			 "--backend=ptrace sees every call.",
			 vmp_digits(r->missed),
			 r->missed == 1 ? " was" : "s were");
		print(s, VMP_BAD, words);
	}
}

static void print_notes(const struct summary *s)
{
	char words[300];

	print_lost(s);
	if (*s->end->missing && (s->failures || s->view->sites)) {
		snprintf(words, sizeof(words), "Stacks: %s.", s->end->missing);
		print(s, VMP_QUIET, words);
	}
}

static void print_kinds(const struct summary *s)
{
	static const struct vmp_column columns[] = {
		{ "FAILED", VMP_TABLE_RIGHT },
		{ "CALL", 0 },
		{ "ERRNO", 0 },
		{ "CAUSE", 0 },
	};
	struct vmp_table *table;
	char error[32];

	/* one kind is in the first line */
	if (s->row_count < 2)
		return;
	putc('\n', s->out);
	table = vmp_table_new(s->view->style, s->out, columns,
			      VMP_COUNT(columns));
	for (size_t i = 0; i < s->row_count; i++) {
		const struct vmp_tally_row *r = &s->rows[i];

		vmp_table_row(table);
		vmp_table_number(table, 0, r->failures);
		vmp_table_text(table, 1, r->row->name);
		vmp_table_text(table, 2,
			       vmp_error_text(r->error, error, sizeof(error)));
		vmp_table_text(table, 3, vmp_cause_name(r->cause));
	}
	vmp_table_print(table);
}

enum { FIGURE, SECOND, CALL, PLACE, COLUMNS };

/* A table of sites: two figures, the call, the place. */
struct listing {
	struct vmp_column columns[COLUMNS];
	enum vmp_site_order order;
	bool (*shown)(const struct vmp_site *site);
	void (*figures)(const struct vmp_site *site, char first[32],
			char second[32]);
};

static bool has_failed(const struct vmp_site *site)
{
	return site->failures;
}

static void failure_figures(const struct vmp_site *site, char first[32],
			    char second[32])
{
	vmp_group_digits((int64_t)site->failures, first);
	if (site->leaked_bytes)
		vmp_human_bytes(site->leaked_bytes, second);
	else
		strcpy(second, "-");
}

static bool has_called(const struct vmp_site *site)
{
	return site->calls;
}

static void mapping_figures(const struct vmp_site *site, char first[32],
			    char second[32])
{
	char number[32];

	if (site->counted)
		snprintf(first, 32, "%s%.30s", site->mappings > 0 ? "+" : "",
			 vmp_group_digits(site->mappings, number));
	else
		strcpy(first, "?");
	vmp_group_digits((int64_t)site->calls, second);
}

static const struct listing failed_sites = {
	{ { "FAILED", VMP_TABLE_RIGHT },
	  { "LEAKED", VMP_TABLE_RIGHT },
	  { "CALL", 0 },
	  { "PLACE", VMP_TABLE_WRAP } },
	VMP_BY_FAILURES,
	has_failed,
	failure_figures,
};

static const struct listing all_sites = {
	{ { "MAPPINGS", VMP_TABLE_RIGHT },
	  { "CALLS", VMP_TABLE_RIGHT },
	  { "CALL", 0 },
	  { "PLACE", VMP_TABLE_WRAP } },
	VMP_BY_MAPPINGS,
	has_called,
	mapping_figures,
};

static size_t longer(size_t length, const char *text)
{
	return strlen(text) > length ? strlen(text) : length;
}

/* What is left for the places, beside the widest of the other columns. */
static size_t place_width(const struct summary *s, const struct listing *l,
			  const struct vmp_site *const *sites, size_t count)
{
	size_t a = strlen(l->columns[FIGURE].name);
	size_t b = strlen(l->columns[SECOND].name);
	size_t c = strlen(l->columns[CALL].name), taken;
	char first[32], second[32];

	for (size_t i = 0; i < count; i++) {
		if (!l->shown(sites[i]))
			continue;
		l->figures(sites[i], first, second);
		a = longer(a, first);
		b = longer(b, second);
		c = longer(c, sites[i]->row->name);
	}
	taken = a + b + c + 2 * (COLUMNS - 1);
	return s->view->style->width > taken ? s->view->style->width - taken
					     : 1;
}

static void print_sites(const struct summary *s, const struct listing *l)
{
	size_t count, width, shown = 0, more = 0;
	const struct vmp_site *const *sites =
		vmp_tally_sites(s->end->tally, l->order, &count);
	char first[32], second[32], place[4 * VMP_FRAME_TEXT];
	struct vmp_table *table;

	width = place_width(s, l, sites, count);
	table = vmp_table_new(s->view->style, s->out, l->columns, COLUMNS);
	for (size_t i = 0; i < count; i++) {
		if (!l->shown(sites[i]))
			continue;
		if (s->view->top && shown == s->view->top) {
			more++;
			continue;
		}
		if (!shown++)
			putc('\n', s->out);
		l->figures(sites[i], first, second);
		vmp_table_row(table);
		vmp_table_text(table, FIGURE, first);
		vmp_table_text(table, SECOND, second);
		vmp_table_text(table, CALL, sites[i]->row->name);
		vmp_table_wrapped(
			table, PLACE,
			vmp_place_text(sites[i], place, sizeof(place)), width);
	}
	vmp_table_print(table);
	if (more)
		fprintf(s->out, "%s more place%s; --top=0 shows all\n",
			vmp_digits(more), more == 1 ? "" : "s");
}

void vmp_trace_summary(const struct vmp_trace_view *view,
		       const struct vmp_trace_end *end)
{
	struct summary s = { .view = view,
			     .end = end,
			     .out = view->out,
			     .calls = vmp_trace_calls(end),
			     .failures = vmp_trace_failures(end) };

	if (end->reason)
		return;
	s.rows = vmp_tally_rows(end->tally, &s.row_count);
	print_answer(&s);
	print_leak(&s);
	print_lacking(&s);
	print_place(&s);
	print_notes(&s);
	print_kinds(&s);
	print_sites(&s, &failed_sites);
	if (view->sites)
		print_sites(&s, &all_sites);
	fflush(view->out);
}
