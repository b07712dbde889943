// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads /proc: which processes there are, what one is, how much it maps. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/internal.h"
#include "watch/proc.h"

/* Fields of stat, as proc(5) numbers them. */
enum { FIELD_STATE = 3, FIELD_THREADS = 20, FIELD_START = 22, FIELD_SIZE = 23 };

/* The numbers behind the state. Returns: 0 or -EBADMSG. */
static int parse_numbers(const char *at, struct vmp_stat *stat)
{
	uint64_t values[FIELD_SIZE + 1];
	char *end;

	for (int i = FIELD_STATE + 1; i <= FIELD_SIZE; i++) {
		if (*at != ' ' ||
		    (!isdigit((unsigned char)at[1]) && at[1] != '-'))
			return -EBADMSG;
		values[i] = strtoull(at, &end, 10);
		if (end == at)
			return -EBADMSG;
		at = end;
	}
	stat->threads = values[FIELD_THREADS];
	stat->start = values[FIELD_START];
	stat->size_bytes = values[FIELD_SIZE];
	return 0;
}

/* What follows the name. */
static int parse_rest(const char *rest, size_t length, struct vmp_stat *stat)
{
	char text[1536];

	if (length < 4 || length >= sizeof(text) || rest[0] != ' ')
		return -EBADMSG;
	memcpy(text, rest, length);
	text[length] = '\0';
	stat->state = text[1];
	return parse_numbers(text + 2, stat);
}

static void copy_name(struct vmp_stat *stat, const char *from, size_t length)
{
	if (length >= sizeof(stat->command))
		length = sizeof(stat->command) - 1;
	memcpy(stat->command, from, length);
	stat->command[length] = '\0';
}

int vmp_stat_parse(const char *text, size_t length, struct vmp_stat *stat)
{
	const char *open = memchr(text, '(', length);
	const char *close = memrchr(text, ')', length);
	struct vmp_stat s = { 0 };
	long pid = 0;
	int rc;

	for (size_t i = 0; i < length && isdigit((unsigned char)text[i]); i++)
		if (pid < INT32_MAX / 10)
			pid = pid * 10 + text[i] - '0';
	if (!pid || !open || !close || close < open)
		return -EBADMSG;
	s.pid = (pid_t)pid;
	copy_name(&s, open + 1, (size_t)(close - open) - 1);
	rc = parse_rest(close + 1, length - (size_t)(close + 1 - text), &s);
	if (rc == 0)
		*stat = s;
	return rc;
}

/*
 * stat writes newlines and backslashes as escapes, since Linux 4.18; before, it
 * did not. comm has the bytes.
 */
static void read_name(struct vmp_ctx *ctx, pid_t pid, struct vmp_stat *stat)
{
	char path[256], text[128];
	ssize_t length;

	vmp_proc_path(ctx, pid, "comm", path, sizeof(path));
	length = vmp_read_file(path, text, sizeof(text));
	if (length > 0)
		copy_name(stat, text, (size_t)length - 1);
}

static int gone(int error)
{
	return error == ENOENT ? -ESRCH : -error;
}

int vmp_stat_read(struct vmp_ctx *ctx, pid_t pid, struct vmp_stat *stat)
{
	char path[256], text[2048];
	ssize_t length;
	int rc;

	vmp_proc_path(ctx, pid, "stat", path, sizeof(path));
	length = vmp_read_file(path, text, sizeof(text));
	if (length < 0)
		return gone((int)-length);
	rc = vmp_stat_parse(text, (size_t)length, stat);
	if (rc < 0)
		return rc;
	stat->pid = pid;
	if (strchr(stat->command, '\\'))
		read_name(ctx, pid, stat);
	return 0;
}

/*
 * The owner of the folder, whatever that of the files in it is: theirs is root
 * where a program is not dumpable (task_dump_owner() in fs/proc/base.c). A tenth
 * of what reading status takes.
 */
int vmp_proc_user(struct vmp_ctx *ctx, pid_t pid, uid_t *user)
{
	struct stat status;
	char path[256];

	vmp_proc_path(ctx, pid, "", path, sizeof(path));
	if (stat(path, &status))
		return gone(errno);
	*user = status.st_uid;
	return 0;
}

/* Lines of maps, and the last one of them: it may be the gate line. */
struct lines {
	int64_t count;
	bool ended;	/* the last */
	char last[128]; /* as much of it as fits */
	size_t length;	/* of all of it */
};

/* Only the last line is copied: counting costs less than a tenth of reading. */
static void count_lines(struct lines *l, const char *text, size_t length)
{
	const char *end = text + length, *line = text, *newline;
	size_t kept;

	newline = memchr(line, '\n', length);
	while (newline && newline + 1 < end) {
		l->count++;
		line = newline + 1;
		newline = memchr(line, '\n', (size_t)(end - line));
	}
	if (line > text || l->ended)
		l->length = 0;
	l->ended = newline != NULL;
	l->count += l->ended;
	length = (size_t)(end - line) - l->ended;
	kept = l->length < sizeof(l->last) ? sizeof(l->last) - l->length : 0;
	memcpy(l->last + sizeof(l->last) - kept, line,
	       length < kept ? length : kept);
	l->length += length;
}

static bool last_is_gate(const struct lines *l)
{
	struct vmp_mapping m;

	return l->ended && l->length <= sizeof(l->last) &&
	       vmp_parse_maps_line(l->last, l->length, &m) == 0 && !m.counted;
}

/*
 * By one thread's maps. The file of a process that has ended or called exec is
 * empty from then on, and what was read is not all.
 */
static int64_t count_file(const char *path)
{
	VMP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct lines lines = { .ended = true };
	char text[16 * 1024];
	ssize_t n;

	if (fd < 0)
		return gone(errno);
	do {
		n = read(fd, text, sizeof(text));
		if (n > 0)
			count_lines(&lines, text, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	if (pread(fd, text, 1, 0) <= 0)
		return -ESRCH;
	return lines.count - last_is_gate(&lines);
}

/*
 * The first thread has ended and has no mappings any more, but others go on.
 * Returns: as vmp_proc_count(); 0 where there are none.
 */
static int64_t count_by_thread(struct vmp_ctx *ctx, pid_t pid)
{
	VMP_CLOSEDIR DIR *dir = NULL;
	const struct dirent *entry;
	int64_t count = 0;
	char path[600];

	vmp_proc_path(ctx, pid, "task", path, sizeof(path));
	dir = opendir(path);
	if (!dir)
		return gone(errno);
	while ((count == 0 || count == -ESRCH) && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    atoi(entry->d_name) == pid)
			continue;
		snprintf(path, sizeof(path), "%s/%d/task/%s/maps", ctx->procfs,
			 (int)pid, entry->d_name);
		count = count_file(path);
	}
	return count == -ESRCH ? 0 : count;
}

/* One attempt. -ESRCH: it has ended, or called exec, or something like it. */
static int64_t count_once(struct vmp_ctx *ctx, const struct vmp_stat *stat)
{
	char path[256];

	if (stat->size_bytes) {
		vmp_proc_path(ctx, stat->pid, "maps", path, sizeof(path));
		return count_file(path);
	}
	return stat->state == 'Z' && stat->threads > 1
		       ? count_by_thread(ctx, stat->pid)
		       : 0;
}

int64_t vmp_proc_count(struct vmp_ctx *ctx, struct vmp_stat *stat)
{
	uint64_t start = stat->start;
	int64_t count = count_once(ctx, stat);
	int rc;

	/* a program may call exec again and again, but it takes a while */
	for (int i = 0; count == -ESRCH && i < 3; i++) {
		rc = vmp_stat_read(ctx, stat->pid, stat);
		if (rc < 0)
			return rc;
		if (stat->start != start)
			return -ESRCH;
		count = count_once(ctx, stat);
	}
	return count;
}

static int add_pid(struct vmp_pids *pids, pid_t pid)
{
	size_t room = pids->room ? pids->room * 2 : 512;
	pid_t *list;

	if (pids->count == pids->room) {
		list = realloc(pids->list, room * sizeof(*list));
		if (!list)
			return -ENOMEM;
		pids->list = list;
		pids->room = room;
	}
	pids->list[pids->count++] = pid;
	return 0;
}

/* The number that a name is; 0 for another name. */
static pid_t pid_of(const char *name)
{
	char *end;
	long pid;

	if (*name < '1' || *name > '9')
		return 0;
	errno = 0;
	pid = strtol(name, &end, 10);
	return *end || errno || pid > INT32_MAX ? 0 : (pid_t)pid;
}

int vmp_proc_list(struct vmp_ctx *ctx, struct vmp_pids *pids)
{
	VMP_CLOSEDIR DIR *dir = opendir(ctx->procfs);
	const struct dirent *entry;
	pid_t pid;
	int rc = 0;

	pids->count = 0;
	if (!dir)
		return vmp_fail(ctx, -errno, "open %s: %s", ctx->procfs,
				strerror(errno));
	while (rc == 0) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		pid = pid_of(entry->d_name);
		if (pid)
			rc = add_pid(pids, pid);
	}
	if (rc < 0)
		return vmp_fail(ctx, rc, "no memory to list processes");
	if (errno)
		return vmp_fail(ctx, -errno, "read %s: %s", ctx->procfs,
				strerror(errno));
	return 0;
}

/* /proc/TID can be opened, although it is not listed. */
bool vmp_proc_is_process(struct vmp_ctx *ctx, pid_t pid)
{
	char path[256], text[1024];

	vmp_proc_path(ctx, pid, "status", path, sizeof(path));
	if (vmp_read_file(path, text, sizeof(text)) < 0)
		return true;
	return vmp_field(text, "Tgid:", (uint64_t)pid) == (uint64_t)pid;
}
