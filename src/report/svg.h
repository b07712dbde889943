/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A picture of a run, for an issue, a page or a slide. */
#ifndef VMP_SVG_H
#define VMP_SVG_H

#include <stdio.h>

#include "engine/run.h"

/*
 * Draw the map count against the calls.
 * In: run; without calls the picture says so. out: an open stream.
 * Returns: 0, -ENOMEM, or the -errno of a write.
 * Notes: the same run gives the same bytes, whatever the locale; valid XML
 *   whatever the scenario's text holds.
 */
int vmp_report_svg(const struct vmp_run *run, FILE *out);

#endif
