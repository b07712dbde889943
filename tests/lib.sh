# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP for the shell tests, and how they run vmaprobe. Sourced, not run; by hand:
# builddir=$PWD/build srcdir=$PWD sh tests/run.test
# Its own variables begin with tap_; a test reads tmp, rc, vmaprobe.
set -u

: "${builddir:?is set by make check}" "${srcdir:?is set by make check}"
vmaprobe=$builddir/vmaprobe
unset NO_COLOR COLUMNS LD_PRELOAD
LC_ALL=C
export LC_ALL

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
count=0
asked=
rc=

# What was run last, and what came of it, as comments.
explain() {
	[ -z "$asked" ] || echo "#   ran: $asked; exit status ${rc:-none}"
	for tap_file in "$tmp/out" "$tmp/err"; do
		[ -s "$tap_file" ] || continue
		jq -c 'del(.steps[]?.failures)' "$tap_file" 2>/dev/null ||
			cat "$tap_file"
	done | cut -c 1-3000 | head -n 20 | sed 's/^/#   /'
}

# ok DESCRIPTION COMMAND [ARGUMENT]...
ok() {
	tap_text=$1
	shift
	count=$((count + 1))
	if "$@" >"$tmp/ok" 2>&1; then
		echo "ok $count - $tap_text"
		return 0
	fi
	echo "not ok $count - $tap_text"
	echo "#   failed: $*" | sed '2,$s/^/#   /'
	sed 's/^/#   /' "$tmp/ok"
	explain
	return 1
}

# is DESCRIPTION GOT WANTED
is() {
	ok "$1" test "$2" = "$3"
}

# skip DESCRIPTION REASON
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# need COMMAND...: without it there is nothing to test.
need() {
	for tap_need; do
		command -v "$tap_need" >/dev/null || skip_all "no $tap_need"
	done
}

done_testing() {
	echo "1..$count"
	exit 0
}

# probe ARGUMENT...: runs vmaprobe; sets rc, fills $tmp/out and $tmp/err.
probe() {
	probe_under : "$@"
}

# probe_under COMMAND ARGUMENT...: the same behind a shell command, for limits.
probe_under() {
	tap_limit=$1
	shift
	asked="$tap_limit; vmaprobe $*"
	timeout -k 10 100 sh -c "$tap_limit"' && exec "$@"' sh "$vmaprobe" "$@" \
		>"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}

# json DESCRIPTION FILTER: is the filter true of what was printed?
# jq -e is content with an empty file.
json() {
	[ -s "$tmp/out" ] || echo false >"$tmp/out"
	ok "$1" jq -e "$2" "$tmp/out"
}

value() {
	jq -r "$1" "$tmp/out"
}

# Every key that schema vmaprobe.run/1 promises, in every place.
# shellcheck disable=SC2016,SC2034
run_schema='
def keys_are($names): type == "object" and (. as $o | $names | split(" ") |
	all(. as $k | $o | has($k)));
keys_are("schema scenario kernel limit limit_at_end page_bytes allocator " +
	"parameters mappings steps leaked_bytes ended expectations verdict")
and .schema == "vmaprobe.run/1"
and (.parameters | type == "object")
and (.mappings | keys_are("start peak end"))
and (.steps | length > 0)
and all(.steps[]; keys_are("step verb group calls failed seconds " +
	"first_failure failures")
	and (.first_failure == null or (.first_failure | keys_are(
	"call index address length_bytes errno mappings cause certainty " +
	"explanation")))
	and all(.failures[]; keys_are("index address length_bytes errno")))
and (.ended | keys_are("how signal"))
and all(.expectations[]; keys_are("text met"))'

# wait_for COMMAND...: until it is true, for 20 seconds at most.
wait_for() {
	tap_tries=400
	until "$@" 2>/dev/null; do
		tap_tries=$((tap_tries - 1))
		[ "$tap_tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# Has a worker copied to $tmp outlived its run?
no_worker_left() {
	for tap_exe in /proc/[0-9]*/exe; do
		case $(readlink "$tap_exe" 2>/dev/null) in
		"$tmp"/*) return 1 ;;
		esac
	done
}
