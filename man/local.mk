# SPDX-License-Identifier: GPL-2.0-or-later
dist_man_MANS += \
	man/libvmaprobe.3 \
	man/vmaprobe-monitoring.7 \
	man/vmaprobe.1 \
	man/vmp_census_read.3 \
	man/vmp_explain_errno.3 \
	man/vmp_headroom.3 \
	man/vmp_limits_read.3 \
	man/vmp_maps_open.3 \
	man/vmp_new.3 \
	man/vmp_pool_new.3 \
	man/vmp_release.3
man_MANS += man/vmaprobe-scenarios.7
EXTRA_DIST += man/vmaprobe-scenarios.7.in man/scenarios.awk
CLEANFILES += man/vmaprobe-scenarios.7

SCENARIO_MANUAL = src/engine/verbs.def src/engine/keys.def \
	src/engine/words.def $(SCENARIOS) man/vmaprobe-scenarios.7.in

man/vmaprobe-scenarios.7: $(SCENARIO_MANUAL) man/scenarios.awk \
		src/scenarios/scenarios.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	for f in $(SCENARIO_MANUAL); do echo $(srcdir)/$$f; done | \
		xargs $(AWK) -f $(srcdir)/man/scenarios.awk >$@.tmp && \
		mv $@.tmp $@

# what was measured on each kernel
man_MANS += man/vma-limits.7
EXTRA_DIST += man/vma-limits.7.in man/calls.awk man/operations.awk
CLEANFILES += man/vma-limits.7
CALLS = for t in $(TABLES); do echo $(srcdir)/$$t; done | \
	xargs $(AWK) -f $(srcdir)/man/calls.awk

man/vma-limits.7: man/vma-limits.7.in man/calls.awk man/operations.awk \
		src/engine/operations.def $(TABLES)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(CALLS) form=mdoc >$@.calls && \
	$(AWK) -f $(srcdir)/man/operations.awk \
		$(srcdir)/src/engine/operations.def >$@.operations && \
	$(SED) -e '/@CALLS@/{r $@.calls' -e 'd;}' \
		-e '/@OPERATIONS@/{r $@.operations' -e 'd;}' \
		$(srcdir)/man/vma-limits.7.in >$@.tmp && \
	rm $@.calls $@.operations && mv $@.tmp $@

# the same in the README, between its two marks
.PHONY: readme
readme:
	{ $(SED) '/^<!-- calls/q' $(srcdir)/README.md && \
		$(CALLS) form=markdown && \
		$(SED) -n '/^<!-- end of calls/,$$p' $(srcdir)/README.md; } \
		>README.tmp && mv README.tmp $(srcdir)/README.md
