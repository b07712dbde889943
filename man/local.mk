# SPDX-License-Identifier: GPL-2.0-or-later
dist_man_MANS += \
	man/libvmaprobe.3 \
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
