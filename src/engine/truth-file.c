// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads truth tables that were saved as JSON, and finds those shipped. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json.h>

#include "engine/text-file.h"
#include "engine/truth.h"
#include "engine/verb.h"
#include "lib/internal.h"

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *value = json_object_object_get(o, key);

	return json_object_is_type(value, json_type_string)
		       ? json_object_get_string(value)
		       : "";
}

/* Returns: false where it is no integer or out of range. */
static bool number_of(struct json_object *o, const char *key, int64_t least,
		      int64_t most, int64_t *number)
{
	struct json_object *value = json_object_object_get(o, key);

	*number = json_object_get_int64(value);
	return json_object_is_type(value, json_type_int) && *number >= least &&
	       *number <= most;
}

/* A word that is not known is of a later version: it cannot be compared. */
static uint32_t find_result(const char *name)
{
	for (uint32_t i = 0; i < VMP_CELL_RESULTS; i++)
		if (!strcmp(vmp_cell_results[i], name))
			return i;
	return VMP_CELL_NOT_RUN;
}

/* Returns: false where it is no cell. */
static bool read_cell(struct json_object *o, struct vmp_cell *cell)
{
	const char *error = text_of(o, "errno"), *result = text_of(o, "result");
	int64_t change = 0;

	*cell = (struct vmp_cell){ .result =
					   find_result(text_of(o, "result")) };
	if (*error)
		cell->error = vmp_errno_number(error, strlen(error));
	if (cell->result == VMP_CELL_KILLED &&
	    number_of(o, "signal", 1, 64, &change))
		cell->error = (int)change;
	change = 0;
	if (json_object_object_get(o, "change") &&
	    !number_of(o, "change", -1000000, 1000000, &change))
		return false;
	cell->change = (int32_t)change;
	return *result;
}

/* A cell that is there twice is an unstable one. */
static void keep(struct vmp_truth_row *row, int64_t headroom,
		 const struct vmp_cell *cell)
{
	struct vmp_truth_cell *c = &row->cell[headroom - VMP_HEADROOM_LEAST];

	c->unstable = c->run[0].result != VMP_CELL_NOT_RUN;
	if (!c->unstable)
		c->run[0] = *cell;
	c->run[1] = *cell;
	row->present = true;
}

static int take_entry(struct json_object *o, struct vmp_truth *truth)
{
	int operation = vmp_operation_find(text_of(o, "operation"));
	struct vmp_cell cell;
	int64_t headroom;

	if (!json_object_is_type(o, json_type_object) ||
	    !number_of(o, "headroom", INT32_MIN, INT32_MAX, &headroom))
		return -EBADMSG;
	truth->unknown += operation < 0;
	if (operation < 0 || headroom < VMP_HEADROOM_LEAST ||
	    headroom > VMP_HEADROOM_MOST)
		return 0;
	if (!read_cell(o, &cell))
		return -EBADMSG;
	keep(&truth->row[operation], headroom, &cell);
	return 0;
}

static int no_table(struct vmp_truth *truth, const char *what)
{
	snprintf(truth->reason, sizeof(truth->reason), "%s", what);
	return -EBADMSG;
}

static int take_calls(struct json_object *calls, struct vmp_truth *truth)
{
	size_t count = json_object_array_length(calls);

	for (size_t i = 0; i < count; i++) {
		if (take_entry(json_object_array_get_idx(calls, i), truth) == 0)
			continue;
		snprintf(truth->reason, sizeof(truth->reason),
			 "calls[%zu] has no headroom, result and change that "
			 "can be understood",
			 i);
		return -EBADMSG;
	}
	return count > truth->unknown
		       ? 0
		       : no_table(truth, "\"calls\" has no operation that this "
					 "version knows");
}

static int read_table(struct json_object *root, struct vmp_truth *truth)
{
	struct json_object *calls = json_object_object_get(root, "calls");
	int64_t limit;

	if (strcmp(text_of(root, "schema"), "vmaprobe.limits/1") != 0)
		return no_table(truth,
				"it is no vmaprobe.limits/1, as vmaprobe "
				"limits --calls --format=json prints");
	if (!json_object_is_type(calls, json_type_array))
		return no_table(truth, "it has no \"calls\": save it with "
				       "vmaprobe limits --calls --format=json");
	snprintf(truth->kernel, sizeof(truth->kernel), "%s",
		 text_of(root, "kernel"));
	snprintf(truth->machine, sizeof(truth->machine), "%s",
		 text_of(root, "machine"));
	snprintf(truth->libc, sizeof(truth->libc), "%s", text_of(root, "libc"));
	truth->limit = number_of(root, "limit", 0, INT64_MAX, &limit) ? limit
								      : -1;
	return take_calls(calls, truth);
}

int vmp_truth_parse(const char *text, size_t length, struct vmp_truth *truth)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root = NULL;
	int rc = -ENOMEM;

	memset(truth, 0, sizeof(*truth));
	if (tokener && length <= INT32_MAX)
		root = json_tokener_parse_ex(tokener, text, (int)length);
	if (tokener)
		rc = json_object_is_type(root, json_type_object)
			     ? read_table(root, truth)
			     : no_table(truth, "it is no JSON object");
	json_object_put(root);
	if (tokener)
		json_tokener_free(tokener);
	return rc;
}

int vmp_truth_load(const char *path, struct vmp_truth *truth)
{
	VMP_FREE char *text = NULL;
	size_t length;
	int rc = vmp_read_text_file(strcmp(path, "-") ? path : "/dev/stdin",
				    &text, &length);

	if (rc == 0)
		return vmp_truth_parse(text, length, truth);
	memset(truth, 0, sizeof(*truth));
	snprintf(truth->reason, sizeof(truth->reason), "%s", strerror(-rc));
	return rc;
}

/* The directories in which tables may lie; NULL at the end. */
static const char *directory(int i, char *buffer, size_t size)
{
	static const char *const beside[] = { "/limits",
					      "/../share/vmaprobe/limits" };
	ssize_t n = readlink("/proc/self/exe", buffer, size - 40);
	char *slash;

	if (i == 2)
		return PKGDATADIR "/limits";
	if (i > 2)
		return NULL;
	buffer[n > 0 ? n : 0] = '\0';
	slash = strrchr(buffer, '/');
	strcpy(slash ? slash : buffer, beside[i]);
	return buffer;
}

static int is_table(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && !strcmp(entry->d_name + length - 5, ".json");
}

/* "5.10, 6.1 and so on", of the first directory that there is. */
static void list_tables(char *text, size_t size)
{
	char buffer[4200];
	const char *path;
	struct dirent **entries;
	int count = -1;

	*text = '\0';
	for (int i = 0; count < 0; i++) {
		path = directory(i, buffer, sizeof(buffer));
		if (!path)
			return;
		count = scandir(path, &entries, is_table, versionsort);
	}
	for (int i = 0; i < count; i++) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s%.*s", i ? ", " : "",
			 (int)strlen(entries[i]->d_name) - 5,
			 entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

int vmp_truth_find(const char *kernel, char *path, size_t size)
{
	char buffer[4200];
	const char *where;

	for (int i = 0; !strchr(kernel, '/'); i++) {
		where = directory(i, buffer, sizeof(buffer));
		if (!where)
			break;
		snprintf(path, size, "%s/%s.json", where, kernel);
		if (access(path, R_OK) == 0)
			return 0;
	}
	list_tables(path, size);
	return -ENOENT;
}
