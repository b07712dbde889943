// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sample as metrics: what OpenMetrics 1.0 and Prometheus' older text format
 * have in common.
 *
 * One label set written twice makes the node exporter refuse all that it has,
 * of this file and of every other. So, whatever processes call themselves: a
 * PID has one row, and names are made harmless before they are told apart.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "report/top.h"

enum {
	SUMS = 50,	    /* the most commands with series of their own */
	CGROUP_LENGTH = 256 /* the most that is said of a cgroup: its end */
};

/* What the others are called; no name has more than 15 bytes (prctl(2)). */
static const char others[] = "(all other commands)";

struct row {
	const struct vmp_watched *process;
	char *labels; /* {pid="1",comm="init",cgroup="/init.scope"} */
};

/* The processes of one name that have no row. */
struct sum {
	char command[sizeof(((struct vmp_watched *)NULL)->command)];
	int64_t mappings;
	int64_t processes;
};

struct metrics {
	const struct vmp_sample *sample;
	struct row *rows; /* by PID */
	size_t row_count;
	struct sum *sums; /* by command */
	size_t sum_count;
	struct sum rest;
};

/* A family of metrics; its unit is the end of its name. */
struct family {
	const char *name, *unit, *help;
	int digits; /* behind the point */
	double (*of_sample)(const struct vmp_sample *s);
	double (*of_process)(const struct vmp_watched *p, int64_t limit);
	double (*of_sum)(const struct sum *sum);
};

static void put_head(FILE *out, const struct family *f)
{
	fprintf(out, "# TYPE %s gauge\n", f->name);
	if (f->unit)
		fprintf(out, "# UNIT %s %s\n", f->name, f->unit);
	fprintf(out, "# HELP %s %s\n", f->name, f->help);
}

/* printf() of a double would obey a locale's decimal point. */
static void put_value(FILE *out, double value, int digits)
{
	long long scale = 1, scaled;

	for (int i = 0; i < digits; i++)
		scale *= 10;
	scaled = llround(fmax(value, 0) * (double)scale);
	fprintf(out, " %lld", scaled / scale);
	if (digits)
		fprintf(out, ".%0*lld", digits, scaled % scale);
	putc('\n', out);
}

/* In place: what is no UTF-8, or what a terminal may obey, becomes '?'. */
static void make_harmless(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from) {
		size_t length = vmp_utf8_length(from);

		if (length && !vmp_is_control(from, length)) {
			memmove(to, from, length);
			to += length;
		} else {
			*to++ = '?';
		}
		from += length ? length : 1;
	}
	*to = '\0';
}

/* Of text that is harmless; so it holds no newline, which has an escape too. */
static void put_label(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%s=\"", name);
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void put_cgroup(FILE *out, struct vmp_ctx *ctx,
		       const struct vmp_watched *p)
{
	char path[VMP_NAME_SIZE], *text = path;
	size_t length;

	vmp_watched_cgroup(ctx, p, path, sizeof(path));
	length = strlen(path);
	if (length > CGROUP_LENGTH) {
		text += length - CGROUP_LENGTH;
		memcpy(text, "...", 3);
	}
	make_harmless(text);
	put_label(out, "cgroup", text);
}

/* Returns: from malloc(), or NULL. */
static char *row_labels(struct vmp_ctx *ctx, const struct vmp_watched *p)
{
	char command[sizeof(p->command)], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	memcpy(command, p->command, sizeof(command));
	make_harmless(command);
	fprintf(out, "{pid=\"%d\",", p->pid);
	put_label(out, "comm", command);
	putc(',', out);
	put_cgroup(out, ctx, p);
	putc('}', out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int by_pid(const void *a, const void *b)
{
	pid_t left = ((const struct row *)a)->process->pid;
	pid_t right = ((const struct row *)b)->process->pid;

	return (left > right) - (left < right);
}

static int gather_rows(struct metrics *m, const struct vmp_top_report *r)
{
	struct row *row;

	m->rows = calloc(r->row_count + 1, sizeof(*m->rows));
	if (!m->rows)
		return -ENOMEM;
	for (size_t i = 0; i < r->row_count; i++)
		m->rows[i].process = r->rows[i];
	qsort(m->rows, r->row_count, sizeof(*m->rows), by_pid);
	for (size_t i = 0; i < r->row_count; i++) {
		row = &m->rows[m->row_count];
		if (i && !by_pid(&m->rows[i], row - 1))
			continue;
		row->process = m->rows[i].process;
		row->labels = row_labels(r->ctx, row->process);
		if (!row->labels)
			return -ENOMEM;
		m->row_count++;
	}
	return 0;
}

static int by_command(const void *a, const void *b)
{
	return strcmp(((const struct sum *)a)->command,
		      ((const struct sum *)b)->command);
}

static int fullest_first(const void *a, const void *b)
{
	int64_t left = ((const struct sum *)a)->mappings;
	int64_t right = ((const struct sum *)b)->mappings;

	return left != right ? (left < right) - (left > right)
			     : by_command(a, b);
}

static void add(struct sum *to, const struct sum *sum)
{
	to->mappings += sum->mappings;
	to->processes += sum->processes;
}

/* Sums of one process each become one of each command. */
static void merge_sums(struct metrics *m)
{
	size_t count = m->sum_count;

	qsort(m->sums, count, sizeof(*m->sums), by_command);
	m->sum_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct sum *last = &m->sums[m->sum_count];

		if (i && !by_command(&m->sums[i], last - 1))
			add(last - 1, &m->sums[i]);
		else
			m->sums[m->sum_count++] = m->sums[i];
	}
}

static int gather_sums(struct metrics *m)
{
	m->sums = calloc(m->sample->count + 1, sizeof(*m->sums));
	if (!m->sums)
		return -ENOMEM;
	for (size_t i = 0; i < m->sample->count; i++) {
		const struct vmp_watched *p = &m->sample->processes[i];
		struct row row = { .process = p };
		struct sum *sum = &m->sums[m->sum_count];

		if (bsearch(&row, m->rows, m->row_count, sizeof(row), by_pid))
			continue;
		memcpy(sum->command, p->command, sizeof(sum->command));
		make_harmless(sum->command);
		sum->mappings = p->mappings;
		sum->processes = 1;
		m->sum_count++;
	}
	merge_sums(m);
	qsort(m->sums, m->sum_count, sizeof(*m->sums), fullest_first);
	strcpy(m->rest.command, others);
	while (m->sum_count > SUMS)
		add(&m->rest, &m->sums[--m->sum_count]);
	qsort(m->sums, m->sum_count, sizeof(*m->sums), by_command);
	return 0;
}

static double limit_of(const struct vmp_sample *s)
{
	return (double)s->limit;
}

static double count_of(const struct vmp_sample *s)
{
	return (double)s->count;
}

static double unreadable_of(const struct vmp_sample *s)
{
	return (double)s->unreadable;
}

static double cost_of(const struct vmp_sample *s)
{
	return s->cost_seconds;
}

static double time_of(const struct vmp_sample *s)
{
	return s->unix_seconds;
}

static double mappings_of(const struct vmp_watched *p, int64_t limit)
{
	(void)limit;
	return (double)p->mappings;
}

static double headroom_of(const struct vmp_watched *p, int64_t limit)
{
	return 1 - vmp_map_percent(p->mappings, limit) / 100;
}

static double peak_of(const struct vmp_watched *p, int64_t limit)
{
	(void)limit;
	return (double)p->peak;
}

static double sum_mappings_of(const struct sum *sum)
{
	return (double)sum->mappings;
}

static double sum_processes_of(const struct sum *sum)
{
	return (double)sum->processes;
}

static const struct family families[] = {
	{ "vmaprobe_map_count_limit", NULL,
	  "The most mappings a process may have: vm.max_map_count.", 0,
	  .of_sample = limit_of },
	{ "vmaprobe_process_mappings", "mappings", "Mappings of a process.", 0,
	  .of_process = mappings_of },
	{ "vmaprobe_process_headroom_ratio", "ratio",
	  "Share of the limit that a process has left.", 6,
	  .of_process = headroom_of },
	{ "vmaprobe_process_mappings_peak", NULL,
	  "Most mappings of a process that were seen.", 0,
	  .of_process = peak_of },
	{ "vmaprobe_comm_mappings", "mappings",
	  "Mappings of all processes of a name that have no series.", 0,
	  .of_sum = sum_mappings_of },
	{ "vmaprobe_comm_processes", "processes",
	  "Processes of a name that have no series.", 0,
	  .of_sum = sum_processes_of },
	{ "vmaprobe_processes", NULL, "Processes with a known count.", 0,
	  .of_sample = count_of },
	{ "vmaprobe_processes_unreadable", NULL,
	  "Processes whose mappings may not be read.", 0,
	  .of_sample = unreadable_of },
	{ "vmaprobe_sample_cost_seconds", "seconds",
	  "Processor time that the sample took.", 6, .of_sample = cost_of },
	{ "vmaprobe_sample_timestamp_seconds", "seconds",
	  "When the sample was taken, in Unix time.", 3, .of_sample = time_of },
};

static void put_sum(FILE *out, const struct family *f, const struct sum *sum)
{
	fprintf(out, "%s{", f->name);
	put_label(out, "comm", sum->command);
	putc('}', out);
	put_value(out, f->of_sum(sum), f->digits);
}

static void put_family(FILE *out, const struct family *f,
		       const struct metrics *m)
{
	put_head(out, f);
	if (f->of_sample) {
		fputs(f->name, out);
		put_value(out, f->of_sample(m->sample), f->digits);
	}
	for (size_t i = 0; f->of_process && i < m->row_count; i++) {
		fprintf(out, "%s%s", f->name, m->rows[i].labels);
		put_value(out,
			  f->of_process(m->rows[i].process, m->sample->limit),
			  f->digits);
	}
	for (size_t i = 0; f->of_sum && i < m->sum_count; i++)
		put_sum(out, f, &m->sums[i]);
	if (f->of_sum && m->rest.processes)
		put_sum(out, f, &m->rest);
}

static void put_over(FILE *out, const struct vmp_sample *s)
{
	static const struct family over = {
		.name = "vmaprobe_processes_over",
		.help = "Processes at or over that share of the limit.",
	};

	put_head(out, &over);
	for (size_t i = 0; i < VMP_OVER; i++)
		fprintf(out, "%s{percent=\"%d\"} %zu\n", over.name,
			vmp_over_percent[i], s->over[i]);
}

/* A gauge that is 1: the older format has no type "info". */
static void put_build(FILE *out, const struct vmp_sample *s)
{
	static const struct family build = {
		.name = "vmaprobe_build_info",
		.help = "Which vmaprobe, and where its counts are from.",
	};

	put_head(out, &build);
	fprintf(out, "%s{version=\"%s\",backend=\"%s\"} 1\n", build.name,
		PACKAGE_VERSION, vmp_watch_backends[s->backend]);
}

void vmp_report_top_metrics(const struct vmp_top_report *r, FILE *out)
{
	struct metrics m = { .sample = r->sample };

	/* without memory there are the machine's own figures still */
	if (gather_rows(&m, r) || gather_sums(&m))
		m.row_count = m.sum_count = 0;
	for (size_t i = 0; i < VMP_COUNT(families); i++)
		put_family(out, &families[i], &m);
	put_over(out, m.sample);
	put_build(out, m.sample);
	fputs("# EOF\n", out);
	for (size_t i = 0; m.rows && i < r->row_count; i++)
		free(m.rows[i].labels);
	free(m.rows);
	free(m.sums);
}
