// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A terminal for tests: pty FILE ROWS COLUMNS COMMAND [ARGUMENT]...
 * Runs the command in a terminal of that size, writes what it prints to FILE,
 * and does what standard input says, a line each:
 *   wait TEXT      until it has printed this, since the last that was waited
 *                  for; \e is an escape
 *   send TEXT      type it; \e escape, \n return, \s blank, \3 Ctrl-C,
 *                  \z Ctrl-Z
 *   size ROWS COLUMNS
 *   mode raw|cooked  until the terminal is in this mode
 *   signal N       send it to the command
 *   hangup         close the terminal
 *   end            until the command has ended
 * Prints the exit status of the command, 128 + N for signal N. Exit status: 0;
 * 1 what was waited for did not come within 20 seconds, which it says.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 20, STEP_MS = 20 };

static int terminal;
static pid_t command;
static FILE *record;
static char *printed; /* all of it, terminated */
static size_t length, waited;
static bool over; /* nobody has the terminal open any more */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what, const char *text)
{
	printf("pty: %s: %s\n", what, text);
	exit(1);
}

static void keep(const char *text, size_t size)
{
	fwrite(text, 1, size, record);
	printed = realloc(printed, length + size + 1);
	if (!printed)
		fail("no memory", "");
	memcpy(printed + length, text, size);
	length += size;
	printed[length] = '\0';
}

/* Read what is there, or comes within a moment. */
static void look(void)
{
	struct pollfd p = { terminal, POLLIN, 0 };
	char text[4096];
	ssize_t got;

	if (over || poll(&p, 1, STEP_MS) <= 0)
		return;
	got = read(terminal, text, sizeof(text));
	if (got > 0)
		keep(text, (size_t)got);
	else if (got == 0 || errno == EIO)
		over = true;
}

static void until(bool (*is_true)(const char *), const char *what,
		  const char *text)
{
	double end = seconds() + PATIENCE;

	while (!is_true(text)) {
		if (seconds() > end)
			fail(what, text);
		look();
	}
}

/* Bytes may be NUL: a terminal does not print them. */
static bool has_printed(const char *text)
{
	const char *found = printed ? memmem(printed + waited, length - waited,
					     text, strlen(text))
				    : NULL;

	if (found)
		waited = (size_t)(found - printed) + strlen(text);
	return found != NULL;
}

static bool is_in_mode(const char *text)
{
	struct termios t;
	bool raw;

	if (tcgetattr(terminal, &t) < 0)
		return false;
	raw = !(t.c_lflag & (ICANON | ECHO));
	return raw == !strcmp(text, "raw");
}

static bool has_ended(const char *text)
{
	static int status;
	static bool ended;
	int code;

	(void)text;
	ended = ended || waitpid(command, &status, WNOHANG) == command;
	if (!ended)
		return false;
	while (!over && poll(&(struct pollfd){ terminal, POLLIN, 0 }, 1, 0) > 0)
		look();
	code = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
	printf("%d\n", code);
	return true;
}

/* Put what \e and its company stand for in place. */
static void unescape(char *text)
{
	static const char names[] = "ens3z", values[] = "\033\n \003\032";
	const char *name;
	char *out = text;

	for (; *text; text++) {
		name = *text == '\\' && text[1] ? strchr(names, text[1]) : NULL;
		*out++ = name ? values[name - names] : *text;
		text += name != NULL;
	}
	*out = '\0';
}

static void resize(const char *text)
{
	struct winsize size = { 0 };

	if (sscanf(text, "%hu %hu", &size.ws_row, &size.ws_col) != 2 ||
	    ioctl(terminal, TIOCSWINSZ, &size) < 0)
		fail("size", text);
}

static void obey(char *line)
{
	char *text = line + strcspn(line, " ");

	if (*text)
		*text++ = '\0';
	unescape(text);
	if (!strcmp(line, "wait"))
		until(has_printed, "it did not print", text);
	else if (!strcmp(line, "mode"))
		until(is_in_mode, "the mode is not", text);
	else if (!strcmp(line, "end"))
		until(has_ended, "it did not end", "");
	else if (!strcmp(line, "size"))
		resize(text);
	else if (!strcmp(line, "signal"))
		kill(command, atoi(text));
	else if (!strcmp(line, "hangup"))
		over = !close(terminal);
	else if (strcmp(line, "send") != 0 ||
		 write(terminal, text, strlen(text)) < 0)
		fail("cannot", line);
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	char *line = NULL;
	size_t room = 0;
	ssize_t got;

	if (argc < 5)
		return 2;
	size.ws_row = (unsigned short)atoi(argv[2]);
	size.ws_col = (unsigned short)atoi(argv[3]);
	record = fopen(argv[1], "we");
	if (!record)
		return 2;
	command = forkpty(&terminal, NULL, NULL, &size);
	if (command < 0)
		return 77;
	if (!command) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	while ((got = getline(&line, &room, stdin)) > 0) {
		line[got - 1] = '\0';
		obey(line);
	}
	return fclose(record) ? 1 : 0;
}
