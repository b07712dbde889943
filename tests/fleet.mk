# SPDX-License-Identifier: GPL-2.0-or-later
# make check-fleet: Debian's Prometheus and node exporter, where they are not
# installed from packages that are downloaded into tests/fleet-cache, or
# VMP_FLEET_CACHE; installs nothing.

# Rules, dashboard and units, as far as that needs no download.
SHELL_MONITORING = tests/monitoring.test
TESTS += $(SHELL_MONITORING)

FLEET_TESTS = tests/fleet.test
EXTRA_DIST += $(FLEET_TESTS) $(SHELL_MONITORING) \
	tests/get-fleet.sh \
	tests/packages.sh

# The programs first, for both tests.
.PHONY: check-fleet
check-fleet:
	-builddir='$(abs_top_builddir)' srcdir='$(abs_top_srcdir)' \
		$(SHELL) $(srcdir)/tests/get-fleet.sh
	$(MAKE) $(AM_MAKEFLAGS) check \
		TESTS='$(FLEET_TESTS) $(SHELL_MONITORING)'

clean-local: clean-fleet
.PHONY: clean-fleet
clean-fleet:
	rm -rf tests/fleet-cache
