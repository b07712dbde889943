# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts of this folder share: the table, the cache. Sourced, not run.
set -u

: "${builddir:?is set by make check}" "${srcdir:?is set by make check}"
LC_ALL=C
export LC_ALL
kernels=$srcdir/tests/kernels
cache=${VMP_KERNEL_CACHE:-$builddir/tests/kernels/cache}
# shellcheck source=tests/packages.sh
. "$srcdir/tests/packages.sh"

# rows: the table without its comments, blanks single
rows() {
	sed -e '/^#/d' -e '/^$/d' -e 's/[[:blank:]]\{1,\}/ /g' \
		"$kernels/kernels.list"
}

# find_row NAME: sets name arch flavour limits suites
# shellcheck disable=SC2034
find_row() {
	IFS=' ' read -r name arch flavour limits suites <<-END
	$(rows | awk -v name="$1" '$1 == name')
	END
	[ -n "$name" ] || cannot "no row for $1 in kernels.list"
}

# native ARCHITECTURE: is it this machine's?
native() {
	[ "$(dpkg --print-architecture 2>/dev/null)" = "$1" ]
}

# machine ARCHITECTURE: sets what it is called by compilers and by qemu
# shellcheck disable=SC2034
machine() {
	case $1 in
	amd64)	triple=x86_64-linux-gnu qemu=qemu-system-x86_64
		model=pc console=ttyS0 ;;
	arm64)	triple=aarch64-linux-gnu qemu=qemu-system-aarch64
		model=virt console=ttyAMA0 ;;
	*)	cannot "no virtual machine for $1" ;;
	esac
}

# build_of ARCHITECTURE: sets build and, if it is another's, sysroot
# shellcheck disable=SC2034
build_of() {
	build=$builddir sysroot=
	native "$1" || {
		build=$builddir/tests/kernels/build-$1
		sysroot=$cache/sysroot-$1
	}
}
