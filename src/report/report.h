/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reports: a struct vmp_run in, text, JSON or CSV out. Nothing else in the
 * program prints results. Each writes to the stream it is given and leaves
 * checking for write errors to the caller.
 */
#ifndef VMP_REPORT_H
#define VMP_REPORT_H

#include <stdio.h>

#include "engine/run.h"
#include "report/style.h"

/* Text for people: the answer in the first line, the reason in the second. */
void vmp_report_text(const struct vmp_run *run, const struct vmp_style *style,
		     FILE *out);

/* vmaprobe.run/1 */
int vmp_report_json(const struct vmp_run *run, FILE *out);

/* One row a step. */
void vmp_report_csv(const struct vmp_run *run, FILE *out);

/*
 * One scenario under several allocators, a row each.
 * In: runs, `count` of them; names, what was asked for.
 */
void vmp_report_allocators(const struct vmp_run *runs, const char *const *names,
			   size_t count, const struct vmp_style *style,
			   FILE *out);

/* vmaprobe.allocators/1: { schema, scenario, runs[]: vmaprobe.run/1 } */
int vmp_report_allocators_json(const struct vmp_run *runs,
			       const char *const *names, size_t count,
			       FILE *out);

/* A scenario in the list: whether it can run here, and why not. */
struct vmp_listed {
	const struct vmp_scenario *scenario;
	bool available;
	char reason[512];
};

void vmp_report_list(const struct vmp_listed *list, size_t count,
		     const struct vmp_style *style, FILE *out);

/* vmaprobe.list/1 */
int vmp_report_list_json(const struct vmp_listed *list, size_t count,
			 FILE *out);
void vmp_report_list_csv(const struct vmp_listed *list, size_t count,
			 FILE *out);

#endif
