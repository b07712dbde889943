# SPDX-License-Identifier: GPL-2.0-or-later
# Shell tests of the program; they need jq.
SHELL_PURE_TESTS = \
	tests/errors.test \
	tests/explain-errors.test \
	tests/help.test \
	tests/lint.test \
	tests/list.test
SHELL_TESTS = \
	tests/allocators.test \
	tests/cause.test \
	tests/explain.test \
	tests/library.test \
	tests/luck.test \
	tests/real.test \
	tests/run.test

PURE_TESTS += $(SHELL_PURE_TESTS)
TESTS += $(SHELL_TESTS)
EXTRA_DIST += $(SHELL_PURE_TESTS) $(SHELL_TESTS) tests/explain.sh tests/lib.sh

# What there is to explain; never sanitized: it comes near the limit.
check_PROGRAMS += tests/hold
tests_hold_SOURCES = \
	tests/hold-anon.c \
	tests/hold-file.c \
	tests/hold-object.c \
	tests/hold-thread.c \
	tests/hold.c \
	tests/hold.h
tests_hold_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -pthread
tests_hold_LDFLAGS = -pthread
