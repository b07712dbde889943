/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A seccomp filter that stops a program at memory calls alone. */
#ifndef VMP_FILTER_H
#define VMP_FILTER_H

struct vmp_filter;

/*
 * Returns: 0, or a negative errno: -ENOTSUP, built without libseccomp.
 * Owns: the caller of vmp_filter_make(); NULL can be freed.
 */
int vmp_filter_make(struct vmp_filter **filter);
void vmp_filter_free(struct vmp_filter *filter);

/*
 * Put this thread, and what it will start, under the filter; NULL does nothing.
 * Without CAP_SYS_ADMIN it also sets no_new_privs, as the kernel demands.
 * Returns: 0 or a negative errno.
 */
int vmp_filter_load(void *filter);

#endif
