#!/bin/sh
# Sees that what a target needs is there: installs it where this user may, else prints the one line
# to run. setup.sh build|check|browser|fuzz|lint|coverage
set -eu

level=${1:-build}
missing=

# need FILE-OR-PROGRAM PACKAGE…: the packages are missing if the program or file is.
need()
{
	what=$1
	shift
	case $what in
	/*) [ -e "$what" ] && return 0 ;;
	*.h) printf '#include <%s>\n' "$what" | ${CC:-cc} -E -x c - >/dev/null 2>&1 && return 0 ;;
	*) command -v "$what" >/dev/null 2>&1 && return 0 ;;
	esac
	missing="$missing $*"
}

node_is_new()
{
	command -v node >/dev/null 2>&1 && node -e 'process.exit(+process.versions.node.split(".")[0] >= 18 ? 0 : 1)'
}

need cc gcc libc6-dev
need ar binutils
need pcap/pcap.h libpcap-dev
need cjson/cJSON.h libcjson-dev
need zlib.h zlib1g-dev
need zstd.h libzstd-dev
case $level in
check | browser | fuzz | lint | coverage)
	need cmocka.h libcmocka-dev
	;;
esac
case $level in
check | coverage)
	need /usr/bin/python3 python3-minimal
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || missing="$missing python3-jsonschema"
	need nc netcat-openbsd
	need tcpdump tcpdump
	need tshark tshark
	need setpriv util-linux
	node_is_new || missing="$missing nodejs"
	[ "$level" = check ] || need gcovr gcovr
	;;
browser)
	need /usr/bin/chromium chromium
	node_is_new || missing="$missing nodejs"
	need npm npm
	;;
fuzz)
	need clang clang
	if command -v clang >/dev/null 2>&1; then
		printf 'int x;' | clang -x c -fsanitize=fuzzer-no-link -c -o /dev/null - 2>/dev/null ||
			missing="$missing clang"
		major=$(clang -dumpversion | cut -d. -f1)
		[ -n "$(find /usr/lib -name 'libclang_rt.fuzzer*' 2>/dev/null | head -n 1)" ] ||
			missing="$missing libclang-rt-$major-dev"
	else
		missing="$missing libclang-rt-14-dev"
	fi
	;;
lint)
	need clang clang
	need clang-format clang-format
	need cppcheck cppcheck
	need shellcheck shellcheck
	node_is_new || missing="$missing nodejs"
	need npm npm
	;;
esac
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null 2>&1; then
	echo "Missing here; on Debian it would be: $line" >&2
	echo "Install what these packages are called on this system, then run make again." >&2
	exit 2
fi
root=
if [ "$(id -u)" -ne 0 ]; then
	if sudo -n true 2>/dev/null; then
		root=sudo
	else
		echo "Some packages are missing and this user may not install them. Please run:" >&2
		echo "    sudo $line" >&2
		exit 2
	fi
fi
echo "Installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # words are meant
if ! { DEBIAN_FRONTEND=noninteractive $root apt-get update &&
	DEBIAN_FRONTEND=noninteractive $root $line; } >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	echo "The packages could not be installed; the line was: $line" >&2
	exit 2
fi
