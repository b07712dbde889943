// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first process of a virtual machine: sets the limit, runs the tests that
 * are listed in /tests, prints what came of them, and switches off.
 *
 * The serial line is the kernel's too. A result therefore stands in a frame of
 * lines that begin with @, and its end names its sum, as cksum prints it:
 *
 *	@boot 6.1.0-50-cloud-amd64 3000
 *	@begin interleave.out
 *	@:ewogICJzY2hlbWEiOiAidm1hcHJvYmUucnVuLzEiLAogICJzY2VuYXJpbyI6...
 *	@end interleave.out 2382472165 5417
 *	@done interleave 0 1240
 *	@off
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_BYTES = 57, /* 76 characters of base64 */
	WORDS = 32,
	LOG_CONSOLE_LEVEL = 8, /* syslog(2) */
};

static char path_variable[] = "PATH=/bin", locale[] = "LC_ALL=C";
static char *const environment[] = { path_variable, locale, NULL };

static void mount_all(void)
{
	static const struct {
		const char *type, *where;
	} rows[] = {
		{ "proc", "/proc" },	 { "sysfs", "/sys" },
		{ "tmpfs", "/tmp" },	 { "devtmpfs", "/dev" },
		{ "tmpfs", "/dev/shm" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mkdir(rows[i].where, 0755);
		if (mount(rows[i].type, rows[i].where, rows[i].type, 0, NULL))
			printf("init: %s: %s\n", rows[i].where,
			       strerror(errno));
	}
}

/* Sets the limit, if one is given, and reads back what it is now. */
static long set_limit(const char *text)
{
	static const char path[] = "/proc/sys/vm/max_map_count";
	FILE *f = text ? fopen(path, "we") : NULL;
	long limit = -1;

	if (f) {
		fputs(text, f);
		fclose(f);
	}
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%ld", &limit) != 1)
		limit = -1;
	fclose(f);
	return limit;
}

/* POSIX cksum: the polynomial of Ethernet, bits from the left. */
static uint32_t sum_byte(uint32_t sum, unsigned char byte)
{
	sum ^= (uint32_t)byte << 24;
	for (int i = 0; i < 8; i++)
		sum = sum << 1 ^ (sum & 0x80000000 ? 0x04c11db7 : 0);
	return sum;
}

static uint32_t sum_end(uint32_t sum, uint64_t bytes)
{
	for (; bytes; bytes >>= 8)
		sum = sum_byte(sum, bytes & 0xff);
	return ~sum;
}

static void print_base64(const unsigned char *in, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";

	printf("@:");
	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)in[i] << 16;

		three |= i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0;
		three |= i + 2 < n ? in[i + 2] : 0;
		putchar(digits[three >> 18]);
		putchar(digits[three >> 12 & 63]);
		putchar(i + 1 < n ? digits[three >> 6 & 63] : '=');
		putchar(i + 2 < n ? digits[three & 63] : '=');
	}
	putchar('\n');
}

static void print_frame(const char *name, const char *kind)
{
	unsigned char line[LINE_BYTES];
	char path[32];
	uint64_t bytes = 0;
	uint32_t sum = 0;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/tmp/%s", kind);
	f = fopen(path, "re");
	if (!f)
		return;
	printf("@begin %s.%s\n", name, kind);
	for (; (n = fread(line, 1, sizeof(line), f)) > 0; bytes += n) {
		for (size_t i = 0; i < n; i++)
			sum = sum_byte(sum, line[i]);
		print_base64(line, n);
	}
	printf("@end %s.%s %u %llu\n", name, kind, sum_end(sum, bytes),
	       (unsigned long long)bytes);
	fclose(f);
}

/* In the child. An alarm outlives exec, and ends it where it hangs. */
static void run_test(char **argv, unsigned int seconds)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC;

	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	dup2(open("/tmp/out", flags | O_CLOEXEC, 0600), STDOUT_FILENO);
	dup2(open("/tmp/err", flags | O_CLOEXEC, 0600), STDERR_FILENO);
	alarm(seconds);
	execve(argv[0], argv, environment);
	perror(argv[0]);
	_exit(127);
}

/* Until that one ends; the first process reaps all that lost their parents. */
static int wait_for(pid_t child)
{
	int status;
	pid_t pid;

	do
		pid = wait(&status);
	while (pid != child && (pid > 0 || errno == EINTR));
	if (pid != child)
		return 127;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A line of /tests: NAME SECONDS HIGHEST-LIMIT COMMAND ARGUMENT... */
static void run_line(char *line, long limit)
{
	char *words[WORDS + 1] = { NULL }, *rest = line;
	long long start = now_ms();
	int n = 0, status;
	pid_t child;

	while (n < WORDS && (words[n] = strtok_r(rest, " \n", &rest)))
		n++;
	if (n < 4 || limit > strtol(words[2], NULL, 10))
		return;
	child = fork();
	if (child == 0)
		run_test(words + 3, strtoul(words[1], NULL, 10));
	status = child < 0 ? 127 : wait_for(child);
	print_frame(words[0], "out");
	print_frame(words[0], "err");
	printf("@done %s %d %lld\n", words[0], status, now_ms() - start);
	fflush(stdout);
}

static void switch_off(void)
{
	printf("@off\n");
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	sync();
	reboot(RB_POWER_OFF);
}

int main(int argc, char **argv)
{
	struct utsname name;
	char line[1024];
	long limit;
	FILE *f;

	mount_all();
	klogctl(LOG_CONSOLE_LEVEL, NULL, 1);
	limit = set_limit(argc > 1 ? argv[argc - 1] : NULL);
	uname(&name);
	printf("\n@boot %s %ld\n", name.release, limit);
	f = fopen("/tests", "re");
	while (f && fgets(line, sizeof(line), f))
		run_line(line, limit);
	switch_off();
	return 1;
}
