/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When to look again. */
#ifndef VMP_CLI_PACE_H
#define VMP_CLI_PACE_H

/*
 * The next time after one that was due, in step with it: those that were missed
 * are left out. In: due, interval in seconds; due of CLOCK_MONOTONIC.
 * Returns: seconds of CLOCK_MONOTONIC, now or later.
 */
double vmp_pace_next(double due, double interval);

#endif
