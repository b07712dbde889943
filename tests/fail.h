/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs whose one memory call fails for a cause that is known. */
#ifndef FAIL_H
#define FAIL_H

#include <stddef.h>
#include <stdint.h>

struct fail_row {
	const char *name;
	const char *call; /* the system call that fails */
	const char *cause;
	/* Make it. Returns: its errno; 0: it cannot be made to fail here. */
	int (*run)(void);
};

extern const struct fail_row fail_count_rows[], fail_other_rows[];
extern const size_t fail_count_row_count, fail_other_row_count;

/* The area that calls are made on: so many pages, of which two are apart. */
enum { FAIL_AREA = 64 };
extern size_t fail_page;

/* Map an area of the caller's own; ends the program where it cannot. */
char *fail_area(int prot);

/* Leave so many mappings, exactly; -1 is one over the limit. */
void fail_leave(int headroom);

/* errno of a call that returned this; 0 where it worked. */
int fail_errno(long result);

/* Lower a soft limit to what is in use and a little. */
void fail_rlimit(int resource, uint64_t bytes);

/* Give up the privilege to pass limits; ends the program where it cannot. */
void fail_drop(void);

#endif
