#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What "vmaprobe exec" costs: at the start, and after it. Called by "make bench"
# with the build directory.
set -eu
builddir=$1
runs=${RUNS:-11}
vmaprobe=$builddir/vmaprobe
limit=$(cat /proc/sys/vm/max_map_count)
[ "$limit" -le 1100000 ] || exit 0

now() {
	date +%s%N
}

# milliseconds COMMAND...: median of the times of whole processes
milliseconds() {
	for _ in $(seq "$runs"); do
		begin=$(now)
		"$@" >/dev/null
		echo $((($(now) - begin) / 1000))
	done | sort -n | awk '{ t[NR] = $1 } END {
		printf "%.1f", t[int((NR + 1) / 2)] / 1000 }'
}

alone=$(milliseconds true)
for headroom in $((limit - 500)) $((limit / 2)) 100 0; do
	with=$(milliseconds "$vmaprobe" exec --headroom=$headroom -- true)
	echo "$with $alone" | awk -v n=$((limit - headroom)) '{
		printf "exec, with %d mappings fewer, adds %.1f ms", n, $1 - $2
		print (n > 60000 && n < 70000) ? ", goal under 500" : "" }'
done

# own COMMAND...: median of the seconds that dd says it took
own() {
	for _ in $(seq "$runs"); do
		"$@" dd if=/dev/zero of=/dev/null bs=1 count=1000000 2>&1 |
			sed -n 's/.* \([0-9.e-]*\) s,.*/\1/p'
	done | sort -n | awk '{ t[NR] = $1 } END {
		print t[int((NR + 1) / 2)] }'
}

echo "$(own "$vmaprobe" exec --headroom=100 --) $(own env)" | awk '{
	printf "2,000,000 calls after the start / without exec: %.2f, " \
		"goal 1.00\n", $1 / $2 }'
