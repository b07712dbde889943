/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole file in memory. */
#ifndef VMP_TEXT_FILE_H
#define VMP_TEXT_FILE_H

#include <stddef.h>

/*
 * Read a file of any kind. Out: text, not terminated; the caller frees it.
 * Errors: what open(2) and read(2) say; -EFBIG, 64 MiB and more; -ENOMEM.
 */
int vmp_read_text_file(const char *path, char **text, size_t *length);

#endif
