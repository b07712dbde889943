#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What one sample of all processes costs, 500 of which are made for it and 3 of
# those are at the limit, beside a shell that counts the lines of their maps.
# Called by "make bench" with the build directory.
set -eu
builddir=$1
runs=${RUNS:-11}
many=${MANY:-497}
sample=$builddir/bench/sample
vmaprobe=$builddir/vmaprobe
compare=$builddir/bench/compare
limit=$(cat /proc/sys/vm/max_map_count)
held=$((limit - 100))
[ "$held" -lt 65430 ] || held=${HELD:-65430}
tmp=$(mktemp -d)
# they end when nothing writes to their standard input any more
trap 'exec 3>&- 4>&-; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkfifo "$tmp/in" "$tmp/out"
exec 3<>"$tmp/in" 4<>"$tmp/out"

# hold WHAT COUNT
hold() {
	"$builddir/tests/hold" "$1" "$2" <"$tmp/in" >"$tmp/out" 3>&- 4>&- &
	read -r _ <&4
}

i=0
while [ "$i" -lt "$many" ]; do
	hold nothing 1
	i=$((i + 1))
done
for i in 1 2 3; do
	hold isolated "$held"
done

cat >"$tmp/loop" <<'EOF'
for p in /proc/[0-9]*; do
	wc -l <"$p/maps"
done 2>/dev/null
EOF
i=0
while [ "$i" -lt 5 ]; do
	before=$(date +%s.%N)
	sh "$tmp/loop" >/dev/null || :
	echo "$before $(date +%s.%N)"
	i=$((i + 1))
done | awk '{ print $2 - $1 }' | sort -n | sed -n 3p >"$tmp/loop.time"
loop=$(cat "$tmp/loop.time")

# row BACKEND GOAL
row() {
	if ! "$sample" "$1" "$runs" >"$tmp/time" 2>"$tmp/err"; then
		echo "one sample by $1: skipped: $(cat "$tmp/err")"
		return
	fi
	read -r seconds processes <"$tmp/time"
	awk -v s="$seconds" -v n="$processes" -v loop="$loop" -v name="$1" \
		-v goal="$2" 'BEGIN {
		printf "one sample by %-4s / shell loop of wc -l      %9.5f  " \
			"goal %s  (%d processes: %.2f ms, %.0f ms)\n", name,
			s / loop, goal, n, s * 1000, loop * 1000
	}'
}

row bpf 0.02
row maps 1.00

# The whole command, which loads its program first.
for backend in bpf maps; do
	"$vmaprobe" top --backend="$backend" >/dev/null 2>&1 || continue
	"$compare" "$runs" "top --backend=$backend / shell loop" "under 1" \
		"$vmaprobe top --backend=$backend" "sh $tmp/loop"
done
