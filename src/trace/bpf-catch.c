// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads the program that catches calls, and reads what it has counted. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "lib/internal.h"

#ifdef HAVE_BPF

#include "trace/bpf-catch.h"
#include "trace/bpf-perf.h"

VMP_BPF_EMBED(catch);
VMP_BPF_EMBED(catch_old);

enum vmp_catch_age vmp_catch_age;
bool vmp_catch_preempted;

static int refuse(int rc, char *reason, size_t size)
{
	return vmp_bpf_refuse(rc, "let BPF look at system calls",
			      "Linux 5.15 with BTF", reason, size);
}

/*
 * Which argument is the address, which the length? The function that knows is
 * asked with numbers that tell themselves apart; the flags among them are those
 * of MAP_FIXED.
 */
static void find_range(const struct vmp_syscall *row, struct vmp_catch_row *r)
{
	enum { SHIFT = 20, MAP_FIXED_BIT = 0x10 };
	struct vmp_failed_call f = { .address = 0 }, g = { .address = 0 };
	uint64_t arguments[VMP_ARGUMENTS];

	r->address = VMP_CATCH_NOBODY;
	r->length = VMP_CATCH_NOBODY;
	for (uint64_t i = 0; i < VMP_ARGUMENTS; i++)
		arguments[i] = (i + 1) << SHIFT;
	row->figure(arguments, &f);
	arguments[3] |= MAP_FIXED_BIT;
	row->figure(arguments, &g);
	if (row->call == VMP_CALL_BREAK || !g.address || !g.length)
		return;
	r->address = (unsigned char)((g.address >> SHIFT) - 1);
	r->length = (unsigned char)((g.length >> SHIFT) - 1);
	if (!f.address)
		r->flags |= VMP_ROW_ONLY_FIXED;
}

static bool may_release(const struct vmp_syscall *row)
{
	static const uint64_t arguments[VMP_ARGUMENTS] = { 0, 1 << 20, 1 };

	return vmp_syscall_release(row, arguments) > 0;
}

static void fill_row(const struct vmp_syscall *row, struct vmp_catch_row *r)
{
	if (row->filtered)
		r->flags |= VMP_ROW_FILTERED;
	if (row->call == VMP_CALL_BREAK)
		r->flags |= VMP_ROW_BREAK;
	if (row->call == VMP_CALL_PROCESS)
		r->flags |= VMP_ROW_FORK;
	if (vmp_syscall_is_shortage(row, EAGAIN))
		r->flags |= VMP_ROW_AGAIN;
	if (row->call == VMP_CALL_RESIZE)
		r->flags |= VMP_ROW_RESIZE;
	if (may_release(row))
		r->flags |= VMP_ROW_RELEASES;
	find_range(row, r);
	if (may_release(row) || r->flags & VMP_ROW_ONLY_FIXED)
		r->flags |= VMP_ROW_REPLACES;
	r->only_value = row->only_value;
	r->only_argument = (unsigned char)row->only_argument;
	r->read_argument = (unsigned char)row->read_argument;
	r->read_offset = (unsigned char)row->read_offset;
	r->read_words = (unsigned char)row->read_words;
	r->read_to = (unsigned char)row->read_to;
}

static void fill_rows(struct vmp_catch_config *c)
{
	_Static_assert(VMP_ARGUMENTS == (int)VMP_CATCH_ARGUMENTS, "");
	_Static_assert(VMP_STACK_BYTES == (int)VMP_CATCH_STACK, "");

	for (size_t i = 0; i < vmp_syscall_count && i < VMP_CATCH_ROWS; i++) {
		long number = vmp_syscalls[i].number;

		fill_row(&vmp_syscalls[i], &c->rows[i]);
		if (number >= 0 && number < VMP_CATCH_NUMBERS)
			c->row_of[number] = (unsigned char)(i + 1);
	}
}

static void fill_config(struct vmp_catch_config *c,
			const struct vmp_trace_request *request,
			size_t ring_bytes)
{
	static const unsigned int limits[] = { RLIMIT_AS, RLIMIT_DATA,
					       RLIMIT_MEMLOCK, RLIMIT_NPROC };

	memset(c, 0, sizeof(*c));
	c->everybody = !request->command && !request->pid;
	c->myself = (unsigned int)getpid();
	c->all_calls = request->all_calls || request->all_stacks;
	c->all_stacks = request->all_stacks;
	/* of a command, the tracer is told while it is held */
	c->lives = !request->command;
	memcpy(c->limit_rlimits, limits, sizeof(limits));
	c->page_bytes = (unsigned int)sysconf(_SC_PAGESIZE);
	/* the rest is for those that come without */
	c->stack_share = (unsigned int)(ring_bytes / 4 * 3);
	c->age = (unsigned int)vmp_catch_age;
	fill_rows(c);
}

static int map_fd(const struct vmp_catch *catch, const char *name)
{
	return bpf_object__find_map_fd_by_name(catch->object, name);
}

static int size_maps(struct bpf_object *object, size_t ring_bytes)
{
	struct bpf_map *ring = bpf_object__find_map_by_name(object, "ring");
	struct bpf_map *scratches =
		bpf_object__find_map_by_name(object, "scratches");
	int processors = libbpf_num_possible_cpus();
	int rc;

	if (processors < 0)
		return processors;
	rc = bpf_map__set_max_entries(ring, (__u32)ring_bytes);
	return rc < 0 ? rc
		      : bpf_map__set_max_entries(scratches, (__u32)processors);
}

/* Fixed from here on: the kernel drops what it makes superfluous. */
static int set_config(struct bpf_object *object,
		      const struct vmp_trace_request *request,
		      size_t ring_bytes)
{
	struct bpf_map *map =
		bpf_object__find_map_by_name(object, ".rodata.config");
	struct vmp_catch_config config;

	fill_config(&config, request, ring_bytes);
	return map ? bpf_map__set_initial_value(map, &config, sizeof(config))
		   : -ENOENT;
}

static bool is_by_perf(const struct bpf_program *program)
{
	return bpf_program__type(program) == BPF_PROG_TYPE_TRACEPOINT;
}

/* Programs that this request has no use for are not even checked. */
static void choose_programs(const struct vmp_catch *catch,
			    const struct vmp_trace_request *request)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, catch->object)
	{
		bool begins = !strncmp(bpf_program__name(program), "enter", 5);
		bool wanted = is_by_perf(program) == (catch->events >= 0);

		bpf_program__set_autoload(
			program, wanted && (!begins || request->all_stacks));
	}
}

static int open_object(struct vmp_catch *catch, bool old,
		       const struct vmp_trace_request *request,
		       size_t ring_bytes)
{
	int rc = old ? VMP_BPF_OPEN(catch_old, &catch->object)
		     : VMP_BPF_OPEN(catch, &catch->object);

	if (rc < 0)
		return rc;
	choose_programs(catch, request);
	rc = set_config(catch->object, request, ring_bytes);
	rc = rc < 0 ? rc : size_maps(catch->object, ring_bytes);
	return rc < 0 ? rc : bpf_object__load(catch->object);
}

/* Older kernels refuse the newer program, in many words. */
static int open_any(struct vmp_catch *catch,
		    const struct vmp_trace_request *request, size_t ring_bytes)
{
	int rc = -ENOTSUP;

	if (vmp_catch_age < VMP_CATCH_BEFORE_6_7)
		rc = open_object(catch, false, request, ring_bytes);
	if (rc == 0 || rc == -EPERM || rc == -ENOMEM)
		return rc;
	bpf_object__close(catch->object);
	catch->object = NULL;
	return open_object(catch, true, request, ring_bytes);
}

int vmp_catch_load(struct vmp_catch *catch,
		   const struct vmp_trace_request *request, size_t ring_bytes,
		   ring_buffer_sample_fn consume, void *context, char *reason,
		   size_t size)
{
	int rc;

	memset(catch, 0, sizeof(*catch));
	catch->events = -1;
	/* where that cannot be done, some calls are missed, and counted */
	if (vmp_catch_preempted || vmp_perf_is_needed())
		catch->events = vmp_perf_open_events();
	rc = open_any(catch, request, ring_bytes);
	if (rc < 0)
		return refuse(rc, reason, size);
	catch->ring =
		ring_buffer__new(map_fd(catch, "ring"), consume, context, NULL);
	return catch->ring ? 0 : refuse(-errno, reason, size);
}

int vmp_catch_attach(struct vmp_catch *catch, char *reason, size_t size)
{
	struct bpf_program *program;
	size_t count = 0;

	bpf_object__for_each_program(program, catch->object)
	{
		if (!bpf_program__autoload(program))
			continue;
		catch->links[count] =
			is_by_perf(program)
				? vmp_perf_attach(catch->events, program)
				: bpf_program__attach(program);
		if (!catch->links[count])
			return refuse(-errno, reason, size);
		count++;
	}
	return 0;
}

int vmp_catch_follow(struct vmp_catch *catch, pid_t pid)
{
	struct vmp_catch_state state = { .root = (unsigned int)pid };
	__u32 zero = 0;

	return bpf_map_update_elem(map_fd(catch, ".data.state"), &zero, &state,
				   0);
}

void vmp_catch_detach(struct vmp_catch *catch)
{
	for (size_t i = 0; i < VMP_CATCH_PROGRAMS; i++) {
		bpf_link__destroy(catch->links[i]);
		catch->links[i] = NULL;
	}
}

int vmp_catch_consume(struct vmp_catch *catch)
{
	int rc = ring_buffer__consume(catch->ring);

	return rc < 0 ? rc : 0;
}

/* Of one processor. */
static void add_totals(struct vmp_catch_totals *sum,
		       const struct vmp_catch_totals *one)
{
	for (size_t i = 0; i < VMP_CATCH_ROWS; i++)
		sum->calls[i] += one->calls[i];
	sum->sent += one->sent;
	sum->failed += one->failed;
	if (one->peak <= sum->peak)
		return;
	sum->peak = one->peak;
	sum->peak_process = one->peak_process;
}

static int read_totals(const struct vmp_catch *catch,
		       struct vmp_catch_totals *sum)
{
	VMP_FREE struct vmp_catch_totals *each = NULL;
	int processors = libbpf_num_possible_cpus(), rc;
	__u32 zero = 0;

	memset(sum, 0, sizeof(*sum));
	if (processors < 0)
		return processors;
	each = calloc((size_t)processors, sizeof(*each));
	if (!each)
		return -ENOMEM;
	rc = bpf_map_lookup_elem(map_fd(catch, "totals"), &zero, each);
	for (int i = 0; rc == 0 && i < processors; i++)
		add_totals(sum, &each[i]);
	return rc;
}

void vmp_catch_sent(const struct vmp_catch *catch, uint64_t *sent,
		    uint64_t *failed)
{
	struct vmp_catch_totals totals;

	read_totals(catch, &totals);
	*sent = totals.sent;
	*failed = totals.failed;
}

static uint64_t count_missed(const struct vmp_catch *catch)
{
	struct bpf_program *program;
	uint64_t missed = 0;

	bpf_object__for_each_program(program, catch->object)
	{
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_program__fd(program);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size))
			missed += info.recursion_misses;
	}
	return missed;
}

void vmp_catch_result(const struct vmp_catch *catch,
		      struct vmp_trace_result *result)
{
	struct vmp_catch_totals totals;

	read_totals(catch, &totals);
	for (size_t i = 0; i < vmp_syscall_count && i < VMP_CATCH_ROWS; i++)
		result->calls[i] = totals.calls[i];
	result->peak_mappings = totals.peak ? totals.peak : -1;
	result->peak_pid = (pid_t)totals.peak_process;
	result->missed = count_missed(catch);
}

void vmp_catch_end(struct vmp_catch *catch)
{
	vmp_catch_detach(catch);
	ring_buffer__free(catch->ring);
	bpf_object__close(catch->object);
	if (catch->events >= 0)
		close(catch->events);
}

#endif
