// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs in the kernel: writes a record for each mapping of one process. */

#include "trace/bpf-types.h"

#include "trace/hidden-record.h"

struct list_head {
	struct list_head *next, *prev;
} KERNEL;

struct vm_userfaultfd_ctx {
	struct userfaultfd_ctx *ctx; /* with CONFIG_USERFAULTFD */
} KERNEL;

struct vm_area_struct {
	unsigned long vm_start, vm_end, vm_pgoff;
	struct list_head anon_vma_chain;
	struct anon_vma *anon_vma;
	struct file *vm_file;
	struct mempolicy *vm_policy; /* with CONFIG_NUMA */
	struct vm_userfaultfd_ctx vm_userfaultfd_ctx;
} KERNEL;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL;

struct bpf_iter__task_vma {
	struct bpf_iter_meta *meta;
	struct vm_area_struct *vma;
} KERNEL;

/*
 * A mapping that has been faulted in is on the list of its own anon_vma; one
 * that came through fork() is on its ancestors' too. No entry or a single one:
 * the head's two pointers are equal, as in list_is_singular().
 */
static _Bool is_inherited(const struct vm_area_struct *vma)
{
	return vma->anon_vma &&
	       vma->anon_vma_chain.next != vma->anon_vma_chain.prev;
}

SEC("iter/task_vma")
int hidden(const struct bpf_iter__task_vma *ctx)
{
	const struct vm_area_struct *vma = ctx->vma;
	struct vmp_hidden_record record = {};

	/* after the last one */
	if (!vma)
		return 0;
	record.start = vma->vm_start;
	record.end = vma->vm_end;
	record.anon_vma = (__u64)vma->anon_vma;
	record.file = (__u64)vma->vm_file;
	record.page_offset = vma->vm_pgoff;
	record.inherited = is_inherited(vma);
	if (bpf_core_field_exists(vma->vm_policy))
		record.policy = (__u64)vma->vm_policy;
	if (bpf_core_field_exists(vma->vm_userfaultfd_ctx.ctx))
		record.userfault = (__u64)vma->vm_userfaultfd_ctx.ctx;
	/* where it does not fit, the kernel shows the mapping again */
	bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
