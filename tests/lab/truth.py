#!/usr/bin/python3
"""What the wire wrote down, against the captures of both ends, packet by packet, and against the
timeline. It shares no code with any of them.

  truth.py DIR TIMELINE.jsonl   DIR: client.pcap, server.pcap, wire.jsonl, as `lab --pcap` keeps them

Prints each difference; status 1 when there is one.
"""
import collections
import json
import struct
import sys

ENDS = ("client", "server")
FAR = {"client": "server", "server": "client"}
# A stamp is taken when a frame leaves a host and when it reaches the wire, some microseconds later;
# on a busy machine the processor is somebody else's in between.
LATE_NS = 200_000_000
# Two processors may send for one host at once: its tap and the wire may then disagree on who was
# first, by no more than this.
AT_ONCE_NS = 2_000_000
DROPS = ("drop", "queue-drop", "too-big", "lab-ended")

Frame = collections.namedtuple("Frame", "number ns bytes length")


class Differences:
    def __init__(self):
        self.count = 0

    def want(self, holds, *words):
        if not holds:
            self.count += 1
            if self.count <= 20:
                print(*words)
        return holds


def capture(path):
    """Its frames, numbered from 1."""
    data = open(path, "rb").read()
    order = "<" if data[:1] in (b"\x4d", b"\xd4") else ">"
    magic, = struct.unpack_from(order + "I", data)
    unit = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}[magic]
    at, frames = 24, []
    while at < len(data):
        seconds, part, caplen, length = struct.unpack_from(order + "IIII", data, at)
        frames.append(Frame(len(frames) + 1, seconds * 10**9 + part * unit,
                            data[at + 16:at + 16 + caplen], length))
        at += 16 + caplen
    return frames


def mixed(x):
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31


def hash_of(data):
    """As the wire writes it: words of the machine, mixed one by one."""
    result, whole = len(data), len(data) // 8 * 8
    for word, in struct.iter_unpack("=Q", data[:whole]):
        result = (mixed(result ^ word) + 0x9E3779B97F4A7C15) % 2**64
    word = int.from_bytes(data[whole:], sys.byteorder)
    return f"{mixed(result ^ word):016x}"


def lines(path):
    return [json.loads(line) for line in open(path, encoding="utf-8")]


def mac_of(end):
    return bytes([2, 0, 0, 0x77, 0, 1 + ENDS.index(end)])


def same_bytes(left, came, deed):
    """The same, but for what the deed is to change."""
    if deed == "corrupt":
        bits = [bin(a ^ b).count("1") for a, b in zip(left, came)]
        return len(left) == len(came) and sum(bits) == 1
    if deed == "mark-ce":
        changed = {i for i, (a, b) in enumerate(zip(left, came)) if a != b}
        return len(left) == len(came) and changed <= {15, 24, 25} and came[15] & (
            3 if left[12:14] == b"\x08\x00" else 0x30)
    return left == came


class Run:
    def __init__(self, folder):
        head, *self.log = lines(folder + "/wire.jsonl")
        self.start = int(head["start_ns"])
        self.frames = {end: capture(f"{folder}/{end}.pcap") for end in ENDS}
        self.left = {end: [f for f in self.frames[end] if f.bytes[6:12] == mac_of(end)] for end in ENDS}
        self.came = {end: [f for f in self.frames[end] if f.bytes[6:12] != mac_of(end)] for end in ENDS}
        self.fate = {}      # (end, frame number) -> its line of the log
        self.arrivals = {}  # index of a line -> the frames in which it arrived
        self.departure = {} # index of a line -> the frame in which it left


def in_order_of_taps(log, left, d):
    """Each frame with the line of the log that has its bytes: the next one, or one of those that were
    sent at the same moment."""
    log, pairs = list(log), []
    for frame in left:
        number = hash_of(frame.bytes)
        at = next((k for k, (_, t) in enumerate(log[:64]) if t["hash"] == number), None)
        if not d.want(at is not None, f"frame {frame.number}: no such bytes on the wire"):
            at = 0
        if at < len(log):
            d.want(log[at][1]["arrived"] - log[0][1]["arrived"] < AT_ONCE_NS,
                   f"frame {frame.number}: another order on the wire")
            pairs.append((log.pop(at), frame))
    return pairs


def check_departures(run, end, d):
    """The n-th frame that leaves a host is the n-th that the wire has from it."""
    log = [(i, t) for i, t in enumerate(run.log) if t["to"] == FAR[end] and t["n"] > 0]
    d.want(len(log) == len(run.left[end]), f"{end}: {len(run.left[end])} frames left, and the wire "
           f"had {len(log)}")
    d.want([t["n"] for _, t in log] == list(range(1, len(log) + 1)), f"{end}: numbers are left out")
    for (i, t), frame in in_order_of_taps(log, run.left[end], d):
        where = f"{end}: frame {frame.number}, on the wire its {t['n']}.:"
        d.want(t["len"] == frame.length, where, frame.length, "bytes, not", t["len"])
        late = run.start + t["arrived"] - frame.ns
        d.want(0 <= late < LATE_NS, where, late, "ns from the host to the wire")
        run.fate[end, frame.number] = i
        run.departure[i] = frame


def check_line(t, d):
    """A line agrees with itself."""
    deed, copies = t.get("deed", ""), t["copies"]
    d.want((deed in DROPS) == (copies == 0), t, "dropped and sent, or neither")
    d.want(("sent" in t) == (copies > 0), t, "a time without a sending")
    d.want((deed == "duplicate") == (copies > 1), t, "copies without the deed")
    if copies:
        d.want(t["arrived"] <= t["due"] <= t["sent"], t, "left before it was due")


def check_arrivals(run, end, d):
    """What the wire sent on arrives, in that order, so often, with those bytes; nothing else."""
    sent = sorted(((t["sent"], i) for i, t in enumerate(run.log) if t["to"] == end and t["copies"]))
    sent = [(ns, i) for ns, i in sent for _ in range(run.log[i]["copies"])]
    d.want(len(sent) == len(run.came[end]), f"{end}: {len(run.came[end])} frames came, and the wire "
           f"sent {len(sent)}")
    for (ns, i), frame in zip(sent, run.came[end]):
        t, left = run.log[i], run.departure.get(i)
        where = f"{end}: frame {frame.number}, line {i + 2} of the log:"
        d.want(t["len"] == frame.length, where, frame.length, "bytes, not", t["len"])
        d.want(0 <= frame.ns - run.start - ns < LATE_NS, where,
               frame.ns - run.start - ns, "ns from the wire to the host")
        if left:
            d.want(same_bytes(left.bytes, frame.bytes, t.get("deed")), where, "other bytes",
                   left.bytes.hex(), frame.bytes.hex(), t)
        else:
            d.want(t["n"] == 0, where, "of a frame that never left")
        run.fate[end, frame.number] = i
        run.arrivals.setdefault(i, []).append(frame)


def check_sums(run, end, d):
    """sent - dropped + duplicated = received, in one direction."""
    log = [t for t in run.log if t["to"] == end]
    left, own = len(run.left[FAR[end]]), sum(t["n"] == 0 for t in log)
    dropped = sum(t.get("deed") in DROPS for t in log)
    more = sum(t["copies"] - 1 for t in log if t["copies"])
    d.want(left + own - dropped + more == len(run.came[end]), f"to the {end}: {left} left, {own} of the "
           f"wire's own, {dropped} dropped, {more} more copies, {len(run.came[end])} came")


def packets(timeline):
    """The records of packets; a joined datagram's own is about its fragments, which have theirs. What
    an amend says later is put in."""
    found = {}
    for record in timeline:
        if "frames" in record and "fragments" not in record:
            found[record["n"]] = record
        if record["k"] == "amend" and record["n"] in found:
            found[record["n"]].update({k: v for k, v in record.items() if k in ("arrives", "lost", "fate")})
    return found


def alike(run, i, k):
    """Two lines about frames with the same bytes: nothing in them tells which is which."""
    a, b = run.departure.get(i), run.departure.get(k)
    return i == k or (a and b and a.bytes == b.bytes)


def check_packet(run, record, found, d):
    numbers = dict(zip(ENDS, record["frames"]))
    where = f"packet {record['n']} {record['frames']}:"
    sender = next((e for e in ENDS if numbers[e] and run.frames[e][numbers[e] - 1].bytes[6:12] == mac_of(e)), None)
    if sender is None: # the wire's own: it left at neither end
        end = ENDS[numbers["client"] is None]
        frame = run.frames[end][numbers[end] - 1]
        d.want(run.log[run.fate[end, frame.number]]["n"] == 0, where, "nobody sent it")
        d.want(record["t"] == frame.ns - run.start, where, "at another time than it was seen")
        return
    left, i = run.frames[sender][numbers[sender] - 1], run.fate.get((sender, numbers[sender]))
    if not d.want(i is not None, where, "not in the log"):
        return
    t, there = run.log[i], numbers[FAR[sender]]
    d.want(record["t"] == left.ns - run.start, where, "left at another time")
    if "copy_of" in record:
        first = found[record["copy_of"]]
        d.want(dict(zip(ENDS, first["frames"]))[sender] == numbers[sender], where, "a copy of another frame")
    if there:
        k = run.fate.get((FAR[sender], there))
        d.want(k is not None and alike(run, i, k), where, "arrives in another packet's frame", i, k)
        d.want(record["arrives"] == run.frames[FAR[sender]][there - 1].ns - run.start, where,
               "arrives at another time")
    if "copy_of" not in record:
        d.want(bool(record.get("lost")) == (t["copies"] == 0), where, "lost or not: the wire says", t)
    fate = [{key: value for key, value in (("did", t.get("deed")), ("rule", t.get("rule"))) if value}]
    d.want(record.get("fate", [{}]) == fate, where, "fate", record.get("fate"), "and the wire says", t)


def check_timeline(run, timeline, d):
    """Each frame of both captures is in one record, and that says what the wire says."""
    found, seen = packets(timeline), collections.Counter()
    for record in found.values():
        check_packet(run, record, found, d)
        for end, number in zip(ENDS, record["frames"]):
            departs = number and run.frames[end][number - 1].bytes[6:12] == mac_of(end)
            if number and not (departs and "copy_of" in record):
                seen[end, number] += 1
    for end in ENDS:
        for frame in run.frames[end]:
            d.want(seen[end, frame.number] == 1, f"{end}: frame {frame.number} is in "
                   f"{seen[end, frame.number]} records")
    return len(found)


def main(folder, timeline):
    run, d = Run(folder), Differences()
    for end in ENDS:
        check_departures(run, end, d)
    for t in run.log:
        check_line(t, d)
    for end in ENDS:
        check_arrivals(run, end, d)
        check_sums(run, end, d)
    records = check_timeline(run, lines(timeline), d)
    print(f"{len(run.log)} frames, {records} records, {d.count} differences")
    return 1 if d.count or not run.log else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
