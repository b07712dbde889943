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
	tests/check.test \
	tests/exec.test \
	tests/explain.test \
	tests/library.test \
	tests/limits.test \
	tests/luck.test \
	tests/real.test \
	tests/record.test \
	tests/run.test \
	tests/soak.test \
	tests/top.test \
	tests/trace-bpf.test \
	tests/trace-cli.test \
	tests/trace.test \
	tests/watch.test

# Held programs stay as they are under sanitizers; what looks at them does not.
SHELL_PURE_TESTS += tests/stacks.test
check_PROGRAMS += tests/stack-held tests/stack-probe
tests_stack_held_SOURCES = tests/stack-held.c tests/stack.h
tests_stack_held_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -O2 -g \
	-fomit-frame-pointer -pthread
tests_stack_held_LDFLAGS = -pthread
tests_stack_held_LDADD = -ldl
tests_stack_probe_SOURCES = tests/stack-probe.c tests/stack.h
tests_stack_probe_CFLAGS = $(AM_CFLAGS) $(DW_CFLAGS)
tests_stack_probe_LDADD = libcore.la
check_DATA = tests/stack-library.so
CLEANFILES += tests/stack-library.so
EXTRA_DIST += tests/stack-library.c
tests/stack-library.so: tests/stack-library.c
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && \
	$(CC) -std=gnu17 $(WARN_CFLAGS) $(CFLAGS) -O2 -g -fPIC -shared \
		-fomit-frame-pointer $(LDFLAGS) -o $@ \
		$(srcdir)/tests/stack-library.c

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

# A terminal for programs that refresh a screen; -lutil: before glibc 2.34.
check_PROGRAMS += tests/pty
tests_pty_SOURCES = tests/pty.c
tests_pty_CFLAGS = -std=gnu17 $(WARN_CFLAGS)
tests_pty_LDADD = -lutil

# What watch looks at grows when it is told to; an older system.
check_PROGRAMS += tests/no-pidfd tests/swell
tests_no_pidfd_SOURCES = tests/no-pidfd.c
tests_no_pidfd_CFLAGS = -std=gnu17 $(WARN_CFLAGS)
tests_swell_SOURCES = tests/swell.c
tests_swell_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -pthread
tests_swell_LDFLAGS = -pthread

# Programs whose one call fails for a known cause; they go to the limit.
check_PROGRAMS += tests/busy tests/fail
tests_busy_SOURCES = tests/busy.c
tests_busy_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -pthread
tests_busy_LDFLAGS = -pthread
tests_fail_SOURCES = \
	tests/fail-count.c \
	tests/fail-other.c \
	tests/fail.c \
	tests/fail.h
tests_fail_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -pthread
tests_fail_LDFLAGS = -pthread

# The worker with another C library, where there is one.
SHELL_TESTS += tests/musl.test
check_DATA += tests/worker-musl
CLEANFILES += tests/worker-musl
tests/worker-musl: $(vmaprobe_worker_SOURCES)
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && rm -f $@ && sources= && \
	for f in $(vmaprobe_worker_SOURCES); do \
		case $$f in *.c) sources="$$sources $(srcdir)/$$f" ;; esac; \
	done && \
	{ test -z "$$(command -v musl-gcc)" || \
	musl-gcc -static -std=gnu17 -D_GNU_SOURCE -I$(srcdir)/src -O2 -pthread \
		-o $@ $$sources || :; }

# What a command finds that was started with few mappings left.
check_PROGRAMS += tests/exec-look
tests_exec_look_SOURCES = tests/exec-look.c
tests_exec_look_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -pthread
tests_exec_look_LDFLAGS = -pthread
EXTRA_DIST += tests/exec-early.c

# Waits so that no signal handler runs.
check_PROGRAMS += tests/late
tests_late_SOURCES = src/cli/deadline.c src/cli/deadline.h tests/late.c
tests_late_CFLAGS = $(AM_CFLAGS) -pthread
tests_late_LDFLAGS = $(AM_LDFLAGS) -pthread
