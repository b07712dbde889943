// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which series a sample has: rows of processes, sums of all others by command.
 *
 * One label set written twice makes the node exporter refuse all that it has,
 * of this file and of every other. So, whatever processes call themselves: a
 * PID has one row, and names are made harmless before they are told apart.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "report/top-metrics.h"

enum {
	SUMS = 50,	    /* the most commands with series of their own */
	CGROUP_LENGTH = 256 /* the most that is said of a cgroup: its end */
};

/* What the others are called; no name has more than 15 bytes (prctl(2)). */
static const char others[] = "(all other commands)";

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

/* A newline has an escape too, and what is harmless holds none. */
void vmp_put_label(FILE *out, const char *name, const char *text)
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
	vmp_put_label(out, "cgroup", text);
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
	vmp_put_label(out, "comm", command);
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
	pid_t left = ((const struct vmp_series_row *)a)->process->pid;
	pid_t right = ((const struct vmp_series_row *)b)->process->pid;

	return (left > right) - (left < right);
}

static int gather_rows(struct vmp_series *m, const struct vmp_top_report *r)
{
	struct vmp_series_row *row;

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
	return strcmp(((const struct vmp_series_sum *)a)->command,
		      ((const struct vmp_series_sum *)b)->command);
}

static int fullest_first(const void *a, const void *b)
{
	int64_t left = ((const struct vmp_series_sum *)a)->mappings;
	int64_t right = ((const struct vmp_series_sum *)b)->mappings;

	return left != right ? (left < right) - (left > right)
			     : by_command(a, b);
}

static void add(struct vmp_series_sum *to, const struct vmp_series_sum *sum)
{
	to->mappings += sum->mappings;
	to->processes += sum->processes;
}

/* Sums of one process each become one of each command. */
static void merge_sums(struct vmp_series *m)
{
	size_t count = m->sum_count;

	qsort(m->sums, count, sizeof(*m->sums), by_command);
	m->sum_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct vmp_series_sum *last = &m->sums[m->sum_count];

		if (i && !by_command(&m->sums[i], last - 1))
			add(last - 1, &m->sums[i]);
		else
			m->sums[m->sum_count++] = m->sums[i];
	}
}

static int gather_sums(struct vmp_series *m)
{
	m->sums = calloc(m->sample->count + 1, sizeof(*m->sums));
	if (!m->sums)
		return -ENOMEM;
	for (size_t i = 0; i < m->sample->count; i++) {
		const struct vmp_watched *p = &m->sample->processes[i];
		struct vmp_series_row row = { .process = p };
		struct vmp_series_sum *sum = &m->sums[m->sum_count];

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

void vmp_series_free(struct vmp_series *m)
{
	for (size_t i = 0; m->rows && i < m->row_count; i++)
		free(m->rows[i].labels);
	free(m->rows);
	free(m->sums);
	*m = (struct vmp_series){ .sample = m->sample };
}

void vmp_series_gather(struct vmp_series *m, const struct vmp_top_report *r)
{
	*m = (struct vmp_series){ .sample = r->sample };
	if (gather_rows(m, r) || gather_sums(m))
		vmp_series_free(m);
}
