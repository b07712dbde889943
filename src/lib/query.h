/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PROCMAP_QUERY: one mapping, without the text of all of them. Since Linux
 * 6.11; headers may be older. Source: include/uapi/linux/fs.h.
 */
#ifndef VMP_QUERY_H
#define VMP_QUERY_H

#include <stdint.h>
#include <sys/ioctl.h>

struct vmp_query {
	uint64_t size, flags, address;
	uint64_t start, end, rights, page_bytes, offset, inode;
	uint32_t device_major, device_minor;
	uint32_t name_bytes, build_id_bytes;
	uint64_t name, build_id;
};

#define VMP_QUERY _IOWR('f', 17, struct vmp_query)

enum {
	VMP_QUERY_READABLE = 1,
	VMP_QUERY_WRITABLE = 2,
	VMP_QUERY_EXECUTABLE = 4,
	VMP_QUERY_SHARED = 8,
	VMP_QUERY_COVERING_OR_NEXT = 16,
};

#endif
