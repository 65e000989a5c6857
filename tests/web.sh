#!/bin/sh
# The viewer's pure parts under node --test; no browser. "web: N passed, M failed".
set -u
cd "$(dirname "$0")/../web" || exit 2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2046 # words are meant
node --test --test-reporter=tap $(find test -name '*.test.*js' | sort) >"$log" 2>&1
status=$?
ok=$(sed -n 's/^# pass \([0-9]*\)/\1/p' "$log")
bad=$(sed -n 's/^# fail \([0-9]*\)/\1/p' "$log")
[ "$status" -eq 0 ] || cat "$log"
[ "$status" -eq 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
echo "web: ${ok:-0} passed, ${bad:-0} failed"
[ "$status" -eq 0 ] && [ "${ok:-0}" -gt 0 ]
