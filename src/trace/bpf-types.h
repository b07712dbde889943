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

#endif
