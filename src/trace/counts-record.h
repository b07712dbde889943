/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What counts.bpf.c writes for each process, and counts.c reads. */
#ifndef VMP_TRACE_COUNTS_RECORD_H
#define VMP_TRACE_COUNTS_RECORD_H

/* Laid out as struct vmp_counted, so that rows need not be copied. */
struct vmp_counts_record {
	long long mappings;	     /* -1: not counted */
	unsigned long long start_ns; /* since the boot of this time namespace */
	unsigned int pid, user;
	char command[16];
};

#endif
