// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes the truth table: has a worker try each operation in each cell. */
#include <errno.h>
#include <poll.h>
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

/* A worker that is silent so long hangs. Filling a million takes seconds. */
enum { SILENCE_SECONDS = 300 };

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
	if (t->truth->limit < (int64_t)survey.mappings + MAPPINGS_NEEDED)
		return refuse(
			t, -EPERM,
			"the limit leaves no room to try anything: a new "
			"process holds a few dozen mappings, and 200 more "
			"are needed");
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
	int rc = vmp_child_start(&t->child, t->program, NULL, t->truth->reason,
				 sizeof(t->truth->reason));

	if (rc < 0)
		return -EPIPE;
	t->truth->workers++;
	snprintf(t->truth->libc, sizeof(t->truth->libc), "%s%s%s",
		 t->child.libc, *t->child.libc_version ? " " : "",
		 t->child.libc_version);
	return choose_place(t);
}

/* Returns: 0, or -EPIPE where the worker has died or is silent. */
static int receive(struct trial *t, struct vmp_cell *cell)
{
	struct pollfd ready = { t->child.socket, POLLIN, 0 };
	int rc;

	do {
		rc = poll(&ready, 1, SILENCE_SECONDS * 1000);
	} while (rc < 0 && errno == EINTR);
	return rc == 1 && recv(t->child.socket, cell, sizeof(*cell),
			       MSG_WAITALL) == sizeof(*cell)
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

/* What became of a worker that did not answer. */
static struct vmp_cell last_words(struct vmp_child *child)
{
	struct vmp_cell cell = { .result = VMP_CELL_KILLED };

	vmp_child_end(child);
	if (WIFSIGNALED(child->status))
		cell.error = WTERMSIG(child->status);
	return cell;
}

/* Returns: 0, or a negative errno where no worker can be had. */
static int try_cell(struct trial *t, int operation, int headroom,
		    struct vmp_cell *cell)
{
	int rc = t->child.pid ? 0 : start_worker(t);

	if (rc < 0)
		return rc;
	if (ask(t, operation, headroom, cell) < 0)
		*cell = last_words(&t->child);
	else if (!cell->restored)
		vmp_child_end(&t->child);
	return 0;
}

static bool lacks_a_precondition(const struct vmp_cell *ample)
{
	return ample->result == VMP_CELL_FAILED ||
	       ample->result == VMP_CELL_CANNOT;
}

/* With ample headroom it fails as well: that is not for the map limit. */
static void not_available(struct vmp_truth_row *row,
			  const struct vmp_cell *ample)
{
	struct vmp_cell cell = { .result = VMP_CELL_UNAVAILABLE,
				 .error = ample->error };

	for (int i = 0; i < VMP_HEADROOMS; i++)
		row->cell[i].run[0] = row->cell[i].run[1] = cell;
}

static int try_row(struct trial *t, int operation, struct vmp_truth_row *row)
{
	struct vmp_cell ample;
	int rc = try_cell(t, operation, VMP_HEADROOM_AMPLE, &ample);

	if (rc == 0 && lacks_a_precondition(&ample))
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
	int rc = 0;

	for (int i = 0; i < VMP_OPERATIONS && rc == 0; i++) {
		if (!wanted(request, i))
			continue;
		rc = try_row(t, i, &t->truth->row[i]);
		rc = rc < 0 ? rc : check_limit(t);
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
	t->truth->limit = vmp_map_limit(t->ctx);
	if (t->truth->limit < 0)
		return refuse(t, -EPERM, vmp_error(t->ctx));
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
	double started = vmp_seconds();
	int rc;

	memset(truth, 0, sizeof(*truth));
	if (!t.ctx)
		return refuse(&t, -ENOMEM, "no memory");
	describe(truth);
	rc = prepare(&t, request->worker);
	rc = rc < 0 ? rc : try_all(&t, request);
	vmp_child_end(&t.child);
	truth->seconds = vmp_seconds() - started;
	vmp_free(t.ctx);
	return rc;
}

bool vmp_truth_available(const struct vmp_truth_row *row)
{
	return row->present &&
	       row->cell[0].run[0].result != VMP_CELL_UNAVAILABLE;
}

int vmp_truth_needs(const struct vmp_truth_row *row)
{
	int i = VMP_HEADROOMS;

	while (i > 0 && row->cell[i - 1].run[0].result == VMP_CELL_OK &&
	       row->cell[i - 1].run[1].result == VMP_CELL_OK)
		i--;
	return VMP_HEADROOM_LEAST + i;
}
