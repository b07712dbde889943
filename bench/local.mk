# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: ratios beside a plain program that makes the same calls.
BENCHES = bench/bare-fill bench/bare-interleave bench/bare-read bench/compare
EXTRA_PROGRAMS += $(BENCHES)
bench_bare_fill_SOURCES = bench/bare-fill.c
bench_bare_interleave_SOURCES = bench/bare-interleave.c
bench_bare_read_SOURCES = bench/bare-read.c
bench_compare_SOURCES = bench/compare.c
CLEANFILES += $(BENCHES)
EXTRA_DIST += bench/bench.sh bench/explain.sh bench/fill.vma

.PHONY: bench
bench: vmaprobe$(EXEEXT) vmaprobe-worker$(EXEEXT) tests/hold$(EXEEXT) $(BENCHES)
	$(SHELL) $(srcdir)/bench/bench.sh $(abs_top_builddir) $(abs_top_srcdir)
	$(SHELL) $(srcdir)/bench/explain.sh $(abs_top_builddir)
