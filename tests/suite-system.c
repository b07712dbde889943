// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the limit came from: sysctl.d files, the kernel's command line. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/system.h"
#include "unit.h"

static const struct {
	const char *line;
	enum vmp_sysctl_line what;
	int64_t value;
} lines[] = {
	{ "vm.max_map_count=262144", VMP_LINE_VALUE, 262144 },
	{ "\t vm.max_map_count \t=  262144 \r", VMP_LINE_VALUE, 262144 },
	{ "vm/max_map_count = 1", VMP_LINE_VALUE, 1 },
	{ "/vm//max_map_count = 1", VMP_LINE_VALUE, 1 },
	{ ".vm.max_map_count = 1", VMP_LINE_VALUE, 1 },
	{ "-vm.max_map_count = 1", VMP_LINE_VALUE, 1 },
	{ "- vm.max_map_count = 1", VMP_LINE_VALUE, 1 },
	{ "-vm.max_map_count", VMP_LINE_EXCLUDED, 0 },
	{ "vm.max_map_count = many", VMP_LINE_EXCLUDED, 0 },
	{ "vm.max_map_count =", VMP_LINE_EXCLUDED, 0 },
	{ "vm.max_map_count = 5 = 6", VMP_LINE_VALUE, 5 },
	{ "vm.max_map_count == 5", VMP_LINE_EXCLUDED, 0 },
	{ "vm.max_map_count", VMP_LINE_NOTHING, 0 },
	{ "#vm.max_map_count = 1", VMP_LINE_NOTHING, 0 },
	{ "  ; vm.max_map_count = 1", VMP_LINE_NOTHING, 0 },
	{ "", VMP_LINE_NOTHING, 0 },
	{ "-", VMP_LINE_NOTHING, 0 },
	{ "=", VMP_LINE_NOTHING, 0 },
	{ "-= 1", VMP_LINE_NOTHING, 0 },
	{ "--vm.max_map_count = 1", VMP_LINE_NOTHING, 0 },
	/* "/" first: then "." is a letter; "." first: "/" is */
	{ "vm/max.map_count = 1", VMP_LINE_NOTHING, 0 },
	{ "vm.max_map/count = 1", VMP_LINE_NOTHING, 0 },
	{ "vm.max_map_count2 = 1", VMP_LINE_NOTHING, 0 },
	{ "vm.max_map_coun = 1", VMP_LINE_NOTHING, 0 },
	{ "vm.max_map_count. = 1", VMP_LINE_NOTHING, 0 },
	{ "vm_max_map_count = 1", VMP_LINE_NOTHING, 0 },
	{ "VM.MAX_MAP_COUNT = 1", VMP_LINE_NOTHING, 0 },
	{ "vm.max_* = 7", VMP_LINE_GLOB, 7 },
	{ "*.max_map_coun? = 7", VMP_LINE_GLOB, 7 },
	{ "vm/max_map_[b-d]ount = 7", VMP_LINE_GLOB, 7 },
	{ "-vm.* = 7", VMP_LINE_GLOB, 7 },
	{ "vm.max_* = many", VMP_LINE_NOTHING, 0 },
	{ "-vm.max_*", VMP_LINE_NOTHING, 0 },
	{ "* = 7", VMP_LINE_NOTHING, 0 },
	{ "net.* = 7", VMP_LINE_NOTHING, 0 },
	{ "vm.[ = 7", VMP_LINE_NOTHING, 0 },
	{ "\xff\xfe\x01 = 7", VMP_LINE_NOTHING, 0 },
};

START_TEST(reads_line)
{
	size_t length = strlen(lines[_i].line);
	int64_t value = 0;
	/* where it ends is unmapped memory, to valgrind and ASan */
	VMP_FREE char *line = malloc(length + !length);

	ck_assert_ptr_nonnull(line);
	memcpy(line, lines[_i].line, length);
	ck_assert_int_eq(vmp_sysctl_line(line, length, &value), lines[_i].what);
	ck_assert_int_eq(value, lines[_i].value);
}
END_TEST

START_TEST(reads_line_to_its_nul)
{
	static const char text[] = "vm.max_map_count=12\00034";
	int64_t value = 0;

	ck_assert_int_eq(vmp_sysctl_line(text, sizeof(text), &value),
			 VMP_LINE_VALUE);
	ck_assert_int_eq(value, 12);
}
END_TEST

/* As Linux 6.18 takes them in a file of the same kind, net/core/somaxconn. */
static const struct {
	const char *text;
	int64_t value;
} values[] = {
	{ "65530", 65530 },
	{ "0", 0 },
	{ "2147483647", INT_MAX },
	{ "2147483648", -1 },
	{ "-1", -1 },
	{ "-0", 0 },
	{ "+1", -1 },
	{ "0x10000", 65536 },
	{ "0X1F", 31 },
	{ "0200000", 65536 },
	{ "08", -1 },
	{ "0x", -1 },
	{ "0b1", -1 },
	{ "18446744073709551616", -1 },
	{ "99999999999999999999999", -1 },
	{ "00000000000000000017", 15 },
	{ "000000000000000000017", -1 },
	{ "1 2", 1 },
	{ "1\t", 1 },
	{ "1 many", 1 },
	{ "1,2", -1 },
	{ "65_530", -1 },
	{ "\"65530\"", -1 },
	{ "1e5", -1 },
	{ "", -1 },
	{ " ", -1 },
};

START_TEST(reads_value)
{
	ck_assert_int_eq(vmp_sysctl_value(values[_i].text,
					  strlen(values[_i].text)),
			 values[_i].value);
}
END_TEST

static char base[256];

/* A tree of its own for each test: they share the one of the test case. */
static struct vmp_ctx *tree(const char *name, int i, const char *limit)
{
	struct vmp_ctx *ctx = scratch_ctx();
	char path[128], procfs[300];

	unsetenv("KUBERNETES_SERVICE_HOST");
	snprintf(base, sizeof(base), "%s/%s-%d", scratch_root(), name, i);
	snprintf(procfs, sizeof(procfs), "%s/proc", base);
	ck_assert_int_eq(vmp_set_procfs(ctx, procfs), 0);
	snprintf(path, sizeof(path), "%s-%d/proc/sys/vm/max_map_count", name,
		 i);
	scratch_text(path, limit);
	return ctx;
}

/* "->TARGET" makes a symbolic link, "|" a FIFO, "/" a directory. */
static void put(const char *path, const char *text)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", base, path);
	scratch_text(full + strlen(scratch_root()) + 1, "");
	if (strncmp(text, "->", 2) && strcmp(text, "|") && strcmp(text, "/")) {
		scratch_text(full + strlen(scratch_root()) + 1, text);
		return;
	}
	ck_assert_int_eq(unlink(full), 0);
	if (*text == '|')
		ck_assert_int_eq(mkfifo(full, 0600), 0);
	else if (*text == '/')
		ck_assert_int_eq(mkdir(full, 0700), 0);
	else
		ck_assert_int_eq(symlink(text + 2, full), 0);
}

#define SET(n) "vm.max_map_count = " #n "\n"
#define ETC "/etc/sysctl.d/"
#define RUN "/run/sysctl.d/"
#define LOCAL "/usr/local/lib/sysctl.d/"
#define USR "/usr/lib/sysctl.d/"
#define LIB "/lib/sysctl.d/"
#define CONF "/etc/sysctl.conf"
#define CMDLINE "/proc/cmdline"

static const struct {
	const char *about;
	struct {
		const char *path, *text;
	} files[6];
	const char *limit;
	enum vmp_limit_source source;
	const char *path;
	unsigned int line;
	int64_t value;
	bool is_default;
} sources[] = {
	{ "nothing", .limit = "65530\n", .source = VMP_SOURCE_KERNEL,
	  .value = -1 },
	{ "nothing says", .limit = "262144\n", .source = VMP_SOURCE_OTHER,
	  .value = -1 },
	{ "Fedora",
	  { { USR "10-map-count.conf", "# more\n\n" SET(1048576) } },
	  "1048576\n",
	  VMP_SOURCE_FILE,
	  USR "10-map-count.conf",
	  3,
	  1048576,
	  true },
	{ "Ubuntu",
	  { { ETC "10-map-count.conf", SET(1048576) } },
	  "1048576\n",
	  VMP_SOURCE_FILE,
	  ETC "10-map-count.conf",
	  1,
	  1048576,
	  true },
	{ "Ubuntu, changed",
	  { { ETC "10-map-count.conf", SET(1) } },
	  "1\n",
	  VMP_SOURCE_FILE,
	  ETC "10-map-count.conf",
	  1,
	  1,
	  false },
	{ "later name wins, whatever the directory",
	  { { ETC "10-a.conf", SET(1) },
	    { LIB "20-a.conf", SET(2) },
	    { RUN "15-a.conf", SET(3) } },
	  "2\n",
	  VMP_SOURCE_FILE,
	  LIB "20-a.conf",
	  1,
	  2,
	  true },
	{ "order is strcmp's",
	  { { ETC "9.conf", SET(9) },
	    { ETC "10.conf", SET(10) },
	    { ETC "a.conf", SET(11) },
	    { ETC "Z.conf", SET(12) } },
	  "11\n",
	  VMP_SOURCE_FILE,
	  ETC "a.conf",
	  1,
	  11,
	  false },
	{ "later line wins",
	  { { ETC "a.conf", SET(1) "\n" SET(2) } },
	  "2\n",
	  VMP_SOURCE_FILE,
	  ETC "a.conf",
	  3,
	  2,
	  false },
	{ "a refused value leaves the one before",
	  { { ETC "a.conf", SET(1) SET(many) },
	    { ETC "b.conf", SET(2147483648) } },
	  "1\n",
	  VMP_SOURCE_FILE,
	  ETC "a.conf",
	  1,
	  1,
	  false },
	{ "same name masks",
	  { { ETC "a.conf", SET(1) },
	    { RUN "a.conf", SET(2) },
	    { LOCAL "a.conf", SET(3) },
	    { USR "a.conf", SET(4) },
	    { LIB "a.conf", SET(5) } },
	  "1\n",
	  VMP_SOURCE_FILE,
	  ETC "a.conf",
	  1,
	  1,
	  false },
	{ "same name masks in /run",
	  { { RUN "a.conf", SET(2) }, { LOCAL "a.conf", SET(3) } },
	  "2\n",
	  VMP_SOURCE_FILE,
	  RUN "a.conf",
	  1,
	  2,
	  false },
	{ "local is no distribution's",
	  { { LOCAL "a.conf", SET(3) }, { USR "a.conf", SET(4) } },
	  "3\n",
	  VMP_SOURCE_FILE,
	  LOCAL "a.conf",
	  1,
	  3,
	  false },
	{ "/dev/null masks",
	  { { ETC "a.conf", "->/dev/null" }, { USR "a.conf", SET(4) } },
	  "65530\n",
	  VMP_SOURCE_KERNEL,
	  "",
	  0,
	  -1,
	  false },
	{ "an empty file masks",
	  { { ETC "a.conf", "" }, { USR "a.conf", SET(4) } },
	  "65530\n",
	  VMP_SOURCE_KERNEL,
	  "",
	  0,
	  -1,
	  false },
	{ "a directory masks",
	  { { ETC "a.conf", "/" }, { USR "a.conf", SET(4) } },
	  "65530\n",
	  VMP_SOURCE_KERNEL,
	  "",
	  0,
	  -1,
	  false },
	{ "a FIFO does not block",
	  { { ETC "a.conf", "|" },
	    { CONF, "|" },
	    { "/etc/os-release", "|" },
	    { CMDLINE, "|" },
	    { ETC "b.conf", SET(4) } },
	  "4\n",
	  VMP_SOURCE_FILE,
	  ETC "b.conf",
	  1,
	  4,
	  false },
	{ "links that lead nowhere",
	  { { ETC "a.conf", "->a.conf" },
	    { ETC "b.conf", "->none" },
	    { ETC "c.conf", "->/dev/zero" },
	    { USR "d.conf", SET(4) } },
	  "4\n",
	  VMP_SOURCE_FILE,
	  USR "d.conf",
	  1,
	  4,
	  true },
	{ "other names are none",
	  { { ETC "a.con", SET(1) },
	    { ETC "README", SET(2) },
	    { ETC "b.conf~", SET(3) },
	    { ETC "conf", SET(3) } },
	  "65530\n",
	  VMP_SOURCE_KERNEL,
	  "",
	  0,
	  -1,
	  false },
	{ "a directory that is a file",
	  { { "/etc/sysctl.d", SET(1) },
	    { "/run/sysctl.d", "|" },
	    { USR "a.conf", SET(2) } },
	  "2\n",
	  VMP_SOURCE_FILE,
	  USR "a.conf",
	  1,
	  2,
	  true },
	{ "sysctl.conf is last",
	  { { CONF, SET(1) }, { ETC "zz.conf", SET(2) } },
	  "1\n",
	  VMP_SOURCE_FILE,
	  CONF,
	  1,
	  1,
	  false },
	{ "sysctl.conf is not read by systemd",
	  { { CONF, SET(1) }, { ETC "a.conf", SET(2) } },
	  "2\n",
	  VMP_SOURCE_FILE,
	  ETC "a.conf",
	  1,
	  2,
	  false },
	{ "neither says it",
	  { { CONF, SET(1) }, { ETC "a.conf", SET(2) } },
	  "3\n",
	  VMP_SOURCE_OTHER,
	  CONF,
	  1,
	  1,
	  false },
	{ "sysctl.conf by a link",
	  { { CONF, SET(1) }, { ETC "99-sysctl.conf", "->../sysctl.conf" } },
	  "1\n",
	  VMP_SOURCE_FILE,
	  CONF,
	  1,
	  1,
	  false },
	{ "patterns yield to names",
	  { { ETC "a.conf", SET(1) }, { ETC "b.conf", "vm.max_* = 2" } },
	  "1\n",
	  VMP_SOURCE_FILE,
	  ETC "a.conf",
	  1,
	  1,
	  false },
	{ "patterns alone",
	  { { ETC "a.conf", "\nvm.max_* = 1" }, { ETC "b.conf", "vm.m* = 2" } },
	  "2\n",
	  VMP_SOURCE_FILE,
	  ETC "b.conf",
	  1,
	  2,
	  false },
	{ "patterns excluded",
	  { { ETC "a.conf", "vm.max_* = 1" },
	    { ETC "0.conf", "-vm.max_map_count" } },
	  "65530\n",
	  VMP_SOURCE_KERNEL,
	  "",
	  0,
	  -1,
	  false },
	{ "changed since",
	  { { ETC "a.conf", SET(262144) } },
	  "65530\n",
	  VMP_SOURCE_OTHER,
	  ETC "a.conf",
	  1,
	  262144,
	  false },
	{ "command line",
	  { { CMDLINE, "quiet sysctl.vm.max_map_count=77\n" } },
	  "77\n",
	  VMP_SOURCE_CMDLINE,
	  "",
	  0,
	  77,
	  false },
	{ "command line with slashes",
	  { { CMDLINE, "sysctl/vm/max_map_count=0x4d quiet" } },
	  "77\n",
	  VMP_SOURCE_CMDLINE,
	  "",
	  0,
	  77,
	  false },
	{ "command line with quotes",
	  { { CMDLINE, "a=\" sysctl.vm.max_map_count=1 \" "
		       "sysctl.vm.max_map_count=\"77\" "
		       "b=\"sysctl.vm.max_map_count=2\"\n" } },
	  "77\n",
	  VMP_SOURCE_CMDLINE,
	  "",
	  0,
	  77,
	  false },
	{ "command line, the word in quotes",
	  { { CMDLINE, "\"sysctl.vm.max_map_count=77\" \"" } },
	  "77\n",
	  VMP_SOURCE_CMDLINE,
	  "",
	  0,
	  77,
	  false },
	{ "command line, last valid one",
	  { { CMDLINE, "sysctl.vm.max_map_count=5 sysctl.vm.max_map_count=77 "
		       "sysctl.vm.max_map_count=x -- "
		       "sysctl.vm.max_map_count=6\n" } },
	  "77\n",
	  VMP_SOURCE_CMDLINE,
	  "",
	  0,
	  77,
	  false },
	{ "command line, similar words",
	  { { CMDLINE, "vm.max_map_count=1 sysctl.vm.max_map_counts=2 "
		       "sysctl.vm.max_map_count sysctl.vm.max-map-count=3" } },
	  "65530\n",
	  VMP_SOURCE_KERNEL,
	  "",
	  0,
	  -1,
	  false },
	{ "command line and default",
	  { { CMDLINE, "sysctl.vm.max_map_count=77" } },
	  "65530\n",
	  VMP_SOURCE_OTHER,
	  "",
	  0,
	  -1,
	  false },
	{ "files come after the command line",
	  { { CMDLINE, "sysctl.vm.max_map_count=77" },
	    { ETC "a.conf", SET(77) } },
	  "77\n",
	  VMP_SOURCE_FILE,
	  ETC "a.conf",
	  1,
	  77,
	  false },
	{ "files that nobody applied",
	  { { CMDLINE, "sysctl.vm.max_map_count=77" },
	    { ETC "a.conf", SET(78) } },
	  "77\n",
	  VMP_SOURCE_CMDLINE,
	  "",
	  0,
	  77,
	  false },
};

START_TEST(finds_source)
{
	struct vmp_ctx *ctx = tree("source", _i, sources[_i].limit);
	struct vmp_system s;

	for (size_t i = 0; i < 6 && sources[_i].files[i].path; i++)
		put(sources[_i].files[i].path, sources[_i].files[i].text);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_msg(s.source == sources[_i].source, "%s: %s",
		      sources[_i].about, vmp_limit_source_name(s.source));
	ck_assert_str_eq(s.source_path,
			 sources[_i].path ? sources[_i].path : "");
	ck_assert_uint_eq(s.source_line, sources[_i].line);
	ck_assert_int_eq(s.source_value, sources[_i].value);
	ck_assert_int_eq(s.source_is_default, sources[_i].is_default);
	vmp_free(ctx);
}
END_TEST

/* Lines and files that are longer than what is kept of them. */
START_TEST(reads_long_lines)
{
	enum { LONG = 6 << 20 };
	struct vmp_ctx *ctx = tree("long", 0, "5\n");
	VMP_FREE char *text = malloc(LONG);
	struct vmp_system s;

	ck_assert_ptr_nonnull(text);
	memset(text, ' ', LONG);
	memcpy(text, "vm.max_map_count=4", 18);
	text[9000] = '\n';
	memset(text + 9001, '#', 5000);
	memcpy(text + 14001, "\nvm.max_map_count=5\n", 20);
	memset(text + 14021, 0xff, LONG - 14021);
	/* after the 4 MiB that are read */
	memcpy(text + LONG - 20, "\nvm.max_map_count=6\n", 20);
	scratch_write("long-0/etc/sysctl.d/a.conf", text, LONG);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_int_eq(s.source, VMP_SOURCE_FILE);
	ck_assert_uint_eq(s.source_line, 3);
	ck_assert_int_eq(s.source_value, 5);
	vmp_free(ctx);
}
END_TEST

/* A number that ends where reading ends is not known to be whole. */
START_TEST(stops_inside_number)
{
	enum { BYTES = (4 << 20) + 4 };
	struct vmp_ctx *ctx = tree("stop", 0, "65530\n");
	VMP_FREE char *text = malloc(BYTES);
	struct vmp_system s;

	ck_assert_ptr_nonnull(text);
	memset(text, '\n', BYTES);
	memcpy(text + BYTES - 24, "vm.max_map_count=6553012", 24);
	scratch_write("stop-0/etc/sysctl.d/a.conf", text, BYTES);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_int_eq(s.source, VMP_SOURCE_KERNEL);
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_longest_name)
{
	struct vmp_ctx *ctx = tree("name", 0, "5\n");
	char path[300] = "/usr/local/lib/sysctl.d/";
	struct vmp_system s;

	memset(path + strlen(path), 'n', 250);
	strcat(path, ".conf");
	put(path, SET(5));
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_str_eq(s.source_path, path);
	vmp_free(ctx);
}
END_TEST

START_TEST(skips_unreadable)
{
	struct vmp_ctx *ctx = tree("unreadable", 0, "65530\n");
	char path[300];
	struct vmp_system s;

	put(ETC "a.conf", SET(1));
	put(USR "a.conf", SET(2));
	snprintf(path, sizeof(path), "%s" ETC "a.conf", base);
	ck_assert_int_eq(chmod(path, 0), 0);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	/* root reads it all the same */
	ck_assert_str_eq(s.source_path, access(path, R_OK) ? "" : ETC "a.conf");
	vmp_free(ctx);
}
END_TEST

START_TEST(refuses_system)
{
	struct vmp_ctx *ctx = tree("refuse", 0, "many\n");
	struct vmp_system s, untouched;
	char root[300];

	memset(&s, 0x5a, sizeof(s));
	memset(&untouched, 0x5a, sizeof(untouched));
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), -EBADMSG);
	put("/proc/sys/vm/max_map_count", "1\n");
	memset(root, 'r', sizeof(root) - 1);
	root[sizeof(root) - 1] = '\0';
	ck_assert_int_eq(vmp_system_read_from(ctx, root, &s), -ENAMETOOLONG);
	assert_holds(vmp_error(ctx), "root");
	ck_assert_mem_eq(&s, &untouched, sizeof(s));
	vmp_free(ctx);
}
END_TEST

START_TEST(names_sources)
{
	ck_assert_str_eq(vmp_limit_source_name(VMP_SOURCE_KERNEL), "kernel");
	ck_assert_str_eq(vmp_limit_source_name(VMP_SOURCE_OTHER), "other");
	ck_assert_ptr_null(vmp_limit_source_name(VMP_SOURCES));
}
END_TEST

START_TEST(reads_this_system)
{
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_system s;

	ck_assert_int_eq(vmp_system_read(ctx, &s), 0);
	ck_assert_str_ne(s.kernel, "");
	ck_assert_str_ne(s.machine, "");
	ck_assert_uint_lt(s.source, VMP_SOURCES);
	ck_assert(s.source != VMP_SOURCE_FILE || s.source_path[0]);
	vmp_free(ctx);
}
END_TEST

Suite *suite_system(void)
{
	Suite *suite = suite_create("system");
	TCase *pure = tcase_create("lines");
	TCase *files = tcase_create("files");

	tcase_add_loop_test(pure, reads_line, 0, VMP_COUNT(lines));
	tcase_add_test(pure, reads_line_to_its_nul);
	tcase_add_loop_test(pure, reads_value, 0, VMP_COUNT(values));
	tcase_add_test(pure, names_sources);
	suite_add_tcase(suite, pure);
	tcase_add_unchecked_fixture(files, scratch_begin, scratch_end);
	tcase_add_loop_test(files, finds_source, 0, VMP_COUNT(sources));
	tcase_add_test(files, reads_long_lines);
	tcase_add_test(files, stops_inside_number);
	tcase_add_test(files, reads_longest_name);
	tcase_add_test(files, skips_unreadable);
	tcase_add_test(files, refuses_system);
	tcase_add_test(files, reads_this_system);
	suite_add_tcase(suite, files);
	return suite;
}
