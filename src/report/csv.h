/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the CSV reports share. */
#ifndef VMP_CSV_H
#define VMP_CSV_H

#include <stdio.h>

/* A field in quotes; quotes in it are doubled, other bytes stay. */
void vmp_csv_text(FILE *out, const char *text);

/* The same for a name from outside: control characters become octal, \033. */
void vmp_csv_name(FILE *out, const char *name);

#endif
