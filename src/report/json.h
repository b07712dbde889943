/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the JSON reports share. */
#ifndef VMP_JSON_H
#define VMP_JSON_H

#include <stdint.h>
#include <stdio.h>

struct json_object;

/* A string; bytes that are no UTF-8 become U+FFFD, so that it is valid. */
struct json_object *vmp_json_text(const char *text);

/* A number, and an address as "0x...". */
struct json_object *vmp_json_number(uint64_t value);
struct json_object *vmp_json_address(uint64_t value);

/* The name of an errno, of an unknown one its number; null for 0. */
struct json_object *vmp_json_errno(int error);

/* In: digits, behind the point. */
struct json_object *vmp_json_seconds(double value, int digits);

void vmp_json_add(struct json_object *o, const char *key,
		  struct json_object *value);

/* Print and free it. Returns: 0 or -EIO. */
int vmp_json_print(struct json_object *o, FILE *out);

/* The same in one line. */
int vmp_json_print_line(struct json_object *o, FILE *out);

#endif
