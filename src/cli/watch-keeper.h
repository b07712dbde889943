/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One watch: readings until there is a reason to end. */
#ifndef VMP_CLI_WATCH_KEEPER_H
#define VMP_CLI_WATCH_KEEPER_H

#include "cli/watch-options.h"
#include "report/watch.h"
#include "trace/peak.h"

/* One watch, from the first reading to the last. */
struct vmp_keeper {
	const struct vmp_watch_values *values;
	struct vmp_ctx *ctx;
	struct vmp_watch *watch;
	struct vmp_peak *peak; /* NULL: readings alone */
	const struct vmp_watch_format *format;
	struct vmp_watch_report report;
	struct vmp_series series;
	struct vmp_style style;
	struct vmp_side log, plot;
	struct vmp_target target;
	double first_seconds;
	int64_t highest; /* since the reading before */
	char reason[700];
};

/*
 * Take readings, and print each of them. In: values, ctx, watch, format, target,
 * report with its series; peak. Out: report; log and plot, open since the first
 * reading; reason of VMP_WATCH_FAILED.
 */
enum vmp_watch_ended vmp_keep_watch(struct vmp_keeper *keeper);

#endif
