/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics in a file, for the node exporter's textfile collector. */
#ifndef VMP_CLI_TEXTFILE_H
#define VMP_CLI_TEXTFILE_H

#include "report/top.h"

/*
 * Can the file be written, as it looks now? Makes a file beside it, and removes
 * that.
 * Returns: VMP_EXIT_OK, or VMP_EXIT_CANNOT after an error, which is printed.
 */
int vmp_textfile_check(const char *path);

/*
 * Write the metrics beside the file, sync, and rename: who reads it sees the
 * old or the new one, whole.
 * Returns: VMP_EXIT_OK, or VMP_EXIT_CANNOT after an error, which is printed;
 *   then the old file stands, and nothing is left beside it.
 */
int vmp_textfile_write(const char *path, const struct vmp_top_report *report);

#endif
