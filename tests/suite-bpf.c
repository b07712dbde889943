// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of the records that the kernel sends, also of those that cannot
 * be; and, where BPF may be used, of a call that fails on older kernels.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "trace/bpf-figures.h"
#include "trace-sample.h"
#include "unit.h"

#ifdef HAVE_BPF
#include "trace/bpf-catch.h"
#endif

#define BASE UINT64_C(0x7f0000000000)

enum { LIMIT = 1000, PAGE = 4096, STACK = 64, NO_PROCESS = INT32_MAX };

static struct vmp_figures figures;
static struct vmp_trace_call call;
static struct vmp_snapshot snapshot;
static struct {
	struct vmp_catch_record r;
	unsigned char stack[STACK];
} sent;

static void begin(void)
{
	ck_assert_int_eq(vmp_figures_start(&figures, vmp_seconds()), 0);
	memset(&sent, 0, sizeof(sent));
	sent.r.time_ns = (unsigned long long)(figures.start * 1e9);
	sent.r.pid = NO_PROCESS;
	sent.r.tid = NO_PROCESS;
	sent.r.limit = LIMIT;
	sent.r.before = -1;
	sent.r.task_bytes = UINT64_C(1) << 47;
	memset(sent.r.limits, 0xff, sizeof(sent.r.limits));
}

static void end(void)
{
	vmp_figures_end(&figures);
}

/* It failed with ENOMEM, with so many mappings. */
static void note_failure(const char *name, uint64_t a, uint64_t b, int mappings)
{
	sent.r.row = (unsigned int)(row_of(name) - vmp_syscalls);
	sent.r.flags = VMP_CATCH_FAILED;
	sent.r.result = -ENOMEM;
	sent.r.arguments[0] = a;
	sent.r.arguments[1] = b;
	sent.r.mappings = mappings;
}

/* The kernel saw this range, inside one mapping. */
static void see(uint64_t address, uint64_t length)
{
	sent.r.flags |= VMP_CATCH_SURVEYED | VMP_CATCH_COVERED;
	sent.r.address = address;
	sent.r.length = length;
	sent.r.first_start = address - PAGE;
	sent.r.first_end = address + length + PAGE;
	sent.r.touched = 1;
	sent.r.splits = 2;
}

static bool take(size_t size)
{
	memset(&call, 0, sizeof(call));
	return vmp_figures_call(&figures, &sent.r, size, &call, &snapshot);
}

static void expect(enum vmp_cause cause, enum vmp_certainty certainty)
{
	ck_assert(take(sizeof(sent.r)));
	ck_assert(call.failed);
	ck_assert_str_eq(vmp_cause_name(call.diagnosis.cause),
			 vmp_cause_name(cause));
	ck_assert_str_eq(vmp_certainty_name(call.diagnosis.certainty),
			 vmp_certainty_name(certainty));
}

START_TEST(test_seen)
{
	note_failure("munmap", BASE, PAGE, LIMIT);
	see(BASE, PAGE);
	expect(VMP_CAUSE_MAP_COUNT, VMP_CERTAIN);
	ck_assert_int_eq(call.mappings, LIMIT);
	ck_assert_int_eq(call.figures.limits.max_map_count, LIMIT);
	ck_assert(call.change == VMP_CHANGE_UNKNOWN);
}
END_TEST

/* Another range than the one that was asked for is no evidence. */
START_TEST(test_not_seen)
{
	note_failure("munmap", BASE, PAGE, LIMIT);
	see(BASE + PAGE, PAGE);
	expect(VMP_CAUSE_MAP_COUNT, VMP_LIKELY);
	assert_holds(call.diagnosis.explanation, "could not be read in time");
	note_failure("munmap", BASE, PAGE, LIMIT - 100);
	expect(VMP_CAUSE_UNKNOWN, VMP_UNCERTAIN);
}
END_TEST

/* What lies behind a hole is missing: the hole itself is not. */
START_TEST(test_part)
{
	note_failure("mprotect", BASE, 3 * PAGE, 10);
	see(BASE, 3 * PAGE);
	sent.r.flags = VMP_CATCH_FAILED | VMP_CATCH_SURVEYED | VMP_CATCH_PART;
	expect(VMP_CAUSE_UNMAPPED_RANGE, VMP_CERTAIN);
	note_failure("brk", BASE + PAGE, 0, 10);
	sent.r.result = (long long)BASE;
	see(BASE, PAGE);
	sent.r.flags |= VMP_CATCH_PART;
	expect(VMP_CAUSE_UNKNOWN, VMP_UNCERTAIN);
}
END_TEST

START_TEST(test_without_range)
{
	note_failure("mmap", 0, PAGE, LIMIT + 1);
	expect(VMP_CAUSE_MAP_COUNT, VMP_CERTAIN);
	note_failure("mmap", 0, PAGE, 10);
	expect(VMP_CAUSE_UNKNOWN, VMP_UNCERTAIN);
	sent.r.limits[0] = PAGE;
	sent.r.total_pages = 1;
	expect(VMP_CAUSE_RLIMIT_AS, VMP_CERTAIN);
}
END_TEST

/* A program's break is bounded by its heap and its data (mm/mmap.c, brk). */
START_TEST(test_break_data)
{
	note_failure("brk", BASE + 2 * PAGE, 0, 10);
	sent.r.result = (long long)(BASE + PAGE);
	see(BASE + PAGE, PAGE);
	sent.r.touched = 0;
	sent.r.heap_start = BASE;
	sent.r.heap_end = BASE + PAGE;
	sent.r.data_start = PAGE;
	sent.r.data_end = 2 * PAGE;
	sent.r.limits[1] = 2 * PAGE;
	expect(VMP_CAUSE_RLIMIT_DATA, VMP_CERTAIN);
	sent.r.limits[1] = 3 * PAGE;
	expect(VMP_CAUSE_UNKNOWN, VMP_UNCERTAIN);
}
END_TEST

/* While the limit is being changed, nobody knows which one it was. */
START_TEST(test_limit_changed)
{
	note_failure("mmap", 0, PAGE, INT32_MAX);
	sent.r.limit = -1;
	expect(VMP_CAUSE_MAP_COUNT, VMP_CERTAIN);
	figures.limits.max_map_count--;
	expect(VMP_CAUSE_MAP_COUNT, VMP_LIKELY);
}
END_TEST

START_TEST(test_change)
{
	sent.r.row = (unsigned int)(row_of("munmap") - vmp_syscalls);
	sent.r.before = 12;
	sent.r.mappings = 10;
	ck_assert(take(VMP_CATCH_SMALL));
	ck_assert(!call.failed && !call.error && !call.snapshot);
	ck_assert_int_eq(call.change, -2);
}
END_TEST

START_TEST(test_stack)
{
	int supported = vmp_snapshot_registers(
		sent.r.registers, sizeof(sent.r.registers), &snapshot);

	note_failure("munmap", BASE, PAGE, LIMIT);
	sent.r.stack_bytes = STACK;
	ck_assert(take(sizeof(sent)));
	ck_assert((call.snapshot != NULL) == (supported == 0));
	if (call.snapshot) {
		ck_assert_ptr_eq(call.snapshot->stack, sent.stack);
		ck_assert_uint_eq(call.snapshot->stack_bytes, STACK);
	}
	/* longer than what came */
	sent.r.stack_bytes = STACK + 1;
	ck_assert(take(sizeof(sent)));
	ck_assert_ptr_null(call.snapshot);
}
END_TEST

START_TEST(test_no_record)
{
	ck_assert(!take(VMP_CATCH_SMALL - 1));
	sent.r.row = (unsigned int)vmp_syscall_count;
	ck_assert(!take(sizeof(sent.r)));
	/* a failure that is cut off before its figures */
	note_failure("munmap", BASE, PAGE, LIMIT);
	ck_assert(take(VMP_CATCH_SMALL));
	ck_assert(!call.failed && !call.snapshot);
}
END_TEST

#ifdef HAVE_BPF

/* A child that asks for what is not mapped, once it is told to. */
struct target {
	struct vmp_trace_sink sink;
	pid_t pid;
	int go[2];
	int failures;
	struct vmp_diagnosis diagnosis;
};

static void run_target(const struct target *t)
{
	char *area = mmap(NULL, 3 * PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char byte;

	munmap(area + PAGE, PAGE);
	if (read(t->go[0], &byte, 1) == 1)
		mprotect(area, 3 * PAGE, PROT_NONE);
	/* until it has been looked at */
	_exit(read(t->go[0], &byte, 1) != 1);
}

static void tell(struct target *t)
{
	ck_assert_int_eq(write(t->go[1], "", 1), 1);
}

static void take_ready(struct vmp_trace_sink *sink)
{
	tell((struct target *)sink);
}

static bool take_call(struct vmp_trace_sink *sink,
		      const struct vmp_trace_call *seen)
{
	struct target *t = (struct target *)sink;

	t->failures += seen->failed;
	t->diagnosis = seen->diagnosis;
	tell(t);
	return true;
}

/* In: sure, whether this kernel can be. */
static void trace_target(bool sure)
{
	struct target t = { .sink = { .call = take_call,
				      .ready = take_ready } };
	struct vmp_trace_request request = { .sink = &t.sink };
	VMP_FREE uint64_t *calls = calloc(vmp_syscall_count, sizeof(*calls));
	struct vmp_trace_result result = { .calls = calls };

	ck_assert_ptr_nonnull(calls);
	ck_assert_int_eq(pipe(t.go), 0);
	t.pid = fork();
	if (t.pid == 0)
		run_target(&t);
	request.pid = t.pid;
	ck_assert_int_eq(vmp_trace_bpf.run(&request, &result), 0);
	waitpid(t.pid, NULL, 0);
	ck_assert_int_eq(t.failures, 1);
	ck_assert_uint_eq(calls[row_of("mprotect") - vmp_syscalls], 1);
	ck_assert_uint_eq(result.lost, 0);
	ck_assert((t.diagnosis.certainty == VMP_CERTAIN) == sure);
	/* what is looked at later may come too late */
	ck_assert(t.diagnosis.cause == VMP_CAUSE_UNMAPPED_RANGE ||
		  (!sure && t.diagnosis.cause == VMP_CAUSE_UNKNOWN));
	close(t.go[0]);
	close(t.go[1]);
}

static bool is_available(void)
{
	struct vmp_trace_request request = { .pid = getpid() };
	char reason[256];

	return vmp_trace_bpf.available(&request, reason, sizeof(reason)) == 0;
}

enum { AGES = VMP_CATCH_BEFORE_5_17 + 1 };

/* Each of them, as the kernel runs programs and then by way of perf. */
START_TEST(test_ages)
{
	if (!is_available())
		return;
	vmp_catch_age = (enum vmp_catch_age)(_i % AGES);
	vmp_catch_preempted = _i >= AGES;
	trace_target(vmp_catch_age < VMP_CATCH_BEFORE_5_17);
}
END_TEST

#endif

Suite *suite_bpf(void)
{
	Suite *s = suite_create("bpf");
	TCase *records = tcase_create("records");

	tcase_add_checked_fixture(records, begin, end);
	tcase_add_test(records, test_seen);
	tcase_add_test(records, test_not_seen);
	tcase_add_test(records, test_part);
	tcase_add_test(records, test_without_range);
	tcase_add_test(records, test_break_data);
	tcase_add_test(records, test_limit_changed);
	tcase_add_test(records, test_change);
	tcase_add_test(records, test_stack);
	tcase_add_test(records, test_no_record);
	suite_add_tcase(s, records);
#ifdef HAVE_BPF
	TCase *live = tcase_create("live");

	tcase_add_loop_test(live, test_ages, 0, 2 * AGES);
	suite_add_tcase(s, live);
#endif
	return s;
}
