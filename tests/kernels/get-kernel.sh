#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# get-kernel.sh NAME: prints the path of a kernel of kernels.list. Downloads and
# unpacks its package, once, into the cache; installs nothing. Exit status 77,
# with the reason, where it cannot be had.
# make check sets srcdir:
# shellcheck disable=SC2154
# shellcheck source=tests/kernels/common.sh
. "$srcdir/tests/kernels/common.sh"
find_row "$1"
kernel=$cache/$name/vmlinuz
series=$(echo "${name%%-*}" | sed 's/\./\\./g')

# packages: the newest of each kind that may hold a kernel. From 6.19 on it is
# in linux-binary, and linux-image only depends on that.
packages() {
	release="$series\.[^-]*(-[^-]*)?-$flavour-$arch"
	for kind in "binary-$release" "image-$release" \
	    "image-$release-unsigned"; do
		apt-cache -c "$apt_conf" pkgnames linux- |
			grep -Ex "linux-$kind" | sort -V | tail -n 1
	done
}

# take PACKAGE: keeps its kernel alone, in boot/ or, from 7.2 on, with the
# modules
take() {
	mkdir -p "$cache/$name"
	tree=$(mktemp -d "$cache/$name/XXXXXX") || return
	unpack "$1" "$tree" &&
		found=$(find "$tree" -name 'vmlinuz*' -type f | head -n 1) &&
		[ -n "$found" ] && mv "$found" "$kernel" &&
		echo "$1" >"$cache/$name/package"
	taken=$?
	rm -rf "$tree"
	return "$taken"
}

if [ ! -s "$kernel" ]; then
	apt_root "$arch" "$suites"
	for package in $(packages); do
		! take "$package" || break
	done
fi
[ -s "$kernel" ] || cannot "no package of Linux $name in" \
	"$(echo "$suites" | sed 's/,/ or /g')"
echo "$kernel"
