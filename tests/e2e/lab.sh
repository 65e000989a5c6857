#!/bin/sh
# The lab's command, as nobody: refusals, mistakes, signals, what is left behind, IPv6 twins.
# lab.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
cp "${1:-./wireladder}" "$scratch/wireladder" # nobody may not see this folder
chmod 755 "$scratch/wireladder"
program=$scratch/wireladder
lab="$rootless $program lab"
cd "$scratch" || exit 2

# --- the shelf, which needs no namespaces
want list 0 '' $lab --list
check list-begins-with-first-steps sh -c 'head -n 2 out | tr "\n" " " | grep -q "^First steps   tcp-echo "'
lessons=$(sed -n 's/^  \([^ ]*\) .*/\1/p' out)
check list-is-the-shelf test "$lessons" = "$(grep -v '^#' "$top/captures/lessons/SHELF" | grep .)"
want show 0 '' $lab --show fast-retransmit
check show-is-the-file cmp out "$top/captures/lessons/fast-retransmit.json"
want show-unknown 1 'did you mean "fast-retransmit"' $lab --show fast-retransmot
want unknown 1 'did you mean "syn-lost"' $lab syn-lots
want no-lesson 1 'takes one lesson' $lab
want two-lessons 1 'takes one lesson' $lab refused fin
want no-such-file 1 'cannot read the lesson ./nowhere.json' $lab ./nowhere.json
want repeat-no-number 1 '--repeat' $lab refused --repeat often
sed 's/"connect"/"conect"/' "$top/captures/lessons/refused.json" >mistake.json
line=$(grep -n conect mistake.json | head -n 1 | cut -d : -f 1)
want mistake-has-its-line 1 "mistake.json, line $line: " $lab mistake.json
check mistake-is-guessed grep -q 'did you mean "connect"' err
head -c 300 "$top/captures/lessons/refused.json" >cut.json
want cut-file 1 'cut.json, line' $lab cut.json
want show-own-file 1 'open it in an editor' $lab --show "$top/captures/lessons/refused.json"

# A container's filter: unshare gives EPERM.
cat >refuse.py <<'PY'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
code = [(0x20, 0, 0, 0), (0x15, 0, 1, {"x86_64": 272, "aarch64": 97}[os.uname().machine]),
        (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in code))
fprog = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(program))
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.create_string_buffer(fprog), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
PY
refused="$rootless /usr/bin/python3 refuse.py $program lab"
want namespaces-refused 2 'wireladder read' $refused refused
check namespaces-refused-says-what grep -q 'unshare: Operation not permitted' err
want namespaces-refused-repeat 2 'wireladder read' $refused refused --repeat 3
want namespaces-refused-list 0 '' $refused --list

if ! $rootless unshare -Urn true 2>/dev/null; then
	skip "lab: user namespaces are refused here"
	finish lab
	exit
fi

# --- what only the kernel knows, before any step
sed 's/"TcpAttemptFails"/"TcpAttemptFail"/' "$top/captures/lessons/refused.json" >counter.json
line=$(grep -n '"TcpAttemptFail"' counter.json | head -n 1 | cut -d : -f 1)
want unknown-counter 1 "counter.json, line $line: " $lab counter.json
check unknown-counter-is-guessed grep -q 'did you mean `TcpAttemptFails`' err
want unknown-counter-repeat 1 "counter.json, line $line: " $lab counter.json --repeat 2

# --- what it writes
want ladder 0 '' $lab fast-retransmit --format txt
check ladder-has-the-loss grep -q '✗' out
check ladder-names-the-rule grep -q 'drop data 5' out
want pcap 0 '' $lab syn-lost --seed 5 --pcap kept -o kept.jsonl
check pcap-keeps-three test "$(ls kept | tr '\n' ' ')" = "client.pcap server.pcap wire.jsonl "
check pcap-names-the-seed sh -c 'head -n 1 kept/wire.jsonl | grep -q "\"seed\":5}"'
check pcap-is-the-truth /usr/bin/python3 "$top/tests/lab/truth.py" kept kept.jsonl
want pcap-can-be-joined-again 0 '' "$program" read --ends kept/client.pcap kept/server.pcap \
	--clock-offset 0 -o again.jsonl
check pcap-joined-has-the-loss grep -q '"flags":"SYN",.*"lost":true' again.jsonl
check figure-fits-the-schema /usr/bin/python3 "$top/tests/support/validate.py" kept.jsonl
want same-seed 0 '' $lab random-loss --seed 7 --pcap one -o /dev/null --format jsonl
want same-seed-again 0 '' $lab random-loss --seed 7 --pcap two -o /dev/null --format jsonl
# The k-th frame's fate follows from the seed, whatever happened in between.
for run in one two; do
	sed -n 's/.*"to":"server","n":\([0-9]*\),.*"deed":"drop".*/\1/p' $run/wire.jsonl | head -n 1 >$run.first
done
check same-seed-same-first-loss cmp one.first two.first
# Every form of a timeline that read writes, and the story where a person reads.
for form in json jsonl ndjson html htm txt; do
	want "output-$form" 0 '' $lab refused --seed 1 -o "as.$form"
	want "output-$form-of-read" 0 '' "$program" read "$top/captures/demo.pcap" -o "read.$form"
	check "output-$form-is-there" test -s "as.$form"
done
want output-summary 0 '' $lab refused --format summary
check output-summary-has-no-packets sh -c '! grep -q "\"k\":\"tcp\"" out'
check story-above-the-ladder sh -c 'head -n 1 as.txt | grep -q "^Nobody listens" && grep -q "^See RFC 9293" as.txt'
want story-not-when-quiet 0 '' $lab -q refused --format txt
check quiet-begins-with-the-ladder sh -c 'head -n 1 out | grep -q "^#1 TCP"'
check hosts-are-named grep -q '"hosts":\[{"name":"client","vantage":0,"addrs":\["10.77.0.1",' as.jsonl
want help-tells-the-default 0 '' "$program" help lab
check help-keeps-all-bytes grep -q 'bytes of each packet (default 128; demo and lab: all)' out
# Ten seconds to the server, and the lesson ends after one.
cat >long.json <<'JSON'
{"title": "The SYN is still under way", "story": "The lab ends first.",
 "link": {"delay_ms": 10000}, "limit_s": 1,
 "programs": [{"host": "client", "steps": [{"socket": "tcp"}, {"connect": "server:7777"}]}]}
JSON
want ended-under-way 6 'line 3: connect had not returned' $lab long.json --pcap long -o long.jsonl
check ended-under-way-says-so grep -q '"lost":true,.*"fate":\[{"did":"lab-ended"}\]' long.jsonl
check ended-under-way-fits-the-schema /usr/bin/python3 "$top/tests/support/validate.py" long.jsonl
mkdir -m 555 readonly
want pcap-readonly-folder 4 'readonly' $lab refused --pcap readonly/kept
want pcap-into-readonly-folder 4 'readonly' $lab refused --pcap readonly
want pcap-into-a-file 4 'mistake.json' $lab refused --pcap mistake.json
want full-disk 4 'No space left' $lab refused -o /dev/full --format jsonl
want full-disk-for-repeat 4 'No space left' $lab refused --repeat 2 -o /dev/full --format jsonl
want closed-pipe 0 '' sh -c "$lab sequence-numbers | head -n 1"

# --- promises
want seed-is-told 0 '' $lab refused --seed 5 --format txt -o seed.txt
check seed-is-told-how grep -q '^Seed 5; --seed 5 repeats' seed.txt
want lost-fragment 0 '' $lab udp-lost-fragment -o fragment.jsonl
check a-datagram-dies-of-its-fragment sh -c 'grep "\"k\":\"udp\"" fragment.jsonl | grep "\"lost\":true" |
	grep -q "\"rule\":\"drop fragment 2\""'
want lost-fragment-in-the-ladder 0 '' $lab udp-lost-fragment --format txt -o fragment.txt
check the-fragment-that-was-lost-is-marked grep -q 'offset=1480 len=1480 ✗ drop fragment 2' fragment.txt
want repeat 0 '' $lab refused --repeat 3 --seed 5 -o /dev/null --format jsonl
check repeat-names-the-seeds grep -qx 'refused: 3 runs, seeds from 5' out
check repeat-counts grep -qx '    3 of 3  TcpAttemptFails at the client is 1' out
sed 's/"TcpAttemptFails", "host": "client", "in": \[1\]/"TcpAttemptFails", "host": "client", "in": [2]/' \
	"$top/captures/lessons/refused.json" >broken.json
want broken-promise 6 'TcpAttemptFails at the client is 2; this time: 1' $lab broken.json
want broken-promise-repeat 6 'not every expectation' $lab broken.json --repeat 2 -o /dev/null --format jsonl
check broken-promise-counts grep -qx '    0 of 2  TcpAttemptFails at the client is 2; once it was 1' out
sed 's/"fails": "ECONNREFUSED"/"fails": "ETIMEDOUT"/' "$top/captures/lessons/refused.json" >other.json
want other-errno 6 'ECONNREFUSED' $lab other.json

# --- progress: on a terminal, of what takes long, and the line goes away
cat >terminal.py <<'PY'
import os, pty, sys
status = pty.spawn(["sh", "-c", 'exec "$@" >/dev/null', "sh"] + sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status))
PY
want progress 0 '' /usr/bin/python3 terminal.py $lab syn-lost
check progress-is-told grep -q 'syn-lost: 1\.[0-9] s, [0-9]* frames' out
check progress-goes-away sh -c "tail -c 6 out | tr '\033\r' 'EC' | grep -q 'CE\[K'"
want progress-of-short-ones 0 '' /usr/bin/python3 terminal.py $lab refused
check no-progress-of-short-ones sh -c '! grep -q frames out'
want progress-quiet 0 '' /usr/bin/python3 terminal.py $lab -q syn-lost
check no-progress-when-quiet sh -c '! grep -q frames out'

# --- signals and leftovers: keepalive-dead-peer takes five seconds
networks()
{
	for space in /proc/[0-9]*/ns/net; do readlink "$space"; done 2>/dev/null | sort -u
}
# started COMMAND…: runs it in the background until it is in the middle. The networks that were not
# there before are its own.
started()
{
	"$@" -o going.jsonl >/dev/null 2>going.err </dev/null &
	pid=$! tries=0 inside=
	while [ "$(echo "$inside" | wc -w)" -lt 3 ] && [ $tries -lt 100 ]; do
		sleep 0.05
		tries=$((tries + 1))
		inside=$(networks | grep -vxF "$before" | tr '\n' ' ')
	done
	sleep 1
}
nothing_left()
{
	tries=0
	while [ $tries -lt 100 ]; do
		left=
		for space in $inside; do
			networks | grep -qxF "$space" && left="$left $space"
		done
		[ -n "$left" ] || break
		sleep 0.05
		tries=$((tries + 1))
	done
	[ -z "$left" ] && ! pgrep -f "^$program lab" >/dev/null
}
before=$(networks)
started $lab keepalive-dead-peer
check killed-had-networks test "$(echo $inside | wc -w)" -ge 3
kill -9 "$pid"
wait "$pid" 2>/dev/null
check killed-leaves-nothing nothing_left
started $lab keepalive-dead-peer --repeat 2
check killed-repeat-had-networks test "$(echo $inside | wc -w)" -ge 3
kill -9 "$pid"
wait "$pid" 2>/dev/null
check killed-repeat-leaves-nothing nothing_left
for signal in INT TERM; do
	started $lab keepalive-dead-peer
	kill -$signal "$pid"
	wait "$pid"
	check $signal-ends-with-0 test $? -eq 0
	check $signal-leaves-nothing nothing_left
	check $signal-says-nothing test ! -s going.err
	check $signal-has-what-came grep -q '"flags":"SYN ACK"' going.jsonl
	check $signal-has-its-summary sh -c 'tail -n 1 going.jsonl | grep -q "^{\"k\":\"summary\""'
done
started $lab keepalive-dead-peer --repeat 3
kill -INT "$pid"
wait "$pid"
check INT-ends-repeat-with-0 test $? -eq 0
check INT-of-repeat-leaves-nothing nothing_left

# --- IPv6 twins: the same happens, and the same expectations hold
cat >twin.sh <<TWIN
set -e
/usr/bin/python3 "$top/tests/lab/twin.py" "$top/captures/lessons/\$1.json" >"six-\$1.json"
$lab "six-\$1.json" -q --pcap "six-\$1" -o "six-\$1.jsonl"
/usr/bin/python3 "$top/tests/lab/truth.py" "six-\$1" "six-\$1.jsonl"
! grep -q '"addr":"10[.]' "six-\$1.jsonl"
TWIN
twins=$(for group in Opening Loss Closing; do
	sed -n "/^# $group/,/^# /p" "$top/captures/lessons/SHELF" | grep -v '^#' | grep .
done)
echo "$twins" | xargs -P 2 -I LESSON sh -c 'sh twin.sh LESSON >six-LESSON.out 2>&1 && : >six-LESSON.held'
for lesson in $twins; do
	check "ipv6-twin-$lesson" sh -c "tail -n 3 'six-$lesson.out'; test -e 'six-$lesson.held'"
done

cd / || exit 2
finish lab
