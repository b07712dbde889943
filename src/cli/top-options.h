/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `vmaprobe top` is asked to do. */
#ifndef VMP_CLI_TOP_OPTIONS_H
#define VMP_CLI_TOP_OPTIONS_H

#include "cli/processes.h"
#include "report/top.h"

enum vmp_top_format {
	VMP_TOP_FORMAT_TEXT,
	VMP_TOP_FORMAT_JSON,
	VMP_TOP_FORMAT_CSV,
	VMP_TOP_FORMAT_METRICS,
};

/* As they were given. */
struct vmp_top_values {
	struct vmp_process_values processes;
	const char *output, *sort, *threshold, *textfile;
	uint64_t rows;
	bool container, once;
	int format, color;
};

enum { VMP_TOP_OPTIONS = 13 };
extern const struct vmp_option vmp_top_options[VMP_TOP_OPTIONS];

/* As they are meant. */
struct vmp_top_order {
	const struct vmp_top_values *values;
	struct vmp_process_choice choice;
	enum vmp_top_column columns[VMP_TOP_COLUMNS];
	size_t column_count;
	unsigned int optional; /* see struct vmp_top_report */
	enum vmp_top_column sort;
	size_t rows;	  /* the most; 0 for all */
	bool rows_given;  /* else what a screen has room for */
	double threshold; /* percent */
	double interval;  /* seconds */
	uint64_t count;	  /* samples; 0 without end */
	bool screen;	  /* refresh in place */
	bool metrics;	  /* of either kind */
};

/*
 * Out: *order; values, which it points to.
 * Returns: true; false with *status, the exit status, after an error, which is
 *   printed, or --help.
 */
bool vmp_top_options_read(const struct vmp_command *self, int argc, char **argv,
			  struct vmp_top_values *values,
			  struct vmp_top_order *order, int *status);

struct vmp_watch;

/*
 * Refresh on the terminal until a key ends it. In: *sample, which was
 * just taken.
 * Returns: the exit status, after an error, which is printed.
 */
int vmp_top_screen(const struct vmp_top_order *order, struct vmp_watch *watch,
		   struct vmp_sample *sample, struct vmp_top_report *report);

#endif
