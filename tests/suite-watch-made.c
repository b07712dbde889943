// SPDX-License-Identifier: GPL-2.0-or-later
/* Watch, over trees that stand for /proc: what no machine shows on demand. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "watch/history.h"
#include "watch/proc.h"
#include "watching.h"

#define REST " S 1 9 9 0 -1 4194304 1 0 0 0 2 3 0 0 20 0 7 0 4711 8192 60 1\n"

static const struct {
	const char *text, *command;
	char state;
} stats[] = {
	{ "42 (cat)" REST, "cat", 'S' },
	{ "42 ()" REST, "", 'S' },
	{ "42 (a b) S 1 (c)" REST, "a b) S 1 (c", 'S' },
	{ "42 (()))" REST, "())", 'S' },
	{ "42 (line\nnext)" REST, "line\nnext", 'S' },
	{ "42 (\033[2J\xff\xfe)" REST, "\033[2J\xff\xfe", 'S' },
	/* a worker of the kernel: its name is longer than a process's */
	{ "42 (kworker/u128:3-events_unbound_and_more_of_it_than_anyone_has_s"
	  "een)" REST,
	  "kworker/u128:3-events_unbound_and_more_of_it_than_anyone_has_se",
	  'S' },
};

START_TEST(parses_stat)
{
	const char *text = stats[_i].text;
	struct vmp_stat stat;

	ck_assert_int_eq(vmp_stat_parse(text, strlen(text), &stat), 0);
	ck_assert_int_eq(stat.pid, 42);
	ck_assert_int_eq(stat.state, stats[_i].state);
	ck_assert_uint_eq(stat.threads, 7);
	ck_assert_uint_eq(stat.start, 4711);
	ck_assert_uint_eq(stat.size_bytes, 8192);
	ck_assert_str_eq(stat.command, stats[_i].command);
}
END_TEST

static const char *const no_stats[] = {
	"",
	"42",
	"(",
	")",
	"42 (cat",
	"42 )cat(" REST,
	"42 (cat)",
	"42 (cat) ",
	"42 (cat) S",
	"42 (cat) S 1 2 3",
	"x (cat)" REST,
	"0 (swapper)" REST,
	"42 (cat) S 1 9 9 0 -1 4194304 1 0 0 0 2 3 0 0 20 0 7 0 x 8192 60 1\n",
	"42 (cat) S - - - - - - - - - - - - - - - - - - - - - -\n",
};

START_TEST(refuses_stat)
{
	struct vmp_stat stat = { .pid = 7 };

	ck_assert_int_eq(vmp_stat_parse(no_stats[_i], strlen(no_stats[_i]),
					&stat),
			 -EBADMSG);
	ck_assert_int_eq(stat.pid, 7);
}
END_TEST

#define ID "3f2a91c04b7d0123456789abcdef0123456789abcdef0123456789abcdef0123"
#define POD "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"
#define POD_ "0b1c2d3e_4f50_6172_8394_a5b6c7d8e9f0"

static const struct {
	const char *cgroup, *name;
} containers[] = {
	{ "", "" },
	{ "/", "" },
	{ "//::/", "" },
	{ "/init.scope", "" },
	{ "/user.slice/user-1000.slice/session-2.scope", "" },
	{ "/system.slice/docker.service", "" },
	{ "/system.slice/docker-cleanup.scope", "" },
	{ "/docker", "" },
	{ "/docker/" ID, "docker 3f2a91c04b7d" },
	{ "/docker/" ID "/init.scope", "docker 3f2a91c04b7d" },
	{ "/../../docker/" ID, "docker 3f2a91c04b7d" },
	{ "/system.slice/docker-" ID ".scope", "docker 3f2a91c04b7d" },
	{ "/docker/0123456789ab0123/docker/" ID, "docker 3f2a91c04b7d" },
	{ "/machine.slice/libpod-" ID ".scope", "podman 3f2a91c04b7d" },
	{ "/machine.slice/libpod-" ID ".scope/container",
	  "podman 3f2a91c04b7d" },
	{ "/machine.slice/libpod-conmon-" ID ".scope", "" },
	{ "/libpod_parent/libpod-" ID, "podman 3f2a91c04b7d" },
	{ "/user.slice/user-1.slice/user@1.service/user.slice/libpod-" ID
	  ".scope",
	  "podman 3f2a91c04b7d" },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_
	  ".slice/cri-containerd-" ID ".scope",
	  "pod 0b1c2d3e cri 3f2a91c04b7d" },
	{ "/kubepods.slice/kubepods-pod" POD_ ".slice/crio-" ID ".scope",
	  "pod 0b1c2d3e cri 3f2a91c04b7d" },
	{ "/kubepods.slice/kubepods-pod" POD_ ".slice/crio-conmon-" ID ".scope",
	  "pod 0b1c2d3e" },
	{ "/kubepods/besteffort/pod" POD "/" ID,
	  "pod 0b1c2d3e cri 3f2a91c04b7d" },
	{ "/kubepods/pod0123456789abcdef0123456789abcdef/" ID,
	  "pod 0123456789ab cri 3f2a91c04b7d" },
	{ "/kubepods.slice/kubepods-pod" POD_ ".slice/docker-" ID ".scope",
	  "pod 0b1c2d3e docker 3f2a91c04b7d" },
	{ "/system.slice/containerd.service/kubepods-burstable-pod" POD_
	  ".slice:cri-containerd:" ID,
	  "pod 0b1c2d3e cri 3f2a91c04b7d" },
	{ "/docker/0123456789ab0123/kubelet.slice/kubelet-kubepods.slice/"
	  "kubelet-kubepods-besteffort.slice/"
	  "kubelet-kubepods-besteffort-pod" POD_ ".slice/cri-containerd-" ID
	  ".scope",
	  "pod 0b1c2d3e cri 3f2a91c04b7d" },
	{ "/lxc/web", "lxc web" },
	{ "/lxc.payload.web", "lxc web" },
	{ "/lxc.payload/web/system.slice/cron.service", "lxc web" },
	{ "/lxc.monitor.web", "" },
	{ "/lxc/web/docker/" ID, "docker 3f2a91c04b7d" },
	{ "/machine.slice/machine-deb\\x2d12.scope/payload", "machine deb-12" },
	{ "/machine.slice/systemd-nspawn@deb.service", "machine deb" },
	{ "/machine.slice/machine-a\\x00b\\xzz\\x2.scope",
	  "machine a\\x00b\\xzz\\x2" },
	{ "/lxc/\033[2J\n\xff", "lxc \033[2J\n\xff" },
	{ "/default/" ID, "container 3f2a91c04b7d" },
	{ "/ecs/0123456789abcdef0123456789abcdef/" ID,
	  "container 3f2a91c04b7d" },
};

START_TEST(names_containers)
{
	char name[128], tiny[6];

	vmp_container_name(containers[_i].cgroup, name, sizeof(name));
	ck_assert_str_eq(name, containers[_i].name);
	/* what is longer is cut */
	vmp_container_name(containers[_i].cgroup, tiny, sizeof(tiny));
	ck_assert_int_eq(strncmp(tiny, name, sizeof(tiny) - 1), 0);
	ck_assert_uint_lt(strlen(tiny), sizeof(tiny));
	vmp_container_name(containers[_i].cgroup, name, 1);
	ck_assert_str_eq(name, "");
}
END_TEST

static const struct {
	const char *text, *path;
} cgroups[] = {
	{ "", "" },
	{ "0::/\n", "" },
	{ "0::/user.slice\n", "/user.slice" },
	{ "0::/cut", "" },
	{ "no line\n:\n::\n1::x\n0::/a\n", "/a" },
	{ "12:memory:/a/b/c\n1:name=systemd:/a\n0::/d\n", "/d" },
	{ "12:memory:/a/b/c\n1:name=systemd:/a\n0::/\n", "/a/b/c" },
	{ "3:memory:/docker/" ID "\n0::/system.slice/containerd.service\n",
	  "/docker/" ID },
	{ "1:cpu,cpuacct:/a:b\n", "/a:b" },
};

START_TEST(chooses_cgroup)
{
	char text[512], path[256], tiny[3];

	snprintf(text, sizeof(text), "%s", cgroups[_i].text);
	vmp_cgroup_choose(text, path, sizeof(path));
	ck_assert_str_eq(path, cgroups[_i].path);
	snprintf(text, sizeof(text), "%s", cgroups[_i].text);
	vmp_cgroup_choose(text, tiny, sizeof(tiny));
	ck_assert_int_eq(strncmp(tiny, path, 2), 0);
}
END_TEST

/* 120 a minute, read each second, and then each fifth of a minute none. */
START_TEST(measures_rate)
{
	struct vmp_past past = { .pid = 1 };

	vmp_past_add(&past, 1000, 50);
	ck_assert(!past.has_rate);
	vmp_past_add(&past, 1000.5, 51);
	ck_assert(!past.has_rate);
	for (int i = 1; i <= 300; i++) {
		vmp_past_add(&past, 1000 + i, 50 + 2 * i);
		ck_assert(past.has_rate);
		ck_assert_double_eq_tol(past.per_minute, 120, 1e-6);
		ck_assert_int_eq(past.growth, i == 1 ? 1 : 2);
		/* one to two minutes, as soon as it is known for one */
		ck_assert(i < 60 || 1000 + i - past.older.seconds >= 60);
		ck_assert(1000 + i - past.older.seconds <= 120);
	}
	ck_assert_int_eq(past.peak, 650);
	for (int i = 1; i <= 15; i++)
		vmp_past_add(&past, 1300 + 12 * i, 650);
	ck_assert_double_eq(past.per_minute, 0);
	vmp_past_add(&past, 1780, 350);
	ck_assert_double_eq_tol(past.per_minute, -60, 1e-6);
	ck_assert_int_eq(past.growth, -300);
	ck_assert_int_eq(past.peak, 650);
}
END_TEST

/*
 * PIDs that fall on each other: a quarter of them is missed in each turn, which
 * is forgiven, and those of an odd quarter are missed in the next one too.
 */
static bool is_missed(int turn, int quarter)
{
	return turn == quarter || (quarter % 2 && turn == quarter + 1);
}

static uint64_t readings_of(int turn, int quarter)
{
	uint64_t readings = 0;

	for (int i = 0; i < turn; i++) {
		readings += !is_missed(i, quarter);
		if (quarter % 2 && i == quarter + 1)
			readings = 0;
	}
	return readings;
}

START_TEST(remembers_those_that_are)
{
	enum { MANY = 20000 };
	struct vmp_history history = { 0 };
	struct vmp_past *past;

	for (int turn = 0; turn < 6; turn++) {
		for (int i = 1; i <= MANY; i++) {
			if (is_missed(turn, i % 4))
				continue;
			past = vmp_history_get(&history, i * 1024, 7);
			ck_assert_ptr_nonnull(past);
			ck_assert_int_eq(past->pid, i * 1024);
			ck_assert_uint_eq(past->readings,
					  readings_of(turn, i % 4));
			vmp_past_add(past, turn, i);
		}
		vmp_history_sweep(&history);
	}
	ck_assert_uint_eq(history.count, MANY);
	ck_assert_uint_le(history.slot_count, 4 * MANY);
	past = vmp_history_get(&history, 1024, 8);
	ck_assert_uint_eq(past->readings, 0);
	vmp_history_sweep(&history);
	vmp_history_sweep(&history);
	vmp_history_sweep(&history);
	ck_assert_uint_eq(history.count, 0);
	vmp_history_free(&history);
}
END_TEST

/* A process of the tree, with so many mappings and the gate line. */
static void make_process(int pid, uint64_t start, int mappings)
{
	char path[64], stat[256];
	VMP_FREE char *maps = malloc(128 * (size_t)(mappings + 1));
	size_t n = 0;

	snprintf(path, sizeof(path), "%d/stat", pid);
	snprintf(stat, sizeof(stat),
		 "%d (made) S 1 9 9 0 -1 4194304 1 0 0 0 2 3 0 0 20 0 1 0 %llu "
		 "8192 60 1\n",
		 pid, (unsigned long long)start);
	scratch_text(path, stat);
	for (int i = 0; i < mappings; i++)
		n += (size_t)sprintf(maps + n,
				     "%08x000-%08x000 rw-p 00000000 00:00 0\n",
				     i + 1, i + 2);
	sprintf(maps + n, "ffffffffff600000-ffffffffff601000 --xp 00000000 "
			  "00:00 0                  [vsyscall]\n");
	snprintf(path, sizeof(path), "%d/maps", pid);
	scratch_text(path, maps);
}

static void open_watch(const struct vmp_watch_request *request)
{
	ctx = scratch_ctx();
	ck_assert_msg(vmp_watch_open(ctx, request, &watch) == 0, "%s",
		      vmp_error(ctx));
}

static void limit_is(const char *text)
{
	scratch_text("sys/vm/max_map_count", text);
}

/* Wherever a read ends: in the last line, which is the gate, or elsewhere. */
START_TEST(counts_lines)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_AUTO };

	limit_is("1000\n");
	for (int i = 1; i < 8; i++)
		make_process(i, 1, i < 4 ? i : 16384 / 45 - 6 + i);
	scratch_text("8/stat", "8 (none) S 1 9 9 0 -1 4194304 1 0 0 0 2 3 0 0 "
			       "20 0 1 0 1 0 60 1\n");
	scratch_text("9/stat", "no stat");
	scratch_text("10/maps", "");
	scratch_text("self/stat", "8");
	scratch_text("11a/stat", "8");
	open_watch(&request);
	take();
	ck_assert_int_eq(sample.backend, VMP_WATCH_MAPS);
	assert_holds(sample.reason, "not this system");
	ck_assert_uint_eq(sample.count, 7);
	for (int i = 0; i < 7; i++) {
		int pid = 7 - i;

		ck_assert_int_eq(sample.processes[i].pid, pid);
		ck_assert_int_eq(sample.processes[i].mappings,
				 pid < 4 ? pid : 16384 / 45 - 6 + pid);
		ck_assert_uint_eq(sample.processes[i].user, geteuid());
	}
	ck_assert_uint_eq(sample.empty, 1);
	ck_assert_uint_eq(sample.unreadable, 1);
	ck_assert_uint_eq(sample.vanished, 1);
	ck_assert(!sample.hides);
	close_watch();
}
END_TEST

/*
 * Of descriptors there is but one left: enough for each process, but for that
 * whose first thread has ended. That is our want, and not its.
 */
START_TEST(fails_without_descriptors)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_MAPS };
	struct rlimit limit, low;
	int next;

	limit_is("1000\n");
	make_process(1, 1, 3);
	scratch_text("2/stat", "2 (lost) Z 1 9 9 0 -1 4194304 1 0 0 0 2 3 0 0 "
			       "20 0 2 0 1 0 60 1\n");
	scratch_text("2/task/3/maps", "00001000-00002000 rw-p 0 00:00 0\n");
	open_watch(&request);
	take();
	ck_assert_uint_eq(sample.count, 2);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	next = dup(0);
	close(next);
	low = limit;
	low.rlim_cur = (rlim_t)next + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	/* by then the pace allows it */
	while (vmp_watch_sample(watch, &sample) == 0)
		ck_assert_uint_eq(sample.unreadable, 0);
	assert_holds(vmp_error(ctx), "/2: Too many open files");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	take();
	ck_assert_uint_eq(sample.count, 2);
	close_watch();
}
END_TEST

START_TEST(tells_processes_apart)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_MAPS };
	struct vmp_watched before;
	char text[64];

	limit_is("1000\n");
	make_process(10, 500, 90);
	scratch_write("10/cmdline", "a\0b c\0\0", 7);
	scratch_text("10/cgroup", "0::/lxc/web\n");
	open_watch(&request);
	take();
	ck_assert_int_eq(sample.processes[0].peak, 90);
	before = sample.processes[0];
	vmp_watched_cgroup(ctx, &before, text, sizeof(text));
	ck_assert_str_eq(text, "/lxc/web");
	vmp_watched_arguments(ctx, &before, text, sizeof(text));
	ck_assert_str_eq(text, "a b c");
	make_process(10, 501, 40);
	take();
	ck_assert_uint_eq(sample.count, 1);
	ck_assert_int_eq(sample.processes[0].mappings, 40);
	ck_assert_int_eq(sample.processes[0].peak, 40);
	ck_assert_int_eq(sample.processes[0].growth, 0);
	ck_assert(!sample.processes[0].seen_before);
	ck_assert(!sample.processes[0].has_rate);
	ck_assert_double_eq(sample.processes[0].age_seconds, 0);
	vmp_watched_cgroup(ctx, &before, text, sizeof(text));
	ck_assert_str_eq(text, "");
	vmp_watched_arguments(ctx, &before, text, sizeof(text));
	ck_assert_str_eq(text, "");
	close_watch();
}
END_TEST

START_TEST(tells_change_of_limit)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_MAPS };

	limit_is("100\n");
	make_process(1, 1, 49);
	make_process(2, 1, 50);
	make_process(3, 1, 80);
	make_process(4, 1, 96);
	open_watch(&request);
	take();
	ck_assert_int_eq(sample.limit, 100);
	ck_assert_int_eq(sample.limit_before, 100);
	ck_assert_uint_eq(sample.over[0], 3);
	ck_assert_uint_eq(sample.over[1], 2);
	ck_assert_uint_eq(sample.over[2], 1);
	ck_assert_double_eq_tol(
		vmp_map_percent(sample.processes->mappings, 100), 96, 1e-9);
	limit_is("1000\n");
	take();
	ck_assert_int_eq(sample.limit, 1000);
	ck_assert_int_eq(sample.limit_before, 100);
	ck_assert_uint_eq(sample.over[0], 0);
	take();
	ck_assert_int_eq(sample.limit_before, 1000);
	ck_assert_uint_eq(sample.turn, 2);
	limit_is("none\n");
	ck_assert_int_eq(vmp_watch_sample(watch, &sample), -EBADMSG);
	limit_is("1000\n");
	take();
	ck_assert_uint_eq(sample.turn, 3);
	close_watch();
}
END_TEST

START_TEST(takes_those_asked_for)
{
	const pid_t pids[] = { 3, 99, 1, 3, 4, 1 };
	const uid_t users[] = { geteuid(), geteuid() + 1 };
	struct vmp_watch_request request = {
		.backend = VMP_WATCH_MAPS,
		.pids = pids,
		.pid_count = VMP_COUNT(pids),
		.users = users,
		.user_count = VMP_COUNT(users),
		.command = "m?d*",
	};

	limit_is("100\n");
	for (int i = 1; i < 5; i++)
		make_process(i, 1, 10 * i);
	/* a thread's number */
	scratch_text("4/status", "Name:\tx\nTgid:\t3\n");
	open_watch(&request);
	take();
	ck_assert_uint_eq(sample.count, 2);
	ck_assert_int_eq(sample.processes[0].pid, 3);
	ck_assert_int_eq(sample.processes[1].pid, 1);
	ck_assert_uint_eq(sample.vanished, 0);
	close_watch();
	request.command = "m?d";
	open_watch(&request);
	take();
	ck_assert_uint_eq(sample.count, 0);
	close_watch();
	request.command = NULL;
	request.users++;
	request.user_count = 1;
	open_watch(&request);
	take();
	ck_assert_uint_eq(sample.count, 0);
	close_watch();
}
END_TEST

START_TEST(says_what_it_cannot)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_BPF };

	ctx = scratch_ctx();
	ck_assert_int_eq(vmp_watch_open(ctx, &request, &watch), -ENOTSUP);
	assert_holds(vmp_error(ctx), "not this system");
	ck_assert_int_eq(vmp_set_procfs(ctx, "/nowhere"), 0);
	request.backend = VMP_WATCH_AUTO;
	ck_assert_int_eq(vmp_watch_open(ctx, &request, &watch), -ENOENT);
	assert_holds(vmp_error(ctx), "/nowhere");
	vmp_watch_close(NULL);
	vmp_free(ctx);
}
END_TEST

/* As many PIDs as a large machine has; each is the same folder. */
static void make_very_many(int many)
{
	char path[256];

	scratch_text("few/sys/vm/max_map_count", "100\n");
	limit_is("100\n");
	make_process(1, 7, 30);
	for (int i = 2; i <= many; i++) {
		snprintf(path, sizeof(path), "%s/%d", scratch_root(), i);
		ck_assert_int_eq(symlink("1", path), 0);
	}
}

START_TEST(takes_very_many)
{
	struct vmp_watch_request request = { .backend = VMP_WATCH_MAPS };
	int many = SANITIZED || in_valgrind() ? 3000 : 100000;
	char few[256];

	make_very_many(many);
	open_watch(&request);
	for (int turn = 0; turn < 2; turn++) {
		take();
		ck_assert_uint_eq(sample.count, (size_t)many);
		for (int i = 0; i < many; i++) {
			ck_assert_int_eq(sample.processes[i].pid, i + 1);
			ck_assert_int_eq(sample.processes[i].mappings, 30);
		}
	}
	snprintf(few, sizeof(few), "%s/few", scratch_root());
	ck_assert_int_eq(vmp_set_procfs(ctx, few), 0);
	take();
	ck_assert_uint_eq(sample.count, 0);
	close_watch();
}
END_TEST

/* A case for each, so that each has a tree of its own. */
#define IN_TREE(suite, test)                                                   \
	do {                                                                   \
		TCase *tree = tcase_create(#test);                             \
                                                                               \
		/* for 100,000 files, on a busy machine */                     \
		tcase_set_timeout(tree, 240);                                  \
		tcase_add_unchecked_fixture(tree, scratch_begin, scratch_end); \
		tcase_add_test(tree, test);                                    \
		suite_add_tcase(suite, tree);                                  \
	} while (0)

Suite *suite_watch_made(void)
{
	Suite *suite = suite_create("watch-made");
	TCase *texts = tcase_create("texts");

	tcase_add_loop_test(texts, parses_stat, 0, VMP_COUNT(stats));
	tcase_add_loop_test(texts, refuses_stat, 0, VMP_COUNT(no_stats));
	tcase_add_loop_test(texts, names_containers, 0, VMP_COUNT(containers));
	tcase_add_loop_test(texts, chooses_cgroup, 0, VMP_COUNT(cgroups));
	tcase_add_test(texts, measures_rate);
	tcase_add_test(texts, remembers_those_that_are);
	suite_add_tcase(suite, texts);
	IN_TREE(suite, counts_lines);
	IN_TREE(suite, fails_without_descriptors);
	IN_TREE(suite, tells_processes_apart);
	IN_TREE(suite, tells_change_of_limit);
	IN_TREE(suite, takes_those_asked_for);
	IN_TREE(suite, says_what_it_cannot);
	IN_TREE(suite, takes_very_many);
	return suite;
}
