#!/bin/sh
# The walls hold, and the checker would notice if they did not: three breaches are planted in a copy.
set -u
cd "$(dirname "$0")/.." || exit 2
passed=0 failed=0
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

ok()
{
	passed=$((passed + 1))
}

not_ok()
{
	failed=$((failed + 1))
	echo "not ok walls: $1"
}

# planted FILE LINE: the checker must fail and name the file.
planted()
{
	rm -rf "$copy/src" "$copy/include"
	cp -r src include "$copy"
	printf '%s\n' "$2" >>"$copy/$1"
	if sh tests/walls.sh "$copy" >"$copy/out"; then
		not_ok "a planted breach in $1 was not noticed"
	elif grep -q "^$1:" "$copy/out"; then
		ok
	else
		not_ok "the breach in $1 is not named: $(cat "$copy/out")"
	fi
}

if out=$(sh tests/walls.sh .); then
	ok
else
	not_ok "$out"
fi
planted src/track/udp.c '#include "wireladder/decode.h"'
planted src/out/json.c '#include <pcap/pcap.h>'
planted src/echo/talk.c '#include "../base/private.h"'
planted include/wireladder/track.h '#include "wireladder/capture.h"'
echo "walls: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
