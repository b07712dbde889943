/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hidden.bpf.c writes for each mapping, and hidden.c reads. */
#ifndef VMP_TRACE_HIDDEN_RECORD_H
#define VMP_TRACE_HIDDEN_RECORD_H

/* Of one type, so that 32-bit programs and the kernel agree on its layout. */
struct vmp_hidden_record {
	unsigned long long start, end;
	unsigned long long anon_vma, file, policy, userfault;
	unsigned long long page_offset, inherited;
};

#endif
