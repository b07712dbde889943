/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the unit tests share: their suites, fixtures, and scratch files. */
#ifndef VMP_TESTS_UNIT_H
#define VMP_TESTS_UNIT_H

#include <check.h>

#include "engine/scenario.h"
#include "lib/diagnose.h"
#include "lib/internal.h"

/* AddressSanitizer maps memory of its own, at any time and in great pieces. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

Suite *suite_maps(void);
Suite *suite_survey(void);
Suite *suite_limits(void);
Suite *suite_cause(void);
Suite *suite_expression(void);
Suite *suite_scenario(void);
Suite *suite_scenario_errors(void);
Suite *suite_load(void);
Suite *suite_plan(void);
Suite *suite_memory(void);
Suite *suite_metrics(void);
Suite *suite_judge(void);
Suite *suite_report(void);
Suite *suite_json(void);
Suite *suite_svg(void);
Suite *suite_explain_svg(void);
Suite *suite_release(void);
Suite *suite_pool(void);
Suite *suite_self(void);
Suite *suite_map_limit(void);
Suite *suite_hidden(void);
Suite *suite_saved(void);
Suite *suite_core(void);
Suite *suite_core_wrong(void);
Suite *suite_core_real(void);
Suite *suite_hs_err(void);
Suite *suite_owner(void);
Suite *suite_anon(void);
Suite *suite_stacks(void);
Suite *suite_glob(void);
Suite *suite_neighbour(void);
Suite *suite_advice(void);
Suite *suite_census(void);
Suite *suite_counts(void);
Suite *suite_peak(void);
Suite *suite_threshold(void);
Suite *suite_syscalls(void);
Suite *suite_system(void);
Suite *suite_system_place(void);
Suite *suite_top(void);
Suite *suite_truth(void);
Suite *suite_unwind(void);
Suite *suite_ballast(void);
Suite *suite_tally(void);
Suite *suite_trace(void);
Suite *suite_trend(void);
Suite *suite_series(void);
Suite *suite_watch(void);
Suite *suite_watch_apart(void);
Suite *suite_watch_made(void);
Suite *suite_bpf(void);
Suite *suite_record(void);

/* A context that reads tests/data/NAME in place of /proc. */
struct vmp_ctx *fixture_ctx(const char *name);

/*
 * A tree of files that a test writes itself: for texts that are too long, or
 * too many, to be fixtures. One for each test case that has these as its
 * unchecked fixture, so that a failed assertion leaves nothing behind.
 */
void scratch_begin(void);
void scratch_end(void);

/* Write a file below the tree's root, and the directories that it is in. */
void scratch_write(const char *path, const char *text, size_t length);
void scratch_text(const char *path, const char *text);
const char *scratch_root(void);

/* A context that reads the tree in place of /proc. */
struct vmp_ctx *scratch_ctx(void);

/* Open a core dump of a description (core-text.h), as file of the tree. */
int open_core(struct vmp_ctx *ctx, const char *text, struct vmp_maps **maps);

/* Parse a scenario that has no error. */
struct vmp_scenario *parse_text(const char *text);

/* Which does not know what bpf() reads and writes, and finds fault with it. */
bool in_valgrind(void);

/* How many descriptors are open here, and some more that are always the same. */
unsigned int open_descriptors(void);

/* Is `piece` in `text`? The assertion prints both. */
void assert_holds(const char *text, const char *piece);

#endif
