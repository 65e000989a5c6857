#!/bin/sh
# Golden tests: each capture gives exactly the timeline and the ladder that stand in tests/golden/,
# and every line of it fits the schema. Captures are those in captures/, and those that the program
# beside PROGRAM, tests/golden/captures, builds: one a feature. The glossary of meta, the same in
# every timeline, is compared once, as glossary.txt. run.sh PROGRAM [--write [NAME…]]: the second
# form writes goldens anew (of these captures only), for a person to look at with git diff.
set -u
cd "$(dirname "$0")/../.." || exit 2
program=$(realpath "$1")
shift
mode=${1:-}
[ $# -eq 0 ] || shift
only=" $* "
passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

not_ok()
{
	failed=$((failed + 1))
	echo "not ok $1"
}

same()
{
	if [ "$mode" = --write ]; then
		cp "$scratch/$1" "tests/golden/$1"
	elif ! [ -e "tests/golden/$1" ]; then
		not_ok "golden $1: there is none; --write makes it"
	elif diff -u "tests/golden/$1" "$scratch/$1" >"$scratch/diff"; then
		passed=$((passed + 1))
	else
		not_ok "golden $1"
		head -n 20 "$scratch/diff"
	fi
}

# glossary_apart TIMELINE: its meta without the glossary, which becomes glossary.txt, a verdict a
# line. It is the last key of meta.
glossary_apart()
{
	sed -n '1s/.*,"glossary":\({.*}\)}$/\1/p' "$1" | sed 's/},"/},\n"/g' >"$scratch/glossary.txt"
	sed -i '1s/,"glossary":{.*}}$/}/' "$1"
}

# golden CAPTURE FORM…: reads it into these and into jsonl and txt, which are compared.
golden()
{
	name=$(basename "$1") folder=$(dirname "$1")
	shift
	case $only in
	*" $name "* | *"  "*) ;;
	*) return ;;
	esac
	more=
	for form; do
		more="$more -o $scratch/$name.$form"
	done
	# shellcheck disable=SC2086 # words are meant
	(cd "$folder" && LC_ALL=C.UTF-8 "$program" read "$name" -o "$scratch/$name.jsonl" \
		-o "$scratch/$name.txt" $more) >"$scratch/talk" 2>&1
	status=$?
	case $status in
	0 | 3) ;; # 3: what can be read of it was
	*)
		not_ok "golden $name: status $status: $(head -c 300 "$scratch/talk")"
		return
		;;
	esac
	cp "$scratch/$name.jsonl" "$scratch/whole-$name.jsonl"
	glossary_apart "$scratch/$name.jsonl"
	same "$name.jsonl"
	same "$name.txt"
}

# fits FILE…: each is a timeline of the schema.
fits()
{
	/usr/bin/python3 tests/support/validate.py "$@" >"$scratch/why" 2>&1
	passed=$((passed + $(grep -c '^ok' "$scratch/why")))
	bad=$(grep -vc '^ok\|^ ' "$scratch/why")
	failed=$((failed + bad))
	[ "$bad" -eq 0 ] || grep -v '^ok' "$scratch/why" | head -n 20
}

for capture in captures/*.pcap captures/*.pcapng; do
	[ -e "$capture" ] && golden "$capture" json html
done
mkdir "$scratch/built"
"$(dirname "$program")/tests/golden/captures" "$scratch/built" || not_ok "golden: no captures built"
for capture in "$scratch"/built/*; do
	golden "$capture"
done
[ "$only" != '  ' ] || same glossary.txt
fits "$scratch"/whole-*.jsonl "$scratch"/*.json "$scratch"/*.html
for golden in tests/golden/*.jsonl tests/golden/*.txt; do
	[ "$only" != '  ' ] || [ -e "$scratch/$(basename "$golden")" ] ||
		not_ok "$golden is of a capture that is no more"
done
echo "golden: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
