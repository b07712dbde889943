// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads calls of a stopped thread: PTRACE_GET_SYSCALL_INFO, since Linux 5.3. */
#include <errno.h>
#include <linux/audit.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "trace/call-info.h"

/* Programs of 32 bits, where nothing is filtered, have numbers of their own. */
static bool is_native(const struct __ptrace_syscall_info *info)
{
#if defined(__x86_64__)
	return info->arch == AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
	return info->arch == AUDIT_ARCH_AARCH64;
#else
	(void)info;
	return true;
#endif
}

/* Words behind a pointer; what cannot be read stays 0. */
static void read_words(pid_t tid, const struct vmp_syscall *row,
		       uint64_t *arguments)
{
	struct iovec here = { &arguments[row->read_to],
			      row->read_words * sizeof(*arguments) };
	struct iovec there = {
		(void *)(uintptr_t)(arguments[row->read_argument] +
				    row->read_offset),
		here.iov_len
	};

	for (unsigned int i = 0; i < row->read_words; i++)
		arguments[row->read_to + i] = 0;
	process_vm_readv(tid, &here, 1, &there, 1, 0);
}

const struct vmp_syscall *vmp_call_enter(pid_t tid, uint64_t *arguments)
{
	struct __ptrace_syscall_info info;
	const struct vmp_syscall *row;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) <=
		    0 ||
	    info.op == PTRACE_SYSCALL_INFO_EXIT ||
	    info.op == PTRACE_SYSCALL_INFO_NONE || !is_native(&info))
		return NULL;
	/* an entry and a seccomp stop begin with the same members */
	for (int i = 0; i < VMP_ARGUMENTS; i++)
		arguments[i] = info.entry.args[i];
	row = vmp_syscall_find((long)info.entry.nr, arguments);
	if (row && row->read_words)
		read_words(tid, row, arguments);
	return row;
}

int vmp_call_leave(pid_t tid, int64_t *result)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) <=
	    0)
		return -errno;
	if (info.op != PTRACE_SYSCALL_INFO_EXIT)
		return -EPROTO;
	*result = info.exit.rval;
	return 0;
}
