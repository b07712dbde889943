# SPDX-License-Identifier: GPL-2.0-or-later
# make check-kernels: real kernels, booted in qemu. Downloads packages of Debian
# into tests/kernels/cache, or VMP_KERNEL_CACHE; installs nothing.
#	KERNELS="6.1 7.2"  these rows of kernels.list alone
#	LIMITS=3000        these limits in place of theirs
#	KERNELS=ends       the oldest and the newest that can be had, at the
#	                   first of their limits
KERNELS =
LIMITS =

check_PROGRAMS += tests/kernels/init tests/kernels/watch
tests_kernels_init_SOURCES = tests/kernels/init.c
tests_kernels_init_CFLAGS = -std=gnu17 $(WARN_CFLAGS)
tests_kernels_init_LDFLAGS =
tests_kernels_watch_SOURCES = tests/kernels/watch.c
tests_kernels_watch_CFLAGS = -std=gnu17 $(WARN_CFLAGS)
tests_kernels_watch_LDFLAGS =

KERNEL_TESTS = tests/kernels/gvisor.test tests/kernels/kernels.test
EXTRA_DIST += $(KERNEL_TESTS) \
	tests/kernels/common.sh \
	tests/kernels/cross-build.sh \
	tests/kernels/get-kernel.sh \
	tests/kernels/kernels.list \
	tests/kernels/make-initramfs.sh \
	tests/kernels/run-kernel.sh

.PHONY: check-kernels
check-kernels:
	KERNELS='$(KERNELS)' LIMITS='$(LIMITS)' $(MAKE) $(AM_MAKEFLAGS) check \
		TESTS='$(KERNEL_TESTS)'

clean-local: clean-kernels
.PHONY: clean-kernels
clean-kernels:
	rm -rf tests/kernels/build-* tests/kernels/cache tests/kernels/out
