/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `vmaprobe check` is asked to do. */
#ifndef VMP_CLI_CHECK_OPTIONS_H
#define VMP_CLI_CHECK_OPTIONS_H

#include "cli/processes.h"
#include "watch/judge.h"
#include "watch/product.h"

enum { VMP_CHECK_TEXT, VMP_CHECK_JSON };

/* As they were given. */
struct vmp_check_values {
	struct vmp_process_values processes;
	struct vmp_list products;
	const char *warning, *critical, *min_limit;
	uint64_t rows;
	double timeout;
	bool all, list_products, verbose;
	int format;
};

enum { VMP_CHECK_OPTIONS = 14 };
extern const struct vmp_option vmp_check_options[VMP_CHECK_OPTIONS];

/* As they are meant. */
struct vmp_check_order {
	const struct vmp_check_values *values;
	struct vmp_process_choice choice;
	struct vmp_thresholds thresholds;
	bool processes; /* are looked at */
	int64_t wanted; /* of the limit; 0: that is not judged */
	const struct vmp_product *wanted_by; /* NULL: --min-limit */
};

/*
 * Out: *order, which points to values.
 * Returns: VMP_EXIT_OK, or the exit status of a usage error, which is printed.
 */
int vmp_check_options_read(const struct vmp_command *self,
			   const struct vmp_check_values *values,
			   struct vmp_check_order *order);

#endif
