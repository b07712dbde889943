// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that hold maps, in a directory of its own below $TMPDIR. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hold.h"

enum { FILES_A_FOLDER = 100, FOLDERS = 40, FOLDER_NAME = 250 };

/* A file that has just been made, from the directory where it lies. */
struct file {
	int fd;
	char path[256];
};

static char directory[4096];

static void enter_directory(void)
{
	const char *parent = getenv("TMPDIR");

	if (*directory)
		return;
	snprintf(directory, sizeof(directory), "%s/hold-XXXXXX",
		 parent && *parent == '/' ? parent : "/tmp");
	hold_check(mkdtemp(directory) ? 0 : -1, "mkdtemp");
	hold_check(chdir(directory), directory);
}

/* By another program: exec() has room for it whatever is mapped here. */
void hold_end(int status)
{
	char number[16];

	if (!*directory || chdir("/"))
		_exit(status);
	snprintf(number, sizeof(number), "%d", status);
	execlp("sh", "sh", "-c", "rm -rf -- \"$1\"; exit $2", "sh", directory,
	       number, (char *)NULL);
	_exit(1);
}

/* index/NNN/seg-NNNNNN, and what its name shall end in. */
static struct file make_file(size_t pages, const char *ending)
{
	static unsigned int number;
	struct file file;

	enter_directory();
	mkdir("index", 0700);
	snprintf(file.path, sizeof(file.path), "index/%03u",
		 number / FILES_A_FOLDER);
	mkdir(file.path, 0700);
	snprintf(file.path, sizeof(file.path), "index/%03u/seg-%06u%s",
		 number / FILES_A_FOLDER, number, ending);
	number++;
	file.fd = hold_check(open(file.path,
				  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
			     file.path);
	hold_check(ftruncate(file.fd, (off_t)(pages * hold_page)), "ftruncate");
	return file;
}

static void map_page(char *at, int fd, size_t page)
{
	hold_map(at, 1, PROT_READ, MAP_SHARED, fd, (off_t)(page * hold_page));
}

/* Pages of new files, side by side. */
static void map_files(size_t count, const char *ending, bool keep)
{
	char *at = hold_place(count);

	for (size_t i = 0; i < count; i++) {
		struct file file = make_file(1, ending);

		map_page(at + i * hold_page, file.fd, 0);
		close(file.fd);
		if (!keep)
			hold_check(unlink(file.path), "unlink");
	}
}

void hold_files(size_t count)
{
	map_files(count, ".dvd", true);
}

void hold_deleted_files(size_t count)
{
	map_files(count, ".dvd", false);
}

void hold_really_deleted_name(size_t count)
{
	map_files(count, ".dvd (deleted)", true);
}

/* The kernel escapes the newline in maps, and nothing else. */
void hold_hostile_files(size_t count)
{
	hold_check(prctl(PR_SET_NAME, "\033[31m\n\302\233\377"), "prctl");
	map_files(count, "\n7f00-8f00 rw-p 0 00:00 0\033[31m\r\a\\012\302\233",
		  true);
}

static void go_deep(void)
{
	char name[FOLDER_NAME + 1];

	memset(name, 'x', FOLDER_NAME);
	name[FOLDER_NAME] = '\0';
	for (int i = 0; i < FOLDERS; i++) {
		hold_check(mkdir(name, 0700), "mkdir");
		hold_check(chdir(name), "chdir");
	}
}

void hold_deep_files(size_t count)
{
	enter_directory();
	go_deep();
	hold_files(count);
	hold_check(chdir(directory), directory);
}

/* Every second page of one file. */
void hold_offset_gap(size_t count)
{
	struct file file = make_file(2 * count, ".dvd");
	char *at = hold_place(count);

	for (size_t i = 0; i < count; i++)
		map_page(at + i * hold_page, file.fd, 2 * i);
	close(file.fd);
}

/* Only the kernel sees that they are not the same struct file. */
void hold_twins_file(size_t count)
{
	struct file file = make_file(2, ".dvd");
	int again = hold_check(open(file.path, O_RDWR | O_CLOEXEC), "open");
	char *at = hold_place(3 * count);

	for (size_t i = 0; i < count; i++, at += 3 * hold_page) {
		map_page(at, file.fd, 0);
		map_page(at + hold_page, again, 1);
	}
	close(file.fd);
	close(again);
}

void hold_device(size_t count)
{
	int fd = hold_check(open("/dev/zero", O_RDWR | O_CLOEXEC), "open");
	char *at = hold_place(2 * count);

	for (size_t i = 0; i < count; i++)
		hold_map(at + 2 * i * hold_page, 1, PROT_READ, MAP_PRIVATE, fd,
			 0);
	close(fd);
}
