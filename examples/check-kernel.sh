#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A CI step: fails the build when this kernel, or this allocator, behaves
# differently at the limit than the program relies on.
#
#   check-kernel.sh [ALLOCATOR]
#
# Exit status: 0 all as expected, 1 something behaves differently, 3 something
# could not be run here.
set -u
vmaprobe=${VMAPROBE:-vmaprobe}
status=0

# run SCENARIO [OPTION]...: a line for people, the JSON for the archive.
run() {
	"$vmaprobe" run "$@" --format=json >"vmaprobe-$1.json"
	case $? in
	0) echo "ok      $1" ;;
	1) echo "DIFFERS $1: $(jq -c '[.expectations[] | select(.met | not)
		| .text]' "vmaprobe-$1.json")"
	   status=1 ;;
	*) echo "cannot  $1: $(jq -r .reason "vmaprobe-$1.json")"
	   [ "$status" = 1 ] || status=3 ;;
	esac
}

# Our allocator trims at the edges, and falls back to MADV_DONTNEED.
run edge-trim
run release
# We move buffers with mremap(): does it still want no more than six slots?
run move
# Large blocks that are freed have to come back, with the allocator in use. A
# plain malloc-leak expects the leak, so that here "not reproduced" is good.
"$vmaprobe" run malloc-leak --allocator="${1:-glibc}" --format=json \
	>vmaprobe-malloc-leak.json
case $? in
0) echo "DIFFERS malloc-leak: ${1:-glibc} leaks" \
	"$(jq .leaked_bytes vmaprobe-malloc-leak.json) bytes"
   status=1 ;;
1) echo "ok      malloc-leak" ;;
*) echo "cannot  malloc-leak: $(jq -r .reason vmaprobe-malloc-leak.json)"
   [ "$status" = 1 ] || status=3 ;;
esac
exit "$status"
