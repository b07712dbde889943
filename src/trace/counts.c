// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads the map counts of all processes in one go, through BPF. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/counts.h"

#ifdef HAVE_BPF

#include "trace/bpf-object.h"
#include "trace/counts-record.h"

VMP_BPF_EMBED(counts);

enum { FIRST_ROOM = 512, NS_PER_SECOND = 1000000000 };

struct vmp_counter {
	struct bpf_object *object;
	struct bpf_link *link;
	struct vmp_counted *rows;
	size_t room; /* rows */
	uint64_t tick_ns;
};

/* What the kernel writes is read into rows as it is. */
#define SAME_PLACE(row, record)                                            \
	_Static_assert(offsetof(struct vmp_counted, row) ==                \
			       offsetof(struct vmp_counts_record, record), \
		       "")
SAME_PLACE(mappings, mappings);
SAME_PLACE(start, start_ns);
SAME_PLACE(pid, pid);
SAME_PLACE(user, user);
SAME_PLACE(command, command);
_Static_assert(sizeof(struct vmp_counted) == sizeof(struct vmp_counts_record),
	       "");

static int refuse(int rc, char *reason, size_t size)
{
	return vmp_bpf_refuse(rc, "show all processes to BPF",
			      "Linux 5.15 with BTF", reason, size);
}

static int make_room(struct vmp_counter *counter)
{
	size_t room = counter->room ? 2 * counter->room : FIRST_ROOM;
	struct vmp_counted *rows =
		reallocarray(counter->rows, room, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	counter->rows = rows;
	counter->room = room;
	return 0;
}

/*
 * A part of what the kernel has written, of up to 32 KiB, where records may be
 * cut. Returns: bytes; 0, there is no more; or a negative errno.
 */
static ssize_t read_part(int fd, struct vmp_counter *counter, size_t used)
{
	int rc = 0;

	if (used == counter->room * sizeof(*counter->rows))
		rc = make_room(counter);
	if (rc < 0)
		return rc;
	return vmp_bpf_read(fd, (char *)counter->rows + used,
			    counter->room * sizeof(*counter->rows) - used);
}

/* Of one process what could be counted comes first. */
static int compare(const void *a, const void *b)
{
	const struct vmp_counted *first = a, *second = b;

	if (first->pid != second->pid)
		return first->pid < second->pid ? -1 : 1;
	return (first->mappings < second->mappings) -
	       (first->mappings > second->mappings);
}

/*
 * The kernel walks numbers upwards, those of threads too, and looks up each but
 * once. A thread that is found under its own takes its process's when it calls
 * execve(): then that comes twice, and out of order.
 */
static size_t drop_doubles(struct vmp_counted *rows, size_t count)
{
	size_t i = 1, kept = 1;

	while (i < count && rows[i - 1].pid < rows[i].pid)
		i++;
	if (i >= count)
		return count;
	qsort(rows, count, sizeof(*rows), compare);
	for (i = 1; i < count; i++)
		if (rows[i].pid != rows[kept - 1].pid)
			rows[kept++] = rows[i];
	return kept;
}

int vmp_counter_read(struct vmp_counter *counter,
		     const struct vmp_counted **rows, size_t *count)
{
	VMP_CLOSE int fd = bpf_iter_create(bpf_link__fd(counter->link));
	size_t used = 0;
	ssize_t bytes;

	if (fd < 0)
		return fd;
	do {
		bytes = read_part(fd, counter, used);
		if (bytes < 0)
			return (int)bytes;
		used += (size_t)bytes;
	} while (bytes);
	*rows = counter->rows;
	*count = drop_doubles(counter->rows, used / sizeof(**rows));
	for (size_t i = 0; i < *count; i++)
		counter->rows[i].start /= counter->tick_ns;
	return 0;
}

/* What the kernel does not have under the names that we know is not shown. */
static int find_myself(struct vmp_counter *counter)
{
	const struct vmp_counted *rows;
	size_t count = 0;
	int rc = vmp_counter_read(counter, &rows, &count);

	for (size_t i = 0; rc == 0 && i < count; i++)
		if (rows[i].pid == getpid())
			return 0;
	return rc < 0 ? rc : -ESRCH;
}

static int start(struct vmp_counter *counter)
{
	int rc = VMP_BPF_OPEN(counts, &counter->object);

	rc = rc < 0 ? rc : bpf_object__load(counter->object);
	if (rc < 0)
		return rc;
	counter->link = bpf_program__attach_iter(
		bpf_object__next_program(counter->object, NULL), NULL);
	if (!counter->link)
		return -errno;
	return find_myself(counter);
}

int vmp_counter_open(struct vmp_counter **counter, char *reason, size_t size)
{
	struct vmp_counter *c = calloc(1, sizeof(*c));
	int rc = -ENOMEM;

	if (c) {
		c->tick_ns = NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
		rc = start(c);
	}
	if (rc < 0) {
		vmp_counter_close(c);
		return refuse(rc, reason, size);
	}
	*counter = c;
	return 0;
}

void vmp_counter_close(struct vmp_counter *counter)
{
	if (!counter)
		return;
	bpf_link__destroy(counter->link);
	bpf_object__close(counter->object);
	free(counter->rows);
	free(counter);
}

#else /* without BPF */

int vmp_counter_open(struct vmp_counter **counter, char *reason, size_t size)
{
	(void)counter;
	snprintf(reason, size, "built without BPF");
	return -ENOTSUP;
}

void vmp_counter_close(struct vmp_counter *counter)
{
	(void)counter;
}

int vmp_counter_read(struct vmp_counter *counter,
		     const struct vmp_counted **rows, size_t *count)
{
	(void)counter, (void)rows, (void)count;
	return -ENOTSUP;
}

#endif
