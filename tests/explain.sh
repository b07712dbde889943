# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A process to explain, and what is true of it. Sourced after lib.sh.
# make check sets builddir; jq has $ too; the tests read these variables:
# shellcheck disable=SC2016,SC2034,SC2154

# start WHAT COUNT...: a process that holds them; sets pid, held, holder.
# Fails where the machine has no such thing; then $tmp/hold says why.
start() {
	rm -f "$tmp/wait" "$tmp/ready"
	mkfifo "$tmp/wait" "$tmp/ready" || exit 99
	asked="hold $*"
	TMPDIR=$tmp "${hold:-$builddir/tests/hold}" "$@" <"$tmp/wait" \
		>"$tmp/ready" 2>"$tmp/hold" &
	holder=$!
	exec 3>"$tmp/wait"
	read -r pid held <"$tmp/ready" && return 0
	exec 3>&-
	wait "$holder"
	return 1
}

# must_start WHAT COUNT...: of what every machine has
must_start() {
	start "$@" && return
	cat "$tmp/hold" >&2
	exit 99
}

# It ends when what it waits for does.
stop() {
	exec 3>&-
	wait "$holder"
}

# facts FILE: mappings, bytes and adjacent pairs of its lines of maps.
facts() {
	awk 'function hex(text, i, n) {
		for (i = 1; i <= length(text); i++)
			n = 16 * n + index("123456789abcdef",
				substr(text, i, 1))
		return n
	}
	!/^ffffffffff6/ {
		split($1, range, "-")
		mappings++
		bytes += hex(range[2]) - hex(range[1])
		# as strings: 7000e1000 looks like a number too
		pairs += range[1] "" == last ""
		last = range[2]
	}
	END { printf "%.0f %.0f %.0f\n", mappings, bytes, pairs }' "$1"
}

# Every key that schema vmaprobe.explain/1 promises, and what always holds.
explain_schema='
def keys_are($names): type == "object" and (. as $o | $names | split(" ") |
	all(. as $k | $o | has($k)));
def one_of($names): . as $n | $names | split(" ") | index([$n]) != null;
def falls: . == (sort | reverse);
keys_are("schema source limit mappings headroom owners neighbours advice")
and .schema == "vmaprobe.explain/1"
and (.source | keys_are("kind pid command path")
	and (.kind | one_of("process maps smaps core hs-err")))
and all(.owners[]; keys_are("owner label mappings bytes example")
	and (.owner | one_of("program library ballast file deleted-file " +
	"memfd sysv-shm shared-anon device hugetlb io-uring heap arena " +
	"thread-stack main-stack guard named-anon jit anon special"))
	and (.example | test("^0x[0-9a-f]+$"))
	and .mappings > 0 and .bytes > 0)
and ([.owners[].mappings] | falls)
and (.neighbours | keys_are("pairs reasons"))
and all(.neighbours.reasons[]; keys_are("reason detail pairs example")
	and (.reason | one_of("protection sharing flags special file " +
	"file-offset name policy identical"))
	and (.example | test("^0x[0-9a-f]+$")) and .pairs > 0)
and ([.neighbours.reasons[].pairs] | falls)
and all(.advice[]; keys_are("id text reason")
	and (map_values(length > 0) | all))
and .mappings == ([.owners[].mappings] | add // 0)
and .neighbours.pairs == ([.neighbours.reasons[].pairs] | add // 0)
and (if .limit == null then .headroom == null
	else .headroom == .limit - .mappings end)'
