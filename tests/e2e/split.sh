#!/bin/sh
# One random capture in every form it can have (tests/golden/random.c): byte order, clock, format,
# compression and link type never change the records, nor does splitting it in two files.
# split.sh PROGRAM CAPTURES; WIRELADDER_SEED repeats a run
set -u
cd "$(dirname "$0")/../.." || exit 2
program=$(realpath "${1:-./wireladder}")
captures=$(realpath "${2:-build/san/tests/golden/captures}")
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
seed=${WIRELADDER_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "split: WIRELADDER_SEED=$seed"
cd "$scratch" || exit 2

# records FILE…: what was said about packets; meta tells the files from each other.
records()
{
	"$program" read "$@" -o records.jsonl >said.log 2>&1 || cat said.log
	grep -v '^{"k":"meta"' records.jsonl
	rm -f records.jsonl
}

# But the summary's sums of frames, which are longer or shorter on another link.
packets()
{
	records "$@" | grep -v '^{"k":"summary"'
}

# same NAME EXPECTED IS
same()
{
	if cmp -s "$2" "$3"; then
		ok
	else
		not_ok "$1: $(diff "$2" "$3" | head -n 3 | cut -c 1-300)"
	fi
}

check build "$captures" random "$seed" .
records form-le-us.pcap >whole
grep -v '^{"k":"summary"' whole >whole-packets
check whole-has-packets test "$(grep -cE '^\{"k":"(tcp|udp|icmp|fragment)"' whole)" -ge 500
for form in form*; do
	records "$form" >is
	same "$form" whole is
done
for link in link-*.pcap; do
	packets "$link" >is
	same "$link" whole-packets is
done
for first in split-*-1.pcap split-*-1.pcapng; do
	records "$first" "$(echo "$first" | sed 's/-1\.pcap/-2.pcap/')" >is
	same "$first" whole is
done
finish split
