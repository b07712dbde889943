// SPDX-License-Identifier: GPL-2.0-or-later
/* Sees the highest map count of one process, through BPF. */
#include <errno.h>
#include <string.h>

#include "lib/internal.h"
#include "trace/peak.h"

#ifdef HAVE_BPF

#include <sys/mman.h>

#include "trace/bpf-object.h"
#include "trace/bpf-perf.h"
#include "trace/peak-record.h"

VMP_BPF_EMBED(peak);

struct vmp_peak {
	struct bpf_object *object;
	struct bpf_link *link;
	struct vmp_peak_slot *slots; /* the kernel writes there */
	size_t slot_count;
	size_t bytes;
	int events; /* -1: by way of perf it need not be */
};

static int refuse(int rc, char *reason, size_t size)
{
	return vmp_bpf_refuse(rc, "let BPF look at system calls",
			      "Linux 5.15 with BTF", reason, size);
}

static struct bpf_program *find_program(const struct vmp_peak *peak,
					const char *name)
{
	return bpf_object__find_program_by_name(peak->object, name);
}

static struct bpf_map *find_map(const struct vmp_peak *peak, const char *name)
{
	return bpf_object__find_map_by_name(peak->object, name);
}

/* Of both programs at the ends of calls only the right one is loaded. */
static int load(struct vmp_peak *peak, pid_t pid)
{
	int processors = libbpf_num_possible_cpus(), rc;
	unsigned int wanted = (unsigned int)pid;

	if (processors < 0)
		return processors;
	peak->slot_count = (size_t)processors;
	rc = VMP_BPF_OPEN(peak, &peak->object);
	if (rc < 0)
		return rc;
	bpf_program__set_autoload(find_program(peak, "leave"),
				  peak->events < 0);
	bpf_program__set_autoload(find_program(peak, "leave_perf"),
				  peak->events >= 0);
	rc = bpf_map__set_initial_value(find_map(peak, ".rodata.config"),
					&wanted, sizeof(wanted));
	rc = rc < 0 ? rc
		    : bpf_map__set_max_entries(find_map(peak, "slots"),
					       (__u32)processors);
	return rc < 0 ? rc : bpf_object__load(peak->object);
}

/* Programs know processes by the numbers of the host. */
static int run_iterator(const struct bpf_link *link)
{
	VMP_CLOSE int fd = bpf_iter_create(bpf_link__fd(link));
	char nothing;

	return fd < 0 ? fd : (int)vmp_bpf_read(fd, &nothing, 1);
}

static int find_process(const struct vmp_peak *peak)
{
	VMP_BPF_LINK struct bpf_link *link =
		bpf_program__attach_iter(find_program(peak, "find"), NULL);
	struct vmp_peak_process process = { 0 };
	__u32 zero = 0;
	int rc = link ? run_iterator(link) : -errno;

	rc = rc < 0 ? rc
		    : bpf_map_lookup_elem(
			      bpf_map__fd(find_map(peak, ".data.process")),
			      &zero, &process);
	if (rc < 0)
		return rc;
	return process.tgid ? 0 : -ESRCH;
}

static int map_slots(struct vmp_peak *peak)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = peak->slot_count * sizeof(*peak->slots);
	void *slots;

	bytes = (bytes + page - 1) / page * page;
	slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		     bpf_map__fd(find_map(peak, "slots")), 0);
	if (slots == MAP_FAILED)
		return -errno;
	peak->slots = slots;
	peak->bytes = bytes;
	return 0;
}

static int attach(struct vmp_peak *peak)
{
	peak->link = peak->events >= 0
			     ? vmp_perf_attach(peak->events,
					       find_program(peak, "leave_perf"))
			     : bpf_program__attach(find_program(peak, "leave"));
	return peak->link ? 0 : -errno;
}

/* The kernel would pass over calls, and with them peaks, without perf. */
static int open_events(struct vmp_peak *peak, char *reason, size_t size)
{
	peak->events = -1;
	if (!vmp_perf_is_needed())
		return 0;
	peak->events = vmp_perf_open_events();
	if (peak->events >= 0)
		return 0;
	snprintf(reason, size, "cannot open the kernel's tracepoints: %s",
		 strerror(-peak->events));
	return peak->events == -EACCES ? -EPERM : peak->events;
}

static int start(struct vmp_peak *peak, pid_t pid, char *reason, size_t size)
{
	int rc = open_events(peak, reason, size);

	if (rc < 0)
		return rc;
	rc = load(peak, pid);
	rc = rc < 0 ? rc : find_process(peak);
	if (rc == -ESRCH) {
		snprintf(reason, size, "there is no process %d", (int)pid);
		return rc;
	}
	rc = rc < 0 ? rc : map_slots(peak);
	rc = rc < 0 ? rc : attach(peak);
	return rc < 0 ? refuse(rc, reason, size) : 0;
}

int vmp_peak_open(struct vmp_peak **peak, pid_t pid, char *reason, size_t size)
{
	struct vmp_peak *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return refuse(-ENOMEM, reason, size);
	rc = start(p, pid, reason, size);
	if (rc < 0) {
		vmp_peak_close(p);
		return rc;
	}
	*peak = p;
	return 0;
}

void vmp_peak_close(struct vmp_peak *peak)
{
	if (!peak)
		return;
	bpf_link__destroy(peak->link);
	if (peak->slots)
		munmap(peak->slots, peak->bytes);
	bpf_object__close(peak->object);
	if (peak->events >= 0)
		close(peak->events);
	free(peak);
}

/*
 * Nothing is lost: what a program has just written, or is about to write, is
 * either taken here or is there the next time (note() in peak.bpf.c).
 */
int vmp_peak_read(struct vmp_peak *peak, int64_t *mappings)
{
	*mappings = 0;
	for (size_t i = 0; i < peak->slot_count; i++) {
		unsigned long long highest = __atomic_exchange_n(
			&peak->slots[i].mappings, 0, __ATOMIC_SEQ_CST);

		if ((int64_t)highest > *mappings)
			*mappings = (int64_t)highest;
	}
	return 0;
}

#else /* without BPF */

int vmp_peak_open(struct vmp_peak **peak, pid_t pid, char *reason, size_t size)
{
	(void)peak, (void)pid;
	snprintf(reason, size, "built without BPF");
	return -ENOTSUP;
}

void vmp_peak_close(struct vmp_peak *peak)
{
	(void)peak;
}

int vmp_peak_read(struct vmp_peak *peak, int64_t *mappings)
{
	(void)peak, (void)mappings;
	return -ENOTSUP;
}

#endif
