// SPDX-License-Identifier: GPL-2.0-or-later
/* Which container a process is in, told from its cgroup; and its arguments. */
#include <ctype.h>
#include <string.h>

#include "lib/internal.h"
#include "watch/proc.h"
#include "watch/watch.h"

/* A piece of text that is not terminated. */
struct piece {
	const char *text;
	size_t length;
};

enum { SHORT_ID = 12 };

/* What is between the two: "docker-" ID ".scope". Out: *inner. */
static bool is_between(struct piece p, const char *prefix, const char *suffix,
		       struct piece *inner)
{
	size_t before = strlen(prefix), after = strlen(suffix);

	if (p.length <= before + after || memcmp(p.text, prefix, before) ||
	    memcmp(p.text + p.length - after, suffix, after))
		return false;
	*inner = (struct piece){ p.text + before, p.length - before - after };
	return true;
}

static bool is_word(struct piece p, const char *word)
{
	return p.length == strlen(word) && !memcmp(p.text, word, p.length);
}

static bool is_id(struct piece p)
{
	size_t n = 0;

	while (n < p.length && strchr("0123456789abcdef", p.text[n]) &&
	       p.text[n])
		n++;
	return n == p.length && n >= SHORT_ID;
}

/* The long ones that all engines of OCI containers make. */
static bool is_long_id(struct piece p)
{
	return is_id(p) && p.length == 64;
}

static bool is_any(struct piece p)
{
	return p.length > 0;
}

/*
 * Forms of a component, after what is asked of the one before it. What watches
 * a container from outside has no id behind the prefix: libpod-conmon-ID,
 * crio-conmon-ID, lxc.monitor.NAME.
 */
static const struct form {
	const char *parent; /* "" any */
	const char *prefix, *suffix;
	bool (*test)(struct piece p);
	const char *kind;
	bool id; /* to be cut; a name is not */
} forms[] = {
	{ "", "docker-", ".scope", is_id, "docker", true },
	{ "docker", "", "", is_id, "docker", true },
	{ "", "libpod-payload-", "", is_id, "podman", true },
	{ "", "libpod-", ".scope", is_id, "podman", true },
	{ "", "libpod-", "", is_id, "podman", true },
	{ "libpod", "", "", is_id, "podman", true },
	{ "", "cri-containerd-", ".scope", is_id, "cri", true },
	{ "cri-containerd", "", "", is_id, "cri", true },
	{ "", "crio-", ".scope", is_id, "cri", true },
	{ "", "crio-", "", is_id, "cri", true },
	{ "", "nerdctl-", ".scope", is_id, "nerdctl", true },
	{ "", "lxc.payload.", "", is_any, "lxc", false },
	{ "lxc.payload", "", "", is_any, "lxc", false },
	{ "lxc", "", "", is_any, "lxc", false },
	{ "machine.slice", "machine-", ".scope", is_any, "machine", false },
	{ "machine.slice", "systemd-nspawn@", ".service", is_any, "machine",
	  false },
	{ "", "", "", is_long_id, "container", true },
};

/* The value of a hexadecimal digit, or -1. */
static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* systemd's escape of a byte, "\x2d"; what would end the text is none. */
static int escaped_byte(struct piece p)
{
	if (p.length < 4 || p.text[0] != '\\' || p.text[1] != 'x' ||
	    hex(p.text[2]) < 0 || hex(p.text[3]) < 0)
		return 0;
	return hex(p.text[2]) * 16 + hex(p.text[3]);
}

/* Put "KIND NAME" behind what is there. */
static void append(char *name, size_t size, const char *kind, struct piece p)
{
	size_t at = strlen(name);
	int byte;

	at += (size_t)snprintf(name + at, size - at, "%s%s ", at ? " " : "",
			       kind);
	while (p.length && at + 1 < size) {
		byte = escaped_byte(p);
		name[at++] = byte ? (char)byte : *p.text;
		p.text += byte ? 4 : 1;
		p.length -= byte ? 4 : 1;
	}
	name[at < size ? at : size - 1] = '\0';
}

/*
 * The UID of a pod, in "pod0b1c...", "kubepods-burstable-pod0b1c_....slice":
 * as much of it as tells it from others. That of a pod which the machine
 * itself describes is a hash, without dashes.
 */
static bool find_pod(struct piece p, struct piece *uid)
{
	static const char *const prefixes[] = {
		"pod",
		"kubepods-pod",
		"kubepods-burstable-pod",
		"kubepods-besteffort-pod",
		"kubelet-kubepods-pod",
		"kubelet-kubepods-burstable-pod",
		"kubelet-kubepods-besteffort-pod",
	};
	struct piece inner;
	size_t n;

	for (size_t i = 0; i < VMP_COUNT(prefixes); i++) {
		if (!is_between(p, prefixes[i], i ? ".slice" : "", &inner))
			continue;
		n = 0;
		while (n < inner.length && n < SHORT_ID &&
		       hex(inner.text[n]) >= 0)
			n++;
		*uid = (struct piece){ inner.text, n };
		return n >= 8;
	}
	return false;
}

/* Which form has a component? Out: *inner, its id or name. */
static const struct form *find_form(struct piece parent, struct piece p,
				    struct piece *inner)
{
	for (size_t i = 0; i < VMP_COUNT(forms); i++) {
		const struct form *f = &forms[i];

		if ((!*f->parent || is_word(parent, f->parent)) &&
		    is_between(p, f->prefix, f->suffix, inner) &&
		    f->test(*inner))
			return f;
	}
	return NULL;
}

/* What was found on the way down: the innermost counts. */
struct place {
	struct piece pod, inner;
	const struct form *form;
};

static void look_at(struct place *place, struct piece parent, struct piece p)
{
	struct piece inner, pod;
	const struct form *form = find_form(parent, p, &inner);

	if (find_pod(p, &pod)) {
		place->pod = pod;
		place->form = NULL;
	} else if (form) {
		place->form = form;
		place->inner = inner;
	}
}

/* Where a pod is known, its container needs no more than an id. */
static const char *kind_in(const struct place *place)
{
	bool plain = !strcmp(place->form->kind, "container");

	return place->pod.length && plain ? "cri" : place->form->kind;
}

/* containerd separates by colons where it is not told to ask systemd. */
void vmp_container_name(const char *cgroup, char *name, size_t size)
{
	struct piece parent = { "", 0 }, p;
	struct place place = { 0 };

	name[0] = '\0';
	for (const char *at = cgroup; *at; at += strspn(at, "/:")) {
		p = (struct piece){ at, strcspn(at, "/:") };
		if (p.length)
			look_at(&place, parent, p);
		if (p.length)
			parent = p;
		at += p.length;
	}
	if (place.pod.length)
		append(name, size, "pod", place.pod);
	if (!place.form)
		return;
	if (place.form->id && place.inner.length > SHORT_ID)
		place.inner.length = SHORT_ID;
	append(name, size, kind_in(&place), place.inner);
}

/*
 * How telling a path is. Where both hierarchies are used, an engine's service
 * may be all that v2 shows of its containers.
 */
static size_t rank(const char *path, bool v2)
{
	char name[128];

	vmp_container_name(path, name, sizeof(name));
	if (!path[0] || !path[1])
		return 0;
	return strlen(path) + (v2 ? 100000 : 0) + (*name ? 1000000 : 0);
}

/*
 * A line of each hierarchy; names have no newline (cgroup_mkdir()).
 *
 *   3:memory:/docker/3f2a91c04b7d...
 *   0::/system.slice/docker-3f2a91c04b7d....scope
 */
void vmp_cgroup_choose(char *text, char *path, size_t size)
{
	char *line = text, *end, *controllers, *at;
	size_t best = 0, this;

	path[0] = '\0';
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		controllers = strchr(line, ':');
		at = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!at || at[1] != '/')
			continue;
		this = rank(at + 1, !strncmp(line, "0::", 3));
		if (this <= best)
			continue;
		best = this;
		snprintf(path, size, "%s", at + 1);
	}
}

/* Did what was read just now belong to this process? Its PID may be another's. */
static bool is_still(struct vmp_ctx *ctx, const struct vmp_watched *p)
{
	struct vmp_stat stat;

	return vmp_stat_read(ctx, p->pid, &stat) == 0 && stat.start == p->start;
}

/* A path has up to 4,096 bytes, and there were up to 13 hierarchies. */
enum { CGROUP_TEXT = 64 * 1024 };

void vmp_watched_cgroup(struct vmp_ctx *ctx, const struct vmp_watched *p,
			char *path, size_t size)
{
	VMP_FREE char *text = malloc(CGROUP_TEXT);
	char file[256];

	path[0] = '\0';
	vmp_proc_path(ctx, p->pid, "cgroup", file, sizeof(file));
	if (!text || vmp_read_file(file, text, CGROUP_TEXT) < 0 ||
	    !is_still(ctx, p))
		return;
	vmp_cgroup_choose(text, path, size);
}

void vmp_watched_arguments(struct vmp_ctx *ctx, const struct vmp_watched *p,
			   char *text, size_t size)
{
	char file[256];
	ssize_t length;

	vmp_proc_path(ctx, p->pid, "cmdline", file, sizeof(file));
	length = vmp_read_file(file, text, size);
	if (length < 0 || !is_still(ctx, p))
		length = 0;
	while (length && !text[length - 1])
		length--;
	for (ssize_t i = 0; i < length; i++)
		if (!text[i])
			text[i] = ' ';
	text[length] = '\0';
}
