// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Times one sample of all processes, by a back end:
 *   sample bpf|maps RUNS
 * Prints the median in seconds, and how many processes were counted. Each
 * sample is the first of a watch of its own, so that all are read. Exit status
 * 77: this back end cannot be had.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"
#include "watch/watch.h"

enum { MOST_RUNS = 1001, CANNOT = 77 };

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Returns: seconds, or -1 after an error. */
static double time_sample(struct vmp_ctx *ctx,
			  const struct vmp_watch_request *request,
			  struct vmp_sample *sample)
{
	struct vmp_watch *watch = NULL;
	double started, seconds = -1;

	if (vmp_watch_open(ctx, request, &watch) == 0) {
		started = vmp_seconds();
		if (vmp_watch_sample(watch, sample) == 0)
			seconds = vmp_seconds() - started;
	}
	vmp_watch_close(watch);
	if (seconds < 0)
		fprintf(stderr, "sample: %s\n", vmp_error(ctx));
	return seconds;
}

int main(int argc, char **argv)
{
	static double seconds[MOST_RUNS];
	long runs = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct vmp_watch_request request = { .backend = VMP_WATCH_MAPS };
	struct vmp_ctx *ctx = vmp_new();
	struct vmp_sample sample = { 0 };

	if (runs < 1 || runs > MOST_RUNS || !ctx) {
		fprintf(stderr, "usage: sample bpf|maps RUNS\n");
		return 2;
	}
	if (!strcmp(argv[1], "bpf"))
		request.backend = VMP_WATCH_BPF;
	for (long i = 0; i < runs; i++) {
		seconds[i] = time_sample(ctx, &request, &sample);
		if (seconds[i] < 0)
			return CANNOT;
	}
	qsort(seconds, (size_t)runs, sizeof(*seconds), by_value);
	printf("%.6f %zu\n", seconds[runs / 2], sample.count);
	vmp_free(ctx);
	return 0;
}
