// SPDX-License-Identifier: GPL-2.0-or-later
/* The calls of the interleave scenario and nothing else: bench's floor. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	void **at = malloc(pages * sizeof(*at));

	if (!at)
		return 1;
	for (size_t i = 0; i < pages; i++)
		at[i] = mmap(NULL, page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < pages; i += 2)
		munmap(at[i], page);
	free(at);
	return 0;
}
