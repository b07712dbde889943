// SPDX-License-Identifier: LGPL-2.1-or-later
/* What system this is, and where its limit on mappings came from. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/internal.h"
#include "lib/system.h"

/* DEFAULT_MAX_MAP_COUNT of include/linux/mm.h, on every machine. */
enum { KERNEL_DEFAULT = 65530 };

const char *vmp_limit_source_name(enum vmp_limit_source source)
{
	static const char *const names[VMP_SOURCES] = {
		[VMP_SOURCE_KERNEL] = "kernel",
		[VMP_SOURCE_FILE] = "file",
		[VMP_SOURCE_CMDLINE] = "cmdline",
		[VMP_SOURCE_OTHER] = "other",
	};

	return (unsigned int)source < VMP_SOURCES ? names[source] : NULL;
}

size_t vmp_read_text(const char *path, char *text, size_t size)
{
	VMP_CLOSE int fd = vmp_open_regular(path);
	size_t length = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0 && length < size - 1) {
		n = read(fd, text + length, size - 1 - length);
		if (n > 0)
			length += (size_t)n;
	}
	text[length] = '\0';
	return length;
}

/*
 * The value of a line in /etc/os-release, which is a shell's:
 *
 *   PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
 */
static void unquote(const char *value, char *out, size_t size)
{
	char quote = *value == '"' || *value == '\'' ? *value : '\0';
	size_t n = 0;

	value += quote != '\0';
	while (*value && *value != '\n' && *value != quote && n < size - 1) {
		if (*value == '\\' && quote != '\'' && value[1] &&
		    value[1] != '\n')
			value++;
		out[n++] = *value++;
	}
	out[n] = '\0';
}

static void read_distribution(const char *root, struct vmp_system *system)
{
	static const char *const files[] = { "/etc/os-release",
					     "/usr/lib/os-release" };
	static const char key[] = "\nPRETTY_NAME=";
	char path[512], text[8192] = "\n";
	const char *line = NULL;

	for (size_t i = 0; !line && i < VMP_COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s%s", root, files[i]);
		vmp_read_text(path, text + 1, sizeof(text) - 1);
		line = strstr(text, key);
	}
	if (line)
		unquote(line + strlen(key), system->distribution,
			sizeof(system->distribution));
}

/* A line of /proc/sys/kernel; otherwise what uname() says, if not a lie. */
static void read_name(struct vmp_ctx *ctx, const char *file,
		      const char *otherwise, char *name, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/sys/kernel/%s", ctx->procfs, file);
	if (!vmp_read_text(path, name, size))
		snprintf(name, size, "%s", otherwise);
	name[strcspn(name, "\n")] = '\0';
}

/* personality() changes what uname() says, and gVisor had no osrelease. */
static void read_names(struct vmp_ctx *ctx, struct vmp_system *system)
{
	struct utsname u;

	if (uname(&u))
		memset(&u, 0, sizeof(u));
	read_name(ctx, "osrelease", u.release, system->kernel,
		  sizeof(system->kernel));
	/* since Linux 6.1 */
	read_name(ctx, "arch", u.machine, system->machine,
		  sizeof(system->machine));
}

/*
 * The value of one word of the command line, where it is the limit's; -1
 * otherwise. Quotes are about a value, or about all of the word; dots and
 * slashes are the same (process_sysctl_arg() in fs/proc/proc_sysctl.c).
 */
static int64_t word_value(const char *word, size_t length)
{
	static const char key[] = "sysctl.vm.max_map_count=";
	size_t n = strlen(key);
	bool quoted = length && *word == '"';

	word += quoted;
	length -= quoted;
	if (length < n)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (word[i] != key[i] && !(key[i] == '.' && word[i] == '/'))
			return -1;
	if (length > n && word[n] == '"')
		n++;
	if (length > n && word[length - 1] == '"')
		length--;
	return vmp_sysctl_value(word + n, length - n);
}

static size_t word_length(const char *text)
{
	bool quoted = false;
	size_t n = 0;

	while (text[n] && (quoted || !strchr(" \t\n", text[n])))
		quoted ^= text[n++] == '"';
	return n;
}

/* The last that is valid; what comes after "--" is init's. Since Linux 5.8. */
static int64_t cmdline_value(struct vmp_ctx *ctx)
{
	char path[256], text[8192];
	const char *word = text;
	int64_t value = -1, this;
	size_t length;

	snprintf(path, sizeof(path), "%s/cmdline", ctx->procfs);
	vmp_read_text(path, text, sizeof(text));
	for (;; word += length) {
		word += strspn(word, " \t\n");
		length = word_length(word);
		if (!length || (length == 2 && !memcmp(word, "--", 2)))
			return value;
		this = word_value(word, length);
		if (this >= 0)
			value = this;
	}
}

/* What was set last is asked first: files after the command line. */
static enum vmp_limit_source source(const struct vmp_system *system,
				    int64_t limit, int64_t cmdline)
{
	if (system->sandbox[0] && limit == INT_MAX)
		return VMP_SOURCE_KERNEL;
	if (system->source_path[0] && system->source_value == limit)
		return VMP_SOURCE_FILE;
	if (cmdline == limit)
		return VMP_SOURCE_CMDLINE;
	if (!system->source_path[0] && cmdline < 0 && limit == KERNEL_DEFAULT)
		return VMP_SOURCE_KERNEL;
	return VMP_SOURCE_OTHER;
}

static void read_source(struct vmp_ctx *ctx, const char *root, int64_t limit,
			struct vmp_system *system)
{
	int64_t cmdline = cmdline_value(ctx);
	struct vmp_setting setting;

	vmp_sysctl_find(root, limit, &setting);
	memcpy(system->source_path, setting.path, sizeof(setting.path));
	system->source_line = setting.line;
	system->source_value = setting.value;
	system->source_is_default = setting.distribution;
	system->source = source(system, limit, cmdline);
	if (system->source != VMP_SOURCE_CMDLINE)
		return;
	system->source_path[0] = '\0';
	system->source_line = 0;
	system->source_value = cmdline;
	system->source_is_default = false;
}

int vmp_system_read_from(struct vmp_ctx *ctx, const char *root,
			 struct vmp_system *system)
{
	struct vmp_system s = { .source_value = -1 };
	int64_t limit = vmp_map_limit(ctx);

	if (limit < 0)
		return (int)limit;
	if (strlen(root) > 200)
		return vmp_fail(ctx, -ENAMETOOLONG,
				"path of the root too long");
	read_names(ctx, &s);
	read_distribution(root, &s);
	vmp_place_read(ctx, root, limit, &s);
	read_source(ctx, root, limit, &s);
	*system = s;
	return 0;
}

int vmp_system_read(struct vmp_ctx *ctx, struct vmp_system *system)
{
	return vmp_system_read_from(ctx, "", system);
}
