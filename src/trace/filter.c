// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes the seccomp filter out of the table of memory calls. */
#include <errno.h>
#include <stddef.h>

#include "trace/ballast.h"
#include "trace/filter.h"
#include "trace/syscalls.h"

#ifdef HAVE_SECCOMP

#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int add_row(scmp_filter_ctx filter, const struct vmp_syscall *row)
{
	struct scmp_arg_cmp only = { row->only_argument, SCMP_CMP_MASKED_EQ,
				     UINT32_MAX, row->only_value };
	/* those of the ballast are many, and ours */
	struct scmp_arg_cmp marked = { 5, SCMP_CMP_NE, VMP_BALLAST_MARK, 0 };
	struct scmp_arg_cmp *with = row->filtered ? &only : NULL;

	if (row->number == __NR_mprotect)
		with = &marked;
	return seccomp_rule_add_array(filter, SCMP_ACT_TRACE(0),
				      (int)row->number, with != NULL, with);
}

static int add_rows(scmp_filter_ctx filter)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < vmp_syscall_count; i++)
		rc = add_row(filter, &vmp_syscalls[i]);
	return rc;
}

/* Programs for another architecture run, and are not traced. */
static int set_attributes(scmp_filter_ctx filter)
{
	int rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				  SCMP_ACT_ALLOW);

	/* the kernel's own words, not ECANCELED for each of them */
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	/* who may keep set-user-ID programs working shall */
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	/* before 5.16 a filter would slow down all of the program */
	if (rc == 0)
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	return rc;
}

int vmp_filter_make(struct vmp_filter **filter)
{
	scmp_filter_ctx made = seccomp_init(SCMP_ACT_ALLOW);
	int rc;

	if (!made)
		return -ENOMEM;
	rc = set_attributes(made);
	rc = rc < 0 ? rc : add_rows(made);
	if (rc < 0) {
		seccomp_release(made);
		return rc;
	}
	*filter = made;
	return 0;
}

void vmp_filter_free(struct vmp_filter *filter)
{
	if (filter)
		seccomp_release(filter);
}

int vmp_filter_load(void *filter)
{
	int rc;

	if (!filter)
		return 0;
	rc = seccomp_load(filter);
	if (rc != -EACCES)
		return rc;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return seccomp_load(filter);
}

#else /* without libseccomp */

int vmp_filter_make(struct vmp_filter **filter)
{
	*filter = NULL;
	return -ENOTSUP;
}

void vmp_filter_free(struct vmp_filter *filter)
{
	(void)filter;
}

int vmp_filter_load(void *filter)
{
	(void)filter;
	return 0;
}

#endif
