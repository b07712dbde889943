/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the suites of the census share: fixtures in short, rows as text. */
#ifndef VMP_TESTS_CENSUS_TEXT_H
#define VMP_TESTS_CENSUS_TEXT_H

#include "unit.h"

/*
 * The text of maps or smaps from a short form, in which each mapping begins
 * where the one before ends:
 *
 *   at 7f0000000000              the next one begins here
 *   hole                         a page that nobody has
 *   4 rw-p                       four pages without a name
 *   4 rw-p [heap]
 *   4 r--p /lib/libc.so.6        of a file, at offset 0, inode 7
 *   4 r--p 00004000 fe:00 9 /x   as in maps
 *   VmFlags: rd wr               lines of smaps, as they are
 *
 * Owns: the caller, free().
 */
char *census_text(const char *brief);

/*
 * Take the census of a fixture in short, as a saved file; it has to be
 * possible, and is held against itself (census_fault()).
 */
struct vmp_census *census_of(const char *brief);

/* The same of real text. */
struct vmp_census *census_of_text(const char *text, size_t length);

/* Of a process in the scratch tree; its maps are written. */
struct vmp_census *census_of_process(pid_t pid, const char *brief);

/* As the request says, of the scratch tree. */
struct vmp_census *census_as(const struct vmp_census_request *request);

/* Text to write to, for fixtures with many lines. */
FILE *text_open(char **text);
void text_close(FILE *out);

/* "heap 2 [heap], which brk() grows\n", a line for each row, in its order. */
void expect_owners(const struct vmp_census *c, const char *expected);

/* "protection 2 rw-p | ---p\n", in the order of their rows. */
void expect_reasons(const struct vmp_census *c, const char *expected);

/* "dofork raise-limit" */
void expect_advice(const struct vmp_census *c, const char *expected);

#endif
