// SPDX-License-Identifier: GPL-2.0-or-later
/* What kind of system this is: containers, gVisor, WSL2, distributions. */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/system.h"
#include "unit.h"

#define ID "/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GVISOR_4 "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n"

/* Those of a machine, as links of /proc/self/ns; a container has others. */
static const char *const namespaces[][2] = {
	{ "ipc", "ipc:[4026531839]" },
	{ "uts", "uts:[4026531838]" },
	{ "pid", "pid:[4026531836]" },
	{ "cgroup", "cgroup:[4026531835]" },
};

static const struct {
	const char *about;
	bool machine; /* has its first namespaces */
	struct {
		const char *path, *text;
	} files[4];
	const char *container, *sandbox, *hypervisor;
	const char *limit; /* NULL: 65,530 */
} places[] = {
	{ .about = "nothing" },
	{ .about = "a machine",
	  .machine = true,
	  .files = { { "proc/self/cgroup", "0::/user.slice\n" } } },
	{ .about = "docker",
	  .files = { { ".dockerenv", "" } },
	  .container = "docker" },
	{ .about = "image that became a machine",
	  .machine = true,
	  .files = { { ".dockerenv", "" } } },
	{ .about = "image that became a WSL2",
	  .files = { { ".dockerenv", "" },
		     { "run/WSL/1_interop", "" },
		     { "proc/sys/kernel/osrelease",
		       "5.15.90.1-microsoft-standard-WSL2\n" } },
	  .hypervisor = "wsl2" },
	{ .about = "docker in WSL2",
	  .files = { { ".dockerenv", "" },
		     { "proc/sys/kernel/osrelease",
		       "5.15.90.1-microsoft-standard-WSL2\n" } },
	  .container = "docker",
	  .hypervisor = "wsl2" },
	{ .about = "WSL2 before it said so",
	  .files = { { "proc/sys/kernel/osrelease",
		       "4.19.84-microsoft-standard\n" } },
	  .hypervisor = "wsl2" },
	{ .about = "WSL2 with a kernel of one's own",
	  .files = { { "proc/sys/kernel/osrelease", "6.9.0-mine-WSL2+\n" } },
	  .hypervisor = "wsl2" },
	{ .about = "WSL1",
	  .files = { { "proc/sys/kernel/osrelease",
		       "4.4.0-19041-Microsoft\n" } } },
	{ .about = "WSL, as systemd says",
	  .files = { { "run/systemd/container", "wsl\n" } } },
	{ .about = "docker's cgroup, v1",
	  .machine = true,
	  .files = { { "proc/self/cgroup", "4:memory:/docker" ID "\n" } },
	  .container = "docker" },
	{ .about = "docker's cgroup, v2",
	  .machine = true,
	  .files = { { "proc/self/cgroup",
		       "0::/system.slice/docker-0123456789abcdef.scope\n" } },
	  .container = "docker" },
	{ .about = "dockerd",
	  .machine = true,
	  .files = { { "proc/self/cgroup",
		       "0::/system.slice/docker.service\n" } } },
	{ .about = "a service of that name",
	  .machine = true,
	  .files = { { "proc/self/cgroup",
		       "0::/system.slice/docker-compose.service\n" } } },
	{ .about = "podman",
	  .files = { { "run/.containerenv", "" } },
	  .container = "podman" },
	{ .about = "podman's cgroup",
	  .machine = true,
	  .files = { { "proc/1/cgroup",
		       "0::/machine.slice/libpod-conmon-0123456789ab"
		       "/x/libpod-0123456789abcdef.scope/container\n" } },
	  .container = "podman" },
	{ .about = "podman's watcher",
	  .machine = true,
	  .files = { { "proc/self/cgroup",
		       "0::/machine.slice/libpod-conmon-0123456789ab.scope\n" } } },
	{ .about = "a pod is made of containers",
	  .files = { { ".dockerenv", "" },
		     { "proc/self/cgroup",
		       "0::/kubepods.slice/kubepods-pod1.slice/x.scope\n" } },
	  .container = "kubernetes" },
	{ .about = "lxc",
	  .files = { { "proc/1/cgroup", "0::/lxc.payload.c1\n" } },
	  .container = "lxc" },
	{ .about = "lxc's watcher",
	  .machine = true,
	  .files = { { "proc/self/cgroup", "0::/lxc.monitor.c1\n" } } },
	{ .about = "lxc, as systemd says",
	  .files = { { "run/systemd/container", "lxc\n" } },
	  .container = "lxc" },
	{ .about = "lxc, as init says",
	  .files = { { "proc/1/environ", "TERM=linux" } } },
	{ .about = "some container",
	  .files = { { "run/systemd/container", "systemd-nspawn\n" } },
	  .container = "container" },
	{ .about = "some container, as init says",
	  .files = { { "proc/1/environ", "container=oci" } },
	  .container = "container" },
	{ .about = "docker, as init says",
	  .files = { { "proc/1/environ", "container=docker" } },
	  .container = "docker" },
	{ .about = "a variable of a similar name",
	  .files = { { "proc/1/environ", "my_container=docker" } } },
	{ .about = "no name", .files = { { "proc/1/environ", "container=" } } },
	{ .about = "no name in a file",
	  .files = { { "run/systemd/container", "\n" } } },
	{ .about = "gVisor",
	  .files = { { "proc/version",
		       "Linux version 4.19.0-gvisor #1 SMP\n" } },
	  .sandbox = "gvisor",
	  .limit = "2147483647\n" },
	{ .about = "gVisor, older",
	  .files = { { "proc/version", GVISOR_4 } },
	  .sandbox = "gvisor",
	  .limit = "2147483647\n" },
	{ .about = "gVisor, by its command line",
	  .files = { { "proc/cmdline",
		       "BOOT_IMAGE=/vmlinuz-4.4.0-gvisor quiet\n" } },
	  .sandbox = "gvisor",
	  .limit = "2147483647\n" },
	{ .about = "Linux 4.4.0", .files = { { "proc/version", GVISOR_4 } } },
	{ .about = "the largest limit",
	  .files = { { "proc/version",
		       "Linux version 6.8.0 (a@b) (gcc) #1 SMP\n" } },
	  .limit = "2147483647\n" },
};

static void make_machine(const char *base)
{
	char path[512];

	for (size_t i = 0; i < VMP_COUNT(namespaces); i++) {
		snprintf(path, sizeof(path), "%s/proc/self/ns/%s", base,
			 namespaces[i][0]);
		scratch_text(path + strlen(scratch_root()) + 1, "");
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(symlink(namespaces[i][1], path), 0);
	}
}

static struct vmp_ctx *tree(const char *name, int i, const char *limit,
			    char *base, size_t size)
{
	struct vmp_ctx *ctx = scratch_ctx();
	char path[300];

	unsetenv("KUBERNETES_SERVICE_HOST");
	snprintf(base, size, "%s/%s-%d", scratch_root(), name, i);
	snprintf(path, sizeof(path), "%s/proc", base);
	ck_assert_int_eq(vmp_set_procfs(ctx, path), 0);
	snprintf(path, sizeof(path), "%s-%d/proc/sys/vm/max_map_count", name,
		 i);
	scratch_text(path, limit);
	return ctx;
}

START_TEST(finds_place)
{
	char base[256], path[300];
	const char *limit = places[_i].limit;
	struct vmp_ctx *ctx = tree("place", _i, limit ? limit : "65530\n", base,
				   sizeof(base));
	struct vmp_system s;

	for (size_t i = 0; i < 4 && places[_i].files[i].path; i++) {
		snprintf(path, sizeof(path), "place-%d/%s", _i,
			 places[_i].files[i].path);
		scratch_text(path, places[_i].files[i].text);
	}
	if (places[_i].machine)
		make_machine(base);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_msg(!strcmp(s.container,
			      places[_i].container ? places[_i].container : ""),
		      "%s: %s", places[_i].about, s.container);
	ck_assert_msg(!strcmp(s.sandbox,
			      places[_i].sandbox ? places[_i].sandbox : ""),
		      "%s: %s", places[_i].about, s.sandbox);
	ck_assert_msg(!strcmp(s.hypervisor, places[_i].hypervisor
						    ? places[_i].hypervisor
						    : ""),
		      "%s: %s", places[_i].about, s.hypervisor);
	/* gVisor's limit is its own; that of Linux was set by somebody */
	ck_assert_int_eq(s.source, s.sandbox[0] || !limit ? VMP_SOURCE_KERNEL
							  : VMP_SOURCE_OTHER);
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_environment_of_init)
{
	static const char text[] = "PATH=/bin\0container=lxc\0TERM=linux";
	char base[256];
	struct vmp_ctx *ctx = tree("init", 0, "1\n", base, sizeof(base));
	struct vmp_system s;

	scratch_write("init-0/proc/1/environ", text, sizeof(text));
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_str_eq(s.container, "lxc");
	vmp_free(ctx);
}
END_TEST

START_TEST(reads_own_environment)
{
	char base[256];
	struct vmp_ctx *ctx = tree("own", 0, "1\n", base, sizeof(base));
	struct vmp_system s;

	setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_str_eq(s.container, "kubernetes");
	/* anybody may set a variable: a machine stays one */
	make_machine(base);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_str_eq(s.container, "");
	vmp_free(ctx);
}
END_TEST

static const struct {
	const char *text, *name;
} releases[] = {
	{ "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=y\n",
	  "Debian GNU/Linux 12 (bookworm)" },
	{ "PRETTY_NAME='Alpine \"Linux\" v3.20'\n", "Alpine \"Linux\" v3.20" },
	{ "PRETTY_NAME=Void", "Void" },
	{ "PRETTY_NAME=\"a \\\"b\\\" \\$c\"", "a \"b\" $c" },
	{ "PRETTY_NAME=\"no end\nID=x", "no end" },
	{ "PRETTY_NAME=\"cut\\", "cut\\" },
	{ "PRETTY_NAME=\"cut\\\nID=x\n", "cut\\" },
	{ "PRETTY_NAME=", "" },
	{ "PRETTY_NAME=\"\"\n", "" },
	{ "# PRETTY_NAME=x\nXPRETTY_NAME=y\n", "" },
	{ "", "" },
};

START_TEST(reads_distribution)
{
	char base[256], path[64];
	struct vmp_ctx *ctx = tree("release", _i, "1\n", base, sizeof(base));
	struct vmp_system s;

	snprintf(path, sizeof(path), "release-%d/%s/os-release", _i,
		 _i % 2 ? "etc" : "usr/lib");
	scratch_text(path, releases[_i].text);
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_str_eq(s.distribution, releases[_i].name);
	vmp_free(ctx);
}
END_TEST

START_TEST(cuts_names)
{
	char base[256], text[16384];
	struct vmp_ctx *ctx = tree("cut", 0, "1\n", base, sizeof(base));
	struct vmp_system s;

	memset(text, 'x', sizeof(text));
	memcpy(text, "PRETTY_NAME=", 12);
	scratch_write("cut-0/etc/os-release", text, sizeof(text));
	scratch_write("cut-0/proc/sys/kernel/osrelease", text, sizeof(text));
	scratch_write("cut-0/proc/sys/kernel/arch", text, sizeof(text));
	scratch_write("cut-0/proc/self/cgroup", text, sizeof(text));
	scratch_write("cut-0/proc/1/environ", text, sizeof(text));
	scratch_write("cut-0/proc/version", text, sizeof(text));
	scratch_write("cut-0/proc/cmdline", text, sizeof(text));
	scratch_write("cut-0/run/systemd/container", text, sizeof(text));
	ck_assert_int_eq(vmp_system_read_from(ctx, base, &s), 0);
	ck_assert_uint_eq(strlen(s.distribution), sizeof(s.distribution) - 1);
	ck_assert_uint_eq(strlen(s.kernel), sizeof(s.kernel) - 1);
	ck_assert_uint_eq(strlen(s.machine), sizeof(s.machine) - 1);
	ck_assert_str_eq(s.container, "container");
	vmp_free(ctx);
}
END_TEST

Suite *suite_system_place(void)
{
	Suite *suite = suite_create("system place");
	TCase *places_case = tcase_create("places");

	tcase_add_unchecked_fixture(places_case, scratch_begin, scratch_end);
	tcase_add_loop_test(places_case, finds_place, 0, VMP_COUNT(places));
	tcase_add_test(places_case, reads_environment_of_init);
	tcase_add_test(places_case, reads_own_environment);
	tcase_add_loop_test(places_case, reads_distribution, 0,
			    VMP_COUNT(releases));
	tcase_add_test(places_case, cuts_names);
	suite_add_tcase(suite, places_case);
	return suite;
}
