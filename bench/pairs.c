// SPDX-License-Identifier: GPL-2.0-or-later
/* Makes 200,000 mmap() and munmap() calls and prints how long they took. */
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

enum { PAIRS = 100000, BYTES = 65536 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
	double start = now();

	for (int i = 0; i < PAIRS; i++) {
		void *at = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED || munmap(at, BYTES))
			return 1;
	}
	printf("%.6f\n", now() - start);
	return 0;
}
