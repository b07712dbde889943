/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A core dump made of a description, so that no binary has to be kept. A line
 * each, "elf" and "last" first; numbers as in C:
 *
 *   elf 64 lsb 62                  class, byte order, machine; these if not told
 *   type 4                         of file; a core dump if not told
 *   load 0x1000 0x2000 rw-         a segment: address, size, rights
 *   loads 0x1000 70000             pages, with other rights each second time
 *   page 4096                      what the offsets of files count
 *   file 0x1000 0x3000 1 /lib/a    NT_FILE: start, end, offset, name
 *   files 9                        says that NT_FILE has so many
 *   auxv 33 0x7fff0000             NT_AUXV: key, value
 *   thread 0x7ffe1000              NT_PRSTATUS: the stack pointer
 *   process 77 java                NT_PRPSINFO: PID, name
 *   note 5 4096 1                  the header of one: sizes of name and text
 *   xnum                           more headers than their field can say
 *   sections                       which the first section header says then
 *   last                           the notes lie behind the memory
 *   set 0x20 8 0xffff              bytes that are put over all that
 *   cut 100                        and nothing behind this offset
 *
 * Lines that are none of these are comments.
 */
#ifndef VMP_TESTS_CORE_TEXT_H
#define VMP_TESTS_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_LOADS = 100000 };

struct blob {
	char *bytes;
	size_t length, room;
};

/*
 * In: text, terminated; most_loads, segments that it makes at most.
 * Owns: the caller; free(core->bytes).
 */
void core_make(const char *text, uint64_t most_loads, struct blob *core);

#endif
