/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the library share, and nobody else sees. */
#ifndef VMP_INTERNAL_H
#define VMP_INTERNAL_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/vmaprobe.h"

struct vmp_maps;
struct vmp_self;
struct vmp_ranges;

enum { VMP_SPARE_BUFFER = 16 * 1024 };

struct vmp_ctx {
	char procfs[201];
	char error[512];
	struct vmp_maps *maps;	      /* the first iterator, made with it */
	struct vmp_self *self;	      /* what the oracles ask with, or NULL */
	struct vmp_ranges *ranges;    /* that wait for munmap(), or NULL */
	char spare[VMP_SPARE_BUFFER]; /* the first iterator's buffer */
};

static inline void vmp_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void vmp_cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void vmp_cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void vmp_cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define VMP_FREE __attribute__((cleanup(vmp_cleanup_free)))
#define VMP_CLOSE __attribute__((cleanup(vmp_cleanup_fd)))
#define VMP_FCLOSE __attribute__((cleanup(vmp_cleanup_file)))
#define VMP_CLOSEDIR __attribute__((cleanup(vmp_cleanup_dir)))

/* How a mapping that vmaprobe made as ballast is called. */
#define VMP_BALLAST_NAME "/memfd:vmaprobe-ballast"

#define VMP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Read a small text file whole.
 * Out: buffer, always terminated; a longer file is cut.
 * Returns: its length, or a negative errno.
 */
ssize_t vmp_read_file(const char *path, char *buffer, size_t size);

/* CLOCK_MONOTONIC in seconds. */
double vmp_seconds(void);

/* The path of a file under the context's /proc; pid 0 is "self". */
void vmp_proc_path(const struct vmp_ctx *ctx, pid_t pid, const char *file,
		   char *path, size_t size);

/*
 * The number behind a label ("VmSize:") in text of the kernel's "name: value"
 * form; missing when there is none.
 */
uint64_t vmp_field(const char *text, const char *label, uint64_t missing);

enum { VMP_STATUS_WINDOW = 8192 };

/*
 * The part of /proc/PID/status with sizes, threads and capabilities, which is
 * much less than half a window.
 * Out: text, of a window's size; left as it is where there is none.
 * Errors: -ESRCH, -EACCES.
 */
int vmp_status_read(struct vmp_ctx *ctx, pid_t pid, char *text);

/* Available bytes and OOM kills of this process's memory cgroup. */
void vmp_cgroup_read(struct vmp_ctx *ctx, struct vmp_limits *limits);

/*
 * Say what went wrong: fills the context's fixed buffer, allocates nothing.
 * Returns: rc, so that a caller can write `return vmp_fail(ctx, -EIO, ...)`.
 */
int vmp_fail(struct vmp_ctx *ctx, int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Write a number as people read it: "65,530".
 * Out: buffer of at least 32 bytes. Returns: buffer.
 */
char *vmp_group_digits(int64_t value, char *buffer);

/*
 * Write bytes as people read them: "4 KiB", "268.4 MiB".
 * Out: buffer of at least 32 bytes. Returns: buffer.
 */
char *vmp_human_bytes(uint64_t bytes, char *buffer);

/* What a context holds for vmp_can_*() and vmp_release(); NULL is fine. */
void vmp_self_free(struct vmp_self *self);
void vmp_ranges_free(struct vmp_ranges *ranges);

#endif
