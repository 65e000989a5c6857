#!/bin/sh
# `make check`: every test that needs no browser. Each part prints "NAME: N passed, M failed"; the
# last line adds them up. Unit and golden tests run under ASan + UBSan, end-to-end tests with the
# product. Started as root, what must work without root runs as nobody (uid 65534).
set -u
cd "$(dirname "$0")/.." || exit 2
san=build/san
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

part()
{
	"$@" >"$log" 2>&1
	status=$?
	cat "$log"
	last=$(grep '^[a-z ]*: [0-9]* passed, [0-9]* failed' "$log" | tail -n 1)
	ok=$(printf '%s\n' "$last" | sed -n 's/.*: \([0-9]*\) passed.*/\1/p')
	bad=$(printf '%s\n' "$last" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
	passed=$((passed + ${ok:-0}))
	[ "$status" -eq 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
	failed=$((failed + ${bad:-0}))
}

part sh tests/walls_test.sh
# shellcheck disable=SC2046 # words are meant
part sh tests/unit.sh $(find $san/tests/unit -type f -perm -100 ! -name '*.o' ! -name '*.d' | sort)
part sh tests/golden/run.sh $san/wireladder
part sh tests/e2e/cli.sh ./wireladder
part sh tests/e2e/ends.sh ./wireladder
part sh tests/e2e/compare.sh ./wireladder
part sh tests/e2e/live.sh ./wireladder
part sh tests/e2e/run.sh ./wireladder
part sh tests/trace/truth.sh ./wireladder
part sh tests/e2e/echo.sh ./wireladder
part sh tests/e2e/lab.sh ./wireladder
part sh tests/lab/shelf.sh ./wireladder
part sh tests/e2e/score.sh ./wireladder
part sh tests/e2e/split.sh ./wireladder $san/tests/golden/captures
part sh tests/e2e/oracle.sh $san/wireladder
part sh tests/web.sh

echo
echo "check: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
