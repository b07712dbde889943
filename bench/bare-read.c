// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads a file to its end and throws it away: what no reader can beat. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char buffer[64 * 1024];
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	ssize_t n;

	if (fd < 0) {
		fprintf(stderr, "usage: bare-read FILE\n");
		return 127;
	}
	do
		n = read(fd, buffer, sizeof(buffer));
	while (n > 0);
	return n < 0;
}
