// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads what watch is asked for. */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/watch-options.h"
#include "lib/internal.h"
#include "report/style.h"

static const char UNTIL[] = "90%"; /* of --exec alone */

static const double LEAST_INTERVAL = 0.01;

#define OPTION(...) VMP_OPTION(vmp_watch_values, __VA_ARGS__)

const struct vmp_option vmp_watch_options[VMP_WATCH_OPTIONS] = {
	OPTION("until", "RANGE", TEXT, until,
	       "end when it reaches this: 80%, or 1000: for headroom"),
	OPTION("exec", "CMD", TEXT, exec,
	       "run CMD then; without --until at 90%"),
	OPTION("exact-peak", NULL, FLAG, exact_peak,
	       "see peaks between readings too, by BPF"),
	OPTION("duration", "TIME", SECONDS, duration, "watch for so long"),
	OPTION("log", "FILE", TEXT, log, "write a row a reading, CSV"),
	OPTION("plot", "FILE", TEXT, plot, "draw the counts as SVG at the end"),
	OPTION("format", "FORMAT", CHOICE, format, "text, json or csv",
	       .choices = vmp_format_names),
	OPTION("backend", "NAME", CHOICE, backend,
	       "auto, bpf or maps: where counts are from",
	       .choices = vmp_watch_backends),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

/* Are they, or will they be? Names that are new stand in the same directory. */
static bool is_same_file(const char *a, const char *b)
{
	const char *base_a = strrchr(a, '/'), *base_b = strrchr(b, '/');
	char dir_a[PATH_MAX], dir_b[PATH_MAX];
	struct stat one, other;
	bool is_new = stat(a, &one) < 0;

	if (is_new != (stat(b, &other) < 0))
		return false;
	if (!is_new)
		return one.st_dev == other.st_dev &&
		       one.st_ino == other.st_ino && S_ISREG(one.st_mode);
	base_a = base_a ? base_a + 1 : a;
	base_b = base_b ? base_b + 1 : b;
	snprintf(dir_a, sizeof(dir_a), "%.*s.", (int)(base_a - a), a);
	snprintf(dir_b, sizeof(dir_b), "%.*s.", (int)(base_b - b), b);
	return !strcmp(base_a, base_b) && stat(dir_a, &one) == 0 &&
	       stat(dir_b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

/* What an unset variable leaves: --log="$log" */
static int refuse_empty(const struct vmp_command *self,
			const struct vmp_watch_values *v)
{
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "exec", v->exec },
		{ "log", v->log },
		{ "plot", v->plot },
	};

	for (size_t i = 0; i < VMP_COUNT(rows); i++)
		if (rows[i].value && !*rows[i].value)
			return vmp_usage_error(self, "--%s is empty",
					       rows[i].name);
	return 0;
}

static int read_files(const struct vmp_command *self,
		      const struct vmp_watch_values *v)
{
	if (refuse_empty(self, v))
		return VMP_EXIT_USAGE;
	if (!v->log || !v->plot || !is_same_file(v->log, v->plot))
		return 0;
	return vmp_usage_error(self, "--log and --plot are the same file");
}

static int read_until(const struct vmp_command *self,
		      struct vmp_watch_values *v)
{
	char reason[200], shown[100];

	if (!v->until && v->exec)
		v->until = UNTIL;
	if (!v->until || vmp_threshold_parse(v->until, &v->threshold, reason,
					     sizeof(reason)) == 0)
		return 0;
	return vmp_usage_error(self, "--until=\"%s\": %s",
			       vmp_escape(v->until, shown, sizeof(shown)),
			       reason);
}

static int read_arguments(const struct vmp_command *self, int count,
			  char **argv, struct vmp_watch_values *v)
{
	char shown[100];

	if (!count)
		return vmp_usage_error(self, "which process? A PID, or a name "
					     "such as 'java*'");
	if (count > 2)
		return vmp_usage_error(self,
				       "found %d arguments; a process and an "
				       "interval are enough",
				       count);
	v->what = argv[0];
	v->interval = 1;
	if (count > 1 && (vmp_seconds_parse(argv[1], &v->interval) < 0 ||
			  v->interval < LEAST_INTERVAL))
		return vmp_usage_error(self,
				       "%s: expected an interval such as 1, "
				       "500ms or 1m, 10ms at least",
				       vmp_escape(argv[1], shown,
						  sizeof(shown)));
	return read_until(self, v) || read_files(self, v) ? VMP_EXIT_USAGE : 0;
}

bool vmp_watch_options_read(const struct vmp_command *self, int argc,
			    char **argv, struct vmp_watch_values *v,
			    int *status)
{
	int first;

	*v = (struct vmp_watch_values){ .format = VMP_TEXT };
	first = vmp_options_read(self, argc, argv, v);
	if (first == -2)
		*status = vmp_finish_output(stdout, "help", VMP_EXIT_OK);
	else if (first < 0)
		*status = VMP_EXIT_USAGE;
	else
		*status = read_arguments(self, argc - first, argv + first, v);
	return first >= 0 && !*status;
}
