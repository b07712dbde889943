/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a fuzz target offers to libFuzzer, and to fuzz-main.c. */
#ifndef VMP_TESTS_FUZZ_H
#define VMP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
