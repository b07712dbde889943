/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping watch: the map counts of processes, again and again.
 *
 *   struct vmp_watch_request     whose counts, and by which back end
 *     trace/counts.h  all in one go, by BPF; else
 *     proc.c          a process at a time: its maps, counted
 *   history.c                    against what was seen before: growth, peak
 *   struct vmp_sample            one moment: the limit, all processes, what it
 *                                cost, what could not be read
 *     -> top, watch, check; report/
 */
#ifndef VMP_WATCH_H
#define VMP_WATCH_H

#include "lib/vmaprobe.h"

enum vmp_watch_backend { VMP_WATCH_AUTO, VMP_WATCH_BPF, VMP_WATCH_MAPS };

/* "auto", "bpf", "maps"; NULL at the end. */
extern const char *const vmp_watch_backends[];

/* One process, as it was seen last. */
struct vmp_watched {
	pid_t pid;
	uid_t user;	  /* effective */
	uint64_t start;	  /* ticks, field 22 of /proc/PID/stat: with the PID it
			     tells processes apart */
	char command[64]; /* /proc/PID/comm, any bytes, terminated */
	int64_t mappings;
	int64_t peak;	  /* the highest that was seen */
	bool seen_before; /* it was read this time, and before */
	int64_t growth;	  /* since then; 0 if it was not */
	bool has_rate;
	double per_minute;  /* over the last one to two minutes, or since it
				was first seen; over at least a second */
	double age_seconds; /* of the count: 0, or it was not read this time */
	double every_seconds; /* it is read no more often; 0: each time */
};

/* How many processes are over so many percent: vmp_over_percent[]. */
enum { VMP_OVER = 3 };
extern const int vmp_over_percent[VMP_OVER]; /* 50, 80, 95 */

struct vmp_sample {
	double time_seconds;  /* CLOCK_MONOTONIC */
	double unix_seconds;  /* since 1970 */
	double cost_seconds;  /* of taking it: processor time of this process */
	int64_t limit;	      /* vm.max_map_count */
	int64_t limit_before; /* where it has changed since the last sample, and
				 then only; else the same as limit */
	uint64_t turn;	      /* how many samples were taken before this one */
	enum vmp_watch_backend backend; /* BPF or MAPS: where counts are from;
					   with BPF those that the kernel does
					   not show to it are from maps */
	const char *reason; /* why not BPF, where that was asked or possible;
			       "" */
	const struct vmp_watched *processes; /* the fullest first, then by PID */
	size_t count;
	size_t unreadable; /* with mappings that may not be read: permission;
			      with hidepid=1 what has none is not told apart.
			      Or could not be: EIO, damaged files, a process
			      that changed all the while (counts.h) */
	size_t vanished;   /* ended while they were read */
	size_t empty;	   /* without mappings: kernel threads, zombies */
	bool hides;	   /* /proc does not list other users' processes
			      (hidepid=2), so that none of those is here */
	size_t spaced;	   /* of count: not read this time, to cost less */
	size_t over[VMP_OVER]; /* of count: at or above that share */
};

struct vmp_watch_request {
	enum vmp_watch_backend backend;
	/* Only these, if any: */
	const pid_t *pids;
	size_t pid_count;
	const uid_t *users;
	size_t user_count;
	const char *command; /* a glob, as fnmatch(3); NULL: any */
};

struct vmp_watch;

/*
 * Get ready. In: *request, copied, but what it points to has to stay.
 * Out: *watch.
 * Returns: 0 or a negative errno; words in vmp_error(ctx).
 * Errors: -ENOMEM; of backend BPF those of vmp_counter_open(); what opening
 *   /proc answered.
 * Owns: the caller; vmp_watch_close() takes it back (NULL is fine). ctx has to
 *   stay.
 */
int vmp_watch_open(struct vmp_ctx *ctx, const struct vmp_watch_request *request,
		   struct vmp_watch **watch);
void vmp_watch_close(struct vmp_watch *watch);

/*
 * Look at all processes once.
 * Out: *sample; what it points to is valid until the next call.
 * Returns: 0 or a negative errno; words in vmp_error(ctx).
 * Errors: -ENOMEM, -EMFILE, -ENFILE; what reading the limit or /proc answered.
 *   A process that cannot be read is none: it is counted.
 * Notes: by maps, a process is read no more often than takes 1 % of one
 *   processor: until then its last count stands, with its age. Memory grows
 *   with the number of processes, never with the number of samples. Exact but
 *   for what changes meanwhile: each count is of its own moment.
 */
int vmp_watch_sample(struct vmp_watch *watch, struct vmp_sample *sample);

/* Mappings in percent of the limit. It may be a little more than 100. */
double vmp_map_percent(int64_t mappings, int64_t limit);

/*
 * The cgroup of a process, of the v2 hierarchy or the longest of v1.
 * Out: path, "" where it cannot be told, or another process has the PID now.
 */
void vmp_watched_cgroup(struct vmp_ctx *ctx, const struct vmp_watched *p,
			char *path, size_t size);

/*
 * The container that a cgroup path names, as people call it: "docker
 * 3f2a91c04b7d", "pod 0b1c... cri 9d...", "lxc web".
 * Out: name, "" for a path that names none. Notes: pure.
 */
void vmp_container_name(const char *cgroup, char *name, size_t size);

/* The arguments of a process, blanks between; "" where they cannot be told. */
void vmp_watched_arguments(struct vmp_ctx *ctx, const struct vmp_watched *p,
			   char *text, size_t size);

#endif
