/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Thresholds of monitoring plugins: ranges of percent or of headroom. */
#ifndef VMP_THRESHOLD_H
#define VMP_THRESHOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is fine is start to end, both included; with `inside` it is what raises
 * the alarm.
 *   80%     more than 80 % of the limit in use
 *   1000:   fewer than 1,000 mappings left (headroom)
 *   @0:500  500 left, or fewer
 *   ~:90%   more than 90 %; ~ is minus infinity
 * Source: Monitoring Plugins Development Guidelines, "Threshold and ranges".
 */
struct vmp_threshold {
	double start, end; /* -INFINITY, INFINITY */
	bool inside;
	bool percent; /* of the limit, in use; else headroom, in mappings */
};

/*
 * Read one. Out: *threshold; reason, in words and with the place, where it is
 * none.
 * Returns: 0 or -EINVAL. A plain number without % is refused: it would raise
 *   the alarm where more than that is left.
 * Notes: pure.
 */
int vmp_threshold_parse(const char *text, struct vmp_threshold *threshold,
			char *reason, size_t size);

/* Does a process with so many mappings raise the alarm? */
bool vmp_threshold_raised(const struct vmp_threshold *threshold,
			  int64_t mappings, int64_t limit);

/*
 * The same, but "80%" alone is raised by 80 % already: for who waits until it is
 * reached, not for plugins, whose ranges include their ends.
 */
bool vmp_threshold_reached(const struct vmp_threshold *threshold,
			   int64_t mappings, int64_t limit);

/*
 * The same range in mappings, for performance data: "52424", "64530", "26212:".
 * Out: text. Returns: text.
 */
char *vmp_threshold_in_mappings(const struct vmp_threshold *threshold,
				int64_t limit, char *text, size_t size);

/*
 * The same range in percent, as it was given: "80", "40:", "@80:".
 * Out: text, "" where it is of mappings. Returns: text.
 */
char *vmp_threshold_in_percent(const struct vmp_threshold *threshold,
			       char *text, size_t size);

#endif
