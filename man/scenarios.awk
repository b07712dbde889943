# SPDX-License-Identifier: GPL-2.0-or-later
# Assembles vmaprobe-scenarios.7 from the tables of the language and the
# scenario files: awk -f scenarios.awk verbs.def keys.def words.def *.vma *.7.in

# What stands between the Nth pair of quotes.
function quoted(text, n,    parts)
{
	split(text, parts, "\"")
	return parts[2 * n]
}

function add_verb(row,    name, parts, count, i, keys)
{
	name = row
	sub(/^VERB\(/, "", name)
	sub(/,.*/, "", name)
	split(row, parts, /, */)
	verbs = verbs ".It Cm " name \
		(parts[4] == "NONE" ? "" : " Ar GROUP") "\n"
	count = split(row, parts, "\"")
	verbs = verbs toupper(substr(parts[count - 1], 1, 1)) \
		substr(parts[count - 1], 2) \
		(parts[2] == name ? ".\n" : "\n.Pq Fn " parts[2] " .\n")
	count = split(row, parts, /KEY\(/)
	for (i = 2; i <= count; i++) {
		sub(/\).*/, "", parts[i])
		gsub(/_/, "-", parts[i])
		keys = keys (i > 2 ? " , " : "") parts[i]
	}
	if (index(row, ", USES,") || index(row, ", BLOCKS,"))
		keys = keys (keys ? " , " : "") \
			"from , offset , every , count"
	if (index(row, ", USES,"))
		keys = keys " , at , length , stride"
	if (keys)
		verbs = verbs "Keys:\n.Cm " keys " .\n"
}

function add_key(row,    kind, initial)
{
	kind = row
	sub(/^[^"]*"[^"]*", */, "", kind)
	sub(/,.*/, "", kind)
	keys = keys ".It Cm " quoted(row, 1) "\n" \
		toupper(substr(quoted(row, 3), 1, 1)) \
		substr(quoted(row, 3), 2) ".\n"
	if (kind != "NUMBER" && kind != "GROUP")
		keys = keys "One of\n.Cm @" kind "@ .\n"
	initial = quoted(row, 2)
	if (initial == "")
		keys = keys "It must be given.\n"
	else if (initial != "-")
		keys = keys "The default is\n.Li " initial " .\n"
}

function add_word(row,    list)
{
	list = row
	sub(/^WORD\(/, "", list)
	sub(/,.*/, "", list)
	words[list] = words[list] (words[list] ? " , " : "") quoted(row, 1)
}

# "munmap() fails" with the function marked up, on a line of its own.
function mark_functions(line,    out, name, rest)
{
	while (match(line, /[a-z_0-9]+\(\)[.,:;)]*/)) {
		name = substr(line, RSTART, RLENGTH)
		rest = name
		sub(/\(\).*/, "", name)
		sub(/^[^)]*\)/, "", rest)
		gsub(/./, " &", rest)
		out = out substr(line, 1, RSTART - 1) "\n.Fn " name rest "\n"
		line = substr(line, RSTART + RLENGTH)
		sub(/^ +/, "", line)
	}
	out = out line
	gsub(/ *\n+/, "\n", out)
	sub(/^\n/, "", out)
	sub(/\n$/, "", out)
	return out
}

# The comments of a scenario: its summary, then its paragraph.
function add_scenario(line,    name)
{
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.vma$/, "", name)
	if (name != scenario) {
		scenario = name
		scenarios = scenarios ".Ss " name "\n"
		paragraph = 0
	}
	if (line !~ /^#/ || line ~ /SPDX/)
		return
	sub(/^# ?/, "", line)
	if (line == "") {
		scenarios = scenarios ".Pp\n"
		return
	}
	sub(/^[.']/, "\\\\\\&&", line)
	gsub(/\. +/, ".\n", line)
	scenarios = scenarios mark_functions(line) "\n"
}

# A table written in one of the lists, its word lists put in.
function list(items,    name)
{
	for (name in words)
		gsub("@" name "@", words[name], items)
	return ".Bl -tag -width Ds\n" items ".El"
}

FILENAME ~ /verbs\.def$/ && (/^VERB\(/ || row != "") {
	sub(/^[ \t]+/, "")
	row = row (row == "" ? "" : " ") $0
	if (/"\)$/) {
		add_verb(row)
		row = ""
	}
}

FILENAME ~ /keys\.def$/ && /^KEY_ROW\(/ {
	add_key($0)
}

FILENAME ~ /words\.def$/ && /^WORD\(/ {
	add_word($0)
}

FILENAME ~ /\.vma$/ {
	add_scenario($0)
}

FILENAME ~ /\.7\.in$/ {
	if ($0 == "@VERBS@")
		print list(verbs)
	else if ($0 == "@KEYS@")
		print list(keys)
	else if ($0 == "@SCENARIOS@")
		printf "%s", scenarios
	else
		print
}
