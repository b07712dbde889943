// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds a scenario: a file, or one of the built-in texts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/scenario.h"
#include "engine/text-file.h"
#include "lib/internal.h"

static const char *builtin_name(size_t i)
{
	return i < vmp_builtin_count ? vmp_builtins[i].name : NULL;
}

static bool is_file(const char *value)
{
	size_t length = strlen(value);

	return strchr(value, '/') ||
	       (length > 4 && !strcmp(value + length - 4, ".vma"));
}

static int say(struct vmp_scenario_error *error, int rc, const char *what)
{
	snprintf(error->text, sizeof(error->text), "%s", what);
	return rc;
}

static int load_builtin(const char *name, struct vmp_scenario **scenario,
			struct vmp_scenario_error *error)
{
	const char *closest;

	for (size_t i = 0; i < vmp_builtin_count; i++)
		if (!strcmp(name, vmp_builtins[i].name))
			return vmp_scenario_parse(name, vmp_builtins[i].text,
						  strlen(vmp_builtins[i].text),
						  scenario, error);
	closest = vmp_closest(name, builtin_name);
	snprintf(error->text, sizeof(error->text),
		 "no such scenario%s%s%s: \"vmaprobe list\" names them all, "
		 "and a file is given as ./NAME.vma",
		 closest ? " (did you mean \"" : "", closest ? closest : "",
		 closest ? "\"?)" : "");
	return -ENOENT;
}

static int load_file(const char *path, struct vmp_scenario **scenario,
		     struct vmp_scenario_error *error)
{
	VMP_FREE char *text = NULL;
	const char *name = strrchr(path, '/');
	size_t length;
	int rc = vmp_read_text_file(path, &text, &length);

	if (rc < 0)
		return say(error, rc, strerror(-rc));
	return vmp_scenario_parse(name ? name + 1 : path, text, length,
				  scenario, error);
}

int vmp_scenario_load(const char *value, struct vmp_scenario **scenario,
		      struct vmp_scenario_error *error)
{
	*error = (struct vmp_scenario_error){ 0 };
	return is_file(value) ? load_file(value, scenario, error)
			      : load_builtin(value, scenario, error);
}
