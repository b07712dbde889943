// SPDX-License-Identifier: GPL-2.0-or-later
/* vmaprobe: picks the command and runs it. */
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "engine/scenario.h"
#include "lib/internal.h"
#include "report/style.h"

static const struct vmp_command *const commands[] = {
	&vmp_cmd_run,	 &vmp_cmd_list,	 &vmp_cmd_explain,
	&vmp_cmd_limits, &vmp_cmd_trace, &vmp_cmd_exec,
	&vmp_cmd_top,	 &vmp_cmd_watch, &vmp_cmd_check,
};

static const char *command_name(size_t i)
{
	return i < VMP_COUNT(commands) ? commands[i]->name : NULL;
}

static int print_help(void)
{
	puts("Usage: vmaprobe --scenario=NAME|FILE [OPTION]...\n"
	     "       vmaprobe COMMAND [OPTION]... [ARGUMENT]...\n\n"
	     "Finds out why Linux says \"Cannot allocate memory\" on a machine "
	     "with free memory:\n"
	     "a process may hold only vm.max_map_count memory mappings.\n");
	for (size_t i = 0; i < VMP_COUNT(commands); i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n--scenario=NAME is short for: run NAME. Each command has a "
	     "--help of its own.\n\n"
	     "  --help               print this\n"
	     "  --version            print the version\n\n"
	     "Begin with: vmaprobe --scenario=interleave");
	return vmp_finish_output(stdout, "help", VMP_EXIT_OK);
}

static int print_version(void)
{
	puts("vmaprobe " PACKAGE_VERSION);
	return vmp_finish_output(stdout, "version", VMP_EXIT_OK);
}

static int unknown_command(const char *name)
{
	const char *closest = vmp_closest(name, command_name);
	char shown[200];

	vmp_escape(name, shown, sizeof(shown));
	for (size_t i = 0; i < vmp_builtin_count; i++)
		if (!strcmp(name, vmp_builtins[i].name)) {
			vmp_warn("\"%s\" is a scenario; run it with: vmaprobe "
				 "run %s",
				 name, name);
			return VMP_EXIT_USAGE;
		}
	vmp_warn("there is no command \"%s\"%s%s%s", shown,
		 closest ? "; did you mean \"" : "", closest ? closest : "",
		 closest ? "\"?" : "");
	fputs("Try \"vmaprobe --help\".\n", stderr);
	return VMP_EXIT_USAGE;
}

/*
 * A closed standard stream would give its number to the next file that is
 * opened, which would then be written over. Opened the wrong way round, so
 * that reading or writing it is the error that it was; a command that is run
 * finds them closed, as they were.
 */
static void fill_standard_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC) !=
			    fd)
			_exit(VMP_EXIT_INTERNAL);
}

int main(int argc, char **argv)
{
	fill_standard_streams();
	setlocale(LC_CTYPE, "");
	if (argc < 2) {
		fputs("Usage: vmaprobe --scenario=NAME|FILE [OPTION]...\n"
		      "Begin with: vmaprobe --scenario=interleave\n"
		      "Try \"vmaprobe --help\".\n",
		      stderr);
		return VMP_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help"))
		return print_help();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return print_version();
	if (argv[1][0] == '-')
		return vmp_cmd_run.run(&vmp_cmd_run, argc, argv);
	for (size_t i = 0; i < VMP_COUNT(commands); i++)
		if (!strcmp(argv[1], commands[i]->name))
			return commands[i]->run(commands[i], argc - 1,
						argv + 1);
	return unknown_command(argv[1]);
}
