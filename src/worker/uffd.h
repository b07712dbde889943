/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of <linux/userfaultfd.h>, which musl-gcc does not find, what the worker
 * needs; the same on every machine.
 */
#ifndef VMP_UFFD_H
#define VMP_UFFD_H

#include <stdint.h>
#include <sys/ioctl.h>

enum { UFFD_VERSION = 0xaa, UFFD_MODE_MISSING = 1 };

struct uffd_api {
	uint64_t api, features, ioctls;
};

struct uffd_register {
	uint64_t start, length, mode, ioctls;
};

#define UFFD_IOC_API _IOWR(0xaa, 0x3f, struct uffd_api)
#define UFFD_IOC_REGISTER _IOWR(0xaa, 0x00, struct uffd_register)

#endif
