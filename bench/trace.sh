#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tracing adds to a program that makes 200,000 memory calls, beside strace.
# Called by "make bench" with the build directory. The program times its calls
# itself; the ways take turns, and the medians are compared.
set -eu
builddir=$1
runs=${RUNS:-7}
vmaprobe=$builddir/vmaprobe
pairs=$builddir/bench/pairs
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# run WAY COMMAND...: adds a time to the way's file, if it can be used here.
run() {
	way=$1
	shift
	"$@" "$pairs" >"$tmp/time" 2>"$tmp/err" </dev/null || return 0
	cat "$tmp/time" >>"$tmp/$way"
}

i=0
while [ "$i" -lt "$runs" ]; do
	run native env
	run bpf "$vmaprobe" trace --backend=bpf -o "$tmp/report" --
	run ptrace "$vmaprobe" trace --backend=ptrace -o "$tmp/report" --
	run pinned "$vmaprobe" trace --backend=ptrace --pin -o "$tmp/report" --
	if command -v strace >/dev/null; then
		run strace strace -f --seccomp-bpf -Z -o "$tmp/report" \
			-e trace=%memory
	fi
	i=$((i + 1))
done

median() {
	[ -s "$tmp/$1" ] || return 0
	sort -n "$tmp/$1" | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'
}

for way in native bpf ptrace pinned strace; do
	echo "$way $(median "$way")"
done | awk -v runs="$runs" '
NF == 2 { t[$1] = $2 }
function row(name, value, goal) {
	printf "%-52s %6.2f  goal %s\n", name, value, goal
}
function added(way) { return (t[way] - t["native"]) / (t["strace"] - t["native"]) }
END {
	printf "200,000 memory calls, median of %d: native %.3f s", runs, t["native"]
	for (way in t) if (way != "native") printf ", %s %.3f s", way, t[way]
	print ""
	if (t["bpf"]) row("trace --backend=bpf / native", t["bpf"] / t["native"], "1.10")
	if (t["strace"]) {
		row("added by trace --backend=ptrace / by strace", added("ptrace"), "0.9")
		row("added by trace --pin / by strace", added("pinned"), "0.5")
	}
}'
