# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for vmaprobe: commands, options and their values, scenarios,
# operations and kernels are asked of the program itself.

# The words that stand first in the lines of "vmaprobe --help" with two blanks,
# letters such as "-p, " aside.
_vmaprobe_words()
{
	"$1" "${@:2}" --help 2>/dev/null |
		sed -n 's/^  \(-[a-z], \)\{0,1\}\([a-z-][a-z-]*=\{0,1\}\).*/\2/p'
}

# Looks in the help of a command for an option, or its letter: kind becomes the
# name of its value, such as FILE, and about what is said of it.
_vmaprobe_value()
{
	local line

	while IFS= read -r line; do
		[[ $line =~ ^"  "(-[a-z])?(, )?(--[a-z-]+)=([^ ]+)" "+(.*)$ ]] ||
			continue
		case $3 in
		"${BASH_REMATCH[1]:--}" | "${BASH_REMATCH[3]}")
			kind=${BASH_REMATCH[4]}
			about=${BASH_REMATCH[5]}
			return ;;
		esac
	done < <("$1" "$2" --help 2>/dev/null)
}

# The shipped tables, as the message names them where there is no such table.
_vmaprobe_kernels()
{
	"$1" limits --against=. 2>&1 | sed -n 's/.*there are: //p' | tr -d ,
}

# The columns of top, from the same kind of message.
_vmaprobe_columns()
{
	"$1" top --sort=. 2>&1 | sed -n 's/^There are: //p' | tr -d ,
}

_vmaprobe_files()
{
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# A command and its arguments, from the word of that number on.
_vmaprobe_command()
{
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif [ "$COMP_CWORD" -eq "$1" ]; then
		mapfile -t COMPREPLY < <(compgen -c -- "$2")
	else
		_vmaprobe_files "$2"
	fi
}

# The value of the option that stands before: words, or COMPREPLY at once.
_vmaprobe_complete_value()
{
	case $previous:$word in
	--scenario:*/* | --allocator:*/*) _vmaprobe_files "$word" ;;
	--scenario:*) words=$("$program" list --names 2>/dev/null) ;;
	--allocator:*) words="glibc jemalloc tcmalloc mimalloc all" ;;
	--at:*) words="entry main" ;;
	*)	case $kind in
		FILE*) _vmaprobe_files "$word" ;;
		PID) words=$(command ps -eo pid= 2>/dev/null) ;;
		USER) words=$(compgen -u) ;;
		COL*) words=$(_vmaprobe_columns "$program") ;;
		KERNEL) words=$(_vmaprobe_kernels "$program") ;;
		PRODUCT) words=$("$program" check --list-products 2>/dev/null |
			sed -n 's/^\([a-z][^ ]*\).*/\1/p') ;;
		CMD) mapfile -t COMPREPLY < <(compgen -c -- "$word") ;;
		*)	# "text, json or csv"
			[[ $about =~ ^([a-z]+(, [a-z]+)*)" or "([a-z]+) ]] &&
				words="${BASH_REMATCH[1]//,/} ${BASH_REMATCH[3]}" ;;
		esac ;;
	esac
}

# What is no option.
_vmaprobe_complete_operand()
{
	case $command:$word in
	run:*/*) _vmaprobe_files "$word" ;;
	run:* | list:*) words=$("$program" list --names 2>/dev/null) ;;
	limits:*) words=$("$program" limits --names 2>/dev/null) ;;
	explain:*)
		_vmaprobe_files "$word"
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W \
			"$(command ps -eo pid= 2>/dev/null)" -- "$word") ;;
	watch:*) words=$(command ps -eo pid= 2>/dev/null) ;;
	trace:?* | exec:?*)
		mapfile -t COMPREPLY < <(compgen -c -- "$word") ;;
	esac
}

_vmaprobe()
{
	local program=$1 word=$2 previous=$3 command=run kind about words i

	COMPREPLY=()
	# readline may take --option=value for three words
	[ "$word" = "=" ] && word=
	[ "$previous" = "=" ] && previous=${COMP_WORDS[COMP_CWORD - 2]}
	if [ "$COMP_CWORD" -gt 1 ] && [[ ${COMP_WORDS[1]} != -* ]]; then
		command=${COMP_WORDS[1]}
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		case $command:${COMP_WORDS[i]} in
		trace:-- | exec:--)
			_vmaprobe_command $((i + 1)) "$word"
			return ;;
		esac
	done
	[[ $previous == -* ]] && _vmaprobe_value "$program" "$command" "$previous"
	if [ -n "$kind" ]; then
		_vmaprobe_complete_value
	elif [ "$COMP_CWORD" -gt 1 ] && [[ $word != -* ]]; then
		_vmaprobe_complete_operand
	fi
	[ "${#COMPREPLY[@]}" -gt 0 ] && return
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$(_vmaprobe_words "$program") $(_vmaprobe_words "$program" run)"
	elif [ -z "$words" ] && [ -z "$kind" ]; then
		words=$(_vmaprobe_words "$program" "$command")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	case ${COMPREPLY[0]-} in
	*=) compopt -o nospace ;;
	esac
}

complete -F _vmaprobe vmaprobe
