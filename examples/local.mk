# SPDX-License-Identifier: GPL-2.0-or-later
exampledir = $(docdir)/examples
dist_example_DATA = \
	examples/allocator.c \
	examples/cache.c \
	examples/ci-job.yml \
	examples/explain-self.c \
	examples/explained.vma \
	examples/guard.c \
	examples/leak.c \
	examples/question-malloc.vma
dist_example_SCRIPTS = examples/check-kernel.sh

# Programs that use the library, as it is installed; tests/library.test runs
# them.
check_PROGRAMS += examples/allocator examples/explain-self examples/guard
examples_allocator_SOURCES = examples/allocator.c
examples_allocator_CPPFLAGS = -I$(srcdir)/src/lib
examples_allocator_LDADD = libvmaprobe.la
examples_explain_self_SOURCES = examples/explain-self.c
examples_explain_self_CPPFLAGS = -I$(srcdir)/src/lib
examples_explain_self_LDADD = libvmaprobe.la
examples_guard_SOURCES = examples/guard.c
examples_guard_CPPFLAGS = -I$(srcdir)/src/lib
examples_guard_LDADD = libvmaprobe.la
