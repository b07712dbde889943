// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: what /proc/PID/stat and /proc/PID/cgroup tell of a process. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "watch/proc.h"
#include "watch/watch.h"

static void check_stat(const char *text, size_t length)
{
	struct vmp_stat stat = { .pid = -7 };
	const char *close;
	int rc = vmp_stat_parse(text, length, &stat);

	if (rc < 0) {
		if (stat.pid != -7)
			abort();
		return;
	}
	close = memrchr(text, ')', length);
	if (stat.pid <= 0 || !close || close[2] != stat.state ||
	    !memchr(stat.command, '\0', sizeof(stat.command)))
		abort();
}

/* A name is there, and it is cut where there is no room for it. */
static void check_name(const char *path)
{
	char name[256], part[16];

	vmp_container_name(path, name, sizeof(name));
	vmp_container_name(path, part, sizeof(part));
	if (strncmp(name, part, sizeof(part) - 1) != 0 ||
	    strlen(part) >= sizeof(part))
		abort();
}

static void check_cgroup(char *text)
{
	char path[4096], part[8], *copy = strdup(text);

	if (!copy)
		return;
	vmp_cgroup_choose(copy, part, sizeof(part));
	vmp_cgroup_choose(text, path, sizeof(path));
	if ((*path && *path != '/') || strchr(path, '\n') ||
	    strncmp(path, part, sizeof(part) - 1) != 0)
		abort();
	check_name(path);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	check_stat((const char *)data, size);
	check_name(text);
	check_cgroup(text);
	free(text);
	return 0;
}
