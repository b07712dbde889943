/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reports of `vmaprobe limits`: this system, or the truth table of its
 * kernel, alone or held against another one.
 */
#ifndef VMP_REPORT_LIMITS_H
#define VMP_REPORT_LIMITS_H

#include <stdio.h>

#include "engine/truth.h"
#include "lib/diagnose.h"
#include "lib/system.h"
#include "report/style.h"

/* A feature of the kernel, and what cannot be done without it. */
struct vmp_probed {
	const char *name;
	bool available;
	char reason[256]; /* why not */
};

struct vmp_bounds {
	struct vmp_system system;
	struct vmp_limits limits;
	struct vmp_process self; /* the rlimits of this process */
	struct vmp_probed features[16];
	size_t feature_count;
};

/* A table; held against another one, expected and what differs. */
struct vmp_truth_report {
	const struct vmp_truth *truth, *expected; /* NULL: none */
	const char *expected_name;		  /* "6.1", or a file's */
	const struct vmp_comparison *comparison;
};

void vmp_report_bounds(const struct vmp_bounds *bounds,
		       const struct vmp_style *style, FILE *out);

/* vmaprobe.limits/1, without calls. */
int vmp_report_bounds_json(const struct vmp_bounds *bounds, FILE *out);

/* The same with nothing but a reason why there is none. */
int vmp_report_limits_refused(const char *reason, FILE *out);

/* key,value */
void vmp_report_bounds_csv(const struct vmp_bounds *bounds, FILE *out);

/* The table; of two what differs. */
void vmp_report_truth(const struct vmp_truth_report *report,
		      const struct vmp_style *style, FILE *out);

/* vmaprobe.limits/1 with calls, a line each, and with differences. */
int vmp_report_truth_json(const struct vmp_truth_report *report, FILE *out);

/*
 * operation,headroom,result,errno,change: an unstable cell twice. Of two tables
 * what differs, with expected_result,expected_errno,expected_change behind it.
 */
void vmp_report_truth_csv(const struct vmp_truth_report *report, FILE *out);

#endif
