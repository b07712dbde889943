# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for vmaprobe: commands, options and scenarios are asked of
# the program itself.

# The words that stand first in the lines of "vmaprobe --help" with two blanks,
# letters such as "-p, " aside.
_vmaprobe_words()
{
	"$1" "${@:2}" --help 2>/dev/null |
		sed -n 's/^  \(-[a-z], \)\{0,1\}\([a-z-][a-z-]*=\{0,1\}\).*/\2/p'
}

_vmaprobe()
{
	local program=$1 word=$2 previous=$3 command=run words i

	COMPREPLY=()
	# readline may take --option=value for three words
	[ "$word" = "=" ] && word=
	[ "$previous" = "=" ] && previous=${COMP_WORDS[COMP_CWORD - 2]}
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*) command=${COMP_WORDS[i]}; break ;;
		esac
		break
	done
	case $previous:$word in
	*:-*) ;;
	--scenario:* | run:* | list:*)
		words=$("$program" list --names 2>/dev/null) ;;
	explain:* | -p:* | --pid:*)
		words=$(command ps -eo pid= 2>/dev/null) ;;
	--backend:*) words="auto ptrace bpf" ;;
	--at:*) words="entry main" ;;
	--format:*) words="text json csv" ;;
	--color:*) words="auto always never" ;;
	--allocator:*) words="glibc jemalloc tcmalloc mimalloc all" ;;
	trace:[a-z]* | exec:[a-z]* | --:*)
		mapfile -t COMPREPLY < <(compgen -c -- "$word")
		return ;;
	esac
	case $previous:$word in
	explain:[!-0-9]* | --diff:* | --scenario:*/* | --log:* | --plot:* | --worker:* | \
	-o:* | --output:* | --folded:* | --record:* | --allocator:*/* | run:*/*)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return ;;
	esac
	if [ "$COMP_CWORD" -eq 1 ] && [ -z "$words" ]; then
		words="$(_vmaprobe_words "$program") $(_vmaprobe_words "$program" run)"
	elif [ -z "$words" ]; then
		words=$(_vmaprobe_words "$program" "$command")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	case ${COMPREPLY[0]-} in
	*=) compopt -o nospace ;;
	esac
}

complete -F _vmaprobe vmaprobe
