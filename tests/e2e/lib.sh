# What the end-to-end tests share: run something, look at what it said. Sourced, not run.
# shellcheck shell=sh
passed=0 failed=0
scratch=$(mktemp -d)
chmod 777 "$scratch"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
# Started as root, "without root" means nobody; else this user.
if [ "$(id -u)" -eq 0 ]; then
	rootless="setpriv --reuid 65534 --regid 65534 --clear-groups --"
else
	rootless=
fi

ok()
{
	passed=$((passed + 1))
}

not_ok()
{
	failed=$((failed + 1))
	echo "not ok $1"
}

skip()
{
	if [ -n "${CI:-}" ]; then
		not_ok "$1 (on CI nothing may skip)"
	else
		echo "skip $1"
	fi
}

# want NAME STATUS SENTENCE COMMAND…: its exit status, and on standard error one sentence that holds
# these words ('' : nothing at all). Standard output is left in $scratch/out.
want()
{
	name=$1 status=$2 words=$3
	shift 3
	timeout 60 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	got=$?
	if [ "$got" -ne "$status" ]; then
		not_ok "$name: status $got, not $status: $(head -c 300 "$scratch/err")"
	elif [ -n "$words" ] && ! grep -qF -- "$words" "$scratch/err"; then
		not_ok "$name: no '$words' in: $(head -c 300 "$scratch/err")"
	elif [ -z "$words" ] && [ -s "$scratch/err" ]; then
		not_ok "$name: unexpected talk: $(head -c 300 "$scratch/err")"
	elif [ "$status" -ne 0 ] && [ "$(wc -l <"$scratch/err")" -ne 1 ]; then
		not_ok "$name: not one sentence: $(head -c 300 "$scratch/err")"
	else
		ok
	fi
}

# check NAME COMMAND…: it succeeds.
check()
{
	name=$1
	shift
	if out=$("$@" 2>&1); then
		ok
	else
		not_ok "$name: $(printf '%s' "$out" | head -c 400)"
	fi
}

finish()
{
	rm -rf "$scratch"
	echo "$1: $passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
