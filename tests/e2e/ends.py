#!/usr/bin/python3
"""Two captures of one session, from both ends, and the truth about every packet.

  ends.py FOLDER [KEY=VALUE…]   writes client.pcap, server.pcap and truth.json there

A client sends COUNT segments over SECONDS, each is acknowledged; packets take 10 ms and up to 3 ms
more. KEY: seconds, count, shift (s) and skew (ppm) of the server's clock, drop, twice, missed_there,
missed_back (numbers of data segments, by commas: lost by the wire, delivered twice, missed by the
server's capture, of which the ACK is missed by the client's), rewrite (1: TTL, MAC, VLAN and
checksums differ), snaplen (of the server's), offload (1: the client's capture has two segments in
one), oneway (1: only the client's packets)."""
import json
import random
import struct
import sys

CLIENT, SERVER = bytes([192, 0, 2, 1]), bytes([198, 51, 100, 2])
EPOCH = 1_700_000_000 * 10**9
SYN, FIN, ACK, PSH = 2, 1, 16, 8


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(packet, there, rewrite):
    """The packet as a tap sees it; at the far end (there) after what routers do to it."""
    src, dst = (CLIENT, SERVER) if packet["forth"] else (SERVER, CLIENT)
    ports = (40000, 7) if packet["forth"] else (7, 40000)
    payload = packet["payload"]
    changed = there and rewrite
    tcp = struct.pack(">HHIIBBHHH", *ports, packet["seq"] & 0xFFFFFFFF, packet["ack"] & 0xFFFFFFFF,
                      5 << 4, packet["flags"], 65000, 0, 0)
    pseudo = src + dst + struct.pack(">BBH", 0, 6, len(tcp) + len(payload))
    total = checksum(pseudo + tcp + payload)
    if rewrite and not there:
        total = ~checksum(pseudo) & 0xFFFF  # the rest is left to hardware
    tcp = tcp[:16] + struct.pack(">H", total) + tcp[18:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 3 if changed else 2, 20 + len(tcp) + len(payload), packet["id"], 0x4000,
                     57 if changed else 64, 6, 0, src, dst)
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    ethernet = bytes([2, 0, 0, 0, 0, 9 if changed else 1]) + bytes([2, 0, 0, 0, 0, 8 if changed else 2])
    if changed:
        ethernet += struct.pack(">HH", 0x8100, 7)
    return ethernet + b"\x08\x00" + ip + tcp + payload


def capture(path, seen, snaplen):
    """seen: (ns, bytes) in any order."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snaplen, 1))
        for ns, _, data in sorted(seen):
            kept = data[:snaplen]
            file.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(kept), len(data)) + kept)


def session(count, seconds, drop):
    """The packets as they are sent; what is dropped is sent again 200 ms later."""
    packets, identification = [], [0, 0]

    def send(ns, forth, flags, seq, ack, payload=b"", data=0):
        identification[forth] += 1
        packets.append({"ns": ns, "forth": forth, "flags": flags, "seq": 1000 + seq if forth else 5000 + seq,
                        "ack": (5000 + ack if forth else 1000 + ack) if flags & ACK else 0,
                        "payload": payload, "id": identification[forth], "data": data})

    send(0, 1, SYN, 0, 0)
    send(12_000_000, 0, SYN | ACK, 0, 1)
    send(24_000_000, 1, ACK, 1, 1)
    for k in range(1, count + 1):
        ns = 30_000_000 + int(k * seconds * 1e9 / count)
        send(ns, 1, ACK | PSH, 1 + (k - 1) * 100, 1, bytes([k % 256]) * 100, k)
        if k in drop:
            ns += 200_000_000
            send(ns, 1, ACK | PSH, 1 + (k - 1) * 100, 1, bytes([k % 256]) * 100)
        send(ns + 14_000_000, 0, ACK, 1, 1 + k * 100, b"", -k)
    end = 60_000_000 + int(seconds * 1e9)
    send(end, 1, FIN | ACK, 1 + count * 100, 1)
    send(end + 14_000_000, 0, FIN | ACK, 1, 2 + count * 100)
    send(end + 28_000_000, 1, ACK, 2 + count * 100, 2)
    return packets


def main():
    folder = sys.argv[1]
    given = dict(word.split("=", 1) for word in sys.argv[2:])
    number = lambda key, default: type(default)(given.get(key, default))
    some = lambda key: {int(word) for word in given.get(key, "").split(",") if word}
    rng = random.Random(4)
    shift, skew = int(number("shift", 0.0) * 1e9), number("skew", 0.0)
    sides, truth = ([], []), []
    clocks = (lambda ns: EPOCH + ns, lambda ns: EPOCH + ns + int(ns * skew / 1e6) + shift)
    for n, packet in enumerate(session(number("count", 40), number("seconds", 60.0), some("drop"))):
        if number("oneway", 0) and not packet["forth"]:
            continue
        sender, receiver = (0, 1) if packet["forth"] else (1, 0)
        arrives = [packet["ns"] + 10_000_000 + rng.randrange(3_000_000)]
        if packet["data"] in some("drop"):
            arrives = []
        if packet["data"] in some("twice"):
            arrives.append(arrives[0] + 1_000_000)
        if packet["data"] not in some("unsent"):
            sides[sender].append((clocks[sender](packet["ns"]), n, frame(packet, False, number("rewrite", 0))))
        if packet["data"] not in some("missed_there") and -packet["data"] not in some("missed_back"):
            sides[receiver].extend((clocks[receiver](ns), n, frame(packet, True, number("rewrite", 0)))
                                   for ns in arrives)
        truth.append({"t": packet["ns"], "arrives": arrives, "data": packet["data"], "forth": packet["forth"]})
    if number("offload", 0):
        sides = (merged(sides[0]), sides[1])
    capture(f"{folder}/client.pcap", sides[0], 65535)
    capture(f"{folder}/server.pcap", sides[1], number("snaplen", 65535))
    json.dump(truth, open(f"{folder}/truth.json", "w"))


def merged(seen):
    """Data segments two by two in one, as before the sender's hardware cuts them."""
    kept, waits = [], None
    for ns, n, data in seen:
        if len(data) < 154 or data[26:30] != CLIENT:
            kept.append((ns, n, data))
        elif waits is None:
            waits = (ns, n, data)
        else:
            both = waits[2][:16] + struct.pack(">H", 240) + waits[2][18:] + data[54:]
            kept.append((waits[0], waits[1], both))
            waits = None
    return kept + ([waits] if waits else [])


main()
