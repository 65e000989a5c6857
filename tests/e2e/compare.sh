#!/bin/sh
# Why packets were sent, in the terminal, and Wireshark's answer beside ours. compare.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
program=$(realpath "${1:-./wireladder}")
lessons=$PWD/captures/lessons
validate=$PWD/tests/support/validate.py
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
capture=$lessons/fast-retransmit/client.pcap.gz

# --- one verdict's packets
want one-verdict 0 '' "$program" read "$lessons/syn-lost/client.pcap.gz" --verdict syn-retransmission
check one-verdict-has-it sh -c 'grep -q "\"id\":\"syn-retransmission\"" out'
check one-verdict-has-nothing-else sh -c \
	'! grep "^{\"k\":\"tcp\"" out | grep -qv "\"id\":\"syn-retransmission\""'
check one-verdict-has-no-states sh -c '! grep -q "^{\"k\":\"state\"" out'
check one-verdict-fits-the-schema sh -c "mv out one.jsonl && /usr/bin/python3 '$validate' one.jsonl"
want no-such-verdict 1 'help verdicts' "$program" read "$capture" --verdict slow
want verdicts-are-listed 0 '' "$program" help verdicts
check verdicts-have-clauses grep -q 'RFC 8985' out
want why 0 '' "$program" read "$lessons/syn-lost/client.pcap.gz" --format txt -v
check why-is-a-sentence grep -q -- '-  The SYN of packet 1 again' out
want without-why 0 '' "$program" read "$lessons/syn-lost/client.pcap.gz" --format txt
check without-why-is-none sh -c '! grep -q -- "-  The SYN" out'

# --- what tshark said, saved
cat >saved.ek <<'EK'
{"index":{"_index":"packets-2026-01-01","_type":"doc"}}
{"timestamp":"1","layers":{"frame":{"frame_frame_time_epoch":"1.0","frame_frame_number":"1"}}}
{"index":{"_index":"packets-2026-01-01","_type":"doc"}}
{"timestamp":"1","layers":{"frame":{"frame_frame_time_epoch":"1.0","frame_frame_number":"3"},"tcp":{"tcp_tcp_analysis_keep_alive":true}}}
EK
want saved 0 '' "$program" read "$capture" --compare=saved.ek
check saved-differs grep -q '^packet 3: Wireshark says keep alive; here' out
check saved-has-totals grep -q 'of which one of both says something' out
want saved-and-a-timeline 0 '' "$program" read "$capture" --compare=saved.ek -o both.jsonl
check timeline-is-whole /usr/bin/python3 "$validate" both.jsonl
check list-is-still-there grep -q '^packet 3' out
want saved-is-missing 1 'nothere.ek' "$program" read "$capture" --compare=nothere.ek
want saved-is-a-capture 1 'not what tshark says' "$program" read "$capture" --compare="$capture"
: >empty.ek
want saved-is-empty 1 'no packet in it' "$program" read "$capture" --compare=empty.ek
check refused-prints-nothing test ! -s out

# --- what cannot be compared
want no-filter 1 'one whole capture file' "$program" read "$capture" tcp port 80 --compare=saved.ek
want no-ends 1 'one whole capture file' "$program" read --ends "$capture" "$capture" --compare=saved.ek
want no-pipe 1 'one whole capture file' "$program" read - --compare=saved.ek
mkdir nothing
want no-tshark 1 'apt-get install tshark' env PATH="$scratch/nothing" "$program" read "$capture" --compare

# --- tshark itself
if command -v tshark >/dev/null; then
	want tshark 0 '' "$program" read "$capture" --compare
	cp out run.txt
	check tshark-counts grep -q 'of which one of both says something' run.txt
	tshark -r "$capture" -T ek >all.ek 2>"$scratch/err"
	want tshark-saved-whole 0 '' "$program" read "$capture" --compare=all.ek
	check saved-is-as-good-as-run cmp out run.txt
	for lesson in zero-window tail-loss-probe duplicate syn-lost; do
		want "tshark-$lesson" 0 '' "$program" read "$lessons/$lesson/server.pcap.gz" --compare
	done
else
	skip 'tshark is not installed'
fi

cd / || exit 2
finish compare
