/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With privilege and BPF: what /proc does not show of a process's mappings. */
#ifndef VMP_TRACE_HIDDEN_H
#define VMP_TRACE_HIDDEN_H

#include "lib/vmaprobe.h"

/* What struct vmp_census_request.reader may point to for vmp_hidden_read(). */
struct vmp_hidden_reader {
	char reason[256]; /* why it failed; empty where it did not */
};

/*
 * Can it be read here? Tries, on this process.
 * Out: reason, in words, where it cannot.
 * Returns: 0, or a negative errno.
 * Errors: -ENOTSUP, built without BPF, or this kernel cannot: it is older than
 *   6.1, has no BTF, or refuses the program; -EPERM, needs CAP_BPF and
 *   CAP_PERFMON; -ENOMEM, -EMFILE, -ENFILE.
 * Notes: takes as long as vmp_hidden_read() takes for few mappings.
 */
int vmp_hidden_available(char *reason, size_t size);

/*
 * Read the hidden facts of each mapping, as read_hidden of a census does.
 * In: reader, a struct vmp_hidden_reader or NULL; pid, of a process, not of one
 *   of its other threads; 0 is this process.
 * Out: *facts, ascending and apart, [vsyscall] is not among them; *count.
 * Errors: as above; -ESRCH, there is no such process, it ended meanwhile, or
 *   has no mappings.
 * Owns: the caller frees *facts.
 * Notes: the identities are addresses in the kernel: compare them, never show
 *   them. As with /proc/PID/maps, the process may change its mappings between
 *   two parts of some 500 mappings each. Silences libbpf for this process.
 */
int vmp_hidden_read(void *reader, pid_t pid, struct vmp_hidden **facts,
		    size_t *count);

#endif
