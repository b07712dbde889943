# SPDX-License-Identifier: GPL-2.0-or-later
exampledir = $(docdir)/examples
dist_example_DATA = \
	examples/ci-job.yml \
	examples/explained.vma \
	examples/question-malloc.vma
dist_example_SCRIPTS = examples/check-kernel.sh
