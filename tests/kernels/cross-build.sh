#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cross-build.sh ARCHITECTURE: vmaprobe, its worker and the init for another
# machine, with that machine's libraries from Debian, which are unpacked in the
# cache. Exit status 77, with the reason, where they or a compiler are missing.
# make check sets srcdir and builddir, machine and build_of what they say:
# shellcheck disable=SC2154
# shellcheck source=tests/kernels/common.sh
. "$srcdir/tests/kernels/common.sh"
arch=$1
machine "$arch"
build_of "$arch"
has "$triple-gcc" || cannot "no $triple-gcc"
libraries="libc6 libsmartcols1 libsmartcols-dev libjson-c5 libjson-c-dev"

# The compiler's libc is this suite's, so the libraries have to be.
suite() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

get_libraries() {
	apt_root "$arch" "$(suite)"
	tree=$(mktemp -d "$cache/XXXXXX") || exit
	for library in $libraries; do
		unpack "$library" "$tree" && continue
		rm -rf "$tree"
		cannot "no package $library for $arch"
	done
	mv "$tree" "$sysroot"
}

# Neither what only tests need nor what is optional is there.
configure() {
	mkdir -p "$build" && cd "$build" || exit
	PKG_CONFIG_LIBDIR=$sysroot/usr/lib/$triple/pkgconfig \
	PKG_CONFIG_SYSROOT_DIR=$sysroot \
		"$srcdir/configure" --host="$triple" CC="$triple-gcc" \
		CFLAGS="-O2 -g" --disable-shared \
		LDFLAGS="-Wl,-rpath-link,$sysroot/usr/lib/$triple"
}

# make check has its flags, which are for the outer make
unset MAKEFLAGS MFLAGS MAKELEVEL TESTS
[ -d "$sysroot" ] || get_libraries
[ -f "$build/Makefile" ] || (configure) >&2 || exit 1
make -C "$build" vmaprobe vmaprobe-worker tests/kernels/init \
	tests/kernels/watch >&2
