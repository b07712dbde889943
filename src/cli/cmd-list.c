// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe list: the built-in scenarios, or the text of one. */
#include <stdlib.h>

#include "cli/cli.h"
#include "lib/internal.h"
#include "report/report.h"

struct list_values {
	bool names;
	int format, color;
};

#define OPTION(...) VMP_OPTION(list_values, __VA_ARGS__)

static const struct vmp_option options[] = {
	OPTION("names", NULL, FLAG, names, "print the names alone, one a line"),
	OPTION("format", "FORMAT", CHOICE, format, "text, json or csv",
	       .choices = vmp_format_names),
	OPTION("color", "WHEN", CHOICE, color, "auto, always or never",
	       .choices = vmp_color_names),
};

static int print_one(const char *name)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *scenario;
	char text[600];

	if (vmp_scenario_load(name, &scenario, &error) < 0) {
		vmp_warn("%s: %s", name,
			 vmp_escape(error.text, text, sizeof(text)));
		return VMP_EXIT_USAGE;
	}
	fputs(scenario->source, stdout);
	vmp_scenario_free(scenario);
	return VMP_EXIT_OK;
}

static int load_all(struct vmp_listed *list)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *s;
	int rc;

	for (size_t i = 0; i < vmp_builtin_count; i++) {
		if (vmp_scenario_load(vmp_builtins[i].name, &s, &error) < 0) {
			vmp_warn("%s:%u:%u: %s", vmp_builtins[i].name,
				 error.line, error.column, error.text);
			return VMP_EXIT_INTERNAL;
		}
		list[i].scenario = s;
		rc = vmp_run_check(s, list[i].reason, sizeof(list[i].reason),
				   &error);
		list[i].available = rc == 0;
	}
	return VMP_EXIT_OK;
}

static int print_all(const struct list_values *v)
{
	VMP_FREE struct vmp_listed *list =
		calloc(vmp_builtin_count, sizeof(*list));
	struct vmp_style style;
	int rc = list ? load_all(list) : VMP_EXIT_INTERNAL;

	vmp_style_init(&style, stdout, (enum vmp_color_mode)v->color);
	if (rc != VMP_EXIT_OK)
		return rc;
	if (v->format == VMP_JSON)
		vmp_report_list_json(list, vmp_builtin_count, stdout);
	else if (v->format == VMP_CSV)
		vmp_report_list_csv(list, vmp_builtin_count, stdout);
	else
		vmp_report_list(list, vmp_builtin_count, &style, stdout);
	for (size_t i = 0; i < vmp_builtin_count; i++)
		vmp_scenario_free((struct vmp_scenario *)list[i].scenario);
	return rc;
}

static int run(const struct vmp_command *self, int argc, char **argv)
{
	struct list_values v = { 0 };
	int first = vmp_options_read(self, argc, argv, &v), rc = VMP_EXIT_OK;

	if (first == -1)
		return VMP_EXIT_USAGE;
	if (first >= 0 && argc - first > 1)
		return vmp_usage_error(self, "found \"%s\"; one name is enough",
				       argv[first + 1]);
	if (first >= 0 && first < argc)
		rc = print_one(argv[first]);
	else if (v.names)
		for (size_t i = 0; i < vmp_builtin_count; i++)
			puts(vmp_builtins[i].name);
	else if (first >= 0)
		rc = print_all(&v);
	return vmp_finish_output(stdout, "standard output", rc);
}

const struct vmp_command vmp_cmd_list = {
	.name = "list",
	.arguments = "[SCENARIO]",
	.summary = "List the built-in scenarios, or print the text of one",
	.options = options,
	.option_count = VMP_COUNT(options),
	.run = run,
};
