#!/usr/bin/python3
"""What `read --ends` says of a pair of captures must not depend on how much of it they hold.

  ends_cut.py PROGRAM LESSONS

One capture of each pair is cut, at its end or its beginning; a packet that is then called lost, or
missed by a capture, must be so with all of it, too."""
import gzip
import itertools
import json
import struct
import subprocess
import sys
import tempfile

PROGRAM, LESSONS = sys.argv[1:]
PAIRS = ["fast-retransmit", "lost-retransmission", "rto-backoff", "tail-loss-probe", "two-holes", "udp-loss",
         "random-loss", "reordering-3", "premature-timeout", "syn-lost"]
CUTS = [30, 60, 90]


def frames(lesson, side):
    data = gzip.open(f"{LESSONS}/{lesson}/{side}.pcap.gz").read()
    found, at = [], 24
    while at < len(data):
        end = at + 16 + struct.unpack("<I", data[at + 8:at + 12])[0]
        found.append(data[at:end])
        at = end
    return data[:24], found


def joined(folder):
    """Packets as (number in either capture) → record, and the numbers that a capture missed."""
    run = subprocess.run([PROGRAM, "read", "--ends", f"{folder}/client.pcap", f"{folder}/server.pcap", "--clock-offset",
                          "0", "--no-bytes", "--format", "jsonl"], stdout=subprocess.PIPE, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    packets = {line["n"]: line for line in lines if "frames" in line}
    missed = {line["facts"]["packet"] for line in lines if line.get("code") == "capture-loss"}
    return packets, missed


def told(packets, missed, first):
    """Of every departure: (vantage, number in the whole capture) → lost, missed, arrived or None."""
    fates = {}
    for n, packet in packets.items():
        for vantage in (0, 1):
            number = packet["frames"][vantage]
            if number is None or packet["frames"][1 - vantage] is not None:
                continue
            word = "lost" if packet.get("lost") else "missed" if n in missed else None
            fates[vantage, number + first[vantage]] = word
    return fates


def write(folder, side, head, kept):
    with open(f"{folder}/{side}.pcap", "wb") as file:
        file.write(head + b"".join(kept))


def main():
    claims = 0
    for lesson in PAIRS:
        ends = {side: frames(lesson, side) for side in ("client", "server")}
        with tempfile.TemporaryDirectory() as folder:
            for side, (head, found) in ends.items():
                write(folder, side, head, found)
            whole = told(*joined(folder), (0, 0))
            for side, percent, late in itertools.product(ends, CUTS, (False, True)):
                head, found = ends[side]
                count = len(found) * percent // 100
                write(folder, side, head, found[count:] if late else found[:count])
                first = tuple(count if late and name == side else 0 for name in ends)
                for packet, fate in told(*joined(folder), first).items():
                    claims += fate is not None
                    assert fate is None or whole.get(packet) == fate, (lesson, side, percent, late, packet, fate)
                write(folder, side, head, found)
    assert claims > 50, claims


main()
