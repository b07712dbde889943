// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads what decides on merging and /proc does not show, through BPF. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/hidden.h"

#ifdef HAVE_BPF

#include "trace/bpf-object.h"
#include "trace/hidden-record.h"

VMP_BPF_EMBED(hidden);

struct list {
	struct vmp_hidden *facts;
	size_t count, room;
};

static int refuse(int rc, char *reason, size_t size)
{
	return vmp_bpf_refuse(rc, "show the mappings of one process to BPF",
			      "Linux 6.1 with BTF", reason, size);
}

/*
 * Name the process by the second member: a kernel before 6.1 knows neither,
 * passes over a first one, and would walk all processes; the second is more
 * than it knows, which it refuses with E2BIG.
 */
static int attach(struct bpf_object *object, pid_t pid, struct bpf_link **link)
{
	/* union bpf_iter_link_info.task, which older headers do not have */
	struct {
		uint32_t thread, process, pidfd;
	} task = { .process = (uint32_t)pid };
	struct bpf_iter_attach_opts options;

	memset(&options, 0, sizeof(options));
	options.sz = sizeof(options);
	options.link_info = (union bpf_iter_link_info *)&task;
	options.link_info_len = sizeof(task);
	*link = bpf_program__attach_iter(bpf_object__next_program(object, NULL),
					 &options);
	return *link ? 0 : -errno;
}

/* Returns: a descriptor, which keeps all that it needs, or a negative errno. */
static int open_iterator(pid_t pid, char *reason, size_t size)
{
	VMP_BPF_OBJECT struct bpf_object *object = NULL;
	VMP_BPF_LINK struct bpf_link *link = NULL;
	int rc = VMP_BPF_OPEN(hidden, &object), fd;

	rc = rc < 0 ? rc : bpf_object__load(object);
	rc = rc < 0 ? rc : attach(object, pid, &link);
	if (rc < 0)
		return refuse(rc, reason, size);
	fd = bpf_iter_create(bpf_link__fd(link));
	return fd < 0 ? refuse(fd, reason, size) : fd;
}

static int make_room(struct list *list)
{
	size_t room = list->room ? 2 * list->room : 1024;
	struct vmp_hidden *facts =
		reallocarray(list->facts, room, sizeof(*facts));

	if (!facts)
		return -ENOMEM;
	list->facts = facts;
	list->room = room;
	return 0;
}

static int add(struct list *list, const struct vmp_hidden_record *record)
{
	/*
	 * What has been merged since it was read comes again, and is longer;
	 * all comes again for a thread with files of its own.
	 */
	while (list->count && list->facts[list->count - 1].end > record->start)
		list->count--;
	if (list->count == list->room && make_room(list) < 0)
		return -ENOMEM;
	list->facts[list->count++] = (struct vmp_hidden){
		.start = record->start,
		.end = record->end,
		.anon_vma = record->anon_vma,
		.file = record->file,
		.policy = record->policy,
		.userfault = record->userfault,
		.page_offset = record->page_offset,
		.inherited = record->inherited,
	};
	return 0;
}

/* Each read() gives whole records: its buffer and the kernel's hold such. */
static int read_list(int fd, struct list *list)
{
	struct vmp_hidden_record records[512];
	ssize_t bytes;
	int rc = 0;

	do {
		bytes = read(fd, records, sizeof(records));
		if (bytes < 0)
			return -errno;
		for (size_t i = 0;
		     rc == 0 && i < (size_t)bytes / sizeof(*records); i++)
			rc = add(list, &records[i]);
	} while (rc == 0 && bytes);
	return rc;
}

/* The iterator just ends where the process does; statm is all 0 from there. */
static int check_alive(pid_t pid)
{
	char path[64], text[128];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	n = vmp_read_file(path, text, sizeof(text));
	return n <= 0 || !strncmp(text, "0 ", 2) ? -ESRCH : 0;
}

static int read_process(pid_t pid, struct list *list, char *reason, size_t size)
{
	VMP_CLOSE int fd = open_iterator(pid, reason, size);
	int rc;

	if (fd < 0)
		return fd;
	rc = read_list(fd, list);
	rc = rc < 0 ? rc : check_alive(pid);
	if (rc == 0 && !list->count)
		rc = -ESRCH;
	if (rc == -ESRCH)
		snprintf(reason, size,
			 "process %d has ended, or has no "
			 "mappings",
			 (int)pid);
	else if (rc < 0)
		snprintf(reason, size, "read the mappings of process %d: %s",
			 (int)pid, strerror(-rc));
	return rc;
}

int vmp_hidden_available(char *reason, size_t size)
{
	int fd = open_iterator(getpid(), reason, size);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int vmp_hidden_read(void *reader, pid_t pid, struct vmp_hidden **facts,
		    size_t *count)
{
	struct vmp_hidden_reader nobody, *r = reader ? reader : &nobody;
	struct list list = { 0 };
	int rc;

	r->reason[0] = '\0';
	rc = read_process(pid ? pid : getpid(), &list, r->reason,
			  sizeof(r->reason));
	if (rc < 0) {
		free(list.facts);
		return rc;
	}
	*facts = list.facts;
	*count = list.count;
	return 0;
}

#else /* without BPF */

int vmp_hidden_available(char *reason, size_t size)
{
	snprintf(reason, size, "built without BPF");
	return -ENOTSUP;
}

int vmp_hidden_read(void *reader, pid_t pid, struct vmp_hidden **facts,
		    size_t *count)
{
	struct vmp_hidden_reader *r = reader;

	(void)pid, (void)facts, (void)count;
	return r ? vmp_hidden_available(r->reason, sizeof(r->reason))
		 : -ENOTSUP;
}

#endif
