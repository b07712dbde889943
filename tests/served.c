// SPDX-License-Identifier: GPL-2.0-or-later
/* Children that do what they are told, one step at a time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "served.h"

static char *area;
static size_t area_pages;

static void serve_all(serve *act, int in, int out)
{
	int number;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(in, &number, sizeof(number)) == sizeof(number)) {
		number = act(number);
		if (write(out, &number, sizeof(number)) != sizeof(number))
			break;
	}
	_exit(0);
}

struct served served_start(serve *act)
{
	struct served child;
	int in[2], out[2];

	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	child.pid = fork();
	ck_assert_int_ge(child.pid, 0);
	if (!child.pid) {
		close(in[1]);
		close(out[0]);
		serve_all(act, in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	child.to = in[1];
	child.from = out[0];
	return child;
}

void served_tell(const struct served *child, int number)
{
	ck_assert_int_eq(write(child->to, &number, sizeof(number)),
			 sizeof(number));
}

int served_wait(const struct served *child)
{
	int number;

	ck_assert_int_eq(read(child->from, &number, sizeof(number)),
			 sizeof(number));
	return number;
}

int served_ask(const struct served *child, int number)
{
	served_tell(child, number);
	return served_wait(child);
}

bool served_answers(const struct served *child)
{
	struct pollfd from = { .fd = child->from, .events = POLLIN };

	return poll(&from, 1, 0) == 1;
}

void served_stop(struct served *child)
{
	kill(child->pid, SIGKILL);
	ck_assert_int_eq(waitpid(child->pid, NULL, 0), child->pid);
	close(child->to);
	close(child->from);
}

enum { REFUSED = 77, KILLED };

static int run_in_namespace(int (*body)(void))
{
	int status;
	pid_t first;

	if (unshare(CLONE_NEWPID))
		return REFUSED;
	first = fork();
	if (!first)
		_exit(body());
	waitpid(first, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

void served_in_namespace(int (*body)(void))
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (!child)
		_exit(run_in_namespace(body));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) != REFUSED)
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}

void served_reserve(size_t pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	area_pages = pages;
	area = mmap(NULL, pages * page, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(area, MAP_FAILED);
}

/* Of every other page, none at an edge, as far as there are some. */
static int protect(int count, int protection)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int done = 0;

	for (size_t i = 1; i + 1 < area_pages && done < count; i += 2)
		if (mprotect(area + i * page, page, protection) == 0)
			done++;
	return done;
}

int served_cut(int count)
{
	return protect(count, PROT_READ);
}

int served_mend(int count)
{
	return protect(count, PROT_NONE);
}

int64_t served_count_lines(pid_t pid)
{
	char path[32], line[8192];
	VMP_FCLOSE FILE *file = NULL;
	int64_t count = 0;

	snprintf(path, sizeof(path), pid ? "/proc/%d/maps" : "/proc/self/maps",
		 (int)pid);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		count += !strstr(line, "[vsyscall]");
	return count;
}
