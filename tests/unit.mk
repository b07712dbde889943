# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests of what is pure, and fuzz targets of what reads text.

if HAVE_CHECK
check_PROGRAMS += tests/unit
PURE_TESTS += tests/unit$(EXEEXT)
endif
tests_unit_SOURCES = \
	tests/census-fault.c \
	tests/census-fault.h \
	tests/census-text.c \
	tests/census-text.h \
	tests/core-text.c \
	tests/core-text.h \
	tests/sample.c \
	tests/sample.h \
	tests/served.c \
	tests/served.h \
	tests/suite-advice.c \
	tests/suite-anon.c \
	tests/suite-bpf.c \
	tests/suite-ballast.c \
	tests/suite-cause.c \
	tests/suite-census.c \
	tests/suite-core-real.c \
	tests/suite-core-wrong.c \
	tests/suite-core.c \
	tests/suite-counts.c \
	tests/suite-explain-svg.c \
	tests/suite-expression.c \
	tests/suite-glob.c \
	tests/suite-hidden.c \
	tests/suite-hs-err.c \
	tests/suite-json.c \
	tests/suite-judge.c \
	tests/suite-limits.c \
	tests/suite-load.c \
	tests/suite-map-limit.c \
	tests/suite-maps.c \
	tests/suite-memory.c \
	tests/suite-metrics.c \
	tests/suite-neighbour.c \
	tests/suite-owner.c \
	tests/suite-peak.c \
	tests/suite-plan.c \
	tests/suite-pool.c \
	tests/suite-record.c \
	tests/suite-release.c \
	tests/suite-report.c \
	tests/suite-saved.c \
	tests/suite-scenario-errors.c \
	tests/suite-scenario.c \
	tests/suite-self.c \
	tests/suite-series.c \
	tests/suite-stacks.c \
	tests/suite-survey.c \
	tests/suite-svg.c \
	tests/suite-unwind.c \
	tests/suite-syscalls.c \
	tests/suite-system-place.c \
	tests/suite-system.c \
	tests/suite-tally.c \
	tests/suite-threshold.c \
	tests/suite-top.c \
	tests/suite-trace.c \
	tests/suite-trend.c \
	tests/suite-truth.c \
	tests/suite-watch-apart.c \
	tests/suite-watch-made.c \
	tests/suite-watch.c \
	tests/support.c \
	tests/trace-sample.c \
	tests/trace-sample.h \
	tests/unit.c \
	tests/unit.h \
	tests/watching.c \
	tests/watching.h
tests_unit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JSON_CFLAGS)
tests_unit_LDADD = libcore.la $(JSON_LIBS) $(CHECK_LIBS)

# The library at the limit; skips itself where that cannot be survived.
if HAVE_CHECK
check_PROGRAMS += tests/limit
TESTS += tests/limit$(EXEEXT)
endif
tests_limit_SOURCES = \
	tests/limit-explain.c \
	tests/limit-fill.c \
	tests/limit.c \
	tests/limit.h
tests_limit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
tests_limit_LDFLAGS = $(AM_LDFLAGS) -pthread
tests_limit_LDADD = libvmp.la $(CHECK_LIBS)

# Each target with a main() of its own replays files. With --enable-fuzzing
# libFuzzer brings another one: make fuzz, FUZZ_SECONDS for each target.
check_PROGRAMS += \
	tests/fuzz-census \
	tests/fuzz-core \
	tests/fuzz-maps \
	tests/fuzz-saved \
	tests/fuzz-scenario \
	tests/fuzz-stat \
	tests/fuzz-sysctl \
	tests/fuzz-threshold \
	tests/fuzz-truth
PURE_TESTS += tests/fuzz-replay.test
FUZZ_CENSUS = \
	tests/census-fault.c \
	tests/census-fault.h \
	tests/fuzz-census.c \
	tests/fuzz.h
FUZZ_CORE = \
	tests/core-text.c \
	tests/core-text.h \
	tests/fuzz-core.c \
	tests/fuzz-walk.c \
	tests/fuzz-walk.h \
	tests/fuzz.h
FUZZ_SAVED = \
	tests/fuzz-saved.c \
	tests/fuzz-walk.c \
	tests/fuzz-walk.h \
	tests/fuzz.h
tests_fuzz_census_SOURCES = tests/fuzz-main.c $(FUZZ_CENSUS)
tests_fuzz_census_LDADD = libcore.la
tests_fuzz_core_SOURCES = tests/fuzz-main.c $(FUZZ_CORE)
tests_fuzz_core_LDADD = libcore.la
tests_fuzz_maps_SOURCES = tests/fuzz-main.c tests/fuzz-maps.c tests/fuzz.h
tests_fuzz_maps_LDADD = libcore.la
tests_fuzz_saved_SOURCES = tests/fuzz-main.c $(FUZZ_SAVED)
tests_fuzz_saved_LDADD = libcore.la
tests_fuzz_scenario_SOURCES = \
	tests/fuzz-main.c \
	tests/fuzz-scenario.c \
	tests/fuzz.h
tests_fuzz_scenario_LDADD = libcore.la
tests_fuzz_stat_SOURCES = tests/fuzz-main.c tests/fuzz-stat.c tests/fuzz.h
tests_fuzz_stat_LDADD = libcore.la
tests_fuzz_sysctl_SOURCES = tests/fuzz-main.c tests/fuzz-sysctl.c tests/fuzz.h
tests_fuzz_sysctl_LDADD = libcore.la
tests_fuzz_threshold_SOURCES = \
	tests/fuzz-main.c \
	tests/fuzz-threshold.c \
	tests/fuzz.h
tests_fuzz_threshold_LDADD = libcore.la
tests_fuzz_truth_SOURCES = tests/fuzz-main.c tests/fuzz-truth.c tests/fuzz.h
tests_fuzz_truth_LDADD = libcore.la

if FUZZING
FUZZERS = \
	tests/fuzz-census-libfuzzer \
	tests/fuzz-core-libfuzzer \
	tests/fuzz-maps-libfuzzer \
	tests/fuzz-saved-libfuzzer \
	tests/fuzz-scenario-libfuzzer \
	tests/fuzz-stat-libfuzzer \
	tests/fuzz-sysctl-libfuzzer \
	tests/fuzz-threshold-libfuzzer \
	tests/fuzz-truth-libfuzzer
EXTRA_PROGRAMS += $(FUZZERS)
CLEANFILES += $(FUZZERS)
tests_fuzz_census_libfuzzer_SOURCES = $(FUZZ_CENSUS)
tests_fuzz_census_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_census_libfuzzer_LDADD = libcore.la
tests_fuzz_core_libfuzzer_SOURCES = $(FUZZ_CORE)
tests_fuzz_core_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_core_libfuzzer_LDADD = libcore.la
tests_fuzz_saved_libfuzzer_SOURCES = $(FUZZ_SAVED)
tests_fuzz_saved_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_saved_libfuzzer_LDADD = libcore.la
tests_fuzz_maps_libfuzzer_SOURCES = tests/fuzz-maps.c tests/fuzz.h
tests_fuzz_maps_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_maps_libfuzzer_LDADD = libcore.la
tests_fuzz_scenario_libfuzzer_SOURCES = tests/fuzz-scenario.c tests/fuzz.h
tests_fuzz_scenario_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_scenario_libfuzzer_LDADD = libcore.la
tests_fuzz_stat_libfuzzer_SOURCES = tests/fuzz-stat.c tests/fuzz.h
tests_fuzz_stat_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_stat_libfuzzer_LDADD = libcore.la
tests_fuzz_sysctl_libfuzzer_SOURCES = tests/fuzz-sysctl.c tests/fuzz.h
tests_fuzz_sysctl_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_sysctl_libfuzzer_LDADD = libcore.la
tests_fuzz_threshold_libfuzzer_SOURCES = tests/fuzz-threshold.c tests/fuzz.h
tests_fuzz_threshold_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_threshold_libfuzzer_LDADD = libcore.la
tests_fuzz_truth_libfuzzer_SOURCES = tests/fuzz-truth.c tests/fuzz.h
tests_fuzz_truth_libfuzzer_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_truth_libfuzzer_LDADD = libcore.la
endif FUZZING

# On a copy of the corpus, which grows in fuzz/NAME; a crash is left in fuzz/.
FUZZ_SECONDS = 60
.PHONY: fuzz
if FUZZING
fuzz: $(FUZZERS)
	@set -e; for name in census core maps saved scenario \
			stat sysctl threshold truth; do \
		$(MKDIR_P) fuzz/$$name; \
		cp $(srcdir)/tests/corpus/$$name/* fuzz/$$name/; \
		test $$name != scenario || cp $(srcdir)/src/scenarios/*.vma \
			fuzz/$$name/; \
		chmod -R u+w fuzz; \
		tests/fuzz-$$name-libfuzzer -max_total_time=$(FUZZ_SECONDS) \
			-max_len=4096 -timeout=10 -print_final_stats=1 \
			-artifact_prefix=fuzz/ fuzz/$$name; \
	done
else
fuzz:
	@echo 'make fuzz needs configure --enable-fuzzing CC=clang'; exit 1
endif
clean-local: clean-fuzz
.PHONY: clean-fuzz
clean-fuzz:
	rm -rf fuzz

EXTRA_DIST += \
	tests/corpus \
	tests/data/bare \
	tests/data/proc \
	tests/fuzz-replay.test
