// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes ballast: where, how much, and with what left as it was. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/internal.h"
#include "trace/ballast-fill.h"

enum { MAPPING_BYTES = 300 }; /* of the kernel's memory, all in all */

static int fail_place(struct vmp_ballast_work *b, int rc, bool is_main)
{
	const char *place = is_main ? "main()" : "its entry point";

	if (rc == -ESRCH)
		return vmp_ballast_fail(
			b, rc, "the program ended before it came to %s", place);
	if (rc == -EBUSY)
		return vmp_ballast_fail(
			b, rc,
			"the program starts a thread or process before it "
			"comes to %s%s",
			place,
			is_main ? "; --at=entry may be early enough" : "");
	if (rc == -ENOTSUP)
		return vmp_ballast_fail(b, rc,
					"it is a program for another machine");
	if (rc == -ENOEXEC)
		return vmp_ballast_fail(
			b, rc,
			"the program does not begin as C programs do: %s "
			"is not found%s",
			place, is_main ? "; --at=entry needs none" : "");
	return vmp_ballast_fail(b, rc,
				"the program cannot be stopped at %s: %s",
				place, strerror(-rc));
}

/* Let it run to the place. An exec on its way begins anew. */
static int go_to_place(struct vmp_ballast_work *b)
{
	struct vmp_tracee *t = &b->tracee;
	uint64_t registers[VMP_USER_REGISTERS], place;
	bool is_main;
	int rc;

	do {
		is_main = false;
		rc = vmp_tracee_registers(t->tid, registers);
		rc = rc ? rc : vmp_ballast_entry(t->tid, &place);
		rc = rc ? rc : vmp_tracee_go_to(t, place);
		if (rc == 0 && b->wanted->at_main) {
			is_main = true;
			rc = vmp_ballast_main(t, &place);
			/* what runs before main() may ask what SIGTRAP does */
			if (rc == 0 || rc == -ENOEXEC)
				vmp_tracee_mend(t);
			rc = rc ? rc : vmp_tracee_go_to(t, place);
		}
	} while (rc == 1);
	return rc < 0 ? fail_place(b, rc, is_main) : 0;
}

/* A limit of billions is no promise that the machine can hold so many. */
static int check_memory(struct vmp_ballast_work *b,
			const struct vmp_limits *limits)
{
	uint64_t need = (uint64_t)(b->limit - b->headroom - b->count);
	uint64_t bytes = need * MAPPING_BYTES;
	uint64_t available = limits->available_bytes;
	char a[32], c[32], d[32];

	if (limits->cgroup_available_bytes < available)
		available = limits->cgroup_available_bytes;
	if (bytes <= available)
		return 0;
	return vmp_ballast_fail(
		b, -ENOMEM,
		"%s ballast mappings take %s of the kernel's memory, and "
		"%s are available",
		vmp_group_digits((int64_t)need, a), vmp_human_bytes(bytes, c),
		vmp_human_bytes(available, d));
}

/* How much is to be left, and is there that much? */
static int plan(struct vmp_ballast_work *b,
		const struct vmp_ballast_survey *survey)
{
	struct vmp_limits limits;
	char count[32], limit[32], left[32], wanted[32];
	int rc = vmp_limits_read(b->ctx, &limits);

	if (rc < 0)
		return vmp_ballast_fail(b, rc, "the limit cannot be read: %s",
					vmp_error(b->ctx));
	b->limit = limits.max_map_count;
	b->count = survey->count;
	b->headroom = b->wanted->headroom;
	if (b->wanted->percent)
		b->headroom = b->limit * b->headroom / 100;
	if (b->headroom <= b->limit - b->count)
		return check_memory(b, &limits);
	return vmp_ballast_fail(
		b, -ENOSPC,
		"the program holds %s mappings when it starts, of at "
		"most %s: %s %s left, not %s",
		vmp_group_digits(b->count, count),
		vmp_group_digits(b->limit, limit),
		vmp_group_digits(b->limit - b->count, left),
		b->limit - b->count == 1 ? "is" : "are",
		vmp_group_digits(b->headroom, wanted));
}

static int make(struct vmp_ballast_work *b)
{
	struct vmp_ballast_survey survey;
	int rc = go_to_place(b), failed;

	if (rc < 0)
		return rc;
	rc = vmp_ballast_survey(b->ctx, b->tracee.tid, &survey);
	if (rc < 0)
		vmp_ballast_fail(b, rc, "its mappings cannot be read: %s",
				 vmp_error(b->ctx));
	rc = rc ? rc : plan(b, &survey);
	failed = vmp_tracee_hold(&b->tracee);
	if (failed < 0)
		return rc ? rc : vmp_ballast_fail_call(b, failed, "ptrace");
	rc = rc ? rc : vmp_ballast_fill(b, &survey);
	if (rc < 0)
		vmp_ballast_take_back(b);
	failed = vmp_tracee_release(&b->tracee);
	return rc == 0 && failed < 0
		       ? vmp_ballast_fail_call(b, failed, "ptrace")
		       : rc;
}

int vmp_ballast_make(pid_t tid, const struct vmp_ballast *ballast,
		     int64_t *made, char *reason, size_t size)
{
	struct vmp_ballast_work b = {
		.tracee = { .tid = tid },
		.wanted = ballast,
		.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
		.reason = reason,
		.size = size,
	};
	int rc;

	*made = 0;
	if (!vmp_machine)
		return vmp_ballast_fail(
			&b, -ENOTSUP,
			"ballast can be made on x86-64 and aarch64 alone");
	b.ctx = vmp_new();
	if (!b.ctx)
		return vmp_ballast_fail(&b, -ENOMEM, "no memory");
	rc = make(&b);
	vmp_free(b.ctx);
	*made = b.made;
	return rc;
}
