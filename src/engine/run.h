/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run a scenario: what is asked for goes in, a struct vmp_run comes out. It
 * holds all that the reports print; they ask nothing else.
 */
#ifndef VMP_RUN_H
#define VMP_RUN_H

#include "engine/scenario.h"

/* An allocator that the worker can be started with. */
struct vmp_allocator {
	const char *name;	  /* "jemalloc" */
	const char *libraries[4]; /* file names to try, best first */
};

extern const struct vmp_allocator vmp_allocators[];
extern const size_t vmp_allocator_count;

/*
 * Can this be given as an allocator: a name, the libc's own, or a file?
 * Returns: 0, or a negative errno with the words in reason. Whether a named
 *   one is installed shows when the worker is started.
 */
int vmp_allocator_check(const char *name, char *reason, size_t size);

struct vmp_run_options {
	const char *worker;    /* path; NULL: look for it */
	const char *allocator; /* name or FILE.so; NULL: libc's own */
	bool keep_going;
	uint64_t failures_kept; /* records a step */
	double timeout_seconds; /* 0: none */
	unsigned int samples;	/* of the map count in each step */
	/* Called about ten times a second while a step runs; may be NULL. */
	void (*progress)(const char *step, uint64_t done, uint64_t calls);
};

/* The map count after a number of calls, all steps together. */
struct vmp_reading {
	uint64_t calls, mappings;
	size_t step;
};

struct vmp_step_result {
	bool run; /* false: an earlier step ended it */
	uint64_t calls, failed;
	double seconds;
	/* Map count and VmSize; after: 0 where the step was cut short. */
	uint64_t mappings_before, mappings_after;
	uint64_t bytes_before, bytes_after;
	uint64_t resident_bytes; /* after touch and advise; 0: not read */
	uint64_t planned;	 /* calls that it would make */
	uint64_t leaked_bytes;
	uint64_t kept; /* freed blocks still mapped, unclaimed */
	bool claims;   /* malloc said what it gave back */
	uint64_t claimed_bytes;
	/* Of the first failure; valid when failed > 0. */
	struct vmp_call_failure first;
	uint64_t first_mappings;
	int64_t first_limit;
	struct vmp_diagnosis diagnosis;
	struct vmp_call_failure *failures;
	size_t failure_count;
};

enum vmp_ended {
	VMP_FINISHED,
	VMP_TIMED_OUT,
	VMP_KILLED,	 /* a signal ended the worker */
	VMP_EXITED,	 /* it exited by itself, early */
	VMP_INTERRUPTED, /* a signal to this program */
	VMP_STOPPED,	 /* by this program: see reason */
	VMP_NOT_STARTED, /* refused: see reason */
	VMP_ENDS
};

enum vmp_verdict { VMP_REPRODUCED, VMP_NOT_REPRODUCED, VMP_CANNOT_RUN };

struct vmp_run {
	const struct vmp_scenario *scenario;
	char kernel[96];
	int64_t limit, limit_at_end;
	uint64_t page_bytes;
	char allocator[256]; /* "glibc", a name, or a file */
	int64_t *parameters;
	uint64_t start, peak, end; /* map counts; 0: unknown */
	uint64_t resident_bytes;   /* at the end, 0: not read */
	uint64_t size_bytes;	   /* at the end, VmSize */
	struct vmp_step_result *steps;
	uint64_t leaked_bytes;
	enum vmp_ended ended;
	int signal; /* for VMP_KILLED */
	bool *met;  /* of each expectation */
	enum vmp_verdict verdict;
	char reason[768]; /* of VMP_CANNOT_RUN */
	struct vmp_reading *samples;
	size_t sample_count, sample_space;
};

/*
 * Run it.
 * Out: *run, also when it could not run (verdict and reason say so).
 * Returns: 0, -EINVAL with *error (an expression cannot be evaluated),
 *   -ENOMEM.
 * Owns: the caller; vmp_run_fini().
 * Notes: SIGINT, SIGTERM and SIGHUP end the run early, by vmp_interrupt().
 *   The worker is ended and reaped on every path.
 */
int vmp_run_scenario(const struct vmp_scenario *scenario,
		     const struct vmp_run_options *options, struct vmp_run *run,
		     struct vmp_scenario_error *error);
void vmp_run_fini(struct vmp_run *run);

/* End the run that is under way. Safe in a signal handler. */
void vmp_interrupt(void);

/*
 * May this scenario run here? Checks features and the memory that it needs.
 * Returns: 0, -EINVAL with *error, or 1 with the words why not in reason.
 */
int vmp_run_check(const struct vmp_scenario *scenario, char *reason,
		  size_t size, struct vmp_scenario_error *error);

/* The name of an end ("finished"). */
const char *vmp_ended_name(enum vmp_ended ended);
const char *vmp_verdict_name(enum vmp_verdict verdict);

#endif
