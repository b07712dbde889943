/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a monitoring plugin prints, and the table of products. */
#ifndef VMP_REPORT_CHECK_H
#define VMP_REPORT_CHECK_H

#include <stdio.h>

#include "watch/judge.h"
#include "watch/product.h"

struct vmp_check_report {
	enum vmp_status status; /* of all of it */
	const char *reason;	/* why something is UNKNOWN, else "" */

	/* Processes; sample is NULL where they were not looked at. */
	const struct vmp_sample *sample;
	const struct vmp_verdict *verdict;
	const struct vmp_thresholds *thresholds;
	size_t most;  /* processes in the lines below the first, at most */
	bool verbose; /* how it was counted */
	bool too_few; /* could be read, which reason says */

	/* The limit itself; wanted is 0 where it is not judged. */
	int64_t limit; /* -1: it could not be read */
	int64_t wanted;
	const struct vmp_product *wanted_by; /* NULL: none of them */
};

/*
 * The line of a plugin, its performance data, and lines with more.
 * Source: Monitoring Plugins Development Guidelines, "Plugin Output for Nagios"
 *   and "Performance data".
 */
void vmp_report_check(const struct vmp_check_report *r, FILE *out);

/* The same as JSON, one line: schema vmaprobe.check/1. */
void vmp_report_check_json(const struct vmp_check_report *r, FILE *out);

/*
 * What some processes could not be: "read", for want of permission, or by BPF,
 * which needs none of each of them, "counted".
 */
const char *vmp_check_verb(const struct vmp_sample *sample);

/* The products that are known; JSON: schema vmaprobe.products/1. */
void vmp_report_products(FILE *out);
void vmp_report_products_json(FILE *out);

/*
 * Make text from outside harmless in a plugin's line: as vmp_escape(), and also
 * those that end it, and that macros, shells and pages may obey: |$`&<>.
 * Out: buffer; cut where it is too small. Returns: buffer.
 */
char *vmp_plugin_text(const char *text, char *buffer, size_t size);

#endif
