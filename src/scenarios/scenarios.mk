# SPDX-License-Identifier: GPL-2.0-or-later
# The built-in scenarios, in the order in which they are listed: a line each.
SCENARIOS = \
	src/scenarios/interleave.vma \
	src/scenarios/malloc-leak.vma \
	src/scenarios/separator.vma \
	src/scenarios/release.vma \
	src/scenarios/edge-trim.vma \
	src/scenarios/punch-hole.vma \
	src/scenarios/protect-split.vma \
	src/scenarios/advise-split.vma \
	src/scenarios/lock-split.vma \
	src/scenarios/move.vma \
	src/scenarios/files.vma \
	src/scenarios/heap.vma \
	src/scenarios/threads.vma \
	src/scenarios/guard-pages.vma \
	src/scenarios/guard-install.vma \
	src/scenarios/reserve-commit.vma \
	src/scenarios/malloc-backoff.vma \
	src/scenarios/fork.vma
