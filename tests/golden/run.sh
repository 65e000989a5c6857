#!/bin/sh
# Golden tests: each capture in captures/ gives exactly the timeline and the ladder that stand in
# tests/golden/, and every line of it fits the schema. run.sh PROGRAM [--write]: the second form
# writes them anew, for a person to look at with git diff.
set -u
cd "$(dirname "$0")/../.." || exit 2
program=$(realpath "$1")
mode=${2:-}
passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

same()
{
	if [ "$mode" = --write ]; then
		cp "$scratch/$1" "tests/golden/$1"
	elif diff -u "tests/golden/$1" "$scratch/$1" >"$scratch/diff"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok golden $1"
		head -n 20 "$scratch/diff"
	fi
}

for capture in captures/*.pcap captures/*.pcapng; do
	[ -e "$capture" ] || continue
	name=$(basename "$capture")
	(cd captures && LC_ALL=C.UTF-8 "$program" read "$name" -o "$scratch/$name.jsonl" \
		-o "$scratch/$name.txt" -o "$scratch/$name.json" -o "$scratch/$name.html")
	same "$name.jsonl"
	same "$name.txt"
	for form in jsonl json html; do
		if /usr/bin/python3 tests/support/validate.py "$scratch/$name.$form" >"$scratch/why" 2>&1; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "not ok schema $name.$form: $(head -c 600 "$scratch/why")"
		fi
	done
done
echo "golden: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
