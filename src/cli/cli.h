/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: a table of commands, each with a table of its options.
 * Help, completion and the manual's check are made from these tables.
 */
#ifndef VMP_CLI_H
#define VMP_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum vmp_exit {
	VMP_EXIT_OK = 0,
	VMP_EXIT_FINDING = 1,
	VMP_EXIT_USAGE = 2,
	VMP_EXIT_CANNOT = 3,
	VMP_EXIT_INTERNAL = 4,
	VMP_EXIT_INTERRUPTED = 130,
};

/* What an option's value is, and where it goes. */
enum vmp_option_kind {
	VMP_OPTION_FLAG,    /* bool */
	VMP_OPTION_TEXT,    /* const char * */
	VMP_OPTION_LIST,    /* struct vmp_list: may be given often */
	VMP_OPTION_COUNT,   /* uint64_t, from 0 */
	VMP_OPTION_SECONDS, /* double, above 0; also 90s, 5m, 1h */
	VMP_OPTION_CHOICE,  /* int: index into choices */
};

enum { VMP_LIST_SIZE = 64 };

struct vmp_list {
	const char *item[VMP_LIST_SIZE];
	size_t count;
};

struct vmp_option {
	const char *name;
	const char *argument; /* "FILE", NULL for a flag */
	const char *help;
	enum vmp_option_kind kind;
	size_t offset;		    /* into the command's options */
	const char *const *choices; /* NULL at the end */
	char letter;		    /* 'p' of -p; 0: it has none */
};

/*
 * A row of a command's table. In: values, the struct that it fills in; behind
 * the help .choices and .letter, where it has them.
 */
#define VMP_OPTION(values, name_, argument_, kind_, field, help_, ...) \
	{                                                              \
		.name = name_, .argument = argument_, .help = help_,   \
		.kind = VMP_OPTION_##kind_,                            \
		.offset = offsetof(struct values, field), __VA_ARGS__  \
	}

struct vmp_command {
	const char *name;
	const char *arguments; /* "[SCENARIO]" */
	const char *summary;
	const char *text; /* what help says below the options */
	const struct vmp_option *options;
	size_t option_count;
	bool options_first; /* those behind an argument are another's */
	bool plugin; /* of a monitoring system: its errors go to stdout, and
			end with 3 */
	int (*run)(const struct vmp_command *self, int argc, char **argv);
};

extern const struct vmp_command vmp_cmd_run, vmp_cmd_list, vmp_cmd_explain,
	vmp_cmd_trace, vmp_cmd_exec, vmp_cmd_limits, vmp_cmd_check, vmp_cmd_top,
	vmp_cmd_watch;

/* The formats that commands print in, and the colour modes. */
enum vmp_format { VMP_TEXT, VMP_JSON, VMP_CSV };
extern const char *const vmp_format_names[];
extern const char *const vmp_color_names[];

/*
 * Read the options of a command into `values`, the struct that their offsets
 * are of.
 * Returns: the index of the first argument that is no option; -1 after an
 *   error, which is printed; -2 after --help.
 */
int vmp_options_read(const struct vmp_command *command, int argc, char **argv,
		     void *values);

/*
 * Read a time, as options and intervals are: 30, 0.5, 500ms, 90s, 5m, 1h, 1d.
 * Returns: 0 or -EINVAL: none, not above 0, or beyond 1e9 seconds.
 */
int vmp_seconds_parse(const char *text, double *seconds);

/* Print "vmaprobe: ..." to stderr. */
void vmp_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a message from below, which may name files: escaped. */
void vmp_warn_escaped(const char *reason);

/* Usage error: vmp_warn() and where help is. Returns: VMP_EXIT_USAGE. */
int vmp_usage_error(const struct vmp_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Flush a stream and see that everything went out; stdout at the end of each
 * command.
 * Returns: rc, or VMP_EXIT_CANNOT after a write error, which is printed.
 */
int vmp_finish_output(FILE *out, const char *name, int rc);

/* A file beside the report, opened early, so that a bad name costs no work. */
struct vmp_side {
	const char *path;
	FILE *file; /* NULL: none was asked for */
};

/* In: path, NULL for none. Returns: false after an error, which is printed. */
bool vmp_side_open(struct vmp_side *side, const char *path);

/*
 * The same without a word, and without waiting for who reads a FIFO; what the
 * file holds stays until vmp_side_empty(). In: path.
 * Returns: 0, or a negative errno. Errors: -ENXIO: nobody reads it.
 */
int vmp_side_open_now(struct vmp_side *side, const char *path);
void vmp_side_empty(struct vmp_side *side);

/* Returns: rc, or VMP_EXIT_CANNOT after a write error, which is printed. */
int vmp_side_close(struct vmp_side *side, int rc);

/*
 * Show a line on standard error, where that is a terminal, if it is not
 * stopped within half a second. In: text, which must stay there until then.
 * Notes: takes SIGALRM.
 */
void vmp_progress_start(const char *text);
void vmp_progress_stop(void);

#endif
