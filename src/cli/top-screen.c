// SPDX-License-Identifier: GPL-2.0-or-later
/* `vmaprobe top` on a terminal: refreshes in place, and obeys keys. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/screen.h"
#include "cli/top-options.h"
#include "lib/internal.h"

enum action { QUIT, REFRESH, SORT, HELP };

static const struct key {
	char key;
	enum action action;
	enum vmp_top_column column;
	const char *help;
} keys[] = {
	{ 'm', SORT, VMP_TOP_MAPPINGS, "sort by mappings" },
	{ 'g', SORT, VMP_TOP_GROWTH, "by growth since the last sample" },
	{ 'r', SORT, VMP_TOP_RATE, "by growth per minute" },
	{ 'k', SORT, VMP_TOP_PEAK, "by the peak seen" },
	{ 'p', SORT, VMP_TOP_PID, "by PID" },
	{ 'u', SORT, VMP_TOP_USER, "by user" },
	{ 'c', SORT, VMP_TOP_COMMAND, "by command" },
	{ ' ', REFRESH, 0, "take a sample at once" },
	{ 'h', HELP, 0, "show this, or the processes again" },
	{ '?', HELP, 0, "the same" },
	{ 'q', QUIT, 0, "quit" },
};

struct screen {
	const struct vmp_top_order *order;
	struct vmp_top_report *report;
	struct vmp_style style;
	enum vmp_top_column sort;
	bool help;
};

static const struct key *find_key(int pressed)
{
	for (size_t i = 0; i < VMP_COUNT(keys); i++)
		if (keys[i].key == pressed)
			return &keys[i];
	return NULL;
}

static void print_help(FILE *out)
{
	fputs("Keys\n\n", out);
	for (size_t i = 0; i < VMP_COUNT(keys); i++)
		if (keys[i].key == ' ')
			fprintf(out, "  space  %s\n", keys[i].help);
		else
			fprintf(out, "  %-5c  %s\n", keys[i].key, keys[i].help);
	fputs("\nRed: 95% of vm.max_map_count or more; bold: 80%.\n", out);
}

/* The report with so many rows at most. Returns: 0 or a negative errno. */
static int print_rows(const struct screen *s, size_t most, FILE *out)
{
	int rc = vmp_top_choose(s->report, s->sort, most, s->order->threshold);

	if (rc == 0)
		vmp_report_top(s->report, &s->style, out);
	free(s->report->rows);
	s->report->rows = NULL;
	return rc;
}

/* Owns: the caller; NULL without memory. */
static char *text_of(const struct screen *s, size_t most)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);
	int rc = 0;

	if (!memory)
		return NULL;
	if (s->help)
		print_help(memory);
	else
		rc = print_rows(s, most, memory);
	if (fclose(memory) == 0 && rc == 0)
		return text;
	free(text);
	return NULL;
}

static size_t lines_of(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* Lines beside the rows: sentences, headings; and the screen's last one. */
static size_t lines_beside(struct screen *s, bool brief)
{
	VMP_FREE char *text = NULL;

	s->report->brief = brief;
	text = text_of(s, 1);
	return text ? lines_of(text) : 0;
}

/* On a small screen rows go before sentences. */
static size_t rows_that_fit(struct screen *s, size_t rows)
{
	size_t beside = lines_beside(s, false), fit;

	if (rows < 2 * beside)
		beside = lines_beside(s, true);
	fit = rows > beside + 1 ? rows - beside : 1;
	if (s->order->rows_given && s->order->rows && s->order->rows < fit)
		return s->order->rows;
	return fit;
}

static void print_bottom(const struct screen *s, char *text, size_t size)
{
	time_t now = (time_t)s->report->sample->unix_seconds;
	struct tm local;
	char clock[16] = "";

	if (localtime_r(&now, &local))
		strftime(clock, sizeof(clock), "%T  ", &local);
	snprintf(text, size, "%s%severy %g s, by %s.  q quits, h shows keys",
		 vmp_accent(&s->style, VMP_QUIET), clock, s->order->interval,
		 vmp_top_column_name(s->sort));
}

static int draw(struct screen *s)
{
	VMP_FREE char *text = NULL;
	size_t rows, columns;
	char bottom[200];

	vmp_style_init(&s->style, stdout,
		       (enum vmp_color_mode)s->order->values->color);
	vmp_screen_size(&rows, &columns);
	if (s->style.width > columns)
		s->style.width = columns;
	text = text_of(s, rows_that_fit(s, rows));
	if (!text)
		return -ENOMEM;
	print_bottom(s, bottom, sizeof(bottom));
	return vmp_screen_draw(text, bottom);
}

/* or a negative errno; -EBADE: of the context, which has words for it */
enum { GO_ON = 1, ENOUGH = 0 };

/* Obey keys until the next sample. */
static int show_until(struct screen *s, double due)
{
	const struct key *key;
	int pressed, rc;

	for (;;) {
		rc = draw(s);
		if (rc < 0)
			return rc;
		pressed = vmp_screen_wait(due - vmp_seconds());
		if (pressed == VMP_SCREEN_TIME)
			return GO_ON;
		if (pressed == VMP_SCREEN_GONE)
			return ENOUGH;
		key = find_key(pressed);
		if (!key)
			continue;
		if (key->action == QUIT)
			return ENOUGH;
		s->help = key->action == HELP && !s->help;
		if (key->action == REFRESH)
			return GO_ON;
		if (key->action == SORT)
			s->sort = key->column;
	}
}

static int show(struct screen *s, struct vmp_watch *watch,
		struct vmp_sample *sample)
{
	double due, began;
	int rc;

	s->report->interval = s->order->interval;
	for (;;) {
		due = vmp_seconds() + s->order->interval;
		rc = show_until(s, due);
		if (rc != GO_ON)
			return rc;
		began = vmp_seconds();
		if (vmp_watch_sample(watch, sample) < 0)
			return -EBADE;
		s->report->took = vmp_seconds() - began;
		s->report->every = s->report->took + s->order->interval;
	}
}

int vmp_top_screen(const struct vmp_top_order *order, struct vmp_watch *watch,
		   struct vmp_sample *sample, struct vmp_top_report *report)
{
	struct screen s = { .order = order,
			    .report = report,
			    .sort = order->sort };
	int rc = vmp_screen_open();

	report->mark = true;
	if (rc == 0)
		rc = show(&s, watch, sample);
	vmp_screen_close();
	if (rc == 0)
		return VMP_EXIT_OK;
	if (rc == -EBADE)
		vmp_warn_escaped(vmp_error(report->ctx));
	else
		vmp_warn("cannot refresh: %s", strerror(-rc));
	return VMP_EXIT_CANNOT;
}
