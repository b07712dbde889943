#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# get-fleet.sh: prints a folder with prometheus, promtool and
# prometheus-node-exporter: links to those of this machine, else to those of
# its release's packages, which it downloads, once, into the cache. Exit status
# 77, with the reason, where they cannot be had.
set -u

: "${builddir:?is set by make check}" "${srcdir:?is set by make check}"
LC_ALL=C
export LC_ALL
cache=${VMP_FLEET_CACHE:-$builddir/tests/fleet-cache}
# shellcheck source=tests/packages.sh
. "$srcdir/tests/packages.sh"
bin=$cache/bin
apt_conf=

# release: sets suite; its programs fit this machine's C library
release() {
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null)
	[ -n "$suite" ] || cannot "no $1, and no Debian to get it from"
}

# download PROGRAM PACKAGE
download() {
	release "$1"
	[ -n "$apt_conf" ] ||
		apt_root "$(dpkg --print-architecture 2>/dev/null)" "$suite"
	unpack "$2" "$cache/root" || cannot "no package $2 in $suite"
}

# link PROGRAM PACKAGE
link() {
	[ ! -x "$bin/$1" ] || return 0
	path=$(command -v "$1") || {
		path=$cache/root/usr/bin/$1
		[ -x "$path" ] || download "$1" "$2"
	}
	ln -sfn "$path" "$bin/$1" || cannot "cannot write $bin"
	[ -x "$bin/$1" ] || cannot "no $1 in the package $2"
}

mkdir -p "$bin" || cannot "no place for packages in $cache"
cache=$(cd "$cache" && pwd) || cannot "no place for packages in $cache"
bin=$cache/bin
link prometheus prometheus
link promtool prometheus
link prometheus-node-exporter prometheus-node-exporter
echo "$bin"
