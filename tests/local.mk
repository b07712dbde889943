# SPDX-License-Identifier: GPL-2.0-or-later
# Tests: unit tests with Check, shell tests of the binary; both speak TAP.
# PURE_TESTS need no limit to be reached and run under sanitizers and valgrind.

TEST_EXTENSIONS = .test
TAP = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP)
TEST_LOG_DRIVER = $(TAP)
TEST_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	CK_VERBOSITY=silent; export CK_VERBOSITY; \
	CK_TAP_LOG_FILE_NAME=-; export CK_TAP_LOG_FILE_NAME; \
	builddir='$(abs_top_builddir)'; export builddir; \
	srcdir='$(abs_top_srcdir)'; export srcdir;

PURE_TESTS =
include tests/unit.mk
include tests/shell.mk
include tests/fleet.mk
include tests/kernels/local.mk

TESTS += $(PURE_TESTS)
.PHONY: check-pure
check-pure:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(PURE_TESTS)'

EXTRA_DIST += tests/lint.sh
.PHONY: lint
lint: man/vmaprobe-scenarios.7
	$(SHELL) $(srcdir)/tests/lint.sh $(abs_top_srcdir) $(abs_top_builddir)
