# SPDX-License-Identifier: GPL-2.0-or-later
# The truth tables that are shipped, from the oldest kernel on: a line each.
TABLES = \
	src/limits/5.10.json \
	src/limits/6.1.json \
	src/limits/6.12.json \
	src/limits/6.18.json \
	src/limits/6.19.json \
	src/limits/7.0.json \
	src/limits/7.1.json \
	src/limits/7.2.json
