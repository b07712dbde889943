#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The analysers, quiet when all is well: lint.sh SRCDIR BUILDDIR. A tool that
# is not installed is named and passed over.
set -u
cd "$1" || exit 2
builddir=$2
status=0
# what is compiled for BPF has a compiler of its own
sources=$(find src bench tests examples -name '*.c' ! -name '*.bpf.c')
headers=$(find src tests -name '*.h')
# __FILE__ is a string that needs no quotes
flags="-std=gnu17 -D_GNU_SOURCE -DHAVE_MALLINFO2 -Isrc -Itests -idirafter src/lib
	-DHAVE_LIBELF -DHAVE_LIBDW -DHAVE_BPF -Wa,-I$builddir
	-DPKGLIBEXECDIR=__FILE__ -DPKGDATADIR=__FILE__
	-DPACKAGE_VERSION=__FILE__
	$(pkg-config --cflags smartcols json-c libelf libbpf check 2>/dev/null)"
checks="-*,bugprone-*,clang-analyzer-*,misc-redundant-expression"
for off in easily-swappable-parameters narrowing-conversions branch-clone \
	implicit-widening-of-multiplication-result macro-parentheses \
	reserved-identifier not-null-terminated-result suspicious-include \
	suspicious-string-compare sizeof-expression; do
	checks="$checks,-bugprone-$off"
done
# Those that do not know the cleanup attribute, or what a callee fills in; and
# vfork() is used on purpose.
for off in security.insecureAPI.* unix.Malloc valist.Uninitialized \
	core.uninitialized.* core.CallAndMessage optin.portability.UnixAPI \
	optin.performance.Padding unix.Vfork; do
	checks="$checks,-clang-analyzer-$off"
done

# Is the tool there? Says so when not.
has() {
	command -v "$1" >/dev/null && return
	echo "lint: $1 is not installed, passed over"
	return 1
}

complain() {
	echo "lint: $1 complains"
	status=1
}

# Lists of files and flags hold no blanks within a word.
# shellcheck disable=SC2086
{
	if has clang-format; then
		clang-format --dry-run -Werror $sources $headers ||
			complain clang-format
	fi
	if has gcc; then
		for file in $sources; do
			# these two go wrong in gcc 12 where a callee
			# fills a struct; clang, ASan and valgrind look too
			gcc $flags -O2 -Wall -Wextra -fanalyzer -Werror \
				-Wno-analyzer-malloc-leak \
				-Wno-analyzer-use-of-uninitialized-value \
				-c "$file" -o /dev/null || complain gcc
		done
	fi
	if has clang-tidy; then
		clang-tidy --quiet --warnings-as-errors='*' \
			--checks="$checks" $sources -- $flags 2>/dev/null ||
			complain clang-tidy
	fi
	if has cppcheck; then
		cppcheck --quiet --error-exitcode=1 --inline-suppr \
			--enable=warning,portability -D_GNU_SOURCE -Isrc \
			--suppress=nullPointerArithmetic \
			-i src/trace/catch.bpf.c -i src/trace/counts.bpf.c \
			-i src/trace/hidden.bpf.c -i src/trace/peak.bpf.c \
			src || complain cppcheck
	fi
}
if has shellcheck; then
	shellcheck quickstart .ci/run tests/*.sh tests/*.test examples/*.sh \
		tests/kernels/*.sh tests/kernels/*.test bench/*.sh \
		src/cli/vmaprobe.bash || complain shellcheck
fi
if has mandoc; then
	mandoc -T lint -W warning man/*.[137] \
		"$builddir"/man/*.7 || complain mandoc
fi
exit $status
