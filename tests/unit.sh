#!/bin/sh
# Runs unit test programs (cmocka) and adds up. Prints only what failed or was skipped, and a last
# line "unit: N passed, M failed". unit.sh PROGRAM…
passed=0 failed=0
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for program; do
	"$program" >"$log" 2>&1
	status=$?
	ok=$(grep -c '^\[       OK \]' "$log")
	bad=$(grep -c '^\[  FAILED  \] [a-z]' "$log")
	grep '^\[  SKIPPED \]\|^skip' "$log" | sed "s|^|$program: |"
	[ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	if [ "$bad" -gt 0 ]; then
		bad=$(grep '^\[  FAILED  \] [a-z]' "$log" | sort -u | wc -l)
		[ "$bad" -gt 0 ] || bad=1
		echo "--- $program (status $status)"
		cat "$log"
	fi
	passed=$((passed + ok)) failed=$((failed + bad))
done
echo "unit: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
