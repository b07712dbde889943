// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Which file sets vm.max_map_count, by the rules of sysctl --system.
 *
 * Two programs apply these files at the start, sysctl --system of procps-ng
 * and systemd-sysctl. They agree that a name in an earlier directory masks the
 * later ones, whatever kind of file it is (a link to /dev/null sets nothing and
 * masks); that files are read in the order of their names, over all
 * directories; that the last setting wins; and that a pattern sets what no
 * line names. They differ so:
 *
 *                        procps-ng            systemd            here
 *   /etc/sysctl.conf     read last            not read, but      last, unless
 *                                             many have a link   only the rest
 *                                             99-sysctl.conf     says the limit
 *   /lib/sysctl.d        read                 if /usr is split   read
 *   last setting is      the one before it    nothing is set     the one before
 *     no number            stays
 *   "-key" without "="   keeps patterns away  and undoes what    keeps patterns
 *     after "key = "                          was set before     away
 *   blanks after "-"     part of the key      skipped            skipped
 *   "vm//max_map_count"  set, but patterns    the same key       the same key
 *                          do not yield
 *   dangling link        masks                does not           masks
 *   credential           no                   sysctl.extra       no: no file
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/internal.h"
#include "lib/system.h"

enum {
	LINE_BYTES = 4096,    /* a longer one is no setting of a number */
	FILE_BYTES = 4 << 20, /* what is read of one file */
};

/* In the order of precedence. */
static const struct directory {
	const char *path;
	bool distribution;
} directories[] = {
	{ "/etc/sysctl.d", false },
	{ "/run/sysctl.d", false },
	{ "/usr/local/lib/sysctl.d", false },
	{ "/usr/lib/sysctl.d", true },
	{ "/lib/sysctl.d", true },
};

int vmp_open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &status) && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* What has been found so far, and in files of which name. */
struct search {
	struct vmp_setting named, pattern;
	char named_in[NAME_MAX + 1], pattern_in[NAME_MAX + 1];
	bool excluded;
};

/* The file being read. */
struct source {
	const char *directory, *name;
	bool distribution;
};

/*
 * Ubuntu 24.04's procps has its default among the administrator's files; that
 * it is one shows while nobody has changed it.
 */
static bool is_default(const struct source *source, int64_t value)
{
	return source->distribution ||
	       (!strcmp(source->name, "10-map-count.conf") && value == 1048576);
}

/* Files come in no order: keep the setting of the name that sorts last. */
static void keep(struct vmp_setting *setting, char *in,
		 const struct source *source, unsigned int line, int64_t value)
{
	if (setting->path[0] && strcmp(source->name, in) < 0)
		return;
	snprintf(in, NAME_MAX + 1, "%s", source->name);
	snprintf(setting->path, sizeof(setting->path), "%s/%s",
		 source->directory, source->name);
	setting->line = line;
	setting->value = value;
	setting->distribution = is_default(source, value);
}

/* Out: *length, 0 for a line that is longer than any. False: no more lines. */
static bool read_line(FILE *f, char *line, size_t *length, size_t *left)
{
	size_t n = 0;
	int c = *left ? getc_unlocked(f) : EOF;

	if (c == EOF)
		return false;
	for (; c != EOF && c != '\n'; c = getc_unlocked(f)) {
		if (n == *left)
			break;
		if (n < LINE_BYTES)
			line[n] = (char)c;
		n++;
	}
	*length = n <= LINE_BYTES && n < *left ? n : 0;
	*left -= n < *left ? n + 1 : n;
	return true;
}

static void read_lines(FILE *f, const struct source *source,
		       struct search *search)
{
	char line[LINE_BYTES];
	size_t length, left = FILE_BYTES;
	int64_t value;
	enum vmp_sysctl_line what;

	for (unsigned int at = 1; read_line(f, line, &length, &left); at++) {
		what = vmp_sysctl_line(line, length, &value);
		if (what == VMP_LINE_VALUE)
			keep(&search->named, search->named_in, source, at,
			     value);
		else if (what == VMP_LINE_GLOB)
			keep(&search->pattern, search->pattern_in, source, at,
			     value);
		else if (what == VMP_LINE_EXCLUDED)
			search->excluded = true;
	}
}

static void read_conf(const char *root, const struct source *source,
		      struct search *search)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s%s/%s", root, source->directory,
		 source->name);
	fd = vmp_open_regular(path);
	if (fd < 0)
		return;

	VMP_FCLOSE FILE *f = fdopen(fd, "re");

	if (f)
		read_lines(f, source, search);
	else
		close(fd);
}

static bool is_conf(const char *name)
{
	size_t length = strlen(name);

	return length >= 5 && !strcmp(name + length - 5, ".conf");
}

static bool is_masked(const char *root, size_t directory, const char *name)
{
	char path[512];
	struct stat status;

	for (size_t i = 0; i < directory; i++) {
		snprintf(path, sizeof(path), "%s%s/%s", root,
			 directories[i].path, name);
		if (!lstat(path, &status))
			return true;
	}
	return false;
}

static void read_directory(const char *root, size_t i, struct search *search)
{
	char path[512];
	struct source source = { .directory = directories[i].path,
				 .distribution = directories[i].distribution };
	const struct dirent *entry;

	snprintf(path, sizeof(path), "%s%s", root, directories[i].path);

	VMP_CLOSEDIR DIR *directory = opendir(path);

	if (!directory)
		return;
	while ((entry = readdir(directory))) {
		if (!is_conf(entry->d_name) ||
		    is_masked(root, i, entry->d_name))
			continue;
		source.name = entry->d_name;
		read_conf(root, &source, search);
	}
}

static const struct vmp_setting *winner(const struct search *search)
{
	if (search->named.path[0] || search->excluded)
		return &search->named;
	return &search->pattern;
}

void vmp_sysctl_find(const char *root, int64_t limit,
		     struct vmp_setting *setting)
{
	static const struct vmp_setting none = { .value = -1 };
	static const struct source last = { .directory = "/etc",
					    .name = "sysctl.conf" };
	struct search search = { .named = none, .pattern = none };

	for (size_t i = 0; i < VMP_COUNT(directories); i++)
		read_directory(root, i, &search);
	*setting = *winner(&search);
	search.named_in[0] = search.pattern_in[0] = '\0';
	read_conf(root, &last, &search);
	/* systemd does not read it: then the rest is what says the limit */
	if (setting->value != limit || winner(&search)->value == limit)
		*setting = *winner(&search);
}
