// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * top, check and watch inside a virtual machine, where the limit may be
 * lowered: watch bpf, or watch maps where vmaprobe is built without BPF.
 *
 * A process is held at a known count. Prints a line for each thing that is
 * tried, and below one that is not as it should be what vmaprobe printed:
 *
 *	ok top by maps: 3 of 3 processes have the lines of their maps, 1012
 *	not ok check: VMAPROBE WARNING
 *	# exit status 0, and printed:
 *	# VMAPROBE OK - watch (97) holds 1,012 of 3,000 mappings, ...
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LIMIT = 3000,
	SOME = 500,  /* pages apart, two mappings each: about a third */
	MANY = 1300, /* nine tenths */
	WORDS = 16,
	EXIT_FINDING = 1,
	EXIT_CANNOT = 3,
};

static bool failed;

/* The process whose mappings are counted; it does as it is told. */
static struct held {
	pid_t pid;
	int orders;
	char name[12]; /* its PID */
} held;

/* What vmaprobe printed, both to standard output and to standard error. */
static struct command {
	pid_t pid;
	int from;
	char text[16384];
	size_t length;
	int status;
} command;

__attribute__((format(printf, 2, 3))) static void ok(bool is, const char *what,
						     ...)
{
	va_list args;

	printf("%sok ", is ? "" : "not ");
	va_start(args, what);
	vprintf(what, args);
	va_end(args);
	putchar('\n');
	if (is)
		return;
	failed = true;
	printf("# exit status %d, and printed:\n# ", command.status);
	for (const char *at = command.text; *at; at++)
		printf(*at == '\n' && at[1] ? "\n# " : "%c", *at);
	putchar('\n');
}

static void die(const char *what)
{
	printf("not ok %s: %s\n", what, strerror(errno));
	exit(99);
}

static void set_limit(long limit)
{
	FILE *f = fopen("/proc/sys/vm/max_map_count", "we");

	if (!f || fprintf(f, "%ld", limit) < 0 || fclose(f))
		die("set the limit");
}

/*
 * Of a process; 0: it has none, or does not exist. The line of the vsyscall
 * page is no mapping.
 */
static long count_lines(pid_t pid)
{
	char path[32], line[512];
	long lines = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		lines += !strstr(line, "[vsyscall]");
	if (f)
		fclose(f);
	return lines;
}

/* Takes so many pages apart from their neighbours, and answers, until told. */
static void hold(int orders)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t bytes = 2 * MANY * page;
	char *area = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	int pages, had = 0;

	if (area == MAP_FAILED)
		_exit(1);
	while (read(orders, &pages, sizeof(pages)) == sizeof(pages)) {
		if (pages < had)
			mprotect(area, bytes, PROT_NONE);
		for (had = pages < had ? 0 : had; had < pages; had++)
			mprotect(area + (2 * (size_t)had + 1) * page, page,
				 PROT_READ);
		if (write(orders, &pages, sizeof(pages)) < 0)
			break;
	}
	_exit(0);
}

static void start_held(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die("socketpair");
	held.pid = fork();
	if (held.pid < 0)
		die("fork");
	if (held.pid == 0) {
		close(pair[0]);
		hold(pair[1]);
	}
	close(pair[1]);
	held.orders = pair[0];
	snprintf(held.name, sizeof(held.name), "%d", (int)held.pid);
}

static void order(int pages)
{
	if (write(held.orders, &pages, sizeof(pages)) != sizeof(pages) ||
	    read(held.orders, &pages, sizeof(pages)) != sizeof(pages))
		die("order the held process");
}

static void exec_vmaprobe(const char *line, int out)
{
	static char program[] = "/bin/vmaprobe";
	char *words[WORDS + 1] = { program }, *copy = strdup(line);
	int n = 1;

	while (copy && n < WORDS && (words[n] = strtok_r(copy, " ", &copy)))
		n++;
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(program, words);
	_exit(127);
}

/* A format, of vmaprobe's arguments with single blanks. */
__attribute__((format(printf, 1, 2))) static void start(const char *format, ...)
{
	char line[256];
	va_list args;
	int ends[2];

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	memset(&command, 0, sizeof(command));
	fflush(stdout);
	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	command.pid = fork();
	if (command.pid < 0)
		die("fork");
	if (command.pid == 0)
		exec_vmaprobe(line, ends[1]);
	close(ends[1]);
	command.from = ends[0];
}

static bool says(const char *text)
{
	return strstr(command.text, text);
}

/* Until it has printed this, or all that it prints. */
static void read_until(const char *text)
{
	struct command *c = &command;

	while (!(text && says(text)) && c->length + 1 < sizeof(c->text) &&
	       read(c->from, c->text + c->length, 1) == 1)
		c->length++;
}

static void end(void)
{
	int status;

	read_until(NULL);
	close(command.from);
	if (waitpid(command.pid, &status, 0) < 0)
		die("wait");
	command.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					     : WEXITSTATUS(status);
}

/* From 5.15 on vmaprobe promises it, where types are described. */
static bool promises_bpf(void)
{
	struct utsname name;
	int major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	return major * 1000 + minor >= 5015 &&
	       !access("/sys/kernel/btf/vmlinux", R_OK);
}

/* Rows of PID,MAPPINGS below two columns of no interest, and a heading. */
static void compare_rows(const char *backend)
{
	int rows = 0, right = 0, pid;
	long mappings;
	bool seen = false;

	for (const char *at = strchr(command.text, '\n'); at && at[1];
	     at = strchr(at + 1, '\n')) {
		if (sscanf(at, "%*[^,],%*[^,],%d,%ld", &pid, &mappings) != 2 ||
		    pid == command.pid)
			continue;
		rows++;
		right += mappings == count_lines(pid);
		seen |= pid == held.pid;
	}
	ok(!command.status && seen && rows == right,
	   "top by %s: %d of %d processes have the lines of their maps, %ld",
	   backend, right, rows, count_lines(held.pid));
}

static void try_top(const char *backend)
{
	start("top --backend=%s --format=csv -o pid,mappings -n 0", backend);
	end();
	compare_rows(backend);
}

/* In words, and then counts are those of maps, which says why as well. */
static void try_refusal(void)
{
	start("top --backend=bpf");
	end();
	ok(command.status == EXIT_CANNOT && says("no BPF: "),
	   "top by bpf: %.*s", (int)strcspn(command.text, "\n"), command.text);
	start("top -p %s", held.name);
	end();
	ok(!command.status && says("lines of maps, not by BPF: "),
	   "top falls back, and says why");
}

/* It goes on for much longer than that takes, and is then told to end. */
static void try_change(long limit)
{
	static const char change[] = "changed: it was 3,000.";

	start("top 0.1 50 -p %s", held.name);
	read_until("COMMAND\n");
	set_limit(limit);
	read_until(change);
	kill(command.pid, SIGTERM);
	end();
	ok(says(change), "top: says that the limit was changed");
}

/* Of its line what is for people. */
static void try_check(int status, const char *text)
{
	const char *what = text;

	start("check -p %s", held.name);
	end();
	if (command.status == status && says(text))
		what = command.text;
	ok(what != text, "check: %.*s",
	   (int)strcspn(what, "|") - (what != text), what);
}

static void try_limits(void)
{
	long lines = count_lines(held.pid);

	try_check(0, "VMAPROBE OK");
	try_change(lines * 100 / 90);
	try_check(1, "VMAPROBE WARNING");
	set_limit(lines - 10);
	try_check(2, "headroom=-10;");
	set_limit(LIMIT);
}

/* By headroom: at just so many mappings, and not before, it is reached. */
static void start_watch(const char *how, long reached)
{
	start("watch %s 0.1 --until=%ld: %s", held.name, LIMIT - reached + 1,
	      how);
	read_until("A MINUTE");
}

static void try_watch(void)
{
	long many;

	order(MANY);
	many = count_lines(held.pid);
	order(SOME);
	start_watch("--backend=maps", many);
	order(MANY);
	end();
	ok(command.status == EXIT_FINDING && says("has reached"),
	   "watch: ends when %ld is reached", many);
	order(SOME);
}

static void try_peak(bool bpf)
{
	char peak[60];
	long many;

	order(MANY);
	many = count_lines(held.pid);
	order(SOME);
	start_watch(bpf ? "--exact-peak" : "--exact-peak --duration=0.1", many);
	if (bpf)
		order(MANY);
	order(SOME);
	end();
	snprintf(peak, sizeof(peak), "%ld,%03ld at most (exact)", many / 1000,
		 many % 1000);
	if (bpf)
		ok(command.status == EXIT_FINDING && says(peak),
		   "watch --exact-peak: sees %ld, that were not there for long",
		   many);
	else
		ok(!command.status && says("--exact-peak: "),
		   "watch --exact-peak: says that it is not there");
}

int main(int argc, char **argv)
{
	bool bpf = argc > 1 && !strcmp(argv[1], "bpf") && promises_bpf();

	/* it sets the limit, and nowhere but in a machine of its own */
	if (getppid() != 1 || access("/tests", F_OK)) {
		fprintf(stderr, "watch: only for the machine of init.c\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	set_limit(LIMIT);
	start_held();
	order(SOME);
	try_top("maps");
	if (bpf)
		try_top("bpf");
	else
		try_refusal();
	try_limits();
	try_watch();
	try_peak(bpf);
	close(held.orders);
	waitpid(held.pid, NULL, 0);
	return failed;
}
