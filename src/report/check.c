// SPDX-License-Identifier: GPL-2.0-or-later
/* The output of a monitoring plugin: a line, performance data, more lines. */
#include <inttypes.h>
#include <string.h>

#include "report/check.h"
#include "report/style.h"

enum { NAME_SIZE = 300 };

char *vmp_plugin_text(const char *text, char *buffer, size_t size)
{
	static const char unwanted[] = "|$`&<>";
	char harmless[1200];
	size_t used = 0;

	vmp_escape(text, harmless, sizeof(harmless));
	for (const char *at = harmless; *at && used + 5 <= size; at++) {
		if (!strchr(unwanted, *at))
			buffer[used++] = *at;
		else
			used += (size_t)snprintf(buffer + used, size - used,
						 "\\%03o", (unsigned char)*at);
	}
	buffer[used] = '\0';
	return buffer;
}

static void print_process(const struct vmp_watched *p, FILE *out)
{
	const char *command = *p->command ? p->command : "(no name)";
	char name[NAME_SIZE];

	fprintf(out, "%s (%d)", vmp_plugin_text(command, name, sizeof(name)),
		(int)p->pid);
}

/* "the fullest of 214 processes, java (16751), holds 12,345 of ..." */
static void print_worst(const struct vmp_check_report *r, FILE *out)
{
	const struct vmp_watched *p = r->verdict->rows[0];
	size_t count = r->verdict->count;

	if (count > 1)
		fprintf(out, "the %s of %s processes, ",
			r->verdict->status == VMP_OK ? "fullest" : "worst",
			vmp_digits(count));
	print_process(p, out);
	fprintf(out, "%s holds %s of %s mappings, %.1f%%", count > 1 ? "," : "",
		vmp_digits((uint64_t)p->mappings),
		vmp_digits((uint64_t)r->sample->limit),
		vmp_tenths(vmp_map_percent(p->mappings, r->sample->limit)));
	if (count > 1 && r->verdict->critical)
		fprintf(out, "; %s critical", vmp_digits(r->verdict->critical));
	if (count > 1 && r->verdict->warning)
		fprintf(out, "%s %s warning", r->verdict->critical ? "," : ";",
			vmp_digits(r->verdict->warning));
}

const char *vmp_check_verb(const struct vmp_sample *sample)
{
	return sample->backend == VMP_WATCH_BPF ? "counted" : "read";
}

static void print_unreadable(const struct vmp_check_report *r, FILE *out)
{
	size_t all = r->verdict->count + r->sample->unreadable;

	if (r->sample->unreadable && !r->too_few)
		fprintf(out, "; %s of %s could be %s",
			vmp_digits(r->verdict->count), vmp_digits(all),
			vmp_check_verb(r->sample));
}

static bool limit_is_low(const struct vmp_check_report *r)
{
	return r->limit >= 0 && r->limit < r->wanted;
}

static void print_limit(const struct vmp_check_report *r, FILE *out)
{
	const char *wanted = vmp_digits((uint64_t)r->wanted);
	const struct vmp_product *by = r->wanted_by;

	fprintf(out, "vm.max_map_count is %s, ",
		vmp_digits((uint64_t)r->limit));
	if (!limit_is_low(r) && by)
		fprintf(out, "enough for %s", by->name);
	else if (!limit_is_low(r))
		fprintf(out, "at least %s", wanted);
	else if (!by)
		fprintf(out, "it should be at least %s", wanted);
	else if (by->kind == VMP_RECOMMENDED)
		fprintf(out, "for %s at least %s is recommended", by->name,
			wanted);
	else
		fprintf(out, "%s asks for at least %s", by->name, wanted);
	if (limit_is_low(r))
		fprintf(out, ": sysctl vm.max_map_count=%" PRId64, r->wanted);
}

/* The parts of the first line: what is wrong comes first. */
static void print_line(const struct vmp_check_report *r, FILE *out)
{
	bool limit = r->wanted && r->limit >= 0;
	bool first = limit && limit_is_low(r);
	const char *between = " - ";
	char text[700];

	fprintf(out, "VMAPROBE %s", vmp_status_names[r->status]);
	if (first) {
		fputs(between, out);
		print_limit(r, out);
		between = "; ";
	}
	if (r->sample && r->verdict->count) {
		fputs(between, out);
		print_worst(r, out);
		print_unreadable(r, out);
		between = "; ";
	}
	if (*r->reason) {
		fprintf(out, "%s%s", between,
			vmp_plugin_text(r->reason, text, sizeof(text)));
		between = "; ";
	}
	if (limit && !first) {
		fputs(between, out);
		print_limit(r, out);
	}
}

/*
 * Labels have no PID and no name in them: each new one would be another graph.
 * The guidelines want a quote only around blanks, "=" and quotes.
 */
static void print_data_of_processes(const struct vmp_check_report *r, FILE *out)
{
	const struct vmp_watched *p = r->verdict->rows[0];
	const struct vmp_threshold *w = &r->thresholds->warning;
	const struct vmp_threshold *c = &r->thresholds->critical;
	int64_t limit = r->sample->limit;
	char warning[80], critical[80];

	fprintf(out, " mappings=%" PRId64 ";%s;%s;0;%" PRId64, p->mappings,
		vmp_threshold_in_mappings(w, limit, warning, sizeof(warning)),
		vmp_threshold_in_mappings(c, limit, critical, sizeof(critical)),
		limit);
	fprintf(out, " percent=%.1f%%;%s;%s;0;100",
		vmp_tenths(vmp_map_percent(p->mappings, limit)),
		vmp_threshold_in_percent(w, warning, sizeof(warning)),
		vmp_threshold_in_percent(c, critical, sizeof(critical)));
	fprintf(out, " headroom=%" PRId64 ";;;;%" PRId64, limit - p->mappings,
		limit);
	fprintf(out,
		" processes=%zu;;;0 processes_warning=%zu;;;0"
		" processes_critical=%zu;;;0 processes_unreadable=%zu;;;0",
		r->verdict->count, r->verdict->warning, r->verdict->critical,
		r->sample->unreadable);
}

static void print_data(const struct vmp_check_report *r, FILE *out)
{
	if (r->limit < 0)
		return;
	fputs(" |", out);
	if (r->sample && r->verdict->count)
		print_data_of_processes(r, out);
	fprintf(out, " limit=%" PRId64 ";;", r->limit);
	if (r->wanted)
		fprintf(out, "%" PRId64 ":", r->wanted);
	fputs(";0", out);
}

/* "CRITICAL ", for those that are; the rows are in this order. */
static void print_status(const struct vmp_verdict *v, size_t row, FILE *out)
{
	enum vmp_status status = row < v->critical ? VMP_CRITICAL : VMP_WARNING;

	if (row < v->critical + v->warning)
		fprintf(out, "%s ", vmp_status_names[status]);
}

/* Of the worst, which is in the line just above. */
static void print_what_next(const struct vmp_check_report *r, FILE *out)
{
	if (r->most && r->verdict->critical + r->verdict->warning)
		fprintf(out, "vmaprobe explain %d says who owns them.\n",
			(int)r->verdict->rows[0]->pid);
}

static void print_next(const struct vmp_check_report *r, FILE *out)
{
	print_what_next(r, out);
	for (size_t i = 1; i < r->verdict->count && i <= r->most; i++) {
		const struct vmp_watched *p = r->verdict->rows[i];

		print_status(r->verdict, i, out);
		print_process(p, out);
		fprintf(out, ": %s mappings, %.1f%%, %s left\n",
			vmp_digits((uint64_t)p->mappings),
			vmp_tenths(
				vmp_map_percent(p->mappings, r->sample->limit)),
			vmp_digits((uint64_t)(r->sample->limit - p->mappings)));
	}
}

static void print_how(const struct vmp_check_report *r, FILE *out)
{
	const struct vmp_sample *s = r->sample;
	char text[400];

	fprintf(out,
		"Counted by %s in %.1f ms; %s without mappings, %s ended "
		"meanwhile, %s could not be %s.\n",
		vmp_watch_backends[s->backend], s->cost_seconds * 1e3,
		vmp_digits(s->empty), vmp_digits(s->vanished),
		vmp_digits(s->unreadable), vmp_check_verb(s));
	if (s->reason && *s->reason)
		fprintf(out, "Not by BPF: %s.\n",
			vmp_plugin_text(s->reason, text, sizeof(text)));
}

void vmp_report_check(const struct vmp_check_report *r, FILE *out)
{
	print_line(r, out);
	print_data(r, out);
	putc('\n', out);
	if (r->sample)
		print_next(r, out);
	if (r->wanted && limit_is_low(r))
		fputs("The limit is one for the whole machine: for a container "
		      "too it is set on the host.\n",
		      out);
	if (r->verbose && r->sample)
		print_how(r, out);
}

void vmp_report_products(FILE *out)
{
	for (size_t i = 0; i < vmp_product_count; i++)
		fprintf(out, "%-25s %9s  %s: %s\n%37s%s\n",
			vmp_products[i].name,
			vmp_digits((uint64_t)vmp_products[i].limit),
			vmp_product_kinds[vmp_products[i].kind],
			vmp_products[i].of, "", vmp_products[i].source);
}
