# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's packages, downloaded and unpacked into $cache by a root of its own for
# apt: nothing is installed, nothing of this machine changes. Sourced, not run.
: "${cache:?is set by who sources this}"

# Exit status 77: it cannot be done here, and this is why.
cannot() {
	echo "$*" >&2
	exit 77
}

has() {
	command -v "$1" >/dev/null
}

# mirrors LABEL: where this machine gets what Debian publishes under a label,
# in apt's own words, so that it does not matter how its sources are written
mirrors() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' \
		'Created-By: Packages' 'Component: main' 2>/dev/null |
		sed -n "s/^Debian|$1|//p" | sort -u
}

# The keys of Debian's archive, where apt does not trust them for all sources.
keyring() {
	for file in /usr/share/keyrings/debian-archive-keyring.*; do
		[ ! -f "$file" ] || echo "[signed-by=$file]"
		break
	done
}

# sources SUITE,...: lines for sources.list
sources() {
	echo "$1" | tr , '\n' | while read -r suite; do
		label=Debian
		[ "${suite%-security}" = "$suite" ] || label=Debian-Security
		mirrors "$label" | while read -r uri; do
			echo "deb $(keyring) $uri $suite main"
		done
	done
}

# apt_root ARCHITECTURE SUITE,...: sets apt_conf; apt-get -c "$apt_conf" then
# knows these suites and nothing of this machine but its mirror and its proxy
apt_root() {
	apt_dir=$cache/apt/$1-$2
	apt_conf=$apt_dir/apt.conf
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/archives/partial" ||
		cannot "no place for packages in $cache"
	{ has apt-get && has dpkg-deb; } || cannot "no apt-get: not a Debian"
	sources "$2" >"$apt_dir/sources.list"
	[ -s "$apt_dir/sources.list" ] ||
		cannot "apt knows no mirror of Debian (apt-get update?)"
	: >"$apt_dir/status"
	cat >"$apt_conf" <<-END
	APT::Architecture "$1";
	#clear APT::Architectures;
	APT::Architectures { "$1"; };
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	APT::Sandbox::User "root";
	Acquire::Languages "none";
	Acquire::Retries "1";
	Acquire::http::Timeout "30";
	Dir::Cache "$apt_dir";
	Dir::Etc::sourcelist "$apt_dir/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::State::lists "$apt_dir/lists";
	Dir::State::status "$apt_dir/status";
	END
	# a suite that has moved away is no reason to do without the others
	timeout 300 apt-get -c "$apt_conf" -q update >"$apt_dir/log" 2>&1 || :
}

# unpack PACKAGE DIRECTORY: downloads one package and unpacks it there
unpack() {
	unpack_dir=$(mktemp -d "$apt_dir/XXXXXX") || return
	(cd "$unpack_dir" && timeout 600 apt-get -c "$apt_conf" -q \
		download "$1") >>"$apt_dir/log" 2>&1 &&
		mkdir -p "$2" && dpkg-deb -x "$unpack_dir"/*.deb "$2"
	unpack_rc=$?
	rm -rf "$unpack_dir"
	return "$unpack_rc"
}
