#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole processes side by side: ratios, since times mean little on a shared
# machine. Called by "make bench" with the build directory.
set -eu
builddir=$1
srcdir=$2
runs=${RUNS:-11}
vmaprobe=$builddir/vmaprobe
compare=$builddir/bench/compare
limit=$(cat /proc/sys/vm/max_map_count)
headroom=$("$vmaprobe" --scenario="$srcdir/bench/fill.vma" --format=csv |
	awk -F, 'NR == 2 { print $5 }')

echo "time of A / time of B, median of $runs pairs (least to most)"
"$compare" "$runs" "interleave / the same calls, bare" "1.10" \
	"$vmaprobe --scenario=interleave" \
	"$builddir/bench/bare-interleave $((2 * limit))"
"$compare" "$runs" "fill to the limit / the same calls, bare" "1.05" \
	"$vmaprobe --scenario=$srcdir/bench/fill.vma" \
	"$builddir/bench/bare-fill $headroom"

# How time grows: 4 for four times the calls is linear.
for factor in 4 16; do
	"$compare" "$runs" "interleave, $factor times the mappings" \
		"$factor" \
		"$vmaprobe --scenario=interleave --set pages=$((limit * factor / 8))" \
		"$vmaprobe --scenario=interleave --set pages=$((limit / 8))"
done
