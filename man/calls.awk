# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which call needs how much room on which kernel: the truth tables that were
# measured, for the manual (form=mdoc) and the README (form=markdown), which is
# an operand before the files:
#	awk -f calls.awk form=mdoc src/limits/5.10.json src/limits/6.1.json ...
# Operations that need the same on all kernels share a line; the others have a
# row each. Which of them the C library decides is read in operations.def,
# beside the folder of the tables.

# Why an operation is available nowhere.
BEGIN {
	reason["anon-name-middle"] = "these are built without " \
		"CONFIG_ANON_VMA_NAME; Ubuntu's 6.8 has it, and needs " \
		"a headroom of 2, else EAGAIN"
}

# The value of a key in a line of JSON; "" for null.
function value(key,	i, rest) {
	i = index($0, "\"" key "\":")
	if (!i)
		return ""
	rest = substr($0, i + length(key) + 3)
	sub(/[,}].*/, "", rest)
	gsub(/"/, "", rest)
	sub(/^ */, "", rest)
	return rest == "null" ? "" : rest
}

# OPERATION(id, "name", LIBC, ... of the table of operations
function read_owners(table,	path, line, parts, found) {
	path = table
	sub(/limits\/[^\/]*$/, "engine/operations.def", path)
	while ((getline line < path) > 0)
		if (line ~ /^OPERATION\(/ && split(line, parts, ", *") > 2) {
			found = 1
			gsub(/"/, "", parts[2])
			of_libc[parts[2]] = parts[3] == "LIBC"
		}
	close(path)
	if (!found) {
		print "calls.awk: no operations in " path >"/dev/stderr"
		failed = 1
		exit 1
	}
}

NR == 1 { read_owners(FILENAME) }

FNR == 1 {
	kernel = FILENAME
	sub(/.*\//, "", kernel)
	sub(/\.json$/, "", kernel)
	kernels[++kernel_count] = kernel
}

/^ *"libc":/ && !(value("libc") in libc_seen) {
	libc_seen[value("libc")] = 1
	libc = libc (libc == "" ? "" : ", ") value("libc")
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
	else if (result == "failed" && value("errno") != "" &&
		 !((name, kernel) in error))
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

# "5.10-7.0", of the numbers of two kernels
function range(first, last) {
	return kernels[first] (first == last ? "" : "-" kernels[last])
}

# "ENOMEM", or "ENOMEM on 5.10, EAGAIN from 6.1 on": what it says otherwise.
function errors(name,	i, e, last, text, first, end) {
	for (i = 1; i <= kernel_count; i++) {
		e = error[name, kernels[i]]
		if (e == "")
			continue
		if (last != "" && e != last) {
			text = text last " on " range(first, end) ", "
			first = 0
		}
		if (!first)
			first = i
		end = i
		last = e
	}
	return text last (text == "" ? "" : " from " kernels[first] " on")
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
	return "Needs a headroom of " (n == ">6" ? "more than 6" : n)
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

function members(need, otherwise, libc_too,	i, list) {
	for (i = 1; i <= name_count; i++)
		if (is_member(names[i], need, otherwise, libc_too))
			list = list (list == "" ? "" : ", ") \
				spelled(names[i]) missing(names[i]) \
				explained(names[i])
	return list
}

# Of libc, or of the kernel: what needs and says this.
function is_member(name, need, otherwise, libc_too) {
	return of_libc[name] == libc_too && common(name) == need &&
		errors(name) == otherwise
}

function explained(name) {
	return name in reason ? " (" reason[name] ")" : ""
}

function print_groups(libc_too,	i, j, order, count, otherwise, done) {
	if (form == "mdoc")
		print ".Bl -tag -width Ds"
	count = split("any 0 1 2 3 4 5 6 >6 none", order, " ")
	for (j = 1; j <= count; j++)
		for (i = 1; i <= name_count; i++) {
			otherwise = errors(names[i])
			if (!is_member(names[i], order[j], otherwise,
				       libc_too) ||
			    (order[j], otherwise) in done)
				continue
			done[order[j], otherwise] = 1
			group(order[j], otherwise,
			      members(order[j], otherwise, libc_too))
		}
	if (form == "mdoc")
		print ".El"
}

function spelled(name) {
	if (form == "markdown")
		return "`" name "`"
	gsub(/-/, "\\-", name)
	return "\\%" name
}

function alike(a, b,	i) {
	for (i = 1; i <= name_count; i++)
		if (common(names[i]) == "" &&
		    cell(names[i], a) != cell(names[i], b))
			return 0
	return 1
}

# Neighbours that are alike in all rows share a column: its first and last one.
function make_columns(	i) {
	for (i = 1; i <= kernel_count; i++) {
		if (i == 1 || !alike(kernels[i - 1], kernels[i]))
			first_of[++column_count] = i
		last_of[column_count] = i
	}
}

function begin_table(	i) {
	if (form == "mdoc") {
		printf ".TS\nl"
		for (i = 1; i <= column_count; i++)
			printf " c"
		printf " l.\noperation"
		for (i = 1; i <= column_count; i++)
			printf "\t%s", range(first_of[i], last_of[i])
		print "\telse"
		return
	}
	printf "| operation |"
	for (i = 1; i <= column_count; i++)
		printf " %s |", range(first_of[i], last_of[i])
	printf " else |\n|---|"
	for (i = 0; i <= column_count; i++)
		printf "---|"
	print ""
}

function table_row(name,	i, separator) {
	separator = form == "mdoc" ? "\t" : " | "
	printf "%s%s", form == "mdoc" ? "" : "| ", spelled(name)
	for (i = 1; i <= column_count; i++)
		printf "%s%s", separator, cell(name, kernels[first_of[i]])
	printf "%s%s%s\n", separator, errors(name), form == "mdoc" ? "" : " |"
}

function print_table(	i) {
	make_columns()
	begin_table()
	for (i = 1; i <= name_count; i++)
		if (common(names[i]) == "")
			table_row(names[i])
	if (form == "mdoc")
		print ".TE"
}

# "5.10, 6.1 and 7.2"
function measured(	i, text) {
	for (i = 1; i <= kernel_count; i++)
		text = text (i == 1 ? "" : i < kernel_count ? ", " : " and ") \
			kernels[i]
	return text
}

# A paragraph: in mdoc a line ends where the next word would be too far right.
function paragraph(text,	words, count, i, line) {
	if (form == "markdown") {
		print "\n" text
		return
	}
	print ".Pp"
	count = split(text, words, " ")
	for (i = 1; i <= count; i++) {
		if (length(line " " words[i]) > 79) {
			print line
			line = ""
		}
		line = line (line == "" ? "" : " ") words[i]
		if (words[i] ~ /[.:]$/) {
			print line
			line = ""
		}
	}
	if (line != "")
		print line
}

# Markdown wants a blank line before a list or a table.
function gap() {
	if (form == "markdown")
		print ""
}

END {
	if (failed)
		exit 1
	print_groups(0)
	paragraph("\"Not on\" means that this kernel does not have the call. " \
		"Measured were Linux " measured() "; what lies between two of " \
		"them, such as 5.15, 6.6 and 6.8, was not.")
	paragraph("These need more on some kernels than on others:")
	gap()
	print_table()
	paragraph("What the C library makes of it, " libc ":")
	gap()
	print_groups(1)
	paragraph("Another C library needs other numbers, and so does " \
		spelled("dlopen") " of another library than libresolv.")
}
