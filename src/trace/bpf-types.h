/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vmlinux.h would declare, as far as our programs for the kernel use it:
 * libbpf finds fields by their names, wherever the running kernel has them.
 * <linux/types.h> is not among what every clang finds for this target.
 */
#ifndef VMP_BPF_TYPES_H
#define VMP_BPF_TYPES_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* Of a struct of the kernel: only its names are taken from here. */
#define KERNEL __attribute__((preserve_access_index))

struct mm_struct___count {
	int map_count;
} KERNEL;

/* A name that was proposed in 2025 (lkml, "Document lenient map_count"). */
struct mm_struct___renamed {
	int vma_count;
} KERNEL;

/* Of a struct mm_struct; -1 where the kernel calls it by another name. */
static __always_inline int map_count(const void *mm)
{
	const struct mm_struct___count *count = mm;
	const struct mm_struct___renamed *renamed = mm;

	if (bpf_core_field_exists(count->map_count))
		return count->map_count;
	if (bpf_core_field_exists(renamed->vma_count))
		return renamed->vma_count;
	return -1;
}

#endif
