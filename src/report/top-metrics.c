// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sample as metrics: what OpenMetrics 1.0 and Prometheus' older text format
 * have in common.
 */
#include <math.h>

#include "lib/internal.h"
#include "report/top-metrics.h"

/* A family of metrics; its unit is the end of its name. */
struct family {
	const char *name, *unit, *help;
	int digits; /* behind the point */
	double (*of_sample)(const struct vmp_sample *s);
	double (*of_process)(const struct vmp_watched *p, int64_t limit);
	double (*of_sum)(const struct vmp_series_sum *sum);
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

static double sum_mappings_of(const struct vmp_series_sum *sum)
{
	return (double)sum->mappings;
}

static double sum_processes_of(const struct vmp_series_sum *sum)
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

static void put_sum(FILE *out, const struct family *f,
		    const struct vmp_series_sum *sum)
{
	fprintf(out, "%s{", f->name);
	vmp_put_label(out, "comm", sum->command);
	putc('}', out);
	put_value(out, f->of_sum(sum), f->digits);
}

static void put_family(FILE *out, const struct family *f,
		       const struct vmp_series *m)
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
	struct vmp_series m;

	/* without memory there are the machine's own figures still */
	vmp_series_gather(&m, r);
	for (size_t i = 0; i < VMP_COUNT(families); i++)
		put_family(out, &families[i], &m);
	put_over(out, m.sample);
	put_build(out, m.sample);
	fputs("# EOF\n", out);
	vmp_series_free(&m);
}
