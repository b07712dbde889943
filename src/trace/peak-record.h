/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What peak.bpf.c and peak.c share. */
#ifndef VMP_TRACE_PEAK_RECORD_H
#define VMP_TRACE_PEAK_RECORD_H

/*
 * A processor's own; user space maps all of them. Each in a cache line of its
 * own: processors do not disturb each other.
 */
struct vmp_peak_slot {
	unsigned long long mappings;
	unsigned long long unused[7];
};

/*
 * The process, as the iterator has found it; its mm and first thread, which are
 * addresses, as its own calls last showed them.
 */
struct vmp_peak_process {
	unsigned long long start_ns; /* numbers are used again */
	unsigned long long mm, leader;
	unsigned int tgid; /* the host's number; 0: none */
	unsigned int unused;
};

#endif
