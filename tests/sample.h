/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run that never was, for the tests of the reports. */
#ifndef VMP_TESTS_SAMPLE_H
#define VMP_TESTS_SAMPLE_H

#include "report/report.h"

/* Bytes that want to break out of each format: no UTF-8, ESC, CR, markup. */
#define NASTY "\xff\x1b[31m\r\n\t\"a\", '<b>&\\;\x7f\xc2\x9b"

enum { SAMPLE_STEPS = 4 };

struct sample {
	struct vmp_step_result steps[SAMPLE_STEPS];
	struct vmp_call_failure failures[3];
	struct vmp_reading samples[4];
	int64_t parameters[2];
	bool met[2];
	struct vmp_scenario *scenario;
	struct vmp_run run;
};

/*
 * Two parameters, four steps (works, fails, leaks, is not run), and two
 * expectations, of which one is met.
 */
void sample_begin(struct sample *sample);
void sample_end(struct sample *sample);

enum sample_format { SAMPLE_TEXT, SAMPLE_JSON, SAMPLE_CSV, SAMPLE_SVG };

/* What a report prints; to be freed. */
char *sample_print(const struct vmp_run *run, enum sample_format format);

/* Valid UTF-8, and no control characters but those in `allowed`. */
void assert_clean(const char *text, const char *allowed);

struct json_object;

/* All of the text is one value, and no byte of it is doubtful. To be freed. */
struct json_object *read_json(const char *text);

/* What lies at a path: "steps/1/failures/0/errno". */
struct json_object *look(struct json_object *o, const char *path);

/* A picture whose tags are closed in their order, and whose text is escaped. */
void assert_well_formed(const char *picture);

#endif
