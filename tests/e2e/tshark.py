#!/usr/bin/env python3
"""tshark and wireladder on one capture: every sequence number, ACK, flag and length must agree."""
import json
import subprocess
import sys

FLAGS = (("SYN", 0x02), ("FIN", 0x01), ("RST", 0x04), ("PSH", 0x08), ("ACK", 0x10),
         ("URG", 0x20), ("ECE", 0x40), ("CWR", 0x80), ("AE", 0x100))
FIELDS = ["frame.number", "tcp.seq", "tcp.ack", "tcp.flags", "tcp.len", "udp.length", "tcp.stream",
          "tcp.window_size"]


def ours(program, capture):
    lines = subprocess.run([program, "read", capture, "-o", "-", "--format", "jsonl"],
                           check=True, capture_output=True).stdout.splitlines()
    return {r["n"]: r for r in map(json.loads, lines) if r["k"] in ("tcp", "udp")}


def theirs(capture):
    command = ["tshark", "-n", "-r", capture, "-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [dict(zip(FIELDS, line.split("\t"))) for line in output.splitlines()]


def main():
    records, compared = ours(sys.argv[1], sys.argv[2]), 0
    for row in theirs(sys.argv[2]):
        record = records.get(int(row["frame.number"]))
        if row["tcp.flags"]:
            bits = int(row["tcp.flags"], 16)
            expected = (int(row["tcp.seq"]), int(row["tcp.ack"]), int(row["tcp.len"]),
                        " ".join(word for word, bit in FLAGS if bits & bit), int(row["tcp.window_size"]))
            got = (record.get("seq", 0), record.get("ack", 0), record.get("len", 0),
                   record.get("flags", ""), record.get("win", 0))
        elif row["udp.length"]:
            expected, got = int(row["udp.length"]) - 8, record.get("len", 0)
        else:
            continue
        assert got == expected, f"packet {row['frame.number']}: ours {got}, tshark {expected}"
        compared += 1
    assert compared == len(records) > 0, f"{compared} compared, {len(records)} records"
    print(f"{compared} packets agree")


main()
