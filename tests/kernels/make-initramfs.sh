#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make-initramfs.sh ARCHITECTURE FILE: vmaprobe, its worker, the libraries that
# they need, an init of our own, and the list of tests that it runs.
# make check sets srcdir and builddir, build_of build and sysroot:
# shellcheck disable=SC2154
# shellcheck source=tests/kernels/common.sh
. "$srcdir/tests/kernels/common.sh"
has cpio || cannot "no cpio"
root=$(mktemp -d) || exit 99
trap 'rm -rf "$root"' EXIT
build_of "$1"

programs="vmaprobe vmaprobe-worker tests/kernels/init tests/kernels/watch"

# Paths of all libraries, the dynamic loader included, and of the one that the
# worker opens to try dlopen(). Those of another machine cannot be asked, but
# were unpacked for this.
libraries() {
	if [ -n "$sysroot" ]; then
		(cd "$sysroot" && find . -name '*.so.[0-9]*') |
			sed 's/^\.//'
		return
	fi
	for program in $programs; do
		ldd "$build/$program"
	done | grep -o '/[^ ]*' | grep -v ':$' |
		sed -n 'p; s|/libc\.so\.6$|/libresolv.so.2|p' | sort -u
}

# NAME, seconds, the highest limit to run it at, the command.
tests() {
	"$builddir/vmaprobe" list --names | while read -r scenario; do
		echo "$scenario 1200 2147483647" /bin/vmaprobe run "$scenario" \
			--format=json --timeout=1000 --failures=3
	done
	# it is the ballast that takes time: on an emulated machine 12 seconds
	# at a limit of 65,530, and 150 at 1,048,576
	! "$builddir/vmaprobe" limits --help >/dev/null 2>&1 ||
		echo "limits 1200 2147483647 /bin/vmaprobe limits --calls" \
			"--format=json"
	# it sets the limit that it wants, so once is enough
	echo "watch 100 3000 /bin/watch" "$backend"
}

# What vmaprobe is built with. Another machine's is without BPF.
backend=maps
[ -n "$sysroot" ] || ! ldd "$build/vmaprobe" | grep -q 'libbpf\.so' ||
	backend=bpf

mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/tmp"
for program in $programs; do
	cp "$build/$program" "$root/bin" || exit 99
done
libraries | while read -r library; do
	mkdir -p "$root${library%/*}" &&
		cp "$sysroot$library" "$root$library" || exit
done || exit 99
mv "$root/bin/init" "$root/init"
tests >"$root/tests"
(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) | gzip -1 >"$2.tmp" &&
	mv "$2.tmp" "$2"
