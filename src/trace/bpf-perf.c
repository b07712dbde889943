// SPDX-License-Identifier: GPL-2.0-or-later
/* Lets programs run at tracepoints by way of perf, with preemption off. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

#ifdef HAVE_BPF

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "trace/bpf-perf.h"

/*
 * Whether a program that may sleep is accepted: since 7.2, with what made those
 * at system calls be preempted ("bpf: Verifier support for sleepable tracepoint
 * programs").
 */
bool vmp_perf_is_needed(void)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_prog_load_opts options;
	VMP_CLOSE int fd = -1;

	/* not an initialiser: libbpf refuses padding that is not 0 */
	memset(&options, 0, sizeof(options));
	options.sz = sizeof(options);
	options.prog_flags = BPF_F_SLEEPABLE;
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "vmaprobe", "GPL",
			   nothing, VMP_COUNT(nothing), &options);
	return fd >= 0;
}

/* A mount that nobody else sees; gone with its descriptor. */
static int mount_tracefs(void)
{
	VMP_CLOSE int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	int fd;

	if (fs < 0 ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
	return fd < 0 ? -errno : fd;
}

/*
 * One of our own comes last: it takes the place of the options that tracefs was
 * mounted with (tracefs_get_tree() since 6.12).
 */
int vmp_perf_open_events(void)
{
	enum { FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC };
	VMP_CLOSE int root = -1;
	int fd = open("/sys/kernel/tracing/events", FLAGS);

	if (fd < 0 && errno == ENOENT)
		fd = open("/sys/kernel/debug/tracing/events", FLAGS);
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	root = mount_tracefs();
	if (root < 0)
		return root;
	fd = openat(root, "events", FLAGS);
	return fd < 0 ? -errno : fd;
}

/* The tracepoint's number. Returns: a negative errno where there is none. */
static int read_number(int events, const char *name)
{
	char path[128], text[32];
	VMP_CLOSE int fd = -1;
	ssize_t length;

	snprintf(path, sizeof(path), "%s/id", name);
	fd = openat(events, path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (length < 0)
		return -errno;
	text[length] = 0;
	return atoi(text);
}

/* Programs run on each processor, whichever of them perf is asked for. */
static int open_event(int number)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attributes),
		.config = (uint64_t)number,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1,
			      PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

struct bpf_link *vmp_perf_attach(int events, const struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program);
	int number = read_number(events, section + strlen("tp/"));
	int fd = number < 0 ? number : open_event(number);
	struct bpf_link *link;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	link = bpf_program__attach_perf_event(program, fd);
	if (!link)
		close(fd);
	return link;
}

#endif
