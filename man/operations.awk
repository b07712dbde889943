# SPDX-License-Identifier: GPL-2.0-or-later
#
# The operations of the truth table, as a list for the manual:
#	OPERATION(id, "name", WHO, SCENE, call, at, pages, argument, "what")

function add(	parts, count, name) {
	count = split(row, parts, "\"")
	name = parts[2]
	gsub(/-/, "\\-", name)
	printf ".It Cm %s\n%s\n", name, parts[count - 1]
	row = ""
}

BEGIN { print ".Bl -tag -width mremap-move-middle-fixed -compact" }

/^OPERATION\(/ { inside = 1 }

inside {
	row = row $0
	if ($0 ~ /"\)$/) {
		add()
		inside = 0
	}
}

END { print ".El" }
