// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps every second page until it is told to stop: the bare loop of fill. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	char *base = (char *)0x100000000000;

	for (size_t i = 0; i < count; i++)
		(void)mmap(base + 2 * i * page, page, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				   MAP_FIXED_NOREPLACE,
			   -1, 0);
	return 0;
}
