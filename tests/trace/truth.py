"""A program's own word beside the timeline: truth.py LINES TIMELINE.jsonl [--no-rw]

LINES is what tests/trace/truth printed (tell.h says how). Every call must be told as it was, thread
by thread, in order, and no other; sockets must keep their numbers through dup, fork and exec; a call's
`range` must be that of the program's own byte counts; and a packet's `call` the one that made it.
Prints what differs; status 1 if anything does."""
import json
import sys
from collections import defaultdict

# libc's own mapping, which differs between versions and architectures.
SAME = {"select": "pselect6", "poll": "ppoll", "epoll_wait": "epoll_pwait", "dup2": "dup3",
        "accept": "accept4"}
READ_WRITE = {"read", "readv", "write", "writev"}
SENDS = {"send", "sendto", "sendmsg", "sendmmsg", "write", "writev", "sendfile", "splice"}
RECEIVES = {"recv", "recvfrom", "recvmsg", "recvmmsg", "read", "readv"}
NO_RW = "--no-rw" in sys.argv # nobody's bytes can be counted then
QUIET = {"kernel-state", "late", "trace"} # notes that nothing here may bring about

wrong = []


def expect(condition, *what):
    if not condition:
        wrong.append(" ".join(map(str, what)))


class Line:
    """What the program says that it did."""

    def __init__(self, text):
        tid, self.call, fd, ret, self.errno, count, self.inode, self.born, flags = text.split()
        self.text, self.tid, self.fd = text.strip(), int(tid), int(fd)
        self.ret = None if ret == "-" else int(ret)
        self.bytes = 0 if count == "-" else int(count)
        self.flags = dict(flag.partition("=")[::2] for flag in flags.split(",") if flag != "-")
        self.range, self.record = None, None
        self.receives = self.call in RECEIVES or "in" in self.flags

    def count(self, streams):
        """Where its bytes stand in the stream."""
        if not self.bytes:
            return
        at = streams[self.inode, self.receives]
        self.range = [at + 1, at + 1 + self.bytes]
        if "peek" not in self.flags:
            streams[self.inode, self.receives] += self.bytes


class Timeline:
    def __init__(self, path):
        self.records = [json.loads(line) for line in open(path, encoding="utf-8")]
        self.calls = [r for r in self.records if r["k"] == "call"]
        self.by_id = {r["id"]: r for r in self.calls}
        expect(len(self.by_id) == len(self.calls), "a call's number stands twice")
        self.packets = {r["n"]: r for r in self.records if r["k"] in ("tcp", "udp")}
        for record in self.records:
            if record["k"] == "amend" and record["n"] in self.packets:
                self.packets[record["n"]].update(
                    {key: record[key] for key in ("call", "verdicts") if key in record})

    def threads(self):
        """As they returned: what never did stands last."""
        threads = defaultdict(list)
        for call in sorted(self.calls, key=lambda c: (c.get("end", float("inf")), c["id"])):
            threads[call["tid"]].append(call)
        return threads


def compare_call(line, call):
    where = f"{line.text} | {json.dumps(call)}"
    expect(call["call"] in (line.call, SAME.get(line.call)), "another call:", where)
    expect(call.get("fd", -1) == line.fd, "fd:", where)
    expect(call.get("ret") == line.ret, "ret:", where)
    expect(call.get("errno", "-") == line.errno, "errno:", where)
    expect(call.get("bytes", 0) == line.bytes, "bytes:", where)
    expect(("end" in call) == ("open" not in line.flags), "end:", where)
    expect(call.get("end", call["t"]) >= call["t"], "ends before it begins:", where)
    expect(line.fd < 0 or call["args"].split(",")[0] == str(line.fd) or call["call"] == "splice",
           "args:", where)
    for flag in ("peek", "interrupted"):
        expect(call.get(flag, False) == (flag in line.flags), f"{flag}:", where)
    expect(call.get("blocked") or "blocked" not in line.flags, "blocked:", where)


def compare_sockets(pairs):
    """Inodes and numbers must name the same sockets."""
    numbers, inodes = {}, {}
    for line, call in pairs:
        for inode, sock in ((line.inode, call.get("sock")), (line.born, call.get("new_sock"))):
            if line.fd < 0 and line.call != "socket":
                continue # a call that waits for several
            where = f"{line.text} | {json.dumps(call)}"
            expect((inode == "-") == (sock is None), "sock or not:", where)
            if inode == "-" or sock is None:
                continue
            expect(numbers.setdefault(inode, sock) == sock, "sock changed:", where)
            expect(inodes.setdefault(sock, inode) == inode, "sock of another:", where)


def compare_ranges(pairs, tcp):
    for line, call in pairs:
        if call.get("conv") in tcp or "range" in call:
            truth = None if NO_RW else line.range
            expect(call.get("range") == truth, "range is", truth, "in truth:", line.text, "|",
                   json.dumps(call))


def sent_again(packet):
    again = ("retransmission", "recovery", "probe", "keep-alive", "duplicate")
    return any(word in verdict["id"] for verdict in packet.get("verdicts", ()) for word in again)


def packet_makers(packet, lines):
    """The calls that may have made it, in truth; none: the kernel, of itself, or nobody knows."""
    words, at = packet["flags"].split(), packet.get("seq", 0)
    if packet.get("len") and not NO_RW:
        return [line for line in lines
                if line.range and not line.receives and line.range[0] <= at < line.range[1]]
    if "SYN" in words and "ACK" not in words:
        return [line for line in lines if "syn" in line.flags]
    return [line for line in lines
            if ("FIN" in words and "fin" in line.flags) or ("RST" in words and "rst" in line.flags)]


def compare_stream(packets, lines):
    """Packets of one end of a TCP conversation, and the calls that were made there."""
    late = {line.record["id"] for line in lines if NO_RW and "late" in line.flags}
    missing = {line.record["id"]: line for line in lines
               if line.flags.keys() & {"syn", "fin", "rst"} and line.record["id"] not in late}
    for packet in packets:
        if sent_again(packet):
            continue
        call = packet.get("call")
        makers = [line.record["id"] for line in packet_makers(packet, lines)]
        if call is None and late & set(makers): # nobody knows that bytes were queued
            continue
        expect(call in makers if makers else call is None,
               "made by call", makers, "in truth:", json.dumps(packet)[:400])
        missing.pop(call, None)
        if packet.get("len") and "FIN" in packet["flags"]: # the last bytes, and their end
            missing = {number: line for number, line in missing.items() if "fin" not in line.flags}
    for number, line in missing.items():
        expect(False, "call", number, "made no packet:", line.text)


def compare_datagrams(packets, lines):
    """The n-th datagram is of the n-th that was sent."""
    sent = []
    for line in sorted(lines, key=lambda line: line.record["id"]):
        if line.call in SENDS and line.ret is not None and line.ret >= 0:
            sent += [line.record["id"]] * int(line.flags.get("count", 1))
    told = [packet.get("call") for packet in packets]
    expect(told == sent, "datagrams of calls", sent, "in truth, not", told)


def compare_received(packets, lines):
    """The n-th call that receives has the n-th datagram that came; a peek has it, too."""
    numbers = [packet["n"] for packet in packets]
    for line in sorted(lines, key=lambda line: line.record["end"]):
        count = line.ret if line.call == "recvmmsg" else 1
        if not line.receives or line.ret is None or line.ret < 0:
            expect("reads" not in line.record, "reads:", line.text, json.dumps(line.record))
            continue
        expect(len(numbers) >= count, "more is received than came:", line.text)
        truth = [numbers[0], numbers[count - 1]] if len(numbers) >= count > 0 else None
        expect(line.record.get("reads") == truth, "reads is", truth, "in truth:", line.text,
               json.dumps(line.record))
        if "peek" not in line.flags:
            del numbers[:count]


def compare_packets(timeline, pairs):
    ends, sent = defaultdict(list), defaultdict(list)
    for line, call in pairs:
        if "conv" in call:
            line.record = call
            ends[call["conv"], call["from"]].append(line)
    for packet in timeline.packets.values():
        sent[packet["conv"], packet["from"]].append(packet)
    for record in timeline.records:
        if record["k"] != "conversation":
            continue
        for end, other in (("client", "server"), ("server", "client")):
            compare = compare_datagrams if record["proto"] == "udp" else compare_stream
            compare(sent[record["conv"], end], ends[record["conv"], end])
            if record["proto"] == "udp":
                compare_received(sent[record["conv"], other], ends[record["conv"], end])
    for packet in timeline.packets.values():
        call = timeline.by_id.get(packet.get("call"))
        expect(not call or call["t"] <= packet["t"], "made before its call:", packet, call)


def compare_bytes(timeline, pairs):
    """What was captured of each end, and what the program sent there."""
    sums = defaultdict(int)
    for line, call in pairs:
        if line.bytes and not line.receives and "conv" in call:
            sums[call["conv"], call["from"]] += line.bytes
    for closed in timeline.records:
        if closed["k"] != "closed" or closed["ended"] == "rst":
            continue
        for end in ("client", "server"):
            expect(closed.get("bytes", {}).get(end, 0) == sums[closed["conv"], end],
                   "bytes sent by", end, sums[closed["conv"], end], "in truth:", closed)


def main():
    lines = [Line(text) for text in open(sys.argv[1], encoding="ascii")]
    streams = defaultdict(int)
    for line in lines:
        line.count(streams)
    if NO_RW:
        lines = [line for line in lines if line.call not in READ_WRITE]
    timeline = Timeline(sys.argv[2])
    truth, pairs = defaultdict(list), []
    for line in lines:
        truth[line.tid].append(line)
    threads = timeline.threads()
    for tid in truth.keys() | threads.keys():
        expect(len(truth[tid]) == len(threads[tid]), "thread", tid, "made", len(truth[tid]),
               "calls in truth, not", len(threads[tid]))
        for line, call in zip(truth[tid], threads[tid]):
            compare_call(line, call)
            pairs.append((line, call))
    if not wrong: # else all that follows is beside the point
        tcp = {r["conv"] for r in timeline.records
               if r["k"] == "conversation" and r["proto"] == "tcp"}
        compare_sockets(pairs)
        compare_ranges(pairs, tcp)
        compare_packets(timeline, pairs)
        if not NO_RW:
            compare_bytes(timeline, pairs)
    for record in timeline.records:
        expect(record["k"] != "note" or record["code"] not in QUIET, "a note:", record)
    for text in wrong[:20]:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
