# SPDX-License-Identifier: GPL-2.0-or-later
include src/scenarios/scenarios.mk

noinst_LTLIBRARIES += libvmp.la libcore.la

# LGPL: observes and explains, needs nothing but libc
libvmp_la_SOURCES = \
	src/lib/cause-count.c \
	src/lib/cause.c \
	src/lib/cause.h \
	src/lib/cgroup.c \
	src/lib/core.c \
	src/lib/ctx.c \
	src/lib/diagnose.h \
	src/lib/hs-err.c \
	src/lib/internal.h \
	src/lib/limits.c \
	src/lib/maps-file.c \
	src/lib/maps-line.c \
	src/lib/maps.c \
	src/lib/maps.h \
	src/lib/oracle.c \
	src/lib/oracle.h \
	src/lib/release.c \
	src/lib/self.c \
	src/lib/survey.c \
	src/lib/vmaprobe.h

# everything else but main(), so that tests can link it
libcore_la_SOURCES = \
	src/engine/allocator.c \
	src/engine/allocator.h \
	src/engine/arena.c \
	src/engine/arena.h \
	src/engine/child.c \
	src/engine/child.h \
	src/engine/expect.c \
	src/engine/expression.c \
	src/engine/judge.c \
	src/engine/judge.h \
	src/engine/keys.def \
	src/engine/load.c \
	src/engine/observe.c \
	src/engine/observe.h \
	src/engine/parse.c \
	src/engine/parser.c \
	src/engine/parser.h \
	src/engine/plan.c \
	src/engine/plan.h \
	src/engine/protocol.h \
	src/engine/run.c \
	src/engine/run.h \
	src/engine/scenario.h \
	src/engine/step.c \
	src/engine/table.c \
	src/engine/verb.h \
	src/engine/verbs.def \
	src/engine/words.def \
	src/report/allocators.c \
	src/report/csv.c \
	src/report/json.c \
	src/report/json.h \
	src/report/list.c \
	src/report/report.h \
	src/report/style.c \
	src/report/style.h \
	src/report/svg-axis.c \
	src/report/svg-chart.h \
	src/report/svg-fail.c \
	src/report/svg-line.c \
	src/report/svg-text.c \
	src/report/svg.c \
	src/report/svg.h \
	src/report/table.c \
	src/report/table.h \
	src/report/text.c
nodist_libcore_la_SOURCES = src/scenarios/builtin.c
libcore_la_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS) $(JSON_CFLAGS)
libcore_la_LIBADD = libvmp.la $(SMARTCOLS_LIBS) $(JSON_LIBS)

bin_PROGRAMS += vmaprobe
vmaprobe_SOURCES = \
	src/cli/cli.h \
	src/cli/cmd-list.c \
	src/cli/cmd-run.c \
	src/cli/main.c \
	src/cli/options.c
vmaprobe_LDADD = libcore.la

# libc alone, never sanitized: it is brought to the limit of its mappings
pkglibexec_PROGRAMS += vmaprobe-worker
vmaprobe_worker_SOURCES = \
	src/engine/protocol.h \
	src/lib/oracle.c \
	src/lib/oracle.h \
	src/worker/main.c \
	src/worker/verbs.c \
	src/worker/worker.h
vmaprobe_worker_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -pthread
vmaprobe_worker_LDFLAGS = -pthread

EXTRA_DIST += $(SCENARIOS) src/scenarios/embed.awk
CLEANFILES += src/scenarios/builtin.c

src/scenarios/builtin.c: $(SCENARIOS) src/scenarios/embed.awk \
		src/scenarios/scenarios.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	for f in $(SCENARIOS); do echo $(srcdir)/$$f; done | \
		xargs $(AWK) -f $(srcdir)/src/scenarios/embed.awk >$@.tmp && \
		mv $@.tmp $@
