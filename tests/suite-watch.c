// SPDX-License-Identifier: GPL-2.0-or-later
/* Watch, over real processes: children that hold what they are told to. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "watch/proc.h"
#include "watching.h"

enum { MOST_PAGES = 4096, BACKENDS = 2 };

static const enum vmp_watch_backend backends[BACKENDS] = { VMP_WATCH_MAPS,
							   VMP_WATCH_BPF };

/* A child, which ends when its orders do. */
struct child {
	pid_t pid;
	int orders;  /* a number of mappings to have of its own, an int */
	int answers; /* a byte when it has them */
};

/* Every second page of the area is another mapping. */
static void hold(char *area, int mappings)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < MOST_PAGES; i += 2)
		if (mprotect(area + i * page, page,
			     (int)i < mappings ? PROT_READ : PROT_NONE))
			_exit(1);
}

static void obey(int orders, int answers)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, (MOST_PAGES + 1) * page, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int mappings;

	if (area == MAP_FAILED)
		_exit(1);
	while (read(orders, &mappings, sizeof(mappings)) == sizeof(mappings)) {
		hold(area, mappings);
		if (write(answers, "", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

/* In: prepare, what it does first, or NULL. */
static struct child start(void (*prepare)(void))
{
	int orders[2], answers[2];
	struct child c;
	char byte;

	ck_assert_int_eq(pipe2(orders, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(answers, O_CLOEXEC), 0);
	c.pid = fork();
	if (c.pid == 0) {
		close(orders[1]);
		close(answers[0]);
		/* children that come later hold this one's orders open */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (prepare)
			prepare();
		if (write(answers[1], "", 1) == 1)
			obey(orders[0], answers[1]);
		_exit(1);
	}
	ck_assert_int_gt(c.pid, 0);
	close(orders[0]);
	close(answers[1]);
	c.orders = orders[1];
	c.answers = answers[0];
	ck_assert_int_eq(read(c.answers, &byte, 1), 1);
	return c;
}

static void order(const struct child *c, int mappings)
{
	char byte;

	ck_assert_int_eq(write(c->orders, &mappings, sizeof(mappings)),
			 sizeof(mappings));
	ck_assert_int_eq(read(c->answers, &byte, 1), 1);
}

static void stop(const struct child *c)
{
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	close(c->orders);
	close(c->answers);
}

/* Counted in another way. */
static int64_t count_independently(pid_t pid)
{
	VMP_FREE char *line = NULL;
	char path[64];
	int64_t count = 0;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (getline(&line, &size, f) > 0)
		count += !strstr(line, "[vsyscall]");
	fclose(f);
	return count;
}

/* Returns: false where it cannot be had here, which is only so for BPF. */
static bool open_watch(const struct vmp_watch_request *request)
{
	int rc;

	/* which does not know what bpf() reads and writes */
	if (request->backend == VMP_WATCH_BPF && in_valgrind())
		return false;
	ctx = vmp_new();
	rc = vmp_watch_open(ctx, request, &watch);
	if (rc == 0)
		return true;
	ck_assert_msg(request->backend == VMP_WATCH_BPF, "%s", vmp_error(ctx));
	assert_holds(vmp_error(ctx), "no BPF: ");
	vmp_free(ctx);
	return false;
}

/* Only these processes. */
static bool watch_them(enum vmp_watch_backend backend, const pid_t *pids,
		       size_t count)
{
	struct vmp_watch_request request = { .backend = backend,
					     .pids = pids,
					     .pid_count = count };

	return open_watch(&request);
}

/* The one that is watched, as soon as its count is of this moment. */
static const struct vmp_watched *take_new(pid_t pid)
{
	const struct vmp_watched *p;

	do {
		take();
		p = find_watched(pid);
		ck_assert_ptr_nonnull(p);
	} while (p->age_seconds > 0);
	return p;
}

START_TEST(counts_children)
{
	enum { MANY = 200 };
	struct vmp_watch_request request = { .backend = backends[_i] };
	const struct vmp_watched *p;
	struct child children[MANY];
	int64_t last = INT64_MAX;

	for (int i = 0; i < MANY; i++) {
		children[i] = start(NULL);
		order(&children[i], i * 7 % 401);
	}
	if (open_watch(&request)) {
		take();
		ck_assert_int_eq(sample.backend, backends[_i]);
		for (int i = 0; i < MANY; i++) {
			p = find_watched(children[i].pid);
			ck_assert_ptr_nonnull(p);
			ck_assert_int_eq(p->mappings,
					 count_independently(p->pid));
			ck_assert_int_eq(p->user, geteuid());
			ck_assert(!p->seen_before);
		}
		for (size_t i = 0; i < sample.count; i++) {
			ck_assert_int_le(sample.processes[i].mappings, last);
			last = sample.processes[i].mappings;
		}
		ck_assert_uint_eq(sample.spaced, 0);
		ck_assert_double_gt(sample.cost_seconds, 0);
		close_watch();
	}
	for (int i = 0; i < MANY; i++)
		stop(&children[i]);
}
END_TEST

/*
 * Is it in one of a few samples, if only among those that cannot be read? One
 * may miss it, amid execve().
 */
static bool is_seen(pid_t pid)
{
	struct vmp_stat stat;
	int64_t count;

	for (int i = 0; i < 5; i++) {
		take();
		if (find_watched(pid) || vmp_stat_read(ctx, pid, &stat) < 0)
			return true;
		count = vmp_proc_count(ctx, &stat);
		if (count < 0 ? sample.unreadable > 0 : !count)
			return true;
	}
	return false;
}

/* Nor those that the kernel does not show to BPF: here and there it is PID 1. */
START_TEST(misses_nobody)
{
	struct vmp_watch_request request = { .backend = backends[_i] };
	struct vmp_pids pids = { 0 };

	if (geteuid() || !open_watch(&request))
		return;
	ck_assert_int_eq(vmp_proc_list(ctx, &pids), 0);
	take();
	for (size_t i = 0; i < pids.count; i++)
		ck_assert_msg(find_watched(pids.list[i]) ||
				      is_seen(pids.list[i]),
			      "%d is missing", (int)pids.list[i]);
	for (size_t i = 0; i < sample.count; i++)
		ck_assert_ptr_eq(find_watched(sample.processes[i].pid),
				 &sample.processes[i]);
	free(pids.list);
	close_watch();
}
END_TEST

enum { VICTIMS = 100 };

static void *kill_all(void *argument)
{
	struct child *children = argument;

	for (int i = 0; i < VICTIMS; i++)
		stop(&children[i]);
	return NULL;
}

/* All or nothing: never a part of the mappings of one that was ending. */
START_TEST(survives_those_that_vanish)
{
	struct vmp_watch_request request = { .backend = backends[_i] };
	struct child children[VICTIMS];
	const struct vmp_watched *p;
	int64_t expected[VICTIMS];
	pthread_t thread;
	int left;

	for (int i = 0; i < VICTIMS; i++) {
		children[i] = start(NULL);
		order(&children[i], 1000);
		expected[i] = count_independently(children[i].pid);
	}
	if (!open_watch(&request)) {
		kill_all(children);
		return;
	}
	ck_assert_int_eq(pthread_create(&thread, NULL, kill_all, children), 0);
	do {
		take();
		left = 0;
		for (int i = 0; i < VICTIMS; i++) {
			p = find_watched(children[i].pid);
			left += p != NULL;
			ck_assert(!p || p->mappings == expected[i]);
		}
	} while (left);
	pthread_join(thread, NULL);
	close_watch();
}
END_TEST

START_TEST(passes_over_zombies)
{
	struct child c = start(NULL);
	siginfo_t info;

	close(c.orders);
	ck_assert_int_eq(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT),
			 0);
	if (watch_them(backends[_i], &c.pid, 1)) {
		take();
		ck_assert_uint_eq(sample.count, 0);
		ck_assert_uint_eq(sample.empty, backends[_i] == VMP_WATCH_MAPS);
		ck_assert_uint_eq(sample.unreadable, 0);
		waitpid(c.pid, NULL, 0);
		take();
		ck_assert_uint_eq(sample.count, 0);
		ck_assert_uint_eq(sample.empty, 0);
		ck_assert_uint_eq(sample.vanished, 0);
		close_watch();
	}
	waitpid(c.pid, NULL, 0);
	close(c.answers);
}
END_TEST

static void *wait_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void end_first_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_forever, NULL))
		_exit(1);
}

static pid_t start_without_leader(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		end_first_thread();
		syscall(SYS_exit, 0);
	}
	ck_assert_int_gt(pid, 0);
	return pid;
}

/* /proc/PID/maps is empty then, and /proc/PID/task/TID/maps is not. */
START_TEST(counts_without_first_thread)
{
	struct vmp_stat stat = { .state = 'R' };
	struct vmp_ctx *other = vmp_new();
	pid_t pid = start_without_leader();

	while (stat.state != 'Z') {
		ck_assert_int_eq(vmp_stat_read(other, pid, &stat), 0);
		sched_yield();
	}
	ck_assert_int_eq(count_independently(pid), 0);
	if (watch_them(backends[_i], &pid, 1)) {
		take();
		ck_assert_uint_eq(sample.count, 1);
		ck_assert_int_gt(sample.processes[0].mappings, 5);
		ck_assert_uint_eq(sample.empty, 0);
		close_watch();
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	vmp_free(other);
}
END_TEST

START_TEST(tells_growth)
{
	struct child c = start(NULL);
	const struct vmp_watched *p;
	int64_t first;

	order(&c, 101);
	if (!watch_them(backends[_i], &c.pid, 1)) {
		stop(&c);
		return;
	}
	first = take_new(c.pid)->mappings;
	/* every second page, and what is left between two */
	order(&c, 221);
	p = take_new(c.pid);
	ck_assert(p->seen_before);
	ck_assert_int_eq(p->growth, 120);
	ck_assert_int_eq(p->mappings, first + 120);
	order(&c, 51);
	p = take_new(c.pid);
	ck_assert_int_eq(p->growth, -170);
	ck_assert_int_eq(p->mappings, first - 50);
	ck_assert_int_eq(p->peak, first + 120);
	ck_assert_int_eq(take_new(c.pid)->growth, 0);
	stop(&c);
	close_watch();
}
END_TEST

/* What was not read has not grown, however much it did before. */
START_TEST(repeats_no_growth)
{
	struct child c = start(NULL);
	const struct vmp_watched *p;
	int64_t count;

	order(&c, MOST_PAGES - 200);
	ck_assert(watch_them(VMP_WATCH_MAPS, &c.pid, 1));
	count = take_new(c.pid)->mappings;
	order(&c, MOST_PAGES);
	p = take_new(c.pid);
	ck_assert(p->seen_before);
	ck_assert_int_eq(p->growth, p->mappings - count);
	ck_assert_int_ge(p->growth, 200 - 1);
	count = p->mappings;
	do {
		take_new(c.pid);
		take();
	} while (!sample.spaced);
	p = find_watched(c.pid);
	ck_assert_int_eq(p->mappings, count);
	ck_assert(!p->seen_before);
	ck_assert_int_eq(p->growth, 0);
	stop(&c);
	close_watch();
}
END_TEST

/* It is read again when 1 % of a processor allows it, and not before. */
START_TEST(keeps_the_pace)
{
	struct child c = start(NULL);
	const struct vmp_watched *p;
	double read_at, every;
	int64_t count;

	order(&c, MOST_PAGES);
	ck_assert(watch_them(VMP_WATCH_MAPS, &c.pid, 1));
	count = take_new(c.pid)->mappings;
	ck_assert_double_eq(sample.processes[0].every_seconds, 0);
	do {
		read_at = take_new(c.pid)->age_seconds + sample.time_seconds;
		take(); /* at once, unless this machine is very busy */
	} while (!sample.spaced);
	ck_assert_uint_eq(sample.spaced, 1);
	p = find_watched(c.pid);
	ck_assert_int_eq(p->mappings, count);
	ck_assert_int_eq(p->growth, 0);
	ck_assert_double_gt(p->age_seconds, 0);
	ck_assert_double_gt(p->every_seconds, p->age_seconds);
	every = p->every_seconds;
	order(&c, 1);
	p = take_new(c.pid);
	ck_assert_double_ge(vmp_seconds() - read_at, every);
	ck_assert_int_eq(p->growth, p->mappings - count);
	ck_assert_int_lt(p->growth, -MOST_PAGES / 2);
	ck_assert_int_eq(p->peak, count);
	stop(&c);
	close_watch();
}
END_TEST

/* Its files in /proc are root's then, whoever it is. */
static void become_undumpable(void)
{
	if (!geteuid() && setresuid(1000, 1234, 1000))
		_exit(1);
	prctl(PR_SET_DUMPABLE, 0);
}

START_TEST(tells_effective_user)
{
	struct child c = start(become_undumpable);

	if (watch_them(backends[_i], &c.pid, 1)) {
		take();
		ck_assert_uint_eq(sample.count + sample.unreadable, 1);
		if (sample.count)
			ck_assert_int_eq(sample.processes[0].user,
					 geteuid() ? geteuid() : 1234);
		close_watch();
	}
	stop(&c);
}
END_TEST

static const char hostile[] = "a) \n\\n\033[\xff(";

static void take_hostile_name(void)
{
	prctl(PR_SET_NAME, hostile);
}

START_TEST(takes_hostile_names)
{
	struct vmp_watch_request request = { .backend = backends[_i],
					     .command = "a) [\n]*" };
	struct child c = start(take_hostile_name);

	request.pids = &c.pid;
	request.pid_count = 1;
	if (open_watch(&request)) {
		take();
		ck_assert_uint_eq(sample.count, 1);
		ck_assert_str_eq(sample.processes[0].command, hostile);
		close_watch();
	}
	stop(&c);
}
END_TEST

/* What can be opened in /proc, and is not listed: no process. */
START_TEST(takes_no_thread)
{
	pthread_t thread;
	pid_t tid;

	ck_assert_int_eq(pthread_create(&thread, NULL, wait_forever, NULL), 0);
	for (tid = getpid() + 1; tgkill(getpid(), tid, 0); tid++)
		;
	if (watch_them(backends[_i], &tid, 1)) {
		take();
		ck_assert_uint_eq(sample.count, 0);
		ck_assert_uint_eq(sample.unreadable, 0);
		close_watch();
	}
	pthread_cancel(thread);
	pthread_join(thread, NULL);
}
END_TEST

/* KiB, of this process. */
static uint64_t own_memory(const char *label)
{
	char text[8192];

	ck_assert_int_gt(vmp_read_file("/proc/self/status", text, sizeof(text)),
			 0);
	return vmp_field(text, label, UINT64_MAX);
}

/* Processes come and go, and leave nothing behind. */
static void churn(int samples)
{
	struct child c;

	for (int i = 0; i < samples; i++) {
		c = start(NULL);
		take();
		stop(&c);
		ck_assert_ptr_nonnull(find_watched(c.pid));
	}
}

START_TEST(does_not_grow)
{
	struct vmp_watch_request request = { .backend = backends[_i] };
	int samples = SANITIZED || in_valgrind() ? 50 : 1000;
	uint64_t data, resident;

	if (!open_watch(&request))
		return;
	churn(samples / 5);
	data = own_memory("VmData:");
	resident = own_memory("RssAnon:");
	churn(samples);
	ck_assert_uint_eq(sample.turn, (uint64_t)(samples + samples / 5 - 1));
	if (samples == 1000) {
		ck_assert_uint_eq(own_memory("VmData:"), data);
		ck_assert_uint_le(own_memory("RssAnon:"), resident + 16);
	}
	close_watch();
}
END_TEST

Suite *suite_watch(void)
{
	Suite *suite = suite_create("watch");
	TCase *tests = tcase_create("watch");

	tcase_add_loop_test(tests, counts_children, 0, BACKENDS);
	tcase_add_loop_test(tests, survives_those_that_vanish, 0, BACKENDS);
	tcase_add_loop_test(tests, passes_over_zombies, 0, BACKENDS);
	tcase_add_loop_test(tests, counts_without_first_thread, 0, BACKENDS);
	tcase_add_loop_test(tests, tells_growth, 0, BACKENDS);
	tcase_add_loop_test(tests, tells_effective_user, 0, BACKENDS);
	tcase_add_loop_test(tests, takes_hostile_names, 0, BACKENDS);
	tcase_add_loop_test(tests, takes_no_thread, 0, BACKENDS);
	tcase_add_loop_test(tests, does_not_grow, 0, BACKENDS);
	tcase_add_loop_test(tests, misses_nobody, 0, BACKENDS);
	tcase_add_test(tests, repeats_no_growth);
	tcase_add_test(tests, keeps_the_pace);
	suite_add_tcase(suite, tests);
	return suite;
}
