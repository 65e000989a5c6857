#!/bin/sh
# Other people's captures against a per-packet oracle, where the set is beside the project.
# oracle.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
judge=../shared/tools/against_oracle.py
if ! [ -e "$judge" ]; then
	echo "skip oracle: no reference captures beside the project"
	exit 0
fi
out=$(/usr/bin/python3 "$judge" --wireladder "${1:-./wireladder}" --timeout 60)
printf '%s\n' "$out" | grep '^FAIL'
passed=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p')
failed=$(printf '%s\n' "$out" | sed -n 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p')
echo "oracle: ${passed:-0} passed, ${failed:-1} failed"
[ "${failed:-1}" -eq 0 ]
