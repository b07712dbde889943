# SPDX-License-Identifier: GPL-2.0-or-later
# Shell tests of the program; they need jq.
SHELL_PURE_TESTS = \
	tests/errors.test \
	tests/help.test \
	tests/lint.test \
	tests/list.test
SHELL_TESTS = \
	tests/allocators.test \
	tests/cause.test \
	tests/luck.test \
	tests/run.test

PURE_TESTS += $(SHELL_PURE_TESTS)
TESTS += $(SHELL_TESTS)
EXTRA_DIST += $(SHELL_PURE_TESTS) $(SHELL_TESTS) tests/lib.sh
