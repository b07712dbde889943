/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watch that a test of it has open, and the last sample. */
#ifndef VMP_TESTS_WATCHING_H
#define VMP_TESTS_WATCHING_H

#include "unit.h"
#include "watch/watch.h"

extern struct vmp_ctx *ctx;
extern struct vmp_watch *watch;
extern struct vmp_sample sample;

/* Take one: it has to succeed. */
void take(void);
/* Returns: a process of the sample, NULL where it is not there. */
const struct vmp_watched *find_watched(pid_t pid);
/* Frees ctx, too. */
void close_watch(void);

#endif
