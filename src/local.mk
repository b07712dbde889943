# SPDX-License-Identifier: GPL-2.0-or-later
include src/scenarios/scenarios.mk
include src/limits/limits.mk

noinst_LTLIBRARIES += libvmp.la libcore.la

# LGPL: observes and explains; needs libc, and libelf for core dumps
libvmp_la_SOURCES = \
	src/lib/advice-rows.c \
	src/lib/advice.c \
	src/lib/advice.h \
	src/lib/ahead.c \
	src/lib/ahead.h \
	src/lib/anon.c \
	src/lib/cause-count.c \
	src/lib/cause-huge.c \
	src/lib/cause.c \
	src/lib/cause.h \
	src/lib/census.c \
	src/lib/census.h \
	src/lib/cgroup.c \
	src/lib/core.c \
	src/lib/ctx.c \
	src/lib/detail.c \
	src/lib/diagnose.h \
	src/lib/explain.c \
	src/lib/glob-merge.c \
	src/lib/glob.c \
	src/lib/glob.h \
	src/lib/hs-err.c \
	src/lib/internal.h \
	src/lib/label.c \
	src/lib/limits.c \
	src/lib/maps-file.c \
	src/lib/maps-line.c \
	src/lib/maps.c \
	src/lib/maps.h \
	src/lib/names.c \
	src/lib/neighbour.c \
	src/lib/neighbour.h \
	src/lib/newer.h \
	src/lib/oracle.c \
	src/lib/oracle.h \
	src/lib/owner.c \
	src/lib/policy.c \
	src/lib/pool.c \
	src/lib/ranges.c \
	src/lib/ranges.h \
	src/lib/reasons.c \
	src/lib/query.h \
	src/lib/release.c \
	src/lib/rows.c \
	src/lib/self.c \
	src/lib/stacks.c \
	src/lib/subject.c \
	src/lib/survey.c \
	src/lib/system-line.c \
	src/lib/system-place.c \
	src/lib/system-sysctl.c \
	src/lib/system.c \
	src/lib/system.h \
	src/lib/vmaprobe.h
if HAVE_LIBELF
libvmp_la_SOURCES += \
	src/lib/core-elf.c \
	src/lib/core-names.c \
	src/lib/core-notes.c \
	src/lib/core.h
endif
libvmp_la_CFLAGS = $(AM_CFLAGS) $(ELF_CFLAGS)
libvmp_la_LIBADD = $(ELF_LIBS)

# the same for programs: of its names only those in vmaprobe.h are seen
lib_LTLIBRARIES = libvmaprobe.la
include_HEADERS = src/lib/vmaprobe.h
pkgconfig_DATA = src/lib/libvmaprobe.pc
libvmaprobe_la_SOURCES =
libvmaprobe_la_LIBADD = libvmp.la
libvmaprobe_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0
if VERSION_SCRIPT
libvmaprobe_la_LDFLAGS += \
	-Wl,--version-script=$(srcdir)/src/lib/libvmaprobe.map
EXTRA_libvmaprobe_la_DEPENDENCIES = src/lib/libvmaprobe.map
else
libvmaprobe_la_LDFLAGS += -export-symbols src/lib/libvmaprobe.sym
EXTRA_libvmaprobe_la_DEPENDENCIES = src/lib/libvmaprobe.sym
endif
EXTRA_DIST += src/lib/libvmaprobe.map
CLEANFILES += src/lib/libvmaprobe.sym

src/lib/libvmaprobe.sym: src/lib/libvmaprobe.map
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -n 's/^	\(vmp_.*\);$$/\1/p' \
		$(srcdir)/src/lib/libvmaprobe.map >$@.tmp && mv $@.tmp $@

# everything else but main(), so that tests can link it
libcore_la_SOURCES = \
	src/engine/allocator.c \
	src/engine/allocator.h \
	src/engine/arena.c \
	src/engine/arena.h \
	src/engine/child.c \
	src/engine/child.h \
	src/engine/choose.c \
	src/engine/expect.c \
	src/engine/expression.c \
	src/engine/feature.c \
	src/engine/fits.c \
	src/engine/fits.h \
	src/engine/failure.c \
	src/engine/judge.c \
	src/engine/judge.h \
	src/engine/keys.def \
	src/engine/load.c \
	src/engine/observe.c \
	src/engine/observe.h \
	src/engine/operation.c \
	src/engine/operation.h \
	src/engine/operations.def \
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
	src/engine/text-file.c \
	src/engine/text-file.h \
	src/engine/truth-compare.c \
	src/engine/truth-file.c \
	src/engine/truth.c \
	src/engine/truth.h \
	src/engine/verb.h \
	src/engine/verbs.def \
	src/engine/words.def \
	src/report/allocators.c \
	src/report/check-json.c \
	src/report/check.c \
	src/report/check.h \
	src/report/csv.c \
	src/report/csv.h \
	src/report/explain-csv.c \
	src/report/explain-diff.c \
	src/report/explain-json.c \
	src/report/explain-svg-lens.c \
	src/report/explain-svg-sky.c \
	src/report/explain-svg-space.c \
	src/report/explain-svg.c \
	src/report/explain-svg.h \
	src/report/explain-text.c \
	src/report/explain-words.c \
	src/report/explain.h \
	src/report/json.c \
	src/report/json.h \
	src/report/limits-calls.c \
	src/report/limits-json.c \
	src/report/limits-text.c \
	src/report/limits.h \
	src/report/list.c \
	src/report/report.h \
	src/report/style.c \
	src/report/style.h \
	src/report/svg-axis.c \
	src/report/svg-chart.h \
	src/report/svg-fail.c \
	src/report/svg-line.c \
	src/report/svg-page.c \
	src/report/svg-text.c \
	src/report/svg.c \
	src/report/svg.h \
	src/report/table.c \
	src/report/table.h \
	src/report/text.c \
	src/report/top-choose.c \
	src/report/top-columns.c \
	src/report/top-inside.h \
	src/report/top-json.c \
	src/report/top-metrics.c \
	src/report/top-metrics.h \
	src/report/top-series.c \
	src/report/top-text.c \
	src/report/top-words.c \
	src/report/top.h \
	src/report/trace-folded.c \
	src/report/trace-json.c \
	src/report/trace-summary.c \
	src/report/trace-text.c \
	src/report/trace-words.c \
	src/report/trace.h \
	src/report/watch-json.c \
	src/report/watch-svg-axis.c \
	src/report/watch-svg.c \
	src/report/watch-svg.h \
	src/report/watch-text.c \
	src/report/watch-view.c \
	src/report/watch-words.c \
	src/report/watch.h \
	src/trace/arguments.c \
	src/trace/ballast-fill.c \
	src/trace/ballast-fill.h \
	src/trace/ballast-machine.c \
	src/trace/ballast-machine.h \
	src/trace/ballast-place.c \
	src/trace/ballast-place.h \
	src/trace/ballast-tracee.c \
	src/trace/ballast-tracee.h \
	src/trace/ballast.c \
	src/trace/ballast.h \
	src/trace/bpf-catch.c \
	src/trace/bpf-catch.h \
	src/trace/bpf-figures.c \
	src/trace/bpf-figures.h \
	src/trace/bpf-object.c \
	src/trace/bpf-object.h \
	src/trace/bpf-perf.c \
	src/trace/bpf-perf.h \
	src/trace/bpf.c \
	src/trace/call-info.c \
	src/trace/call-info.h \
	src/trace/catch-record.h \
	src/trace/change.c \
	src/trace/change.h \
	src/trace/counts-record.h \
	src/trace/counts.c \
	src/trace/counts.h \
	src/trace/moment.c \
	src/trace/moment.h \
	src/trace/family.c \
	src/trace/family.h \
	src/trace/filter.c \
	src/trace/filter.h \
	src/trace/follow.c \
	src/trace/follow.h \
	src/trace/hidden-record.h \
	src/trace/hidden.c \
	src/trace/hidden.h \
	src/trace/interrupt.c \
	src/trace/interrupt.h \
	src/trace/leaks.c \
	src/trace/leaks.h \
	src/trace/memory.h \
	src/trace/pass-on.c \
	src/trace/peak-record.h \
	src/trace/peak.c \
	src/trace/peak.h \
	src/trace/ptrace.c \
	src/trace/record-call.c \
	src/trace/record-callers.c \
	src/trace/record-file.c \
	src/trace/record-files.c \
	src/trace/record-inside.h \
	src/trace/record-layout.c \
	src/trace/record-loops.c \
	src/trace/record-space.c \
	src/trace/record-touch.c \
	src/trace/record-write.c \
	src/trace/record.c \
	src/trace/record.h \
	src/trace/refuse.c \
	src/trace/shield.c \
	src/trace/sites.c \
	src/trace/sites.h \
	src/trace/snapshot.c \
	src/trace/start.c \
	src/trace/start.h \
	src/trace/syscalls.c \
	src/trace/syscalls.def \
	src/trace/syscalls.h \
	src/trace/tally.c \
	src/trace/tally.h \
	src/trace/threads.c \
	src/trace/threads.h \
	src/trace/trace.h \
	src/trace/unwind-debug.c \
	src/trace/unwind-file.c \
	src/trace/unwind-inside.h \
	src/trace/unwind-jit.c \
	src/trace/unwind-known.c \
	src/trace/unwind-regions.c \
	src/trace/unwind-symbols.c \
	src/trace/unwind.c \
	src/trace/unwind.h \
	src/watch/container.c \
	src/watch/history.c \
	src/watch/history.h \
	src/watch/judge.c \
	src/watch/judge.h \
	src/watch/proc-mount.c \
	src/watch/proc.c \
	src/watch/proc.h \
	src/watch/product.c \
	src/watch/product.h \
	src/watch/products.def \
	src/watch/threshold.c \
	src/watch/threshold.h \
	src/watch/series.c \
	src/watch/series.h \
	src/watch/trend-doubt.c \
	src/watch/trend-doubt.h \
	src/watch/trend.c \
	src/watch/trend.h \
	src/watch/watch-bpf.c \
	src/watch/watch-choice.c \
	src/watch/watch-inside.h \
	src/watch/watch-maps.c \
	src/watch/watch.c \
	src/watch/watch.h
nodist_libcore_la_SOURCES = src/scenarios/builtin.c
libcore_la_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS) $(SMARTCOLS_CFLAGS) $(JSON_CFLAGS) \
	$(BPF_CFLAGS) $(DW_CFLAGS)
libcore_la_LIBADD = libvmp.la $(SECCOMP_LIBS) $(SMARTCOLS_LIBS) $(JSON_LIBS) $(BPF_LIBS) \
	$(DW_LIBS) -lm

bin_PROGRAMS += vmaprobe
vmaprobe_SOURCES = \
	src/cli/check-options.c \
	src/cli/check-options.h \
	src/cli/cli.h \
	src/cli/cmd-check.c \
	src/cli/cmd-exec.c \
	src/cli/cmd-explain.c \
	src/cli/cmd-limits.c \
	src/cli/cmd-list.c \
	src/cli/cmd-run.c \
	src/cli/cmd-top.c \
	src/cli/cmd-trace.c \
	src/cli/cmd-watch.c \
	src/cli/deadline.c \
	src/cli/deadline.h \
	src/cli/headroom.c \
	src/cli/headroom.h \
	src/cli/hook.c \
	src/cli/hook.h \
	src/cli/main.c \
	src/cli/options.c \
	src/cli/pace.c \
	src/cli/pace.h \
	src/cli/processes.c \
	src/cli/processes.h \
	src/cli/progress.c \
	src/cli/screen.c \
	src/cli/screen.h \
	src/cli/side.c \
	src/cli/started.c \
	src/cli/started.h \
	src/cli/textfile.c \
	src/cli/textfile.h \
	src/cli/top-options.c \
	src/cli/top-options.h \
	src/cli/top-screen.c \
	src/cli/trace-options.c \
	src/cli/trace-options.h \
	src/cli/trace-sink.c \
	src/cli/trace-sink.h \
	src/cli/watch-keeper.c \
	src/cli/watch-keeper.h \
	src/cli/watch-keys.c \
	src/cli/watch-keys.h \
	src/cli/watch-options.c \
	src/cli/watch-options.h \
	src/cli/watch-target.c
vmaprobe_LDADD = libcore.la

# libc alone, never sanitized: it is brought to the limit of its mappings
pkglibexec_PROGRAMS += vmaprobe-worker
vmaprobe_worker_SOURCES = \
	src/engine/protocol.h \
	src/lib/newer.h \
	src/lib/oracle.c \
	src/lib/oracle.h \
	src/engine/operation.h \
	src/engine/operations.def \
	src/worker/area.c \
	src/worker/cell.c \
	src/worker/cell.h \
	src/worker/heir.c \
	src/worker/main.c \
	src/worker/room.c \
	src/worker/scene.c \
	src/worker/try-libc.c \
	src/worker/try-map.c \
	src/worker/try-range.c \
	src/worker/uffd.h \
	src/worker/verbs.c \
	src/worker/worker.h
vmaprobe_worker_CFLAGS = -std=gnu17 $(WARN_CFLAGS) -pthread
vmaprobe_worker_LDFLAGS = -pthread
# dlopen(), before glibc 2.34
vmaprobe_worker_LDADD = -ldl

# programs for the kernel, which the files of their names take in whole
CATCH_PARTS = \
	src/trace/bpf-types.h \
	src/trace/catch-kernel.bpf.h \
	src/trace/catch-maps.bpf.h \
	src/trace/catch-range.bpf.h \
	src/trace/catch-record.h \
	src/trace/catch-send.bpf.h \
	src/trace/catch.bpf.c
HIDDEN_PARTS = \
	src/trace/bpf-types.h \
	src/trace/hidden-record.h \
	src/trace/hidden.bpf.c
COUNTS_PARTS = \
	src/trace/bpf-types.h \
	src/trace/counts-record.h \
	src/trace/counts.bpf.c \
	src/trace/process.bpf.h
PEAK_PARTS = \
	src/trace/bpf-types.h \
	src/trace/peak-record.h \
	src/trace/peak.bpf.c \
	src/trace/process.bpf.h
EXTRA_DIST += $(CATCH_PARTS) $(COUNTS_PARTS) $(HIDDEN_PARTS) $(PEAK_PARTS)
if HAVE_BPF
BPF_OBJECTS = \
	src/trace/catch.bpf.o \
	src/trace/catch_old.bpf.o \
	src/trace/counts.bpf.o \
	src/trace/hidden.bpf.o \
	src/trace/peak.bpf.o
CLEANFILES += $(BPF_OBJECTS)
# by variables, for automake leaves its own rules out where it sees these
CATCH_LO = src/trace/libcore_la-bpf-catch.lo
COUNTS_LO = src/trace/libcore_la-counts.lo
HIDDEN_LO = src/trace/libcore_la-hidden.lo
PEAK_LO = src/trace/libcore_la-peak.lo
$(CATCH_LO): src/trace/catch.bpf.o src/trace/catch_old.bpf.o
$(COUNTS_LO): src/trace/counts.bpf.o
$(HIDDEN_LO): src/trace/hidden.bpf.o
$(PEAK_LO): src/trace/peak.bpf.o
BPF_COMPILE = $(MKDIR_P) $(@D) && \
	$(BPF_CLANG) -std=gnu17 $(WARN_CFLAGS) -Wno-missing-prototypes \
		-I$(srcdir)/src $(BPF_CFLAGS) -O2 -g -target bpf \
		-ffile-prefix-map=$(abs_builddir)=. \
		-ffile-prefix-map=$(srcdir)=.
src/trace/catch.bpf.o: $(CATCH_PARTS)
	$(AM_V_GEN)$(BPF_COMPILE) -c $(srcdir)/src/trace/catch.bpf.c -o $@
# for Linux before 6.7
src/trace/catch_old.bpf.o: $(CATCH_PARTS)
	$(AM_V_GEN)$(BPF_COMPILE) -DVMP_CATCH_OLD \
		-c $(srcdir)/src/trace/catch.bpf.c -o $@
src/trace/counts.bpf.o: $(COUNTS_PARTS)
	$(AM_V_GEN)$(BPF_COMPILE) -c $(srcdir)/src/trace/counts.bpf.c -o $@
src/trace/hidden.bpf.o: $(HIDDEN_PARTS)
	$(AM_V_GEN)$(BPF_COMPILE) -c $(srcdir)/src/trace/hidden.bpf.c -o $@
src/trace/peak.bpf.o: $(PEAK_PARTS)
	$(AM_V_GEN)$(BPF_COMPILE) -c $(srcdir)/src/trace/peak.bpf.c -o $@
endif

EXTRA_DIST += $(SCENARIOS) src/scenarios/embed.awk
CLEANFILES += src/scenarios/builtin.c

src/scenarios/builtin.c: $(SCENARIOS) src/scenarios/embed.awk \
		src/scenarios/scenarios.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	for f in $(SCENARIOS); do echo $(srcdir)/$$f; done | \
		xargs $(AWK) -f $(srcdir)/src/scenarios/embed.awk >$@.tmp && \
		mv $@.tmp $@

# beside the program in a build tree, as the worker is
limitsdir = $(pkgdatadir)/limits
dist_limits_DATA = $(TABLES)
all-local: limits
limits:
	$(AM_V_GEN)$(LN_S) $(abs_srcdir)/src/limits $@
CLEANFILES += limits
