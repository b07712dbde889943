# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which call needs how much room on which kernel: the truth tables that were
# measured (src/limits/*.json), for the manual (-v form=mdoc) and the README
# (-v form=markdown). Operations that need the same on all kernels share a line;
# the others have a row each.

# The value of a key in a line of JSON; "" for null.
function value(key,	i, rest) {
	i = index($0, "\"" key "\":")
	if (!i)
		return ""
	rest = substr($0, i + length(key) + 3)
	sub(/[,}].*/, "", rest)
	gsub(/"/, "", rest)
	return rest == "null" ? "" : rest
}

FNR == 1 {
	kernel = FILENAME
	sub(/.*\//, "", kernel)
	sub(/\.json$/, "", kernel)
	kernels[++kernel_count] = kernel
}

/"operation":/ && /"headroom":/ && !/"expected":/ {
	name = value("operation")
	if (!(name in seen)) {
		seen[name] = 1
		names[++name_count] = name
	}
	headroom = value("headroom") + 0
	result = value("result")
	if (result == "unavailable")
		needs[name, kernel] = "none"
	else if (!((name, kernel) in needs))
		needs[name, kernel] = -1
	if (result != "ok" && result != "unavailable" &&
	    headroom + 1 > needs[name, kernel])
		needs[name, kernel] = headroom + 1
	if (result == "leaked")
		error[name, kernel] = "leak"
	else if (result == "failed" && !((name, kernel) in error))
		error[name, kernel] = value("errno")
}

# What it needs on a kernel, in a table's cell.
function cell(name, k,	n) {
	if (!((name, k) in needs))
		return "?"
	n = needs[name, k]
	return n == "none" ? "-" : n == -1 ? "any" : n > 6 ? ">6" : n
}

# What it needs on all kernels that have it: "" where that is not the same.
function common(name,	i, c, all) {
	for (i = 1; i <= kernel_count; i++) {
		c = cell(name, kernels[i])
		if (c == "-" || c == "?")
			continue
		if (all == "")
			all = c
		else if (c != all)
			return ""
	}
	return all == "" ? "none" : all
}

# "ENOMEM, from 6.1 on EAGAIN": what it says otherwise.
function errors(name,	i, e, last, text) {
	for (i = 1; i <= kernel_count; i++) {
		e = error[name, kernels[i]]
		if (e == "" || e == last)
			continue
		text = text (last == "" ? "" : ", from " kernels[i] " on ") e
		last = e
	}
	return text
}

# " (not on 5.10, 6.1)"
function missing(name,	i, text) {
	for (i = 1; i <= kernel_count; i++)
		if (cell(name, kernels[i]) == "-")
			text = text (text == "" ? "" : ", ") kernels[i]
	return text == "" || common(name) == "none" ? "" : " (not on " text ")"
}

function phrase(n) {
	if (n == "none")
		return "Not available on any of these kernels"
	if (n == "any")
		return "Works with any headroom, at the limit and at limit + 1"
	if (n == 0)
		return "Works at the limit, but not at limit + 1"
	return "Needs a headroom of " n
}

# In: what they need, what they say otherwise, a list of names.
function group(need, otherwise, list,	head) {
	head = phrase(need) (otherwise == "" ? "" : \
		otherwise == "leak" ? "; else it leaks" : "; else " otherwise)
	if (form == "mdoc")
		print ".It " head "\n" list "."
	else
		print "* " head ": " list "."
}

function members(need, otherwise,	i, list) {
	for (i = 1; i <= name_count; i++)
		if (common(names[i]) == need && errors(names[i]) == otherwise)
			list = list (list == "" ? "" : ", ") \
				spelled(names[i]) missing(names[i])
	return list
}

function print_groups(	i, j, order, count, otherwise, done) {
	if (form == "mdoc")
		print ".Bl -tag -width Ds"
	count = split("any 0 1 2 3 4 5 6 >6 none", order, " ")
	for (j = 1; j <= count; j++)
		for (i = 1; i <= name_count; i++) {
			otherwise = errors(names[i])
			if (common(names[i]) != order[j] ||
			    (order[j], otherwise) in done)
				continue
			done[order[j], otherwise] = 1
			group(order[j], otherwise, members(order[j], otherwise))
		}
	if (form == "mdoc")
		print ".El"
}

function spelled(name) {
	if (form == "markdown")
		return "`" name "`"
	gsub(/-/, "\\-", name)
	return name
}

function begin_table(	i) {
	if (form == "mdoc") {
		printf ".TS\nl"
		for (i = 1; i <= kernel_count; i++)
			printf " c"
		printf " l.\noperation"
		for (i = 1; i <= kernel_count; i++)
			printf "\t%s", kernels[i]
		print "\telse"
		return
	}
	printf "| operation |"
	for (i = 1; i <= kernel_count; i++)
		printf " %s |", kernels[i]
	printf " else |\n|---|"
	for (i = 0; i <= kernel_count; i++)
		printf "---|"
	print ""
}

function table_row(name,	i, separator) {
	separator = form == "mdoc" ? "\t" : " | "
	printf "%s%s", form == "mdoc" ? "" : "| ", spelled(name)
	for (i = 1; i <= kernel_count; i++)
		printf "%s%s", separator, cell(name, kernels[i])
	printf "%s%s%s\n", separator, errors(name), form == "mdoc" ? "" : " |"
}

function print_table(	i) {
	begin_table()
	for (i = 1; i <= name_count; i++)
		if (common(names[i]) == "")
			table_row(names[i])
	if (form == "mdoc")
		print ".TE"
}

END {
	print_groups()
	if (form == "mdoc")
		print ".Pp\nThese need more on some kernels than on others:"
	else
		print "\nThese need more on some kernels than on others:\n"
	print_table()
}
