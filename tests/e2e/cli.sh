#!/bin/sh
# Every command and every error of the command line, but live traffic. cli.sh PROGRAM
set -u
cd "$(dirname "$0")/../.." || exit 2
program=$(realpath "${1:-./wireladder}")
. tests/e2e/lib.sh
trap 'rm -rf "$scratch"' EXIT
demo=$PWD/captures/demo.pcap
validate=$PWD/tests/support/validate.py
cd "$scratch" || exit 2

# --- talk
want no-command 0 '' "$program"
want help 0 '' "$program" help
check help-names-commands grep -q 'capture' out
for topic in demo read capture server client view help exit; do
	want "help-$topic" 0 '' "$program" help $topic
done
want help-read 0 '' "$program" help read
check help-read-names-packed-files grep -q '\.gz or \.zst' out
want version 0 '' "$program" --version
want version-json 0 '' "$program" version --json
check version-is-json /usr/bin/python3 -c 'import json; json.load(open("out"))'
want unknown-command 1 "there is no command 'reed'" "$program" reed
want unknown-help 1 "no help on 'reed'" "$program" help reed
want unknown-option 1 'has no option --nope' "$program" read --nope x
want missing-value 1 'needs a value' "$program" read x -o
want bad-value 1 '--conv cannot be' "$program" read x --conv 0
want bad-seconds 1 '--from cannot be' "$program" read x --from 1x
want bad-memory 1 '--max-memory cannot be' "$program" read x --max-memory lots
want bad-format 1 'format' "$program" read "$demo" --format nope

# --- read: what goes in
want read-nothing 1 'no capture named' "$program" read
want read-missing 1 'nothere.pcap' "$program" read nothere.pcap
want read-folder 1 'directory' "$program" read /tmp
: >empty
want read-empty-file 1 'empty' "$program" read empty
echo 'hello, this is no capture' >text.pcap
want read-text 1 'text.pcap' "$program" read text.pcap
check refused-prints-nothing test ! -s out
head -c 24 "$demo" >header.pcap
want read-header-only 0 '' "$program" read header.pcap
check header-only-is-meta-and-summary sh -c 'test "$(wc -l <out)" = 2 && grep -q "\"k\":\"summary\"" out'
want read-demo 0 '' "$program" read "$demo"
cp out whole.jsonl
packets=$(grep -cE '^\{"k":"(tcp|udp|icmp|fragment)"' whole.jsonl)
check demo-has-packets test "$packets" -ge 40
want read-stdin 0 '' sh -c "'$program' read - <'$demo'"
check stdin-differs-by-name-only sh -c 'tail -n +2 out >a; tail -n +2 whole.jsonl >b; cmp a b'
want read-twice-the-same 0 '' "$program" read "$demo"
check reproducible cmp out whole.jsonl
size=$(wc -c <"$demo")
head -c $((size - 5)) "$demo" >cut.pcap
want read-cut 3 'middle of packet' "$program" read cut.pcap
check cut-has-all-but-one test "$(grep -cE '^\{"k":"(tcp|udp|icmp|fragment)"' out)" = $((packets - 1))
check cut-says-truncated grep -q '"truncated":true' out
/usr/bin/python3 - "$demo" <<'PY'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
at = 24
for _ in range(10):
    at += 16 + struct.unpack_from("<I", data, at + 8)[0]
struct.pack_into("<II", data, at + 8, 0xFFFFFFFF, 0xFFFFFFFF)
open("damaged.pcap", "wb").write(data)
PY
want read-damaged-says-where 3 'byte' "$program" read damaged.pcap
check damaged-lost-one-packet test "$(grep -cE '^\{"k":"(tcp|udp|icmp|fragment)"' out)" -ge $((packets - 2))
check damaged-is-noted grep -q '"skipped":\[' out

# --- read: packed files, several files, what pcapng says beside the bytes
/usr/bin/python3 - "$demo" <<'PY'
import gzip, struct, sys

def zstd(data):  # blocks as they are (RFC 8878 3.1.1), in a window of 128 KiB
    frame = b"\x28\xb5\x2f\xfd\x00\x38"
    for at in range(0, len(data), 1 << 16):
        block = data[at:at + (1 << 16)]
        frame += struct.pack("<I", len(block) << 3 | (at + len(block) == len(data)))[:3] + block
    return frame

def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)

def packet(at, beside=b""):
    seconds, fraction, caplen, length = struct.unpack_from("<IIII", demo, at)
    stamp = seconds * 10**9 + fraction
    body = struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, caplen, length)
    body += demo[at + 16:at + 16 + caplen] + bytes(-caplen % 4)
    return block(6, body + beside)

def simple(at):
    caplen, length = struct.unpack_from("<II", demo, at + 8)
    return block(3, struct.pack("<I", length) + demo[at + 16:at + 16 + caplen])

demo = open(sys.argv[1], "rb").read()
starts, at = [], 24
while at < len(demo):
    starts.append(at)
    at += 16 + struct.unpack_from("<I", demo, at + 8)[0]
half = starts[len(starts) // 2]
head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
head += block(1, struct.pack("<HHI", struct.unpack_from("<I", demo, 20)[0], 0, 65535)
              + option(2, b"lo") + option(9, b"\x09") + option(0, b""))
names = block(4, option(1, b"\x7f\0\0\1one.example\0two.example\0") + option(0, b""))
files = {
    "demo.pcap.gz": gzip.compress(demo),
    "demo.pcap.zst": zstd(demo),
    "cut.pcap.gz": gzip.compress(demo)[:-100],
    "tail.pcap.gz": gzip.compress(demo) + b"behind it",
    "text.gz": gzip.compress(b"hello, this is no capture\n"),
    "first.pcap": demo[:half],
    "second.pcap": demo[:24] + demo[half:],
    "whole.pcapng": head + b"".join(map(packet, starts)),
    "first.pcapng": head + b"".join(map(packet, starts[:20])),
    "second.pcapng.gz": gzip.compress(head + b"".join(map(packet, starts[20:]))),
    "beside.pcapng": head + packet(starts[0], option(1, b"look here") + option(1, b"and <b>")
                                   + option(2, struct.pack("<I", 1)) + option(0, b""))
                     + names + packet(starts[1], option(4, struct.pack("<Q", 7))),
    "named.pcapng": head + names + packet(starts[0]),
    # A packet of an interface that nobody described is a place; the next one ends it.
    "places.pcapng": head + b"".join(block(6, struct.pack("<5I", 9, 0, 0, 0, 0)) + packet(at)
                                     for at in starts[:10] * 300),
    "byte.pcap": demo[:half] + b"\0" + demo[half:],
    "untimed.pcap": demo[:28] + struct.pack("<I", 2 * 10**9) + demo[32:],
    "untimed.pcapng": head + simple(starts[0]) + simple(starts[1])
                      + b"".join(map(packet, starts[2:])),
    "timeless.pcapng": head + simple(starts[0]) + simple(starts[1]),
    "sections.pcapng": (head + b"".join(map(packet, starts[:20]))
                        + head + b"".join(map(packet, starts[20:]))),
}
for name, data in files.items():
    open(name, "wb").write(data)
PY
tail -n +2 whole.jsonl >records
for packed in demo.pcap.gz demo.pcap.zst; do
	want "read-$packed" 0 '' "$program" read $packed
	check "$packed-gives-the-same" sh -c 'tail -n +2 out | cmp - records'
	want "read-$packed-from-a-pipe" 0 '' sh -c "cat $packed | '$program' read -"
	check "$packed-from-a-pipe-gives-the-same" sh -c 'tail -n +2 out | cmp - records'
done
want read-cut-gzip 3 'because its gzip data are cut short' "$program" read cut.pcap.gz
check cut-gzip-has-records sh -c 'grep -q "^{\"k\":\"summary\"" out && grep -q "\"truncated\":true" out'
want read-behind-gzip 3 'behind the end of its compressed data' "$program" read tail.pcap.gz
check behind-gzip-all-packets test "$(grep -cE '^\{"k":"(tcp|udp|icmp|fragment)"' out)" = "$packets"
want read-text-in-gzip 1 'gzip data that unpack to text' "$program" read text.gz
check text-in-gzip-prints-nothing test ! -s out
want read-later-text-in-gzip 1 'gzip data that unpack to text' "$program" read "$demo" text.gz
check later-text-in-gzip-prints-nothing test ! -s out
want read-later-cut-gzip 3 'cut short' "$program" read cut.pcap.gz "$demo"
check later-files-are-read test "$(grep -cE '^\{"k":"(tcp|udp|icmp|fragment)"' out)" -gt "$packets"
head -c 12 "$demo" >header.part
want read-half-a-header-later 3 'inside its own header' "$program" read "$demo" header.part -o part.jsonl
check half-a-header-leaves-whole-output grep -q '"k":"summary"' part.jsonl
want read-two-halves 0 '' "$program" read first.pcap second.pcap
check two-halves-are-the-whole sh -c 'tail -n +2 out | cmp - records'
want read-pcapng 0 '' "$program" read whole.pcapng
tail -n +2 out >records.pcapng
want read-pcapng-halves 0 '' "$program" read first.pcapng second.pcapng.gz
check pcapng-halves-are-the-whole sh -c 'tail -n +2 out | cmp - records.pcapng'
want read-pcapng-sections 0 '' "$program" read sections.pcapng
check pcapng-sections-are-the-whole sh -c 'tail -n +2 out | cmp - records.pcapng'
want read-places 3 '96000 bytes in 3000 places' "$program" read places.pcapng -o places.jsonl
check all-places-are-counted /usr/bin/python3 -c '
import json
summary = json.loads(open("places.jsonl").readlines()[-1])
assert len(summary["skipped"]) == 1000, len(summary["skipped"])
assert summary["skipped_all"] == {"places": 3000, "bytes": 96000}, summary["skipped_all"]
assert "96000 bytes of the input are no packets and were passed over" in summary["quality"], summary'
check all-places-fit-the-schema /usr/bin/python3 "$validate" places.jsonl
want read-one-byte-more 3 '1 byte of byte.pcap at byte' "$program" read byte.pcap
check one-byte-is-noted grep -q '"text":"1 byte at byte [0-9]* of the input was passed over' out
# The first packet's time cannot be: it is that of the first packet whose time can.
check first-stamps /usr/bin/python3 - "$program" <<'PY'
import json, subprocess, sys

def read(name, *pipe):
    with open(name, "rb") as file:
        told = subprocess.run([sys.argv[1], "read", *(pipe or [name])], stdin=file,
                              capture_output=True, check=True).stdout
    lines = [json.loads(line) for line in told.splitlines()]
    return lines[0]["start_ns"], [line.get("t") for line in lines if "n" in line], lines[-1]

start, times, _ = read("whole.pcapng")
stamps = [int(start) + t for t in times]
for name, untimed in (("untimed.pcap", 1), ("untimed.pcapng", 2)):
    got, times, summary = read(name)
    assert int(got) == stamps[untimed], (name, got)
    assert times == [max(stamp - int(got), 0) for stamp in stamps], (name, times)
    assert summary["flaws"]["bad-time"] == untimed, summary
seconds = int(start) // 10**9 * 10**9
assert int(read("untimed.pcap", "-")[0]) == seconds, read("untimed.pcap", "-")[0]
assert read("untimed.pcapng", "-")[:2][0] == "0"
assert read("timeless.pcapng")[:2] == ("0", [0, 0]), read("timeless.pcapng")
got, times, _ = read("timeless.pcapng", "timeless.pcapng", "untimed.pcapng")
assert int(got) == stamps[2] and times[:5] == [0] * 5, (got, times)
PY
want read-beside 0 '' "$program" read beside.pcapng
cp out beside.jsonl
check beside-the-bytes /usr/bin/python3 -c '
import json
lines = [json.loads(line) for line in open("beside.jsonl")]
packets = [line for line in lines if "n" in line and line["k"] in ("tcp", "udp")]
notes = [line for line in lines if line["k"] == "note"]
assert packets[0]["comment"] == "look here\nand <b>" and packets[0]["dir"] == "in", packets
assert [note["code"] for note in notes] == ["names", "names", "capture-loss"], notes
assert notes[0]["text"] == "127.0.0.1 is one.example.", notes
assert notes[1]["text"] == "127.0.0.1 is two.example.", notes
assert notes[2]["text"].startswith("The file says that 7 packets were dropped"), notes
assert lines.index(notes[2]) < lines.index(packets[1]), lines
assert lines[-1]["dropped"] == {"kernel": 7}, lines[-1]
assert "hosts" not in lines[0], lines[0]'
want read-named 0 '' "$program" read named.pcapng
check names-before-packets-stand-in-meta /usr/bin/python3 -c '
import json
meta = json.loads(open("out").readline())
assert meta["hosts"] == [{"name": "one.example", "addrs": ["127.0.0.1"]},
                         {"name": "two.example", "addrs": ["127.0.0.1"]}], meta'
want read-timeline 1 'wireladder view' "$program" read whole.jsonl

# --- read: filters and choices
want filter-words 0 '' "$program" read "$demo" udp port 7
check filter-keeps-udp-only sh -c '! grep -q "^{\"k\":\"tcp\"" out && grep -q "^{\"k\":\"udp\"" out'
want filter-option 0 '' "$program" read "$demo" -f 'udp port 7'
want filter-after-dashes 0 '' "$program" read "$demo" -- udp port 7
want filter-bad 1 'filter' "$program" read "$demo" -f 'tcp port port'
want filter-neither 1 'nothere.pcap' "$program" read "$demo" nothere.pcap
want one-conversation 0 '' "$program" read "$demo" --conv 2
check one-conversation-only sh -c '! grep -q "\"conv\":1[,}]" out && grep -q "\"conv\":2[,}]" out'
want count 0 '' "$program" read "$demo" -c 5
check count-is-five test "$(grep -cE '^\{"k":"(tcp|udp)"' out)" = 5
want no-bytes 0 '' "$program" read "$demo" --no-bytes
check no-bytes-there sh -c '! grep -q "\"bytes\":\"" out'
want two-files-are-one-capture 0 '' "$program" read "$demo" "$demo"
check two-files-count-twice test "$(grep -cE '^\{"k":"(tcp|udp|icmp|fragment)"' out)" = $((2 * packets))

# --- what comes out
want all-outputs 0 '' "$program" read "$demo" -o t.jsonl -o t.json -o t.html -o t.txt
check jsonl-is-stdout cmp t.jsonl whole.jsonl
check json-is-one-document /usr/bin/python3 -c '
import json
records = json.load(open("t.json"))["records"]
assert records == [json.loads(line) for line in open("t.jsonl")]'
check txt-has-arrows grep -q 'SYN' t.txt
want view-jsonl 0 '' "$program" view -q t.jsonl -o v.html
check view-makes-the-same-page cmp v.html t.html
want view-json 0 '' "$program" view -q t.json -o v2.html
check view-json-same cmp v2.html t.html
want view-html-back 0 '' "$program" view -q t.html -o back.jsonl
check view-html-lines-are-the-same cmp back.jsonl t.jsonl
want view-capture 1 'wireladder read' "$program" view "$demo" -o no.html
check refused-view-leaves-no-file test ! -e no.html
want view-missing 1 'nothere' "$program" view nothere.jsonl
head -n 20 t.jsonl >half.jsonl
want view-cut 3 'summary' "$program" view -q half.jsonl -o half.html
want summary-only 0 '' "$program" read "$demo" --format summary
check summary-kinds sh -c '! grep -vE "^\{\"k\":\"(meta|closed|summary)\"" out'
want unknown-ending 1 '.xyz' "$program" read "$demo" -o t.xyz
cp "$demo" own.pcap
want output-is-the-input 1 'is the capture that is read' "$program" read own.pcap -o own.pcap --format jsonl
check input-is-unharmed cmp own.pcap "$demo"
want same-output-twice 1 'cannot be' "$program" read "$demo" -o - -o -
want no-such-conversation 0 'no conversation 99' "$program" read "$demo" --conv 99
want no-such-folder 4 'nofolder' "$program" read "$demo" -o nofolder/t.json
check nothing-left test ! -e nofolder
if [ -e /dev/full ]; then
	want full-disk-stream 4 'space' sh -c "'$program' read '$demo' -o - --format jsonl >/dev/full"
	ln -s /dev/full full.jsonl
	want full-disk-file 4 'space' "$program" read "$demo" -o full.jsonl
fi
# shellcheck disable=SC2016
want closed-pipe-is-quiet 0 '' bash -c "set -o pipefail; '$program' read '$demo' | head -n 1"
check closed-pipe-had-a-line grep -q '"k":"meta"' out

# --- hostile bytes: names and payload never reach the terminal raw
evil=$(printf 'evil\033[31m.pcap')
cp text.pcap "$evil"
want evil-name 1 '\x1b[31m' "$program" read "$evil"
check evil-name-no-escape sh -c '! grep -q "$(printf "\033")" err'

# --- echo pair: words
want server-no-proto 1 'protocol comes first' "$program" server
want server-too-many 1 'one word too many' "$program" server tcp 7777 now
want server-bad-reply 1 'echo, upper, thanks or chat' "$program" server tcp --reply shout
want server-bad-port 1 'port' "$program" server tcp 99999
want client-no-host 1 'host or port is missing' "$program" client tcp
want capture-no-interface 1 'no interface named' "$program" capture

cd / || exit 2
finish cli
