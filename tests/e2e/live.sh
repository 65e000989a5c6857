#!/bin/sh
# Live traffic, without root: the demo, and capture on a private loopback. live.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
cp "${1:-./wireladder}" "$scratch/wireladder" # nobody may not see this folder
chmod 755 "$scratch/wireladder"
program=$scratch/wireladder
cd "$scratch" || exit 2

if ! $rootless unshare -Urn true 2>/dev/null; then
	skip "live: user namespaces are refused here"
	finish live
	exit
fi

# --- the demo, as nobody
want demo 0 'open wireladder-demo/lesson.html' $rootless "$program" demo
cp out ladder.txt
for file in timeline.json timeline.html capture.pcap lesson.html; do
	check "demo-wrote-$file" test -s "wireladder-demo/$file"
done
check demo-ladder-columns awk 'length($0) > 200 {exit 1}' ladder.txt
for word in SYN FIN 'TIME-WAIT' 'ESTABLISHED' 'LAST-ACK' UDP; do
	check "demo-ladder-has-$word" grep -q "$word" ladder.txt
done
check demo-is-complete /usr/bin/python3 - <<'PY'
import json
records = json.load(open("wireladder-demo/timeline.json"))["records"]
closed = [r for r in records if r["k"] == "closed"]
tcp = [r for r in closed if r["proto"] == "tcp"]
udp = [r for r in closed if r["proto"] == "udp"]
assert len(tcp) == 3 and len(udp) == 2, (len(tcp), len(udp))
assert {":" in r["client"]["addr"] for r in tcp} == {True, False}
assert {":" in r["client"]["addr"] for r in udp} == {True, False}
for r in tcp:
    assert r["opened"] == "handshake" and r["ended"] == "fin", r
    assert all(r["handshake"][key] for key in ("syn", "synack", "ack")), r
    assert r["bytes"]["client"] == r["bytes"]["server"] > 0, r
overlap = [r for r in tcp if ":" not in r["client"]["addr"]]
assert overlap[0]["first"] < overlap[1]["first"] < overlap[0]["last"], "two at once"
assert records[-1]["k"] == "summary" and not records[-1].get("dropped"), records[-1]
for conv in (r["conv"] for r in tcp):
    states = {who: [s["state"] for s in records
                    if s["k"] == "state" and s["conv"] == conv and s["who"] == who
                    and "because_call" not in s]
              for who in ("client", "server")}
    assert states["client"] == ["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"] \
        or states["client"] == ["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "TIME-WAIT"], states
    assert states["server"] == ["SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"], states
PY
check demo-shows-calls /usr/bin/python3 - <<'PY'
import json
records = json.load(open("wireladder-demo/timeline.json"))["records"]
calls = [r for r in records if r["k"] == "call"]
if not calls:  # ptrace is refused: said so
    assert any(r["k"] == "note" and r["code"] == "trace" for r in records), "neither calls nor a note"
    raise SystemExit
words = {r["call"] for r in calls}
assert {"socket", "bind", "listen", "accept", "connect", "close"} <= {w.rstrip("4") for w in words}, words
assert len([r for r in records if r["k"] == "program"]) == 7
by_id = {r["id"]: r for r in calls}
for r in records:
    if r["k"] == "tcp" and r["flags"] == "SYN":
        assert by_id[r["call"]]["call"] == "connect", r
assert {"lo"} == set(records[-1]["counters"]) and records[-1]["counters"]["lo"]["TcpActiveOpens"] == 3
PY
want demo-second-folder 0 'other/timeline.json' $rootless "$program" demo -o other
want demo-bad-word 1 'takes no word' $rootless "$program" demo now
mkdir -m 555 readonly
want demo-readonly-folder 4 'readonly' $rootless "$program" demo -o readonly/demo

# --- tshark agrees with every number in what was captured
if command -v tshark >/dev/null 2>&1; then
	check demo-tshark-agrees /usr/bin/python3 "$top/tests/e2e/tshark.py" "$program" \
		wireladder-demo/capture.pcap
else
	skip "demo-tshark-agrees: no tshark here"
fi

# --- first SYN and last ACK, again and again
many()
{
	for _ in 1 2 3 4 5 6 7 8; do
		$rootless "$program" demo -q -o many >/dev/null || return 1
		"$program" read many/capture.pcap --format summary |
			grep '"proto":"tcp"' | grep -cv '"ended":"fin"' | grep -qx 0 || return 1
		"$program" read many/capture.pcap --format summary |
			grep '"proto":"tcp"' | grep -c '"handshake":{"syn"' | grep -qx 3 || return 1
	done
}
check first-syn-and-last-ack-8-times many

# --- nothing is left behind, whatever happens
$rootless "$program" demo -q -o killed >/dev/null 2>&1 &
pid=$!
sleep 0.4
kill -9 "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
sleep 0.3
check killed-demo-leaves-no-process sh -c "! pgrep -f '^$program demo -q -o killed' >/dev/null"
check killed-demo-leaves-no-half-file sh -c '! ls killed/*.json killed/*.html 2>/dev/null'

# --- refused: a sentence and status 2
want capture-not-permitted 2 'setcap' $rootless "$program" capture -i lo -c 1
want capture-no-such-interface 2 'capture -D' $rootless unshare -rn "$program" capture -i nope0 -c 1
want list 0 '' $rootless unshare -rn "$program" capture -D
check list-has-lo grep -q '^lo' out
refuse='import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
# A container'"'"'s filter: unshare gives EPERM.
code = [(0x20, 0, 0, 0), (0x15, 0, 1, {"x86_64": 272, "aarch64": 97}[os.uname().machine]),
        (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7fff0000)]
program = b"".join(struct.pack("HBBI", *row) for row in code)
buffer = ctypes.create_string_buffer(program)
fprog = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer))
libc.prctl(38, 1, 0, 0, 0)
assert libc.prctl(22, 2, ctypes.create_string_buffer(fprog), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])'
want demo-namespaces-refused 2 'private network' /usr/bin/python3 -c "$refuse" "$program" demo -q -o refused
check demo-refused-still-has-a-lesson grep -q 'data-wireladder\|wireladder' refused/lesson.html
want lab-namespaces-refused 2 'private network' /usr/bin/python3 -c "$refuse" "$program" lab tcp-echo

# --- capture on a private loopback, where we are root
cat >up.py <<'UP'
import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x8 | 0x40))
os.execvp(sys.argv[1], sys.argv[1:])
UP
private="$rootless unshare -rn /usr/bin/python3 up.py"
cat >inside.sh <<INSIDE
"$program" server tcp 7777 -q & server=\$!
"$program" capture -q -i lo -c 12 -d 20 -w live.pcap -o live.jsonl tcp port 7777 & capture=\$!
i=0
while ! [ -s live.jsonl ] && [ \$i -lt 100 ]; do sleep 0.1; i=\$((i + 1)); done
"$program" client -q tcp 127.0.0.1 7777 hello >reply
"$program" client -q tcp 127.0.0.1 7777 hello >reply
wait \$capture; status=\$?
kill \$server
exit \$status
INSIDE
want capture-live 0 '' $private sh inside.sh
check capture-live-twelve test "$(grep -c '^{"k":"tcp"' live.jsonl)" = 12
check capture-live-syn-first sh -c 'grep "^{\"k\":\"tcp\"" live.jsonl | head -n 1 | grep -q "\"flags\":\"SYN\""'
check capture-live-ends-with-summary sh -c 'tail -n 1 live.jsonl | grep -q "^{\"k\":\"summary\""'
check capture-live-pcap test "$("$program" read live.pcap | grep -c '^{"k":"tcp"')" = 12
check client-got-its-reply grep -qx hello reply
want capture-bad-filter 1 'port port' $private "$program" capture -i lo -c 1 tcp port port
cat >signal.sh <<INSIDE
"$program" capture -q -i lo -o sig.jsonl & capture=\$!
i=0
while ! [ -s sig.jsonl ] && [ \$i -lt 100 ]; do sleep 0.1; i=\$((i + 1)); done
kill -TERM \$capture
wait \$capture
INSIDE
want capture-sigterm-finishes 0 '' $private sh signal.sh
check capture-sigterm-summary sh -c 'tail -n 1 sig.jsonl | grep -q "^{\"k\":\"summary\""'

cd / || exit 2
finish live
