// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Is this a container, a sandbox, a WSL2? Said only where a sign leaves no
 * doubt: a guess would send the reader to the wrong machine.
 */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/internal.h"
#include "lib/system.h"

/* Where signs are looked for. */
struct place {
	struct vmp_ctx *ctx;
	const char *root;
	bool own_namespaces; /* not all known to be the first ones */
};

static bool exists(const struct place *p, const char *path)
{
	char full[512];
	struct stat status;

	snprintf(full, sizeof(full), "%s%s", p->root, path);
	return !lstat(full, &status);
}

/*
 * The namespaces that a machine starts with have numbers of their own
 * (PROC_IPC_INIT_INO and the like, since Linux 3.8). Containers share some of
 * these four with it, never all; images that became virtual machines do.
 */
static bool has_own_namespaces(struct vmp_ctx *ctx)
{
	static const struct {
		const char *file, *first;
	} rows[] = {
		{ "ns/ipc", "ipc:[4026531839]" },
		{ "ns/uts", "uts:[4026531838]" },
		{ "ns/pid", "pid:[4026531836]" },
		{ "ns/cgroup", "cgroup:[4026531835]" },
	};
	char path[256], target[64];
	ssize_t n;

	for (size_t i = 0; i < VMP_COUNT(rows); i++) {
		vmp_proc_path(ctx, 0, rows[i].file, path, sizeof(path));
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			return true;
		target[n] = '\0';
		if (strcmp(target, rows[i].first))
			return true;
	}
	return false;
}

static bool is_id(const char *text)
{
	return strspn(text, "0123456789abcdef") >= 12;
}

/*
 * Does a path of /proc/PID/cgroup have a component that begins so, and goes on
 * with a container's id if that is asked for? "/docker-" alone may be a
 * service, and "/libpod-conmon-" watches a container from outside.
 */
static bool in_cgroup(const struct place *p, const char *component, bool id)
{
	/* first of this process: init may be the host's (hostPID) */
	static const pid_t pids[] = { 0, 1 };
	char path[256], text[4096];
	const char *at;

	for (size_t i = 0; i < VMP_COUNT(pids); i++) {
		vmp_proc_path(p->ctx, pids[i], "cgroup", path, sizeof(path));
		vmp_read_text(path, text, sizeof(text));
		at = strstr(text, component);
		for (; at; at = strstr(at + 1, component))
			if (!id || is_id(at + strlen(component)))
				return true;
	}
	return false;
}

/* What systemd, or whoever made the container, calls it. */
static bool is_called(const struct place *p, const char *name)
{
	char path[512], text[64];

	snprintf(path, sizeof(path), "%s/run/systemd/container", p->root);
	vmp_read_text(path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, name);
}

/* container=NAME in the environment of init, where it may be read. */
static bool init_says(const struct place *p, const char *name)
{
	static const char key[] = "container=";
	char path[256], text[8192];
	size_t length, at = 0;

	vmp_proc_path(p->ctx, 1, "environ", path, sizeof(path));
	length = vmp_read_text(path, text, sizeof(text));
	while (at < length && strncmp(text + at, key, strlen(key)))
		at += strlen(text + at) + 1;
	/* "" asks for any, but "wsl", which is none, and nothing */
	if (at >= length || !text[at + strlen(key)])
		return false;
	at += strlen(key);
	return *name ? !strcmp(text + at, name) : strcmp(text + at, "wsl") != 0;
}

static bool is_kubernetes(const struct place *p)
{
	return (p->own_namespaces && getenv("KUBERNETES_SERVICE_HOST")) ||
	       in_cgroup(p, "/kubepods", false);
}

static bool is_podman(const struct place *p)
{
	return (p->own_namespaces && exists(p, "/run/.containerenv")) ||
	       in_cgroup(p, "/libpod-", true) || is_called(p, "podman") ||
	       init_says(p, "podman");
}

static bool is_docker(const struct place *p)
{
	return (p->own_namespaces && exists(p, "/.dockerenv")) ||
	       in_cgroup(p, "/docker/", true) ||
	       in_cgroup(p, "/docker-", true) || is_called(p, "docker") ||
	       init_says(p, "docker");
}

/* What watches a container from the host is in lxc.monitor. */
static bool is_lxc(const struct place *p)
{
	return in_cgroup(p, "/lxc/", false) ||
	       in_cgroup(p, "/lxc.payload", false) || is_called(p, "lxc") ||
	       is_called(p, "lxc-libvirt") || init_says(p, "lxc") ||
	       init_says(p, "lxc-libvirt");
}

static bool is_container(const struct place *p)
{
	return (p->own_namespaces && exists(p, "/run/systemd/container") &&
		!is_called(p, "wsl") && !is_called(p, "")) ||
	       init_says(p, "");
}

/* What is made of others comes first: pods are made of containers. */
static const struct {
	const char *name;
	bool (*test)(const struct place *p);
} containers[] = {
	{ "kubernetes", is_kubernetes }, { "podman", is_podman },
	{ "docker", is_docker },	 { "lxc", is_lxc },
	{ "container", is_container },
};

/*
 * gVisor calls itself 4.19.0-gvisor; it was 4.4.0 for years, with a date that
 * Linux may have too. What may be Linux counts with a limit that only gVisor is
 * likely to have: it serves INT_MAX since 2021, for it has none.
 */
static bool is_gvisor(const struct place *p, int64_t limit)
{
	char path[256], version[512], command[8192];

	snprintf(path, sizeof(path), "%s/version", p->ctx->procfs);
	vmp_read_text(path, version, sizeof(version));
	snprintf(path, sizeof(path), "%s/cmdline", p->ctx->procfs);
	vmp_read_text(path, command, sizeof(command));
	if (strcasestr(version, "gvisor"))
		return true;
	return limit == INT_MAX &&
	       (!strcmp(version, "Linux version 4.4.0 #1 SMP "
				 "Sun Jan 10 15:06:54 PST 2016\n") ||
		strstr(command, "-gvisor "));
}

/* WSL1, which is no Linux, says "-Microsoft". */
static bool is_wsl2(const struct vmp_system *system)
{
	return strstr(system->kernel, "microsoft") ||
	       strstr(system->kernel, "WSL2");
}

void vmp_place_read(struct vmp_ctx *ctx, const char *root, int64_t limit,
		    struct vmp_system *system)
{
	struct place p = { ctx, root, has_own_namespaces(ctx) };

	if (is_wsl2(system))
		strcpy(system->hypervisor, "wsl2");
	/* its distributions have namespaces, and may once have been images */
	if (exists(&p, "/run/WSL"))
		p.own_namespaces = false;
	if (is_gvisor(&p, limit))
		strcpy(system->sandbox, "gvisor");
	for (size_t i = 0; i < VMP_COUNT(containers); i++) {
		if (!containers[i].test(&p))
			continue;
		strcpy(system->container, containers[i].name);
		return;
	}
}
