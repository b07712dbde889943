// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A server that keeps a buffer with a guard page for each request, and never
 * gives one back: two mappings each, so many a second.
 *
 *   cc -o leak examples/leak.c && ./leak 20 & vmaprobe watch leak
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void *serve(size_t page_bytes)
{
	char *buffer = mmap(NULL, 2 * page_bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (buffer == MAP_FAILED || mprotect(buffer, page_bytes, PROT_NONE))
		exit(EXIT_FAILURE);
	return buffer;
}

int main(int argc, char **argv)
{
	long requests = argc > 1 ? atol(argv[1]) : 20; /* a second */
	struct timespec pause = { 0,
				  999999999 / (requests > 0 ? requests : 1) };

	for (;;) {
		serve((size_t)sysconf(_SC_PAGESIZE));
		nanosleep(&pause, NULL);
	}
}
