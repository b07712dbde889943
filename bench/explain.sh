#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What "vmaprobe explain" costs beside reading the same file and throwing it
# away, and beside its peers. Called by "make bench" with the build directory.
set -eu
builddir=$1
runs=${RUNS:-11}
vmaprobe=$builddir/vmaprobe
compare=$builddir/bench/compare
read=$builddir/bench/bare-read
limit=$(cat /proc/sys/vm/max_map_count)
held=$((limit - 500))
[ "$held" -lt 65000 ] || held=${HELD:-65000}
tmp=$(mktemp -d)
trap 'exec 3>&-; rm -rf "$tmp"' EXIT

# hold WHAT: sets pid; it ends when fd 3 does
hold() {
	exec 3>&- || :
	rm -f "$tmp/in" "$tmp/out"
	mkfifo "$tmp/in" "$tmp/out"
	"$builddir/tests/hold" "$1" "$held" <"$tmp/in" >"$tmp/out" &
	exec 3>"$tmp/in"
	read -r pid count <"$tmp/out"
}

for what in isolated deleted-files alternating; do
	[ "$what" != alternating ] || held=$((held / 2))
	hold "$what"
	"$compare" "$runs" "explain, $count mappings ($what) / read maps" 1.25 \
		"$vmaprobe explain $pid" "$read /proc/$pid/maps"
	"$compare" "$runs" "explain --why ($what) / read smaps" 1.25 \
		"$vmaprobe explain --why $pid" "$read /proc/$pid/smaps"
done

# Beside the peers, who list and do not count.
peer() {
	command -v "${2%% *}" >/dev/null || return 0
	"$compare" 3 "$1" "under 1" "$vmaprobe explain $pid" "$2"
}
peer "explain / pmap" "pmap $pid"
peer "explain / pmap -X" "pmap -X $pid"
echo "info proc mappings" >"$tmp/gdb"
peer "explain / gdb's info proc mappings" \
	"gdb --batch -nx -q -x $tmp/gdb -p $pid"

# Memory: a saved file of ten times the mappings.
awk 'BEGIN {
	for (i = 0; i < 1000000; i++)
		printf "7%07x000-7%07x000 rw-p 00000000 00:00 0 \n", 2 * i,
			2 * i + 1
}' >"$tmp/maps"
"$compare" 5 "explain a file of 1,000,000 / read it" none \
	"$vmaprobe explain --owners $tmp/maps" "$read $tmp/maps"
if command -v time >/dev/null && [ -x /usr/bin/time ]; then
	head -n 1000 "$tmp/maps" >"$tmp/few"
	for file in few maps; do
		/usr/bin/time -f %M -o "$tmp/$file.kib" \
			"$vmaprobe" explain --owners "$tmp/$file" >/dev/null
	done
	echo "memory a mapping: $((($(cat "$tmp/maps.kib") -
		$(cat "$tmp/few.kib")) * 1024 / 999000)) bytes, goal under 64"
fi
