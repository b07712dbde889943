/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holds what happened against what the scenario expects. */
#ifndef VMP_JUDGE_H
#define VMP_JUDGE_H

#include "engine/run.h"

/* Did some expectation foresee how this step failed? */
bool vmp_judge_foreseen(const struct vmp_run *run, size_t step);

/* Fill in met[] and the verdict of a run that went to its end. */
void vmp_judge(struct vmp_run *run);

#endif
