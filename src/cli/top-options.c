// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of `vmaprobe top`, and what follows from them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/screen.h"
#include "cli/top-options.h"
#include "engine/verb.h"
#include "lib/internal.h"

enum {
	TERMINAL_ROWS = 20, /* printed to one, unless -n says otherwise */
	SERIES = 10,	    /* the fullest, whatever they hold */
	SERIES_FROM = 50,   /* percent */
};

#define NOT_GIVEN UINT64_MAX
#define LEAST_INTERVAL 0.1
#define USUAL_INTERVAL 2

static const char *const format_names[] = { "text", "json", "csv",
					    "openmetrics", NULL };

#define OPTION(...) VMP_OPTION(vmp_top_values, __VA_ARGS__)

const struct vmp_option vmp_top_options[VMP_TOP_OPTIONS] = {
	VMP_PROCESS_OPTIONS(vmp_top_values, processes),
	OPTION("output", "COL,...", TEXT, output,
	       "these columns; +COL,... beside the usual ones", .letter = 'o'),
	OPTION("sort", "COL", TEXT, sort, "by this column, not by mappings"),
	OPTION("rows", "N", COUNT, rows, "the first N processes; 0 for all",
	       .letter = 'n'),
	OPTION("threshold", "PERCENT", TEXT, threshold,
	       "only from this share of the limit on"),
	OPTION("container", NULL, FLAG, container, "same as -o +container"),
	OPTION("once", NULL, FLAG, once, "print one table, on a terminal too"),
	OPTION("format", "FORMAT", CHOICE, format,
	       "text, json, csv or openmetrics", .choices = format_names),
	OPTION("textfile", "FILE.prom", TEXT, textfile,
	       "write metrics there for the node exporter"),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

/* "pid, user, ..." Returns: text. */
static const char *all_columns(char *text, size_t size)
{
	const char *name;
	size_t used = 0;

	for (size_t i = 0; (name = vmp_top_column_name(i)) && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
					 i ? ", " : "", name);
	return text;
}

/* Returns: VMP_EXIT_OK, or a usage error, which is printed. */
static int find_column(const struct vmp_command *self, const char *option,
		       const char *name, enum vmp_top_column *column)
{
	const char *known, *closest;
	char shown[100], columns[300];

	for (size_t i = 0; (known = vmp_top_column_name(i)); i++)
		if (!strcmp(known, name)) {
			*column = (enum vmp_top_column)i;
			return VMP_EXIT_OK;
		}
	closest = vmp_closest(name, vmp_top_column_name);
	return vmp_usage_error(
		self, "--%s: there is no column \"%s\"%s%s%s\nThere are: %s",
		option, vmp_escape(name, shown, sizeof(shown)),
		closest ? "; did you mean \"" : "", closest ? closest : "",
		closest ? "\"?" : "", all_columns(columns, sizeof(columns)));
}

/* Each but once. */
static void add_column(struct vmp_top_order *order, enum vmp_top_column column)
{
	for (size_t i = 0; i < order->column_count; i++)
		if (order->columns[i] == column)
			return;
	order->columns[order->column_count++] = column;
}

static bool is_metrics(const struct vmp_top_values *v)
{
	return v->textfile || v->format == VMP_TOP_FORMAT_METRICS;
}

/* Of a single sample it is not known, and text leaves it out. */
static bool needs_two(enum vmp_top_column column)
{
	return column == VMP_TOP_GROWTH || column == VMP_TOP_RATE ||
	       column == VMP_TOP_PEAK;
}

static void add_usual_columns(struct vmp_top_order *order)
{
	bool text = order->values->format == VMP_TOP_FORMAT_TEXT;

	for (size_t i = 0; i <= VMP_TOP_COMMAND; i++) {
		enum vmp_top_column column = (enum vmp_top_column)i;

		if (text && order->count == 1 && needs_two(column))
			continue;
		add_column(order, column);
		order->optional |= 1U << column;
	}
	if (!text) {
		add_column(order, VMP_TOP_UID);
		add_column(order, VMP_TOP_AGE);
	}
}

static int read_columns(const struct vmp_command *self,
			struct vmp_top_order *order)
{
	const struct vmp_top_values *v = order->values;
	const char *list = v->output;
	VMP_FREE char *copy = strdup(list ? list : "");
	char *rest = copy, *name;
	enum vmp_top_column column = VMP_TOP_PID;
	int rc;

	if (!list || *list == '+')
		add_usual_columns(order);
	if (list && *list == '+')
		rest++;
	while (list && copy && (name = strsep(&rest, ",")) != NULL) {
		rc = find_column(self, "output", name, &column);
		if (rc != VMP_EXIT_OK)
			return rc;
		add_column(order, column);
		order->optional &= ~(1U << column);
	}
	if (v->container)
		add_column(order, VMP_TOP_CONTAINER);
	return VMP_EXIT_OK;
}

/* "80" or "80%" */
static int read_threshold(const struct vmp_command *self,
			  struct vmp_top_order *order)
{
	const char *text = order->values->threshold;
	char *end, shown[100];

	order->threshold = is_metrics(order->values) ? SERIES_FROM : 0;
	if (!text)
		return VMP_EXIT_OK;
	order->threshold = strtod(text, &end);
	if (*text >= '0' && *text <= '9' && isfinite(order->threshold) &&
	    order->threshold <= 100 && (!*end || !strcmp(end, "%")))
		return VMP_EXIT_OK;
	return vmp_usage_error(self,
			       "--threshold=%s: expected a share in percent, "
			       "from 0 to 100",
			       vmp_escape(text, shown, sizeof(shown)));
}

static int read_count(const struct vmp_command *self, const char *text,
		      uint64_t *count)
{
	char *end, shown[100];

	*count = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && *count)
		return VMP_EXIT_OK;
	return vmp_usage_error(self, "expected a number of samples, not \"%s\"",
			       vmp_escape(text, shown, sizeof(shown)));
}

static int read_interval(const struct vmp_command *self, const char *text,
			 double *seconds)
{
	char shown[100];

	if (vmp_seconds_parse(text, seconds) < 0)
		return vmp_usage_error(
			self,
			"expected an interval such as 2, 500ms or 1m, not "
			"\"%s\"",
			vmp_escape(text, shown, sizeof(shown)));
	if (*seconds < LEAST_INTERVAL)
		return vmp_usage_error(self,
				       "an interval of %s is too short: "
				       "0.1 s is the least",
				       text);
	return VMP_EXIT_OK;
}

/* In: words, INTERVAL and COUNT, as far as they were given. */
static int read_times(const struct vmp_command *self, int words, char **word,
		      struct vmp_top_order *order)
{
	const struct vmp_top_values *v = order->values;
	bool text = v->format == VMP_TOP_FORMAT_TEXT && !v->textfile;
	int rc = VMP_EXIT_OK;

	if (words > 2)
		return vmp_usage_error(self, "too many arguments");
	order->interval = USUAL_INTERVAL;
	if (words > 0)
		rc = read_interval(self, word[0], &order->interval);
	if (words > 1 && rc == VMP_EXIT_OK)
		rc = read_count(self, word[1], &order->count);
	if (!words && !(text && isatty(STDOUT_FILENO)))
		order->count = 1;
	if (v->once)
		order->count = 1;
	order->screen = text && !order->count && vmp_screen_possible();
	return rc;
}

static void choose_rows(struct vmp_top_order *order)
{
	const struct vmp_top_values *v = order->values;

	order->rows_given = v->rows != NOT_GIVEN;
	if (order->rows_given)
		order->rows = v->rows < SIZE_MAX ? (size_t)v->rows : SIZE_MAX;
	else if (order->metrics)
		order->rows = SERIES;
	else if (v->format == VMP_TOP_FORMAT_TEXT && isatty(STDOUT_FILENO))
		order->rows = TERMINAL_ROWS;
}

static int check(const struct vmp_command *self,
		 const struct vmp_top_order *order)
{
	const struct vmp_top_values *v = order->values;

	if (v->textfile && !*v->textfile)
		return vmp_usage_error(self,
				       "--textfile=: expected the name of a "
				       "file");
	if (v->textfile && v->format != VMP_TOP_FORMAT_TEXT &&
	    v->format != VMP_TOP_FORMAT_METRICS)
		return vmp_usage_error(self,
				       "--textfile is written as openmetrics, "
				       "not as --format=%s",
				       format_names[v->format]);
	if (is_metrics(v) && (v->output || v->sort || v->container))
		return vmp_usage_error(
			self, "metrics have no columns: leave out --%s",
			v->output ? "output"
			: v->sort ? "sort"
				  : "container");
	return VMP_EXIT_OK;
}

static int read_sort(const struct vmp_command *self,
		     struct vmp_top_order *order)
{
	const char *name = order->values->sort;
	int rc = VMP_EXIT_OK;

	if (name)
		rc = find_column(self, "sort", name, &order->sort);
	if (rc != VMP_EXIT_OK || order->count != 1 || !needs_two(order->sort))
		return rc;
	return vmp_usage_error(self,
			       "--sort=%s: it is not known from one sample; "
			       "give INTERVAL, such as 2, or also COUNT, such "
			       "as 2 10",
			       name);
}

static int make_order(const struct vmp_command *self, int words, char **word,
		      struct vmp_top_order *order)
{
	const struct vmp_top_values *v = order->values;
	int rc = check(self, order);

	order->metrics = is_metrics(v);
	order->sort = VMP_TOP_MAPPINGS;
	if (rc == VMP_EXIT_OK)
		rc = vmp_processes_read(self, &v->processes, &order->choice);
	if (rc == VMP_EXIT_OK)
		rc = read_times(self, words, word, order);
	if (rc == VMP_EXIT_OK)
		rc = read_columns(self, order);
	if (rc == VMP_EXIT_OK)
		rc = read_sort(self, order);
	if (rc == VMP_EXIT_OK)
		rc = read_threshold(self, order);
	choose_rows(order);
	return rc;
}

bool vmp_top_options_read(const struct vmp_command *self, int argc, char **argv,
			  struct vmp_top_values *values,
			  struct vmp_top_order *order, int *status)
{
	int first;

	*values = (struct vmp_top_values){ .rows = NOT_GIVEN };
	*order = (struct vmp_top_order){ .values = values };
	first = vmp_options_read(self, argc, argv, values);
	*status = first == -2 ? VMP_EXIT_OK : VMP_EXIT_USAGE;
	if (first < 0)
		return false;
	*status = make_order(self, argc - first, argv + first, order);
	return *status == VMP_EXIT_OK;
}
