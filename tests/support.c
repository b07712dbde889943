// SPDX-License-Identifier: GPL-2.0-or-later
/* Fixtures and scratch files for the unit tests. */
#include <dirent.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "unit.h"

static char root[128];

struct vmp_ctx *fixture_ctx(const char *name)
{
	const char *srcdir = getenv("srcdir");
	struct vmp_ctx *ctx = vmp_new();
	char path[4096];

	ck_assert_ptr_nonnull(ctx);
	snprintf(path, sizeof(path), "%s/tests/data/%s", srcdir ? srcdir : ".",
		 name);
	ck_assert_int_eq(vmp_set_procfs(ctx, path), 0);
	return ctx;
}

void scratch_begin(void)
{
	const char *directory = getenv("TMPDIR");

	if (!directory || !*directory || strlen(directory) > 80)
		directory = "/tmp";
	snprintf(root, sizeof(root), "%s/vmaprobe-unit.XXXXXX", directory);
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *place)
{
	(void)status, (void)type, (void)place;
	return remove(path);
}

void scratch_end(void)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void scratch_write(const char *path, const char *text, size_t length)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
	f = fopen(full, "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, length, f), length);
	ck_assert_int_eq(fclose(f), 0);
}

void scratch_text(const char *path, const char *text)
{
	scratch_write(path, text, strlen(text));
}

const char *scratch_root(void)
{
	return root;
}

struct vmp_ctx *scratch_ctx(void)
{
	struct vmp_ctx *ctx = vmp_new();

	ck_assert_ptr_nonnull(ctx);
	ck_assert_int_eq(vmp_set_procfs(ctx, root), 0);
	return ctx;
}

struct vmp_scenario *parse_text(const char *text)
{
	struct vmp_scenario_error error;
	struct vmp_scenario *scenario = NULL;
	int rc = vmp_scenario_parse("test", text, strlen(text), &scenario,
				    &error);

	ck_assert_msg(rc == 0, "%u:%u: %s in:\n%.400s", error.line,
		      error.column, error.text, text);
	return scenario;
}

unsigned int open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int n = 0;

	ck_assert_ptr_nonnull(directory);
	while (readdir(directory))
		n++;
	closedir(directory);
	return n;
}

void assert_holds(const char *text, const char *piece)
{
	ck_assert_msg(strstr(text, piece), "no \"%s\" in \"%s\"", piece, text);
}

bool in_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}
