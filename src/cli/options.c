// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads options by a command's table, over getopt_long(), and prints help. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "report/check.h"
#include "report/style.h"

enum { MOST_OPTIONS = 32, MOST_LETTERS = 2 * MOST_OPTIONS + 3, HELP = 1000 };

const char *const vmp_format_names[] = { "text", "json", "csv", NULL };
const char *const vmp_color_names[] = { "auto", "always", "never", NULL };

void vmp_warn(const char *format, ...)
{
	va_list args;

	fputs("vmaprobe: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	putc('\n', stderr);
}

void vmp_warn_escaped(const char *reason)
{
	char text[600];

	vmp_warn("%s", vmp_escape(reason, text, sizeof(text)));
}

/* A monitoring system shows the first line of standard output alone. */
__attribute__((format(printf, 2, 0))) static void
plugin_error(const struct vmp_command *command, const char *format,
	     va_list args)
{
	char text[900], line[1000];

	vsnprintf(text, sizeof(text), format, args);
	printf("VMAPROBE UNKNOWN - %s\nTry \"vmaprobe %s --help\".\n",
	       vmp_plugin_text(text, line, sizeof(line)), command->name);
	vmp_finish_output(stdout, "standard output", VMP_EXIT_CANNOT);
}

int vmp_usage_error(const struct vmp_command *command, const char *format, ...)
{
	va_list args;

	if (command->plugin) {
		va_start(args, format);
		plugin_error(command, format, args);
		va_end(args);
		return VMP_EXIT_CANNOT;
	}
	fprintf(stderr, "vmaprobe %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry \"vmaprobe %s --help\".\n", command->name);
	return VMP_EXIT_USAGE;
}

int vmp_finish_output(FILE *out, const char *name, int rc)
{
	int error = 0;

	if (fflush(out) || ferror(out))
		error = errno ? errno : EIO;
	if (!error)
		return rc;
	vmp_warn("cannot write %s: %s", name, strerror(error));
	return VMP_EXIT_CANNOT;
}

/* "-p, --pid=PID". Returns: its length. */
static int option_text(const struct vmp_option *o, char *text, size_t size)
{
	const char letter[] = { '-', o->letter, ',', ' ', '\0' };

	return snprintf(text, size, "%s--%s%s%s", o->letter ? letter : "",
			o->name, o->argument ? "=" : "",
			o->argument ? o->argument : "");
}

static int widest_option(const struct vmp_command *c)
{
	int widest = 20, width;
	char text[64];

	for (size_t i = 0; i < c->option_count; i++) {
		width = option_text(&c->options[i], text, sizeof(text));
		widest = width > widest ? width : widest;
	}
	return widest;
}

static void print_help(const struct vmp_command *c)
{
	int width = widest_option(c);
	char text[64];

	printf("Usage: vmaprobe %s [OPTION]... %s\n%s.\n\n", c->name,
	       c->arguments, c->summary);
	for (size_t i = 0; i < c->option_count; i++) {
		option_text(&c->options[i], text, sizeof(text));
		printf("  %-*s %s\n", width, text, c->options[i].help);
	}
	printf("  %-*s %s\n", width, "--help", "print this");
	if (c->text)
		printf("\n%s", c->text);
}

static int bad_value(const struct vmp_command *c, const struct vmp_option *o,
		     const char *text, const char *wanted)
{
	vmp_usage_error(c, "--%s=%s: expected %s", o->name, text, wanted);
	return -1;
}

static int read_count(const struct vmp_command *c, const struct vmp_option *o,
		      const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		return bad_value(c, o, text, "a number");
	return 0;
}

static double unit_seconds(const char *unit)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = { { "", 1 },   { "ms", 0.001 }, { "s", 1 },
		      { "m", 60 }, { "h", 3600 },   { "d", 86400 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			return units[i].seconds;
	return 0;
}

int vmp_seconds_parse(const char *text, double *seconds)
{
	char *end;

	*seconds = strtod(text, &end);
	*seconds *= unit_seconds(end);
	if (end == text || !isfinite(*seconds) || *seconds <= 0 ||
	    *seconds > 1e9)
		return -EINVAL;
	return 0;
}

static int read_seconds(const struct vmp_command *c, const struct vmp_option *o,
			const char *text, double *value)
{
	if (vmp_seconds_parse(text, value) < 0)
		return bad_value(c, o, text,
				 "a time such as 30, 90s, 5m or 1h");
	return 0;
}

static int read_choice(const struct vmp_command *c, const struct vmp_option *o,
		       const char *text, int *value)
{
	char wanted[128] = "one of:";

	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(text, o->choices[i])) {
			*value = i;
			return 0;
		}
		strcat(strcat(wanted, " "), o->choices[i]);
	}
	return bad_value(c, o, text, wanted);
}

static int read_list(const struct vmp_command *c, const struct vmp_option *o,
		     const char *text, struct vmp_list *list)
{
	if (list->count == VMP_LIST_SIZE)
		return bad_value(c, o, text, "no more than 64 of these");
	list->item[list->count++] = text;
	return 0;
}

static int read_value(const struct vmp_command *c, const struct vmp_option *o,
		      const char *text, void *values)
{
	void *at = (char *)values + o->offset;

	switch (o->kind) {
	case VMP_OPTION_FLAG:
		*(bool *)at = true;
		return 0;
	case VMP_OPTION_TEXT:
		*(const char **)at = text;
		return 0;
	case VMP_OPTION_LIST:
		return read_list(c, o, text, at);
	case VMP_OPTION_COUNT:
		return read_count(c, o, text, at);
	case VMP_OPTION_SECONDS:
		return read_seconds(c, o, text, at);
	default:
		return read_choice(c, o, text, at);
	}
}

/*
 * The options as getopt_long() wants them. Out: letters, such as "+hp:"; with
 * ":" first it tells a value that is missing from an option that is.
 */
static void make_tables(const struct vmp_command *c, struct option *table,
			char *letters)
{
	*letters++ = c->options_first ? '+' : c->plugin ? ':' : 'h';
	*letters++ = 'h';
	for (size_t i = 0; i < c->option_count; i++) {
		const struct vmp_option *o = &c->options[i];

		table[i].name = o->name;
		table[i].has_arg = o->argument ? required_argument
					       : no_argument;
		table[i].val = (int)i + 1;
		if (o->letter)
			*letters++ = o->letter;
		if (o->letter && o->argument)
			*letters++ = ':';
	}
	table[c->option_count] =
		(struct option){ "help", no_argument, NULL, HELP };
}

/* The row of what getopt_long() found: its number from 1, or its letter. */
static const struct vmp_option *option_of(const struct vmp_command *c, int got)
{
	const struct vmp_option *o = c->options;

	if (got <= MOST_OPTIONS)
		return &o[got - 1];
	while (o->letter != got)
		o++;
	return o;
}

/*
 * What getopt_long() would say. In: got, ':' or '?'; word, where it stopped. It
 * leaves in optopt a letter, any byte, or of a long option its number, or 0.
 */
static void say_no_option(const struct vmp_command *c, int got,
			  const char *word)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	bool is_long = optopt >= 0 && !strncmp(word, "--", 2) &&
		       (optopt <= MOST_OPTIONS || optopt == HELP);
	char shown[100], option[64];

	vmp_escape(is_long ? word : letter, shown, sizeof(shown));
	if (got == ':') {
		option_text(option_of(c, optopt), option, sizeof(option));
		vmp_usage_error(c, "%s needs a value: %s", shown, option);
	} else if (is_long && optopt) {
		vmp_usage_error(c, "%s: this option takes no value", shown);
	} else {
		vmp_usage_error(c, "%s: no such option", shown);
	}
}

/* getopt_long() has said what is wrong, unless it may not. Returns: -1. */
static int no_option(const struct vmp_command *c, int got, char **argv)
{
	if (c->plugin)
		say_no_option(c, got, argv[optind - 1]);
	else
		fprintf(stderr, "Try \"%s --help\".\n", argv[0]);
	return -1;
}

int vmp_options_read(const struct vmp_command *c, int argc, char **argv,
		     void *values)
{
	struct option table[MOST_OPTIONS + 2] = { 0 };
	char name[64], letters[MOST_LETTERS] = "";
	int got;

	make_tables(c, table, letters);
	/* getopt_long() names the program in its messages */
	snprintf(name, sizeof(name), "vmaprobe %s", c->name);
	argv[0] = name;
	optind = 0;
	opterr = !c->plugin;
	while ((got = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		if (got == HELP || got == 'h') {
			print_help(c);
			return -2;
		}
		if (got == '?' || got == ':')
			return no_option(c, got, argv);
		if (read_value(c, option_of(c, got), optarg, values) < 0)
			return -1;
	}
	return optind;
}
