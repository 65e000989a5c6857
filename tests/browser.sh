#!/bin/sh
# `make browser`: the viewer's types, and the demo's page in a real Chromium. "browser: N passed, …"
set -u
cd "$(dirname "$0")/.." || exit 2
if ! [ -x web/node_modules/.bin/tsc ] || ! [ -d web/node_modules/playwright-core ] || ! [ -d web/node_modules/axe-core ]; then
	(cd web && npm ci --no-audit --no-fund --silent) || {
		echo "not ok browser: npm could not install Playwright, TypeScript and axe-core (web/package.json)"
		echo "browser: 0 passed, 1 failed"
		exit 1
	}
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0
if out=$(web/node_modules/.bin/tsc -p web 2>&1); then
	passed=1
else
	failed=1
	echo "not ok types: $out"
fi
./wireladder demo -q -o "$scratch/demo" >/dev/null || exit 1
./wireladder read captures/demo.pcap -o "$scratch/saved.html" -o "$scratch/saved.jsonl" \
	-o "$scratch/saved.json" || exit 1
cp captures/demo.pcap "$scratch/demo.pcap"
node tests/browser/viewer.mjs "$scratch"
status=$?
if [ -e "$scratch/counts" ]; then
	read -r ok bad <"$scratch/counts"
	passed=$((passed + ok)) failed=$((failed + bad))
else
	failed=$((failed + 1))
fi
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "browser: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
