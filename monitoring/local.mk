# SPDX-License-Identifier: GPL-2.0-or-later
# What watches a fleet: alert rules, a dashboard, systemd units.
monitoringdir = $(pkgdatadir)/monitoring
dist_monitoring_DATA = \
	monitoring/grafana-dashboard.json \
	monitoring/vmaprobe.rules.test.yml \
	monitoring/vmaprobe.rules.yml

UNITS = \
	monitoring/vmaprobe-textfile.service \
	monitoring/vmaprobe-textfile.timer
if SYSTEMD
systemdsystemunit_DATA = $(UNITS)
endif
noinst_DATA = monitoring/vmaprobe-textfile.service
EXTRA_DIST += \
	monitoring/vmaprobe-textfile.service.in \
	monitoring/vmaprobe-textfile.timer
CLEANFILES += monitoring/vmaprobe-textfile.service

# the Makefile changes with the prefix
monitoring/vmaprobe-textfile.service: Makefile \
		monitoring/vmaprobe-textfile.service.in
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) 's|[@]bindir[@]|$(bindir)|' \
		$(srcdir)/monitoring/vmaprobe-textfile.service.in >$@.tmp && \
	mv $@.tmp $@
