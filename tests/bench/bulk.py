#!/usr/bin/env python3
"""Writes a capture for the benchmark: bulk transfers over TCP, headers only, one loss in 500.
usage: bulk.py PACKETS FILE"""
import struct
import sys

FLOWS, PAYLOAD = 16, 1448


def frame(flow, forth, seq, ack, length, flags):
    client, server = struct.pack("!BBBB", 10, 0, 0, flow), struct.pack("!BBBB", 10, 0, 1, flow)
    src, dst = (client, server) if forth else (server, client)
    ports = (40000 + flow, 5001) if forth else (5001, 40000 + flow)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 52 + length, 0, 0x4000, 64, 6, 0, src, dst)
    tcp = struct.pack("!HHIIBBHHH", *ports, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x80, flags, 500, 0, 0)
    options = b"\1\1\10\12" + struct.pack("!II", seq & 0xFFFFFFFF, ack & 0xFFFFFFFF)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp + options, 66 + length


def main():
    packets, ns = int(sys.argv[1]), 1_700_000_000_000_000_000
    sent = [1000 * flow for flow in range(FLOWS)]
    with open(sys.argv[2], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 96, 1))
        for n in range(packets):
            flow, ns = n // 3 % FLOWS, ns + 1200
            if n % 3 < 2:
                seq = sent[flow] - (PAYLOAD if n % 501 == 0 else 0)
                data, length = frame(flow, True, seq, 1, PAYLOAD, 0x10)
                sent[flow] = max(sent[flow], seq + PAYLOAD)
            else:
                data, length = frame(flow, False, 1, sent[flow], 0, 0x10)
            out.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(data), length) + data)


main()
