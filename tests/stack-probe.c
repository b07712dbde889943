// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a program under ptrace up to its marked call, and prints its stack:
 * "FUNCTION FILE:LINE MODULE+OFFSET" a line, "-" for what is not known.
 *
 * stack-probe missing
 *   prints what is missing for stacks
 * stack-probe [WORD]... PROGRAM [ARGUMENT]...
 *   vdso   not there, but from there on by single steps to the vdso
 *   old    as on a kernel without PROCMAP_QUERY
 *   ended  again when the process has been killed and is gone, and again when
 *          it has been forgotten
 *   TIMES  so often; says to stderr how long one took
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stack.h"
#include "trace/unwind-inside.h"

enum { MOST_STEPS = 100000 };

static struct vmp_unwinder *unwinder;
static struct vmp_frame frames[VMP_MOST_FRAMES];
static unsigned char stack[VMP_STACK_BYTES];
static bool to_vdso, ended;

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct vmp_frame *f = &frames[i];

		printf("%s %s:%d %s+0x%llx\n", f->function ? f->function : "-",
		       f->file ? f->file : "-", f->line,
		       f->module ? f->module : "-",
		       (unsigned long long)f->offset);
	}
}

static struct vmp_snapshot take(pid_t pid, pid_t tid)
{
	struct vmp_snapshot snapshot;
	int rc = vmp_snapshot_take(pid, tid, stack, &snapshot);

	if (rc < 0)
		errx(1, "snapshot: %s", strerror(-rc));
	return snapshot;
}

static size_t unwind(const struct vmp_snapshot *snapshot)
{
	return vmp_unwind(unwinder, snapshot, frames, VMP_MOST_FRAMES);
}

static void unwind_often(pid_t pid, pid_t tid, unsigned long times)
{
	struct vmp_snapshot snapshot = take(pid, tid);
	double begin = seconds(), first;
	size_t count = unwind(&snapshot);

	first = seconds();
	for (unsigned long i = 1; i < times; i++) {
		snapshot = take(pid, tid);
		count = unwind(&snapshot);
	}
	if (times > 1)
		fprintf(stderr,
			"%zu frames: %.1f us a stack, the first one %.1f\n",
			count, (seconds() - first) * 1e6 / (double)(times - 1),
			(first - begin) * 1e6);
	print(count);
}

static void unwind_ended(pid_t pid, pid_t tid)
{
	struct vmp_snapshot snapshot = take(pid, tid);

	print(unwind(&snapshot));
	kill(pid, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
	snapshot.held = false;
	puts("ended");
	print(unwind(&snapshot));
	vmp_unwinder_forget(unwinder, pid);
	puts("forgotten");
	print(unwind(&snapshot));
}

/* Returns: whether it is the end of the marked call. */
static bool is_marked(pid_t tid)
{
	static bool entered;
	struct __ptrace_syscall_info info = { 0 };
	bool was = entered;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) <= 0)
		err(77, "PTRACE_GET_SYSCALL_INFO");
	entered = info.op == PTRACE_SYSCALL_INFO_ENTRY &&
		  info.entry.nr == SYS_munmap &&
		  info.entry.args[1] == STACK_MARK;
	return was && info.op == PTRACE_SYSCALL_INFO_EXIT;
}

/* Returns: the thread that is held there; its stops before are passed on. */
static pid_t run_to_mark(pid_t pid)
{
	int status, signal = 0;
	pid_t tid = pid;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, tid, 0, signal) < 0)
			err(1, "PTRACE_SYSCALL");
		signal = 0;
		do {
			tid = waitpid(-1, &status, __WALL);
			if (tid == pid &&
			    (WIFEXITED(status) || WIFSIGNALED(status)))
				errx(WIFEXITED(status) ? WEXITSTATUS(status)
						       : 1,
				     "it has ended");
		} while (tid > 0 && !WIFSTOPPED(status));
		if (tid < 0)
			err(1, "waitpid");
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (is_marked(tid))
				return tid;
		} else if (WSTOPSIG(status) != SIGTRAP &&
			   WSTOPSIG(status) != SIGSTOP) {
			signal = WSTOPSIG(status);
		}
	}
}

static void step_to_vdso(pid_t pid)
{
	struct vmp_snapshot snapshot;
	int status;

	for (int i = 0; i < MOST_STEPS; i++) {
		if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0) < 0 ||
		    waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
			err(1, "PTRACE_SINGLESTEP");
		snapshot = take(pid, pid);
		unwind(&snapshot);
		if (frames[0].module && !strcmp(frames[0].module, "[vdso]"))
			return;
	}
	errx(77, "it is never in the vdso");
}

static pid_t start(char **command)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		err(1, "cannot start");
	if (ptrace(PTRACE_SETOPTIONS, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
			   PTRACE_O_EXITKILL) < 0)
		err(1, "PTRACE_SETOPTIONS");
	return pid;
}

int main(int argc, char **argv)
{
	unsigned long times = 1;
	char map[64];
	pid_t pid, tid;
	int i = 1;

	unwinder = vmp_unwinder_new();
	if (!unwinder)
		return 2;
	for (; i < argc - 1 && !strchr(argv[i], '/'); i++) {
		to_vdso = to_vdso || !strcmp(argv[i], "vdso");
		ended = ended || !strcmp(argv[i], "ended");
		unwinder->no_query |= !strcmp(argv[i], "old");
		if (strtoul(argv[i], NULL, 10))
			times = strtoul(argv[i], NULL, 10);
	}
	if (i == argc - 1 && !strcmp(argv[i], "missing"))
		return puts(vmp_unwinder_missing()) < 0;
	if (i >= argc)
		return 2;
	pid = start(argv + i);
	tid = run_to_mark(pid);
	if (to_vdso)
		step_to_vdso(pid);
	if (ended)
		unwind_ended(pid, tid);
	else
		unwind_often(pid, tid, times);
	vmp_unwinder_free(unwinder);
	/* which stack-held cannot do, that is held */
	snprintf(map, sizeof(map), "/tmp/perf-%d.map", (int)pid);
	unlink(map);
	return 0;
}
