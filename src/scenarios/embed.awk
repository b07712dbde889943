# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the built-in scenarios as C strings: awk -f embed.awk FILE...

function begin(    name)
{
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.vma$/, "", name)
	printf "%s\t{ \"%s\",\n", count++ ? "\t},\n" : "", name
}

BEGIN {
	print "/* Made from src/scenarios. */"
	print "#include \"engine/scenario.h\"\n"
	print "const struct vmp_builtin vmp_builtins[] = {"
}

FNR == 1 {
	begin()
}

{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "\t  \"%s\\n\"\n", $0
}

END {
	print "\t},\n};\n"
	printf "const size_t vmp_builtin_count = %d;\n", count
}
