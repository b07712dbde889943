// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes the truth table: has a worker try each operation in each cell. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "engine/child.h"
#include "engine/fits.h"
#include "engine/truth.h"
#include "lib/internal.h"

/*
 * What an operation and its scene map, with ample headroom besides; and what
 * lies between ballast and the windows of scenes.
 */
enum { MAPPINGS_NEEDED = 75, GAP_PAGES = 1 << 20 };

/*
 * A worker that is silent so long hangs. Its first answer comes when the table
 * of mappings is full: under emulation 80 seconds for a million.
 */
enum { SILENCE_SECONDS = 60, MAPPINGS_A_SECOND = 10000 };

struct trial {
	struct vmp_truth *truth;
	struct vmp_ctx *ctx;
	struct vmp_child child;
	struct vmp_cell_order order; /* the same place for all */
	char program[4096];
};

static int refuse(struct trial *t, int rc, const char *reason)
{
	snprintf(t->truth->reason, sizeof(t->truth->reason), "%s", reason);
	return rc;
}

/* Where the worker has room for its ballast: in the middle of its largest gap. */
static int choose_place(struct trial *t)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct vmp_survey survey;
	int rc = vmp_survey(t->ctx, t->child.pid, 0, 0, &survey);
	uint64_t room;

	if (rc < 0)
		return refuse(t, -EPIPE, vmp_error(t->ctx));
	if (t->truth->limit < (int64_t)survey.mappings + MAPPINGS_NEEDED) {
		snprintf(t->truth->reason, sizeof(t->truth->reason),
			 "the limit of %lld leaves no room to try anything: a "
			 "new process holds %llu mappings, and %d more are "
			 "needed",
			 (long long)t->truth->limit,
			 (unsigned long long)survey.mappings, MAPPINGS_NEEDED);
		return -EPERM;
	}
	t->order.pages = (uint64_t)t->truth->limit + VMP_HEADROOM_AMPLE;
	room = survey.gap_end - survey.gap_start;
	if (room / page / 2 < t->order.pages + GAP_PAGES)
		return refuse(t, -EPERM,
			      "a process has too few free addresses here");
	t->order.base = (survey.gap_start + room / 2) / page * page;
	return 0;
}

static int start_worker(struct trial *t)
{
	int rc = vmp_child_start(&t->child, t->program, "", t->truth->reason,
				 sizeof(t->truth->reason));

	if (rc < 0)
		return -EPIPE;
	snprintf(t->truth->libc, sizeof(t->truth->libc), "%s%s%s",
		 t->child.libc, *t->child.libc_version ? " " : "",
		 t->child.libc_version);
	return choose_place(t);
}

/* Returns: 0; -EPIPE where the worker has died; -ETIMEDOUT. */
static int receive(struct trial *t, struct vmp_cell *cell)
{
	int64_t seconds = SILENCE_SECONDS + t->truth->limit / MAPPINGS_A_SECOND;
	struct pollfd ready = { t->child.socket, POLLIN, 0 };
	int rc;

	do {
		rc = poll(&ready, 1, (int)seconds * 1000);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return -ETIMEDOUT;
	/* it is sent in one piece */
	rc = (int)recv(t->child.socket, cell, sizeof(*cell), MSG_DONTWAIT);
	return rc == sizeof(*cell) && cell->result < VMP_CELL_UNAVAILABLE
		       ? 0
		       : -EPIPE;
}

static int ask(struct trial *t, int operation, int headroom,
	       struct vmp_cell *cell)
{
	struct {
		char message;
		struct vmp_cell_order order;
	} __attribute__((packed)) letter = { 'c', t->order };

	letter.order.operation = (uint32_t)operation;
	letter.order.headroom = headroom;
	if (send(t->child.socket, &letter, sizeof(letter), MSG_NOSIGNAL) !=
	    sizeof(letter))
		return -EPIPE;
	return receive(t, cell);
}

/* A signal that a call itself can bring about; others come from outside. */
static bool is_own_signal(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGSYS ||
	       signal == SIGABRT || signal == SIGILL || signal == SIGFPE;
}

/*
 * What became of a worker that did not answer: a result, where the operation
 * killed it. Returns: 1, that is a result; 0, it was killed from outside.
 */
static int last_words(struct vmp_child *child, struct vmp_cell *cell)
{
	vmp_child_end(child);
	*cell = (struct vmp_cell){ .result = VMP_CELL_KILLED };
	if (WIFSIGNALED(child->status))
		cell->error = WTERMSIG(child->status);
	return is_own_signal(cell->error);
}

static int give_up(struct trial *t, int rc, int operation, const char *what)
{
	snprintf(t->truth->reason, sizeof(t->truth->reason),
		 "the worker %s while it tried %s", what,
		 vmp_operations[operation].name);
	return rc;
}

static int refuse_room(struct trial *t, int error)
{
	char pages[32];

	snprintf(t->truth->reason, sizeof(t->truth->reason),
		 "the worker cannot lay out %s mappings: %s (a limit such as "
		 "ulimit -v?)",
		 vmp_group_digits((int64_t)t->order.pages, pages),
		 strerror(error));
	return -EPERM;
}

/*
 * Ask for a cell once. Returns: 1, it is a result; 0, it is none, and the
 * worker has ended; a negative errno where the run has to end.
 */
static int try_once(struct trial *t, int operation, int headroom,
		    struct vmp_cell *cell)
{
	int rc = t->child.pid ? 0 : start_worker(t);

	if (rc < 0)
		return rc;
	rc = ask(t, operation, headroom, cell);
	if (rc == -ETIMEDOUT)
		return give_up(t, rc, operation, "did not answer");
	if (rc < 0)
		return last_words(&t->child, cell);
	if (cell->result == VMP_CELL_NO_ROOM)
		return refuse_room(t, cell->error);
	if (cell->restored)
		return 1;
	vmp_child_end(&t->child);
	return cell->result != VMP_CELL_CANNOT &&
	       cell->result != VMP_CELL_UNSETTLED;
}

/* A second worker is asked where the first one came to nothing. */
static int try_cell(struct trial *t, int operation, int headroom,
		    struct vmp_cell *cell)
{
	int rc = try_once(t, operation, headroom, cell);

	if (rc == 0)
		rc = try_once(t, operation, headroom, cell);
	if (rc == 0 && cell->result == VMP_CELL_KILLED)
		return give_up(t, -EPIPE, operation,
			       cell->error ? "was killed from outside, twice,"
					   : "ended, twice,");
	return rc < 0 ? rc : 0;
}

/* With ample headroom it does not work either: that is not the map limit. */
static void not_available(struct vmp_truth_row *row,
			  const struct vmp_cell *ample)
{
	bool has_errno = ample->result == VMP_CELL_FAILED ||
			 ample->result == VMP_CELL_CANNOT;
	struct vmp_cell cell = { .result = VMP_CELL_UNAVAILABLE,
				 .error = has_errno ? ample->error : 0 };

	for (int i = 0; i < VMP_HEADROOMS; i++)
		row->cell[i].run[0] = row->cell[i].run[1] = cell;
}

static int try_row(struct trial *t, int operation, struct vmp_truth_row *row)
{
	struct vmp_cell ample;
	int rc = try_cell(t, operation, VMP_HEADROOM_AMPLE, &ample);

	if (rc == 0 && ample.result != VMP_CELL_OK)
		not_available(row, &ample);
	else
		for (int i = 0; i < 2 * VMP_HEADROOMS && rc == 0; i++)
			rc = try_cell(t, operation,
				      VMP_HEADROOM_LEAST + i % VMP_HEADROOMS,
				      &row->cell[i % VMP_HEADROOMS]
					       .run[i / VMP_HEADROOMS]);
	for (int i = 0; i < VMP_HEADROOMS; i++)
		row->cell[i].unstable = !vmp_cell_same(&row->cell[i].run[0],
						       &row->cell[i].run[1]);
	row->present = rc == 0;
	return rc;
}

static int check_limit(struct trial *t)
{
	int64_t limit = vmp_map_limit(t->ctx);
	char before[32], now[32];

	if (limit == t->truth->limit)
		return 0;
	snprintf(t->truth->reason, sizeof(t->truth->reason),
		 "vm.max_map_count changed from %s to %s during the run: what "
		 "was measured until then is left out",
		 vmp_group_digits(t->truth->limit, before),
		 vmp_group_digits(limit, now));
	memset(t->truth->row, 0, sizeof(t->truth->row));
	return -ESTALE;
}

static bool wanted(const struct vmp_truth_request *request, int operation)
{
	bool any = false;

	for (int i = 0; i < VMP_OPERATIONS; i++)
		any |= request->only[i];
	return !any || request->only[operation];
}

static int try_all(struct trial *t, const struct vmp_truth_request *request)
{
	int rc = 0, changed;

	for (int i = 0; i < VMP_OPERATIONS && rc == 0; i++) {
		if (!wanted(request, i))
			continue;
		rc = try_row(t, i, &t->truth->row[i]);
		changed = check_limit(t);
		/* a change explains whatever else went wrong */
		rc = changed < 0 ? changed : rc;
	}
	return rc;
}

/* A fork has the worker's mappings twice for a moment. */
static int check_memory(struct trial *t)
{
	struct vmp_limits limits;
	struct vmp_needs needs = { .mappings = 2 * (uint64_t)t->truth->limit };

	if (vmp_limits_read(t->ctx, &limits) < 0)
		return refuse(t, -EPERM, vmp_error(t->ctx));
	needs.kernel_bytes = needs.mappings * VMP_MAPPING_BYTES;
	return vmp_needs_fit(&needs, &limits,
			     "A limit so high is out of reach: there is no "
			     "behaviour at it to measure.",
			     t->truth->reason, sizeof(t->truth->reason))
		       ? 0
		       : -EPERM;
}

static void describe(struct vmp_truth *truth)
{
	struct utsname system;

	if (uname(&system) == 0) {
		snprintf(truth->kernel, sizeof(truth->kernel), "%.64s",
			 system.release);
		snprintf(truth->machine, sizeof(truth->machine), "%.64s",
			 system.machine);
	}
	snprintf(truth->version, sizeof(truth->version), "%s", PACKAGE_VERSION);
}

static int prepare(struct trial *t, const char *worker)
{
	int64_t limit = vmp_map_limit(t->ctx);

	if (limit < 0)
		return refuse(t, -EPERM, vmp_error(t->ctx));
	t->truth->limit = limit;
	if (worker)
		snprintf(t->program, sizeof(t->program), "%s", worker);
	else if (vmp_child_find(t->program, sizeof(t->program)) < 0)
		return refuse(t, -ENOENT,
			      "vmaprobe-worker is neither beside this program "
			      "nor in " PKGLIBEXECDIR
			      "; --worker=FILE names it");
	return check_memory(t);
}

int vmp_truth_run(const struct vmp_truth_request *request,
		  struct vmp_truth *truth)
{
	struct trial t = { .truth = truth,
			   .ctx = vmp_new(),
			   .child = { .socket = -1, .file = -1 } };
	int rc;

	memset(truth, 0, sizeof(*truth));
	truth->limit = -1;
	if (!t.ctx)
		return refuse(&t, -ENOMEM, "no memory");
	describe(truth);
	rc = prepare(&t, request->worker);
	rc = rc < 0 ? rc : try_all(&t, request);
	vmp_child_end(&t.child);
	vmp_free(t.ctx);
	return rc;
}
