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

# --- what later evidence changes is found by what it turns out to be, and not by what it was
# found NAME CAPTURE VERDICT COUNT LABEL: so many packets, with that label, from a pipe too
found()
{
	want "$1-lines" 0 '' "$program" read "$2" --verdict "$3" --format jsonl
	check "$1-fits-the-schema" sh -c "cp out $1.jsonl && /usr/bin/python3 '$validate' $1.jsonl"
	check "$1-count" test "$(grep -cE '^\{"k":"(tcp|udp|fragment)"' out)" -eq "$4"
	want "$1-ladder" 0 '' "$program" read "$2" --verdict "$3" --format txt
	check "$1-label" grep -qF "$5" out
	want "$1-pipe" 0 '' sh -c "cat '$2' | '$program' read - --verdict $3 --format jsonl"
	sed 1d "$1.jsonl" >whole.jsonl
	check "$1-pipe-is-the-same" sh -c 'sed 1d out | cmp - whole.jsonl'
	want "$1-redirected" 0 '' sh -c "'$program' read - --verdict $3 --format jsonl <'$2'"
	check "$1-redirected-is-the-same" sh -c 'sed 1d out | cmp - whole.jsonl'
}
found half-close "$lessons/half-close/client.pcap.gz" half-close 1 '(half-close)'
found no-reply "$lessons/udp-loss/client.pcap.gz" no-reply 1 '(no reply)'
found fragment-lost "$lessons/udp-lost-fragment/server.pcap.gz" fragment-lost 1 'fragment missing'
# A mirror port: only the fifth copy tells what the four before it were.
/usr/bin/python3 - "$lessons/tcp-echo/client.pcap.gz" >mirrored.pcap <<'PY'
import gzip, struct, sys
whole = gzip.open(sys.argv[1]).read()
out, at = [whole[:24]], 24
while at < len(whole):
    seconds, parts, kept, length = struct.unpack_from("<IIII", whole, at)
    for late in (0, 50):
        out.append(struct.pack("<IIII", seconds, parts + late, kept, length))
        out.append(whole[at + 16:at + 16 + kept])
    at += 16 + kept
sys.stdout.buffer.write(b"".join(out))
PY
found mirrored mirrored.pcap capture-duplicate 12 '(captured twice)'
want mirrored-before 0 '' "$program" read mirrored.pcap --verdict syn-retransmission --format jsonl
check mirrored-is-no-retransmission sh -c '! grep -qE "\"k\":\"(tcp|amend)\"" out'
want verdict-and-ends 0 '' "$program" read --ends "$lessons/half-close/client.pcap.gz" \
	"$lessons/half-close/server.pcap.gz" --verdict half-close --format jsonl
check verdict-and-ends-count test "$(grep -c '^{"k":"tcp"' out)" -eq 1

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
