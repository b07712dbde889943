/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Catching memory calls: what is asked for, what is handed over for each call,
 * and the two back ends behind one interface.
 *
 *   struct vmp_trace_request -> back end (ptrace.c, bpf.c)
 *     -> struct vmp_trace_call, one for each call that fails (or for all)
 *     -> sink: unwinds, tallies, records, reports
 *   -> struct vmp_trace_result, at the end
 */
#ifndef VMP_TRACE_H
#define VMP_TRACE_H

#include "trace/ballast.h"
#include "trace/syscalls.h"
#include "trace/unwind.h"

#define VMP_CHANGE_UNKNOWN INT64_MIN

/* One memory call as it returned. Valid during the call of the sink alone. */
struct vmp_trace_call {
	double time_seconds; /* since the trace began */
	pid_t pid, tid;
	char command[16]; /* of the thread, as in /proc/TID/comm */
	const struct vmp_syscall *row;
	uint64_t arguments[VMP_ARGUMENTS];
	int64_t result;	  /* as the kernel returned it */
	int error;	  /* errno; 0 where it worked */
	bool failed;	  /* error is a shortage */
	int64_t mappings; /* after it; -1: not known. Known if it failed */
	int64_t change;	  /* of the map count; VMP_CHANGE_UNKNOWN */
	/* Where it failed: */
	struct vmp_failed_call figures;
	struct vmp_diagnosis diagnosis;
	/* NULL where no stack was asked for, or none could be read. */
	const struct vmp_snapshot *snapshot;
};

/*
 * Who is told. Under ptrace the thread is held while a function runs.
 * Notes: called from one thread at a time, not always from the same.
 */
struct vmp_trace_sink {
	/*
	 * Once a call that gives memory back has failed, those that work are
	 * told as well: they may make up for it.
	 * Returns: false to catch no more.
	 */
	bool (*call)(struct vmp_trace_sink *self,
		     const struct vmp_trace_call *call);
	/* A process or all of them are traced from now on; not for commands. */
	void (*ready)(struct vmp_trace_sink *self);
	/* A process has begun a new program, whose code has not run yet. */
	void (*exec)(struct vmp_trace_sink *self, pid_t pid);
	/* A process ends, or has ended; its mappings may be gone. */
	void (*exit)(struct vmp_trace_sink *self, pid_t pid);
	/* The command has ended; so many that it left are still traced. */
	void (*left)(struct vmp_trace_sink *self, size_t processes);
	/* ballast_children: a program could not be given any; why not. */
	void (*without)(struct vmp_trace_sink *self, pid_t pid,
			const char *reason);
};

struct vmp_signals;

struct vmp_trace_request {
	char *const *command;		   /* NULL: a process, or all of them */
	const struct vmp_signals *signals; /* the command's; start.h */
	pid_t pid;			   /* 0: all */
	bool all_calls;			   /* also those that worked */
	bool all_stacks; /* with a stack and the change each */
	bool pin;	 /* ptrace: tracer and tracee on one processor */
	double duration_seconds;	   /* 0: no end */
	const struct vmp_ballast *ballast; /* for the command; NULL: none */
	bool ballast_children;		   /* for all that it runs, too */
	struct vmp_trace_sink *sink;
};

struct vmp_trace_result {
	int status;	 /* of the command, as from waitpid(2) */
	pid_t tracer;	 /* stays for processes with our filter; 0: none does */
	int64_t ballast; /* mappings made of it in the command; 0: none */
	uint64_t lacking; /* programs that it ran without ballast, */
	char lacks[16];	  /* and the first's name */
	int refused;	  /* the ballast could not be made: a negative errno */
	uint64_t *calls;  /* of each row of vmp_syscalls; the caller's array */
	uint64_t lost;	  /* counted, to be handed over, and were not */
	uint64_t lost_failures; /* those of them that failed */
	uint64_t missed;	/* at most so many more were not seen at all */
	int64_t peak_mappings;	/* -1: not known */
	pid_t peak_pid;
	bool interrupted, timed_out;
	bool stopped_by_sink; /* it wanted no more: --until-first */
	char reason[256];     /* why it could not be done, in words */
};

struct vmp_trace_backend {
	const char *name;
	/*
	 * Can it do this, here?
	 * Returns: 0, or a negative errno with the reason in words.
	 */
	int (*available)(const struct vmp_trace_request *request, char *reason,
			 size_t size);
	/*
	 * Do it, until the target ends, the time is over, or a signal says so;
	 * a command and all that it left; it itself is waited for in any case.
	 * Returns: 0, or a negative errno with result->reason; -ENOENT and
	 *   -EACCES where the command could not be run.
	 */
	int (*run)(const struct vmp_trace_request *request,
		   struct vmp_trace_result *result);
};

extern const struct vmp_trace_backend vmp_trace_ptrace, vmp_trace_bpf;

/* Say in result->reason what could not be done, and why. Returns: rc. */
int vmp_trace_refuse(struct vmp_trace_result *result, int rc, const char *what);

/*
 * Can a process be traced, as far as its status tells? One that is not there,
 * has ended, has no memory, or, with alone, has a tracer already cannot.
 * Returns: 0, or -ESRCH or -EPERM with result->reason.
 */
int vmp_trace_look_at(struct vmp_trace_result *result, pid_t pid, bool alone);

/* What was read while others may have changed it is not certain. */
void vmp_trace_doubt(struct vmp_diagnosis *diagnosis);

/*
 * End the trace from a signal handler: the target goes on without us. Where a
 * command was started, not before that has ended: vmp_pass_on() of start.h.
 */
void vmp_trace_interrupt(void);

#endif
