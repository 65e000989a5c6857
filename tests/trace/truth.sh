#!/bin/sh
# Programs that say what they did, traced, and both stories compared: truth.sh PROGRAM TRUTH
# As nobody. TRUTH is the program of tests/trace/truth.
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
cp "${1:-./wireladder}" "$scratch/wireladder" # nobody may not see this folder
cp "${2:-build/product/tests/trace/truth/truth}" "$scratch/truth"
cd "$scratch" || exit 2
chmod 755 wireladder truth
python=/usr/bin/python3

if ! $rootless unshare -Urn true 2>/dev/null; then
	skip "truth: user namespaces are refused here"
	finish truth
	exit
fi

# compared NAME [--no-rw]: its lines are the timeline's.
compared()
{
	check "$1" $python "$top/tests/trace/truth.py" "$1.lines" "$1.jsonl" ${2:-}
	check "$1-is-valid" test -s "$1.jsonl"
}

# plays NAME STATUS OPTION… : a scenario under `run`; NAME may have a dash and a variant behind it.
plays()
{
	name=$1 scene=$2 status=$3
	shift 3
	timeout 120 $rootless ./wireladder run -q -o "$name.jsonl" "$@" -- ./truth "$scene" \
		>"$name.lines" 2>"$name.err"
	got=$?
	[ "$got" -eq "$status" ] && ok || not_ok "$name: status $got, not $status: $(head -c 300 "$name.err")"
}

for scene in $(./truth); do
	status=0
	case $scene in
	endless) continue ;;
	crash) status=139 ;;
	esac
	plays "$scene" "$scene" "$status"
	compared "$scene"
done
check unix-tells-nothing sh -c '! grep -q "\"k\":\"call\"" unix.jsonl && test ! -s unix.lines'
for scene in big vectors; do
	plays "$scene-without-rw" "$scene" 0 --no-rw
	compared "$scene-without-rw" --no-rw
done
plays many-without-kernel many 0 --no-kernel
compared many-without-kernel
check without-kernel-none sh -c '! grep -q "\"k\":\"kernel\"" many-without-kernel.jsonl'

# Ctrl-C ends what never would: two calls are left open.
$rootless ./wireladder run -q -o endless.jsonl -- ./truth endless >endless.lines 2>endless.err &
pid=$!
tries=0
until grep -q ' accept .*open' endless.lines || [ $tries -eq 300 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
sleep 0.3
kill -INT "$pid"
wait "$pid"
check endless-status test $? -eq 130
compared endless

if $python -c 'import jsonschema' 2>/dev/null; then
	for name in many many-without-kernel; do # all of it takes long, and repeats itself
		(head -n 3000 "$name.jsonl" && tail -n 1 "$name.jsonl") >part && mv part "$name.jsonl"
	done
	check all-are-valid $python "$top/tests/support/validate.py" ./*.jsonl
else
	skip "truth: no python3-jsonschema"
fi

cd / || exit 2
finish truth
