# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: ratios beside a plain program that makes the same calls.
BENCHES = bench/bare-fill bench/bare-interleave bench/bare-read bench/compare \
	bench/pairs bench/sample
EXTRA_PROGRAMS += $(BENCHES)
bench_bare_fill_SOURCES = bench/bare-fill.c
bench_bare_interleave_SOURCES = bench/bare-interleave.c
bench_bare_read_SOURCES = bench/bare-read.c
bench_compare_SOURCES = bench/compare.c
bench_pairs_SOURCES = bench/pairs.c
bench_sample_SOURCES = bench/sample.c
bench_sample_LDADD = libcore.la
CLEANFILES += $(BENCHES)
EXTRA_DIST += bench/bench.sh bench/exec.sh bench/explain.sh bench/fill.vma \
	bench/trace.sh bench/watch.sh

.PHONY: bench
bench: vmaprobe$(EXEEXT) vmaprobe-worker$(EXEEXT) tests/hold$(EXEEXT) $(BENCHES)
	$(SHELL) $(srcdir)/bench/bench.sh $(abs_top_builddir) $(abs_top_srcdir)
	$(SHELL) $(srcdir)/bench/explain.sh $(abs_top_builddir)
	$(SHELL) $(srcdir)/bench/exec.sh $(abs_top_builddir)
	$(SHELL) $(srcdir)/bench/trace.sh $(abs_top_builddir)
	$(SHELL) $(srcdir)/bench/watch.sh $(abs_top_builddir)
