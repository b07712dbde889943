#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-kernel.sh NAME LIMIT MEBIBYTES SECONDS INITRAMFS DIRECTORY: boots a kernel
# of the cache (get-kernel.sh) with that limit, and leaves in DIRECTORY
#   serial   what came over the serial line
#   boot     the kernel's release and its limit, as the machine sees them
#   results  NAME STATUS MILLISECONDS of each test; a signal is 128 and more
#   NAME.out, NAME.err  what it printed
# Exit status 1 if the machine did not come to its end.
# make check sets srcdir, machine and find_row what they say:
# shellcheck disable=SC2154
# shellcheck source=tests/kernels/common.sh
. "$srcdir/tests/kernels/common.sh"
find_row "$1"
limit=$2 memory=$3 seconds=$4 initramfs=$5 dir=$6

# Does KVM work with this emulator? /dev/kvm may be there and of no use, so that
# qemu aborts: start one, stopped, and tell it to end.
kvm_works() {
	# shellcheck disable=SC3045
	[ -w /dev/kvm ] && (ulimit -c 0
	echo quit | timeout 10 "$qemu" -M "$model" -accel kvm -cpu max \
		-nodefaults -display none -S -monitor stdio) >/dev/null 2>&1
}

# Results stand in frames, an @ before each line (init.c).
split() {
	tr -d '\r' <serial | awk '
	$1 == "@boot" { print $2, $3 >"boot" }
	$1 == "@begin" && $2 ~ /^[-a-z0-9]+\.(out|err)$/ { file = $2 }
	file && /^@:/ { print substr($0, 3) >(file ".b64") }
	file && $1 == "@end" { print file, $3, $4 >"sums"; file = "" }
	$1 == "@done" && $2 ~ /^[-a-z0-9]+$/ && NF == 4 {
		print $2, $3, $4 >"results"
	}'
}

# A message of the kernel in the midst of a frame makes its sum wrong.
decode() {
	while read -r file sum bytes; do
		: >>"$file.b64"
		base64 -d "$file.b64" >"$file" 2>/dev/null
		[ "$(cksum <"$file")" = "$sum $bytes" ] && continue
		echo "run-kernel: $file is torn" >&2
		rm -f "$file"
	done <sums
	rm -f ./*.b64 sums
}

machine "$arch"
has "$qemu" || cannot "no $qemu"
rm -rf "$dir"
mkdir -p "$dir" && cd "$dir" || exit 99
for file in boot results sums; do
	: >"$file"
done
accelerator=tcg,thread=multi
! kvm_works 2>/dev/null || accelerator=kvm
timeout "$seconds" "$qemu" -M "$model" -accel "$accelerator" -cpu max -smp 2 \
	-m "$memory" -nodefaults -display none -no-reboot -serial stdio \
	-kernel "$cache/$name/vmlinuz" -initrd "$initramfs" \
	-append "console=$console quiet loglevel=1 panic=-1 -- $limit" \
	</dev/null >serial 2>emulator
split
decode
grep -aq '^@off' serial && exit 0
tail -c 1000 serial emulator >&2
exit 1
